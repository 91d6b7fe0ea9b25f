"""The voices a persona may speak with. Pure: authoring reads it for its picker, the synthesiser for its recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Gender = Literal["female", "male"]


@dataclass(frozen=True, slots=True)
class Voice:
    """`blend`: Kokoro style files and their weights. `accent`: the reading rules ("us", "gb", "es"). `pace` 1.0 is
    Kokoro's own; higher is faster."""

    id: str
    name: str
    gender: Gender
    language: str
    accent: str
    blend: tuple[tuple[str, float], ...]
    description: str
    pace: float = 1.0


VOICES: tuple[Voice, ...] = (
    Voice("ada", "Ada", "female", "en", "us", (("af_heart", 1.0),), "warm, American"),
    Voice("june", "June", "female", "en", "us", (("af_bella", 1.0),), "bright, American"),
    Voice("martha", "Martha", "female", "en", "gb", (("bf_emma", 1.0),), "measured, British"),
    Voice("carl", "Carl", "male", "en", "us", (("am_michael", 1.0),), "calm, American"),
    Voice("owen", "Owen", "male", "en", "us", (("am_fenrir", 1.0),), "brisk, American", 1.06),
    Voice("reed", "Reed", "male", "en", "us", (("am_puck", 1.0),), "light, American"),
    Voice("theo", "Theo", "male", "en", "gb", (("bm_george", 1.0),), "deep, British"),
    Voice("lucia", "Lucía", "female", "es", "es", (("ef_dora", 1.0),), "clear"),
    Voice("ines", "Inés", "female", "es", "es", (("ef_dora", 0.6), ("af_bella", 0.4)), "warm", 0.98),
    Voice("marcos", "Marcos", "male", "es", "es", (("em_alex", 1.0),), "calm"),
)

BY_ID: dict[str, Voice] = {voice.id: voice for voice in VOICES}
DEFAULT_IDS: dict[str, str] = {"en": "ada", "es": "lucia"}


def voices_for(language: str) -> tuple[Voice, ...]:
    return tuple(voice for voice in VOICES if voice.language == language)


def voice_for(voice_id: str, *, language: str) -> Voice:
    """The voice that will be heard: an unknown id, or one of another language, gives the language's default voice."""
    voice = BY_ID.get(voice_id)
    if voice is None or voice.language != language:
        return BY_ID[DEFAULT_IDS.get(language, "ada")]
    return voice


def style_files() -> frozenset[str]:
    """The Kokoro style files that the catalogue needs."""
    return frozenset(style for voice in VOICES for style, _ in voice.blend)
