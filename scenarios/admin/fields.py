"""Form fields for what the database keeps as JSON and authors write as lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from integrations.speech.voices import VOICES
from scenarios.briefs import MOST_PARTS
from scenarios.models.versions import Language
from scenarios.serializers import with_keys
from scenarios.signals import SIGNALS
from scenarios.wording import MARKUP

LONGEST_LINE = 500
PART_LINE = re.compile(r"(?P<text>[^\[\]]+)\[(?P<signals>[a-z_, ]*)\]")


def refuse_markup(text: str) -> None:
    """Raises `ValidationError` for HTML: authored text is read out loud, never rendered."""
    if found := MARKUP.search(text):
        raise ValidationError(_("Take the HTML (“%(tag)s”) out; this text is read out loud."), params={"tag": found[0]})


class TextBox(UnfoldAdminTextareaWidget):
    """Lines end as everywhere else in what is authored, not as browsers send them: else a text that nobody touched
    would count as changed when a package is merged."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class TextField(forms.Field):
    """Lines of text that become JSON."""

    rows = 3

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget({"rows": self.rows}))
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        super().__init__(**kwargs)

    def lines(self, value: Any) -> Iterator[str]:
        text = str(value or "")
        ProhibitNullCharactersValidator()(text)
        refuse_markup(text)
        for line in text.splitlines():
            if stripped := line.strip():
                if len(stripped) > LONGEST_LINE:
                    raise ValidationError(
                        _("A line has more than %(most)d characters: “%(line)s…”"),
                        params={"most": LONGEST_LINE, "line": stripped[:40]},
                    )
                yield stripped

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or self.to_python("")))
        except ValidationError:
            return True


class LinesField(TextField):
    """A list of texts, one a line."""

    def to_python(self, value: Any) -> list[str]:
        return list(self.lines(value))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class PairsField(TextField):
    """`topic: answer`, one pair a line."""

    rows = 6

    def to_python(self, value: Any) -> dict[str, str]:
        pairs: dict[str, str] = {}
        for line in self.lines(value):
            name, colon, text = line.partition(":")
            name, text = name.strip(), text.strip()
            if not colon or not name or not text:
                raise ValidationError(_("Write “topic: answer” in “%(line)s”."), params={"line": line[:60]})
            if name in pairs:
                raise ValidationError(_("“%(name)s” is there twice."), params={"name": name})
            pairs[self.checked_name(name)] = text
        return pairs

    def checked_name(self, name: str) -> str:
        return name

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name}: {text}" for name, text in value.items()) if isinstance(value, dict) else value


class AnchorsField(PairsField):
    """`score: what a call of that score sounds like`, one a line."""

    rows = 4

    def checked_name(self, name: str) -> str:
        if not name.isdecimal() or int(name) > 100:
            raise ValidationError(_("“%(name)s” is no score from 0 to 100."), params={"name": name})
        return str(int(name))


class PartsField(TextField):
    """The parts of a compound criterion, one a line; signals may follow in brackets: `Names a day [asked_next_step]`."""

    rows = 4

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = []
        for line in self.lines(value):
            found = PART_LINE.fullmatch(line)
            text, named = (found["text"], found["signals"]) if found else (line, "")
            signals = [name.strip() for name in named.split(",") if name.strip()]
            if unknown := [name for name in signals if name not in SIGNALS]:
                raise ValidationError(_("“%(name)s” is no signal of the embedded judge."), params={"name": unknown[0]})
            parts.append({"text": text.strip(), "signals": signals})
        if len(parts) > MOST_PARTS:
            raise ValidationError(_("At most %(most)d parts."), params={"most": MOST_PARTS})
        return with_keys(parts)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(
            f"{part['text']} [{', '.join(part['signals'])}]" if part.get("signals") else part["text"] for part in value
        )


class SignalsField(forms.MultipleChoiceField):
    """What the embedded judge looks for; names that an import brought along stay."""

    def __init__(self, **kwargs: Any) -> None:
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        super().__init__(choices=list(SIGNALS.items()), widget=UnfoldAdminCheckboxSelectMultipleWidget(), **kwargs)

    def valid_value(self, value: Any) -> bool:
        return value in SIGNALS


def voice_choices() -> list[tuple[Any, Any]]:
    """Voices by language, for a picker."""
    groups: list[tuple[Any, Any]] = [("", gettext_lazy("the default voice of the language"))]
    for code, label in Language.choices:
        voices = [(voice.id, f"{voice.name} – {voice.description}") for voice in VOICES if voice.language == code]
        groups.append((label, voices))
    return groups


class VoiceField(forms.ChoiceField):
    """One of the voices that come with Parley, or a vendor's voice id that is there already."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("max_length", None)
        super().__init__(choices=voice_choices, widget=UnfoldAdminSelectWidget(), **kwargs)

    def keep(self, voice_id: str) -> None:
        """Offer a voice id that is not ours, so that saving does not lose it."""
        if voice_id and voice_id not in {voice.id for voice in VOICES}:
            self.choices = [*voice_choices(), (voice_id, voice_id)]
