"""Prompts and trials for the operators of the platform, at `/admin/`. All changes go through the registry's rules."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import floatformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.models import User
from integrations.llm.registry import configured
from integrations.own_calls import spending
from scoring.gates.report import MARGIN, MOST, sentences_of
from scoring.judgement import name_of
from tenants.errors import Conflict, DomainError, InvalidInput

from . import registry, tasks, trials
from .models import PromptVersion, Trial

State = PromptVersion.State


class PromptForm(forms.ModelForm):
    """Says at the field which `$name` is missing or unknown."""

    class Meta:
        model = PromptVersion
        fields = ("version", "track", "why", "system", "user")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            registry.check_texts(system=given.get("system", ""), user=given.get("user", ""))
        except InvalidInput as refused:
            self.add_error(refused.details["field"], refused.details["issue"])
        return given


@admin.register(PromptVersion)
class PromptVersionAdmin(ModelAdmin):
    """Write a draft, have it reviewed, try it, activate it; going back is activating an earlier one."""

    form = PromptForm
    list_display = ("version", "track", "state_label", "trial_results", "written_by", "created_at", "activated_at")
    list_filter = ("track", "state")
    search_fields = ("version", "why")
    actions = ("review", "try_it", "activate", "copy")
    written = ("version", "track", "why", "system", "user")
    frozen = ("version", "track", "why", "system_text", "user_text")
    known = ("state_now", "hash", "written_by", "reviewed_by", "reviewed_at", "activated_by", "activated_at")
    readonly_fields = (*known, "in_the_way", "not_shown", "trial_results")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromptVersion]:
        finished = Trial.objects.order_by("created_at")
        return (
            super()
            .get_queryset(request)
            .select_related("written_by", "reviewed_by", "activated_by")
            .prefetch_related(Prefetch("trials", queryset=finished))
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.written
        texts = self.written if obj.state == State.DRAFT else self.frozen
        asked = "not_shown" if obj.state == State.ACTIVE else "in_the_way"
        return (*texts, asked, "trial_results", *self.known)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        reviewed = obj is not None and obj.state != State.DRAFT
        return (*self.frozen, *self.readonly_fields) if reviewed else self.readonly_fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == State.DRAFT)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?from=…`: begin with another version's texts."""
        row = registry.by_version(request.GET.get("from", ""))
        return registry.texts(row) if row else {}

    def save_model(self, request: HttpRequest, obj: PromptVersion, form: forms.ModelForm, change: bool) -> None:
        registry.save_draft(row=obj, writer=_person(request))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as refused:
            messages.error(request, str(refused.message))
            return HttpResponseRedirect(request.get_full_path())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what judged a call is kept

    @display(
        description=gettext_lazy("state"),
        # Every state: one that is missing is shown by its key, not in the reader's language.
        label={State.ACTIVE: "success", State.REVIEWED: "info", State.DRAFT: "warning", State.RETIRED: "plain"},
        ordering="state",
    )
    def state_label(self, row: PromptVersion) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("state"))
    def state_now(self, row: PromptVersion) -> str:
        return row.get_state_display()

    @display(description=gettext_lazy("system text"))
    def system_text(self, row: PromptVersion) -> SafeString:
        return _as_written(row.system)

    @display(description=gettext_lazy("text for each call"))
    def user_text(self, row: PromptVersion) -> SafeString:
        return _as_written(row.user)

    @display(description=gettext_lazy("trials"))
    def trial_results(self, row: PromptVersion) -> str:
        latest = {trial.judge: trial for trial in row.trials.all()}
        return format_html_join(
            ", ",
            '<a href="{}">{}: {}</a>',
            (
                (reverse("admin:prompts_trial_change", args=[trial.pk]), name_of(judge), outcome(trial))
                for judge, trial in latest.items()
            ),
        ) or _("none yet")

    @display(description=gettext_lazy("what stands in the way of activating it"))
    def in_the_way(self, row: PromptVersion) -> str:
        return _lines(registry.obstacles(row)) or _("nothing")

    @display(description=gettext_lazy("what its trials leave open"))
    def not_shown(self, row: PromptVersion) -> str:
        return _lines(registry.not_shown(row)) or _("nothing")

    @admin.action(description=gettext_lazy("Mark as reviewed"), permissions=["change"])
    def review(self, request: HttpRequest, queryset: QuerySet[PromptVersion]) -> None:
        self._each(request, queryset, lambda row: registry.review(row=row, reviewer=_person(request)), _("reviewed."))

    @admin.action(description=gettext_lazy("Try with every language model that has a key"), permissions=["change"])
    def try_it(self, request: HttpRequest, queryset: QuerySet[PromptVersion]) -> None:
        judges = configured()
        if not judges:
            messages.warning(request, _("No language model has a key, so there is nobody to try it with."))
            return

        def start(row: PromptVersion) -> None:
            most = sum((trials.most_usd(judge, row) for judge in judges), Decimal(0))
            left = spending.left()
            if left is not None and left < most:
                raise Conflict(
                    _(
                        "Its trials can cost up to %(most)s $, and of this month's OWN_BUDGET_USD %(left)s $ are left. "
                        "Nothing was asked."
                    )
                    % {"most": floatformat(most, 2), "left": floatformat(left, 2)}
                )
            for judge in judges:
                trial = trials.begin(judge=judge, prompt=row, track="deep", starter=_person(request))
                tasks.start(trial.pk)

            messages.info(
                request,
                _("%(version)s: together its trials cost at most %(most)s $, as a rule far less.")
                % {"version": row, "most": floatformat(most, 2)},
            )

        self._each(request, queryset, start, _("its trials have begun; this page shows how far they are."))

    @admin.action(description=gettext_lazy("Activate: judges read it from now on"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[PromptVersion]) -> None:
        self._each(
            request, queryset, lambda row: registry.activate(row=row, operator=_person(request)), _("active now.")
        )

    @admin.action(description=gettext_lazy("Write a new version that begins as this one"), permissions=["add"])
    def copy(self, request: HttpRequest, queryset: QuerySet[PromptVersion]) -> HttpResponse | None:
        row = queryset.first()
        if row is None:
            return None
        return HttpResponseRedirect(f"{reverse('admin:prompts_promptversion_add')}?from={row.version}")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[PromptVersion],
        verb: Callable[[PromptVersion], object],
        done: str,
    ) -> None:
        for row in queryset:
            try:
                verb(row)
            except DomainError as refused:
                messages.error(request, f"{row}: {refused.message}")
            else:
                messages.success(request, f"{row}: {done}")


