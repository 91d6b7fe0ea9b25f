"""Budgets, and what was asked of language models and voices, in the organisation's admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.org_admin import org_site
from accounts.people.admin import ReadOnlyAdmin, ServiceAdmin
from integrations.llm.base import ANSWERED
from integrations.llm.pages import TASKS
from integrations.models import Budget, ModelCall
from integrations.vendor_names import name_of

from . import setting
from .standing import with_standing

OUTCOMES: dict[str, Any] = {
    "invalid_answer": gettext_lazy("answer of no use"),
    "cut_off": gettext_lazy("answer cut off"),
    "timeout": gettext_lazy("no answer in time"),
    "rate_limited": gettext_lazy("too many requests"),
    "unavailable": gettext_lazy("not reachable"),
    "refused": gettext_lazy("refused"),
    "resting": gettext_lazy("failed too often just before"),
    "stopped": gettext_lazy("broken off by whoever listened"),
    "model_retired": gettext_lazy("model not served any more"),
    "quota_exhausted": gettext_lazy("the vendor's quota is used up"),
}


class BudgetForm(forms.ModelForm):
    class Meta:
        model = Budget
        fields = ("team", "monthly_usd", "when_spent")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        others = Budget.objects.filter(team=cleaned.get("team")).exclude(pk=self.instance.pk)
        if "team" in cleaned and others.exists():
            raise ValidationError({"team": _("There is a budget for this already. Change that one.")})
        return cleaned


def dollars(value: Any) -> str:
    return f"{floatformat(value, 2)} $"


@admin.register(Budget, site=org_site)
class BudgetAdmin(ServiceAdmin):
    """What may be spent on language models and voices in a month: by everybody together, and by each team."""

    form = BudgetForm
    list_display = ("name", "limit", "spent", "reserved", "left", "when_spent")
    list_select_related = ("team",)
    ordering = (F("team__name").asc(nulls_first=True),)
    fields = ("team", "monthly_usd", "when_spent")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        return with_standing(super().get_queryset(request), timezone.now())

    def save_model(self, request: HttpRequest, obj: Budget, form: forms.ModelForm, change: bool) -> None:
        setting.save(budget=obj, actor=request.user, made=not change)

    def delete_model(self, request: HttpRequest, obj: Budget) -> None:
        setting.remove(budget=obj, actor=request.user)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return []  # the audit trail says what was changed

    @display(description=gettext_lazy("for"))
    def name(self, budget: Budget) -> str:
        return str(budget)

    @display(description=gettext_lazy("a month"), ordering="monthly_usd")
    def limit(self, budget: Budget) -> str:
        return dollars(budget.monthly_usd)

    @display(description=gettext_lazy("spent"), ordering="spent")
    def spent(self, budget: Any) -> str:
        return dollars(budget.spent)

    @display(description=gettext_lazy("reserved"), ordering="reserved")
    def reserved(self, budget: Any) -> str:
        return dollars(budget.reserved)

    @display(description=gettext_lazy("left"), ordering="left")
    def left(self, budget: Any) -> str:
        return dollars(budget.left)


@admin.register(ModelCall, site=org_site)
class ModelCallAdmin(ReadOnlyAdmin):
    """Every request to a language model. What it was about is not shown: some practise in private."""

    list_display = ("at", "work", "vendor_name", "model", "prompt_version", "state", "tokens", "ms", "cost")
    fields = (
        "at",
        "work",
        "vendor_name",
        "model",
        "prompt_version",
        "state_here",
        "repair",
        "own_account",
        "input_tokens",
        "output_tokens",
        "sound_seconds",
        "ms",
        "cost_usd",
        "price_known",
    )
    readonly_fields = ("work", "vendor_name", "state_here")
    date_hierarchy = "at"
    list_per_page = 50

    def get_list_filter(self, request: HttpRequest) -> Any:
        names = ("task", "vendor", "model", "prompt_version", "outcome")
        return tuple((name, admin.AllValuesFieldListFilter) for name in names)

    @display(description=gettext_lazy("work"), ordering="task")
    def work(self, call: ModelCall) -> str:
        return str(TASKS.get(call.task, call.task))

    @display(description=gettext_lazy("vendor"), ordering="vendor")
    def vendor_name(self, call: ModelCall) -> str:
        return name_of(call.vendor)

    @display(description=gettext_lazy("outcome"), ordering="outcome", label={"ok": "success", "failed": "warning"})
    def state(self, call: ModelCall) -> tuple[str, str]:
        if call.outcome == ANSWERED:
            return "ok", _("answered")
        return "failed", str(OUTCOMES.get(call.outcome, call.outcome))

    @display(description=gettext_lazy("outcome"))
    def state_here(self, call: ModelCall) -> str:
        """In words alone: only a list makes a label of key and words."""
        return self.state(call)[1]

    @display(description=gettext_lazy("tokens in / out"))
    def tokens(self, call: ModelCall) -> str:
        return f"{call.input_tokens} / {call.output_tokens}"

    @display(description=gettext_lazy("cost"), ordering="cost_usd")
    def cost(self, call: ModelCall) -> str:
        return f"{floatformat(call.cost_usd, 6)} $" + ("" if call.price_known else " *")
