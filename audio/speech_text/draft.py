"""A text on its way from written to spoken, which remembers where each part came from."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Doubt:
    """A span `[start, end)` of the input the rules are unsure of; `reason` is Vietnamese, for the editor."""

    start: int
    end: int
    text: str
    reason: str


class Unsure(NamedTuple):
    """What a rule says when it had to guess."""

    words: str
    reason: str


Say = Callable[[re.Match[str]], str | Unsure]


class Rule(NamedTuple):
    """Each match of `pattern` becomes what `say` returns; returning the match itself leaves it alone."""

    pattern: re.Pattern[str]
    say: Say


class _Edit(NamedTuple):
    new_start: int
    new_end: int
    old_start: int
    old_end: int


def rule(pattern: str, say: Say | str, flags: int = 0) -> Rule:
    """Compile a rule; a plain string stands for itself and may use `\\1` for a group."""
    if callable(say):
        return Rule(re.compile(pattern, flags), say)
    template = say
    if "\\" in template:
        return Rule(re.compile(pattern, flags), lambda match: match.expand(template))
    return Rule(re.compile(pattern, flags), lambda match: template)


def left_of(match: re.Match[str], width: int = 48) -> str:
    """The text just before a match, inside its line."""
    return match.string[max(0, match.start() - width) : match.start()].rpartition("\n")[2]


def right_of(match: re.Match[str], width: int = 48) -> str:
    """The text just after a match, inside its line."""
    return match.string[match.end() : match.end() + width].partition("\n")[0]


class Draft:
    """Applies rules in order. Edits are kept per pass, so a doubt can be traced back to the input."""

    def __init__(self, source: str) -> None:
        self.text = source
        self._source = source
        self._passes: list[list[_Edit]] = []
        self._doubts: dict[tuple[int, int], Doubt] = {}

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        return tuple(self._doubts[span] for span in sorted(self._doubts))

    def apply(self, rules: Iterable[Rule]) -> None:
        for one in rules:
            self._apply_one(one)

    def _apply_one(self, one: Rule) -> None:
        pieces: list[str] = []
        edits: list[_Edit] = []
        copied, length = 0, 0
        for match in one.pattern.finditer(self.text):
            start, end = match.span()
            said = one.say(match)
            if isinstance(said, Unsure):
                self._note(start, end, said.reason)
                said = said.words
            if said == match.group():
                continue
            pieces += (self.text[copied:start], said)
            length += start - copied
            edits.append(_Edit(length, length + len(said), start, end))
            length += len(said)
            copied = end
        if edits:
            self.text = "".join(pieces) + self.text[copied:]
            self._passes.append(edits)

    def _note(self, start: int, end: int, reason: str) -> None:
        for edits in reversed(self._passes):
            start, end = _before(edits, start, False), _before(edits, end, True)
        self._doubts.setdefault((start, end), Doubt(start, end, self._source[start:end], reason))


def _before(edits: list[_Edit], position: int, is_end: bool) -> int:
    """Where `position` stood before a pass; a place inside rewritten text widens to the whole of it."""
    index = bisect_right(edits, position - is_end, key=lambda edit: edit.new_start) - 1
    if index < 0:
        return position
    edit = edits[index]
    if position - is_end < edit.new_end:
        return edit.old_end if is_end else edit.old_start
    return edit.old_end + position - edit.new_end
