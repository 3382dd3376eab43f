"""Abbreviations of official language, read out in full; unknown ones by their letters."""

from __future__ import annotations

import re
from itertools import pairwise

from audio.speech_text.draft import Rule, Unsure, left_of, right_of, rule
from audio.speech_text.letters import spelt
from audio.speech_text.syllables import LOWER, UPPER, is_pronounceable, is_syllable
from audio.speech_text.tables import pairs, rows

_MEANINGS = pairs("abbreviations.tsv")
_MIXED = "|".join(sorted((key for key in _MEANINGS if not key.isupper()), key=len, reverse=True))
_SENSES: dict[str, list[tuple[re.Pattern[str], re.Pattern[str], str]]] = {}
for _key, _left, _right, _words in rows("senses.tsv"):
    _SENSES.setdefault(_key, []).append((re.compile(_left), re.compile(_right), _words))

_WORD = rf"(?:{_MIXED}|[{UPPER}]{{2,}})(?![{LOWER}'])"
_JOINT = r"(?:\s?[&,/-]\s?|\.\s?|\s)"
_RUN = rf"(?<![\w'&])(?:[A-ZĐ](?=&)&)?{_WORD}(?:{_JOINT}{_WORD})*\.?"
# These joints bind the parts of one abbreviation: VH-TT, GD&ĐT, KT - XH, PGS.TS.
_BINDS = re.compile(r"\s?[&,-]\s?|\.|\s|(?<=HIV)/")
_SPOKEN_JOINTS = {"&": " và ", "/": " hoặc ", ",": ", "}
# No abbreviation is written in more pieces ("TT VH TT & DL").
_MOST_PARTS = 6
_UNKNOWN = "Chữ viết tắt chưa có trong bảng, được đọc từng chữ cái."


def meaning(key: str, left: str, right: str) -> str | None:
    """What an abbreviation stands for between these two texts; None when it is unknown."""
    for before, after, words in _SENSES.get(key, ()):
        if before.search(left) and after.match(right):
            return words
    return _MEANINGS.get(key)


def _read_run(match: re.Match[str]) -> str | Unsure:
    """Longest known abbreviation first, over the joints inside a run of capitals."""
    run = match.group()
    words = list(re.finditer(r"[^\W\d_]+", run))
    left, right = left_of(match), right_of(match)
    said: list[str] = []
    unsure = False
    index = 0
    while index < len(words):
        taken, text = _longest(run, words, index, left, right)
        word = words[index].group()
        unsure = unsure or (text is None and not is_syllable(word))
        said.append(_unknown(word) if text is None else text)
        last = words[index + taken - 1]
        index += taken
        following = run[last.end() : words[index].start() if index < len(words) else len(run)]
        said.append(_joint(following, index < len(words), text))
    spoken = "".join(said)
    return Unsure(spoken, _UNKNOWN) if unsure else spoken


def _longest(
    run: str, words: list[re.Match[str]], index: int, left: str, right: str
) -> tuple[int, str | None]:
    for count in range(min(len(words) - index, _MOST_PARTS), 0, -1):
        part = words[index : index + count]
        if not all(_BINDS.fullmatch(run, one.end(), two.start()) for one, two in pairwise(part)):
            continue
        before, after = left + run[: part[0].start()], run[part[-1].end() :] + right
        text = meaning("".join(word.group() for word in part), before, after)
        if text is not None:
            return count, text
    return 1, None


def _unknown(word: str) -> str:
    """A capital word that is a syllable is a stressed word ("KHÔNG"); a foreign one stays a word; others are spelt."""
    if is_syllable(word):
        return word.lower()
    foreign = len(word) > 4 and word.isascii() and is_pronounceable(word.lower())
    return word.lower() if foreign else spelt(word)


def _joint(following: str, more: bool, text: str | None) -> str:
    sign = following.strip()
    if not more:
        # "TM. ỦY BAN": the dot belonged to the abbreviation; at the end of a line it may close the sentence.
        return following.replace(".", ". ") if text is None else ("" if sign == "." else following)
    return _SPOKEN_JOINTS.get(sign, " ")


def _closing_dot(match: re.Match[str]) -> str | Unsure:
    """Keep a full stop that ends a line; drop the dot of an abbreviation before its name."""
    said = _read_run(match)
    if not match.group().endswith(".") or right_of(match).strip():
        return said
    return Unsure(said.words + ".", said.reason) if isinstance(said, Unsure) else said.rstrip(".") + "."


def _short_rule(pattern: str, words: str) -> Rule:
    border = "" if "(?=" in pattern or pattern.endswith("}") else r"(?![\w/])"
    return rule(rf"(?<![\w/'.])(?:{pattern}){border}", words)


def is_known(key: str) -> bool:
    """Whether capitals have a meaning in the table."""
    return key in _MEANINGS or key in _SENSES


_SHORT = [_short_rule(pattern.replace("À-Ỹ", UPPER), words) for pattern, words in rows("short_forms.tsv")]


def _small_letters(match: re.Match[str]) -> str:
    """ "ubnd", "Hđnd": known abbreviations that somebody did not bother to write in capitals."""
    word = match.group()
    return word if is_syllable(word) else _MEANINGS.get(word.upper(), word)


_SMALL = rule(r"(?<![\w.@/'-])[A-ZĐa-zđ][bcdđghklmnpqrstvx]{2,6}(?![\w'])", _small_letters)

RULES: tuple[Rule, ...] = (*_SHORT, _SMALL, rule(_RUN, _closing_dot))
