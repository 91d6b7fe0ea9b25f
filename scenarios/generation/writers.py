"""Who writes a draft: the port, and the writer that needs no model."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from integrations.embeddings.base import Encoder

from . import composing
from .material import Made, Material
from .reading import Playbook


class Writer(Protocol):
    """Values in the shape of the API, with sources. May raise `ProviderError`."""

    made_by: str
    model: str
    prompt_version: str
    cost_usd: Decimal | None  # of everything written so far; None where a price is not known

    def persona(self, wish: Mapping[str, Any], material: Material, playbook: Playbook) -> Made: ...

    def rubric(self, wish: Mapping[str, Any], material: Material, playbook: Playbook) -> Made: ...

    def scenario(
        self, wish: Mapping[str, Any], material: Material, playbook: Playbook, buyer: Mapping[str, Any]
    ) -> Made: ...


class TemplateWriter:
    """Written templates and the words that were given. Costs nothing, and asks nobody."""

    made_by = composing.MADE_BY
    model = composing.VERSION
    prompt_version = ""
    cost_usd: Decimal | None = Decimal(0)

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def persona(self, wish: Mapping[str, Any], material: Material, playbook: Playbook) -> Made:
        return composing.persona(wish, material, encoder=self._encoder)

    def rubric(self, wish: Mapping[str, Any], material: Material, playbook: Playbook) -> Made:
        return composing.rubric(wish, material)

    def scenario(
        self, wish: Mapping[str, Any], material: Material, playbook: Playbook, buyer: Mapping[str, Any]
    ) -> Made:
        return composing.scenario(wish, material, buyer)
