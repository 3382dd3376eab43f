"""Pictures and figures of a finished sound."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from audio.clip import Loudness
from audio.mastering import measure
from audio.sound_file import decode
from audio.speech import Marks, Speech


@dataclass(frozen=True)
class Picture:
    """A finished file as decoded: its shape, its level, and what is said when, if the file tells."""

    bars: tuple[float, ...]
    loudness: Loudness
    marks: Marks


def peaks(path: Path, count: int) -> tuple[float, ...]:
    """`count` bars from 0 to 1, the tallest being 1 (all 0 for silence). Raises SoundUnreadable."""
    return _bars(decode(path), count)


def picture(path: Path, count: int) -> Picture:
    """Decoding takes half a second a minute, so the last files are kept. Raises SoundUnreadable and OSError."""
    return _picture(path, path.stat().st_mtime_ns, count)


@lru_cache(maxsize=64)
def _picture(path: Path, changed_at_ns: int, count: int) -> Picture:
    sound = decode(path)
    return Picture(_bars(sound, count), measure(sound), sound.marks)


def _bars(sound: Speech, count: int) -> tuple[float, ...]:
    """Averages, not true peaks: mastered speech has the same peak everywhere and would be drawn as a block."""
    parts = np.array_split(np.abs(sound.samples), count)
    bars = [float(part.mean()) if len(part) else 0.0 for part in parts]
    tallest = max(bars) or 1.0
    return tuple(round(bar / tallest, 3) for bar in bars)
