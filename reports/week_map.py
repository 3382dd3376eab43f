"""The heat map of some stations up to a week, from the record. The page, the chat and the report all draw this one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from airlog import queries
from airlog.db import Session
from airlog.queries import DutyLine
from airlog.rules import Sign
from content.week import LOCAL, Week
from content.wording import moment_vi, week_vi
from reports.heatmap import HeatRow, HeatWeek, heat_map_svg, heat_map_svgs

WEEKS = 12
_NEED = (Sign.SILENT, Sign.CANNOT, Sign.PART, Sign.PENDING, Sign.LATE, Sign.EXCUSED, Sign.AIRED)


def sorted_by_need(lines: Sequence[DutyLine]) -> list[DutyLine]:
    """Worst first: silent, broken, part met, waiting, late, excused, aired; then by commune."""
    return sorted(lines, key=lambda line: (_NEED.index(line.sign), line.area_code, line.station_id))


def heat_rows(
    session: Session, stations: Sequence[int], until: Week, now: datetime, weeks: int = WEEKS
) -> tuple[list[HeatRow], list[HeatWeek]]:
    """Rows by need in week `until`, then by weeks missed before; columns are the weeks the record knows."""
    known = [w for w in queries.weeks_with_duties(session) if w <= until][-weeks:]
    if not known:
        return [], []
    span = (known[0].starts_at, known[-1].ends_at)
    cells: dict[int, dict[str, DutyLine]] = {}
    for line in queries.duty_lines(session, now, between=span, stations=stations):
        if "W" in line.period:
            cells.setdefault(line.station_id, {})[line.period] = line
    columns = [HeatWeek(week, week == Week.of(now)) for week in known]
    ordered = sorted(cells.values(), key=lambda row: _need(row, str(known[-1])))
    return [_row(row, known) for row in ordered], columns


def map_svg(
    session: Session,
    stations: Sequence[int],
    until: Week,
    area: str,
    now: datetime,
    link_prefix: str | None = None,
) -> str:
    """One picture of all stations, for a page."""
    rows, weeks = heat_rows(session, stations, until, now)
    return heat_map_svg(rows, weeks, _title(until, area), _as_of(now), link_prefix)


def map_svgs(
    session: Session, stations: Sequence[int], until: Week, area: str, now: datetime
) -> tuple[str, ...]:
    """As many pictures as a phone can read."""
    rows, weeks = heat_rows(session, stations, until, now)
    return heat_map_svgs(rows, weeks, _title(until, area), _as_of(now))


def _row(row: dict[str, DutyLine], weeks: Sequence[Week]) -> HeatRow:
    some = next(iter(row.values()))
    signs = tuple(row[str(week)].sign if str(week) in row else None for week in weeks)
    return HeatRow(some.area, some.station_id, signs)


def _need(row: dict[str, DutyLine], last: str) -> tuple[int, int, str]:
    bad = sum(line.sign in (Sign.SILENT, Sign.CANNOT) for line in row.values())
    some = next(iter(row.values()))
    now_sign = row[last].sign if last in row else Sign.AIRED
    return _NEED.index(now_sign), -bad, some.area_code


def _title(week: Week, area: str) -> str:
    return f"Phát tin chuyển đổi số đến {week_vi(week)}, {area}"


def _as_of(now: datetime) -> str:
    return f"Số liệu lúc {moment_vi(now.astimezone(LOCAL))}"
