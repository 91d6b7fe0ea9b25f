"""Rows for tests: authored content, calls with turns, and scores with evidence.

Plain functions with telling defaults, to be called inside an organisation's schema.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from calls.models import Call, CallUpload, Recording, Turn, UploadSegment
from coaching.goals.models import Goal
from coaching.own_scenarios.models import OwnScenario
from scenarios.models import (
    Persona,
    PersonaVersion,
    Rubric,
    RubricVersion,
    Scenario,
    ScenarioVersion,
    Status,
)
from scoring.aggregate import Weighted, overall, passed
from scoring.bands import band
from scoring.models import CriterionResult, Evidence, Score, ScoreRun, Track

COUNTER = itertools.count(1)

CRITERIA: tuple[tuple[str, str, int], ...] = (
    ("opening", "Opening", 20),
    ("discovery", "Discovery", 25),
    ("objection", "Objection handling", 25),
    ("communication", "Communication", 15),
    ("closing", "Closing", 15),
)

BRIEF: dict[str, Any] = {
    "name": "Marta Ruiz",
    "role": "Head of Operations",
    "company": "Norte Logistics",
    "industry": "Logistics",
    "personality": "skeptical",
    "difficulty": "medium",
    "language": "en",
    "backstory": "Runs three depots with forty people.",
    "facts": {"team size": "We are forty people."},
    "objections": [
        {
            "key": "price",
            "kind": "price",
            "text": "That sounds expensive.",
            "concern": "The budget was cut in spring.",
            "resolve_hints": ["What would late deliveries cost you over a year?"],
        }
    ],
    "hidden_pains": [
        {
            "key": "penalties",
            "pain": "Late deliveries cost penalties that nobody upstairs knows about.",
            "reveal_hints": ["What happens when a delivery is late?"],
            "reveal_text": "Honestly, we pay penalties every month.",
        }
    ],
    "voice_id": "",
    "mode": "discovery",
    "first_message": "Marta speaking.",
    "goal": "Understand how deliveries are planned.",
    "next_step": "A demo next week",
}

# Who speaks, what, from when to when, and what the buyer's engine noted.
DIALOGUE: tuple[tuple[str, str, int, int, list[dict[str, Any]]], ...] = (
    ("assistant", "Marta speaking.", 0, 1500, []),
    (
        "user",
        "Hello Marta, this is Ada from Acme. I am calling because depots like yours lose hours on planning.",
        2000,
        8000,
        [],
    ),
    (
        "assistant",
        "We are quite busy. What is this about?",
        8600,
        11000,
        [{"rule": "busy_opening", "effect": "patience −1", "detail": "a pitch before a question"}],
    ),
    ("user", "How do you plan deliveries today, and what happens when one is late?", 11500, 16000, []),
    (
        "assistant",
        "Honestly, we pay penalties every month. But that sounds expensive.",
        16800,
        22000,
        [{"rule": "pain_revealed", "effect": "pain penalties revealed", "detail": "the right question was asked"}],
    ),
    (
        "user",
        "I understand. If penalties fell by half, what would that be worth? Could we look at it on Tuesday at ten?",
        22500,
        30000,
        [],
    ),
    ("assistant", "Tuesday at ten works. Send me an invitation.", 30500, 33000, []),
)


def rubric_content(
    criteria: tuple[tuple[str, str, int], ...] = CRITERIA, *, name: str = "Sales call"
) -> dict[str, Any]:
    return {
        "name": name,
        "language": "en",
        "pass_mark": 70,
        "criteria": [
            {"key": key, "name": label, "definition": f"How well the trainee does: {label}.", "weight": weight}
            for key, label, weight in criteria
        ],
    }


def make_rubric_version(criteria: tuple[tuple[str, str, int], ...] = CRITERIA) -> RubricVersion:
    rubric = Rubric.objects.create(name=f"Sales call {next(COUNTER)}", status=Status.PUBLISHED)
    return RubricVersion.objects.create(rubric=rubric, number=1, content=rubric_content(criteria, name=rubric.name))


def make_persona_version(**changes: Any) -> PersonaVersion:
    brief = BRIEF | changes
    persona = Persona.objects.create(
        **{
            name: brief[name]
            for name in ("name", "role", "company", "industry", "personality", "difficulty", "language", "backstory")
        },
        status=Status.PUBLISHED,
    )
    return PersonaVersion.objects.create(persona=persona, number=1, content=brief)


def make_scenario_version(
    *,
    title: str = "",
    mode: str = "discovery",
    rubric_version: RubricVersion | None = None,
    persona_version: PersonaVersion | None = None,
    language: str = "en",
    difficulty: str = "medium",
) -> ScenarioVersion:
    """A published scenario and its only version."""
    rubric_version = rubric_version or make_rubric_version()
    persona_version = persona_version or make_persona_version(difficulty=difficulty, language=language)
    title = title or f"Situation {next(COUNTER)}"
    scenario = Scenario.objects.create(
        title=title,
        mode=mode,
        persona=persona_version.persona,
        rubric=rubric_version.rubric,
        trainee_brief="You call the head of operations of a logistics firm.",
        goal="Agree on a demo.",
        language=language,
        status=Status.PUBLISHED,
    )
    return ScenarioVersion.objects.create(
        scenario=scenario,
        number=1,
        persona_version=persona_version,
        rubric_version=rubric_version,
        content={
            "title": title,
            "summary": "",
            "mode": mode,
            "language": language,
            "trainee_brief": scenario.trainee_brief,
            "product": "",
            "goal": scenario.goal,
            "next_step": "A demo next week",
            "time_limit_minutes": 10,
            "brief": persona_version.content | {"mode": mode, "difficulty": difficulty, "language": language},
        },
    )


def make_call(
    *,
    trainee: User,
    scenario_version: ScenarioVersion | None = None,
    status: str = Call.Status.COMPLETED,
    ended_at: datetime | None = None,
    **fields: Any,
) -> Call:
    version = scenario_version or make_scenario_version()
    ended = (ended_at or timezone.now()) if status in {Call.Status.COMPLETED, Call.Status.FAILED} else None
    started = None if status == Call.Status.PENDING else (ended or timezone.now()) - timedelta(seconds=33)
    call = Call.objects.create(
        **{
            "trainee": trainee,
            "scenario_version": version,
            "persona_version": version.persona_version,
            "rubric_version": version.rubric_version,
            "title": version.content["title"],
            "mode": version.content["mode"],
            "language": version.content["language"],
            "brief": version.content["brief"],
            "status": status,
            "provider": "embedded",
            "started_at": started,
            "ended_at": ended,
            "duration_ms": 33_000 if ended else None,
            "ended_by": Call.EndedBy.TRAINEE if ended else "",
            **fields,
        }
    )
    if ended_at:
        Call.objects.filter(pk=call.pk).update(created_at=started)
        call.refresh_from_db()
    return call


def make_turns(call: Call) -> list[Turn]:
    """The default dialogue, in order."""
    return Turn.objects.bulk_create(
        Turn(call=call, seq=seq, role=role, content=content, timestamp_ms=start, end_ms=end, trace=trace)
        for seq, (role, content, start, end, trace) in enumerate(DIALOGUE, start=1)
    )


def make_upload(*, owner: User, segments: bool = False, **fields: Any) -> CallUpload:
    """An upload that waits for its speakers; with the default dialogue as what was heard, where that is asked for."""
    upload = CallUpload.objects.create(
        **{
            "owner": owner,
            "title": f"Real call {next(COUNTER)}",
            "mode": "discovery",
            "language": "en",
            "rubric_version": fields.pop("rubric_version", None) or make_rubric_version(),
            "consent_text": "Everybody agreed.",
            "consented_at": timezone.now(),
            "file_name": "call.wav",
            "size_bytes": 1000,
            "received_bytes": 1000,
            "kind": "wav",
            "duration_ms": 33_000,
            "status": CallUpload.Status.SPEAKERS,
            "speakers": {"A": "assistant", "B": "user", "C": "left_out"},
            "told_apart_by": "channels",
            "action": "score",
            **fields,
        }
    )
    if segments:
        UploadSegment.objects.bulk_create(
            UploadSegment(
                upload=upload,
                position=position,
                speaker="A" if role == "assistant" else "B",
                start_ms=start,
                end_ms=end,
                text=content,
                confidence=0.9,
            )
            for position, (role, content, start, end, _trace) in enumerate(DIALOGUE)
        )
    return upload


def make_goal(*, owner: User, **fields: Any) -> Goal:
    """A goal of somebody's own, from 0 to 10 in a month."""
    return Goal.objects.create(
        **{
            "owner": owner,
            "kind": Goal.Kind.OWN,
            "title": f"Meetings {next(COUNTER)}",
            "unit": "meetings",
            "start": 0,
            "target": 10,
            "due": timezone.now().date() + timedelta(days=30),
            **fields,
        }
    )


