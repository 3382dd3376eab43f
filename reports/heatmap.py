"""The heat map: communes as rows, weeks as columns, the state's sign in each cell. Pure, returns SVG.

The same SVG stands in the page and, as PNG, in the chat. A chat shows 1,080 px on a phone of 360, so names are drawn
at 36 px. Colours are attributes, classes let a page's dark style replace them; style attributes would fall to the CSP.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

from airlog.rules import Sign
from content.week import Week
from content.wording import week_vi
from reports.picture import text_width
from reports.signs import BOX, LOOKS

WIDTH = 1080
MAX_ROWS = 40
"""Rows of one picture: more would not be read on a phone."""
MAX_WEEKS = 26
"""Columns of one picture: with more, the signs can no longer be told apart."""
_MARGIN, _ROW, _GAP = 28, 54, 4
_NAME_PX, _LEAST_NAME_PX, _NAME_MAX = 36, 24, 440
_CELL_MAX = 72
_INK, _QUIET, _GROUND = "#1B1F24", "#5B6470", "#FFFFFF"


@dataclass(frozen=True)
class HeatRow:
    """A station and its sign of each week, None where it owed nothing."""

    name: str
    station_id: int
    signs: tuple[Sign | None, ...]


@dataclass(frozen=True)
class HeatWeek:
    week: Week
    is_current: bool = False


@dataclass(frozen=True)
class _Grid:
    """Where things stand, in pixels."""

    left: float
    top: float
    cell: float
    rows: int

    def x(self, column: int) -> float:
        return self.left + column * self.cell

    def y(self, row: int) -> float:
        return self.top + row * _ROW

    @property
    def bottom(self) -> float:
        return self.y(self.rows)


def heat_map_svgs(
    rows: Sequence[HeatRow], weeks: Sequence[HeatWeek], title: str, as_of_text: str, max_rows: int = MAX_ROWS
) -> tuple[str, ...]:
    """As many pictures as needed, at most `max_rows` each, of nearly equal length, in the given order."""
    count = max(1, math.ceil(len(rows) / max_rows))
    size = math.ceil(len(rows) / count)
    titles = [f"{title} ({number}/{count})" for number in range(1, count + 1)] if count > 1 else [title]
    return tuple(
        heat_map_svg(rows[at * size : (at + 1) * size], weeks, name, as_of_text)
        for at, name in enumerate(titles)
    )


def heat_map_svg(
    rows: Sequence[HeatRow],
    weeks: Sequence[HeatWeek],
    title: str,
    as_of_text: str,
    link_prefix: str | None = None,
) -> str:
    """One picture of all `rows`, in the given order. With `link_prefix` each name links to prefix + station id.

    Of more than MAX_WEEKS weeks the last ones are drawn, and the picture says so. Raises ValueError when a row has not one sign for each week.
    """
    if any(len(row.signs) != len(weeks) for row in rows):
        raise ValueError("each row needs one sign (or None) for each week")
    if not rows or not weeks:
        return _empty(title, as_of_text, "Chưa có đài nào để vẽ." if not rows else "Chưa có tuần nào để vẽ.")
    if len(weeks) > MAX_WEEKS:
        as_of_text = f"{as_of_text}, chỉ vẽ {MAX_WEEKS} tuần sau cùng"
        rows = [replace(row, signs=row.signs[-MAX_WEEKS:]) for row in rows]
        weeks = weeks[-MAX_WEEKS:]
    name_width = min(_NAME_MAX, max(text_width(row.name, _NAME_PX) for row in rows))
    left = _MARGIN + name_width + 18
    cell = min(_CELL_MAX, (WIDTH - _MARGIN - left) / len(weeks))
    grid = _Grid(left, 216, cell, len(rows))
    legend, height = _legend(rows, grid.bottom + 30)
    body = [*_head(title, as_of_text), *_week_heads(weeks, grid)]
    for number, row in enumerate(rows):
        body += [_name(row, grid.y(number), link_prefix), *_cells(row, weeks, grid, number)]
    return _svg([*body, *_frame(weeks, grid), *legend], height, title, interactive=link_prefix is not None)


def _svg(parts: Sequence[str], height: float, title: str, *, interactive: bool = False) -> str:
    role = "group" if interactive else "img"
    ground = f'<rect class="ground" width="{WIDTH}" height="{height:.0f}" fill="{_GROUND}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="heat-map" role="{role}" aria-label="{escape(title)}"'
        f' viewBox="0 0 {WIDTH} {height:.0f}" font-family="Be Vietnam Pro">{ground}{"".join(parts)}</svg>'
    )


def _empty(title: str, as_of_text: str, sentence: str) -> str:
    return _svg([*_head(title, as_of_text), _text(_MARGIN, 210, sentence, 34, quiet=True)], 270, title)


def _head(title: str, as_of_text: str) -> Iterator[str]:
    width = WIDTH - 2 * _MARGIN
    yield _text(_MARGIN, 66, title, _fitted(title, 42, 26, width, bold=True), bold=True)
    yield _text(_MARGIN, 108, as_of_text, _fitted(as_of_text, 28, 20, width), quiet=True)


def _week_heads(weeks: Sequence[HeatWeek], grid: _Grid) -> Iterator[str]:
    """Month names over the weeks that begin in them, week numbers below, thinned out where they would touch."""
    column = 0
    for (year, month), group in groupby(weeks, key=lambda one: (one.week.monday.year, one.week.monday.month)):
        span = len(list(group))
        if column:
            yield _line(grid.x(column) - _GAP / 2, 140, grid.x(column) - _GAP / 2, grid.bottom)
        names = (f"tháng {month}/{year}", f"tháng {month}", f"th. {month}", str(month))
        room = span * grid.cell - 10
        fits = [
            name for name in names[0 if column == 0 or month == 1 else 1 :] if text_width(name, 28) <= room
        ]
        yield _text(grid.x(column) + 4, 164, fits[0] if fits else "", 28)
        column += span
    yield _text(grid.left - 18, 202, "tuần", 26, quiet=True, anchor="end")
    step = math.ceil(40 / grid.cell)
    for number, one in enumerate(weeks):
        if (len(weeks) - 1 - number) % step == 0:
            at = grid.x(number) + grid.cell / 2
            yield _text(at, 202, str(one.week.number), 26, quiet=not one.is_current, anchor="middle")


def _name(row: HeatRow, top: float, link_prefix: str | None) -> str:
    size = _fitted(row.name, _NAME_PX, _LEAST_NAME_PX, _NAME_MAX)
    shown = row.name
    while text_width(shown, size) > _NAME_MAX:
        shown = shown.removesuffix("…")[:-1].rstrip() + "…"
    text = _text(_MARGIN, top + 39, shown, size, title=row.name if shown != row.name else "")
    return text if link_prefix is None else f'<a href="{escape(link_prefix)}{row.station_id}">{text}</a>'


def _cells(row: HeatRow, weeks: Sequence[HeatWeek], grid: _Grid, number: int) -> Iterator[str]:
    side_x, side_y = grid.cell - _GAP, _ROW - _GAP
    scale = min(0.9 * side_x, 0.6 * side_y) / BOX
    for column, (sign, one) in enumerate(zip(row.signs, weeks, strict=True)):
        if sign is None:
            continue
        look = LOOKS[sign]
        x, y = grid.x(column), grid.y(number)
        inner_x, inner_y = (side_x - BOX * scale) / 2, (side_y - BOX * scale) / 2
        yield (
            f'<g transform="translate({x:.1f} {y:.1f})">'
            f"<title>{escape(row.name)}, {week_vi(one.week)}: {look.word}</title>"
            f'<rect class="tint-{sign}" width="{side_x:.1f}" height="{side_y}" rx="4" fill="{look.tint}"/>'
            f'<path class="ink-{sign}" fill="{look.ink}" fill-rule="evenodd" d="{look.path}"'
            f' transform="translate({inner_x:.1f} {inner_y:.1f}) scale({scale:.3f})"/></g>'
        )


def _frame(weeks: Sequence[HeatWeek], grid: _Grid) -> Iterator[str]:
    above = 42 if grid.cell > 42 else _GAP  # a narrow column cannot hold its number
    for column, one in enumerate(weeks):
        if one.is_current:
            yield (
                f'<rect class="frame" x="{grid.x(column) - _GAP:.1f}" y="{grid.top - above:.1f}"'
                f' width="{grid.cell + _GAP:.1f}" height="{grid.bottom - grid.top + above:.1f}" rx="6"'
                f' fill="none" stroke="{_INK}" stroke-width="3"/>'
            )


def _legend(rows: Sequence[HeatRow], top: float) -> tuple[list[str], float]:
    """The signs that occur, with their words, in lines that fit the width; and the height of the picture."""
    seen = {sign for row in rows for sign in row.signs}
    parts: list[str] = []
    x, y, size = float(_MARGIN), top, 30
    for sign, look in LOOKS.items():
        if sign not in seen:
            continue
        width = 42 + text_width(look.word, size) + 38
        if x + width - 38 > WIDTH - _MARGIN:
            x, y = float(_MARGIN), y + 52
        parts.append(
            f'<path class="ink-{sign}" fill="{look.ink}" fill-rule="evenodd" d="{look.path}"'
            f' transform="translate({x:.1f} {y:.1f}) scale(1.25)"/>'
        )
        parts.append(_text(x + 42, y + 26, look.word, size))
        x += width
    return parts, (y + 60 if parts else top)


def _fitted(text: str, size: float, least: float, width: float, *, bold: bool = False) -> float:
    """The largest size up to `size` at which `text` fits `width`, but never under `least`."""
    return max(least, min(size, math.floor(size * width / max(1, text_width(text, size, bold=bold)))))


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<path class="line" stroke="#C9D0D8" stroke-width="1.5" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    bold: bool = False,
    quiet: bool = False,
    anchor: str = "start",
    title: str = "",
) -> str:
    kind, colour = ("quiet", _QUIET) if quiet else ("ink", _INK)
    extra = (' font-weight="600"' if bold else "") + (f' text-anchor="{anchor}"' if anchor != "start" else "")
    inside = (f"<title>{escape(title)}</title>" if title else "") + escape(text)
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}"{extra}>{inside}</text>'
