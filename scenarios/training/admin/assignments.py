"""Assignments: made by the same service as everywhere, changed in their terms only, withdrawn instead of deleted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display
from unfold.widgets import INPUT_CLASSES

from accounts.forms import DayInput
from accounts.org_admin import OrganizationModelAdmin, org_site
from scenarios.models import Status
from scenarios.training import assigning
from scenarios.training.models import Assignment
from tenants.errors import DomainError

TERMS = ("due_on", "attempts", "repeat_months")
SUBJECTS = ("track", "program", "scenario")
TARGETS = ("user", "team")


class StandingFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "withdrawn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", gettext_lazy("in force")), ("yes", gettext_lazy("withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(withdrawn_at__isnull=self.value() == "no")
        return queryset


class DayWidget(DayInput):
    """The browser's own calendar: the admin's warns of an hour's difference, and a day of the organisation's has no hours."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES), **(attrs or {})})


class AssignmentForm(ModelForm):
    """What is refused is refused by the service, beside the field that it names."""

    class Meta:
        model = Assignment
        fields = (*SUBJECTS, *TARGETS, *TERMS)
        widgets: ClassVar = {"due_on": DayWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Only what is published is on offer; what comes all the same is refused with its reason."""
        super().__init__(*args, **kwargs)
        for name in SUBJECTS:
            if name in self.fields:
                field: Any = self.fields[name]
                rows = field.queryset.filter(status=Status.PUBLISHED)
                found = sorted(((str(row.pk), str(row)) for row in rows), key=lambda choice: choice[1].casefold())
                field.widget.choices = [("", field.empty_label), *found]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return values
        terms = assigning.Terms(*(values.get(name) for name in TERMS))
        if self.instance._state.adding:
            subject, target = self.one_of(SUBJECTS), self.one_of(TARGETS)
            if subject is None:
                raise ValidationError(_("Choose a track, a program or a scenario, one of them."))
            if target is None:
                raise ValidationError(_("Choose a person or a team, one of both."))
            self._or_error(lambda: assigning.refuse_assignment(subject=subject, target=target, terms=terms))
        else:
            new_date = "due_on" in self.changed_data
            self._or_error(lambda: assigning.refuse_terms(terms, date_is_new=new_date))
        return values

    def one_of(self, names: tuple[str, ...]) -> Any:
        """What was chosen in these fields; None where it is nothing, or more than one."""
        chosen = [self.cleaned_data[name] for name in names if self.cleaned_data.get(name)]
        return chosen[0] if len(chosen) == 1 else None

    def _or_error(self, check: Any) -> None:
        try:
            check()
        except DomainError as refused:
            field = str(refused.details.get("field", "")).removesuffix("_id")
            if field in SUBJECTS:  # a track of a program is refused beside the program
                field = next(name for name in SUBJECTS if self.cleaned_data.get(name))
            self.add_error(field if field in self.fields else None, str(refused.message))

    def _post_clean(self) -> None:
        """The constraints are the service's to keep: the same thing for the same target is one assignment, changed."""
        self._validate_unique = False
        if not self.instance._state.adding:
            super()._post_clean()


@admin.register(Assignment, site=org_site)
class AssignmentAdmin(OrganizationModelAdmin):
    form = AssignmentForm
    list_display = ("what", "program", "whom", "due_on", "attempts", "repeat_months", "created_at", "standing")
    list_select_related: Any = ("track", "scenario", "program", "team", "user")
    list_filter = (
        StandingFilter,
        ("track", RelatedDropdownFilter),
        ("program", RelatedDropdownFilter),
        ("team", RelatedDropdownFilter),
    )
    search_fields = (
        "track__title",
        "program__title",
        "scenario__title",
        "team__name",
        "user__email",
        "user__full_name",
    )
    date_hierarchy = "due_on"
    actions = ("withdraw_selected",)
    list_per_page = 50
    fieldsets = (
        (
            gettext_lazy("What"),
            {"fields": SUBJECTS, "description": gettext_lazy("One of them. Only what is published can be assigned.")},
        ),
        (
            gettext_lazy("Whom"),
            {
                "fields": TARGETS,
                "description": gettext_lazy("A person, or a team: then whoever joins it later is asked, too."),
            },
        ),
        (gettext_lazy("By when, and how often"), {"fields": TERMS}),
    )

    @display(description=gettext_lazy("what"))
    def what(self, row: Assignment) -> str:
        return str(row.subject)

    @display(description=gettext_lazy("whom"))
    def whom(self, row: Assignment) -> str:
        return str(row.target or "–")

    @display(description=gettext_lazy("state"), label={"in force": "success", "withdrawn": "danger"})
    def standing(self, row: Assignment) -> tuple[str, str]:
        return ("withdrawn", _("withdrawn")) if row.withdrawn_at else ("in force", _("in force"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*SUBJECTS, *TARGETS) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if isinstance(obj, Assignment) and obj.withdrawn_at:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Calls point at assignments; they are withdrawn."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in TERMS}
        if change:
            assigning.change(assignment=Assignment.objects.get(pk=obj.pk), values=values, actor=request.user)
            return
        done = assigning.assign(
            subject=form.one_of(SUBJECTS),
            target=form.one_of(TARGETS),
            terms=assigning.Terms(**values),
            actor=request.user,
        )
        if not done.created:
            messages.info(request, _("This was assigned before; its terms are these now."))
        obj.pk = done.assignments[0].pk
        obj.refresh_from_db()

    @admin.action(description=gettext_lazy("Withdraw"), permissions=["change"])
    def withdraw_selected(self, request: HttpRequest, queryset: QuerySet[Assignment]) -> None:
        rows = list(queryset.filter(withdrawn_at__isnull=True))
        for row in rows:
            assigning.withdraw(assignment=row, actor=request.user)
        messages.success(request, _("Withdrawn: %(count)d.") % {"count": len(rows)})
