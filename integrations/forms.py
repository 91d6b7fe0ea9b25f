"""Forms of the organisation's admin: accounts with vendors, and which voice services speak."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from integrations import accounts
from integrations.errors import ProviderError
from integrations.models import VendorAccount, VoicePolicy
from integrations.resilience import breaker_state
from integrations.vendor_names import (
    ACCOUNTS,
    AI_PROVIDERS,
    KEYLESS,
    OPTIONS,
    POSTING,
    VOICES,
    knows_option,
    name_of,
)
from integrations.vendors import VendorKeys, keys_of_all

LONGEST_SECRET = 500
LONGEST_OPTION = 300
# Options that know certain words only; another one would have everything refused that the vendor posts.
WORDS = {
    "webhook_auth": ("hmac", "bearer", "secret"),
    "hmac_algorithm": ("sha256", "sha1", "sha512"),
    "hmac_encoding": ("hex", "base64"),
    "hmac_include_timestamp": ("true", "false"),
    "hmac_secret_is_base64": ("true", "false"),
}


def secret_field(label: Any, help_text: Any) -> forms.CharField:
    """A box that is always empty: what is stored is never sent to a browser."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=LONGEST_SECRET,
        widget=UnfoldAdminPasswordWidget(
            render_value=False, attrs={"autocomplete": "new-password", "spellcheck": "false"}
        ),
    )


