"""How a report is called, and who signs it: the parts of the official form that depend on area and period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from airlog.scope import lower_kind
from reports.figures import Figures
from reports.period import ReportPeriod
from reports.words import official_date


@dataclass(frozen=True)
class Office:
    """The office that reports: heading, symbol and signature of the official form. No name of a person.

    Fields stand in the document as they are, capitals included; `superior` is empty for a people's committee.
    """

    superior: str
    name: tuple[str, ...]
    in_sentence: str
    symbol: str
    place: str
    signer: tuple[str, ...]
    recipients: tuple[str, ...]


def report_title(figures: Figures) -> str:
    """“Báo cáo phát thanh 06 tháng (05/12/2025 - 04/6/2026), tỉnh Lâm Đồng”: for headers and e-mail subjects."""
    period = figures.period
    dates = f"{official_date(period.starts_on)} - {official_date(period.last_day)}"
    return f"Báo cáo phát thanh {period_name(period)} ({dates}), {figures.place}"


def period_name(period: ReportPeriod) -> str:
    match period.kind:
        case "half":
            return "06 tháng"
        case "year":
            return f"năm {period.last_day.year}"
        case "other":
            return "theo kỳ"
    assert_never(period.kind)


def office_for(figures: Figures) -> Office:
    """The usual office of an area: the commune's committee, else the province's department for DX.

    Since March 2025 that is the Department of Science and Technology (Sở Khoa học và Công nghệ). Another office
    gives its own `Office`.
    """
    if figures.scope.kind == "commune":
        return Office(
            superior="",
            name=("ỦY BAN NHÂN DÂN", figures.place.upper()),
            in_sentence=f"Ủy ban nhân dân {figures.place}",
            symbol="BC-UBND",
            place=_bare(figures.place),
            signer=("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
            recipients=(f"Sở Khoa học và Công nghệ {lower_kind(figures.province)} (để báo cáo);", "Lưu: VT."),
        )
    if not figures.province:
        return Office(
            superior="BỘ KHOA HỌC VÀ CÔNG NGHỆ",
            name=("CỤC CHUYỂN ĐỔI SỐ QUỐC GIA",),
            in_sentence="Cục Chuyển đổi số quốc gia",
            symbol="BC-CĐSQG",
            place="Hà Nội",
            signer=("CỤC TRƯỞNG",),
            recipients=("Bộ Khoa học và Công nghệ (để báo cáo);", "Lưu: VT."),
        )
    return Office(
        superior=f"UBND {figures.province.upper()}",
        name=("SỞ KHOA HỌC VÀ CÔNG NGHỆ",),
        in_sentence="Sở Khoa học và Công nghệ",
        symbol="BC-SKHCN",
        place=_bare(figures.province),
        signer=("GIÁM ĐỐC",),
        recipients=(f"UBND {lower_kind(figures.province)} (để báo cáo);", "Lưu: VT."),
    )


def _bare(name: str) -> str:
    """“Tỉnh Lâm Đồng” -> “Lâm Đồng”, as the line of place and date has it."""
    for kind in ("tỉnh ", "thành phố ", "xã ", "phường ", "đặc khu "):
        if name.lower().startswith(kind):
            return name[len(kind) :]
    return name
