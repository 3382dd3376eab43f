"""The broadcast week: Monday 00:00 to Monday 00:00 by Viet Nam's clock, seven hours ahead of UTC all year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from content.week import BadWeek, Week, local, month_bounds


@pytest.mark.parametrize(
    ("moment", "label"),
    [
        (datetime(2026, 11, 22, 16, 59, 59, 999999, tzinfo=UTC), "2026-W47"),
        (datetime(2026, 11, 22, 17, 0, tzinfo=UTC), "2026-W48"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 1, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 3, 16, 59, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 3, 17, 0, tzinfo=UTC), "2027-W01"),
        (datetime(2024, 12, 30, 3, 0, tzinfo=UTC), "2025-W01"),
    ],
)
def test_an_instant_lies_in_one_week(moment: datetime, label: str) -> None:
    assert str(Week.of(moment)) == label


def test_week_53_exists_in_2026_and_not_in_2027() -> None:
    assert Week.parse("2026-W53").monday == date(2026, 12, 28)
    with pytest.raises(BadWeek, match="Năm 2027 không có tuần 53"):
        Week.parse("2027-W53")


@pytest.mark.parametrize(
    "label", ["", "2026", "2026-48", "W48", "2026-W0", "2026-W54", "2026-W481", "tuần 48"]
)
def test_a_label_that_names_no_week_is_refused(label: str) -> None:
    with pytest.raises(BadWeek):
        Week.parse(label)


@pytest.mark.parametrize("label", ["2026-W08", "2026-W8", "2026w08", " 2026-W08 "])
def test_people_may_type_a_week_loosely(label: str) -> None:
    assert str(Week.parse(label)) == "2026-W08"


def test_a_year_of_weeks_leaves_no_gap_and_no_overlap() -> None:
    weeks = [Week.parse("2026-W01").shift(n) for n in range(54)]

    assert all(one.ends_at == two.starts_at for one, two in pairwise(weeks))
    assert {one.ends_at - one.starts_at for one in weeks} == {timedelta(days=7)}
    assert [str(week) for week in weeks[-3:]] == ["2026-W52", "2026-W53", "2027-W01"]


def test_the_clock_of_viet_nam_never_changes_over_the_year() -> None:
    day = date(2026, 1, 1)
    hours = {local(day + timedelta(days=n), time(12)).hour for n in range(366)}
    assert hours == {5}


def test_a_month_ends_where_the_next_begins() -> None:
    assert month_bounds(date(2026, 12, 31)) == (
        datetime(2026, 11, 30, 17, tzinfo=UTC),
        datetime(2026, 12, 31, 17, tzinfo=UTC),
    )
    assert month_bounds(date(2028, 2, 29))[1] == datetime(2028, 2, 29, 17, tzinfo=UTC)
