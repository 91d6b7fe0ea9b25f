"""Pages of scenarios of one's own."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import refuse
from accounts.guards import needs, person
from accounts.memberships import may
from accounts.roles import Action
from calls.models import Call
from scenarios.catalogue import practice_of
from tenants.context import current_organization
from tenants.errors import DomainError
from tenants.languages import local_url

from . import services
from .forms import OwnScenarioForm
from .models import OwnScenario


@require_http_methods(["GET", "HEAD", "POST"])
def configure(request: HttpRequest) -> HttpResponse:
    """The form, one's own scenarios, and for authors what waits to be adopted. Where it is not allowed: what there is."""
    user = person(request)
    author = may(user, current_organization(), Action.AUTHOR)
    if not services.allowed() and not author:
        messages.info(request, _("Your organisation has no scenarios of one's own. Practise one of these."))
        return redirect("calls:practice")
    form = OwnScenarioForm(
        request.POST if request.method == "POST" else None, initial={"language": request.LANGUAGE_CODE}
    )
    if request.method == "POST" and form.is_valid():
        try:
            own = services.make(owner=user, **form.wish())
        except DomainError as error:
            field = str(error.details.get("field", ""))
            error.details["field"] = field.rpartition(".")[2]
            refuse(form, error)
        else:
            return redirect("own:scenario", own_id=own.pk)
    context = {
        "form": form,
        "allowed": services.allowed(),
        "mine": list(OwnScenario.objects.of(user).select_related("version", "scenario")),
        "to_adopt": list(
            OwnScenario.objects.to_adopt().exclude(owner=user).select_related("version", "owner")[: services.MOST]
        )
        if author
        else [],
    }
    return render(request, "own_scenarios/configure.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def scenario(request: HttpRequest, own_id: UUID) -> HttpResponse:
    """One of them: what one is told, and the way into a private call. POST `do`: practise (with `channel`) or remove."""
    own = services.get_own(own_id, owner=person(request))
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do == "remove":
            services.remove(own=own)
            messages.success(request, _("The scenario is removed. Calls on it stay in your history."))
            return redirect(local_url("own:configure"))
        if do != "practise":
            raise Http404
        channel = Call.Channel.TEXT if request.POST.get("channel") == Call.Channel.TEXT else Call.Channel.VOICE
        try:
            call = services.practise(own=own, channel=channel)
        except DomainError as error:
            messages.error(request, str(error.details.get("issue") or error.message))
            return redirect("own:scenario", own_id=own.pk)
        return redirect(local_url("calls:room", call.pk))
    context = {
        "own": own,
        "scenario": practice_of(own.version),
        "rubric": own.version.rubric_version.spec(),
        "missing": services.what_is_missing(),
    }
    return render(request, "own_scenarios/scenario.html", context)


@require_POST
@needs(Action.AUTHOR)
def adopt(request: HttpRequest, own_id: UUID) -> HttpResponse:
    """Take somebody's scenario into the library, and go on to edit it there."""
    own = services.adopt(own_id=own_id, by=person(request))
    messages.success(request, _("The scenario is a draft of the library now. Publish it when it is right."))
    return redirect("admin:scenarios_scenario_change", own.scenario_id)
