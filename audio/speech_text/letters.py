"""Vietnamese names of letters, for codes and for letters that stand alone."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, rule
from audio.speech_text.numbers import cardinal, digits

_NAMES = {
    "b": "bê", "c": "xê", "d": "dê", "đ": "đê", "f": "ép", "g": "giê", "h": "hát", "j": "gi", "k": "ca",
    "l": "en lờ", "m": "em mờ", "n": "en nờ", "p": "pê", "q": "quy", "r": "e rờ", "s": "ét sờ", "t": "tê",
    "v": "vê", "w": "vê kép", "x": "ích xì", "y": "i dài", "z": "dét",
}  # fmt: skip


def letter(character: str) -> str:
    """The name of one letter; a vowel but y names itself."""
    return _NAMES.get(character.lower(), character.lower())


def spelt(code: str) -> str:
    """A code letter by letter, its figures as one number: "QH15" is "quy hát mười lăm"."""
    parts = re.findall(r"\d+|[^\W\d_]", code)
    return " ".join(_figures(part) if part.isdigit() else letter(part) for part in parts)


def _figures(part: str) -> str:
    return digits(part) if part.startswith("0") or len(part) > 3 else cardinal(int(part))


# Letters that name a point of the law, a group, a vitamin; and any consonant left standing alone, which a
# voice would swallow. "H'Leo" and "R'lấp" are names: their first letter belongs to the word.
RULES: tuple[Rule, ...] = (
    rule(
        r"(?<!\w)(?<![A-Za-zÀ-ɏẠ-ỹ]['’])([b-df-hj-np-tv-xzđB-DF-HJ-NP-TV-XZĐ])(?!\w|['’][A-Za-zÀ-ɏẠ-ỹ])",
        lambda m: letter(m[1]),
    ),
)
