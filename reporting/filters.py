"""Which calls of a history are shown."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from calls.models import Call
from scenarios.models import Scenario
from scenarios.models.scenarios import Mode
from scoring.bands import BANDS, band_label

_band_label = lazy(band_label, str)


class CallFilter(django_filters.FilterSet):
    """By scenario, mode, band and day; what cannot be read is told beside its field and narrows nothing."""

    scenario = django_filters.ModelChoiceFilter(
        field_name="scenario_version__scenario",
        label=_("Scenario"),
        empty_label=_("All scenarios"),
        queryset=Scenario.objects.none(),
    )
    mode = django_filters.ChoiceFilter(label=_("Mode"), empty_label=_("All modes"), choices=Mode.choices)
    band = django_filters.ChoiceFilter(
        field_name="score__band",
        label=_("Band"),
        empty_label=_("All bands"),
        choices=[(key, _band_label(key)) for _floor, key in BANDS],
    )
    since = django_filters.DateFilter(
        field_name="created_at",
        lookup_expr="date__gte",
        label=_("From"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = django_filters.DateFilter(
        field_name="created_at",
        lookup_expr="date__lte",
        label=_("To"),
        widget=forms.DateInput(attrs={"type": "date"}),
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

    @property
    def is_narrowed(self) -> bool:
        """Is anything asked for?"""
        return any(self.data.get(name) for name in self.filters)
