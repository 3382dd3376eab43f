"""The last week of an excuse as an officer types it."""

from __future__ import annotations

from datetime import time

import pytest

from content.typed_week import parse_last_week
from content.week import BadWeek, Week

FIRST = Week.parse("2026-W48")
NOW = FIRST.at(1, time(9))


@pytest.mark.parametrize(
    "typed", ["", "mai", "32/12", "31/11", "0/0", "tuần 99", "99", "15/12/99999", "tuần 0", "²", "1/1/1"]
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(BadWeek):
        parse_last_week(typed, FIRST, NOW)


@pytest.mark.parametrize(
    ("typed", "label"),
    [("15/12", "2026-W51"), ("15-12", "2026-W51"), ("15.12.2026", "2026-W51"), ("ngày 15/12", "2026-W51"),
     ("đến 15/12", "2026-W51"), ("đến hết 13/12", "2026-W50"), ("tuần 50", "2026-W50"), ("50", "2026-W50"),
     ("hết tuần 50.", "2026-W50"), ("tuần 2", "2027-W02"), ("tuần 53", "2026-W53"), ("10/1", "2027-W01"),
     ("3/1", "2026-W53"), ("29/11", "2026-W48"), ("tuần 2/2027", "2027-W02")],
)  # fmt: skip
def test_a_day_or_a_number_means_a_week_from_the_first_on(typed: str, label: str) -> None:
    assert str(parse_last_week(typed, FIRST, NOW)) == label


def test_a_day_before_the_first_week_with_its_year_is_said_as_it_is() -> None:
    assert parse_last_week("1/11/2026", FIRST, NOW) < FIRST
