"""What somebody was told: the list behind the bell, how to be told, and the way out of mails."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import refuse
from accounts.guards import person
from accounts.memberships import role_of
from accounts.notices import links, preferences, services
from accounts.notices.forms import NoticeForm
from accounts.notices.kinds import KINDS
from accounts.notices.models import Notice
from accounts.notices.wording import words_of
from tenants.context import current_organization
from tenants.errors import DomainError

PER_PAGE = 30


@never_cache
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Newest first; `?show=unread` leaves out what was read."""
    user = person(request)
    only_unread = request.GET.get("show") == "unread"
    rows = Notice.objects.shown_to(user)
    page = Paginator(rows.unread() if only_unread else rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "notices": [_row(notice) for notice in page],
        "only_unread": only_unread,
        "unread": services.unread_count(user),
    }
    return render(request, "notices/list.html", context)


def _row(notice: Notice) -> dict[str, Any]:
    return {"notice": notice, "words": words_of(notice)}


def _own(request: HttpRequest, notice_id: UUID) -> Notice:
    notice = Notice.objects.filter(pk=notice_id, user=person(request)).first()
    if notice is None:
        raise Http404
    return notice


@never_cache
@require_safe
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """To the page that it is about. A notice that leads nowhere leads to the list."""
    found = _own(request, notice_id)
    services.mark_read(user=person(request), notice_ids=[found.pk])
    return redirect(get_script_prefix() + found.path.lstrip("/") if found.path else reverse("accounts:notices"))


@never_cache
@require_POST
def mark(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Read or unread (`read`: "1" or "0"); with htmx the answer is the row."""
    found = _own(request, notice_id)
    services.mark_read(user=person(request), notice_ids=[found.pk], read=request.POST.get("read") != "0")
    if not getattr(request, "htmx", False):
        return redirect("accounts:notices")
    found.refresh_from_db()
    return render(request, "notices/row.html", {"row": _row(found)})


@never_cache
@require_POST
def mark_all(request: HttpRequest) -> HttpResponse:
    services.mark_read(user=person(request))
    return redirect("accounts:notices")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notice_preferences(request: HttpRequest) -> HttpResponse:
    user = person(request)
    kinds = preferences.kinds_for(role_of(user, current_organization()))
    rhythm = preferences.rhythm_of(user)
    form = NoticeForm(request.POST if request.method == "POST" else None, user=user, kinds=kinds, rhythm=rhythm)
    if request.method == "POST" and "try_again" in request.POST:
        preferences.try_address_again(user=user)
        messages.success(request, _("We will try your address again with the next mail."))
        return redirect("accounts:notice-preferences")
    if request.method == "POST" and form.is_valid():
        try:
            preferences.save(user=user, **form.chosen())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Saved. It holds from the next notification."))
            return redirect("accounts:notice-preferences")
    context = {"form": form, "dead_address": preferences.dead_address(user), "stopped": rhythm.stopped_at}
    return render(request, "notices/preferences.html", context, status=400 if form.errors else 200)


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Out of these mails by a signed link, without signing in. Opening it changes nothing: mail programs look ahead. A POST
    does it, from the page's button or from the mail program itself (RFC 8058)."""
    leaving = links.read_unsubscribe(token)
    if leaving is None:
        raise Http404
    if request.method == "POST":
        preferences.stop_mail(user=leaving.user, what=leaving.what)
    kind = KINDS.get(leaving.what)
    context = {
        "done": request.method == "POST",
        "everything": leaving.what == preferences.EVERYTHING,
        "digest": leaving.what == preferences.THE_DIGEST,
        "kind": kind,
        "email": leaving.user.email,
    }
    return render(request, "notices/unsubscribe.html", context)


# Whoever has the link may use it, signed in as anybody or not at all.
unsubscribe.organization_public = True  # type: ignore[attr-defined]
