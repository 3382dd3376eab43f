"""Lines in capitals ("BÁO CÁO KẾT QUẢ") are ordinary words, but for the abbreviations among them."""

from __future__ import annotations

import re

from audio.speech_text.abbreviations import is_known
from audio.speech_text.draft import Rule, rule
from audio.speech_text.roman import NOUNS
from audio.speech_text.syllables import LOWER, UPPER, is_pronounceable, is_syllable

_WORD = re.compile(r"[^\W\d_]+")
_ROMAN_NOUN = re.compile(rf"(?i)(?:^|\W)(?:{NOUNS})\s+(?:thứ\s+|số\s+)?$")
# In a title these are the abbreviations they look like, though they are also syllables.
_NEVER_WORDS = frozenset({"TP", "TX", "TT", "TM", "KT", "TL", "CA", "HU", "TU", "ĐU"})


def _line(match: re.Match[str]) -> str:
    line = match.group()
    words = [word.group() for word in _WORD.finditer(line)]
    plain = [word for word in words if len(word) > 1 and is_syllable(word) and word not in _NEVER_WORDS]
    # One capital word may be an abbreviation; two syllables, or one with marks, make a title.
    if len(plain) < 2 and not any(not word.isascii() for word in plain):
        return line
    return _WORD.sub(lambda word: _small(word, line), line)


def _small(word: re.Match[str], line: str) -> str:
    text = word.group()
    if text in _NEVER_WORDS or len(text) == 1:
        return text
    if not is_syllable(text):
        # Names of the highlands ("ĐẮK WIL") and loan words; what is left over is an abbreviation.
        is_name = (
            not is_known(text) and (len(text) > 2 or text in {"EA", "IA"}) and is_pronounceable(text.lower())
        )
        return text.capitalize() if is_name and not re.fullmatch("[IVXL]+", text) else text
    is_roman = re.fullmatch("[IVX]+", text) and _ROMAN_NOUN.search(line[: word.start()])
    return text if is_roman else text.lower()


_POSTS = "chủ|giám|trưởng|bí|chánh|viện|hiệu|tổng"

RULES: tuple[Rule, ...] = (
    # "Q. CHỦ TỊCH" is an acting chairman, "Q. 1" a district: told apart while the capitals still stand.
    rule(rf"(?<![\w.])Q\s?\.\s?(?=(?i:{_POSTS})\b)", "quyền "),
    # At least two capital letters and no small one; small codes such as "TTg" do not break a title.
    rule(rf"(?m)^[^{LOWER}\n]*[{UPPER}]{{2}}[^{LOWER}\n]*$", _line),
    # A title inside a line: three or more capital words in a row.
    rule(rf"(?<![\w&/.-])[{UPPER}]{{2,}}(?:[ ,]{{1,2}}[{UPPER}]+){{2,}}(?![\w&/])", _line),
)
