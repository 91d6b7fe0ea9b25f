"""The life of a call: created, started, spoken in, ended. Every change of state is a conditional update."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Max, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.scoping import within_reach
from calls import events, metering, private_practice, signals, voids
from calls.errors import (
    CallAlreadyEnded,
    CallHeld,
    CallNotFound,
    CallNotStarted,
    IllegalTransition,
    NothingToPractise,
    WrongConversation,
)
from calls.models import Call, VendorConversation
from integrations.budgets.standing import refuse_where_spent
from integrations.voice.registry import KEEPS_RECORDS
from scenarios.briefs import PersonaBrief
from scenarios.experiments import services as experiments
from scenarios.models import Persona, RubricVersion, Scenario, ScenarioVersion
from tenants.names import call_group
from tenants.schemas import current_schema

HELD_FOR = timedelta(seconds=12)  # a voice socket renews its hold every few seconds


def visible_calls(user: Any, role: str | None) -> Any:
    """The calls that this person may see: own, own teams', or everybody's; of others only what is not private."""
    return within_reach(Call.objects.shown_to(user), of="trainee_id", user=user, role=role)


def get_visible(call_id: UUID, *, user: Any, role: str | None) -> Call:
    """Raises `CallNotFound`, for calls that are not there and for those that are not theirs to see."""
    call: Call | None = visible_calls(user, role).filter(pk=call_id).first()
    if call is None:
        raise CallNotFound
    return call


def get_own(call_id: UUID, *, user: Any) -> Call:
    """Only who makes a call may start it, speak in it and end it."""
    call = Call.objects.of(user).filter(pk=call_id).first()
    if call is None:
        raise CallNotFound
    return call


def create_from_scenario(*, trainee: Any, scenario_id: UUID, channel: str, private: bool = False) -> Call:
    """A call on the scenario's newest published version. Raises `CallNotFound` for an id that is nobody's."""
    scenario = Scenario.objects.filter(pk=scenario_id).first()
    if scenario is None:
        raise CallNotFound(_("There is no such scenario to practise."), details={"field": "scenario_id"})
    version = scenario.published_version
    if version is None or scenario.status == "archived":
        raise NothingToPractise(details={"field": "scenario_id", "issue": "not published"})
    return create_by_lot(trainee=trainee, version=version, channel=channel, private=private)


@transaction.atomic
def create_by_lot(*, trainee: Any, version: ScenarioVersion, channel: str, private: bool = False) -> Call:
    """A call of one's own choice, on what an experiment on the scenario, where one runs, draws for this person. Practice in
    private takes part in none, and what was assigned stays on its version. Raises as `create_from_version` does."""
    drawn = None if private else experiments.draw(person=trainee, version=version)
    if drawn is None:
        return create_from_version(trainee=trainee, version=version, channel=channel, private=private)
    call = create_from_version(trainee=trainee, version=drawn.version, channel=channel, drawn=drawn)
    experiments.expose(drawn=drawn, person=trainee, call_id=call.pk)
    return call


def create_from_version(
    *,
    trainee: Any,
    version: ScenarioVersion,
    channel: str,
    private: bool = False,
    drawn: experiments.Drawn | None = None,
) -> Call:
    """`drawn`: what an experiment puts in the place of the version's own buyer. Raises `PrivatePracticeNotAllowed`."""
    content = version.content
    brief = drawn.brief() if drawn else content["brief"]
    persona = drawn.persona_version if drawn else None
    return _create(
        trainee=trainee,
        brief={**brief, "mode": content["mode"], "language": content["language"]},
        private=private,
        channel=channel,
        title=content["title"],
        scenario_version=version,
        persona_version_id=persona.pk if persona else version.persona_version_id,
        rubric_version_id=version.rubric_version_id,
        time_limit_ms=min(int(content["time_limit_minutes"]) * 60, settings.CALL_MAX_SECONDS) * 1000,
    )


def create_from_persona(*, trainee: Any, persona_id: UUID, mode: str, channel: str, private: bool = False) -> Call:
    """A free call: any published persona in any mode, scored by the first published rubric of its language.

    Raises `PrivatePracticeNotAllowed`, too.
    """
    persona = Persona.objects.filter(pk=persona_id).first()
    if persona is None:
        raise CallNotFound(_("There is no such persona to practise with."), details={"field": "persona_id"})
    version = persona.published_version
    if version is None or persona.status == "archived":
        raise NothingToPractise(details={"field": "persona_id", "issue": "not published"})
    rubric = (
        RubricVersion.objects.filter(status="published", rubric__status="published")
        .order_by(Case(When(rubric__language=persona.language, then=0), default=1), "rubric__created_at", "-number")
        .first()
    )
    if rubric is None:
        raise NothingToPractise(details={"field": "persona_id", "issue": "no published rubric"})
    brief = {**version.content, "mode": mode}
    title = f"{brief['name']}, {brief['role']}"
    return _create(
        trainee=trainee,
        brief=brief,
        private=private,
        channel=channel,
        title=title,
        persona_version=version,
        rubric_version=rubric,
    )


