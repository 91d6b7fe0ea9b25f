"""Whose signatures are believed, and the organisation's own key to hand to others."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from accounts.org_admin import OrganizationModelAdmin, org_site
from scenarios import packages
from scenarios.packages.signing import refuse_no_key
from tenants.errors import InvalidInput

from .models import TrustedKey


class TrustedKeyForm(forms.ModelForm):
    class Meta:
        model = TrustedKey
        fields = ("name", "public")

    def clean_public(self) -> str:
        public = str(self.cleaned_data["public"]).strip()
        try:
            refuse_no_key(public)
        except InvalidInput as refused:
            raise forms.ValidationError(str(refused.message)) from None
        return public


@admin.register(TrustedKey, site=org_site)
class TrustedKeyAdmin(OrganizationModelAdmin):
    form = TrustedKeyForm
    list_display = ("name", "public", "added_at")
    search_fields = ("name", "public")
    list_before_template = "scenarios/admin/own_key.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "own_key": packages.own_key().public})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False if obj is not None else bool(super().has_change_permission(request))

    def save_model(self, request: HttpRequest, obj: TrustedKey, form: Any, change: bool) -> None:
        kept = packages.trust(name=obj.name, public=obj.public, actor=request.user)
        obj.pk = kept.pk
