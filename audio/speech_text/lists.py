"""Marks at the start of a line: figures and letters are read, bullets are silent."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, rule
from audio.speech_text.letters import letter
from audio.speech_text.numbers import cardinal
from audio.speech_text.syllables import UPPER

_BULLETS = "-+*•●○▪■□◆◇►▶➢✓✔☑→⇒·∙‣❖★☆–—"


def _figures(match: re.Match[str]) -> str:
    return " chấm ".join(cardinal(int(part)) for part in match[1].split(".") if part) + ". "


def _letter(match: re.Match[str]) -> str:
    return letter(match[1]) + ". "


RULES: tuple[Rule, ...] = (
    # "-5°C" at the start of a line is a temperature, "- 5 hộ" and "-5 hộ" are items of a list.
    rule(rf"(?m)^\s*(?:[{re.escape(_BULLETS)}]\s*)+(?!\s|\d+(?:,\d+)?\s?(?:%|°|độ)|84)", ""),
    # 1.1. and 2.3.1 are numbers of headings, 1) 3/ 1. too; "4.0 là..." and "1.500 hộ" are not.
    rule(rf"(?m)^\s*\(?((?:\d{{1,2}}\.){{1,4}}\d{{1,2}})(?:[.)/:]|(?=\s+[{UPPER}]))\s*(?!\d)", _figures),
    rule(r"(?m)^\s*\(?(\d{1,2})(?:[.)]|/(?=\s)(?!\s*\d))\s*(?!\d)", _figures),
    rule(r"(?m)^\s*\(?([a-zđA-GĐ])(?:[)]|[./](?=\s))\s*", _letter),
    rule(r"(?m)^\s*([a-zđ]\.?\d)[.)]\s+", r"\1. "),
    rule(r"(?m)^\s*([a-zđ])\s?-\s", _letter),
)
