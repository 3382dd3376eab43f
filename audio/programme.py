"""The programme as it goes out: chime, who speaks, each item twice, closing chime."""

from collections.abc import Sequence

from audio import chime
from audio.clauses import strung
from audio.clip import Loudness, Tags
from audio.gate import HIGHEST_PEAK_DBTP, pass_finished
from audio.mastering import CEILING_DBTP, levelled, measure
from audio.sound_file import TARGET_LUFS, Format, encode
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
_ROUNDS = 6


def assembled(
    items: Sequence[Speech], ident: Speech | None, readings: int, opening: Speech | None = None
) -> Speech:
    """Join mastered items (44.1 kHz, -14 LUFS); each is read `readings` times before the next one.

    `opening` is a station's own jingle in place of the chime. What is marked in the items is marked in the whole.
    """
    parts: list[Speech | float] = [LEAD_S, opening or chime.opening(), AFTER_CHIME_S]
    if ident is not None:
        parts += [ident, AFTER_IDENT_S]
    for number, item in enumerate(items):
        parts += [BETWEEN_ITEMS_S] if number else []
        for reading in range(readings):
            parts += [BETWEEN_READINGS_S, item] if reading else [item]
    return strung([*parts, BEFORE_CLOSING_S, chime.closing(), TAIL_S])


def announced(ident: Speech, opening: Speech | None = None) -> Speech:
    """How a programme begins, for whoever chooses it: the jingle or chime, and who speaks."""
    return strung([opening or chime.opening(), AFTER_CHIME_S, ident, AFTER_IDENT_S])


def encoded_at_level(sound: Speech, kind: Format, tags: Tags) -> tuple[bytes, Loudness]:
    """Encode, decode again, measure; correct what the encoder (or the chime's share) moved, and encode again.

    Raises ClipRefused when the level cannot be met.
    """
    target_lufs, ceiling_dbtp = TARGET_LUFS, CEILING_DBTP
    if abs(measure(sound).integrated_lufs - target_lufs) > _CLOSE_ENOUGH_LU / 2:
        sound = levelled(sound, target_lufs)
    sent = sound
    data = encode(sent, kind, tags)
    found = measure(data)
    for _ in range(_ROUNDS):
        off_lu = kind.target_lufs - found.integrated_lufs
        over_db = max(0.0, found.true_peak_dbtp - _SAFE_PEAK_DBTP)
        if abs(off_lu) <= _CLOSE_ENOUGH_LU and not over_db:
            break
        target_lufs += off_lu
        if over_db:
            # An encoder may overshoot by more than two decibels, from peaks that lay below the ceiling.
            ceiling_dbtp = min(ceiling_dbtp, measure(sent).true_peak_dbtp) - over_db
        sent = levelled(sound, target_lufs, ceiling_dbtp)
        data = encode(sent, kind, tags)
        found = measure(data)
    pass_finished(found, kind.target_lufs)
    return data, found
