import pytest
from django.core.exceptions import ImproperlyConfigured

from integrations.voice.embedded import EmbeddedProvider
from integrations.voice.registry import default_name, provider


def test_without_a_choice_the_embedded_engine_speaks(settings: object) -> None:
    assert default_name() == "embedded"
    assert isinstance(provider("embedded"), EmbeddedProvider)
    assert provider("embedded") is provider("embedded")


def test_an_unknown_vendor_is_a_plain_sentence(settings: object) -> None:
    settings.VOICE_PROVIDER = "carrier-pigeon"  # type: ignore[attr-defined]
    with pytest.raises(ImproperlyConfigured, match="carrier-pigeon"):
        default_name()
    with pytest.raises(ImproperlyConfigured, match="no voice provider"):
        provider("carrier-pigeon")
