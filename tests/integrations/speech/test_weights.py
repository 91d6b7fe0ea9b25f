import hashlib
from pathlib import Path

import pytest

from integrations.errors import ProviderNotConfigured
from integrations.speech import weights
from integrations.speech.weights import Joined, Part, Weights, join


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Part, ...]:
    for name, content in (("carrier_one", b"first "), ("carrier_two", b"second")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / "part.bin").write_bytes(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Part("carrier_one", "part.bin"), Part("carrier_two", "part.bin")


def test_parts_are_joined_in_order_and_checked(parts: tuple[Part, ...], tmp_path: Path) -> None:
    target = tmp_path / "cache" / "whole.bin"
    join(Joined("whole.bin", parts, hashlib.sha256(b"first second").hexdigest()), target)
    assert target.read_bytes() == b"first second"
    assert list(target.parent.iterdir()) == [target]


def test_damaged_parts_leave_nothing_behind(parts: tuple[Part, ...], tmp_path: Path) -> None:
    target = tmp_path / "cache" / "whole.bin"
    with pytest.raises(ProviderNotConfigured, match="expected hash"):
        join(Joined("whole.bin", parts, "0" * 64), target)
    assert list(target.parent.iterdir()) == []


def test_half_written_file_is_written_again(parts: tuple[Part, ...], tmp_path: Path) -> None:
    target = tmp_path / "whole.bin"
    target.write_bytes(b"fir")
    join(Joined("whole.bin", parts, ""), target)
    assert target.read_bytes() == b"first second"


def test_absent_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProviderNotConfigured, match="no_such_carrier"):
        join(Joined("x", (Part("no_such_carrier", "x"),), ""), tmp_path / "x")


def test_own_files_win_and_are_not_checked(tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "kokoro").mkdir(parents=True)
    (own / "kokoro" / "model.onnx").write_bytes(b"mine")
    (own / "voices").mkdir()
    (own / "voices" / "af_heart.bin").write_bytes(b"my voice")
    found = Weights(cache=tmp_path / "cache", own=own)
    assert found.model("kokoro") == own / "kokoro"
    assert found.voice("af_heart") == own / "voices" / "af_heart.bin"


def test_foreign_voice_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "af_heart.bin").write_bytes(b"something else")
    with pytest.raises(ProviderNotConfigured, match=r"af_heart\.bin"):
        Weights(cache=tmp_path / "cache", voice_dirs=[tmp_path]).voice("af_heart")


def test_voices_that_were_not_fetched_are_listed(tmp_path: Path) -> None:
    absent = Weights(cache=tmp_path / "cache").keep_voices()
    assert absent == sorted(weights.VOICE_SHA256)
