"""Times, dates and numbers as Vietnamese readers write them, and as they type them."""

import unicodedata
from datetime import date, datetime, time

import pytest

from content.typed_time import BadTime, parse_time_vi
from content.week import LOCAL, Week
from content.wording import (
    date_vi,
    day_vi,
    deadline_vi,
    duration_vi,
    fold,
    moment_vi,
    nfc,
    number_vi,
    time_vi,
    week_vi,
)


@pytest.mark.parametrize(
    "typed",
    [
        "25h",
        "24:00",
        "17:60",
        "17 giờ sáng",
        "3 giờ tối",
        "5",
        "17",
        "",
        "mai",
        "17:30:00",
        "1:2:3",
        "99999",
        "-5h",
        "5h kém",
    ],
)
def test_a_wrong_or_doubtful_time_is_asked_again(typed: str) -> None:
    with pytest.raises(BadTime, match="Anh/chị gõ lại giờ"):
        parse_time_vi(typed)


def test_the_answer_to_a_wrong_time_repeats_only_the_start_of_a_long_text() -> None:
    with pytest.raises(BadTime) as refused:
        parse_time_vi("xin chào " * 500)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("17:30", time(17, 30)),
        ("17h30", time(17, 30)),
        ("17g30", time(17, 30)),
        ("17.30", time(17, 30)),
        ("1730", time(17, 30)),
        ("730", time(7, 30)),
        ("17h", time(17)),
        ("17 giờ", time(17)),
        ("17 giờ 30 phút", time(17, 30)),
        ("  17H30 ", time(17, 30)),
        ("5 giờ 30 chiều", time(17, 30)),
        ("5 gio 30 chieu", time(17, 30)),
        ("5 rưỡi chiều", time(17, 30)),
        ("lúc 7h tối qua", time(19)),
        ("5h sáng nay", time(5)),
        ("6 giờ kém 10 sáng", time(5, 50)),
        ("12 giờ kém 5 đêm", time(23, 55)),
        ("12 giờ đêm", time(0)),
        ("12 giờ trưa", time(12)),
        ("1 giờ trưa", time(13)),
        ("1 giờ đêm", time(1)),
        ("17 giờ chiều", time(17)),
        ("0h", time(0)),
        ("5 CHIEU", time(17)),
        (unicodedata.normalize("NFD", "5 giờ chiều"), time(17)),
    ],
)
def test_a_time_is_understood_as_people_type_it(typed: str, meant: time) -> None:
    assert parse_time_vi(typed) == meant


def test_a_moment_names_hour_weekday_and_date() -> None:
    moment = datetime(2026, 11, 24, 17, 25, tzinfo=LOCAL)
    assert moment_vi(moment) == "17 giờ 25, thứ Ba 24/11"
    assert (time_vi(time(7, 5)), time_vi(time(8))) == ("07 giờ 05", "08 giờ")
    assert (day_vi(date(2026, 11, 29)), date_vi(date(2026, 11, 5))) == ("Chủ nhật 29/11", "5/11/2026")


def test_midnight_as_a_deadline_is_24_hours_of_the_day_before() -> None:
    assert deadline_vi(datetime(2026, 11, 30, 0, 0, tzinfo=LOCAL)) == "24 giờ Chủ nhật 29/11"
    assert deadline_vi(datetime(2026, 11, 26, 8, 0, tzinfo=LOCAL)) == "08 giờ thứ Năm 26/11"


@pytest.mark.parametrize(
    ("label", "read"),
    [
        ("2026-W48", "tuần 48 (23-29/11)"),
        ("2026-W49", "tuần 49 (30/11-6/12)"),
        ("2026-W53", "tuần 53 (28/12-3/1)"),
    ],
)
def test_a_week_shows_its_days(label: str, read: str) -> None:
    assert week_vi(Week.parse(label)) == read


@pytest.mark.parametrize(
    ("seconds", "read"),
    [
        (112, "1 phút 52 giây"),
        (60, "1 phút"),
        (45.4, "45 giây"),
        (59.6, "1 phút"),
        (3720, "1 giờ 2 phút"),
        (0, "0 giây"),
    ],
)
def test_a_length_leaves_out_what_is_nought(seconds: float, read: str) -> None:
    assert duration_vi(seconds) == read


def test_numbers_carry_a_dot_for_thousands_and_a_comma_for_decimals() -> None:
    assert [number_vi(3321), number_vi(1234.5), number_vi(99.95, 1), number_vi(0.5)] == [
        "3.321",
        "1.234,5",
        "100,0",
        "0,5",
    ]


def test_folding_forgets_accents_case_and_spacing() -> None:
    assert fold("  Đắk  Wil ") == fold("ĐẮK WIL") == "dak wil"
    assert fold("hoà") == fold("hòa") == "hoa"
    assert nfc(unicodedata.normalize("NFD", "Quảng Ngãi")) == "Quảng Ngãi"


def test_every_time_the_program_writes_can_be_typed_back() -> None:
    day = [time(hour, minute) for hour in range(24) for minute in range(60)]
    assert [parse_time_vi(time_vi(clock)) for clock in day] == day
