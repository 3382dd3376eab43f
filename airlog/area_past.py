"""Communes as they were on a day: what they were called, where they belonged, and which stations lay in them.

The tables hold the present; what differed before stands in AreaPast and StationPast. With neither, nothing here costs
more than two small questions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from airlog.models import Area, AreaPast, Station, StationPast
from airlog.scope import Scope


@dataclass(frozen=True)
class UnitThen:
    """A commune as it was. `cluster` is the former district, empty where there was none."""

    code: str
    name: str
    province_code: str
    cluster_code: str
    cluster: str
    former_province: str

    @property
    def scopes(self) -> frozenset[str]:
        """Every way of naming an area in which it lies (airlog/scope.py)."""
        former = f"{self.province_code}/{self.former_province}" if self.former_province else ""
        return frozenset({"*", self.code, self.province_code, self.cluster_code, former} - {""})


@dataclass(frozen=True)
class Then:
    """What was otherwise on a day: stations that lay elsewhere (by id), units that were called or lay otherwise, and
    those units that such a station lay in (by code)."""

    on: date
    stations: dict[int, str]
    units: dict[str, UnitThen]

    def place(self, station_id: int, code: str, name: str) -> tuple[str, str]:
        """Code and name of a station's commune then, from those of today."""
        code = self.stations.get(station_id, code)
        unit = self.units.get(code)
        return code, unit.name if unit else name


class ScopeThen(Scope):
    """The same set of communes as it was on a day. Its clause needs Station joined with Area."""

    _then: Then

    def __init__(self, scope: Scope, then: Then) -> None:
        super().__init__(scope.text, scope.kind)
        object.__setattr__(self, "_then", then)

    def clause(self) -> ColumnElement[bool]:
        then = self._then
        inside = {code for code, unit in then.units.items() if self.text in unit.scopes}
        moved, other = sorted(then.stations), sorted(then.units)
        there = [id_ for id_ in moved if then.stations[id_] in inside]
        return or_(
            and_(super().clause(), Station.id.not_in(moved), Area.code.not_in(other)),
            and_(Area.code.in_(sorted(inside)), Station.id.not_in(moved)),
            Station.id.in_(there),
        )


def then(session: Session, on: date) -> Then:
    """Everything that was otherwise on a day."""
    rows = select(StationPast).where(StationPast.until > on).order_by(StationPast.until.desc())
    stations = {row.station_id: row.area_code for row in session.scalars(rows)}  # the earliest end comes last
    past = select(AreaPast).where(AreaPast.until > on).order_by(AreaPast.until.desc())
    units = {row.code: unit_then(row) for row in session.scalars(past)}
    for area in _areas(session, set(stations.values()) - set(units)):
        units[area.code] = unit_then(area)
    return Then(on, stations, units)


def scope_then(scope: Scope, then: Then) -> Scope:
    """For duties of a period that ended: the communes of an area as they were."""
    return ScopeThen(scope, then) if then.stations or then.units else scope


def unit_then(row: Area | AreaPast) -> UnitThen:
    return UnitThen(
        row.code,
        row.name,
        row.parent_code or "",
        row.former_district_code or "",
        row.former_district or "",
        row.former_province or "",
    )


def _areas(session: Session, codes: Iterable[str]) -> list[Area]:
    wanted, found = sorted(codes), list[Area]()
    for start in range(0, len(wanted), 500):
        found += session.scalars(select(Area).where(Area.code.in_(wanted[start : start + 500])))
    return found