def make_own_scenario(*, owner: User, version: ScenarioVersion | None = None, **fields: Any) -> OwnScenario:
    """A scenario that somebody made for themselves, on a version that no list shows."""
    if version is None:
        version = make_scenario_version()
        ScenarioVersion.objects.filter(pk=version.pk).update(status=Status.ARCHIVED)
        Scenario.objects.filter(pk=version.scenario_id).update(status=Status.DRAFT)
        version = ScenarioVersion.objects.get(pk=version.pk)
    return OwnScenario.objects.create(owner=owner, scenario=version.scenario, version=version, **fields)


def make_recording(call: Call) -> Recording:
    return Recording.objects.create(
        call=call,
        file_name=f"recordings/{call.pk}.wav",
        content_type="audio/wav",
        size_bytes=1000,
        duration_ms=33_000,
        sha256="0" * 64,
    )


def make_run(
    call: Call,
    *,
    track: str = Track.DEEP,
    scores: dict[str, int] | None = None,
    not_applicable: frozenset[str] = frozenset(),
    judged_by: str = "embedded",
    result: dict[str, Any] | None = None,
    **fields: Any,
) -> ScoreRun:
    """One run over the call's rubric version; each criterion quotes the trainee's first turn when there is one."""
    scores = scores or {}
    spec = call.rubric_version.content["criteria"]
    parts = [
        Weighted(scores.get(item["key"], 72), item["weight"], applicable=item["key"] not in not_applicable)
        for item in spec
    ]
    number = overall(parts)
    run = ScoreRun.objects.create(
        call=call,
        track=track,
        rubric_version=call.rubric_version,
        overall_score=number,
        band=band(number),
        passed=fields.pop("passed", passed(parts, pass_mark=call.rubric_version.content["pass_mark"])),
        judged_by=judged_by,
        transcript_hash="0" * 64,
        result=result if result is not None else {"summary": "A fair call with a clear next step."},
        **fields,
    )
    turn = call.turns.filter(role=Turn.Role.USER).order_by("seq").first()
    for position, (item, part) in enumerate(zip(spec, parts, strict=True)):
        criterion = CriterionResult.objects.create(
            run=run,
            position=position,
            key=item["key"],
            name=item["name"],
            kind=item.get("kind", "rated"),
            weight=item["weight"],
            score=part.score,
            applicable=part.applicable,
            verified=turn is not None and part.applicable,
            rationale=f"What was heard about {item['name'].lower()}.",
        )
        if turn is not None and part.applicable:
            Evidence.objects.create(criterion=criterion, turn=turn, start=0, end=11, quote=turn.content[:11])
    return run


def make_score(call: Call, *, quick: ScoreRun | None = None, deep: ScoreRun | None = None, state: str = "") -> Score:
    """The pointer to the runs that count; without a run, a score still pending."""
    best = deep or quick
    return Score.objects.create(
        call=call,
        state=state or ("ready" if deep else "quick" if quick else "pending"),
        quick_run=quick,
        deep_run=deep,
        overall_score=best.overall_score if best else None,
        band=best.band if best else "",
        passed=best.passed if best else None,
    )


def make_scored_call(
    *,
    trainee: User,
    scores: dict[str, int] | None = None,
    scenario_version: ScenarioVersion | None = None,
    ended_at: datetime | None = None,
    turns: bool = False,
    **fields: Any,
) -> Call:
    """A completed call with a deep run that counts."""
    call = make_call(trainee=trainee, scenario_version=scenario_version, ended_at=ended_at, **fields)
    if turns:
        make_turns(call)
    make_score(call, quick=make_run(call, track=Track.QUICK, scores=scores), deep=make_run(call, scores=scores))
    return call
