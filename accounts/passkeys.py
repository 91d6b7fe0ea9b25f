"""Forms of passkeys. allauth gives the name of one no label of its own, and so none that could be translated."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class Named(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")


class PasskeyForm(Named, AddWebAuthnForm):
    pass


class PasskeyNameForm(Named, EditWebAuthnForm):
    pass
