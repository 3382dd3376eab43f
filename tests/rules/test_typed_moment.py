"""Days and times as people type them after an airing."""

from __future__ import annotations

from datetime import datetime

import pytest

from content.typed_moment import parse_moment_vi, slot_on, split_title
from content.typed_time import BadTime
from content.week import LOCAL

NOW = datetime(2026, 11, 24, 17, 25, tzinfo=LOCAL)  # a Tuesday


def shown(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%d/%m/%Y %H:%M}"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("17:10", "24/11/2026 17:10"),
        ("17.10", "24/11/2026 17:10"),
        ("17h10", "24/11/2026 17:10"),
        ("18:00", "23/11/2026 18:00"),
        ("5 giờ chiều qua", "23/11/2026 17:00"),
        ("5 gio sang qua", "23/11/2026 05:00"),
        ("hôm qua 5 giờ chiều", "23/11/2026 17:00"),
        ("5 rưỡi sáng nay", "24/11/2026 05:30"),
        ("17:30 23/11", "23/11/2026 17:30"),
        ("17:30, ngày 23/11", "23/11/2026 17:30"),
        ("23/11 lúc 17h30", "23/11/2026 17:30"),
        ("17.30 23.11", "23/11/2026 17:30"),
        ("23-11-2026 17:30", "23/11/2026 17:30"),
        ("17 giờ 30, thứ Hai 23/11", "23/11/2026 17:30"),
        ("17:00 thứ hai", "23/11/2026 17:00"),
        ("17:00 thứ 3", "24/11/2026 17:00"),
        ("5h chủ nhật", "22/11/2026 05:00"),
        ("5h CN", "22/11/2026 05:00"),
        ("17:30 25/11", "25/11/2026 17:30"),
        ("17:30 24/12", "24/12/2026 17:30"),
        ("17:30 2/9", "02/09/2026 17:30"),
    ],
)
def test_a_moment_is_understood_as_it_was_meant(typed: str, meant: str) -> None:
    assert shown(parse_moment_vi(typed, NOW)) == meant


def test_a_day_of_december_typed_in_january_was_last_year() -> None:
    assert shown(parse_moment_vi("17:30 30/12", NOW.replace(year=2027, month=1, day=3))) == "30/12/2026 17:30"


@pytest.mark.parametrize(
    "typed", ["25h", "", "24/11", "hôm qua", "17:30 31/2", "29/2", "thứ hai", "5", "xin chào"]
)
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(BadTime):
        parse_moment_vi(typed, NOW)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("Tin, thôn 3, 17:00 23/11", "Tin, thôn 3"),
        ("Tin thôn 3, 17:00, 23/11", "Tin thôn 3"),
        ("A,17:00", "A"),
    ],
)
def test_the_title_is_what_stands_before_the_time(typed: str, title: str) -> None:
    assert split_title(typed, NOW)[0] == title


@pytest.mark.parametrize("typed", [", 17:00", "17:00", "Tin thôn 3", "Tin, 25h", " , 17:00, 23/11"])
def test_a_title_or_time_that_is_missing_is_refused(typed: str) -> None:
    with pytest.raises(BadTime):
        split_title(typed, NOW)


@pytest.mark.parametrize(
    ("hours", "morning", "meant"),
    [
        ("05:00-06:00,17:00-18:00", True, "05:00"),
        ("05:00-06:00,17:00-18:00", False, "17:00"),
        ("16:30-17:00", True, "06:00"),
        ("", False, "17:00"),
    ],
)
def test_a_stations_usual_slot_stands_for_morning_and_afternoon(
    hours: str, morning: bool, meant: str
) -> None:
    assert shown(slot_on(NOW.date(), hours, morning)).endswith(meant)