def _create(*, brief: dict[str, Any], private: bool, **fields: Any) -> Call:
    """A new call on a buyer as they are now. Raises `PrivatePracticeNotAllowed` where the organisation sees all practice, and
    `BudgetSpent` where it wants no more calls this month."""
    private_practice.refuse_where_forbidden(private)
    refuse_where_spent(fields["trainee"].pk)
    return Call.objects.create(brief=brief, mode=brief["mode"], language=brief["language"], private=private, **fields)


def brief_of(call: Call) -> PersonaBrief:
    """The buyer as they were when the call was made."""
    return PersonaBrief.from_json(call.brief)


def is_held(call: Call) -> bool:
    """Does a voice socket hold this call right now?"""
    return call.is_live and call.held_at is not None and timezone.now() - call.held_at < HELD_FOR


def refuse_to_begin_where_spent(call: Call) -> None:
    """Raises `BudgetSpent` for a call that has not begun where the month's money ran out since it was made. One that has
    begun goes on."""
    if call.status == Call.Status.PENDING:
        refuse_where_spent(call.trainee_id, ticket=call.pk)


def prepare_start(*, call: Call, provider: str, recording_consent: bool | None) -> Call:
    """Ready to be connected. Raises `CallAlreadyEnded`, `CallHeld` for one that is held by telephone, and `BudgetSpent`.
    Consent, once given for a call, is not changed by silence."""
    refuse_to_begin_where_spent(call)
    changes: dict[str, Any] = {"provider": provider}
    if call.on_the_phone:
        raise CallHeld
    if call.transport == Call.Transport.PHONE:  # nobody answered there
        changes["transport"] = Call.Transport.BRIDGE
    if recording_consent is not None:
        changes["recording_consent"] = recording_consent
    if Call.objects.live().filter(pk=call.pk).update(**changes) != 1:
        raise CallAlreadyEnded
    call.refresh_from_db()
    return call


def begin(*, call_id: UUID) -> tuple[Call, bool]:
    """The voice is connected: pending → in progress, once. Returns the call and whether this was the first time.

    Raises `CallAlreadyEnded`.
    """
    now = timezone.now()
    shared = shared_ms(call_id)
    with transaction.atomic():
        first = Call.objects.filter(pk=call_id, status=Call.Status.PENDING).update(
            status=Call.Status.IN_PROGRESS,
            started_at=now - timedelta(milliseconds=shared),
            held_at=now,
        )
        if first:
            events.announce(call_id, "call:started", {"started_at": now}, at_ms=shared)
        elif Call.objects.filter(pk=call_id, status=Call.Status.IN_PROGRESS).update(held_at=now) != 1:
            raise CallAlreadyEnded
    return Call.objects.get(pk=call_id), bool(first)


def begin_elsewhere(*, call_id: UUID) -> Call:
    """The same for a call that nobody here holds. Raises `CallAlreadyEnded`."""
    begin(call_id=call_id)
    Call.objects.filter(pk=call_id).update(held_at=None)
    return Call.objects.get(pk=call_id)


def shared_ms(call_id: UUID) -> int:
    """What the clock of a redo shows when it begins: how far its first call had come. 0 for every other call."""
    redo = Call.objects.filter(pk=call_id, forked_at_seq__isnull=False)
    return redo.aggregate(shared=Max("turns__end_ms"))["shared"] or 0


def note_conversation(*, call_id: UUID, conversation_id: str) -> None:
    """Remember how the voice vendor calls this conversation; a call that was taken up again has had several."""
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=call_id)
        known = call.metadata.get("conversation_ids", [])
        if conversation_id not in known:
            call.metadata["conversation_ids"] = [*known, conversation_id]
            call.provider_conversation_id = conversation_id
            call.save(update_fields=["metadata", "provider_conversation_id", "updated_at"])
            if call.provider in KEEPS_RECORDS:
                VendorConversation.objects.get_or_create(
                    vendor=call.provider,
                    conversation_id=conversation_id,
                    defaults={"call": call, "next_pull_at": timezone.now()},
                )


def refuse_foreign_conversation(*, call: Call, conversation_id: str) -> None:
    """Raises `WrongConversation` when somebody ends this call and means another."""
    known = call.metadata.get("conversation_ids", [])
    if conversation_id and known and conversation_id not in known:
        raise WrongConversation


