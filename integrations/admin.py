"""Vendors in the organisation's admin: its accounts, which voice services speak, and what vendors told us."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.org_admin import org_site
from accounts.people import audit
from accounts.people.admin import ReadOnlyAdmin, ServiceAdmin
from integrations import accounts, tasks
from integrations.budgets import admin as budgets_admin  # noqa: F401  # registers its pages
from integrations.forms import VendorAccountForm, VoicePolicyForm
from integrations.inbound import ledger
from integrations.inbound.handlers import confidential
from integrations.inbound.redaction import redacted
from integrations.models import InboundEvent, VendorAccount, VoicePolicy
from integrations.vendor_names import OPTIONS, POSTING, name_of
from tenants.context import current_organization, org_url


@admin.register(VendorAccount, site=org_site)
class VendorAccountAdmin(ServiceAdmin):
    """Keys go in and never come out: the page shows that one is set, and its last characters."""

    form = VendorAccountForm
    list_display = ("vendor_name", "key_state", "secret_state", "checked_at", "last_error")
    fields = (
        "vendor",
        "api_key",
        "key_state",
        "webhook_secret",
        "secret_state",
        "webhook_address",
        "options_text",
        "unchecked",
        "checked_at",
        "last_error",
        "known_options",
    )
    readonly_fields = ("key_state", "secret_state", "webhook_address", "known_options", "checked_at", "last_error")
    actions = ("check_now", "end_old_secret")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "vendor_name") if obj else self.readonly_fields

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return ("vendor_name", *self.fields[1:])
        shown_later = {"key_state", "secret_state", "webhook_address", "checked_at", "last_error"}
        return tuple(name for name in self.fields if name not in shown_later)

    def save_model(self, request: HttpRequest, obj: VendorAccount, form: forms.ModelForm, change: bool) -> None:
        given = form.cleaned_data
        saved = accounts.save(
            vendor=given["vendor"],
            api_key=given["api_key"],
            webhook_secret=given["webhook_secret"],
            options=given["options"],
            actor=request.user,
            checked=not given["unchecked"],
        )
        obj.pk, obj._state.adding = saved.pk, False

    def delete_model(self, request: HttpRequest, obj: VendorAccount) -> None:
        accounts.remove(account=obj, actor=request.user)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return []  # the audit trail says what was changed

    @display(description=gettext_lazy("vendor"), ordering="vendor")
    def vendor_name(self, account: VendorAccount) -> str:
        return name_of(account.vendor)

    @display(description=gettext_lazy("key that is set"))
    def key_state(self, account: VendorAccount) -> str:
        return state_of(account.sealed_key, account.key_hint)

    @display(description=gettext_lazy("webhook secret that is set"))
    def secret_state(self, account: VendorAccount) -> str:
        state = state_of(account.sealed_secret, account.secret_hint)
        if account.sealed_old_secret and account.old_secret_until:
            state += " · " + _("the old one until %(when)s") % {
                "when": account.old_secret_until.strftime("%Y-%m-%d %H:%M")
            }
        return state

    @display(description=gettext_lazy("address for the vendor's webhook"))
    def webhook_address(self, account: VendorAccount) -> str:
        if account.vendor not in POSTING:
            return _("none: this vendor posts nothing")
        return webhook_url(account.vendor)

    @display(description=gettext_lazy("options there are"))
    def known_options(self, account: VendorAccount) -> str:
        groups = [(account.vendor, OPTIONS.get(account.vendor, {}))] if account.vendor else list(OPTIONS.items())
        return format_html_join(
            "",
            "<p><strong>{}</strong></p><ul>{}</ul>",
            (
                (
                    name_of(vendor),
                    format_html_join("", "<li><code>{}</code> – {}</li>", ((n, str(v)) for n, v in known.items())),
                )
                for vendor, known in groups
                if known
            ),
        ) or format_html("{}", _("none"))

    @admin.action(description=gettext_lazy("Ask the vendor whether the key works"), permissions=["change"])
    def check_now(self, request: HttpRequest, queryset: QuerySet[VendorAccount]) -> None:
        for account in queryset:
            problem = accounts.check_again(account=account)
            if problem:
                messages.error(request, problem)
            else:
                messages.success(request, _("%(vendor)s takes this key.") % {"vendor": name_of(account.vendor)})

    @admin.action(description=gettext_lazy("End the old webhook secret now"), permissions=["change"])
    def end_old_secret(self, request: HttpRequest, queryset: QuerySet[VendorAccount]) -> None:
        self.each(
            request,
            queryset,
            lambda row: accounts.end_old_secret(account=row, actor=request.user),
            _("the old secret is good no longer."),
        )


def state_of(sealed: str, ending: str) -> str:
    if not sealed:
        return _("not set")
    return _("set · ends in …%(ending)s") % {"ending": ending} if ending else _("set")


def webhook_url(vendor: str) -> str:
    """Where this vendor posts to for the organisation at hand."""
    return org_url(current_organization(), "inbound", vendor=vendor).rstrip("/") + "/"


@admin.register(VoicePolicy, site=org_site)
class VoicePolicyAdmin(ServiceAdmin):
    """One page, not a list: which voice services speak, and who may process what is said."""

    form = VoicePolicyForm
    fieldsets = (
        (gettext_lazy("Voice services"), {"fields": ("voice_1", "voice_2", "voice_3", "voice_4", "voice_failover")}),
        (gettext_lazy("Data"), {"fields": ("allowed", "voice_direct")}),
        (gettext_lazy("Calls"), {"fields": ("phone_calls_allowed",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[VoicePolicy]:
        return super().get_queryset(request).filter(pk=current_organization().pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        address = reverse("admin:integrations_voicepolicy_change", args=[current_organization().pk])
        return HttpResponseRedirect(address)

    def save_model(self, request: HttpRequest, obj: VoicePolicy, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record(request.user, "voice_policy.changed", obj, fields=form.changed_data)


@admin.register(InboundEvent, site=org_site)
class InboundEventAdmin(ReadOnlyAdmin):
    """What vendors told us. Contents are shown without what anybody said."""

    list_display = ("received_at", "vendor", "kind", "state_label", "outcome", "attempts", "error")
    search_fields = ("event_id", "conversation_id", "kind")
    date_hierarchy = "received_at"
    fields = (
        "vendor",
        "kind",
        "event_id",
        "conversation_id",
        "occurred_at",
        "received_at",
        "state_here",
        "processed_at",
        "outcome",
        "attempts",
        "error",
        "next_attempt_at",
        "size_bytes",
        "contents",
    )
    readonly_fields = ("state_here", "contents")
    actions = ("process_again", "discard")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundEvent]:
        """Private practice leaves no trace here either."""
        return super().get_queryset(request).exclude(conversation_id__in=confidential())

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (("vendor", admin.AllValuesFieldListFilter), StateFilter)

    @display(
        description=gettext_lazy("state"),
        label={"handled": "success", "failed": "danger", "trying": "warning", "waiting": "info"},
    )
    def state_label(self, event: InboundEvent) -> tuple[str, str]:
        words = {"handled": _("handled"), "failed": _("given up"), "trying": _("tried again"), "waiting": _("waiting")}
        return event.state, words[event.state]

    @display(description=gettext_lazy("state"))
    def state_here(self, event: InboundEvent) -> str:
        """In words alone: only a list makes a label of key and words."""
        return self.state_label(event)[1]

    @display(description=gettext_lazy("contents"))
    def contents(self, event: InboundEvent) -> str:
        shown = json.dumps(redacted(event.payload), indent=2, ensure_ascii=False)
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', shown)

    @admin.action(description=gettext_lazy("Process again"), permissions=["view"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[InboundEvent]) -> None:
        for event in queryset:
            ledger.replay(event=event)
            audit.record(request.user, "inbound_event.replayed", event, vendor=event.vendor, kind=event.kind)
            tasks.process_inbound.delay(str(event.pk))
            messages.success(request, _("%(event)s: will be processed again.") % {"event": event})

    @admin.action(description=gettext_lazy("Discard: nobody tries again"), permissions=["view"])
    def discard(self, request: HttpRequest, queryset: QuerySet[InboundEvent]) -> None:
        for event in queryset.filter(processed_at=None):
            ledger.discard(event=event, reason=_("by %(person)s") % {"person": request.user})
            audit.record(request.user, "inbound_event.discarded", event, vendor=event.vendor, kind=event.kind)
            messages.success(request, _("%(event)s: discarded.") % {"event": event})


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("handled", _("handled")), ("waiting", _("waiting or tried again")), ("failed", _("given up"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboundEvent]) -> QuerySet[InboundEvent]:
        match self.value():
            case "handled":
                return queryset.exclude(processed_at=None)
            case "waiting":
                return queryset.filter(processed_at=None).exclude(next_attempt_at=None)
            case "failed":
                return queryset.filter(processed_at=None, next_attempt_at=None)
        return queryset
