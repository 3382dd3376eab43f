"""What people type where a service has no buttons. Pure: text in, meaning out; what is not listed means nothing.

A number has one meaning for ever, whatever was asked last: no service tells which message is being answered. Each form
stands for the button data of scheduler/channel.py, so a typed answer and a press are one statement.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from content import messages
from content.wording import fold

_LETTERS, _DIGITS = "ABCDEGHKMNPRSTVXY", "23456789"
"""Without signs that look or sound like another; no 1 and no 0, which are answers."""
_GROUP = len(_LETTERS) * len(_DIGITS)
_CODE = re.compile(r"(?P<rest>.*?)[\s.,:;-]*\b(?P<code>(?:[a-z][2-9]){1,2})")
_GLUED = re.compile(r"(\d+)([a-z][2-9].*)")
_LONGEST = 80
_POLITE = (" a", " nhe", " nha")
_FORMS = {
    ("aired", ""): "1",
    ("cannot", ""): "2",
    ("script", ""): "3",
    ("got", ""): "4",
    ("again", ""): "5",
    ("known", ""): "6",
    ("old", ""): "7",
    ("notold", ""): "8",
    ("new", ""): "9",
    ("when", "now"): "vừa xong",
    ("when", "morning"): "sáng nay",
    ("when", "yesterday"): "chiều qua",
    ("when", "other"): "giờ khác",
    ("own", "instead"): "tin của đài",
    ("undo", ""): "hủy",
    ("proofof", ""): "ảnh",
    ("reply", ""): "trả lời",
    ("reply", "send"): "gửi",
    ("reply", "drop"): "thôi",
} | {("why", reason): f"2{place}" for place, reason in enumerate(messages.REASONS, start=1)}
"""(act, rest of the button's data) -> what is typed. `known`, `old`, `notold`, `new`: about a recalled item. A second
figure would be taken for an hour after “Tin phát lúc nào?”; only the reasons have one, which an airing on record outweighs."""
_ALSO = {
    "da phat": ("aired", ""),
    "da phat roi": ("aired", ""),
    "phat roi": ("aired", ""),
    "da phat xong": ("aired", ""),
    "phat xong": ("aired", ""),
    "chua phat": ("cannot", ""),
    "chua phat duoc": ("cannot", ""),
    "khong phat duoc": ("cannot", ""),
    "vua phat xong": ("when", "now"),
    "bam nham": ("undo", ""),
    "go nham": ("undo", ""),
    "toi da ro": ("known", ""),
}
_MEANT = {fold(form): key for key, form in _FORMS.items()} | _ALSO


@dataclass(frozen=True)
class Reply:
    """One typed answer: a button's act and the rest of its data. `code` names the notice, empty when none was typed."""

    act: str
    extra: str = ""
    code: str = ""


def read_reply(text: str) -> Reply | None:
    """`1`, `đã phát`, `Da phat a.`, `2 A7`, `1 đã phát`, `21`: what it states; None for everything else."""
    if len(text) > _LONGEST:
        return None
    words = _plain(text)
    key = _meaning(words)
    if key is not None:
        return Reply(*key)
    found = _CODE.fullmatch(_GLUED.sub(r"\1 \2", words))
    key = _meaning(_plain(found["rest"])) if found else None
    return Reply(*key, found["code"].upper()) if found and key else None


def typed_form(act: str, extra: str = "") -> str | None:
    """What stands for a button; None for one that only a page has."""
    return _FORMS.get((act, extra))


def codes(duty_ids: Collection[int]) -> dict[int, str]:
    """A short code for each of one person's duties. The code follows from the duty alone, so it means the same all
    week; two that share the short one get the long one."""
    shared = Counter(_short(one) for one in set(duty_ids))
    return {one: _short(one) if shared[_short(one)] == 1 else _long(one) for one in duty_ids}


def with_code(code: str, duty_ids: Iterable[int]) -> list[int]:
    """Those that a typed code can mean. More than one: it has to be asked."""
    return [one for one in duty_ids if code in (_short(one), _long(one))]


def _meaning(words: str) -> tuple[str, str] | None:
    number, _, rest = words.partition(" ")
    number = number.rstrip(".,:-")
    if rest and number.isdecimal() and _MEANT.get(number) == _MEANT.get(rest.lstrip(" .,:-")):
        return _MEANT.get(number)  # “1 đã phát”
    return _MEANT.get(words)


def _plain(text: str) -> str:
    words = fold(text).strip(" .,!:;")
    for ending in _POLITE:
        words = words.removesuffix(ending)
    return words.strip(" .,!:;")


def _short(number: int) -> str:
    return _LETTERS[number // len(_DIGITS) % len(_LETTERS)] + _DIGITS[number % len(_DIGITS)]


def _long(number: int) -> str:
    return _short(number) + _short(number // _GROUP)
