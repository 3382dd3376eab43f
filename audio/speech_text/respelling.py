"""Respelling for a synthetic voice: names and loan words it would spell or swallow.

Comes after `spoken`. A person who reads aloud needs none of it. The national layer of the lexicon is the list beside
this file; the entries of a province or a station (airlog/lexicon.py) are handed in and win over it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from audio.speech_text import noise
from audio.speech_text.draft import Draft
from audio.speech_text.letters import letter
from audio.speech_text.pipeline import read
from audio.speech_text.syllables import is_syllable, without_tone
from audio.speech_text.tables import pairs

_LEXICON = pairs("voice_lexicon.tsv")
# No dictionary spells "uyn" or "oép", but the voice says them (a test asks it), and no other spelling comes as near.
_SAID_ALL_THE_SAME = frozenset(" ".join(_LEXICON.values()).split())
MOST_SYLLABLES = 20
"""Of one reading. A voice takes at most 22 in one breath (audio/engines/sanotts.py)."""
NATIONAL: Mapping[str, str] = MappingProxyType(_LEXICON)
"""The national layer: words in small letters, and how the voice says them."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
# A run without blanks that holds what only addresses hold.
_ADDRESS = r"(?<!\S)\S*?(?:@|://|www\.|\w\.(?:vn|com|net|org|info|edu|gov|app)\b)\S*"
_VOWELS = "aăâeêioôơuưy"
# Highland names in Vietnamese letters: a consonant before another takes ơ or ờ, a final stop its Vietnamese letter.
_FIRST = {"k": "cờ", "p": "pờ", "b": "bờ", "đ": "đờ", "d": "đờ", "t": "tờ", "g": "gờ", "m": "mơ", "h": "hơ", "s": "sờ",
          "r": "rơ", "n": "nơ", "f": "phờ", "v": "vờ", "c": "cờ", "x": "xờ", "l": "lơ", "j": "giơ", "q": "quờ", "z": "dờ", "w": "quơ"}  # fmt: skip
_FINALS = (("ei", "ây"), ("ey", "ây"), ("uôr", "ua"), ("iêr", "ia"), ("ươr", "ưa"), ("k", "c"), ("g", "c"), ("b", "p"), ("d", "t"), ("đ", "t"), ("l", "n"), ("r", ""), ("s", "t"), ("h", ""),
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


def for_voice(text: str, lexicon: Mapping[str, str] | None = None) -> str:
    """Written text as a synthetic voice is given it. `lexicon` maps words in small letters to their reading; it wins
    over every rule and over the national layer, but in addresses, which have an order of reading of their own."""
    return respell(read(_with_readings(text, lexicon) if lexicon else text).words)


def _with_readings(text: str, lexicon: Mapping[str, str]) -> str:
    """Addresses are left alone: "VNeID" would spoil "vneid.gov.vn"."""
    written = "|".join(re.escape(word) for word in sorted(lexicon, key=len, reverse=True))
    either = re.compile(rf"{_ADDRESS}|(?<!\w)(?P<word>{written})(?!\w)", re.IGNORECASE)

    def said(match: re.Match[str]) -> str:
        word = match["word"]
        return match.group() if word is None else lexicon.get(word.lower(), word)

    return either.sub(said, _cleaned(text))


def clean_word(text: str) -> str:
    """A written word as the rules meet it: composed letters, plain apostrophes, tone marks in their usual place."""
    return " ".join(_cleaned(text).split())


def clean_reading(text: str) -> str:
    """A typed reading in its one form: small letters, a blank between syllables ("Cờ-rông" is "cờ rông")."""
    return " ".join(clean_word(text).lower().replace("-", " ").split())


def word_trouble(word: str, most_chars: int) -> str | None:
    """Why a cleaned word cannot stand in a lexicon, in Vietnamese; None when it can."""
    if not word:
        return "chưa ghi từ nào"
    if len(word) > most_chars:
        return f"dài {len(word)} ký tự, tối đa {most_chars}"
    if not (word[0].isalnum() and word[-1].isalnum() and any(ch.isalpha() for ch in word)):
        return f"“{word}” phải bắt đầu và kết thúc bằng chữ hoặc số, có ít nhất một chữ"
    return None


def reading_trouble(reading: str, most_chars: int) -> str | None:
    """Why a cleaned reading cannot stand in a lexicon, in Vietnamese; None when a voice can say it."""
    if not reading:
        return "chưa ghi cách đọc, ví dụ: cờ rông nô"
    if len(reading) > most_chars or len(reading.split()) > MOST_SYLLABLES:
        return f"dài {len(reading.split())} tiếng, tối đa {MOST_SYLLABLES} tiếng, {most_chars} ký tự"
    return next((trouble for one in reading.split() if (trouble := _unsayable(one))), None)


def _unsayable(syllable: str) -> str | None:
    if syllable not in _SAID_ALL_THE_SAME and not is_syllable(syllable):
        return f"“{syllable}” không phải một tiếng viết theo chính tả tiếng Việt"
    # p, t, c, ch cut the voice off: such a syllable has one of two tones, or is a slip of the keys.
    stopped = without_tone(syllable).endswith(("p", "t", "c", "ch"))
    if stopped and not set(unicodedata.normalize("NFD", syllable)) & {"\u0301", "\u0323"}:
        return f"tiếng “{syllable}” cần có dấu sắc hoặc dấu nặng"
    if (said := _LEXICON.get(syllable, syllable)) != syllable:
        return f"máy luôn đọc “{syllable}” thành “{said}”, anh/chị ghi thẳng như vậy"
    return None


def respell(words: str) -> str:
    """Write every word of spoken text so that a Vietnamese voice can say it; plain syllables stay as they are."""
    return _WORD.sub(lambda match: _respelt(match.group()), words)


def _cleaned(text: str) -> str:
    draft = Draft(text)
    draft.apply(noise.RULES)
    return draft.text


@lru_cache(maxsize=8192)
def _respelt(word: str) -> str:
    low = word.lower()
    if low in _LEXICON:
        return _LEXICON[low]
    if is_syllable(low):
        return word
    return _toned(" ".join(_syllable(part) for part in low.split("'") if part))


def _toned(said: str) -> str:
    """The names of the highlands carry no tone; a voice cut off by p, t, c, ch has one: "buk" is "búc"."""
    return re.sub(rf"(?<![^\W\d_])[^\W\d_]*?([{_VOWELS}])(?:[ptc]|ch)(?![^\W\d_])", _with_acute, said)


def _with_acute(match: re.Match[str]) -> str:
    syllable, at = match.group(), match.start(1) - match.start()
    return unicodedata.normalize("NFC", syllable[: at + 1] + "\u0301" + syllable[at + 1 :])


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
