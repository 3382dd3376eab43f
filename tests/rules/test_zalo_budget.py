"""What a bot gives up when its month runs low, and what never."""

from __future__ import annotations

from datetime import datetime

import pytest

from airlog.budget import Month, Weight, forecast, month_of
from content.week import LOCAL

BUDGET = 3000


@pytest.mark.parametrize(
    ("used", "acknowledgement", "reminder", "needed"),
    [
        (0, "send", "send", "send"),
        (2099, "send", "send", "send"),
        (2100, "send", "send", "send"),
        (2699, "send", "send", "send"),
        (2700, "hold", "send", "send"),
        (2849, "hold", "send", "send"),
        (2850, "hold", "hold", "send"),
        (2999, "hold", "hold", "send"),
        (3000, "hold", "hold", "send"),
        (9000, "hold", "hold", "send"),
    ],
)
def test_acknowledgements_go_first_then_reminders_and_the_notice_never(
    used: int, acknowledgement: str, reminder: str, needed: str
) -> None:
    def told(weight: Weight) -> str:
        return "hold" if Month(used, BUDGET).gives_up(weight) else "send"

    assert (told("acknowledgement"), told("reminder"), told("needed")) == (acknowledgement, reminder, needed)


@pytest.mark.parametrize(
    ("used", "level"), [(0, 0), (2099, 0), (2100, 70), (2699, 70), (2700, 90), (5000, 90)]
)
def test_a_level_is_reached_with_its_message_and_not_before(used: int, level: int) -> None:
    assert Month(used, BUDGET).level == level


def test_without_a_budget_nothing_is_given_up() -> None:
    month = Month(10_000, 0)

    assert (month.percent, month.level, month.gives_up("acknowledgement")) == (0, 0, False)


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=LOCAL), "2026-11"),
        (datetime(2026, 12, 1, 0, 0, tzinfo=LOCAL), "2026-12"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=LOCAL), "2026-12"),
        (datetime(2027, 1, 1, 0, 0, tzinfo=LOCAL), "2027-01"),
    ],
)
def test_a_month_begins_at_midnight_in_viet_nam(moment: datetime, month: str) -> None:
    assert month_of(moment) == month


@pytest.mark.parametrize(
    ("moment", "guess"),
    [
        (datetime(2026, 11, 1, 0, 0, tzinfo=LOCAL), None),
        (datetime(2026, 11, 3, 23, 0, tzinfo=LOCAL), None),
        (datetime(2026, 11, 11, 0, 0, tzinfo=LOCAL), 900),
        (datetime(2026, 12, 16, 12, 0, tzinfo=LOCAL), 600),
        (datetime(2027, 2, 15, 0, 0, tzinfo=LOCAL), 600),
    ],
)
def test_the_end_of_the_month_is_guessed_once_some_days_are_over(moment: datetime, guess: int | None) -> None:
    assert forecast(300, moment) == guess
