"""A commune's name as people type it: no accents, without its kind, one letter wrong. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from content.wording import fold

_KIND = re.compile(r"(?:xa|phuong|dac khu|thi tran|tt|dk|x|p) (?=\S)")
_MARKS = re.compile(r"[^a-z0-9]+")
_LEAST_FOR_SLIPS = 4
"""A shorter name with one letter wrong is another name."""
NEAREST = 3


@dataclass(frozen=True)
class Places:
    """Which names can be meant, as places in the list that was searched. `found` is empty when none is; then `nearest`
    are those that look most like what was typed."""

    found: tuple[int, ...] = ()
    nearest: tuple[int, ...] = ()
    is_slip: bool = False
    """Found only because one letter was allowed to be wrong."""


def place_key(name: str) -> str:
    """`Xã Đắk Wil`, `x. dak-wil` -> `dak wil`: what names are compared by."""
    plain = " ".join(_MARKS.sub(" ", fold(name)).split())
    return _KIND.sub("", plain, count=1) if _KIND.match(plain) else plain


def find_places(typed: str, names: Sequence[str]) -> Places:
    """The names that are meant: the very one (or several of one name), else those that hold the words, else those one
    letter away."""
    words, keys = place_key(typed), [place_key(name) for name in names]
    if not words:
        return Places()
    bare = _bare(words)
    steps: tuple[Callable[[str], bool], ...] = (
        lambda key: _bare(key) == bare,
        lambda key: f" {key}".find(f" {words}") >= 0,
        lambda key: bare in _bare(key),
    )
    for fits in steps:
        found = tuple(number for number, key in enumerate(keys) if fits(key))
        if found:
            return Places(found)
    slips = tuple(number for number, key in enumerate(keys) if _is_slip(bare, _bare(key)))
    if slips:
        return Places(slips, is_slip=True)
    ranked = sorted(range(len(keys)), key=lambda number: (distance(bare, _bare(keys[number])), number))
    return Places(nearest=tuple(ranked[:NEAREST]))


def distance(one: str, other: str) -> int:
    """How many letters must be changed, added, left out or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        above, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _is_slip(typed: str, name: str) -> bool:
    if len(typed) < _LEAST_FOR_SLIPS or abs(len(typed) - len(name)) > 1:
        return False
    return distance(typed, name) == 1


def _bare(key: str) -> str:
    return key.replace(" ", "")
