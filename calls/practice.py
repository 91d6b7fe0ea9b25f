"""Choosing what to practise: the filters of the picker, and the way from a scenario into a call's room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from calls import services
from calls.errors import IllegalTransition
from calls.models import Call
from scenarios.catalogue import Practice
from scenarios.experiments import services as experiments
from scenarios.models import ScenarioVersion
from scenarios.models.personas import Difficulty
from scenarios.models.scenarios import Mode
from scenarios.models.versions import Language
from tenants.errors import InvalidInput

# A call that was made this recently and never begun is the same attempt: a double click, or the way back and forth.
SAME_ATTEMPT = timedelta(minutes=10)
ANY = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the picker narrows by; an empty value means any. Unknown values in an address count as any."""

    mode: str = ANY
    difficulty: str = ANY
    language: str = ANY

    @classmethod
    def from_query(cls, query: Mapping[str, str], *, language: str) -> Filters:
        """`language` is the reader's, used as long as they chose none themselves."""
        return cls(
            mode=_known(query.get("mode"), Mode.values),
            difficulty=_known(query.get("difficulty"), Difficulty.values),
            language=_known(query.get("language", language), Language.values),
        )

    def admit(self, practice: Practice) -> bool:
        return (
            self.mode in {ANY, practice.mode}
            and self.difficulty in {ANY, practice.persona.difficulty}
            and self.language in {ANY, practice.language}
        )


def _known(value: str | None, values: list[str]) -> str:
    return value if value in values else ANY


@transaction.atomic
def open_attempt(*, trainee: Any, version: ScenarioVersion, channel: str, private: bool = False) -> Call:
    """A call to enter: the one just made and never begun, else a new one."""
    drawn = None if private else experiments.draw(person=trainee, version=version)
    waiting = (
        Call.objects.of(trainee)
        .filter(
            scenario_version=drawn.version if drawn else version,
            channel=channel,
            private=private,
            forked_at_seq__isnull=True,
            status=Call.Status.PENDING,
            created_at__gte=timezone.now() - SAME_ATTEMPT,
        )
        .first()
    )
    return waiting or services.create_by_lot(trainee=trainee, version=version, channel=channel, private=private)


def switch_channel(*, call: Call, channel: str) -> None:
    """Talk or type, while the call has not begun. Raises `IllegalTransition` afterwards."""
    if channel not in Call.HELD_HERE:
        raise InvalidInput(details={"field": "channel"})
    if Call.objects.filter(pk=call.pk, status=Call.Status.PENDING).update(channel=channel) != 1:
        raise IllegalTransition(details={"field": "channel"})
