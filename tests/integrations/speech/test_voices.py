from integrations.speech.voices import DEFAULT_IDS, VOICES, voice_for, voices_for


def test_every_language_has_voices_of_both_genders() -> None:
    for language in ("en", "es"):
        assert {voice.gender for voice in voices_for(language)} == {"female", "male"}


def test_ids_are_unique_and_blends_sum_to_one() -> None:
    assert len({voice.id for voice in VOICES}) == len(VOICES)
    for voice in VOICES:
        assert abs(sum(weight for _, weight in voice.blend) - 1.0) < 1e-9


def test_unknown_or_foreign_voice_falls_back_to_the_default_of_the_language() -> None:
    assert voice_for("nobody", language="en").id == DEFAULT_IDS["en"]
    assert voice_for("carl", language="es").id == DEFAULT_IDS["es"]
    assert voice_for("marcos", language="es").id == "marcos"
