"""The form for a scenario of one's own: the business, how it speaks, and whom to call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scenarios.models.personas import Difficulty, Personality
from scenarios.models.scenarios import Mode
from scenarios.models.versions import Language

LINES = {"rows": 3}
BUSINESS = ("company", "sells", "audience", "price", "next_step", "competitors", "objections", "proof_points")
BRANDING = ("tone", "banned_words")
BUYER = ("industry", "role", "personality", "difficulty", "mode", "language")
ONE_A_LINE = _("One on each line.")


class OwnScenarioForm(forms.Form):
    """Names of fields are those of `scenarios.generation.inputs`, which checks what is in them."""

    company = forms.CharField(label=_("Your company"), max_length=120)
    sells = forms.CharField(label=_("What it sells"), max_length=300)
    audience = forms.CharField(label=_("To whom"), max_length=300, required=False)
    price = forms.CharField(label=_("Price and terms"), max_length=300, required=False)
    next_step = forms.CharField(
        label=_("Next step to agree on"), max_length=160, required=False, help_text=_("For example: a demo next week.")
    )
    competitors = forms.CharField(
        label=_("Competitors"), required=False, help_text=ONE_A_LINE, widget=forms.Textarea(LINES)
    )
    objections = forms.CharField(
        label=_("Objections you hear"), required=False, help_text=ONE_A_LINE, widget=forms.Textarea(LINES)
    )
    proof_points = forms.CharField(
        label=_("Proof points"), required=False, help_text=ONE_A_LINE, widget=forms.Textarea(LINES)
    )
    tone = forms.CharField(label=_("How your company speaks"), max_length=300, required=False)
    banned_words = forms.CharField(
        label=_("Words it does not use"), required=False, help_text=ONE_A_LINE, widget=forms.Textarea(LINES)
    )
    industry = forms.CharField(label=_("Industry of the buyer"), max_length=120, required=False)
    role = forms.CharField(label=_("Job title of the buyer"), max_length=120, required=False)
    personality = forms.ChoiceField(label=_("Personality"), choices=Personality.choices)
    difficulty = forms.ChoiceField(label=_("Difficulty"), choices=Difficulty.choices, initial=Difficulty.MEDIUM)
    mode = forms.ChoiceField(label=_("Kind of call"), choices=Mode.choices)
    language = forms.ChoiceField(label=_("Language of the call"), choices=Language.choices)

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in the order in which they are asked, with what each group is about."""
        return [
            (_("The business"), [self[name] for name in BUSINESS]),
            (_("How it speaks"), [self[name] for name in BRANDING]),
            (_("Whom you call"), [self[name] for name in BUYER]),
        ]

    def wish(self) -> dict[str, Any]:
        """What was typed, as `services.make` takes it; what was left empty is left out."""
        typed = {name: value for name, value in self.cleaned_data.items() if value}

        def part(names: tuple[str, ...]) -> dict[str, Any]:
            return {name: typed[name] for name in names if name in typed}

        return {"business": part(BUSINESS), "branding": part(BRANDING), **part(BUYER)}
