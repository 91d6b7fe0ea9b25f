"""What is generated can be played: sellers of three kinds score in their order, on drafts from two playbooks and more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scenarios.briefs import RubricSpec
from scenarios.contents import compose_brief, persona_content, rubric_content
from scenarios.generation import services
from scenarios.generation.models import Generation
from scenarios.validation import check_persona, check_rubric, check_scenario
from tests.cast import Cast

from .playing import played, score

pytestmark = pytest.mark.django_db

PLAYBOOKS = Path(__file__).parent / "playbooks"
MARGIN = 10
WISH = {"personality": "skeptical", "difficulty": "medium", "mode": "cold_call", "branching": False, "seed": 0}


def made_from(name: str, cast: Cast, **wish: Any) -> Generation:
    with (PLAYBOOKS / name).open("rb") as file:
        begun = services.begin_from_file(by=cast.bo, kind="set", wish={**WISH, **wish}, file=file, name=name)
    return services.work_now(begun)


@pytest.mark.parametrize(
    ("name", "language", "seller", "work"),
    [
        ("routewise.md", "en", "Lumenroute", "the planning of routes"),
        ("clinica.md", "es", "Citalia", "las citas perdidas"),
    ],
    ids=["en", "es"],
)
@pytest.mark.parametrize("mode", ["cold_call", "discovery"])
def test_sellers_score_in_order(name: str, language: str, seller: str, work: str, mode: str, in_acme: Cast) -> None:
    job = made_from(name, in_acme, language=language, mode=mode)
    assert job.persona is not None
    assert job.scenario is not None
    assert job.rubric is not None
    assert not [note for note in check_scenario(job.scenario) if note.is_error]
    brief = compose_brief(
        persona_content(job.persona),
        mode=mode,
        goal=job.scenario.goal,
        next_step=job.scenario.next_step,
        first_message=job.scenario.first_message,
    )
    rubric = RubricSpec.from_json(rubric_content(job.rubric))
    calls = {quality: played(quality, brief, seller=seller, work=work) for quality in ("good", "mediocre", "bad")}
    scores = {quality: score(call, brief, rubric) for quality, call in calls.items()}
    assert calls["good"].outcome == "won", [turn.content for turn in calls["good"].turns]
    assert calls["mediocre"].outcome != "won"
    assert calls["bad"].outcome in {"lost", "undecided"}
    assert scores["good"] >= scores["mediocre"] + MARGIN, scores
    assert scores["mediocre"] >= scores["bad"] + MARGIN, scores
    assert not [
        note for part in (check_persona(job.persona), check_rubric(job.rubric)) for note in part if note.is_error
    ]
