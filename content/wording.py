"""How times, dates, lengths and numbers are written for Vietnamese readers."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from content.week import Week

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The key under which typed text is compared: no accents, no case, đ as d, single spaces."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return " ".join(bare.casefold().replace("đ", "d").split())


def time_vi(clock: datetime | time) -> str:
    """`17 giờ 25`, `07 giờ`: two figures so that lists line up. A datetime must be local already."""
    return f"{clock.hour:02d} giờ {clock.minute:02d}" if clock.minute else f"{clock.hour:02d} giờ"


def day_vi(day: date) -> str:
    """`thứ Ba 24/11`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day}/{day.month}"


def date_vi(day: date) -> str:
    """`24/11/2026`."""
    return f"{day.day}/{day.month}/{day.year}"


def moment_vi(local: datetime) -> str:
    """`17 giờ 25, thứ Ba 24/11`, from a local datetime."""
    return f"{time_vi(local)}, {day_vi(local.date())}"


def deadline_vi(local: datetime) -> str:
    """An end that is not included: midnight reads as 24 giờ of the day before, as people say it."""
    if local.time() == time():
        return f"24 giờ {day_vi(local.date() - timedelta(days=1))}"
    return f"{time_vi(local)} {day_vi(local.date())}"


def week_vi(week: Week) -> str:
    """`tuần 48 (23-29/11)`, across months `tuần 49 (30/11-6/12)`."""
    first, last = week.monday, week.sunday
    start = f"{first.day}" if first.month == last.month else f"{first.day}/{first.month}"
    return f"tuần {week.number} ({start}-{last.day}/{last.month})"


def duration_vi(seconds: float) -> str:
    """`1 phút 52 giây`, to the nearest second; parts that are nought are left out."""
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    parts = [f"{size} {unit}" for size, unit in ((hour, "giờ"), (minute, "phút"), (second, "giây")) if size]
    return " ".join(parts) or "0 giây"


def number_vi(number: int | float | Decimal, places: int | None = None) -> str:
    """`1.234,5`. `places` fixes the decimals; without it as many as the number has."""
    text = f"{number:,}" if places is None else f"{number:,.{places}f}"
    return text.translate(str.maketrans(",.", ".,"))
