"""Flying: asked for, flown call by call in the background, and judged when all calls are through.

A call is claimed before it is flown and no transaction is open meanwhile. A claim that was not kept in time, because the
worker died, is anybody's again; the same call flown twice is the same call.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import lazy

from accounts.notices.services import place
from accounts.notices.work import tell_failed, tell_ready
from integrations.embeddings.base import Encoder
from integrations.embeddings.embedded import default_encoder
from integrations.errors import ProviderError
from integrations.llm.purpose import on_behalf_of
from scenarios.generation.remarks import problem_in_words
from scenarios.models import Scenario
from scenarios.validation import check_scenario, refuse_unless_ready

from . import course, leaks, role, worded
from .course import Scored
from .findings import Finding
from .modelled import MODEL, ModelSeller
from .models import FlightRun, TestFlight
from .plans import Plan, plan_of
from .report import is_green
from .simulator import Flown, fly, score, turn_from_json, turn_to_json
from .trainees import ADVERSARIES, PATH, STRENGTHS, Trainee, trainee

logger = structlog.get_logger(__name__)

SEEDS = 3  # calls of each seller: what they happen to say first must not decide
SECONDS = 40.0  # of one task
UNEXPECTED = "unexpected"
# A call with a language model on each side takes minutes; nobody else is to fly it, and pay for it, meanwhile.
CLAIM = timedelta(minutes=6)
STANDS_STILL = timedelta(minutes=7)
MODEL_CALLS = 2
MOST_PATHS = 40
# Who calls a buyer that a model words: somebody who gets far, and those who try what nobody should.
WORDED_CALLS = ("strong", "average", "demands_secrets", "injection")
KEPT = 5  # flights of a scenario; older ones go, with their transcripts


def begin(*, scenario: Scenario, by: Any, with_model: bool = False, with_worded: bool = False) -> TestFlight:
    """A flight of the scenario as it is now, with all its calls to come; one of the same content that is under way is given
    back instead, but not one that waits for a model, which it may do for ever. `with_model`: a language model plays a seller
    too; `with_worded`: some calls meet a buyer whom a language model words. Raises `NotReady` where the scenario is not
    complete."""
    refuse_unless_ready(check_scenario(scenario))
    plan = plan_of(scenario)
    content_hash = plan.content_hash()
    with transaction.atomic():
        Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
        under_way = (
            TestFlight.objects.filter(scenario=scenario, content_hash=content_hash)
            .exclude(state__in=[TestFlight.State.DONE, TestFlight.State.PAUSED])
            .first()
        )
        if under_way is not None:
            return under_way
        cast = _cast(plan, with_model=with_model, with_worded=with_worded)
        flight = TestFlight.objects.create(
            scenario=scenario,
            revision=scenario.revision,
            content_hash=content_hash,
            plan=plan.to_json(),
            total=len(cast),
            requested_by=by,
        )
        FlightRun.objects.bulk_create(
            FlightRun(flight=flight, position=position, trainee=key, seed=seed, buyer=buyer)
            for position, (key, seed, buyer) in enumerate(cast)
        )
        old = TestFlight.objects.filter(scenario=scenario).order_by("-created_at").values_list("pk", flat=True)[KEPT:]
        TestFlight.objects.filter(pk__in=list(old)).delete()
    return flight


def _cast(plan: Plan, *, with_model: bool, with_worded: bool) -> list[tuple[str, int, str]]:
    """Who flies, with which seed, and who words the buyer; for each edge of a graph somebody who sets out to take it."""
    edges = plan.brief.script.graph.edges if plan.brief.script else ()
    paths = [(PATH, number) for number in range(min(len(edges), MOST_PATHS))]
    cast = [
        *((key, seed) for key in STRENGTHS for seed in range(SEEDS)),
        *((key, 0) for key in ADVERSARIES),
        *paths,
        *((MODEL, seed) for seed in range(MODEL_CALLS if with_model else 0)),
    ]
    return [
        *((key, seed, "") for key, seed in cast),
        *((key, 0, worded.MODEL) for key in (WORDED_CALLS if with_worded else ())),
    ]


def _trainee(row: FlightRun, plan: Plan) -> Trainee:
    return ModelSeller(plan, row.seed) if row.trainee == MODEL else trainee(row.trainee, plan, seed=row.seed)


def _flown(row: FlightRun, plan: Plan, encoder: Encoder, *, by: UUID | None) -> Flown:
    """The row's call, held. Raises `ProviderError` where a model is wanted for it and cannot be had."""
    seller = _trainee(row, plan)
    if row.buyer != worded.MODEL:
        return fly(plan, seller, encoder=encoder, seed=row.seed)
    buyer = worded.WordedBuyer(
        plan, encoder=encoder, route=worded.route_for(by), user_id=by, reference=str(row.flight_id)
    )
    with buyer:
        return fly(plan, seller, encoder=encoder, seed=row.seed, buyer=buyer)


