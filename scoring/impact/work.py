"""Going through the calls of a job: some now, the rest in another task, so that no worker is held for minutes.

A call is claimed before it is judged and no transaction is open meanwhile. A claim that was not kept in time, because the
worker died, is anybody's again; doing a call twice gives the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.errors import ProviderError
from scoring.models import Job, RescoredCall

logger = structlog.get_logger(__name__)

UNEXPECTED = "unexpected"
SECONDS = 40.0  # of one task; it ends after the call that it is at
CLAIM = timedelta(minutes=5)
STANDS_STILL = timedelta(minutes=6)


def go_on(job: Any, judge: Callable[[Any], None], *, seconds: float = SECONDS) -> bool:
    """Judge calls of the job until they are all finished (True) or the time is up (False). `judge` fills in one row."""
    until = time.monotonic() + seconds
    type(job)._default_manager.filter(pk=job.pk, state=Job.State.WAITING).update(state=Job.State.RUNNING)
    while (row := _claim(job)) is not None:
        try:
            judge(row)
        except ProviderError as error:
            row.problem = error.code
        except OperationalError:
            raise  # the database is away: the task is tried again, and the call with it
        except Exception:
            # One call that nobody can judge must not hold up the others, nor the next job of this rubric.
            logger.exception("a call of a job could not be judged", job=str(job.pk), call=str(row.call_id))
            row.problem = UNEXPECTED
        _keep(row)
        _count(job)
        if time.monotonic() >= until:
            break
    return _settle(job)


def _keep(row: Any) -> None:
    """Write what was found; the row is gone where its call was deleted meanwhile."""
    names = ["after_score", "after_passed", "criteria", "problem"]
    names += ["run"] if isinstance(row, RescoredCall) else []
    values = {name: getattr(row, name) for name in names}
    type(row)._default_manager.filter(pk=row.pk).update(**values, finished_at=timezone.now())


def _claim(job: Any) -> Any:
    """The next call that nobody works on, claimed; None where there is none."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=timezone.now() - CLAIM)
    for pk in job.outcomes.filter(free, finished_at__isnull=True).order_by("pk").values_list("pk", flat=True)[:20]:
        if job.outcomes.filter(free, pk=pk, finished_at__isnull=True).update(claimed_at=timezone.now()):
            return job.outcomes.select_related("call__rubric_version").get(pk=pk)
    return None


def _count(job: Any) -> None:
    done = job.outcomes.filter(finished_at__isnull=False).count()
    type(job)._default_manager.filter(pk=job.pk).update(done=done, updated_at=timezone.now())


def _settle(job: Any) -> bool:
    """Close the job when all its calls are finished. Calls that were deleted meanwhile are not waited for."""
    if job.outcomes.filter(finished_at__isnull=True).exists():
        return False
    total = job.outcomes.count()
    changed = (
        type(job)
        ._default_manager.filter(pk=job.pk)
        .exclude(state=Job.State.DONE)
        .update(state=Job.State.DONE, total=total, done=total, finished_at=timezone.now(), updated_at=timezone.now())
    )
    if changed:
        logger.info("a job over calls is done", kind=job._meta.model_name, job=str(job.pk), calls=total)
    return True


def standing_still(jobs: QuerySet[Any]) -> list[UUID]:
    """Jobs that nobody works on any more: their message was lost."""
    stale = jobs.exclude(state=Job.State.DONE).filter(updated_at__lt=timezone.now() - STANDS_STILL)
    return list(stale.values_list("pk", flat=True))
