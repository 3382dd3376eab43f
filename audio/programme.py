"""The programme as it goes out: chime, who speaks, each item twice, closing chime."""

from collections.abc import Sequence

import numpy as np

from audio import chime
from audio.clip import Loudness, Tags
from audio.gate import HIGHEST_PEAK_DBTP, pass_finished
from audio.mastering import CEILING_DBTP, RATE_HZ, TARGET_LUFS, Format, encode, levelled, measure
from audio.speech import Speech

# Amplifiers that switch on by signal, and players that wait for the network, swallow the first second.
LEAD_S = 1.0
AFTER_CHIME_S = 0.8
AFTER_IDENT_S = 0.8
BETWEEN_READINGS_S = 2.0
BETWEEN_ITEMS_S = 1.0
BEFORE_CLOSING_S = 1.0
TAIL_S = 1.5

_CLOSE_ENOUGH_LU = 0.3
# Below the gate: decoders differ by some hundredths of a decibel.
_SAFE_PEAK_DBTP = HIGHEST_PEAK_DBTP - 0.1
_ROUNDS = 4


def assembled(items: Sequence[Speech], ident: Speech | None, readings: int) -> Speech:
    """Join mastered items (44.1 kHz, -14 LUFS); each is read `readings` times before the next one."""
    parts: list[Speech | float] = [LEAD_S, chime.opening(), AFTER_CHIME_S]
    if ident is not None:
        parts += [ident, AFTER_IDENT_S]
    for number, item in enumerate(items):
        parts += [BETWEEN_ITEMS_S] if number else []
        for reading in range(readings):
            parts += [BETWEEN_READINGS_S, item] if reading else [item]
    parts += [BEFORE_CLOSING_S, chime.closing(), TAIL_S]
    return Speech(
        np.concatenate(
            [np.zeros(round(p * RATE_HZ), np.float32) if isinstance(p, float) else p.samples for p in parts]
        ),
        RATE_HZ,
    )


def encoded_at_level(sound: Speech, kind: Format, tags: Tags) -> tuple[bytes, Loudness]:
    """Encode, decode again, measure; correct what the encoder (or the chime's share) moved, and encode again.

    Raises ClipRefused when the level cannot be met.
    """
    target_lufs, ceiling_dbtp = TARGET_LUFS, CEILING_DBTP
    if abs(measure(sound).integrated_lufs - target_lufs) > _CLOSE_ENOUGH_LU / 2:
        sound = levelled(sound, target_lufs)
    data = encode(sound, kind, tags)
    found = measure(data)
    for _ in range(_ROUNDS):
        off_lu = kind.target_lufs - found.integrated_lufs
        over_db = max(0.0, found.true_peak_dbtp - _SAFE_PEAK_DBTP)
        if abs(off_lu) <= _CLOSE_ENOUGH_LU and not over_db:
            break
        target_lufs += off_lu
        ceiling_dbtp -= over_db
        data = encode(levelled(sound, target_lufs, ceiling_dbtp), kind, tags)
        found = measure(data)
    pass_finished(found, kind.target_lufs)
    return data, found
