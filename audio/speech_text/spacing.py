"""Blanks a hurried typist left out: "ngày20/10", "tại 02 xã,03 thôn", "15h30ngày mai"."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, rule
from audio.speech_text.syllables import LOWER, is_syllable

# These stand before a figure as units of area and volume or as the letters of a code.
_UNITS = frozenset({"ha", "mi", "co"})


def _before_figure(match: re.Match[str]) -> str:
    word = match.group()
    return f"{word} " if is_syllable(word) and word.lower() not in _UNITS else word


def _after_figure(match: re.Match[str]) -> str:
    word = match.group()
    return f" {word}" if is_syllable(word) and not word.isascii() else word


RULES: tuple[Rule, ...] = (
    rule(rf"(?<![\w'])[^\W\d_]?[{LOWER}]{{2,6}}(?=\d)", _before_figure),
    rule(rf"(?<=\d)[{LOWER}]{{2,6}}(?![\w'])", _after_figure),
    rule(r"(?<=[^\W\d_]),(?=\w)", ", "),
    rule(r"(?<=\d[hg]\d\d),(?=\d)", ", "),
)
