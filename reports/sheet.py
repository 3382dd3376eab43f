"""One sheet of a workbook in our manner: header in row 1, frozen, filtered, repeated in print, fit to the width."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from content.week import LOCAL
from reports.words import percent

if TYPE_CHECKING:  # loaded when a workbook is written: pages and the sender start faster without it
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | datetime | Fraction | None
Kind = Literal["text", "number", "moment", "share"]
_MOMENT, _SHARE, _NUMBER = "dd/mm/yyyy hh:mm", "0.0%", "#,##0"


@dataclass(frozen=True)
class Column:
    """`width` is in characters. `kind` decides the form of its cells."""

    title: str
    width: float
    kind: Kind = "text"


class Book:
    """A workbook that is written once. Text from people never becomes a formula or a link."""

    def __init__(self, title: str, now: datetime) -> None:
        import xlsxwriter

        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._bytes = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._bytes, options)
        # Without a date of its own the file would differ from run to run.
        made = now.astimezone(LOCAL).replace(tzinfo=None)
        self._book.set_properties({"title": title, "author": "Loa Xã", "created": made})
        form = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
        self._formats: dict[str, Format] = {
            "text": self._book.add_format(form | {"text_wrap": True}),
            "number": self._book.add_format(form | {"num_format": _NUMBER}),
            "moment": self._book.add_format(form | {"num_format": _MOMENT, "align": "left"}),
            "share": self._book.add_format(form | {"num_format": _SHARE}),
            "title": self._book.add_format(form | {"bold": True, "font_size": 14}),
            "head": self._book.add_format(
                form
                | {"bold": True, "text_wrap": True, "bg_color": "#DCE8F6", "border": 1, "valign": "vcenter"}
            ),
            "bold": self._book.add_format(form | {"bold": True, "top": 1, "num_format": _NUMBER}),
            "bold share": self._book.add_format(form | {"bold": True, "top": 1, "num_format": _SHARE}),
        }
        self._title = title

    def tinted(self, ground: str, ink: str) -> Format:
        form = {"font_name": "Times New Roman", "font_size": 10, "text_wrap": True, "valign": "top"}
        return self._book.add_format(
            form | {"bg_color": ground, "font_color": ink, "border": 1, "border_color": "#DDE2E8"}
        )

    def table(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        *,
        total: Sequence[Cell] | None = None,
        fixed_columns: int,
        as_of: str,
    ) -> Worksheet:
        """A sheet with a header row and `rows`, and a last row of sums that the filter leaves alone."""
        sheet = self._book.add_worksheet(name)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.title, self._formats["head"])
        for number, row in enumerate(rows, 1):
            for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
                self.put(sheet, number, place, cell, self._formats[column.kind])
        sheet.freeze_panes(1, fixed_columns)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        for place, cell in enumerate(total or ()):
            form = "bold share" if columns[place].kind == "share" else "bold"
            self.put(sheet, len(rows) + 1, place, cell, self._formats[form])
        self._for_print(sheet, name, as_of)
        return sheet

    def pairs(self, name: str, title: str, rows: Sequence[tuple[str, Cell]], as_of: str) -> None:
        """A sheet of two columns: what, and how many. A row without a value is a heading."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, 78)
        sheet.set_column(1, 1, 16)
        sheet.write_string(0, 0, title, self._formats["title"])
        for number, (label, cell) in enumerate(rows, 2):
            sheet.write_string(number, 0, label, self._formats["bold" if cell is None else "text"])
            form = {Fraction: "share", datetime: "moment", int: "number"}.get(type(cell), "text")
            self.put(sheet, number, 1, cell, self._formats[form])
        self._for_print(sheet, name, as_of)

    def put(self, sheet: Worksheet, row: int, column: int, cell: Cell, form: Format) -> None:
        """Each kind of value by its own call: nothing is guessed from what people typed."""
        match cell:
            case None:
                sheet.write_blank(row, column, None, form)
            case datetime():
                sheet.write_datetime(row, column, cell.astimezone(LOCAL).replace(tzinfo=None), form)
            case Fraction():
                sheet.write_number(row, column, float(percent(cell) / 100), form)
            case int():
                sheet.write_number(row, column, cell, form)
            case str():
                sheet.write_string(row, column, cell, form)

    def close(self) -> bytes:
        """The finished file."""
        self._book.close()
        return self._bytes.getvalue()

    def _for_print(self, sheet: Worksheet, name: str, as_of: str) -> None:
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.set_header("&C" + _printed(f"{self._title} – {name}"))
        sheet.set_footer("&L" + _printed(as_of) + "&RTrang &P/&N")


def _printed(text: str) -> str:
    """Ampersands are commands in headers, and Excel refuses more than 255 characters there."""
    return text.replace("&", "&&")[:200]
