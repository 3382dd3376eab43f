"""Any table as a file: a workbook, or comma separated text that Excel opens with its accents right."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from airlog.queries import DutyLine
from content.week import LOCAL
from reports.sheet import Book, Cell, Column
from reports.words import as_of_line, channel_word, period_word, reason_word, share_word, state_word

BOM = "\ufeff"
"""Without it Excel reads UTF-8 as the old code page of Windows."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A cell that begins so is worked out by a spreadsheet, not shown."""
DUTIES = (
    Column("Mã xã", 8), Column("Xã, phường, đặc khu", 24), Column("Khu vực cũ", 22), Column("Đài", 32),
    Column("Tuần, tháng", 20), Column("Trạng thái", 16), Column("Tin bài", 34), Column("Gửi lúc", 16, "moment"),
    Column("Phát lúc", 16, "moment"), Column("Báo lúc", 16, "moment"), Column("Lý do", 18), Column("Ghi chú", 28),
    Column("Người báo", 22), Column("Kênh", 14),
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """What is shown, as a table. `name` becomes the file's name, `title` stands in the workbook's header."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    sheet: str = "Loa Xã"
    fixed_columns: int = 2


def as_csv(view: View) -> bytes:
    """UTF-8 with BOM, local times; text that a spreadsheet would take for a formula gets an apostrophe in front."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.title for column in view.columns])
    writer.writerows([_plain(cell) for cell in row] for row in view.rows)
    return (BOM + text.getvalue()).encode()


def as_xlsx(view: View, now: datetime) -> bytes:
    book = Book(view.title, now)
    book.table(view.sheet, view.columns, view.rows, fixed_columns=view.fixed_columns, as_of=as_of_line(now))
    return book.close()


def duties_view(name: str, title: str, lines: Sequence[DutyLine], clusters: dict[int, str]) -> View:
    """A row for each duty. `clusters`: former district by station."""
    return View(name, title, DUTIES, [_duty(line, clusters.get(line.station_id, "")) for line in lines])


def _duty(line: DutyLine, cluster: str) -> list[Cell]:
    how = line.standing
    return [
        line.area_code, line.area, cluster, line.station, period_word(line.period), state_word(line.sign), line.title,
        line.sent_at, how.aired_at, how.stated_at, reason_word(how.reason), line.note, line.person,
        channel_word(line.channel),
    ]  # fmt: skip


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell.astimezone(LOCAL):%d/%m/%Y %H:%M}"
        case Fraction():
            return share_word(cell)
        case int():
            return str(cell)
        case str():
            return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
