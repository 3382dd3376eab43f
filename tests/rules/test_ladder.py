"""Which step of the week is due when."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from airlog.types import Rung
from content.week import LOCAL, Week
from scheduler.ladder import Ladder, Moment

WEEK = Week.parse("2026-W48")
MONDAY = WEEK.at(0, time(7, 30))


def at(day: int, clock: str) -> datetime:
    return WEEK.at(day, time.fromisoformat(clock))


@pytest.mark.parametrize(
    ("now", "sent_at", "due"),
    [
        (at(3, "07:59"), MONDAY, None),
        (at(3, "08:00"), MONDAY, (Rung.REMINDER_1, at(3, "08:00"))),
        (at(4, "13:59"), MONDAY, (Rung.REMINDER_1, at(3, "08:00"))),
        (at(4, "14:00"), MONDAY, (Rung.REMINDER_2, at(4, "14:00"))),
        (at(6, "23:59"), MONDAY, (Rung.REMINDER_2, at(4, "14:00"))),
        (at(7, "00:00"), MONDAY, None),
        (at(3, "10:59"), at(3, "07:00"), None),
        (at(3, "11:00"), at(3, "07:00"), (Rung.REMINDER_1, at(3, "11:00"))),
        (at(4, "17:00"), at(4, "13:00"), (Rung.REMINDER_2, at(4, "17:00"))),
    ],
    ids=[
        "a minute before Thursday 08:00",
        "Thursday 08:00",
        "the first stays due until the second is",
        "Friday 14:00",
        "last minute of the week",
        "the week is over",
        "an item sent on Thursday leaves four hours",
        "and then the reminder comes",
        "an item sent just before the second reminder gets only that one, four hours later",
    ],
)
def test_the_reminder_that_is_due(
    now: datetime, sent_at: datetime, due: tuple[Rung, datetime] | None
) -> None:
    assert Ladder().reminder(WEEK, sent_at, now) == due


@pytest.mark.parametrize(
    ("now", "rungs"),
    [
        (at(5, "07:59"), []),
        (at(5, "08:00"), [Rung.ESCALATION]),
        (at(6, "23:59"), [Rung.ESCALATION]),
        (at(7, "00:00"), []),
        (at(7, "08:00"), [Rung.DIGEST]),
        (at(10, "07:59"), [Rung.DIGEST]),
        (at(10, "08:00"), []),
    ],
)
def test_officers_hear_on_saturday_and_on_the_monday_after(now: datetime, rungs: list[Rung]) -> None:
    assert [rung for rung, _ in Ladder().officer_rungs(WEEK, now)] == rungs


@pytest.mark.parametrize(
    ("quiet", "moment", "then"),
    [
        (("21:00", "06:00"), at(2, "20:59"), at(2, "20:59")),
        (("21:00", "06:00"), at(2, "21:00"), at(3, "06:00")),
        (("21:00", "06:00"), at(2, "05:59"), at(2, "06:00")),
        (("21:00", "06:00"), at(2, "06:00"), at(2, "06:00")),
        (("21:00", "06:00"), at(6, "23:00"), at(7, "06:00")),
        (("00:00", "06:30"), at(2, "10:00"), at(2, "10:00")),
        (("00:00", "06:30"), at(2, "00:00"), at(2, "06:30")),
        (("12:00", "13:30"), at(2, "12:15"), at(2, "13:30")),
        (("12:00", "13:30"), at(2, "22:00"), at(2, "22:00")),
        (("00:00", "00:00"), at(2, "03:00"), at(2, "03:00")),
    ],
)
def test_reminders_wake_nobody(quiet: tuple[str, str], moment: datetime, then: datetime) -> None:
    start, end = (time.fromisoformat(clock) for clock in quiet)
    assert Ladder(quiet_from=start, quiet_to=end).after_quiet(moment) == then


@pytest.mark.parametrize(
    ("ask", "asked", "now", "due"),
    [
        (at(0, "18:20"), None, at(0, "12:00"), (Rung.QUESTION, at(0, "18:20"))),
        (at(0, "18:20"), None, at(2, "09:00"), (Rung.QUESTION, at(2, "09:00"))),
        (at(0, "18:20"), at(0, "18:20"), at(3, "08:00"), None),
        (at(0, "18:20"), at(0, "18:20"), at(4, "14:00"), (Rung.REMINDER_2, at(4, "14:00"))),
        (at(0, "18:20"), None, at(4, "14:00"), (Rung.REMINDER_2, at(4, "14:00"))),
        (at(0, "18:20"), at(4, "13:00"), at(4, "14:00"), None),
        (at(0, "18:20"), at(4, "13:00"), at(4, "17:00"), (Rung.REMINDER_2, at(4, "17:00"))),
        (at(5, "18:20"), None, at(4, "14:00"), (Rung.QUESTION, at(5, "18:20"))),
        (at(5, "18:20"), at(5, "18:20"), at(5, "22:20"), (Rung.REMINDER_2, at(5, "22:20"))),
        (at(5, "18:20"), at(5, "18:20"), at(7, "00:00"), None),
    ],
    ids=[
        "planned ahead",
        "the machine was off at the hour: a late question",
        "asked: the first reminder is not for this station",
        "the second reminder comes at its time",
        "a question that could not leave until then is overtaken by it",
        "a question that left late is not followed at once",
        "but four hours later",
        "a station that airs after the second reminder is asked first",
        "and reminded after that",
        "the week is over",
    ],
)
def test_the_step_of_a_station_with_hours_of_its_own(
    ask: datetime, asked: datetime | None, now: datetime, due: tuple[Rung, datetime] | None
) -> None:
    assert Ladder().after_question(WEEK, ask, asked, now) == due


def test_leader_and_province_come_after_their_grace() -> None:
    ladder = Ladder()

    assert ladder.leader_at(WEEK, MONDAY) == at(4, "18:00")
    assert ladder.leader_at(WEEK, at(5, "08:00")) == at(5, "16:00"), "of an item that came only then"
    assert ladder.province_at(WEEK) == at(6, "08:00")


@pytest.mark.parametrize(
    ("label", "day", "clock", "then"),
    [
        ("2027-W05", 3, "20:00", (3, "20:00")),
        ("2027-W05", 4, "00:00", (8, "06:00")),
        ("2027-W05", 5, "10:00", (8, "06:00")),
        ("2027-W06", 0, "23:00", (1, "06:00")),
        ("2027-W06", 1, "06:00", (1, "06:00")),
        ("2026-W48", 5, "10:00", (5, "10:00")),
    ],
    ids=["the day before", "the eve", "mùng 1", "the night after mùng 3", "mùng 4", "an ordinary Saturday"],
)
def test_tet_is_quiet_from_its_eve_to_mung_3(label: str, day: int, clock: str, then: tuple[int, str]) -> None:
    week = Week.parse(label)
    moment = week.at(day, time.fromisoformat(clock))
    assert Ladder().after_quiet(moment) == week.at(then[0], time.fromisoformat(then[1]))


def test_every_step_can_be_moved_by_a_setting() -> None:
    ladder = Ladder(reminder_1=Moment(1, time(9)), least_gap=timedelta(hours=1))

    due = ladder.reminder(WEEK, MONDAY, at(1, "09:00"))

    assert due == (Rung.REMINDER_1, at(1, "09:00"))
    assert due[1].astimezone(LOCAL).hour == 9
