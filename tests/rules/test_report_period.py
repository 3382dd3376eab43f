from datetime import UTC, date, datetime

import pytest

from reports.period import BadPeriod, ReportPeriod, due_reports, six_months_ending, year_ending


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadPeriod, match="Anh/chị chọn ngày đầu trước ngày cuối"):
        ReportPeriod(date(2026, 6, 5), date(2026, 6, 5))


def test_six_months_to_the_fourth_of_june_begin_on_the_fifth_of_december() -> None:
    period = six_months_ending(date(2026, 6, 4))

    assert (period.starts_on, period.ends_on) == (date(2025, 12, 5), date(2026, 6, 5))
    assert period.kind == "half"


def test_the_year_to_the_fourth_of_december_is_two_half_years_without_gap_or_overlap() -> None:
    year = year_ending(date(2026, 12, 4))

    first, second = six_months_ending(date(2026, 6, 4)), six_months_ending(date(2026, 12, 4))

    assert (first.starts_on, first.ends_on, second.ends_on) == (
        year.starts_on,
        second.starts_on,
        year.ends_on,
    )


def test_half_a_year_to_the_end_of_august_begins_at_the_end_of_a_short_february() -> None:
    assert six_months_ending(date(2026, 8, 30)).starts_on == date(2026, 2, 28)


def test_a_period_begins_and_ends_at_midnight_in_viet_nam() -> None:
    assert six_months_ending(date(2026, 6, 4)).bounds == (
        datetime(2025, 12, 4, 17, tzinfo=UTC),
        datetime(2026, 6, 4, 17, tzinfo=UTC),
    )


LETTER = ("06-04", "12-04")


def test_a_mandate_that_names_no_day_owes_no_report() -> None:
    assert due_reports((), date(2026, 3, 1)) == []


def test_before_5_june_and_5_december_means_half_a_year_and_then_the_year() -> None:
    june, december, *_ = due_reports(LETTER, date(2026, 3, 1))

    assert (june.due_on, june.kind) == (date(2026, 6, 4), "half")
    assert (december.due_on, december.kind) == (date(2026, 12, 4), "year")


def test_on_its_last_good_day_a_report_is_still_due_and_the_day_after_it_is_past() -> None:
    assert due_reports(LETTER, date(2026, 6, 4))[0].due_on == date(2026, 6, 4)
    assert due_reports(LETTER, date(2026, 6, 5))[0].due_on == date(2026, 12, 4)
    assert due_reports(LETTER, date(2026, 6, 5))[2].due_on == date(2026, 6, 4)


def test_the_soonest_report_comes_first_and_the_last_ones_after_it_also_across_new_year() -> None:
    due = [one.due_on for one in due_reports(LETTER, date(2026, 7, 1))]

    assert due == [date(2026, 12, 4), date(2027, 6, 4), date(2026, 6, 4), date(2025, 12, 4)]
