"""Changes of communes from a list: a row for each pair of old and new unit, taken in whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from airlog.area_checks import clean_name, where
from airlog.area_orders import BadChange, Order, Stations, Unit
from airlog.types import AreaChangeKind
from content import area_messages as words
from content.wording import fold, nfc

HEADER = (
    "loai", "ma_cu", "ma_moi", "ten_moi", "ma_tinh_moi", "cum_moi", "ngay_hieu_luc", "so_van_ban", "ngay_van_ban", "dai",
)  # fmt: skip
SAMPLE = (
    (
        "gộp",
        "24646",
        "24990",
        "Xã Đắk Wil Mới",
        "",
        "",
        "01/07/2027",
        "1671/NQ-UBTVQH15",
        "16/06/2027",
        "giữ",
    ),
    (
        "gộp",
        "24678",
        "24990",
        "Xã Đắk Wil Mới",
        "",
        "",
        "01/07/2027",
        "1671/NQ-UBTVQH15",
        "16/06/2027",
        "giữ",
    ),
    (
        "đổi tên",
        "24664",
        "24664",
        "Phường Thuận An",
        "",
        "",
        "01/07/2027",
        "1671/NQ-UBTVQH15",
        "16/06/2027",
        "",
    ),
)
MOST_ROWS = 2000
_NEEDED = ("loai", "ma_cu", "ngay_hieu_luc", "so_van_ban")
_KINDS = {fold(word): AreaChangeKind(kind) for kind, word in words.KINDS.items()}
_KINDS |= {
    fold(f"{word} {more}"): _KINDS[fold(word)]
    for word in ("gộp", "chia", "chuyển")
    for more in ("xã", "tách")
}
_KINDS |= {"sap nhap": AreaChangeKind.MERGE, "nhap": AreaChangeKind.MERGE, "tach": AreaChangeKind.SPLIT}
_KINDS |= {"chia tach": AreaChangeKind.SPLIT, "dieu chuyen": AreaChangeKind.MOVE}
_STATIONS: dict[str, Stations] = {"": "keep", "giu": "keep", "giu lai": "keep", "dong": "close"}
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?")


@dataclass(frozen=True)
class Line:
    """One row of a list, read."""

    line: int
    kind: AreaChangeKind
    old: str
    new: Unit
    on: date
    document: str
    document_on: date | None
    stations: Stations

    @property
    def group(self) -> tuple[object, ...]:
        """Rows of one change: a merge by what it makes, the others by what they start from."""
        hinge = self.new.code if self.kind is AreaChangeKind.MERGE else self.old
        return (self.kind, hinge, self.on)


def read_rows(rows: Sequence[Sequence[str]]) -> tuple[Order, ...]:
    """Orders from the cells of a list with its header. Raises BadChange naming every bad row and column.

    Whether units exist is area_checks' affair. A spreadsheet may have eaten leading zeros of codes.
    """
    if len(rows) > MOST_ROWS + 1:
        raise BadChange([f"Danh sách dài hơn {MOST_ROWS} dòng. Anh/chị chia thành nhiều tệp."])
    header = [fold(nfc(str(cell))).replace(" ", "_") for cell in (rows[0] if rows else ())]
    if missing := [name for name in _NEEDED if name not in header]:
        raise BadChange([f"Dòng đầu thiếu cột {', '.join(missing)}. Dòng đầu cần có: {', '.join(HEADER)}."])
    errors: list[str] = []
    lines: list[Line] = []
    for number, row in enumerate(rows[1:], 2):
        cells = {name: nfc(str(cell)).strip() for name, cell in zip(header, row, strict=False)}
        if any(cells.values()):
            found = _line(number, {name: cells.get(name, "") for name in HEADER}, errors)
            lines += [found] if found else []
    if not lines and not errors:
        errors.append("Tệp không có dòng nào dưới dòng tiêu đề.")
    orders = _orders(lines, errors)
    if errors:
        raise BadChange(errors)
    return orders


def parse_day(text: str) -> date | None:
    """`1/7/2027`, or as spreadsheets hold it. None for what is no day."""
    found = _DAY.fullmatch(text.strip())
    if not found:
        return None
    day, month, year = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def code_of(text: str) -> str:
    """Five figures; a spreadsheet makes a number of them."""
    bare = text.strip().removesuffix(".0")
    return bare.zfill(5) if bare.isdecimal() else bare


def _line(number: int, cells: dict[str, str], errors: list[str]) -> Line | None:
    before = len(errors)

    def bad(field: str, what: str) -> None:
        errors.append(f"{where(number, field)}: {what}")

    kind, stations = _KINDS.get(fold(cells["loai"])), _STATIONS.get(fold(cells["dai"]))
    on, signed = parse_day(cells["ngay_hieu_luc"]), parse_day(cells["ngay_van_ban"])
    if kind is None:
        errors.append(
            f"Dòng {number}, cột loai: “{cells['loai']}” không có trong {', '.join(words.KINDS.values())}."
        )
    if on is None:
        bad("on", f"“{cells['ngay_hieu_luc']}” không phải ngày. Anh/chị ghi như 01/07/2027.")
    if signed is None and cells["ngay_van_ban"]:
        bad("document_on", f"“{cells['ngay_van_ban']}” không phải ngày. Anh/chị ghi như 16/06/2027.")
    if stations is None:
        bad("stations", f"“{cells['dai']}” không có trong giữ, đóng.")
    if not cells["ma_cu"]:
        bad("old", "chưa có mã.")
    if kind in (AreaChangeKind.MERGE, AreaChangeKind.SPLIT) and not cells["ma_moi"]:
        bad("new", "chưa có mã.")
    if len(errors) > before or kind is None or on is None or stations is None:
        return None
    old, tens = code_of(cells["ma_cu"]), cells["ma_tinh_moi"].removesuffix(".0")
    new = Unit(
        code_of(cells["ma_moi"]) if cells["ma_moi"] else old,
        clean_name(cells["ten_moi"]),
        tens.zfill(2) if tens.isdecimal() else tens,
        cells["cum_moi"].removesuffix(".0"),
    )
    return Line(number, kind, old, new, on, cells["so_van_ban"], signed, stations)


def _orders(lines: Sequence[Line], errors: list[str]) -> tuple[Order, ...]:
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        groups.setdefault(line.group, []).append(line)
    orders = []
    for group in groups.values():
        first = group[0]
        for line in group[1:]:
            errors += _unlike(first, line)
        orders.append(
            Order(
                first.kind, first.on, first.document, first.document_on,
                tuple(dict.fromkeys(line.old for line in group)) if first.kind is not AreaChangeKind.MERGE
                else tuple(line.old for line in group),
                tuple({line.new.code: line.new for line in group}.values()),
                first.stations,
                lines=tuple((code, line.line) for line in reversed(group) for code in (line.new.code, line.old)),
            )
        )  # fmt: skip
    return tuple(orders)


def _unlike(first: Line, line: Line) -> list[str]:
    """Rows of one change say the same of it."""
    pairs = [("document", first.document, line.document), ("stations", first.stations, line.stations)]
    if first.new.code == line.new.code:
        pairs += [("name", first.new.name, line.new.name), ("cluster", first.new.cluster, line.new.cluster)]
    return [
        f"{where(line.line, field)}: khác với dòng {first.line} của cùng một thay đổi."
        for field, one, other in pairs
        if one != other
    ]
