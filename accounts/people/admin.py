"""People in the organisation's admin. Changes go through the services, so rules and the audit trail hold here too."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from accounts.memberships import role_of
from accounts.models import Membership
from accounts.org_admin import MemberPickers, NamedCells, OrganizationModelAdmin, org_site
from accounts.roles import Role, may_grant
from tenants.admin import SETTINGS
from tenants.context import current_organization
from tenants.errors import DomainError
from tenants.models import Organization

from . import audit, invitations, members, teams, tokens
from .models import ApiToken, AuditEvent, Consent, Invitation, Team, TeamMembership


class ServiceAdmin(OrganizationModelAdmin):
    """Saves by services. What they refuse is said above the form, and nothing of it is kept."""

    actions: Any = ()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as refused:
            messages.error(request, str(refused.details.get("issue") or refused.message))
            return HttpResponseRedirect(request.get_full_path())

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # it would go past the services
        return actions

    def each(self, request: HttpRequest, queryset: QuerySet[Any], verb: Any, done: str) -> None:
        """Do it to each row; one that is refused does not hold up the others."""
        for row in queryset:
            try:
                verb(row)
            except DomainError as refused:
                messages.error(request, f"{row}: {refused.message}")
            else:
                messages.success(request, f"{row}: {done}")


class GrantableRoles:
    """The picker of a role offers what the person may hand out."""

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            granter = role_of(request.user, current_organization())
            kwargs["choices"] = [choice for choice in Role.choices if may_grant(granter, choice[0])]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class ReadOnlyAdmin(ServiceAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SeatInline(MemberPickers, NamedCells, TabularInline):
    model = TeamMembership
    extra = 1
    fields = ("user", "is_manager")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TeamMembership]:
        return super().get_queryset(request).select_related("user", "team")


@admin.register(Team, site=org_site)
class TeamAdmin(ServiceAdmin):
    list_display = ("name", "size", "created_at")
    search_fields = ("name",)
    fields = ("name",)
    inlines = (SeatInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).annotate(seats=Count("memberships"))

    @display(description=gettext_lazy("people"), ordering="seats")
    def size(self, team: Any) -> int:
        return int(team.seats)

    def save_model(self, request: HttpRequest, obj: Team, form: forms.ModelForm, change: bool) -> None:
        if not change:
            made = teams.create_team(name=obj.name, actor=request.user)
            obj.pk, obj._state.adding = made.pk, False
        elif "name" in form.changed_data:
            teams.rename_team(team=obj, name=obj.name, actor=request.user)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        seats: list[TeamMembership] = formset.save(commit=False)
        for gone in formset.deleted_objects:
            teams.remove_member(team=form.instance, user=gone.user, actor=request.user)
        for changed, fields in formset.changed_objects:
            if "user" in fields:
                TeamMembership.objects.filter(pk=changed.pk).delete()
        for seat in seats:
            teams.put_member(team=form.instance, user=seat.user, is_manager=seat.is_manager, actor=request.user)

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        teams.delete_team(team=obj, actor=request.user)


@admin.register(Membership, site=org_site)
class MembershipAdmin(GrantableRoles, ServiceAdmin):
    """The members of this organisation. People are added by invitations and kept when they leave."""

    list_display = ("person", "email", "role", "is_active", "created_at")
    list_filter = (("role", ChoicesDropdownFilter), "is_active")
    search_fields = ("user__full_name", "user__email")
    fields = ("person", "email", "role", "is_active", "created_at")
    readonly_fields = ("person", "email", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).filter(organization=current_organization()).select_related("user")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and not may_grant(role_of(request.user, current_organization()), obj.role):
            return False  # an owner, looked at by an admin
        return bool(super().has_change_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: Membership, form: forms.ModelForm, change: bool) -> None:
        members.change(membership=obj, role=obj.role, is_active=obj.is_active, actor=request.user)

    @display(description=gettext_lazy("person"), ordering="user__full_name")
    def person(self, membership: Membership) -> str:
        return str(membership.user)

    @display(description=gettext_lazy("e-mail address"), ordering="user__email")
    def email(self, membership: Membership) -> str:
        return membership.user.email


@admin.register(Invitation, site=org_site)
class InvitationAdmin(GrantableRoles, ServiceAdmin):
    list_display = ("email", "role", "team", "state", "invited_by", "created_at", "expires_at")
    list_filter = (("role", ChoicesDropdownFilter),)
    list_select_related = ("team", "invited_by")
    search_fields = ("email",)
    fields = ("email", "role", "team")
    actions = ("resend", "revoke")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: forms.ModelForm, change: bool) -> None:
        made = invitations.invite(email=obj.email, role=obj.role, team=obj.team, actor=request.user)
        obj.pk, obj._state.adding = made.pk, False

    @display(
        description=gettext_lazy("state"),
        label={"open": "info", "accepted": "success", "withdrawn": "warning", "expired": "warning"},
    )
    def state(self, invitation: Invitation) -> tuple[str, str]:
        if invitation.accepted_at:
            return "accepted", _("accepted")
        if invitation.revoked_at:
            return "withdrawn", _("withdrawn")
        return ("open", _("open")) if invitation.is_open else ("expired", _("expired"))

    @admin.action(description=gettext_lazy("Send again"), permissions=["add"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        self.each(
            request, queryset, lambda row: invitations.resend(invitation=row, actor=request.user), _("sent again.")
        )

    @admin.action(description=gettext_lazy("Withdraw"), permissions=["add"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        self.each(
            request, queryset, lambda row: invitations.revoke(invitation=row, actor=request.user), _("withdrawn.")
        )


def _lines(words: Iterable[str]) -> str | None:
    """What programs call something, one below the other; None where there is nothing."""
    lines = format_html_join("", '<code class="authoring-word">{}</code>', ([word] for word in words))
    return format_html("<div>{}</div>", lines) if lines else None


@admin.register(ApiToken, site=org_site)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Everybody's tokens, to see and to end. Each person makes their own on the profile page."""

    list_display = ("user", "name", "hint", "allows", "created_at", "expires_at", "last_used_at", "revoked_at")
    search_fields = ("name", "user__full_name", "user__email")
    fields = readonly_fields = list_display
    actions = ("revoke",)

    @display(description=gettext_lazy("scopes"))
    def allows(self, token: ApiToken) -> str | None:
        return _lines(token.scopes)

    @admin.action(description=gettext_lazy("Revoke"), permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        self.each(request, queryset, lambda row: tokens.revoke(token=row, actor=request.user), _("no longer works."))


@admin.register(Consent, site=org_site)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("user", "kind", "granted", "language", "created_at")
    list_filter = (("kind", ChoicesDropdownFilter), "granted")
    search_fields = ("user__full_name", "user__email")
    fields = ("user", "kind", "granted", "text", "language", "created_at")


@admin.register(AuditEvent, site=org_site)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "actor", "action", "target", "details", "request_id")
    search_fields = ("action", "target", "request_id", "actor__full_name", "actor__email")
    date_hierarchy = "created_at"
    fields = readonly_fields = list_display

    @display(description=gettext_lazy("Data"))
    def details(self, event: AuditEvent) -> str | None:
        """A line for each fact, as a program wrote it, in no language."""
        return _lines(
            f"{name}: {fact if isinstance(fact, str) else json.dumps(fact, ensure_ascii=False)}"
            for name, fact in event.data.items()
        )


@admin.register(Organization, site=org_site)
class OrganizationSettingsAdmin(ServiceAdmin):
    """What the organisation decides for itself: its name, languages, pass mark, and the words about recording."""

    list_display = ("name", "language", "timezone", "pass_mark")
    # Who may process what is said is asked with the voice services.
    fields = tuple(name for name in SETTINGS if name != "allowed_ai_providers")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return super().get_queryset(request).filter(pk=current_organization().pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Organization, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record(request.user, "organization.changed", obj, fields=form.changed_data)
