"""When a station is asked whether it has aired: at its own hour, as it is on record or as its statements tell."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from airlog.airing_times import BadHours, read_days, read_hours
from content.week import Week
from scheduler.asking import Habit, Slot, habit_of, read_slots, usual_clock, usual_days
from scheduler.ladder import Ladder

WEEK = Week.parse("2026-W48")
GOT = WEEK.at(0, time(7, 31))
AFTER = timedelta(minutes=20)
TWO = "05:00-06:00,17:00-18:00"


def at(day: int, clock: str, week: Week = WEEK) -> datetime:
    return week.at(day, time.fromisoformat(clock))


def said(*moments: str, day: int = 2) -> list[datetime]:
    """Airings on one weekday of the weeks before, newest first."""
    return [at(day, clock, WEEK.shift(-back)) for back, clock in enumerate(moments, start=1)]


@pytest.mark.parametrize(
    ("clocks", "usual"),
    [
        ((), None),
        (("17:10", "17:12"), None),
        (("17:10", "17:12", "17:05"), "17:10"),
        (("17:10", "17:12", "17:05", "17:40"), "17:10"),
        (("05:05", "17:12", "17:05", "17:20", "17:00", "17:15"), "17:05"),
        (("05:05", "17:12", "05:10", "17:20", "05:00", "17:15"), None),
        (("05:00", "08:00", "11:00", "14:00", "17:00", "20:00"), None),
        (("17:00", "17:30", "18:00"), "17:30"),
        (("16:59", "17:30", "18:01"), None),
        (("11:00", "11:05", "11:10", "11:00", "11:05", "11:10", "17:00", "17:00", "17:00"), "11:05"),
    ],
    ids=[
        "nothing was said",
        "two are not enough",
        "three that agree",
        "a half hour off is near",
        "one of another time does not count",
        "half in the morning, half in the evening",
        "all over the day",
        "just an hour apart",
        "more than an hour apart",
        "only the last six count",
    ],
)
def test_the_hour_that_statements_agree_on(clocks: tuple[str, ...], usual: str | None) -> None:
    assert usual_clock(said(*clocks)) == (time.fromisoformat(usual) if usual else None)


def test_the_day_is_learned_when_two_thirds_name_it() -> None:
    wednesdays = said("17:00", "17:00", "17:00", "17:00")

    assert usual_days(wednesdays) == {2}
    assert usual_days([at(0, "17:00"), at(1, "17:00"), at(2, "17:00")]) == frozenset()
    assert usual_days(wednesdays[:2]) == frozenset()


EVENING, MORNING = Slot(time(17), time(18)), Slot(time(5), time(6))
MON_SAT = frozenset(range(6))


@pytest.mark.parametrize(
    ("known", "stated", "habit"),
    [
        (False, (), None),
        (True, (), Habit(MON_SAT, (MORNING, EVENING))),
        (True, said("17:05", "17:10", "17:15"), Habit(MON_SAT, (EVENING,), frozenset({2}))),
        (
            True,
            said("11:05", "11:10", "11:15"),
            Habit(MON_SAT, (Slot(time(11, 10), time(11, 10)),), frozenset({2})),
        ),
        (
            False,
            said("11:05", "11:10", "11:15"),
            Habit(MON_SAT, (Slot(time(11, 10), time(11, 10)),), frozenset({2})),
        ),
        (False, said("05:05", "11:10", "17:15"), None),
        (True, said("05:05", "11:10", "17:15"), Habit(MON_SAT, (MORNING, EVENING))),
    ],
    ids=[
        "what is usual in the country is nobody's word",
        "the hours on record",
        "statements tell which of the slots",
        "statements that agree on another hour win over the record",
        "and over having no record",
        "statements that do not agree tell nothing",
        "nor do they unmake the record",
    ],
)
def test_what_is_known_of_a_station(known: bool, stated: list[datetime], habit: Habit | None) -> None:
    assert habit_of("123456", TWO, known, stated) == habit


@pytest.mark.parametrize(
    ("days", "hours", "got", "asked"),
    [
        ("123456", "17:00-18:00", GOT, at(0, "18:20")),
        ("123456", TWO, GOT, at(0, "18:20")),
        ("3", "17:00-18:00", GOT, at(2, "18:20")),
        ("3", "17:00-18:00", at(2, "17:30"), None),
        ("1", "05:00-06:00", GOT, None),
        ("7", "19:00-20:00", GOT, at(6, "20:20")),
        ("7", "20:00-20:45", GOT, None),
        ("6", "20:00-20:45", GOT, at(6, "06:00")),
        ("2", "05:00-05:30", GOT, at(1, "06:00")),
        ("2", "23:30-00:30", GOT, at(2, "06:00")),
        ("123456", "17:00-18:00", at(5, "17:30"), None),
    ],
    ids=[
        "twenty minutes after the slot",
        "the next slot after the item came",
        "only on its day",
        "an item that came in the middle of the last slot is not asked about",
        "its day was over when the item came",
        "on Sunday, while it is day",
        "after the quiet hours the week is over",
        "in quiet hours it waits for the morning",
        "a morning slot that ends in quiet hours",
        "a slot over midnight",
        "no slot is left",
    ],
)
def test_when_it_is_asked(days: str, hours: str, got: datetime, asked: datetime | None) -> None:
    habit = habit_of(days, hours, True, ())
    assert habit is not None
    assert habit.ask_at(WEEK, got, AFTER, Ladder().after_quiet) == asked


def test_the_likely_day_is_waited_for_and_another_one_taken_when_it_is_over() -> None:
    habit = Habit(MON_SAT, (EVENING,), frozenset({2}))

    assert habit.ask_at(WEEK, GOT, AFTER, Ladder().after_quiet) == at(2, "18:20")
    assert habit.ask_at(WEEK, at(2, "20:00"), AFTER, Ladder().after_quiet) == at(3, "18:20")


@pytest.mark.parametrize("label", ["2026-W53", "2027-W01", "2027-W05", "2020-W53"])
def test_it_is_asked_in_weeks_at_the_turn_of_a_year_too(label: str) -> None:
    week = Week.parse(label)
    habit = Habit(frozenset({3}), (EVENING,))

    asked = habit.ask_at(week, week.at(0, time(7, 30)), AFTER, Ladder().after_quiet)

    assert asked == week.at(3, time(18, 20))


def test_nobody_is_asked_in_the_days_of_tet() -> None:
    tet = Week.parse("2027-W05")  # mùng 1 is Saturday 6 February
    assert Habit(frozenset({4}), (EVENING,)).ask_at(tet, tet.starts_at, AFTER, Ladder().after_quiet) is None


@pytest.mark.parametrize(
    ("now", "usual"),
    [
        (at(2, "18:25"), at(2, "17:00")),
        (at(2, "16:59"), at(1, "17:00")),
        (at(0, "06:00"), None),
        (at(0, "17:00"), at(0, "17:00")),
    ],
)
def test_the_usual_time_just_before_a_moment(now: datetime, usual: datetime | None) -> None:
    assert Habit(MON_SAT, (EVENING,)).last_before(now) == usual


def test_hours_that_cannot_be_read_are_none() -> None:
    assert read_slots("") == ()
    assert read_slots("sáng sớm,17:00-18:00") == (EVENING,)


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("2-7", "123456"),
        ("2,4,6", "135"),
        ("CN", "7"),
        ("thứ 2 - thứ 6, cn", "123457"),
        ("hằng ngày", "1234567"),
        ("", "1234567"),
    ],
)
def test_days_are_read_as_people_write_them(typed: str, days: str) -> None:
    assert read_days(typed) == days


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("5h-6h", "05:00-06:00"),
        ("05:00-06:00, 17h00-18h", "05:00-06:00,17:00-18:00"),
        ("17:00 đến 17:30", "17:00-17:30"),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, hours: str) -> None:
    assert read_hours(typed) == hours


@pytest.mark.parametrize("typed", ["1", "9", "7-2", "thứ hai tuần"])
def test_days_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(BadHours, match="Chưa đọc được ngày phát"):
        read_days(typed)


@pytest.mark.parametrize("typed", ["", "sáng", "25:00-26:00", "17:00", "5h-6h," * 7])
def test_hours_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(BadHours, match="Chưa đọc được giờ phát"):
        read_hours(typed)
