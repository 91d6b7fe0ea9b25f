"""The content that comes with Parley, and its way into an organisation: copied when it is opened, its own from then on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from tenants.models import Organization

from . import packages, presets

T = TypeVar("T")


def preset_package(language: str) -> dict[str, Any]:
    """The presets in one language, and in English what there is in English only, as a content package."""
    people = _in_language(presets.personas(), language)
    scenarios = _in_language(presets.scenarios(), language)
    needed = {(scenario.rubric, scenario.language) for scenario in scenarios}
    rubrics = [rubric for key, rubric in presets.rubrics().items() if rubric.language == language or key in needed]
    return {
        "parley_content": packages.FORMAT,
        "personas": [_item(person) for person in people],
        "rubrics": [
            {"key": rubric.slug, "description": rubric.description, **rubric.spec.to_json()} for rubric in rubrics
        ],
        "scenarios": [_item(scenario) for scenario in scenarios],
    }


def _in_language(items: Mapping[tuple[str, str], T], language: str) -> list[T]:
    """One of each slug: in the language where there is one, else in English."""
    return [
        item
        for (slug, code), item in items.items()
        if code == language or (code == "en" and (slug, language) not in items)
    ]


def _item(preset: Any) -> dict[str, Any]:
    values = json.loads(json.dumps(asdict(preset)))  # tuples as lists, as a file would bring them
    return {"key": values.pop("slug"), **values}


def install_presets(*, organization: Organization) -> list[packages.Change]:
    """Copy the presets of the organisation's language into its schema, which is the active one, and publish them.

    What is there already is left as its authors made it, so this can be repeated.
    """
    return packages.import_package(preset_package(organization.language), publish=True, only_new=True, preset=True)