def resume(flight: TestFlight) -> bool:
    """Take up a paused flight where it stopped. True where there was something to take up."""
    changed = TestFlight.objects.filter(pk=flight.pk, state=TestFlight.State.PAUSED).update(
        state=TestFlight.State.WAITING, problem="", updated_at=timezone.now()
    )
    return bool(changed)


def go_on(flight_id: UUID, *, seconds: float = SECONDS, encoder: Encoder | None = None) -> bool:
    """Fly calls until all are through (True), or the time is up (False). Paused or gone counts as through."""
    flight = TestFlight.objects.filter(pk=flight_id).first()
    if flight is None or flight.state in {TestFlight.State.DONE, TestFlight.State.PAUSED}:
        return True
    TestFlight.objects.filter(pk=flight.pk, state=TestFlight.State.WAITING).update(state=TestFlight.State.RUNNING)
    plan, until = Plan.from_json(flight.plan), time.monotonic() + seconds
    encoder = encoder or default_encoder()
    while (row := _claim(flight)) is not None:
        try:
            with on_behalf_of(flight.requested_by_id, reference=f"flight:{flight.pk}"):
                flown = _flown(row, plan, encoder, by=flight.requested_by_id)
        except ProviderError as error:
            _pause(row, error.code)
            return True
        except OperationalError:
            raise  # the database is away: the task is tried again, and the call with it
        except Exception:
            # Else the flight would be taken up for ever, and whoever asked for it would wait.
            logger.exception("a call of a test flight could not be held", flight=str(flight.pk), trainee=row.trainee)
            _pause(row, UNEXPECTED)
            return True
        _keep(row, plan, flown, encoder)
        if time.monotonic() >= until:
            break
    return _settle(flight, plan)


@transaction.atomic
def _pause(row: FlightRun, problem: str) -> None:
    """No language model answers, or there is no money left: what was flown stays, the rest waits for `resume`."""
    FlightRun.objects.filter(pk=row.pk).update(claimed_at=None)
    TestFlight.objects.filter(pk=row.flight_id).update(
        state=TestFlight.State.PAUSED, problem=problem, updated_at=timezone.now()
    )
    logger.warning("a test flight is paused", flight=str(row.flight_id), code=problem)
    tell_failed(
        user=row.flight.requested_by,
        title=row.flight.scenario.title,
        reason=lazy(problem_in_words, str)(problem),
        url=place("flights:report", row.flight.scenario_id),
        # Once for each call at which it stops: taken up again, it may stop at a later one.
        key=f"flight:{row.flight_id}:{row.position}",
    )


