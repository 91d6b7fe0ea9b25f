"""Forms of the authoring pages: plain messages for bad input, and no silent overwriting of somebody else's save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from scenarios.briefs import LONGEST_SOURCE
from scenarios.models import Criterion, HiddenPain, Objection, Persona, Rubric, Scenario, Status
from scenarios.models.versions import WorkingCopy
from scenarios.serializers import free_key
from scenarios.validation import shorten

from .fields import AnchorsField, LinesField, PairsField, PartsField, SignalsField, VoiceField, refuse_markup


class AuthoredForm(forms.ModelForm):
    """A working copy. `seen_revision` is the revision that the author's page was drawn from."""

    seen_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "seen_revision" in self.fields:
            self.fields["seen_revision"].initial = self.instance.revision

    def has_changed(self) -> bool:
        return bool(set(self.changed_data) - {"seen_revision"})

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name, value in list(values.items()):
            if isinstance(value, str):
                try:
                    refuse_markup(value)
                except ValidationError as error:
                    self.add_error(name, error)
        seen = values.get("seen_revision")
        if seen is not None and not self.instance._state.adding:
            self._refuse_overwriting(seen)
        return values

    def _refuse_overwriting(self, seen: int) -> None:
        """Hold the row until this save ends; tell what somebody else saved since the page was drawn."""
        now = type(self.instance)._default_manager.select_for_update(of=("self",)).get(pk=self.instance.pk)
        if now.revision == seen:
            return
        # Saving once more means "I have read it": the next post carries the revision that was shown here.
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data[self.add_prefix("seen_revision")] = str(now.revision)
        self.data = data
        rows = [
            (self.fields[name].label or name, shorten(str(theirs), 160), shorten(str(mine), 160))
            for name, mine in self.cleaned_data.items()
            if name != "seen_revision" and (theirs := getattr(now, name, None)) != mine
        ]
        differences = format_html_join("", _("<li><b>{}</b>: now “{}”, yours “{}”</li>"), rows)
        message = _(
            "Somebody else saved this while you were editing. Nothing of yours was saved yet. Compare, then save again "
            "to keep your text."
        )
        raise ValidationError(format_html("{}<ul>{}</ul>", message, differences))


class PersonaForm(AuthoredForm):
    facts = PairsField(
        required=False,
        label=gettext_lazy("Facts"),
        help_text=gettext_lazy("One a line, “topic: what the buyer answers”, e.g. “team size: We are forty people.”"),
    )
    voice_id = VoiceField(required=False, label=gettext_lazy("Voice"))
    gender = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Grammatical gender"),
        widget=UnfoldAdminSelectWidget(),
        choices=[("", gettext_lazy("not said")), ("f", gettext_lazy("feminine")), ("m", gettext_lazy("masculine"))],
    )
    provider_assistant_ids = PairsField(
        required=False,
        label=gettext_lazy("Assistants configured at a voice vendor"),
        help_text=gettext_lazy("One a line, “vendor: assistant id”. Empty: Parley configures each call itself."),
    )

    class Meta:
        model = Persona
        fields = "__all__"  # noqa: DJ007  the admin's fieldsets name them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voice = self.fields.get("voice_id")
        if isinstance(voice, VoiceField):
            voice.keep(self.instance.voice_id)


class RubricForm(AuthoredForm):
    class Meta:
        model = Rubric
        fields = "__all__"  # noqa: DJ007


class ScenarioForm(AuthoredForm):
    class Meta:
        model = Scenario
        fields = "__all__"  # noqa: DJ007

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        for name in ("persona", "rubric"):
            part: WorkingCopy | None = values.get(name)
            if part is None:
                continue
            if part.status == Status.ARCHIVED and name in self.changed_data:
                self.add_error(name, _("This is archived; choose another one."))
            if part.language != values.get("language"):
                message = _("This is in %(other)s, the scenario is in another language.")
                self.add_error(name, message % {"other": part.get_language_display()})
        return values


class ChildForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name, value in list(values.items()):
            if isinstance(value, str):
                try:
                    refuse_markup(value)
                except ValidationError as error:
                    self.add_error(name, error)
        return values


