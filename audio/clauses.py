"""Cut spoken words into pieces a voice reads well, and join the sounds with our own pauses."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from audio.speech import Speech, syllables

CLAUSE_PAUSE_S = 0.2
SENTENCE_PAUSE_S = 0.45
PARAGRAPH_PAUSE_S = 0.9

_PARAGRAPH = re.compile(r"\n\s*\n")
# A line that goes on in small letters was only wrapped; the lines of a list end in a mark or start with a capital.
_WRAPPED = re.compile(r"(?<![.!?…,;:])\n(?=(\w))")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_CLAUSE = re.compile(r"(?<=[,;:])\s+|\s+[-–—]\s+")
# Trailing noise of a piece: below this share of its peak it counts as silence.
_QUIET = 0.01
_MARGIN_S = 0.03


@dataclass(frozen=True)
class Clause:
    text: str
    pause_s: float  # silence that follows


def clauses(words: str, max_syllables: int, max_chars: int = 10_000) -> list[Clause]:
    """Pieces within both limits, in order. A piece that has to be cut inside a clause gets no pause."""
    found: list[Clause] = []
    words = _WRAPPED.sub(lambda wrap: " " if wrap[1].islower() else "\n", words.strip())
    for paragraph in _PARAGRAPH.split(words):
        for sentence in _SENTENCE.split(paragraph.strip()):
            for clause in _CLAUSE.split(sentence):
                pieces = list(_shorten(clause.split(), max_syllables, max_chars))
                found += [Clause(piece, 0.0) for piece in pieces if syllables(piece)]
                _pause_after(found, CLAUSE_PAUSE_S)
            _pause_after(found, SENTENCE_PAUSE_S)
        _pause_after(found, PARAGRAPH_PAUSE_S)
    _pause_after(found, 0.0)
    return found


def _pause_after(found: list[Clause], pause_s: float) -> None:
    if found:
        found[-1] = Clause(found[-1].text, pause_s)


def _shorten(tokens: Sequence[str], max_syllables: int, max_chars: int) -> Iterator[str]:
    """Cut into parts of nearly equal size: a last part of one word would sound torn off."""
    text = " ".join(tokens)
    if len(tokens) < 2 or (len(tokens) <= max_syllables and len(text) <= max_chars):
        yield text
        return
    middle = (len(tokens) + 1) // 2
    yield from _shorten(tokens[:middle], max_syllables, max_chars)
    yield from _shorten(tokens[middle:], max_syllables, max_chars)


def joined(pieces: Sequence[tuple[Speech, float]]) -> Speech:
    """Put sounds of one rate behind each other, each trimmed of its own silence and followed by its pause."""
    rate_hz = pieces[0][0].rate_hz
    parts: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    for speech, pause_s in pieces:
        parts += [trimmed(speech).samples, np.zeros(round(pause_s * rate_hz), np.float32)]
    return Speech(np.concatenate(parts), rate_hz)


def trimmed(speech: Speech) -> Speech:
    """Without the silence a voice leaves at both ends; a silent sound is returned as it is."""
    loud = np.abs(speech.samples)
    heard = np.flatnonzero(loud > _QUIET * loud.max(initial=0.0))
    if not len(heard):
        return speech
    margin = round(_MARGIN_S * speech.rate_hz)
    return Speech(speech.samples[max(0, heard[0] - margin) : heard[-1] + 1 + margin], speech.rate_hz)
