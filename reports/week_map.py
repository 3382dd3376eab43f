"""The heat map of some stations up to a week, from the record. The page, the chat and the report all draw this one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from airlog import areas, ledger, ledger_places
from airlog.db import Session
from airlog.queries import DutyLine
from airlog.rules import NEED, Sign
from content.week import LOCAL, Week
from content.wording import moment_vi, week_vi
from reports.heatmap import HeatRow, HeatWeek, heat_map_svg, heat_map_svgs

WEEKS = 12
MOST_ROWS = 170
"""Stations of the largest province: more are no picture for a page or a sheet of paper."""
ROWS_OF_MANY = 40


def sorted_by_need(lines: Sequence[DutyLine]) -> list[DutyLine]:
    """Worst first: silent, broken, part met, waiting, late, excused, aired; then by commune."""
    return sorted(lines, key=lambda line: (NEED.index(line.sign), line.area_code, line.station_id))


def heat_rows(
    session: Session, stations: Sequence[int], until: Week, now: datetime, weeks: int = WEEKS
) -> tuple[list[HeatRow], list[HeatWeek]]:
    """Rows by need in week `until`, then by weeks missed before; columns are the weeks in which something was owed."""
    asked = [until.shift(by) for by in range(1 - weeks, 1)]
    cells = ledger.cells(session, stations, [str(week) for week in asked], now)
    known = [week for week in asked if any(str(week) in row for row in cells.values())]
    if not known:
        return [], []
    places = ledger_places.places(session, stations)
    owing = [id_ for id_ in stations if cells[id_]]
    ordered = sorted(owing, key=lambda id_: (*_need(cells[id_], str(known[-1])), places[id_].code, id_))
    columns = [HeatWeek(week, week == Week.of(now)) for week in known]
    return [
        HeatRow(
            areas.called(places[id_].station, places[id_].name),
            id_,
            tuple(cells[id_].get(str(week)) for week in known),
        )
        for id_ in ordered
    ], columns


def map_svg(
    session: Session,
    stations: Sequence[int],
    until: Week,
    area: str,
    now: datetime,
    link_prefix: str | None = None,
) -> str:
    """One picture of all stations, for a page; of more than MOST_ROWS only those that need somebody most."""
    rows, weeks = heat_rows(session, stations, until, now)
    title = _title(until, area)
    if len(rows) > MOST_ROWS:
        rows, title = rows[:ROWS_OF_MANY], f"{title}: {ROWS_OF_MANY} đài cần giúp nhất"
    return heat_map_svg(rows, weeks, title, _as_of(now), link_prefix)


def map_svgs(
    session: Session, stations: Sequence[int], until: Week, area: str, now: datetime
) -> tuple[str, ...]:
    """As many pictures as a phone can read."""
    rows, weeks = heat_rows(session, stations, until, now)
    return heat_map_svgs(rows, weeks, _title(until, area), _as_of(now))


def _need(row: dict[str, Sign], last: str) -> tuple[int, int]:
    bad = sum(sign in (Sign.SILENT, Sign.CANNOT) for sign in row.values())
    return NEED.index(row.get(last, Sign.AIRED)), -bad


def _title(week: Week, area: str) -> str:
    return f"Phát tin chuyển đổi số đến {week_vi(week)}, {area}"


def _as_of(now: datetime) -> str:
    return f"Số liệu lúc {moment_vi(now.astimezone(LOCAL))}"
