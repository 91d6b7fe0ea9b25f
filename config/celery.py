"""Celery: three queues. `quick` must answer while the trainee looks at the screen, `deep` may take seconds."""

from __future__ import annotations

import os

import structlog
from celery.signals import before_task_publish, task_prerun, worker_process_init
from kombu.entity import Queue
from tenant_schemas_celery.app import CeleryApp, get_schema_name_from_task

from config.runtime.heap import settle
from tenants.request_ids import bind_request_id, current_request_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

app = CeleryApp("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = (Queue("default"), Queue("quick"), Queue("deep"))
app.conf.task_routes = {"scoring.tasks.score_quick": {"queue": "quick"}, "scoring.tasks.score_deep": {"queue": "deep"}}
app.conf.beat_schedule = {
    "close calls that were cut off": {"task": "calls.tasks.sweep_all", "schedule": 10.0},
    "score what was missed": {"task": "scoring.tasks.sweep_all", "schedule": 10.0},
    "count how judges agree with people": {"task": "scoring.tasks.calibrate_all", "schedule": 600.0},
    "open rounds of learning whose time has come": {"task": "coaching.learning.tasks.sweep_all", "schedule": 300.0},
    "fetch what vendors did not tell us": {"task": "calls.tasks.reconcile_all", "schedule": 60.0},
    "keep promises about people's data": {"task": "accounts.tasks.sweep_all", "schedule": 900.0},
    "tell of what is due": {"task": "coaching.telling.tasks.sweep_all", "schedule": 300.0},
    "send notices whose time has come": {"task": "accounts.notices.tasks.sweep_all", "schedule": 60.0},
    "forget old notices": {"task": "accounts.notices.tasks.tidy_all", "schedule": 86_400.0},
    "read documents that were left behind": {"task": "scenarios.knowledge.tasks.sweep_all", "schedule": 30.0},
    "take up drafts that were left behind": {"task": "scenarios.generation.tasks.sweep_all", "schedule": 120.0},
    "tidy archives of organisations": {"task": "reporting.takeout.tasks.sweep_all", "schedule": 900.0},
    "look after experiments": {"task": "scoring.experiments.tasks.sweep_all", "schedule": 300.0},
    "handle what vendors told us": {"task": "integrations.tasks.sweep_all", "schedule": 30.0},
    "take up trials of judges that were left behind": {"task": "scoring.prompts.tasks.sweep_all", "schedule": 300.0},
}
app.autodiscover_tasks()


@before_task_publish.connect
def carry_request_id(headers: dict[str, object] | None = None, **kwargs: object) -> None:
    """The request's id travels with the task, so that log lines of both carry it."""
    if headers is not None:
        headers.setdefault("parley_request_id", current_request_id())


@task_prerun.connect
def bind_task_request_id(task: object = None, **kwargs: object) -> None:
    request = getattr(task, "request", None)
    bind_request_id(str(getattr(request, "parley_request_id", "") or ""))
    schema = get_schema_name_from_task(task, kwargs) or "public"
    structlog.contextvars.bind_contextvars(task=getattr(task, "name", ""), schema=schema)


@worker_process_init.connect
def settle_worker(**kwargs: object) -> None:
    """A quick score should not wait for a collection of what never changes."""
    settle()
