"""A layer of the lexicon as a workbook: written to be edited and read back."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from airlog.db import Refused
from airlog.lexicon import Entry
from airlog.lexicon_edits import MOST_ROWS, Wanted
from content.wording import fold, nfc
from reports.ledger_xlsx import View
from reports.sheet import Column

_COLUMNS = (
    Column("Từ", 24), Column("Cách đọc", 32), Column("Ghi chú", 32), Column("Thay cho", 34), Column("Người ghi", 22),
    Column("Ghi lúc", 16, "moment"),
)  # fmt: skip
_WORD, _READING, _NOTE = (fold(column.title) for column in _COLUMNS[:3])
_MOST_COLUMNS = 20
_MOST_UNPACKED_BYTES = 40_000_000
"""A small file can unpack to gigabytes."""
# What the library lets through when a file is not what its name says; it has no error of its own for most.
_UNREADABLE = (
    zipfile.BadZipFile, ValueError, TypeError, LookupError, AttributeError, SyntaxError, OSError, EOFError,
    RuntimeError, zlib.error,
)  # fmt: skip


class BadWorkbook(Refused):
    """Not a workbook that can be taken in; the message is Vietnamese."""


def lexicon_view(entries: Sequence[Entry], place: str) -> View:
    """A layer; with only its header it is a form to fill in."""
    name = "tu-dien-" + fold(place).replace(" ", "-").replace(",", "")[:60]
    rows = [(e.word, e.reading or "", e.note, e.instead_of, e.by, e.at) for e in entries]
    return View(name, f"Từ điển phát âm, {place}", _COLUMNS, rows, sheet="Từ điển", fixed_columns=1)


def read_lexicon(data: bytes) -> list[Wanted]:
    """The rows of the first sheet, with their numbers as the spreadsheet shows them; blank rows are left out.

    Only the columns “Từ”, “Cách đọc” and “Ghi chú” count, wherever they stand. Raises BadWorkbook.
    """
    todo = "Anh/chị mở tệp, lưu lại dạng Excel Workbook (.xlsx) rồi gửi lại."
    return list(_wanted(iter(text_rows(data, todo))))


def text_rows(data: bytes, todo: str) -> list[list[str]]:
    """The cells of the first sheet as text. Raises BadWorkbook; `todo`: what to do about a file that is none."""
    try:
        return list(_cells(data))
    except _UNREADABLE as error:
        what = "Tệp không mở được như một bảng Excel (.xlsx) nên Loa Xã chưa nhận."
        raise BadWorkbook(f"{what} {todo}") from error


def _cells(data: bytes) -> Iterator[list[str]]:
    """Row after row of the first sheet as text."""
    import openpyxl  # type: ignore[import-untyped]  # slow to load, and only needed when somebody sends a list

    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if sum(part.file_size for part in parts.infolist()) > _MOST_UNPACKED_BYTES:
            raise BadWorkbook(
                "Tệp Excel quá lớn khi mở ra nên Loa Xã chưa nhận. Anh/chị chia thành nhiều tệp."
            )
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        # One row more than may be stored: the limit itself is told where the rows are checked.
        rows = book.worksheets[0].iter_rows(max_row=MOST_ROWS + 2, max_col=_MOST_COLUMNS, values_only=True)
        for row in rows:
            yield ["" if cell is None else nfc(str(cell)).strip() for cell in row]
    finally:
        book.close()


def _wanted(rows: Iterator[list[str]]) -> Iterator[Wanted]:
    places = {fold(title): place for place, title in enumerate(next(rows, [])) if title}
    if missing := [c.title for c in _COLUMNS[:2] if fold(c.title) not in places]:
        raise BadWorkbook(
            f"Dòng đầu của tệp thiếu cột {', '.join(f'“{title}”' for title in missing)}. "
            "Dòng đầu cần có: Từ, Cách đọc, Ghi chú."
        )
    for line, row in enumerate(rows, 2):
        word, reading, note = (_at(row, places.get(name)) for name in (_WORD, _READING, _NOTE))
        if word or reading or note:
            yield Wanted(line, word, reading, note)


def _at(row: list[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""
