"""A day and time of day as operators type it: `17:30`, `17h30 24/11`, `5 giờ chiều qua`, `17 giờ 30, thứ Ba 24/11`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from content.typed_time import BadTime, parse_time_vi
from content.week import LOCAL, local
from content.wording import fold

_DATE = re.compile(r"(?:\bngay\s*)?\b(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}))?\b")
_DAYS_BACK = {
    r"\bhom qua\b": 1,
    r"\bhom kia\b": 2,
    r"\bhom nay\b": 0,
    r"(?<=sang|trua) qua\b|(?<=chieu) qua\b|(?<=toi|dem) qua\b": 1,
}
_WEEKDAY = re.compile(r"\b(?:thu (hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|cn)\b")
_NUMBERS = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5}
_LONG_AHEAD = timedelta(days=180)


def parse_moment_vi(typed: str, now: datetime) -> datetime:
    """The instant meant (UTC). A time alone is the last time the clock showed it. Raises BadTime.

    A day without a year is the nearest such day, so that a slip of the finger is seen as lying ahead; a weekday
    is the last one; a day without a time is refused.
    """
    today = now.astimezone(LOCAL).date()
    for rest, day in _readings(fold(typed), today):
        try:
            clock = parse_time_vi(rest.strip(" ,.;-"))
        except BadTime:
            continue
        found = local(day or today, clock)
        return found if day or found <= now else local(today - timedelta(days=1), clock)
    raise BadTime(typed)


def split_title(typed: str, now: datetime) -> tuple[str, datetime]:
    """`Tên tin, 17:30 24/11` -> title and instant: what follows the last comma or the last two. Raises BadTime."""
    parts = typed.split(",")
    for tail in (1, 2):
        title = " ".join(",".join(parts[:-tail]).split())
        if not title:
            break
        try:
            return title, parse_moment_vi(",".join(parts[-tail:]), now)
        except BadTime:
            continue
    raise BadTime(typed)


def slot_on(day: date, hours: str, morning: bool) -> datetime:
    """The start of a station's usual morning or afternoon slot on a day; 06:00 or 17:00 when it has none."""
    starts = [time.fromisoformat(slot.partition("-")[0]) for slot in hours.split(",") if slot]
    fitting = [start for start in starts if (start.hour < 12) == morning]
    return local(day, fitting[0] if fitting else time(6 if morning else 17))


def _readings(folded: str, today: date) -> Iterator[tuple[str, date | None]]:
    """Ways to take a day out of the text, likeliest first: (the rest, the day). `17.30` alone is a time."""
    for words, back in _DAYS_BACK.items():
        if re.search(words, folded):
            yield re.sub(words, " ", folded), today - timedelta(days=back)
            return
    plain = _WEEKDAY.sub(" ", folded)
    if plain == folded:
        yield folded, None
    for found in _DATE.finditer(plain):
        day = _day(found, today)
        if day is not None:
            yield plain[: found.start()] + " " + plain[found.end() :], day
    named = _WEEKDAY.search(folded)
    if named is not None:
        yield plain, _last_weekday(named[1], today)


def _day(found: re.Match[str], today: date) -> date | None:
    try:
        if found[3]:
            return date(int(found[3]), int(found[2]), int(found[1]))
        this_year = date(today.year, int(found[2]), int(found[1]))
        return this_year if this_year <= today + _LONG_AHEAD else this_year.replace(year=today.year - 1)
    except ValueError:
        return None


def _last_weekday(name: str | None, today: date) -> date:
    """Today or one of the six days before it; None is Sunday."""
    number = 6 if name is None else _NUMBERS[name] if name in _NUMBERS else int(name) - 2
    return today - timedelta(days=(today.weekday() - number) % 7)
