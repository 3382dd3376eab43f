"""A day and time of day as operators type it: `17:30`, `17h30 24/11`, `hôm qua 5 giờ chiều`."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from content.typed_time import BadTime, parse_time_vi
from content.week import LOCAL, local
from content.wording import fold

_DAY = re.compile(
    r"(?:,|\bngày\b|\bngay\b|\bhôm\b|\bhom\b)?\s*\b(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}))?\b"
)
_RELATIVE = {"hom qua": 1, "hom kia": 2, "hom nay": 0}


def parse_moment_vi(typed: str, now: datetime) -> datetime:
    """The instant meant (UTC). A time alone is the last time the clock showed it. Raises BadTime.

    A day without a year is the last such day; a day without a time is refused.
    """
    today = now.astimezone(LOCAL).date()
    rest, day = _take_day(typed, today)
    clock = parse_time_vi(rest.strip(" ,.;"))
    if day is not None:
        return local(day, clock)
    found = local(today, clock)
    return found if found <= now else local(today - timedelta(days=1), clock)


def split_title(typed: str, now: datetime) -> tuple[str, datetime]:
    """`Tên tin, 17:30 24/11` -> title and instant: the part after the last comma is the time. Raises BadTime."""
    title, comma, moment = typed.rpartition(",")
    if not comma or not title.strip():
        raise BadTime(typed)
    return " ".join(title.split()), parse_moment_vi(moment, now)


def _take_day(typed: str, today: date) -> tuple[str, date | None]:
    folded = fold(typed)
    for words, back in _RELATIVE.items():
        if words in folded:
            return folded.replace(words, " "), today - timedelta(days=back)
    found = _DAY.search(typed)
    if found is None:
        return typed, None
    return typed[: found.start()] + " " + typed[found.end() :], _day(found, today, typed)


def _day(found: re.Match[str], today: date, typed: str) -> date:
    try:
        if found[3]:
            return date(int(found[3]), int(found[2]), int(found[1]))
        this_year = date(today.year, int(found[2]), int(found[1]))
    except ValueError as error:
        raise BadTime(typed) from error
    return this_year if this_year <= today else this_year.replace(year=today.year - 1)


def slot_on(day: date, hours: str, morning: bool) -> datetime:
    """The start of a station's usual morning or afternoon slot on a day; 06:00 or 17:00 when it has none."""
    starts = [time.fromisoformat(slot.partition("-")[0]) for slot in hours.split(",") if slot]
    fitting = [start for start in starts if (start.hour < 12) == morning]
    return local(day, fitting[0] if fitting else time(6 if morning else 17))
