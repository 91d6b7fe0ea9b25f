"""Forms of the pages on which tracks are written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from scenarios.admin.fields import TextBox
from scenarios.admin.forms import AuthoredForm, KeyedFormSet
from scenarios.training.files import LARGEST_FILE, FileRefused, checked_file, keep
from scenarios.training.models import Program, Track, TrackFile, TrackItem
from scenarios.training.questions import QuestionsInvalid, as_text, parse


class TrackForm(AuthoredForm):
    class Meta:
        model = Track
        fields = "__all__"


class ProgramForm(AuthoredForm):
    class Meta:
        model = Program
        fields = "__all__"


class QuestionsField(forms.Field):
    """Questions as an author writes them; see `scenarios.training.questions`."""

    def __init__(self, **kwargs: Any) -> None:
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget({"rows": 14}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        try:
            return parse(str(value or "").replace("\x00", ""))
        except QuestionsInvalid as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        return as_text(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or []))
        except ValidationError:
            return True


class KeysField(forms.Field):
    """Keys of other items, with commas or spaces between them."""

    def __init__(self, **kwargs: Any) -> None:
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget())
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(str(value or "").replace(",", " ").split()))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(data) != (initial or [])


class TrackItemForm(forms.ModelForm):
    questions = QuestionsField(
        required=False,
        label=gettext_lazy("Questions"),
        help_text=gettext_lazy(
            "One after the other, with an empty line between them. First what is asked, then the options: * before a right "
            "one, - before a wrong one; or numbered lines that are to be put in order. ! before the explanation."
        ),
    )
    requires = KeysField(
        required=False,
        label=gettext_lazy("Opens after"),
        help_text=gettext_lazy("Keys of items that must be passed before, besides the one above it."),
    )

    class Meta:
        model = TrackItem
        exclude = ()  # noqa: DJ006  the inline names them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].required = False
        self.fields["key"].help_text = _("Empty: made from the title.")
        self.fields["text"].widget = TextBox({"rows": 14})

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        kind = values.get("kind")
        if kind == TrackItem.Kind.SCENARIO and not values.get("scenario"):
            self.add_error("scenario", _("Choose the scenario."))
        if kind in {TrackItem.Kind.READING, TrackItem.Kind.CHECK} and not (values.get("title") or "").strip():
            self.add_error("title", _("Give it a title."))
        return values


class TrackItemFormSet(KeyedFormSet):
    """Keys that an author leaves empty are made from the title, else from the scenario's."""

    def clean(self) -> None:
        for form in self.kept():
            values = getattr(form, "cleaned_data", {})
            if not values.get("key"):
                form.instance.key = ""
            scenario = values.get("scenario")
            values["text_of_key"] = values.get("title") or (scenario.title if scenario else "")
        super().clean()
        keys = [form.instance.key for form in self.kept()]
        for form, key in zip(self.kept(), keys, strict=True):
            if keys.count(key) > 1 and not form.errors:
                form.add_error("key", _("Another item has this key."))

    key_source = "text_of_key"


class TrackFileForm(forms.ModelForm):
    upload = forms.FileField(
        required=False, label=gettext_lazy("File"), widget=UnfoldAdminFileFieldWidget(), allow_empty_file=True
    )

    class Meta:
        model = TrackFile
        fields = ("name", "item_key", "withdrawn")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["upload"].help_text = _("At most %(most)d MB. Nobody gets it without a link of Parley's.") % {
            "most": LARGEST_FILE // 1_000_000
        }

    def clean_upload(self) -> Any:
        upload = self.cleaned_data.get("upload")
        if upload is None:
            if self.instance._state.adding:
                raise ValidationError(_("Choose a file."))
            return None
        try:
            return checked_file(upload)
        except FileRefused as error:
            raise ValidationError(str(error.message)) from None

    def save(self, commit: bool = True) -> Any:
        upload = self.cleaned_data.get("upload")
        if upload is not None:
            if self.instance._state.adding:
                keep(self.instance, upload)
            elif upload:
                # Versions that were published keep the file they were published with.
                self.instance = replacement(self.instance)
                keep(self.instance, upload)
        if not self.instance.name and upload is not None:
            self.instance.name = upload.name
        return super().save(commit)


def replacement(file: TrackFile) -> TrackFile:
    """A new row in the place of one whose file was exchanged; the old one is withdrawn."""
    TrackFile.objects.filter(pk=file.pk).update(withdrawn=True)
    return TrackFile(track_id=file.track_id, item_key=file.item_key, name=file.name)
