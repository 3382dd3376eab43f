"""The station's chime, synthesised here: two soft bell strokes, no sample, no licence."""

from functools import cache

import numpy as np

from audio.filters import RATE_HZ, gained
from audio.mastering import measure
from audio.sound_file import TARGET_LUFS
from audio.speech import Samples, Speech

BELOW_SPEECH_LU = 4.0
_PARTIALS = ((1, 1.0), (2, 0.45), (3, 0.2), (4, 0.08))
_RISE_S = 0.005
_DECAY_PER_S = 2.6
_HIGH_HZ, _LOW_HZ = 659.0, 523.0


@cache
def opening() -> Speech:
    """2.4 s: the high bell, then the low one."""
    return _strokes(2.4, ((0.0, _HIGH_HZ), (0.55, _LOW_HZ)))


@cache
def closing() -> Speech:
    """1.4 s: the low bell alone."""
    return _strokes(1.4, ((0.0, _LOW_HZ),))


def _strokes(seconds: float, strokes: tuple[tuple[float, float], ...]) -> Speech:
    sound = np.zeros(round(seconds * RATE_HZ), np.float32)
    for start_s, hz in strokes:
        start = round(start_s * RATE_HZ)
        sound[start:] += _bell(hz, len(sound) - start)
    fade = round(0.05 * RATE_HZ)
    sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    raw = Speech(sound * np.float32(0.1), RATE_HZ)
    return gained(raw, TARGET_LUFS - BELOW_SPEECH_LU - measure(raw).integrated_lufs)


def _bell(hz: float, length: int) -> Samples:
    t = np.arange(length) / RATE_HZ
    tone = sum((level * np.sin(2 * np.pi * hz * n * t) for n, level in _PARTIALS), np.zeros(length))
    bell: Samples = (tone * np.minimum(t / _RISE_S, 1) * np.exp(-_DECAY_PER_S * t)).astype(np.float32)
    return bell
