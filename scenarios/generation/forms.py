"""Forms of the pages that ask for drafts. What is checked is checked by `inputs`, as for the API; here it is only drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from scenarios.models.personas import Difficulty, Personality
from scenarios.models.scenarios import Mode
from scenarios.models.versions import Language

from .inputs import BrandingSerializer, BusinessSerializer
from .models import Generation

ACCEPTED = ".pdf,.docx,.md,.markdown,.txt,.html,.htm"
LISTS = ("competitors", "objections", "proof_points", "banned_words")


def line(label: Any, *, required: bool = False, most: int = 300, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=help_text, widget=UnfoldAdminTextInputWidget()
    )


def lines(label: Any, *, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )


def choice(label: Any, choices: Any, initial: Any = None) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, initial=initial, required=False, widget=UnfoldAdminSelectWidget()
    )


class WishForm(forms.Form):
    """What is left to choose besides the material. Fields that make no sense for what is made are taken out."""

    industry = line(_("industry of the buyer"), most=120)
    role = line(_("job title of the buyer"), most=120)
    personality = choice(_("personality"), Personality.choices, Personality.SKEPTICAL)
    difficulty = choice(_("difficulty"), Difficulty.choices, Difficulty.MEDIUM)
    mode = choice(_("mode"), Mode.choices, Mode.COLD_CALL)
    language = choice(_("language"), Language.choices)
    branching = forms.BooleanField(
        label=_("with a front desk before the buyer"), required=False, widget=UnfoldBooleanSwitchWidget()
    )
    allow_embedded = forms.BooleanField(
        label=_("make it from templates where no language model answers"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget(),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        for name in self._left_out():
            del self.fields[name]

    def _left_out(self) -> tuple[str, ...]:
        if self.kind == Generation.Kind.RUBRIC:
            return ("industry", "role", "personality", "difficulty", "mode", "branching")
        return ("mode", "branching") if self.kind == Generation.Kind.PERSONA else ()

    def wish(self) -> dict[str, Any]:
        """What was typed, in the shape that `inputs` checks; nothing where a field was left empty."""
        typed = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        typed.pop("allow_embedded", None)
        typed.pop("file", None)
        return self._shaped(typed)

    def _shaped(self, typed: dict[str, Any]) -> dict[str, Any]:
        return typed

    def show(self, fields: Mapping[str, list[str]]) -> None:
        """Put messages beside the fields they are about; `business.company` is the field `company`."""
        for path, messages in fields.items():
            name = path.split("[")[0].removeprefix("business.").removeprefix("branding.")
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


class ProfileForm(WishForm):
    industry = line(_("industry of the buyer"), required=True, most=120)
    role = line(_("job title of the buyer"), required=True, most=120)


class BusinessForm(WishForm):
    company = line(_("your company"), required=True, most=120)
    sells = line(_("what it sells"), required=True)
    audience = line(
        _("to whom"), help_text=_("For example: regional freight companies with twenty to two hundred vans.")
    )
    price = line(_("price and terms"))
    process = line(_("how it starts"), help_text=_("What happens in the first weeks, and who does the work."))
    next_step = line(_("next step to agree on"), most=160)
    competitors = lines(_("competitors"), help_text=_("One in each line."))
    objections = lines(_("objections you hear"), help_text=_("One in each line, in the words of your buyers."))
    proof_points = lines(_("proof points"), help_text=_("One in each line: a result, a reference, a figure."))
    tone = line(_("tone"))
    banned_words = lines(_("words that are not used"), help_text=_("One in each line."))

    field_order = (
        *("company", "sells", "audience", "price", "process", "next_step", "competitors", "objections", "proof_points"),
        *("tone", "banned_words"),
    )

    def _shaped(self, typed: dict[str, Any]) -> dict[str, Any]:
        for name in LISTS:
            if name in typed:
                typed[name] = [text.strip() for text in typed[name].splitlines() if text.strip()]
        business = {name: typed.pop(name) for name in BusinessSerializer().fields if name in typed}
        branding = {name: typed.pop(name) for name in BrandingSerializer().fields if name in typed}
        return {**typed, "business": business, "branding": branding}


class PlaybookForm(WishForm):
    file = forms.FileField(
        label=_("Playbook"),
        help_text=_("PDF, Word (.docx), Markdown, HTML or plain text."),
        widget=UnfoldAdminFileFieldWidget({"accept": ACCEPTED}),
    )

    language = choice(_("language"), [("", _("as the file is written")), *Language.choices])

    field_order = ("file",)


FORMS: Mapping[str, type[WishForm]] = {
    Generation.Source.PROFILE: ProfileForm,
    Generation.Source.BUSINESS: BusinessForm,
    Generation.Source.PLAYBOOK: PlaybookForm,
}


def sources_for(kind: str) -> list[str]:
    """What something can be made from; the first is on offer first."""
    first = [Generation.Source.PROFILE] if kind == Generation.Kind.PERSONA else []
    return [*first, Generation.Source.PLAYBOOK, Generation.Source.BUSINESS]


def initial_from(generation: Generation) -> dict[str, Any]:
    """What was typed for a job, to be changed and sent again."""
    typed = dict(generation.input)
    typed |= typed.pop("business", {})
    typed |= typed.pop("branding", {})
    for name in LISTS:
        if isinstance(typed.get(name), list):
            typed[name] = "\n".join(typed[name])
    return {**typed, "allow_embedded": generation.allow_embedded}
