"""Words of the record as documents write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from airlog.rules import Sign
from airlog.types import EntryKind, MissedReason
from content.excuses import EXCUSES
from content.messages import REASONS, cap
from content.week import LOCAL, Week
from content.wording import fold, number_vi, time_vi, week_vi
from reports.signs import LOOKS

KINDS: dict[EntryKind, str] = {
    EntryKind.AIRED: "Đã phát",
    EntryKind.NOT_AIRED: "Chưa phát được",
    EntryKind.CORRECTED: "Đính chính",
    EntryKind.WITHDRAWN: "Hủy xác nhận",
    EntryKind.LEADER_CLEARED: "Lãnh đạo xã duyệt",
    EntryKind.EXCUSED: "Được miễn",
    EntryKind.REVIEWED: "Xem xét",
    EntryKind.ANSWERED: "Trả lời câu hỏi",
}
VERDICTS = {"accepted": "chấp nhận", "queried": "hỏi lại", "rejected": "không chấp nhận"}
_CHANNELS = {
    "telegram": "Telegram",
    "zalo": "Zalo",
    "simulator": "Điện thoại mô phỏng",
    "web": "Trang của cán bộ",
    "page": "Trang cá nhân",
    "console": "Dòng lệnh",
    "demo": "Chạy thử",
}


def state_word(sign: Sign) -> str:
    return cap(LOOKS[sign].word)


def reason_word(reason: MissedReason | None) -> str:
    return (EXCUSES | REASONS)[str(reason)] if reason else ""


def channel_word(channel: str) -> str:
    return _CHANNELS.get(channel, channel)


def period_word(period: str) -> str:
    """“Tuần 48 (23-29/11)” for `2026-W48`, “Tháng 11/2026” for `2026-11`."""
    if "W" in period:
        return cap(week_vi(Week.parse(period)))
    year, _, month = period.partition("-")
    return f"Tháng {int(month)}/{year}"


def share_word(share: Fraction | None) -> str:
    """`92,9%`; a dash where nothing was owed."""
    return "–" if share is None else f"{number_vi(percent(share), 1)}%"


def percent(share: Fraction) -> Decimal:
    """To one decimal, a half upwards as people round."""
    exact = Decimal(share.numerator * 100) / Decimal(share.denominator)
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def official_date(day: date) -> str:
    """`04/6/2026`: nought before days under 10 and months under 3 (Nghị định 30/2020)."""
    return f"{day.day:02d}/{_month(day)}/{day.year}"


def official_day_line(day: date) -> str:
    """`ngày 04 tháng 6 năm 2026`."""
    return f"ngày {day.day:02d} tháng {_month(day)} năm {day.year}"


def as_of_line(now: datetime) -> str:
    local = now.astimezone(LOCAL)
    return f"Số liệu lúc {time_vi(local)} ngày {official_date(local.date())}"


def ascii_name(text: str) -> str:
    """For file names: “68/Tỉnh Đắk Nông” -> `68-tinh-dak-nong`."""
    plain = "".join(ch if ch.isascii() and ch.isalnum() else "-" for ch in fold(text))
    return "-".join(part for part in plain.split("-") if part) or "ca-nuoc"


def _month(day: date) -> str:
    return f"{day.month:02d}" if day.month < 3 else str(day.month)
