"""Personas, rubrics and scenarios: each a working copy that authors edit, and immutable published versions of it."""

from .personas import HiddenPain, Objection, Persona, PersonaVersion
from .presets import PresetRecord
from .rubrics import Criterion, Rubric, RubricVersion
from .scenarios import Scenario, ScenarioVersion
from .versions import Status

__all__ = [
    "Criterion",
    "HiddenPain",
    "Objection",
    "Persona",
    "PersonaVersion",
    "PresetRecord",
    "Rubric",
    "RubricVersion",
    "Scenario",
    "ScenarioVersion",
    "Status",
]
