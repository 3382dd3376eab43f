"""Cut spoken words into pieces a voice reads well, and join the sounds with our own pauses."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from audio.speech import EngineFailed, Samples, Speech, syllables

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


def passages(words: str, max_chars: int) -> list[Clause]:
    """Pieces as long as may be, for a service that sets its own pauses: cut at paragraphs, else at clauses."""
    found: list[Clause] = []
    for piece in clauses(words, max_syllables=max_chars, max_chars=max_chars - 1):
        text = piece.text + _missing_mark(piece)
        if found and not found[-1].pause_s and len(found[-1].text) + 1 + len(text) <= max_chars:
            text = f"{found.pop().text} {text}"
        found.append(Clause(text, piece.pause_s if piece.pause_s == PARAGRAPH_PAUSE_S else 0.0))
    return found


def _missing_mark(piece: Clause) -> str:
    """A line of a list or a dash ends a clause without a mark the service could see."""
    if piece.text[-1] in ".!?…,;:" or not piece.pause_s:
        return ""
    return "," if piece.pause_s == CLAUSE_PAUSE_S else "."


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


def in_pieces(pieces: Sequence[Clause], say: Callable[[str], Speech]) -> Speech:
    """A whole reading: each piece as `say` reads it, marked with its words. Raises EngineFailed when there is none."""
    if not pieces:
        raise EngineFailed("lời đọc không có tiếng nào")
    return joined([(replace(say(one.text), marks=((0.0, one.text),)), one.pause_s) for one in pieces])


def joined(pieces: Sequence[tuple[Speech, float]]) -> Speech:
    """Put sounds of one rate behind each other, each trimmed of its own silence and followed by its pause."""
    return strung([part for speech, pause_s in pieces for part in (trimmed(speech), pause_s)])


def strung(parts: Sequence[Speech | float]) -> Speech:
    """Sounds of one rate, and seconds of silence, behind each other; what is marked in them moves along."""
    rate_hz = next(part.rate_hz for part in parts if isinstance(part, Speech))
    samples: list[Samples] = []
    marks: list[tuple[float, str]] = []
    start = 0
    for part in parts:
        if isinstance(part, Speech):
            samples.append(part.samples)
            marks += [(start / rate_hz + at_s, words) for at_s, words in part.marks]
        else:
            samples.append(np.zeros(round(part * rate_hz), np.float32))
        start += len(samples[-1])
    return Speech(np.concatenate(samples), rate_hz, tuple(marks))


def trimmed(speech: Speech) -> Speech:
    """Without the silence a voice leaves at both ends; a silent sound is returned as it is."""
    loud = np.abs(speech.samples)
    heard = np.flatnonzero(loud > _QUIET * loud.max(initial=0.0))
    if not len(heard):
        return speech
    margin = round(_MARGIN_S * speech.rate_hz)
    start = max(0, int(heard[0]) - margin)
    marks = tuple((max(0.0, at_s - start / speech.rate_hz), words) for at_s, words in speech.marks)
    return Speech(speech.samples[start : heard[-1] + 1 + margin], speech.rate_hz, marks)
