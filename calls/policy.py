"""What an organisation allows in practice: listening in, practising in private, and scenarios of one's own; and how long
people have to contest a mark and to decide. For its owners and admins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.guards import needs, person
from accounts.models import User
from accounts.people import audit
from accounts.roles import Action
from tenants.context import current_organization
from tenants.models import Organization

ALLOWED = ("observers_allowed", "private_practice_allowed", "own_scenarios_allowed")
DEADLINES = ("appeal_window_days", "appeal_answer_hours", "review_answer_hours")
FIELDS = (*ALLOWED, *DEADLINES)


class PolicyForm(forms.ModelForm):
    class Meta:
        model = Organization
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = _("Empty: %(number)s, as everywhere here.")
        self.fields["appeal_window_days"].help_text = usual % {"number": settings.APPEAL_WINDOW_DAYS}
        self.fields["appeal_answer_hours"].help_text = usual % {"number": settings.APPEAL_ANSWER_HOURS}
        self.fields["review_answer_hours"].help_text = _(
            "Empty: no deadline. With one, the queue of reviews shows what is overdue."
        )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Action.MANAGE_ORGANIZATION)
def policy(request: HttpRequest) -> HttpResponse:
    form = PolicyForm(request.POST if request.method == "POST" else None, instance=current_organization())
    if request.method == "POST" and form.is_valid():
        change(organization=form.instance, wanted=form.cleaned_data, actor=person(request))
        messages.success(request, _("Saved."))
        return redirect("calls:policy")
    return render(request, "calls/policy.html", {"form": form})


@transaction.atomic
def change(*, organization: Organization, wanted: dict[str, bool | int | None], actor: User) -> None:
    """Set what is wanted; a change is in the audit trail. Calls that are private already stay so."""
    before = Organization.objects.filter(pk=organization.pk).values(*FIELDS).get()
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    if changed:
        Organization.objects.filter(pk=organization.pk).update(**changed)
        audit.record(actor, "organization.practice_policy_changed", organization, **changed)
