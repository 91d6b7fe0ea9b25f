"""What people had to say about a call's score, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from calls.models import Call
from tenants.errors import DomainError

from . import appeals
from .comments import visible_comments
from .models import HUMAN, Appeal, Comment, ScoreRun
from .referees import NotScoredYet, counting_run_of


@dataclass(frozen=True, slots=True)
class Shown:
    """A comment; `about` is the name of its criterion, `mine` whether the viewer wrote it."""

    comment: Comment
    about: str
    mine: bool


@dataclass(slots=True)
class Discussion:
    """`decisions`: scores that people set, the newest first. `is_scored`: there are marks to judge by. `closes_at`: until
    when the trainee may contest; None where nothing can be contested (any more)."""

    comments: list[Shown] = field(default_factory=list)
    appeals: list[Appeal] = field(default_factory=list)
    decisions: list[ScoreRun] = field(default_factory=list)
    is_scored: bool = False
    closes_at: datetime | None = None


def discussion_of(call: Call, *, viewer: Any) -> Discussion:
    """All that this person, who may see the call, may read of it."""
    try:
        run: ScoreRun | None = counting_run_of(call)
    except NotScoredYet:
        run = None
    names = {item["key"]: item["name"] for item in call.rubric_version.content["criteria"]}
    return Discussion(
        comments=[
            Shown(comment, names.get(comment.criterion, ""), comment.author_id == viewer.pk)
            for comment in visible_comments(call, viewer=viewer)
        ],
        appeals=list(Appeal.objects.filter(call=call).select_related("taken_by").order_by("opened_at")),
        decisions=list(
            ScoreRun.objects.filter(call=call, judged_by=HUMAN)
            .select_related("made_by", "base_run")
            .defer("result", "manifest", "base_run__result", "base_run__manifest")
        ),
        is_scored=run is not None,
        closes_at=_closes_at(call, run),
    )


def _closes_at(call: Call, run: ScoreRun | None) -> datetime | None:
    if run is None or appeals.closes_at(run) < timezone.now():
        return None
    try:
        appeals.refuse_uncontestable(call)
    except DomainError:
        return None
    return appeals.closes_at(run)
