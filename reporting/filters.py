"""Which calls of a history are shown."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayInput
from calls.models import Call
from scenarios.models import Scenario
from scenarios.models.scenarios import Mode
from scenarios.models.versions import Language
from scenarios.training.models import Assignment
from scoring.bands import BANDS, band_label
from scoring.models import Score

_band_label = lazy(band_label, str)
STATES = [
    ("counts", _("counts")),
    ("waits", _("waits for a person")),
    ("private", _("private")),
    ("redo", _("redo")),
    ("void", _("does not count")),
    ("open", _("still open")),
]


class CallFilter(django_filters.FilterSet):
    """By scenario, mode, language, band, state, assignment and day; what cannot be read is told beside its field and narrows
    nothing."""

    scenario = django_filters.ModelChoiceFilter(
        field_name="scenario_version__scenario",
        label=_("Scenario"),
        empty_label=_("All scenarios"),
        queryset=Scenario.objects.none(),
    )
    mode = django_filters.ChoiceFilter(label=_("Mode"), empty_label=_("All modes"), choices=Mode.choices)
    band = django_filters.ChoiceFilter(
        label=_("Band"),
        empty_label=_("All bands"),
        choices=[(key, _band_label(key)) for _floor, key in BANDS],
        method="in_band",
    )
    language = django_filters.ChoiceFilter(
        label=_("Language"), empty_label=_("All languages"), choices=Language.choices
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), empty_label=_("All states"), choices=STATES, method="in_state"
    )
    assignment = django_filters.ModelChoiceFilter(
        label=_("Assignment"), empty_label=_("All calls"), queryset=Assignment.objects.none()
    )
    since = django_filters.DateFilter(
        field_name="created_at",
        lookup_expr="date__gte",
        label=_("From"),
        widget=DayInput,
    )
    until = django_filters.DateFilter(
        field_name="created_at",
        lookup_expr="date__lte",
        label=_("To"),
        widget=DayInput,
    )

    class Meta:
        model = Call
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict | None = None, *, queryset: QuerySet[Call], **kwargs: Any) -> None:
        super().__init__(data, queryset=queryset, **kwargs)
        # Only what there are calls on: a list of all scenarios would offer mostly empty answers.
        self.filters["scenario"].queryset = Scenario.objects.filter(
            pk__in=queryset.order_by().values("scenario_version__scenario_id")
        ).order_by("title")
        # A field that offers nothing to choose is left out.
        asked = queryset.order_by().filter(assignment__isnull=False).values("assignment_id")
        assignments = Assignment.objects.filter(pk__in=asked).select_related("track", "scenario")
        if assignments.exists():
            self.filters["assignment"].queryset = assignments
        else:
            del self.filters["assignment"]

    def in_band(self, calls: QuerySet[Call], name: str, band: str) -> QuerySet[Call]:
        """By scores that are settled: the list says of none that waits for a person in which band it lies."""
        return calls.filter(score__in=Score.objects.settled().filter(band=band))

    def in_state(self, calls: QuerySet[Call], name: str, state: str) -> QuerySet[Call]:
        match state:
            case "counts":
                return calls.filter(pk__in=Call.objects.counting().values("pk"))
            case "waits":
                return calls.filter(score__state=Score.State.NEEDS_REVIEW)
            case "private":
                return calls.filter(private=True, submitted_at__isnull=True)
            case "redo":
                return calls.filter(forked_at_seq__isnull=False)
            case "void":
                return calls.filter(voided_at__isnull=False)
            case _:
                return calls.filter(status__in=[Call.Status.PENDING, Call.Status.IN_PROGRESS])

    @property
    def is_narrowed(self) -> bool:
        """Is anything asked for?"""
        return any(self.data.get(name) for name in self.filters)
