"""What came of a call that fell under an experiment: read from its score, or judged once more for comparison only.

Where rubrics or prompts are compared, the trainee's score, certificate and place on a leaderboard come from the rubric in use
and the prompt in use, for everybody alike; what the variant would say is kept with the exposure and nowhere else.
"""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone

from accounts.notices.services import notify, place
from calls.models import Call, Turn
from integrations.embeddings.embedded import default_encoder
from integrations.errors import ProviderError
from integrations.llm import gateway
from scenarios.experiments import services
from scenarios.experiments.models import Experiment, Exposure, Variant
from scoring import cases
from scoring.judges import panel
from scoring.judges.base import Case
from scoring.judges.llm import LanguageModelJudge
from scoring.models import Score
from scoring.prompts import registry
from scoring.results import flags_for, result_of

from . import analysis, guards
from .wording import STOPPED

logger = structlog.get_logger(__name__)

GIVEN_UP = timedelta(hours=2)  # a call that is not over by then was left
WAITS = timedelta(minutes=2)
MOST_AT_ONCE = 50


def measure(*, call_id: UUID) -> bool:
    """Write down what came of a call, then look at the guards, and at whether the experiment is through. True where it was
    measured now. A call that is not scored yet is left for later."""
    exposure = (
        Exposure.objects.filter(call_id=call_id, experiment__state=Experiment.State.RUNNING)
        .select_related("experiment", "variant__rubric_version")
        .first()
    )
    if exposure is None:
        return False
    outcome = outcome_of(exposure)
    if outcome is None:
        return False
    Exposure.objects.filter(pk=exposure.pk).update(outcome=outcome, measured_at=exposure.measured_at or timezone.now())
    look_at(exposure.experiment)
    return True


def look_at(experiment: Experiment) -> None:
    """Stop it where a guard trips, end it where it has its people or its time is up."""
    if guard := tripped_guard(experiment):
        if services.stop(experiment=experiment, because=guard):
            logger.warning("an experiment was stopped", experiment=str(experiment.pk), guard=guard)
            tell(experiment)
        return
    over = experiment.ends_at is not None and experiment.ends_at <= timezone.now()
    analysis.conclude(experiment, over=over)


def tripped_guard(experiment: Experiment) -> str:
    """The code of a guard that any variant trips, or ""."""
    rows: dict[int, list[tuple[str, dict[str, Any]]]] = {}
    measured = experiment.exposures.filter(outcome__isnull=False).values_list("variant_id", "language", "outcome")
    for variant_id, language, outcome in measured:
        rows.setdefault(variant_id, []).append((language, outcome or {}))
    control, *others = experiment.variants.all()
    for variant in others:
        if code := guards.tripped(rows.get(control.pk, []), rows.get(variant.pk, [])):
            return code
    return ""


def tell(experiment: Experiment) -> None:
    """Who began it hears that it was stopped."""
    if experiment.created_by is not None:
        notify(
            user=experiment.created_by,
            kind="work_failed",
            data={"title": experiment.title, "reason": str(STOPPED[experiment.stopped_by])},
            url=place("experiments:one", experiment.pk),
            dedupe_key=str(experiment.pk),
        )


def outcome_of(exposure: Exposure) -> dict[str, Any] | None:
    """`{score, passed, completed, talk, fault, latency_ms}`; None while the call is not through, private or deleted."""
    call = Call.objects.shared().filter(pk=exposure.call_id).select_related("rubric_version").first()
    if call is None:
        return None
    if call.is_live:
        return _left() if timezone.now() - call.created_at > GIVEN_UP else None
    score = Score.objects.select_related("quick_run", "deep_run", "human_run").filter(call=call).first()
    run = score.counting_run if score else None
    if run is None:
        graded = score is None or score.state != Score.State.NOT_GRADABLE
        return None if graded and call.status == Call.Status.COMPLETED else _left(fault=_fault(call))
    values = _compared(exposure.variant, call, run.result)
    if values is None:
        return None
    return {
        **values,
        "completed": call.status == Call.Status.COMPLETED,
        "talk": run.result.get("metrics", {}).get("talk_ratio", {}).get("value"),
        "fault": _fault(call),
        "latency_ms": _latency(call),
    }


def _left(*, fault: bool = False) -> dict[str, Any]:
    """A call that was never held to its end."""
    return {"score": None, "passed": None, "completed": False, "talk": None, "fault": fault, "latency_ms": None}


def _compared(variant: Variant, call: Call, result: dict[str, Any]) -> dict[str, Any] | None:
    """Score and passing: the call's own, or what the variant's rubric or prompt makes of it. None where nobody answers."""
    if variant.rubric_version is not None and variant.rubric_version_id != call.rubric_version_id:
        call.rubric_version = variant.rubric_version  # for this comparison only; the row keeps its own
        case = cases.case_of(call)
        result = _result(case, panel.judge(case, track="quick"))
    elif variant.prompt_version:
        try:
            case = cases.case_of(call)
            result = _result(case, panel.judge(case, track="deep", judges=judges_with(variant.prompt_version)))
        except ProviderError as error:
            logger.warning("a call could not be judged for comparison", call=str(call.pk), code=error.code)
            return None
    elif variant.experiment.kind == Experiment.Kind.RUBRIC:
        # The control is judged in the same way as the others, or the judge would be the difference.
        case = cases.case_of(call)
        result = _result(case, panel.judge(case, track="quick"))
    return {"score": result["overall_score"], "passed": result["passed"]}


def _result(case: Case, judged: panel.Judged) -> dict[str, Any]:
    return result_of(case, judged.judgement, flags=flags_for(case))


def judges_with(prompt_version: str) -> list[LanguageModelJudge]:
    """Language models that judge by one version of the prompt. Raises `ProviderError` from their first question on."""
    row = registry.by_version(prompt_version)
    if row is None:
        return []
    prompt = row.prompt()
    return [
        LanguageModelJudge(slug, encoder=default_encoder(), seconds=60.0, prompt_for=lambda track: prompt)
        for slug in gateway.order_for("deep")
    ]


def _fault(call: Call) -> bool:
    return call.status == Call.Status.FAILED or call.voided_at is not None


def _latency(call: Call) -> int | None:
    """The median of how long the buyer's answers took to be heard, in ms; None for a typed call."""
    heard = Turn.objects.filter(call=call, role=Turn.Role.ASSISTANT).values_list("latency", flat=True)
    times = [int(one["first_audio_ms"]) for one in heard if isinstance(one, dict) and one.get("first_audio_ms")]
    return round(median(times)) if times else None


def overdue() -> list[UUID]:
    """Calls of running experiments that were not measured yet, or whose message was lost."""
    waiting = Exposure.objects.filter(
        experiment__state=Experiment.State.RUNNING, outcome__isnull=True, created_at__lt=timezone.now() - WAITS
    )
    # Calls that were deleted since are never measured: they must not stand before those that can be.
    there = Call.objects.shared().filter(pk__in=waiting.values("call_id"))
    return list(there.order_by("created_at").values_list("pk", flat=True)[:MOST_AT_ONCE])


def end_what_is_over() -> None:
    """Close experiments whose time is up, where no call comes any more to do it."""
    for experiment in Experiment.objects.filter(state=Experiment.State.RUNNING, ends_at__lte=timezone.now()):
        look_at(experiment)
