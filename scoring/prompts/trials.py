"""Trying a judge on the corpus: case by case, so that it can be stopped and taken up again, then the report.

A language model takes minutes for it. In the background it goes in slices, each its own task; a case that was judged is not
judged, or paid for, a second time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from integrations.catalogue import served
from integrations.embeddings.embedded import default_encoder
from integrations.errors import ProviderError
from integrations.llm.prices import cost_of, most_usage
from integrations.llm.purpose import on_behalf_of
from integrations.llm.registry import language_model
from integrations.vendors import keys_of
from scoring.gates.corpus import corpus_hash
from scoring.gates.probes import Probe, probes
from scoring.gates.report import report_of
from scoring.judges import panel
from scoring.judges.base import Judge, Track
from scoring.judges.embedded import VERSION, EmbeddedJudge
from scoring.judges.llm import LanguageModelJudge, ask_for
from scoring.results import result_of
from tenants.errors import Conflict

from .models import PromptVersion, Trial

logger = structlog.get_logger(__name__)

SLICE_SECONDS = 120.0
CASE_SECONDS = 60.0
LEFT_BEHIND = timedelta(minutes=5)  # nobody has worked on it for so long: its worker is gone
KEPT_TRYING = 3  # attempts at one case before the trial fails

Progress = Callable[[int, int], None]


def begin(*, judge: str, prompt: PromptVersion | None, track: Track, starter: User | None) -> Trial:
    """A trial that waits to be worked on. `prompt` is None for the embedded judge. Raises `Conflict` where the same one is
    on its way."""
    if prompt is not None:
        track = "quick" if prompt.track == "quick" else "deep"
    with transaction.atomic():
        if prompt is not None:
            PromptVersion.objects.select_for_update().get(pk=prompt.pk)
        if Trial.objects.filter(judge=judge, prompt=prompt, track=track, state__in=Trial.UNDER_WAY).exists():
            raise Conflict(_("This trial is on its way already."))
        return Trial.objects.create(
            prompt=prompt,
            track=track,
            judge=judge,
            model=model_of(judge, track),
            total=len(probes()),
            corpus_hash=corpus_hash(),
            started_by=starter,
        )


def most_usd(judge: str, prompt: PromptVersion) -> Decimal:
    """The most that a trial can cost, in US dollars, where no answer has to be repaired; in practice it is a part of it."""
    track: Track = "quick" if prompt.track == "quick" else "deep"
    texts, model = prompt.prompt(), model_of(judge, track)
    asked = (ask_for(probe.case, track, texts) for probe in probes())
    return sum((cost_of(model, most_usage(ask)).usd for ask in asked), Decimal(0))


def reference_of(trial: Trial) -> str:
    """Its name in the ledger of requests."""
    return f"trial:{trial.pk}"


def model_of(judge: str, track: Track) -> str:
    """The model that this judge asks first today."""
    return VERSION if judge == panel.EMBEDDED else served.models_for(keys_of(judge), task=track)[0]


def work(*, trial_id: UUID, seconds: float = SLICE_SECONDS, progress: Progress | None = None) -> bool:
    """Judge the cases that are still to be judged, for about so long. Returns True when nothing is left to do.

    Raises nothing of a vendor's: a case that cannot be had after three attempts ends the trial, and the trial says why.
    """
    trial = _taken(trial_id)
    if trial is None:
        return True
    track: Track = "quick" if trial.track == "quick" else "deep"
    judge = judge_of(trial)
    until = time.monotonic() + seconds
    scores = dict(trial.scores)
    missing = [probe for probe in probes() if probe.key not in scores]
    for probe in missing:
        if time.monotonic() > until:
            return False
        try:
            with on_behalf_of(None, reference=reference_of(trial)):
                scores[probe.key] = _score(judge, probe, track)
        except ProviderError as error:
            _fail(trial, f"{error.code}: {error}")
            return True
        _keep(trial, scores)
        if progress is not None:
            progress(len(scores), trial.total)
    _finish(trial, scores)
    return True


def judge_of(trial: Trial) -> Judge:
    """The judge with the prompt that is on trial, whatever is active."""
    if trial.judge == panel.EMBEDDED or trial.prompt is None:
        return panel.build(panel.EMBEDDED)
    prompt = trial.prompt.prompt()
    # One model by name: a trial in which another one took over halfway would say nothing of either.
    return LanguageModelJudge(
        language_model(trial.judge, name=trial.model),
        encoder=default_encoder(),
        seconds=CASE_SECONDS,
        prompt_for=lambda _track: prompt,
    )


def left_behind() -> list[UUID]:
    """Trials that somebody began and nobody works on."""
    since = timezone.now() - LEFT_BEHIND
    waiting = Trial.objects.filter(state=Trial.State.WAITING, created_at__lt=since)
    running = Trial.objects.filter(state=Trial.State.RUNNING, worked_at__lt=since)
    return list((waiting | running).values_list("pk", flat=True))


def _taken(trial_id: UUID) -> Trial | None:
    """The trial, now being worked on; None when it is over, gone, or of a corpus that is no more."""
    trial = Trial.objects.select_related("prompt").filter(pk=trial_id).first()
    if trial is None or trial.state in {Trial.State.DONE, Trial.State.FAILED}:
        return None
    if trial.corpus_hash != corpus_hash():
        _fail(trial, "the corpus was changed while the trial was on its way")
        return None
    trial.state, trial.worked_at = Trial.State.RUNNING, timezone.now()
    trial.save(update_fields=["state", "worked_at"])
    return trial


def _score(judge: Judge, probe: Probe, track: Track) -> int:
    # The embedded judge's deep track differs by its interval alone, which takes dozens of times as long.
    asked: Track = "quick" if isinstance(judge, EmbeddedJudge) else track
    for attempt in range(1, KEPT_TRYING + 1):
        try:
            return int(result_of(probe.case, judge.judge(probe.case, track=asked), flags=[])["overall_score"])
        except ProviderError as error:
            if attempt == KEPT_TRYING or not error.retryable:
                raise
            logger.warning("a case of a trial is judged again", probe=probe.key, code=error.code, attempt=attempt)
    raise AssertionError("the loop returns or raises")


def _keep(trial: Trial, scores: dict[str, int]) -> None:
    trial.scores, trial.worked_at = scores, timezone.now()
    trial.save(update_fields=["scores", "worked_at"])


def _fail(trial: Trial, error: str) -> None:
    trial.state, trial.error, trial.finished_at = Trial.State.FAILED, error, timezone.now()
    trial.save(update_fields=["state", "error", "finished_at"])
    logger.warning("a trial of a judge failed", judge=trial.judge, error=error)


def _finish(trial: Trial, scores: dict[str, int]) -> None:
    report = report_of(probes(), scores)
    trial.scores, trial.report, trial.green = scores, report, report["green"]
    trial.state, trial.finished_at = Trial.State.DONE, timezone.now()
    trial.save(update_fields=["scores", "report", "green", "state", "finished_at"])
    logger.info("a judge was tried", judge=trial.judge, green=trial.green, reasons=report["reasons"])
