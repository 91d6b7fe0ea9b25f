"""What people say beside a call: comments, objections and decisions, as a part of the debrief and as a page of its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import refuse
from accounts.memberships import may, role_of
from accounts.roles import Action
from calls.models import Call
from calls.services import get_visible
from tenants.context import current_organization
from tenants.errors import DomainError

from . import comments, readers, reviews
from .discussion import discussion_of
from .forms import CommentForm
from .models import Comment


def visible_call(request: HttpRequest, call_id: UUID) -> Call:
    call = get_visible(call_id, user=request.user, role=role_of(request.user, current_organization()))
    return Call.objects.select_related("trainee", "rubric_version").get(pk=call.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def discussion(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """GET: the part, or the page around it for a browser that did not ask for a part. POST: a new comment."""
    call = visible_call(request, call_id)
    form = comment_form(request, call)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            comments.add(
                call=call,
                author=request.user,
                body=wanted["body"],
                visibility=wanted.get("visibility") or Comment.Visibility.TRAINEE,
                place=comments.Place(at_ms=wanted["at"], criterion=wanted["criterion"]),
                mentions=[UUID(item) for item in wanted.get("mentions") or []],
            )
        except DomainError as error:
            _refuse(form, error)
        else:
            if not is_part(request):
                messages.success(request, _("Your comment is there."))
                return redirect("scoring:discussion", call_id=call.pk)
            form = comment_form(request, call, fresh=True)
    return shown(request, call, form)


@require_POST
def remove(request: HttpRequest, comment_id: UUID) -> HttpResponse:
    """Take back a comment of one's own."""
    comment = Comment.objects.filter(pk=comment_id).first()
    if comment is None:
        raise comments.CommentNotFound
    call = visible_call(request, comment.call_id)
    comments.remove(comment=comment, actor=request.user)
    if is_part(request):
        return shown(request, call, comment_form(request, call, fresh=True))
    messages.success(request, _("Your comment is gone."))
    return redirect("scoring:discussion", call_id=call.pk)


def shown(request: HttpRequest, call: Call, form: CommentForm) -> HttpResponse:
    found = discussion_of(call, viewer=request.user)
    if found.decisions:
        reviews.note_seen(call=call, user=request.user)
    context = {
        "call": call,
        "discussion": found,
        "is_own": call.trainee_id == request.user.pk,
        "may_judge": call.trainee_id != request.user.pk and may(request.user, current_organization(), Action.SEE_TEAM),
        "form": form,
    }
    if is_part(request):  # htmx puts only what succeeded in place, and what is wrong is said in the part
        return render(request, "scoring/parts/discussion.html", context)
    return render(request, "scoring/discussion.html", context, status=400 if form.errors else 200)


def is_part(request: HttpRequest) -> bool:
    """Did the debrief ask for its part, rather than a person for the page?"""
    return request.headers.get("hx-request") == "true"


def comment_form(request: HttpRequest, call: Call, *, fresh: bool = False) -> CommentForm:
    is_own = call.trainee_id == request.user.pk
    # Whom one may really mention depends on who is to read it: the service has the last word.
    people: list[Any] = list(readers.mentionable(call, visibility=Comment.Visibility.TRAINEE))
    return CommentForm(
        request.POST if request.method == "POST" and not fresh else None,
        criteria=[(item["key"], item["name"]) for item in call.rubric_version.content["criteria"]],
        people=[(str(one.pk), one.get_full_name()) for one in people if one.pk != request.user.pk],
        may_hide=not is_own,
        auto_id="comment_%s",
    )


def _refuse(form: CommentForm, error: DomainError) -> None:
    names = {"at_ms": "at"}
    field = str(error.details.get("field", ""))
    error.details["field"] = names.get(field, field)
    refuse(form, error)
