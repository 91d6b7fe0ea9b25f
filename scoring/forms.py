"""What people fill in about a call's score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scenarios.briefs import CriterionSpec

from . import appeals, comments, reviews
from .models import Comment

YES_OR_NO = frozenset({"binary", "blocker"})


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One criterion of a form for marks: `mark` a number or a choice, `absent` the box for "did not come up", or None."""

    spec: CriterionSpec
    mark: forms.BoundField
    absent: forms.BoundField | None


class MarksForm(forms.Form):
    """A mark for each of the criteria. `marks` is what `reviews.submit` takes."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=reviews.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For other reviewers. The trainee does not see it."),
    )

    def __init__(self, *args: Any, criteria: Sequence[CriterionSpec], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = tuple(criteria)
        for spec in self.criteria:
            self.fields[f"mark-{spec.key}"] = _mark_field(spec)
            if not spec.must_come_up:
                self.fields[f"absent-{spec.key}"] = forms.BooleanField(label=_("Did not come up"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for spec in self.criteria:
            name = f"mark-{spec.key}"
            marked = cleaned.get(name) is not None
            absent = bool(cleaned.get(f"absent-{spec.key}"))
            if not marked and not absent and name not in self.errors:
                self.add_error(name, _("Give a mark, or say that it did not come up."))
            if marked and absent:
                self.add_error(name, _("Either a mark, or “did not come up”."))
        return cleaned

    @property
    def marks(self) -> dict[str, int | None]:
        """By criterion's key; None for one that did not come up."""
        return {spec.key: self.cleaned_data[f"mark-{spec.key}"] for spec in self.criteria}

    @property
    def rows(self) -> Iterator[MarkRow]:
        for spec in self.criteria:
            absent = self[f"absent-{spec.key}"] if not spec.must_come_up else None
            yield MarkRow(spec=spec, mark=self[f"mark-{spec.key}"], absent=absent)


def _mark_field(spec: CriterionSpec) -> forms.Field:
    if spec.kind not in YES_OR_NO:
        return forms.IntegerField(label=_("Mark from 0 to 100"), min_value=0, max_value=100, required=False)
    choices: list[tuple[Any, Any]] = [("", _("choose")), (100, _("yes")), (0, _("no"))]
    if spec.partial:
        choices.insert(2, (spec.partial, _("in part")))
    return forms.TypedChoiceField(label=_("Was it met?"), choices=choices, coerce=int, empty_value=None, required=False)


class DecisionForm(forms.Form):
    """What a reviewer does about the score. `run` is the run that the page showed."""

    run = forms.UUIDField(widget=forms.HiddenInput)
    choice = forms.ChoiceField(label=_("Decision"), choices=[("keep", "keep"), ("override", "override")])
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=reviews.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AppealForm(forms.Form):
    """What a trainee contests. `criteria`: key and name of those that were not contested yet."""

    criterion = forms.ChoiceField(label=_("Criterion"))
    turn = forms.ChoiceField(
        label=_("Passage"), required=False, help_text=_("What you said that should have counted, if it is one passage.")
    )
    reason = forms.CharField(
        label=_("What is wrong with the mark?"),
        max_length=appeals.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Whoever decides reads this, and hears your call, before they see the mark."),
    )

    def __init__(
        self, *args: Any, criteria: Sequence[tuple[str, str]], turns: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen, passage = self.fields["criterion"], self.fields["turn"]
        assert isinstance(chosen, forms.ChoiceField)
        assert isinstance(passage, forms.ChoiceField)
        chosen.choices = list(criteria)
        passage.choices = [("", _("the whole call")), *turns]


class AppealDecisionForm(forms.Form):
    choice = forms.ChoiceField(label=_("Decision"), choices=[("stands", "stands"), ("overturn", "overturn")])
    reason = forms.CharField(
        label=_("Reason"), max_length=appeals.MOST_CHARACTERS, widget=forms.Textarea(attrs={"rows": 3})
    )


class CommentForm(forms.Form):
    """`at` is minutes and seconds of the call (`3:05`); `people`: who may be mentioned."""

    body = forms.CharField(
        label=_("Comment"), max_length=comments.MOST_CHARACTERS, widget=forms.Textarea(attrs={"rows": 3})
    )
    at = forms.RegexField(
        regex=r"^\s*(?:\d{1,2}:)?\d{1,3}:[0-5]\d\s*$",
        label=_("Time in the call"),
        required=False,
        help_text=_("Minutes and seconds, like 3:05."),
        error_messages={"invalid": _("Write minutes and seconds, like 3:05.")},
    )
    criterion = forms.ChoiceField(label=_("About"), required=False)
    visibility = forms.ChoiceField(label=_("Who sees it"), choices=Comment.Visibility.choices)
    mentions = forms.MultipleChoiceField(label=_("Mention"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(
        self,
        *args: Any,
        criteria: Sequence[tuple[str, str]],
        people: Sequence[tuple[str, str]],
        may_hide: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        about, named = self.fields["criterion"], self.fields["mentions"]
        assert isinstance(about, forms.ChoiceField)
        assert isinstance(named, forms.MultipleChoiceField)
        about.choices = [("", _("the call as a whole")), *criteria]
        named.choices = list(people)
        if not people:
            del self.fields["mentions"]
        if not may_hide:
            del self.fields["visibility"]

    def clean_at(self) -> int | None:
        """Milliseconds of the call's clock."""
        parts = [int(part) for part in (self.cleaned_data["at"] or "").split(":") if part.strip()]
        return sum(part * 60**place for place, part in enumerate(reversed(parts))) * 1000 if parts else None
