"""The chain that makes speech carry over horn loudspeakers, and the meter it is set by.

Horns pass 300 Hz to 6 kHz and their amplifiers are limited by peak voltage: bass is removed and the average level raised
under a fixed peak. Against noise this saves a third to a half of the words that a recogniser mishears; the figures below
were chosen by that measure.
"""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from audio.clip import Loudness
from audio.filters import Step, filtered, frames_of, gained, resampled
from audio.sound_file import TARGET_LUFS, decode
from audio.speech import Samples, Speech

CHAIN_VERSION = "2"  # part of the cache key: raise it with any change of sound
SILENCE_LUFS = -70.0  # the meter's absolute gate
CEILING_DBTP = -2.0

_RUMBLE: Step = ("highpass", "f=120:p=2")
_SHAPE: tuple[Step, ...] = (
    ("highpass", "f=150:p=2"),
    ("highpass", "f=150:p=2"),
    ("equalizer", "f=2500:t=o:w=2:g=3"),
)
# The threshold is absolute, so every voice is brought to one level before it.
_BEFORE_COMPRESSOR_LUFS = -20.0
_COMPRESSOR: Step = ("acompressor", "threshold=0.05:ratio=4:attack=3:release=80:makeup=1:knee=4")
_LEVEL_ROUNDS = 8
_MOST_GAIN_DB = 60.0  # a lone click never gets loud: stop before the numbers overflow
_LEVEL_TOLERANCE_LU = 0.05
_PEAK_TOLERANCE_DB = 0.1
# The words stay as they were read and are only drawn out. Much slower, and syllables begin to stutter.
_SLOW_TEMPO = 0.85


def master(speech: Speech, denoise: bool = False) -> Speech:
    """One spoken item, ready to air: -14 LUFS, peaks under the ceiling. `denoise` for recordings from phones."""
    # One name throughout: fifteen minutes are 160 MB, and each step would keep its own.
    sound = resampled(speech)
    if denoise:
        sound = _denoised(sound)
    sound = filtered(sound, *_SHAPE)
    sound = gained(sound, _BEFORE_COMPRESSOR_LUFS - measure(sound).integrated_lufs)
    return levelled(filtered(sound, _COMPRESSOR), TARGET_LUFS)


def without_waiting(recording: Speech) -> Speech:
    """Cut what a person recorded before and after speaking; when in doubt (a loud room) nothing is cut."""
    level_db, room_db, voice_db = _room_and_voice(recording)
    heard = np.flatnonzero(level_db > max(voice_db - 40, min(room_db + 6, voice_db - 20)))
    margin = round(0.2 * recording.rate_hz)
    start, end = heard[0] * _block(recording) - margin, (heard[-1] + 1) * _block(recording) + margin
    return Speech(recording.samples[max(0, start) : end], recording.rate_hz)


def _denoised(recording: Speech) -> Speech:
    """Told where this room's noise lies, the filter takes 9 to 12 dB off it; left to find out itself (tn=1), 1 to 3."""
    quiet = filtered(recording, _RUMBLE)
    _, room_db, voice_db = _room_and_voice(quiet)
    floor_db = float(np.clip(min(room_db + 3, voice_db - 20), -80, -20))
    return filtered(quiet, ("afftdn", f"nr=12:nf={floor_db:.1f}"))


def _room_and_voice(recording: Speech) -> tuple[Samples, float, float]:
    """Level of each block in dBFS, of the pauses between words, and of the words."""
    block = _block(recording)
    blocks = recording.samples[: len(recording.samples) // block * block].reshape(-1, block)
    level_db = 10 * np.log10(np.einsum("ij,ij->i", blocks, blocks) / block + 1e-9)
    return level_db, float(np.percentile(level_db, 5)), float(np.percentile(level_db, 95))


def _block(recording: Speech) -> int:
    return recording.rate_hz // 50


def levelled(speech: Speech, target_lufs: float, ceiling_dbtp: float = CEILING_DBTP) -> Speech:
    """Gain and limiter, repeated until the level is met within 0.05 LU (two to five rounds happen).

    Sound that is there already stays as it is: a reading that waited in a lossless file.
    """
    found = measure(speech)
    gain_db = target_lufs - found.integrated_lufs
    if abs(gain_db) <= _LEVEL_TOLERANCE_LU and found.true_peak_dbtp <= ceiling_dbtp + _PEAK_TOLERANCE_DB:
        return speech
    out = speech
    for _ in range(_LEVEL_ROUNDS):
        out = limited(gained(speech, gain_db), ceiling_dbtp)
        off_db = target_lufs - measure(out).integrated_lufs
        if abs(off_db) <= _LEVEL_TOLERANCE_LU:
            break
        gain_db = min(gain_db + off_db, _MOST_GAIN_DB)
    return out


def limited(speech: Speech, ceiling_dbtp: float) -> Speech:
    """Limited at four times the rate, so that peaks between samples are caught too."""
    limit = f"limit={10 ** (ceiling_dbtp / 20):.6f}:attack=3:release=80:level=disabled:latency=1"
    rate = str(speech.rate_hz)
    return filtered(speech, ("aresample", str(speech.rate_hz * 4)), ("alimiter", limit), ("aresample", rate))


def slowed(speech: Speech) -> Speech:
    """The same reading drawn out by a sixth, at the same pitch: for horns that answer each other across a valley."""
    marks = tuple((at_s / _SLOW_TEMPO, words) for at_s, words in speech.marks)
    return replace(filtered(speech, ("atempo", str(_SLOW_TEMPO))), marks=marks)


def measure(source: Speech | Path | bytes) -> Loudness:
    """Loudness (ITU-R BS.1770) and true peak of decoded sound."""
    speech = source if isinstance(source, Speech) else decode(source)
    # The meter needs a full block of 0.4 s: a single word is padded.
    missing = speech.rate_hz // 2 - len(speech.samples)
    padded = np.pad(speech.samples, (0, missing)) if missing > 0 else speech.samples
    found: dict[str, str] = {}
    for frame in frames_of(Speech(padded, speech.rate_hz), ("ebur128", "metadata=1:peak=true")):
        found |= frame.metadata  # running values; the last, partial block carries none
    peak = max(float(found["lavfi.r128.true_peak"]), 1e-6)
    return Loudness(
        integrated_lufs=max(float(found["lavfi.r128.I"]), SILENCE_LUFS),
        true_peak_dbtp=20 * math.log10(peak),
        duration_s=speech.seconds,
    )