def hold(*, call_ids: Collection[UUID]) -> set[UUID]:
    """Renew the holds of voice sockets, in one statement. Returns the calls that were not ended elsewhere.

    Written by hand with the keys as one array: as a parameter each, hundreds of calls took so long to put into words that
    the frames of all of them waited.
    """
    live = list(call_ids)
    with connection.cursor() as cursor:
        # In the order of their keys, or two processes that renew at once could wait for each other.
        cursor.execute(
            "WITH live AS (SELECT id FROM calls_call WHERE id = ANY(%s) AND status = %s ORDER BY id FOR NO KEY UPDATE)"
            " UPDATE calls_call SET held_at = %s FROM live WHERE calls_call.id = live.id RETURNING calls_call.id",
            [live, Call.Status.IN_PROGRESS.value, timezone.now()],
        )
        return set(live) if cursor.rowcount == len(live) else {call_id for (call_id,) in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Ending:
    """Who ended a call and why; `outcome` is how it went, when the buyer says so."""

    by: str
    reason: str = ""
    outcome: str = ""
    at: datetime | None = None


HUNG_UP = Ending(by="trainee", reason="hung_up")
LINE_LOST = Ending(by="system", reason="connection_lost")


def complete(*, call_id: UUID, ending: Ending) -> bool:
    """In progress → completed, once. Returns False when somebody was quicker; nothing changes then."""
    now = ending.at or timezone.now()
    with transaction.atomic():
        # Whoever hangs up waits for this: one statement less is one less for every call.
        locked = Call.objects.select_for_update(of=("self",)).select_related("trainee")
        call = locked.filter(pk=call_id, status=Call.Status.IN_PROGRESS).first()
        if call is None:
            return False
        turns = list(call.turns.order_by("seq"))
        started = call.started_at or call.created_at
        last_word = max((turn.end_ms for turn in turns), default=0)
        duration_ms = max(int((now - started).total_seconds() * 1000), last_word)
        _change(
            call,
            status=Call.Status.COMPLETED,
            ended_at=now,
            duration_ms=duration_ms,
            ended_by=ending.by,
            end_reason=ending.reason[:60],
            outcome=ending.outcome[:60],
        )
        events.announce(
            call_id,
            "call:ended",
            {"ended_by": ending.by, "reason": ending.reason, "outcome": ending.outcome, "duration_ms": duration_ms},
            at_ms=duration_ms,
        )
        metering.over(call, ended_at=now)
        voids.review_locked(call, turns)
        if not call.awaits_record:
            announce_completed(call_id)
    return True


def _change(call: Call, **fields: Any) -> None:
    """In its row, which this transaction has locked, and in hand."""
    Call.objects.filter(pk=call.pk).update(**fields)
    for name, value in fields.items():
        setattr(call, name, value)


def announce_completed(call_id: UUID) -> None:
    """Tell the apps above, after commit, that a call can be scored: once more where its transcript has grown since."""
    transaction.on_commit(
        partial(signals.call_completed.send_robust, sender=Call, schema_name=current_schema(), call_id=call_id)
    )


def fail(*, call_id: UUID, reason: str) -> bool:
    """Pending → failed: a call that never came about. No attempt is used."""
    with transaction.atomic():
        failed = Call.objects.filter(pk=call_id, status=Call.Status.PENDING).update(
            status=Call.Status.FAILED,
            ended_at=timezone.now(),
            ended_by=Call.EndedBy.SYSTEM,
            end_reason=reason[:60],
        )
        if failed:
            metering.free(call_id)
            events.announce(call_id, "call:ended", {"ended_by": "system", "reason": reason, "outcome": ""})
    return bool(failed)


def ask_to_wind_up(*, call: Call, lost: bool = False) -> None:
    """Tell whoever holds the voice socket that the trainee hangs up, or (`lost`) says that the line did not come back: the
    last words are still to be written."""
    events.send(voice_group(current_schema(), call.pk), {"type": "voice.end", "lost": lost})


def voice_group(schema_name: str, call_id: UUID | str) -> str:
    """Where the holder of a call's voice socket listens, in whatever process it is."""
    return call_group(schema_name, call_id) + ".voice"


def end_by_trainee(*, call: Call, lost: bool = False) -> Call:
    """The trainee hangs up, or (`lost`) their line did not come back; ending an ended call changes nothing. Raises
    `CallNotStarted` for one that never began."""
    if call.status == Call.Status.PENDING:
        raise CallNotStarted
    complete(call_id=call.pk, ending=LINE_LOST if lost else HUNG_UP)
    call.refresh_from_db()
    return call


def move(*, call: Call, status: str) -> Call:
    """What `PATCH` may do to the state. The server's clock counts. Raises `IllegalTransition`."""
    if status == call.status:
        return call
    if (call.status, status) == (Call.Status.PENDING, Call.Status.IN_PROGRESS):
        return begin(call_id=call.pk)[0]
    if (call.status, status) == (Call.Status.IN_PROGRESS, Call.Status.COMPLETED):
        return end_by_trainee(call=call)
    if (call.status, status) == (Call.Status.PENDING, Call.Status.FAILED):
        fail(call_id=call.pk, reason="given_up")
        call.refresh_from_db()
        return call
    raise IllegalTransition(details={"from": call.status, "to": status})
