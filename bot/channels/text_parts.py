"""Cuts a long text into messages where a reader would pause."""

from __future__ import annotations

_PAUSES = ("\n\n", "\n", " ")


def utf16_units(text: str) -> int:
    """Length as Telegram counts it: letters beyond the basic plane (most emoji) count twice."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def split_text(text: str, first_limit: int, limit: int) -> tuple[str, ...]:
    """Parts of at most `first_limit` (the first) and `limit` UTF-16 units, cut at a paragraph, line or word.

    A word longer than the limit is cut inside. A text that fits comes back as it is; of several parts none is
    empty and none begins or ends with white space.
    """
    if utf16_units(text) <= first_limit:
        return (text,)
    parts: list[str] = []
    rest, room = text.strip(), first_limit
    while utf16_units(rest) > room:
        cut = _cut_at(_letters_within(rest, room), rest)
        parts.append(rest[:cut].rstrip())
        rest, room = rest[cut:].lstrip(), limit
    return (*parts, rest)


def shorten(text: str, limit: int) -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    if utf16_units(text) <= limit:
        return text
    return split_text(text, limit - 1, limit)[0] + "…"


def _letters_within(text: str, units: int) -> int:
    used = 0
    for index, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        if used > units:
            return index
    return len(text)


def _cut_at(end: int, text: str) -> int:
    for pause in _PAUSES:
        # A paragraph end in the first half would waste most of the message: then rather a line, or a word.
        earliest = 1 if pause == " " else end // 2
        found = text.rfind(pause, earliest, end + len(pause))
        if found > 0:
            return found
    return end
