"""Forms of goals. What is allowed is decided by the services; forms carry their refusals to the fields."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayInput

from .models import Goal
from .services import FURTHEST, MOST_CALLS_A_WEEK

USUAL_TIME = timedelta(days=30)


class GoalForm(forms.Form):
    """What every goal has; a subclass for each kind says what it counts."""

    kind = ""
    reason = forms.CharField(
        label=_("Why"), max_length=300, required=False, help_text=_("What will be different when you are there?")
    )
    due = forms.DateField(label=_("By"), widget=DayInput)
    shared = forms.BooleanField(label=_("Show it to the managers of my teams"), required=False)

    def __init__(self, *args: Any, today: date, proposal: bool = False, **kwargs: Any) -> None:
        """`proposal`: somebody else's goal. Managers see what they propose, so there is nothing to share."""
        super().__init__(*args, **kwargs)
        due = self.fields["due"]
        due.initial = today + USUAL_TIME
        due.widget.attrs |= {
            "min": (today + timedelta(days=1)).isoformat(),
            "max": (today + FURTHEST).isoformat(),
        }
        if proposal:
            del self.fields["shared"]
            self.fields["reason"].help_text = _("Shown with the proposal.")


class CriterionGoalForm(GoalForm):
    kind = Goal.Kind.CRITERION
    criterion = forms.ChoiceField(label=_("Criterion"))
    target = forms.DecimalField(
        label=_("Mean mark to reach"),
        min_value=1,
        max_value=100,
        decimal_places=0,
        initial=80,
        help_text=_("Over the last three debriefs in which the criterion came up."),
    )
    field_order = ("criterion", "target", "due", "reason", "shared")

    def __init__(self, *args: Any, criteria: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criterion"].choices = criteria  # type: ignore[attr-defined]


class CallsGoalForm(GoalForm):
    kind = Goal.Kind.CALLS
    target = forms.DecimalField(
        label=_("Calls a week"),
        min_value=1,
        max_value=MOST_CALLS_A_WEEK,
        decimal_places=0,
        initial=3,
        help_text=_("Calls that count, from Monday to Sunday."),
    )
    field_order = ("target", "due", "reason", "shared")


class OwnGoalForm(GoalForm):
    kind = Goal.Kind.OWN
    title = forms.CharField(
        label=_("What you want to reach"), max_length=160, help_text=_("For example: meetings booked in a month.")
    )
    start = forms.DecimalField(label=_("Where you are now"), decimal_places=2, max_digits=10, initial=0)
    target = forms.DecimalField(label=_("Where you want to be"), decimal_places=2, max_digits=10)
    unit = forms.CharField(label=_("Unit"), max_length=40, required=False, help_text=_("For example: meetings."))
    field_order = ("title", "start", "target", "unit", "due", "reason", "shared")


class EntryForm(forms.Form):
    on = forms.DateField(label=_("Day"), widget=DayInput)
    value = forms.DecimalField(label=_("Number"), decimal_places=2, max_digits=10)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
        self.fields["on"].widget.attrs["max"] = today.isoformat()


class ChangeForm(forms.Form):
    """What may change later: not what is counted, or how far one was when it was set."""

    target = forms.DecimalField(label=_("Target"), decimal_places=2, max_digits=10)
    due = forms.DateField(label=_("By"), widget=DayInput)
    shared = forms.BooleanField(label=_("Show it to the managers of my teams"), required=False)

    def __init__(self, *args: Any, goal: Goal, **kwargs: Any) -> None:
        # Without its zeros, but not as 2E+1.
        target = format(goal.target.normalize(), "f")
        super().__init__(*args, initial={"target": target, "due": goal.due, "shared": goal.shared}, **kwargs)
        if goal.proposed_by_id:
            del self.fields["shared"]


class DaysForm(forms.Form):
    weekends_off = forms.BooleanField(
        label=_("I rest at weekends"),
        required=False,
        help_text=_("Then a Saturday or Sunday without a call does not end your days in a row."),
    )


FORMS: dict[str, type[GoalForm]] = {
    Goal.Kind.CRITERION: CriterionGoalForm,
    Goal.Kind.CALLS: CallsGoalForm,
    Goal.Kind.OWN: OwnGoalForm,
}
