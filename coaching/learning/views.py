"""What somebody who learns sees: their tracks, one track, and its items."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.guards import person
from calls.assigned import open_assigned
from calls.models import Call
from scenarios.catalogue import practice_of
from scenarios.models import ScenarioVersion
from scenarios.training.items import Item
from scenarios.training.models import TrackFile
from scenarios.training.questions import mark
from scenarios.training.rendering import as_html

from . import checks
from .attempts import enrolment_of, refuse_locked, refuse_used_up
from .enrolling import hold
from .models import Certificate, Enrolment, ItemProgress, Sitting
from .programs import programs_of
from .progress import add_sitting, mark_needed
from .services import Round, Todo, certificates_of, round_of, rounds_of


@never_cache
@require_safe
def learn(request: HttpRequest) -> HttpResponse:
    """What is asked of me, how far I am, and my certificates."""
    rounds = rounds_of(person(request))
    context = {
        "open": [one for one in rounds if one.enrolment.state == Enrolment.State.OPEN],
        "completed": [one for one in rounds if one.enrolment.state == Enrolment.State.COMPLETED],
        "programs": programs_of(person(request)),
        "certificates": certificates_of(person(request)),
    }
    return render(request, "learning/learn.html", context)


@never_cache
@require_safe
def course(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """One track: its items by module, what is locked and why."""
    enrolment = enrolment_of(user=person(request), assignment_id=assignment_id)
    found = round_of(enrolment)
    certificate = enrolment.certificates.exclude(state=Certificate.State.REVOKED).first()
    modules = [(name, list(todos)) for name, todos in groupby(found.todos, key=lambda todo: todo.module)]
    context = {
        "round": found,
        "enrolment": enrolment,
        "modules": modules,
        "certificate": certificate,
        "gives_certificate": bool(enrolment.track_version and enrolment.track_version.content.get("certificate", True)),
    }
    return render(request, "learning/course.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, assignment_id: UUID, key: str) -> HttpResponse:
    """One item: the call to begin, the text to read, or the questions to answer."""
    enrolment = enrolment_of(user=person(request), assignment_id=assignment_id)
    step = step_of(enrolment, key)
    refuse_locked(enrolment, step, {row.item_key: row for row in enrolment.progress_rows.all()})
    found = round_of(enrolment)
    todo = next(todo for todo in found.todos if todo.item == key)
    context = {"enrolment": enrolment, "round": found, "todo": todo, "step": step, "following": following(found, key)}
    if step.kind == "scenario":
        return _call(request, enrolment, step, context)
    if step.kind == "reading":
        return _reading(request, enrolment, step, context)
    return _check(request, enrolment, step, todo, context)


def step_of(enrolment: Enrolment, key: str) -> Item:
    """Raises `Http404` for a key that the version has not."""
    step = next((step for step in enrolment.items if step.key == key), None)
    if step is None:
        raise Http404
    return step


def following(found: Round, key: str) -> Todo | None:
    """What comes after this item, where there is something."""
    keys = [todo.item for todo in found.todos]
    index = keys.index(key) + 1
    return found.todos[index] if index < len(keys) else None


def _call(request: HttpRequest, enrolment: Enrolment, step: Item, context: dict[str, Any]) -> HttpResponse:
    assert enrolment.assignment_id is not None
    if request.method == "POST":
        channel = Call.Channel.TEXT if request.POST.get("channel") == Call.Channel.TEXT else Call.Channel.VOICE
        call = open_assigned(
            trainee=person(request), assignment_id=enrolment.assignment_id, channel=channel, item_key=step.key
        )
        return redirect("calls:room", call_id=call.pk)
    version = ScenarioVersion.objects.select_related("persona_version", "rubric_version").get(
        pk=step.scenario_version_id
    )
    rubric = version.rubric_version.spec()
    context |= {
        "scenario": practice_of(version),
        "rubric": rubric,
        "pass_mark": step.pass_mark if step.pass_mark is not None else rubric.pass_mark,
    }
    return render(request, "learning/call.html", context)


def _reading(request: HttpRequest, enrolment: Enrolment, step: Item, context: dict[str, Any]) -> HttpResponse:
    if request.method == "POST":
        with transaction.atomic():
            hold(enrolment.user_id)
            if not enrolment.sittings.filter(item_key=step.key).exists():
                add_sitting(enrolment, step, passed=True)
        messages.success(request, _("Noted: you have read “%(title)s”.") % {"title": step.title})
        return redirect("learning:course", assignment_id=enrolment.assignment_id)
    return render(request, "learning/reading.html", {**context, "html": as_html(step.text)})


def _check(request: HttpRequest, enrolment: Enrolment, step: Item, todo: Todo, context: dict[str, Any]) -> HttpResponse:
    sat = list(enrolment.sittings.filter(item_key=step.key))
    context |= {"pass_mark": mark_needed(step), "sittings": sat}
    seed = checks.seed_of(enrolment.pk, step, len(sat))
    if request.method == "POST":
        answers, problems = checks.read(step, request.POST)
        if any(problems):
            questions = checks.shown(step, seed=seed, answers=answers, problems=problems)
            return render(
                request, "learning/check.html", {**context, "questions": questions, "invalid": True}, status=400
            )
        sit(enrolment, step, answers)
        return redirect("learning:item", assignment_id=enrolment.assignment_id, key=step.key)
    last = sat[-1] if sat else None
    passed = todo.state == "done"
    used_up = todo.attempts_left == 0
    if last is not None and (passed or used_up or "again" not in request.GET):
        shown_seed = checks.seed_of(enrolment.pk, step, len(sat) - 1)
        context |= {
            "sitting": last,
            "questions": checks.result(step, last, seed=shown_seed),
            # The right options are told when they can be of no use for this check any more.
            "reveal": passed or used_up,
            "may_try_again": not passed and not used_up,
        }
        return render(request, "learning/check_result.html", context)
    return render(request, "learning/check.html", {**context, "questions": checks.shown(step, seed=seed)})


@transaction.atomic
def sit(enrolment: Enrolment, step: Item, answers: list[list[int]]) -> Sitting:
    """One attempt at a knowledge check. Raises `AttemptsUsed`."""
    hold(enrolment.user_id)
    passed = enrolment.progress_rows.filter(item_key=step.key, state=ItemProgress.State.PASSED).exists()
    before = enrolment.sittings.filter(item_key=step.key)
    if passed and (last := before.last()):
        return last  # sent twice
    refuse_used_up(enrolment, step, used=before.count())
    score = mark(step.questions, answers).score
    return add_sitting(enrolment, step, answers=answers, score=score, passed=score >= mark_needed(step))


@never_cache
@require_safe
def attached(request: HttpRequest, assignment_id: UUID, key: str, file_id: UUID) -> FileResponse:
    """A file of a reading, for whom the reading is open."""
    enrolment = enrolment_of(user=person(request), assignment_id=assignment_id)
    step = step_of(enrolment, key)
    refuse_locked(enrolment, step, {row.item_key: row for row in enrolment.progress_rows.all()})
    if str(file_id) not in {file.id for file in step.files}:
        raise Http404
    return send_file(get_object_or_404(TrackFile, pk=file_id))


def send_file(file: TrackFile) -> FileResponse:
    """The file as a download: whatever is in it, the browser runs nothing of it."""
    response = FileResponse(
        default_storage.open(file.file_name), as_attachment=True, filename=file.name, content_type=file.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
