"""All that changes of communes do, as it is shown before they are entered: done in turn, compared, never kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from airlog import area_checks, area_follow
from airlog.area_enact import Done, StationLine, UnitLine, enact, since_of
from airlog.area_follow import Reach
from airlog.area_orders import Order
from airlog.area_past import unit_then
from airlog.models import AreaChange, Station
from airlog.types import RoleKind

Reached = Mapping[int, frozenset[Reach]]


@dataclass(frozen=True)
class Shift:
    """Somebody or something that reaches a station afterwards and did not before, or the other way round."""

    who: Reach
    station: str


@dataclass(frozen=True)
class Effects:
    """What one change does. `excused` and `owing`: as in area_enact.Done."""

    units: tuple[UnitLine, ...]
    stations: tuple[StationLine, ...]
    gains: tuple[Shift, ...]
    losses: tuple[Shift, ...]
    excused: tuple[str, ...]
    owing: tuple[str, ...]
    unmanned: tuple[str, ...]
    """New stations for which nobody airs yet."""


def effects_of(
    session: Session, rows: Sequence[AreaChange], orders: Sequence[Order], now: datetime
) -> tuple[Effects, ...]:
    """Enact all of them and say what each did. Who takes it back is the caller.

    Who reaches which station is asked once before and once after for each day on which something takes effect, not for
    each change: a list may hold hundreds.
    """
    starts = [since_of(order, now) for order in orders]
    before = {at: _reached(session, _of(orders, starts, at), None, at) for at in set(starts)}
    done = [enact(session, row, order, now) for row, order in zip(rows, orders, strict=True)]
    after = {}
    for at in set(starts):
        there = [s for one, start in zip(done, starts, strict=True) if start == at for s in one.present]
        after[at] = _reached(session, _of(orders, starts, at), there, at)
    return tuple(_effects(one, before[at], after[at]) for one, at in zip(done, starts, strict=True))


def _of(orders: Sequence[Order], starts: Sequence[datetime], at: datetime) -> set[str]:
    return {code for order, start in zip(orders, starts, strict=True) if start == at for code in order.codes}


def _reached(session: Session, codes: set[str], stations: Sequence[Station] | None, at: datetime) -> Reached:
    units = {code: unit_then(area) for code, area in area_checks.areas_by_code(session, codes).items()}
    there = area_checks.stations_of(session, codes) if stations is None else stations
    return area_follow.reaching(session, there, units, at)


def _effects(done: Done, before: Reached, after: Reached) -> Effects:
    founded = [s for s in done.present if s.id not in before and s.active_to is None]
    manned = {id_ for id_, reach in after.items() if any(who.role is RoleKind.OPERATOR for who in reach)}
    return Effects(
        done.units,
        done.stations,
        tuple(_shifts(done.present, after, before)),
        tuple(_shifts(done.present, before, after)),
        done.excused,
        done.owing,
        tuple(station.name for station in founded if station.id not in manned),
    )


def _shifts(stations: Sequence[Station], these: Reached, those: Reached) -> Iterable[Shift]:
    """What reaches a station in `these` and not in `those`."""
    for station in stations:
        here = these.get(station.id, frozenset()) - those.get(station.id, frozenset())
        yield from (Shift(who, station.name) for who in sorted(here, key=str))