class VendorAccountForm(forms.ModelForm):
    api_key = secret_field(
        gettext_lazy("Key"), gettext_lazy("Leave empty to keep the one that is set. It is never shown again.")
    )
    webhook_secret = secret_field(
        gettext_lazy("Webhook secret"),
        gettext_lazy("Signs what the vendor posts to us. After a change the old one stays good for two days."),
    )
    options_text = forms.CharField(
        label=gettext_lazy("Options"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, as name = value. What each vendor knows is listed below."),
    )
    unchecked = forms.BooleanField(
        label=gettext_lazy("Save without asking the vendor"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("For a vendor that cannot be reached just now."),
    )

    class Meta:
        model = VendorAccount
        fields = ("vendor",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vendor = self.fields.get("vendor")
        if vendor is not None:
            taken = set(VendorAccount.objects.values_list("vendor", flat=True))
            choices = [(name, name_of(name)) for name in ACCOUNTS if name not in taken]
            self.fields["vendor"] = forms.ChoiceField(
                label=gettext_lazy("Vendor"), choices=choices, widget=UnfoldAdminSelectWidget
            )
        options = self.instance.options or {}
        self.fields["options_text"].initial = "\n".join(f"{name} = {value}" for name, value in sorted(options.items()))

    def clean_api_key(self) -> str:
        return self._one_line("api_key")

    def clean_webhook_secret(self) -> str:
        return self._one_line("webhook_secret")

    def _one_line(self, name: str) -> str:
        value: str = self.cleaned_data[name].strip()
        if not value.isprintable() or " " in value or not value.isascii():
            raise ValidationError(_("This does not look like a key: it has spaces or special characters in it."))
        return value

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        vendor = self.instance.vendor or cleaned.get("vendor", "")
        cleaned["vendor"] = vendor
        cleaned["options"] = self._options(vendor, cleaned.get("options_text", ""))
        if cleaned.get("webhook_secret") and vendor not in POSTING:
            self.add_error("webhook_secret", _("This vendor posts nothing to us, so it has no secret."))
        if not self.instance.sealed_key and not cleaned.get("api_key") and vendor not in KEYLESS:
            self.add_error("api_key", _("An account needs a key."))
        if vendor and not self.errors and not cleaned.get("unchecked"):
            self._ask(vendor, cleaned)
        return cleaned

    def _options(self, vendor: str, text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            name, sign, value = (part.strip() for part in line.partition("="))
            if not sign or not name or not value or len(line) > LONGEST_OPTION or not line.strip().isprintable():
                self.add_error(
                    "options_text", _("Line %(number)d is not of the form name = value.") % {"number": number}
                )
            elif vendor and not knows_option(vendor, name):
                known = ", ".join(OPTIONS.get(vendor, {})) or _("none")
                said = _("%(vendor)s has no option “%(name)s”. It knows: %(known)s.")
                self.add_error("options_text", said % {"vendor": name_of(vendor), "name": name, "known": known})
            elif value not in WORDS.get(name, (value,)):
                said = _("The option “%(name)s” can be: %(known)s.")
                self.add_error("options_text", said % {"name": name, "known": ", ".join(WORDS[name])})
            else:
                found[name] = value
        return found

    def _ask(self, vendor: str, cleaned: dict[str, Any]) -> None:
        keys = accounts.proposed(
            vendor=vendor,
            api_key=cleaned.get("api_key", ""),
            options=cleaned["options"],
            account=self.instance if self.instance.sealed_key else None,
        )
        try:
            accounts.check(keys)
        except ProviderError as error:
            self.add_error("api_key" if vendor not in KEYLESS else None, accounts.explained(error))


def standing_of(keys: VendorKeys) -> str:
    """What keeps a voice service from being asked now, for whoever chose it; empty where nothing does."""
    service = name_of(keys.vendor)
    if not keys.usable:
        said = _("No key is set for %(service)s: calls pass it over. Keys are entered under “Vendor accounts”.")
        return said % {"service": service}
    if keys.vendor in KEYLESS:
        return ""
    state = breaker_state(keys.vendor, account=keys.account)
    if state.state == "resting":
        said = _("%(service)s failed several times in a row and rests for another %(seconds)d s: calls pass it over.")
        return said % {"service": service, "seconds": state.whole_seconds}
    if state.state == "probing":
        return _("%(service)s failed a while ago; the next call decides whether it is back.") % {"service": service}
    return ""


def voice_choices(*, empty: Any) -> list[tuple[str, Any]]:
    return [("", empty), *[(name, name_of(name)) for name in VOICES]]


class VoicePolicyForm(forms.ModelForm):
    """Plain questions instead of lists of names."""

    allowed = forms.MultipleChoiceField(
        label=gettext_lazy("Who may process what is said"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("Tick none for no restriction. Parley's own engine sends nothing anywhere."),
    )

    class Meta:
        model = VoicePolicy
        fields = (
            "voice_failover",
            "voice_direct",
            "phone_calls_allowed",
        )

    PLACES = (
        ("voice_1", gettext_lazy("First voice service"), gettext_lazy("as the installation has it")),
        ("voice_2", gettext_lazy("Then"), pgettext_lazy("voice service", "none")),
        ("voice_3", gettext_lazy("Then"), pgettext_lazy("voice service", "none")),
        ("voice_4", gettext_lazy("Then"), pgettext_lazy("voice service", "none")),
    )
    voice_1 = voice_2 = voice_3 = voice_4 = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [*self.instance.voice_providers, *([""] * len(self.PLACES))]
        keys = keys_of_all(name for name in chosen if name in VOICES)
        for (name, label, empty), value in zip(self.PLACES, chosen, strict=False):
            self.fields[name] = forms.ChoiceField(
                label=label,
                required=False,
                help_text=standing_of(keys[value]) if value in keys else "",
                initial=value,
                choices=voice_choices(empty=empty),
                widget=UnfoldAdminSelectWidget,
            )
        allowed = self.fields["allowed"]
        assert isinstance(allowed, forms.MultipleChoiceField)
        allowed.choices = [(name, name_of(name)) for name in AI_PROVIDERS]
        allowed.initial = self.instance.allowed_ai_providers

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        named = [cleaned[name] for name, _label, _empty in self.PLACES if cleaned.get(name)]
        if len(named) != len(set(named)):
            self.add_error("voice_1", _("Each voice service can be named once."))
        allowed = cleaned.get("allowed", [])
        barred = [name_of(name) for name in named if allowed and name not in allowed]
        if barred:
            said = _("Not among those that may process what is said: %(names)s.")
            self.add_error("allowed", said % {"names": ", ".join(barred)})
        if allowed and not set(allowed) & set(VOICES):
            self.add_error("allowed", _("Nobody of these can speak: no call could be held."))
        self.instance.voice_providers = named
        self.instance.allowed_ai_providers = [name for name in AI_PROVIDERS if name in allowed]
        return cleaned
