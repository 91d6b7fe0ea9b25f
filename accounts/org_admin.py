"""The admin of one organisation, at `/org/<slug>/admin/`: its rows only, by its roles only.

Apps register with `@admin.register(Model, site=org_site)`. Platform operators have the default site at `/admin/`.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from tenants.context import current_organization

from .memberships import may, member_ids
from .models import User
from .roles import Action


class OrganizationAdminSite(UnfoldAdminSite):
    """Open to members who author or manage people. `is_staff` has no meaning here."""

    def has_permission(self, request: HttpRequest) -> bool:
        organization = getattr(request, "organization", None)
        return may(request.user, organization, Action.AUTHOR) or may(request.user, organization, Action.MANAGE_PEOPLE)

    @method_decorator(login_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The admin has no sign-in of its own, which would know nothing of second factors and locks: past the platform's
        there is only the question of the role."""
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect(reverse("admin:index"))


org_site = OrganizationAdminSite(name="admin")


class MemberPickers:
    """For admin pages and inlines: pickers of people offer members of the organisation, nobody else."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field | None:
        if db_field.related_model is User:
            kwargs["queryset"] = User.objects.filter(pk__in=member_ids(current_organization()))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field | None:
        if db_field.related_model is User:
            kwargs["queryset"] = User.objects.filter(pk__in=member_ids(current_organization()))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class NothingElseGoes:
    """For admin pages and inlines: no deleting of something else from inside a form. Whether that may go is asked on its own
    page."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field | None:
        field: Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and hasattr(field.widget, "can_delete_related"):
            field.widget.can_delete_related = False
        return field


class NamedCells(NothingElseGoes):
    """For tables of rows inside a form: each cell says which column it is, to whoever does not see the head."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and field.label:
            inner: Any = getattr(field.widget, "widget", field.widget)
            inner.attrs.setdefault("aria-label", str(field.label))
        return field


class OrganizationModelAdmin(MemberPickers, NothingElseGoes, ModelAdmin):
    """Base of every admin page of an organisation."""

    list_select_related: Any = True
    compressed_fields = True
    warn_unsaved_form = True
