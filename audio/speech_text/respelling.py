"""Respelling for a synthetic voice: names and loan words it would spell or swallow.

Comes after `spoken`. A person who reads aloud needs none of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from audio.speech_text.letters import letter
from audio.speech_text.syllables import is_syllable
from audio.speech_text.tables import pairs

_LEXICON = pairs("voice_lexicon.tsv")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
# Highland names in Vietnamese letters: a consonant before another takes ơ or ờ, a final stop its Vietnamese letter.
_FIRST = {"k": "cờ", "p": "pờ", "b": "bờ", "đ": "đờ", "d": "đờ", "t": "tờ", "g": "gờ", "m": "mơ", "h": "hơ", "s": "sờ",
          "r": "rơ", "n": "nơ", "f": "phờ", "v": "vờ", "c": "cờ", "x": "xờ", "l": "lơ", "j": "giơ", "q": "quờ", "z": "dờ", "w": "quơ"}  # fmt: skip
_FINALS = (("k", "c"), ("g", "c"), ("b", "p"), ("d", "t"), ("đ", "t"), ("l", "n"), ("r", ""), ("s", "t"), ("h", ""),
           ("f", "p"), ("x", "t"), ("v", ""), ("z", ""), ("j", ""), ("w", "o"), ("q", "c"))  # fmt: skip
_ONSETS = (
    ("dj", "gi"),
    ("j", "gi"),
    ("w", "qu"),
    ("f", "ph"),
    ("z", "d"),
    ("y", "i"),
    ("kh", "kh"),
    ("k", "c"),
    ("c", "k"),
)


def respell(words: str, lexicon: Mapping[str, str] | None = None) -> str:
    """Write every word of spoken text so that a Vietnamese voice can say it.

    `lexicon` (written word, lower case, to respelling) wins over the built-in one. Words that are plain
    Vietnamese syllables stay as they are.
    """
    own = {key.lower(): value for key, value in (lexicon or {}).items()}
    return _WORD.sub(lambda match: own.get(match.group().lower()) or _respelt(match.group()), words)


@lru_cache(maxsize=8192)
def _respelt(word: str) -> str:
    low = word.lower()
    if low in _LEXICON:
        return _LEXICON[low]
    if is_syllable(low):
        return word
    return " ".join(_syllable(part) for part in low.split("'") if part)


def _syllable(part: str) -> str:
    """The nearest Vietnamese spelling of one foreign syllable; letters when there is none."""
    if is_syllable(part):
        return part
    if len(part) == 1:
        return _FIRST.get(part, part)
    cluster = re.match(
        r"([^aeiouyàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ])(?=[rlnmtdhkgbsvpjw])(?!h[^r])(.+)",
        part,
    )
    candidates = [part, *(part[: -len(end)] + ours for end, ours in _FINALS if part.endswith(end))]
    candidates += [cut + end for cut, end in ((part[:-2], "nh"),) if part.endswith("ng")]
    candidates += [
        ours + one[len(first) :]
        for one in list(candidates)
        for first, ours in _ONSETS
        if one.startswith(first)
    ]
    for candidate in candidates:
        if is_syllable(candidate):
            return candidate
    if cluster and len(cluster[2]) > 1 and cluster[1] in _FIRST:
        return f"{_FIRST[cluster[1]]} {_syllable(cluster[2])}"
    return _in_pieces(part)


def _in_pieces(part: str) -> str:
    """Cut a longer foreign word into the longest syllables that can be found, from the left."""
    said: list[str] = []
    at = 0
    while at < len(part):
        for end in range(min(len(part), at + 6), at, -1):
            piece = part[at:end]
            if is_syllable(piece):
                break
        said.append(piece if is_syllable(piece) else _FIRST.get(piece, letter(piece)))
        at += len(piece)
    return " ".join(said)
