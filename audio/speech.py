"""The port to voices: words in, sound out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

# People read Vietnamese at two to six syllables a second; outside these bounds words were lost or noise was added.
FASTEST_SYLLABLES_PER_S = 7.0
SLOWEST_SYLLABLES_PER_S = 1.5


Marks = tuple[tuple[float, str], ...]
"""What is said when: seconds from the start, and the words that begin there."""


@dataclass(frozen=True)
class Speech:
    """Mono sound; full scale is 1.0. A recording by a person carries no marks."""

    samples: Samples
    rate_hz: int
    marks: Marks = ()

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate_hz


class EngineUnavailable(Exception):
    """The engine cannot run here now. The message is Vietnamese and says what is missing."""


class EngineFailed(Exception):
    """The engine ran and gave no usable sound. The message is Vietnamese and says why."""


class EngineBusy(EngineFailed):
    """The service asks to be left alone (429). `retry_after` is None when it does not say for how long."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnreadWords(Exception):
    """The text holds words that no voice should guess at; `words` names them for the editor."""

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__(
            f"Giọng đọc chưa biết đọc: {', '.join(words)}. Lời đọc vẫn giữ nguyên. "
            "Anh/chị viết lại các từ này theo cách đọc, hoặc thêm vào từ điển phát âm."
        )
        self.words = words


@dataclass(frozen=True)
class Account:
    """A customer's account with a speech service. The key appears in no log, message or `repr`."""

    key: str = field(repr=False)
    voice: str = ""  # empty: the engine's own choice


@dataclass(frozen=True)
class Means:
    """What engines are made from; each takes what it needs."""

    voice_dirs: tuple[Path, ...] = ()  # searched in order; what is fetched goes into the last
    may_fetch: bool = False
    accounts: Mapping[str, Account] = field(default_factory=dict)  # by the name of the engine


class SpeechEngine(Protocol):
    """One way to turn spoken words into sound. Calls block; callers use threads.

    `voice` and `version` belong to the cache key: together with the words and the rate they shape the sound.
    `draft` marks sound that is not clear enough for a station.
    """

    name: str
    voice: str
    version: str
    needs_network: bool
    draft: bool

    def check(self) -> None:
        """Cheap and offline. Raises EngineUnavailable."""

    def synthesize(self, words: str, rate: float) -> Speech:
        """Read clean spoken words; `rate` 1.0 is the usual pace, 0.8 slower.

        Raises EngineUnavailable, EngineFailed or UnreadWords.
        """
        ...


def syllables(words: str) -> int:
    """Vietnamese writes one syllable per token, so tokens that hold a letter or a figure are counted."""
    return sum(any(c.isalnum() for c in token) for token in words.split())


def implausible_length(seconds: float, words: str) -> str | None:
    """Why this length cannot be a reading of these words, in Vietnamese; None when it can."""
    count = syllables(words)
    if seconds < count / FASTEST_SYLLABLES_PER_S:
        return f"chỉ dài {seconds:.1f} giây cho {count} tiếng, có lẽ bị cắt mất một đoạn"
    # One second of grace: a single word carries the silence around it.
    if seconds > count / SLOWEST_SYLLABLES_PER_S + 1.0:
        return f"dài đến {seconds:.1f} giây cho {count} tiếng, có lẽ lẫn tạp âm"
    return None