def _claim(flight: TestFlight) -> FlightRun | None:
    """The next call that nobody flies, claimed; None where there is none."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=timezone.now() - CLAIM)
    waiting = flight.runs.filter(free, finished_at__isnull=True).order_by("position")
    for row in waiting[:5]:
        if flight.runs.filter(free, pk=row.pk, finished_at__isnull=True).update(claimed_at=timezone.now()):
            return row
    return None


def _keep(row: FlightRun, plan: Plan, flown: Flown, encoder: Encoder) -> None:
    result = score(plan, flown, encoder=encoder) if row.trainee in {*STRENGTHS, MODEL} else {}
    findings = [*role.breaks(plan, flown, encoder=encoder), *leaks.leaks(plan, flown, encoder=encoder)]
    findings += [*worded.stopped(flown), *worded.failures(flown)]
    FlightRun.objects.filter(pk=row.pk).update(
        turns=[{**turn_to_json(turn), "speaker": flown.speakers.get(turn.seq, "")} for turn in flown.turns],
        state=flown.state,
        outcome=flown.outcome,
        reason=flown.reason,
        score=result.get("overall_score"),
        passed=result.get("passed"),
        result=result,
        findings=[replace(finding, buyer=row.buyer).to_json() for finding in findings],
        finished_at=timezone.now(),
    )
    done = FlightRun.objects.filter(flight_id=row.flight_id, finished_at__isnull=False).count()
    TestFlight.objects.filter(pk=row.flight_id).update(done=done, updated_at=timezone.now())


@transaction.atomic
def _settle(flight: TestFlight, plan: Plan) -> bool:
    """Judge the flight when all its calls are through; that it is done and that somebody is told are one step."""
    rows = list(flight.runs.all())
    if any(row.finished_at is None for row in rows):
        return False
    # What a model's words do to a score is no fault of the scenario: its course is that of the buyer as written.
    findings = course.course(plan, [scored(row) for row in rows if not row.buyer])
    everything = [*findings, *(found for row in rows for found in findings_of(row.findings))]
    changed = (
        TestFlight.objects.filter(pk=flight.pk)
        .exclude(state=TestFlight.State.DONE)
        .update(
            state=TestFlight.State.DONE,
            green=is_green(everything),
            findings=[finding.to_json() for finding in findings],
            done=len(rows),
            finished_at=timezone.now(),
            updated_at=timezone.now(),
        )
    )
    if changed:
        logger.info("a test flight is done", flight=str(flight.pk), green=is_green(everything))
        _tell(flight, green=is_green(everything))
    return True


def _tell(flight: TestFlight, *, green: bool) -> None:
    title = flight.scenario.title
    tell_ready(
        user=flight.requested_by,
        title=title,
        url=place("flights:report", flight.scenario_id),
        key=f"flight:{flight.pk}",
        **{"flown" if green else "grounded": title},
    )


def scored(row: FlightRun) -> Scored:
    """The run as the checks take it."""
    return Scored(
        Flown(
            trainee=row.trainee,
            seed=row.seed,
            turns=[turn_from_json(turn) for turn in row.turns],
            outcome=row.outcome,
            reason=row.reason,
            state=row.state,
            speakers={turn["seq"]: turn["speaker"] for turn in row.turns if turn["speaker"]},
        ),
        row.result,
    )


def findings_of(rows: Sequence[dict[str, Any]]) -> list[Finding]:
    return [Finding.from_json(row) for row in rows]


def all_findings(flight: TestFlight) -> list[Finding]:
    """What all runs together show, then what each shows by itself. Two queries fewer where `runs` is prefetched."""
    return [*findings_of(flight.findings), *(found for row in flight.runs.all() for found in findings_of(row.findings))]


def newest_of(scenario: Scenario) -> TestFlight | None:
    return TestFlight.objects.filter(scenario=scenario).order_by("-created_at").first()


def standing_still() -> list[UUID]:
    """Flights that nobody works on any more: their message was lost, or their worker died."""
    working = [TestFlight.State.WAITING, TestFlight.State.RUNNING]
    stale = TestFlight.objects.filter(state__in=working, updated_at__lt=timezone.now() - STANDS_STILL)
    return list(stale.values_list("pk", flat=True))
