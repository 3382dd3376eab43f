"""What a Vietnamese syllable looks like, with and without its marks."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Capitals for a character class; a plain range À-Ỹ would take small letters too.
UPPER = "A-ZĐĂÂÊÔƠƯ" + "".join(
    unicodedata.normalize("NFC", vowel + tone)
    for vowel in ("A", "Ă", "Â", "E", "Ê", "I", "O", "Ô", "Ơ", "U", "Ư", "Y")
    for tone in "\u0300\u0301\u0303\u0309\u0323"
)
LOWER = UPPER.lower()

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_ONSETS = re.findall(
    r"\S+",
    """
b c ch d đ g gh gi h k kh l m n ng ngh nh p ph r s t th tr v x
""",
)
_RIMES = re.findall(
    r"\S+",
    """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo
ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach
oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uên uênh ui um un ung uôc uôi
uôm uôn uông uôt up ut uơ uy uya uych uyên uyêt uynh uyp uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn
ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu
""",
)
_AFTER_QU = re.findall(
    r"\S+",
    """
a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt ân âng ât âu ây e en eo et ê êch ên ênh êt i inh
it ôc ơ ơi ơn y ych yên yêt ynh yt
""",
)
# g and ng take an h before e, ê, i; k stands where c cannot.
_FRONT = tuple("eêiy")


def _allowed(onset: str, rime: str) -> bool:
    front = rime.startswith(_FRONT)
    if onset in {"c", "ng"}:
        return not front
    if onset in {"k", "gh", "ngh"}:
        return front
    if onset == "g":
        return not front or rime in {"i", "in"}
    if onset == "gi":
        return not rime.startswith(("i", "y"))
    return True


_BASES = frozenset(
    {o + r for o in _ONSETS for r in _RIMES if _allowed(o, r)}
    | set(_RIMES)
    | {"qu" + r for r in _AFTER_QU}
    # "kạn", "kô" and "kar" stand in names of places only, "gìn" and "giếng" fold their i.
    | {"gi", "giêng", "giêc", "kan", "kô", "ka", "kông", "pa", "pô"}
)


def without_tone(text: str) -> str:
    """Drop the five tone marks, keep ă â đ ê ô ơ ư."""
    bare = "".join(ch for ch in unicodedata.normalize("NFD", text) if ch not in _TONES)
    return unicodedata.normalize("NFC", bare)


def without_marks(text: str) -> str:
    """Plain ASCII letters, as in the names of web sites."""
    bare = "".join(ch for ch in unicodedata.normalize("NFD", text) if not unicodedata.combining(ch))
    return bare.replace("đ", "d").replace("Đ", "D")


_UNMARKED = frozenset(without_marks(base) for base in _BASES)


@lru_cache(maxsize=16384)
def is_syllable(word: str) -> bool:
    """Whether `word` is spelt like one Vietnamese syllable (any capitals)."""
    return without_tone(word.lower()) in _BASES


def is_unmarked_syllable(word: str) -> bool:
    """Whether lower-case ASCII `word` could be a syllable written without its marks."""
    return word in _UNMARKED


_HEADS = frozenset(re.findall("..", "blbrchclcrdrflfrghglgrkhkrngnhphplprscshskslsmsnspstswthtrtwwhvlkn"))


def is_pronounceable(word: str) -> bool:
    """Whether a foreign lower-case word has vowels where a mouth needs them ("gmail", not "vhtt")."""
    word = without_marks(word)
    head = re.match(r"[^aeiouy]{2}", word)
    if head and head.group() not in _HEADS:
        return False
    return bool(re.search(r"[aeiouy]", word)) and not re.search(
        r"[^aeiouy]{4}|^[^aeiouy]{3}|[^aeiouy]{3}$|[bcdghjkpqtvwxz]{2}$", word
    )
