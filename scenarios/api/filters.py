"""Query parameters of the lists."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from scenarios.models import Persona, Rubric, Scenario, Status
from scenarios.models.personas import Difficulty, Personality
from scenarios.models.scenarios import Mode
from scenarios.models.versions import Language


class AuthoredFilter(filters.FilterSet):
    """`q` searches the texts that a list shows."""

    searched: tuple[str, ...] = ()
    language = filters.ChoiceFilter(choices=Language.choices)
    status = filters.ChoiceFilter(choices=Status.choices)
    is_preset = filters.BooleanFilter()
    q = filters.CharFilter(method="search", max_length=100)

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        wanted = Q()
        for field in self.searched:
            wanted |= Q(**{f"{field}__icontains": value})
        return queryset.filter(wanted)


class PersonaFilter(AuthoredFilter):
    searched = ("name", "role", "company", "industry")
    made_for_oneself = filters.BooleanFilter()
    personality = filters.ChoiceFilter(choices=Personality.choices)
    difficulty = filters.ChoiceFilter(choices=Difficulty.choices)

    class Meta:
        model = Persona
        fields: tuple[str, ...] = ()


class RubricFilter(AuthoredFilter):
    searched = ("name",)

    class Meta:
        model = Rubric
        fields: tuple[str, ...] = ()


class ScenarioFilter(AuthoredFilter):
    searched = ("title", "summary", "persona__name", "persona__company")
    made_for_oneself = filters.BooleanFilter()
    mode = filters.ChoiceFilter(choices=Mode.choices)
    persona = filters.UUIDFilter(field_name="persona_id")
    difficulty = filters.ChoiceFilter(field_name="persona__difficulty", choices=Difficulty.choices)

    class Meta:
        model = Scenario
        fields: tuple[str, ...] = ()
