"""The line of models, for the operators of the platform, at `/admin/`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from integrations.llm.registry import MODELS
from integrations.llm.tasks import NAMES
from integrations.vendor_names import name_of

from .models import ProviderModel


class ProviderModelForm(forms.ModelForm):
    class Meta:
        model = ProviderModel
        fields = ("vendor", "name", "task", "position", "retired_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("vendor", [(slug, name_of(slug)) for slug in MODELS])
        self._offer("task", [("", _("every kind of work")), *[(name, name) for name in NAMES]])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        before = self.fields[name]
        self.fields[name] = forms.ChoiceField(
            label=before.label,
            required=before.required,
            help_text=before.help_text,
            choices=choices,
            widget=UnfoldAdminSelectWidget,
        )


@admin.register(ProviderModel)
class ProviderModelAdmin(ModelAdmin):
    form = ProviderModelForm
    list_display = ("name", "vendor_name", "task", "position", "state", "retired_at")
    list_filter = (("vendor", admin.AllValuesFieldListFilter),)
    search_fields = ("name",)
    actions = ("serve_again",)

    @display(description=_("vendor"), ordering="vendor")
    def vendor_name(self, row: ProviderModel) -> str:
        return name_of(row.vendor)

    @display(description=_("state"), label={"in line": "success", "gone": "danger"})
    def state(self, row: ProviderModel) -> tuple[str, Any]:
        return ("gone", _("not served any more")) if row.retired_at else ("in line", _("in line"))

    @admin.action(description=_("Ask it again: the vendor serves it after all"), permissions=["change"])
    def serve_again(self, request: HttpRequest, queryset: QuerySet[ProviderModel]) -> None:
        queryset.update(retired_at=None)
