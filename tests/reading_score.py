"""Compares spoken text with accepted forms, the way a listener would: pauses and capitals do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"
# Signs a voice would have to guess at; one that is left over is a mistake, not a pause.
_NOT_A_PAUSE = frozenset("/%&@#*\\_")


@dataclass(frozen=True)
class Case:
    category: str
    written: str
    forms: tuple[re.Pattern[str], ...]

    def accepts(self, words: str) -> bool:
        folded = fold(words)
        return any(form.fullmatch(folded) for form in self.forms)


def fold(text: str) -> str:
    """NFC, small letters, punctuation to blanks; every word with one blank in front."""
    kept = (_blank_or_self(ch) for ch in unicodedata.normalize("NFC", text.lower()))
    return "".join(f" {word}" for word in "".join(kept).split())


def _blank_or_self(character: str) -> str:
    if character in _NOT_A_PAUSE:
        return f" {character} "
    return " " if unicodedata.category(character)[0] in "PZ" or character.isspace() else character


def _form(accepted: str) -> re.Pattern[str]:
    tokens = re.findall(r"[()|]|[^\s()|]+", unicodedata.normalize("NFC", accepted.lower()))
    signs = {"(": "(?:", ")": ")", "|": "|"}
    return re.compile("".join(signs.get(token, re.escape(f" {token}")) for token in tokens))


def load(name: str) -> list[Case]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines if line)
    return [Case(kind, written, tuple(map(_form, forms.split(" || ")))) for kind, written, forms in rows]


def score(cases: Iterable[Case], say: Callable[[str], str]) -> dict[str, tuple[int, int]]:
    """Right answers and cases, by category."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for case in cases:
        total[case.category] += 1
        right[case.category] += case.accepts(say(case.written))
    return {category: (right[category], total[category]) for category in total}
