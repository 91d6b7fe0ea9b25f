"""Who of those who can be heard is the trainee? Suggested from the words; said by the owner."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from calls.models import Turn
from calls.uploads.models import FIRST, OTHER, SECOND, SPEAKERS, CallUpload, UploadSegment
from tenants.errors import InvalidInput

LEFT_OUT = "left_out"
ROLES = (Turn.Role.USER.value, Turn.Role.ASSISTANT.value, LEFT_OUT)
# How people say in a call who they are, before their name.
INTRODUCTIONS = {
    "en": r"(?:this is|i am|i'm|my name is|my name's|it's)",
    "es": r"(?:soy|me llamo|mi nombre es|le habla|habla|le saluda)",
}
# What whoever sells says, and whoever picks up does not.
SELLING = {
    "en": r"\b(?:i(?:'m| am) calling (?:about|because|to|from)|reason (?:for|of) my call|we (?:help|offer|work with)|"
    r"our (?:customers|clients|product|solution)|show you|a demo\b|would it make sense)",
    "es": r"\b(?:le llamo|te llamo|el motivo de (?:mi|la) llamada|(?:ayudamos|ofrecemos|trabajamos con)|"
    r"nuestr[oa]s? (?:clientes|producto|soluci[oó]n)|enseñarle|una demo\b|tendría sentido)",
}


def suggest(upload: CallUpload) -> tuple[dict[str, str], str]:
    """A role for each speaker who was heard, and why: name, words, questions or order."""
    said: dict[str, list[str]] = {}
    for speaker, text in upload.segments.order_by("start_ms", "position").values_list("speaker", "text"):
        said.setdefault(speaker, []).append(text)
    words = {speaker: " ".join(texts) for speaker, texts in said.items()}
    trainee, why = _trainee_among(words, upload)
    other = SECOND if trainee == FIRST else FIRST
    return {trainee: Turn.Role.USER.value, other: Turn.Role.ASSISTANT.value, OTHER: LEFT_OUT}, why


def _trainee_among(words: Mapping[str, str], upload: CallUpload) -> tuple[str, str]:
    first_name = (upload.owner.get_full_name().split() or [""])[0]
    if first_name:
        introduced = re.compile(rf"\b{INTRODUCTIONS[upload.language]}\s+{re.escape(first_name)}\b", re.IGNORECASE)
        found = [speaker for speaker, text in words.items() if introduced.search(text)]
        if len(found) == 1:
            return found[0], "name"
    for why, pattern in (("words", SELLING[upload.language]), ("questions", r"\?")):
        counts = {speaker: len(re.findall(pattern, text, re.IGNORECASE)) for speaker, text in words.items()}
        most = max(counts.values(), default=0)
        if most and list(counts.values()).count(most) == 1:
            return max(counts, key=lambda speaker: counts[speaker]), why
    # Whoever is called picks up and speaks first.
    return SECOND, "order"


def reason(upload: CallUpload) -> str:
    """Why the speakers are suggested as they are, as a sentence in the reader's language."""
    return {
        "name": _("One of them says your name as their own."),
        "words": _("One of them talks like somebody who offers something."),
        "questions": _("One of them asks more questions."),
        "order": _("Whoever is called usually speaks first."),
    }.get(upload.suggested_because, "")


def how_told_apart(upload: CallUpload) -> str:
    return {
        "channels": _("Each side has its own channel in the file, so it is sure who says what."),
        "voices": _("Both sides share one channel. They were told apart by their voices, which goes wrong at times."),
        "turns": _("Both sides share one channel and sound alike. They were told apart by pauses only: please check."),
    }.get(upload.told_apart_by, "")


def check_roles(roles: Mapping[str, Any]) -> dict[str, str]:
    """Raises `InvalidInput` for an unknown speaker or role."""
    for speaker, role in roles.items():
        if speaker not in SPEAKERS or role not in ROLES:
            raise InvalidInput(details={"field": f"speakers.{speaker}", "issue": _("Unknown speaker or role.")})
    return {speaker: str(roles.get(speaker, LEFT_OUT)) for speaker in SPEAKERS}


def reassign(upload: CallUpload, changes: Mapping[int, str]) -> None:
    """Set the speaker of single pieces, by position. Raises `InvalidInput` for one that is not there."""
    known = {segment.position: segment for segment in upload.segments.all()}
    changed: list[UploadSegment] = []
    for position, speaker in changes.items():
        if position not in known or speaker not in SPEAKERS:
            raise InvalidInput(details={"field": "segments", "issue": _("There is no such piece or speaker.")})
        if known[position].speaker != speaker:
            known[position].speaker = speaker
            changed.append(known[position])
    UploadSegment.objects.bulk_update(changed, ["speaker"])
