"""What the coach knows of somebody's own practice: the last debriefs, and nothing of anybody else's.

A private call is the trainee's own, so it is known here; nobody but the trainee reads the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime

from scoring.models import CriterionResult, Score

LAST = 3  # calls
IMPROVEMENTS = 3  # of each

# A question about one's own calls, however it is put. Rules, since to an encoder "my call" and "a call" are the same.
_OWN_CALLS = re.compile(
    "|".join(
        [
            r"\b(?:my|the|our)\s+(?:last|latest|recent|previous|past|own|practice)\s+(?:\w+\s+)?(?:calls?|attempts?|debriefs?)\b",
            r"\bmy\s+(?:\w+\s+)?(?:scores?|marks?|debriefs?|feedback|progress|strengths?|mistakes?|weak\w*)\b",
            r"\bhow\s+(?:(?:did|have)\s+i\s+(?:do|done|perform\w*)|am\s+i\s+doing)\b",
            r"\b(?:can|could|should|must|do)\s+i\s+(?:need\s+to\s+)?(?:improve|practi[cs]e|work\s+on|do\s+better|get\s+better)\b",
            r"\bmis?\s+(?:últim[ao]s?\s+|ultim[ao]s?\s+|anterior(?:es)?\s+)?(?:llamadas?|análisis|intentos?|prácticas?)\b",
            r"\bmis?\s+(?:\w+\s+)?(?:notas?|puntos?|debilidad\w*|fortalezas?|errores|progreso|criterios?)\b",
            r"\b(?:cómo|como|qué\s+tal)\s+(?:lo\s+)?(?:he\s+hecho|hice|me\s+(?:fue|ha\s+ido)|voy)\b",
            r"\b(?:puedo|debo|debería|tengo\s+que)\s+(?:mejorar|practicar|trabajar)\b",
        ]
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A debrief in short. `weakest`: (name, mark) of the criterion that went worst, None where none applied."""

    call_id: UUID
    title: str
    ended_on: str
    overall: int
    weakest: tuple[str, int] | None
    strongest: tuple[str, int] | None
    improvements: tuple[tuple[str, str], ...]


def is_about_own_calls(question: str) -> bool:
    return _OWN_CALLS.search(question) is not None


def recent(user: Any) -> list[OwnCall]:
    """The last debriefs, newest first. Two queries, however many calls there are."""
    scores = list(
        Score.objects.settled()
        .filter(call__trainee=user, call__voided_at=None)
        .exclude(deep_run=None, human_run=None)
        .select_related("call", "deep_run", "human_run")
        .order_by("-call__ended_at")[:LAST]
    )
    runs = {score.pk: score.human_run or score.deep_run for score in scores}
    marks: dict[UUID, list[CriterionResult]] = {}
    rows = CriterionResult.objects.filter(run__in=[run for run in runs.values() if run], applicable=True, weight__gt=0)
    for mark in rows:
        marks.setdefault(mark.run_id, []).append(mark)
    return [_own_call(score, marks.get(run.pk, [])) for score in scores if (run := runs[score.pk])]


def _own_call(score: Score, marks: list[CriterionResult]) -> OwnCall:
    ordered = sorted(marks, key=lambda mark: (mark.score, mark.position))
    # A person's run corrects marks; what could be done better was said in the debrief.
    run = score.deep_run or score.human_run
    told = run.result.get("improvements", []) if run else []
    return OwnCall(
        call_id=score.call_id,
        title=score.call.title,
        ended_on=date_format(localtime(score.call.ended_at), "DATE_FORMAT") if score.call.ended_at else "",
        overall=int(score.overall_score or 0),
        weakest=(ordered[0].name, ordered[0].score) if ordered else None,
        strongest=(ordered[-1].name, ordered[-1].score) if len(ordered) > 1 else None,
        improvements=tuple(
            (str(item.get("point", "")), str(item.get("suggestion", ""))) for item in told[:IMPROVEMENTS]
        ),
    )
