"""Times of day as people type them in a chat, with or without diacritics."""

from __future__ import annotations

import re
from datetime import time

from content.wording import fold

_CLOCK = re.compile(
    r"(?:luc |vao |khoang )*"
    r"(?:(?P<compact>\d{3,4})|(?P<hour>\d{1,2})\s*(?:(?P<sign>:|\.|h|g|gio)\s*)?"
    r"(?:(?P<half>ruoi)|(?P<to>kem)\s*(?P<short>\d{1,2})|(?P<minute>\d{1,2}))?\s*(?:phut|p|')?)"
    r"\s*(?P<part>rang sang|sang som|sang|trua|chieu|toi|dem|khuya)?(?: nay| qua)?"
)
# Part of the day -> hours on a twelve-hour clock that mean that hour plus twelve.
_PLUS_TWELVE = {
    "rang sang": (),
    "sang som": (),
    "sang": (),
    "trua": (1, 2),
    "chieu": range(1, 8),
    "toi": range(5, 12),
    "dem": range(6, 12),
    "khuya": range(9, 12),
}
# Part of the day -> hours of the day it can mean, so that "17 giờ sáng" is asked again.
_SENSIBLE = {
    "rang sang": range(0, 7),
    "sang som": range(0, 9),
    "sang": range(0, 12),
    "trua": range(10, 15),
    "chieu": range(12, 20),
    "toi": range(17, 24),
    "dem": (*range(18, 24), *range(0, 6)),
    "khuya": (*range(21, 24), *range(0, 6)),
}


class BadTime(ValueError):
    """No time of day; the message is Vietnamese and can be shown."""

    def __init__(self, typed: str) -> None:
        super().__init__(
            f"Chưa hiểu giờ “{typed.strip()[:30]}”. Anh/chị gõ lại giờ, ví dụ 17:30 hoặc 5 giờ 30 chiều."
        )


def parse_time_vi(typed: str) -> time:
    """Read `17:30`, `17h30`, `17g30`, `1730`, `5 giờ 30 chiều`, `5 rưỡi chiều`, `6 giờ kém 10 sáng`.

    Raises BadTime for what is no time (`25h`), contradicts itself (`17 giờ sáng`) or could be a menu number (`5`).
    """
    found = _CLOCK.fullmatch(fold(typed))
    if not found:
        raise BadTime(typed)
    hour, minute = _figures(found, typed)
    hour = _on_24_hours(hour, found["part"], typed)
    if found["to"]:
        total = hour * 60 - int(found["short"])
        hour, minute = divmod(total % (24 * 60), 60)
    return time(hour, minute)


def _figures(found: re.Match[str], typed: str) -> tuple[int, int]:
    if compact := found["compact"]:
        hour, minute = int(compact[:-2]), int(compact[-2:])
    else:
        if not any(
            found[mark] for mark in ("sign", "part", "half", "minute", "to")
        ):  # "5" alone may be an answer to a menu
            raise BadTime(typed)
        hour, minute = int(found["hour"]), 30 if found["half"] else int(found["minute"] or 0)
    if hour > 23 or minute > 59 or int(found["short"] or 0) > 59:
        raise BadTime(typed)
    return hour, minute


def _on_24_hours(hour: int, part: str | None, typed: str) -> int:
    if part is None:
        return hour
    if hour in _PLUS_TWELVE[part]:
        hour += 12
    elif hour == 12 and part in ("dem", "khuya"):
        hour = 0
    if hour not in _SENSIBLE[part]:
        raise BadTime(typed)
    return hour