@admin.register(Trial)
class TrialAdmin(ModelAdmin):
    """How judges did under attack, with honest look-alikes, and in two languages. To read."""

    list_display = ("judge_name", "model", "prompt", "track", "result", "started_by", "created_at")
    list_filter = ("track", "judge", "state", "green")
    list_select_related = ("prompt", "started_by")
    fields = (
        "judge_name",
        "model",
        "prompt",
        "track",
        "result",
        "error",
        "cost",
        "figures",
        "corpus_hash",
        "created_at",
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("judge"), ordering="judge")
    def judge_name(self, trial: Trial) -> str:
        return name_of(trial.judge)

    @display(description=gettext_lazy("result"))
    def result(self, trial: Trial) -> str:
        return outcome(trial)

    @display(description=gettext_lazy("cost"))
    def cost(self, trial: Trial) -> str:
        """Where an organisation's own key was used, its own ledger has the requests."""
        return f"{floatformat(spending.spent_on(trials.reference_of(trial)), 4)} $"

    @display(description=gettext_lazy("figures"))
    def figures(self, trial: Trial) -> SafeString | str:
        if trial.report is None:
            return _("There are none yet.")
        p = trial.report["parity"]["p"]
        context = {
            "report": trial.report,
            "reasons": sentences_of(trial.report),
            "most": f"{MOST:g}",
            "margin": f"{MARGIN:g}",
            "p": "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}",
        }
        return format_html("{}", render_to_string("scoring/prompts/report.html", context))


def _lines(sentences: list[str]) -> SafeString:
    return format_html_join("", "<p>{}</p>", ((text,) for text in sentences))


def _as_written(text: str) -> SafeString:
    """With its line breaks, and broken where the screen ends."""
    return format_html('<span style="white-space: pre-wrap; overflow-wrap: anywhere">{}</span>', text)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin lets nobody else in
    return request.user


def outcome(trial: Trial) -> str:
    if trial.state == Trial.State.DONE:
        return _("passed") if trial.green else _("not passed")
    if trial.state == Trial.State.FAILED:
        return _("could not be finished")
    judged = len(trial.scores)
    return ngettext("%(judged)s of %(count)s case judged", "%(judged)s of %(count)s cases judged", trial.total) % {
        "judged": judged,
        "count": trial.total,
    }
