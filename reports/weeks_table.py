"""Stations as rows, weeks as columns: what the sheet “Từng tuần” and the heat map of a report both show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airlog.queries import DutyLine
from airlog.rules import Sign
from content.week import Week
from reports.figures import Figures
from reports.heatmap import HeatRow, HeatWeek, heat_map_svgs
from reports.words import as_of_line

ROWS_A_PICTURE = 28
"""As many rows as stand readable on one A4 page."""
MOST_PICTURES = 6
"""A province has up to 170 communes; beyond that the workbook is the place to look."""


@dataclass(frozen=True)
class TableRow:
    """One station under one mandate; a sign for each period, None where it owed nothing."""

    area_code: str
    area: str
    station: str
    station_id: int
    mandate_id: int
    signs: tuple[Sign | None, ...]


@dataclass(frozen=True)
class WeeksTable:
    """`periods` in order of time: weeks, and months for monthly mandates."""

    periods: tuple[str, ...]
    rows: tuple[TableRow, ...]


def weeks_table(lines: Sequence[DutyLine], order: Sequence[str]) -> WeeksTable:
    """`order`: codes of communes, as the rows should follow each other."""
    starts = {line.period: line.starts_at for line in lines}
    periods = tuple(sorted(starts, key=lambda period: (starts[period], period)))
    found: dict[tuple[int, int], dict[str, DutyLine]] = {}
    for line in lines:
        found.setdefault((line.station_id, line.mandate_id), {})[line.period] = line
    rows = [_row(cells, periods) for cells in found.values()]
    places = {code: place for place, code in enumerate(order)}
    return WeeksTable(periods, tuple(sorted(rows, key=lambda row: places.get(row.area_code, 0))))


def heat_maps(figures: Figures) -> tuple[str, ...]:
    """SVG pictures of the weekly duties, one a page; none when there are no weeks or too many stations."""
    weekly = [line for line in figures.lines if "W" in line.period]
    table = weeks_table(weekly, [row.code for row in figures.by_commune])
    if not 1 <= len(table.rows) <= MOST_PICTURES * ROWS_A_PICTURE:
        return ()
    weeks = [HeatWeek(Week.parse(period)) for period in table.periods]
    names = _names(table.rows)
    rows = [HeatRow(names[place], row.station_id, row.signs) for place, row in enumerate(table.rows)]
    title = f"Từng tuần, {figures.place}"
    return heat_map_svgs(rows, weeks, title, as_of_line(figures.as_of), ROWS_A_PICTURE)


def _row(cells: dict[str, DutyLine], periods: Sequence[str]) -> TableRow:
    first = next(iter(cells.values()))
    signs = tuple(cells[period].sign if period in cells else None for period in periods)
    return TableRow(first.area_code, first.area, first.station, first.station_id, first.mandate_id, signs)


def _names(rows: Sequence[TableRow]) -> list[str]:
    """The commune alone, the station where a commune has several."""
    codes = [row.area_code for row in rows]
    return [row.area if codes.count(row.area_code) == 1 else row.station for row in rows]
