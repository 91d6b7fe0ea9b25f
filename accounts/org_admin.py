"""The admin of one organisation, at `/org/<slug>/admin/`: its rows only, by its roles only.

Apps register with `@admin.register(Model, site=org_site)`. Platform operators have the default site at `/admin/`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, ManyToManyField
from django.forms import Field
from django.http import HttpRequest, HttpResponse
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

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The admin has no sign-in of its own: it would know nothing of second factors and locks."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), settings.LOGIN_URL)


org_site = OrganizationAdminSite(name="admin")


class OrganizationModelAdmin(ModelAdmin):
    """Base of every admin page of an organisation: pickers of people offer members, nobody else."""

    list_select_related: Any = True
    compressed_fields = True
    warn_unsaved_form = True

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Field | None:
        if db_field.related_model is User:
            kwargs["queryset"] = User.objects.filter(pk__in=member_ids(current_organization()))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Field | None:
        if db_field.related_model is User:
            kwargs["queryset"] = User.objects.filter(pk__in=member_ids(current_organization()))
        return super().formfield_for_manytomany(db_field, request, **kwargs)
