"""The order of the rules. Each step may count on what the steps before it have taken away."""

from __future__ import annotations

from dataclasses import dataclass

from audio.speech_text import (
    abbreviations,
    addresses,
    brackets,
    capitals,
    codes,
    dates,
    document_numbers,
    fractions,
    letters,
    lists,
    map_places,
    markup,
    money,
    noise,
    numbers,
    phones,
    ranges,
    roman,
    spacing,
    symbols,
    times,
    units,
)
from audio.speech_text.draft import Doubt, Draft, Rule

_STEPS: tuple[tuple[Rule, ...], ...] = (
    noise.RULES,
    markup.LINKS,
    # 1. Whole things that carry their own dots, strokes and dashes.
    addresses.RULES,
    markup.RULES,
    spacing.RULES,
    capitals.RULES,
    document_numbers.RULES,
    # 2. Roman figures become plain ones, so that every later rule sees one kind.
    roman.RULES,
    lists.RULES,
    brackets.RULES,
    phones.RULES,
    # 3. Notation to plain words and figures: "15h30" to "15 giờ 30 phút". Figures stay figures.
    map_places.RULES,
    times.RULES,
    dates.RULES,
    money.RULES,
    ranges.RULES,
    units.RULES,
    fractions.RULES,
    codes.RULES,
    abbreviations.RULES,
    symbols.BETWEEN_WORDS,
    symbols.BEFORE_NUMBERS,
    # 4. Figures, lone letters, leftovers.
    numbers.RULES,
    symbols.RULES,
    # Capitals that were glued to figures have come free by now.
    abbreviations.RULES[-1:],
    letters.RULES,
    symbols.TIDY,
)


@dataclass(frozen=True)
class Reading:
    """The words a voice says, and the places of the input where the rules had to guess."""

    words: str
    doubts: tuple[Doubt, ...]


def read(text: str) -> Reading:
    """Turn written official Vietnamese into spoken words.

    The words hold no figure, no symbol and no lone consonant, only . , ; : ? and line breaks between them.
    """
    draft = Draft(text)
    for step in _STEPS:
        draft.apply(step)
    return Reading(draft.text.strip(" \n,;:"), draft.doubts)


def spoken(text: str) -> str:
    """The words of `read(text)`."""
    return read(text).words
