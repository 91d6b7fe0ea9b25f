"""From values to rows: new drafts, never anything published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model

from scenarios import authoring
from scenarios.models import Criterion, HiddenPain, Objection, Persona, Rubric, Scenario, Status
from scenarios.models.rubrics import usual_pass_mark
from scenarios.models.versions import WorkingCopy
from scenarios.serializers import AuthoredSerializer, PersonaSerializer, RubricSerializer, ScenarioSerializer
from tenants.api.errors import field_messages

Copy = TypeVar("Copy", bound=WorkingCopy)
SERIALIZERS: Mapping[str, type[AuthoredSerializer]] = {
    "persona": PersonaSerializer,
    "gatekeeper": PersonaSerializer,
    "rubric": RubricSerializer,
    "scenario": ScenarioSerializer,
}
CHILDREN: Mapping[str, Mapping[str, type[Model]]] = {
    "persona": {"objections": Objection, "hidden_pains": HiddenPain},
    "gatekeeper": {"objections": Objection, "hidden_pains": HiddenPain},
    "rubric": {"criteria": Criterion},
    "scenario": {},
}


class DoesNotFit(ValueError):
    """Values that the API would not take. `problem` names the first field."""

    def __init__(self, part: str, fields: Mapping[str, list[str]]) -> None:
        self.part = part
        path, messages = next(iter(fields.items()))
        self.problem = f"{path}: {messages[0]}"
        super().__init__(f"{part}.{self.problem}")


def validated(part: str, values: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
    """The values as the API takes them. Raises `DoesNotFit`."""
    serializer = SERIALIZERS[part](data=dict(values), partial=partial)
    if not serializer.is_valid():
        raise DoesNotFit(part, field_messages(serializer.errors))
    return dict(serializer.validated_data)


def persona_from(values: Mapping[str, Any]) -> Persona:
    return authoring.create(model=Persona, values=validated("persona", values), children=CHILDREN["persona"])


def rubric_from(values: Mapping[str, Any]) -> Rubric:
    values = {**validated("rubric", values), "pass_mark": usual_pass_mark()}
    return authoring.create(model=Rubric, values=values, children=CHILDREN["rubric"])


def scenario_from(values: Mapping[str, Any], *, persona: Persona, rubric: Rubric) -> Scenario:
    ids = {"persona_id": str(persona.pk), "rubric_id": str(rubric.pk)}
    return authoring.create(model=Scenario, values=validated("scenario", {**values, **ids}), children={})


def rubric_in_use(language: str) -> Rubric | None:
    """The rubric of a new scenario where none was asked for: a published one of its language, the shipped one first."""
    published = Rubric.objects.filter(status=Status.PUBLISHED, language=language).order_by("created_at", "pk")
    return published.filter(preset_key="five-criterion").first() or published.first()
