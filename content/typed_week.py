"""The last week of an excuse as an officer types it: `15/12`, `15/12/2026`, `tuần 50`, `50`. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime

from content.week import LOCAL, BadWeek, Week
from content.wording import fold

_DAY = re.compile(r"(?:ngay )?(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}))?")
_NUMBER = re.compile(r"(?:tuan )?(\d{1,2})(?:\s*[/.-]\s*(\d{4}))?")
_UNTIL = re.compile(r"^(?:den het|het|den|toi)\s+")


def parse_last_week(typed: str, first: Week, now: datetime) -> Week:
    """The week in which the day lies, or the week of that number: the first such from `first` on. Raises BadWeek."""
    words = _UNTIL.sub("", fold(typed).strip(" .,"))
    number, day = _NUMBER.fullmatch(words), _DAY.fullmatch(words)
    try:
        if words.startswith("tuan ") and number and number[2]:
            return Week.parse(f"{number[2]}-W{number[1]}")
        if day:
            return Week.on(_day(day, first, now))
        if number:
            return _numbered(int(number[1]), first)
    except (ValueError, OverflowError) as error:
        raise BadWeek(typed) from error
    raise BadWeek(typed)


def _day(found: re.Match[str], first: Week, now: datetime) -> date:
    if found[3]:
        return date(int(found[3]), int(found[2]), int(found[1]))
    year = now.astimezone(LOCAL).year
    day = date(year, int(found[2]), int(found[1]))
    return day if day >= first.monday else day.replace(year=year + 1)


def _numbered(number: int, first: Week) -> Week:
    """Week 2 typed in December is that of the next year."""
    week = Week.parse(f"{first.year}-W{number:02d}")
    return week if week >= first else Week.parse(f"{first.year + 1}-W{number:02d}")
