"""Forms of the account pages. What is allowed is decided by the services; forms carry their refusals to the fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from tenants.errors import DomainError

from . import profiles
from .models import User
from .people import tokens
from .people.models import Team
from .roles import Role
from .sign_in import has_second_factor


class DayInput(forms.DateInput):
    """The browser's own picker of days. It reads ISO dates alone: one that is written as people write it shows as empty."""

    input_type = "date"

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def refuse(form: forms.BaseForm, error: DomainError) -> None:
    """Show what a service refused beside the field it named, else above the form."""
    field = error.details.get("field")
    if field in form.fields:
        form.add_error(field, str(error.details.get("issue") or error.message))
    else:
        form.add_error(None, str(error.details.get("issue") or error.message))


def zone_choices() -> list[tuple[str, Any]]:
    return [("", _("The organisation's")), *((name, name.replace("_", " ")) for name in profiles.time_zones())]


class ProfileForm(forms.Form):
    full_name = forms.CharField(
        label=_("Name"), max_length=150, required=False, widget=forms.TextInput({"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("The organisation's")), *settings.LANGUAGES]
    )
    timezone = forms.ChoiceField(label=_("Time zone"), required=False, choices=zone_choices)


class ExperienceForm(forms.Form):
    job_title = forms.CharField(
        label=_("Your role"), max_length=120, required=False, help_text=_("For example: account executive.")
    )
    experience = forms.ChoiceField(
        label=_("How long have you been selling?"),
        choices=profiles.EXPERIENCE,
        widget=forms.RadioSelect({"class": "radio radio-primary"}),
        required=False,
    )
    goal = forms.ChoiceField(
        label=_("What would you like to get better at first?"),
        choices=profiles.GOALS,
        widget=forms.RadioSelect({"class": "radio radio-primary"}),
        required=False,
    )


class ConsentForm(forms.Form):
    """The answer has no default: nobody consents by pressing on."""

    granted = forms.TypedChoiceField(
        label=_("May your practice calls be recorded?"),
        choices=[("yes", _("Yes, record my calls")), ("no", _("No, do not record me"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect({"class": "radio radio-primary"}),
    )


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What is it for?"), max_length=120)
    scope = forms.ChoiceField(
        label=_("Reach"),
        choices=[(tokens.SCOPES[1], _("Read only")), (tokens.SCOPES[0], _("Everything you may do"))],
    )


class LeaveForm(forms.Form):
    confirm = forms.CharField(
        label=_("Your e-mail address"),
        help_text=_("Write it to confirm."),
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Your password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("Code"),
        help_text=_("From your authenticator app, or a recovery code."),
        max_length=64,
        widget=forms.TextInput({"autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Asks for what the account has: no password where it signs in elsewhere, no code without a second step."""
        super().__init__(*args, **kwargs)
        if not user.has_usable_password():
            del self.fields["password"]
        if not has_second_factor(user):
            del self.fields["code"]


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), initial=Role.TRAINEE)
    team: forms.ModelChoiceField[Team] = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), required=False, empty_label=_("No team")
    )

    def __init__(self, *args: Any, roles: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.all()  # type: ignore[attr-defined]


class SheetForm(forms.Form):
    file = forms.FileField(label=_("Sheet (CSV)"), allow_empty_file=True)


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name of the team"), max_length=120)


def _name_and_address(user: User) -> str:
    """To choose by: two people may have one name."""
    return f"{user.full_name} ({user.email})" if user.full_name else user.email


class SeatForm(forms.Form):
    user_id: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), empty_label=_("Choose…")
    )
    is_manager = forms.BooleanField(label=_("Manages this team"), required=False)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user_id"].queryset = people  # type: ignore[attr-defined]
        self.fields["user_id"].label_from_instance = _name_and_address  # type: ignore[attr-defined]


class JoinForm(forms.Form):
    """A new account for somebody who was invited; the address is the invitation's."""

    full_name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if password := data.get("password"):
            try:
                validate_password(password, User(email=self.email, full_name=data.get("full_name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data
