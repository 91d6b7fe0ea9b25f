"""Tracks and assignments for tests, to be made inside an organisation's schema."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.people.models import Team
from calls.models import Call
from coaching.learning import following
from coaching.learning.enrolling import reconcile
from coaching.learning.models import Certificate, Enrolment
from scenarios.models import ScenarioVersion
from scenarios.training.models import Assignment, Program, Track, TrackItem
from scenarios.training.publishing import publish_track
from scenarios.training.questions import parse
from tests.factories import make_call, make_run, make_scenario_version, make_score

COUNTER = itertools.count(1)
QUESTIONS = """What comes first?
* A question
- A price

Which are open?
* How?
* What?
- Is it?

In order:
1. One
2. Two
3. Three"""
KEYS = ("opening", "discovery", "objection", "communication", "closing")


def make_track(
    *items: dict[str, Any],
    publish: bool = True,
    title: str = "",
    scenario: ScenarioVersion | None = None,
    **fields: Any,
) -> Track:
    """Reading, a check and a call, one after the other, unless other items are given. Keys are `read`, `check`, `call`."""
    track = Track.objects.create(title=title or f"Track {next(COUNTER)}", **fields)
    rows = items or (
        {"key": "read", "kind": "reading", "title": "Read this", "text": "# Hello\n\nWords."},
        {"key": "check", "kind": "check", "title": "Know this", "questions": parse(QUESTIONS)},
        {"key": "call", "kind": "scenario", "scenario": (scenario or make_scenario_version()).scenario},
    )
    for position, row in enumerate(rows):
        TrackItem.objects.create(track=track, position=position, **row)
    if publish:
        publish_track(track=track)
        track.refresh_from_db()
    return track


def call_item(version: ScenarioVersion, *, key: str = "call", **fields: Any) -> dict[str, Any]:
    return {"key": key, "kind": "scenario", "scenario": version.scenario, **fields}


def make_assignment(*, to: User | Team, of: Any, due_on: date | None = None, **fields: Any) -> Assignment:
    """The row itself, without asking whether it may be; whoever it names is enrolled."""
    target = "team" if isinstance(to, Team) else "user"
    subject = "track" if isinstance(of, Track) else "scenario"
    made = Assignment.objects.create(**{target: to, subject: of}, due_on=due_on, **fields)
    following.follow_assignment(assignment_id=made.pk)
    return made


def enrolment_for(user: User) -> Enrolment:
    """The only present round of a person."""
    reconcile(user_id=user.pk)
    return Enrolment.objects.live().with_content().get(user=user)


def hold_call(assignment: Assignment, *, by: User, key: str = "call", score: int | None = 90, **fields: Any) -> Call:
    """A completed call of an item, scored by a person's word where `score` is given, and followed."""
    enrolment = Enrolment.objects.with_content().live().filter(user=by).first()
    assert enrolment is not None
    step = next(item for item in enrolment.items if item.key == key)
    version = ScenarioVersion.objects.get(pk=step.scenario_version_id)
    call = make_call(trainee=by, scenario_version=version, assignment=assignment, assignment_item=key, **fields)
    if score is not None:
        run = make_run(call, scores=dict.fromkeys(KEYS, score))
        make_score(call, deep=run)
    following.follow_call(call_id=call.pk)
    return call


@pytest.fixture
def open_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every judge is known to agree with people."""
    monkeypatch.setattr("coaching.learning.certificates.gate_reason", lambda calls: "")


def training_of(cast: Any, marker: str) -> dict[str, str]:
    """Acme's track, program, assignment and certificate, by the word that stands for each in a table of addresses."""
    track = make_track(title=f"Track {marker}")
    program = Program.objects.create(title=f"Program {marker}")
    assignment = make_assignment(to=cast.ada, of=track)
    enrolment = enrolment_for(cast.ada)
    assert enrolment.track_version is not None
    certificate = Certificate.objects.create(
        user=cast.ada,
        enrolment=enrolment,
        track_version=enrolment.track_version,
        holder=f"Ada {marker}",
        title=track.title,
        language="en",
        state=Certificate.State.ISSUED,
        completed_at=timezone.now(),
        issued_at=timezone.now(),
        public=True,
    )
    return {
        "track": str(track.pk),
        "program": str(program.pk),
        "assignment": str(assignment.pk),
        "certificate": str(certificate.pk),
        "code": certificate.code,
        "item": "read",
        "shipped": "first-weeks",
    }