class ObjectionForm(ChildForm):
    resolve_hints = LinesField(
        label=gettext_lazy("What settles it"),
        help_text=gettext_lazy(
            "Examples of what a good seller says or asks, one a line. Others in that sense count too."
        ),
    )
    harden_hints = LinesField(
        required=False,
        label=gettext_lazy("What makes it worse"),
        help_text=gettext_lazy("Examples, one a line: a discount at once, talking over it …"),
    )
    required = forms.IntegerField(
        min_value=1,
        max_value=5,
        initial=1,
        label=gettext_lazy("Good answers needed"),
        widget=UnfoldAdminIntegerFieldWidget(),
    )

    class Meta:
        model = Objection
        exclude = ("key",)  # noqa: DJ006  made from the text


class HiddenPainForm(ChildForm):
    reveal_hints = LinesField(
        label=gettext_lazy("Questions that earn it"),
        help_text=gettext_lazy("Examples, one a line. Questions in that sense count too; statements never do."),
    )
    weight = forms.IntegerField(
        min_value=1, max_value=10, initial=1, label=gettext_lazy("Weight"), widget=UnfoldAdminIntegerFieldWidget()
    )

    class Meta:
        model = HiddenPain
        exclude = ("key",)  # noqa: DJ006


class CriterionForm(ChildForm):
    anchors = AnchorsField(
        required=False,
        label=gettext_lazy("Anchors"),
        help_text=gettext_lazy(
            "One a line, “score: what a call of that score sounds like”, e.g. “90: asks three open questions”."
        ),
    )
    signals = SignalsField(
        required=False,
        label=gettext_lazy("What the embedded judge looks for"),
        help_text=gettext_lazy("None: it compares the call with the description, less surely."),
    )

    parts = PartsField(
        required=False,
        label=gettext_lazy("Parts"),
        help_text=gettext_lazy(
            "For “several parts”: what each part asks for, one a line. Each is judged by itself, and all count alike. What "
            "the embedded judge looks for may follow in brackets: “Names a day [asked_next_step]”."
        ),
    )
    source = forms.CharField(
        required=False,
        max_length=LONGEST_SOURCE,
        label=gettext_lazy("Document"),
        widget=UnfoldAdminTextareaWidget({"rows": 6}),
        help_text=gettext_lazy(
            "For “agrees with a document”: the facts, in short sentences, or “document: ” and the name of a document of the "
            "knowledge base. What the trainee says of them is compared with it."
        ),
    )
    partial = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=99,
        initial=0,
        label=gettext_lazy("Points when half met"),
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=gettext_lazy("Of 100, for a yes-or-no criterion or a part of one. 0: half met earns nothing."),
    )
    must_come_up = forms.BooleanField(
        required=False,
        label=gettext_lazy("Must come up in every call"),
        widget=UnfoldBooleanSwitchWidget(),
        help_text=gettext_lazy("Off: a call that gave no occasion for it is scored without it."),
    )

    class Meta:
        model = Criterion
        exclude = ("key",)  # noqa: DJ006

    def clean_partial(self) -> int:
        return int(self.cleaned_data.get("partial") or 0)


class KeyedFormSet(PaginationInlineFormSet):
    """Children with keys that are made from their text and then stay, whatever the text becomes."""

    key_source = "text"

    def kept(self) -> list[Any]:
        """The forms that will be rows after saving."""
        empty = [form for form in self.extra_forms if not form.has_changed()]
        return [form for form in self.forms if form not in self.deleted_forms and form not in empty]

    def clean(self) -> None:
        super().clean()
        taken = {form.instance.key for form in self.kept() if form.instance.key}
        for form in self.kept():
            if not form.instance.key:
                form.instance.key = free_key(str(form.cleaned_data.get(self.key_source, "")), taken)
                taken.add(form.instance.key)
        self._put_new_ones_last()

    def _put_new_ones_last(self) -> None:
        """A row that was added and not dragged anywhere asks for the first place, which another one has."""
        places: set[int] = set()
        for form in self.kept():
            if form in self.extra_forms and form.instance.position in places:
                form.instance.position = max(places) + 1
            places.add(form.instance.position)


class PainFormSet(KeyedFormSet):
    key_source = "pain"


class CriterionFormSet(KeyedFormSet):
    key_source = "name"

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or not self.kept():
            return
        total = sum(form.cleaned_data.get("weight") or 0 for form in self.kept())
        if total != 100:
            raise ValidationError(
                _("The weights add up to %(total)d; they must add up to 100."), params={"total": total}
            )
        names = [form.cleaned_data["name"].strip().casefold() for form in self.kept()]
        for form, name in zip(self.kept(), names, strict=True):
            if names.count(name) > 1:
                form.add_error("name", _("Another criterion has this name."))
