"""A change of communes takes effect: units, stations, rights, mandates, campaigns, the duties of the running period.

All in one transaction. Past duties and lines of the log stay as they are. Stations lie in the new unit from then on, closed
ones too, so that whatever joins a station with its commune rolls up at once; where it lay before stands in StationPast.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from airlog import area_checks, area_follow, ledger_kept
from airlog.area_follow import Heirs
from airlog.area_orders import Order, Unit
from airlog.area_past import UnitThen, unit_then
from airlog.areas import search_key, station_name
from airlog.db import lock_log
from airlog.deliveries import OPEN
from airlog.models import Area, AreaChange, AreaPast, AreaStep, Delivery, Duty, Station, StationPast
from airlog.types import AreaChangeKind, DeliveryState
from content import area_messages as words
from content.week import LOCAL, local

Fate = Literal["ended", "founded", "changed", "stays"]
StationFate = Literal["moved", "closed", "founded", "renamed"]


@dataclass(frozen=True)
class UnitLine:
    """What becomes of a unit. `before` is empty for a new one, `after` for one that ends."""

    code: str
    before: str
    after: str
    fate: Fate


@dataclass(frozen=True)
class StationLine:
    name: str
    fate: StationFate
    unit: str
    """The commune it lies in afterwards."""


@dataclass(frozen=True)
class Done:
    """What was done to units and stations. `present`: every station of the units that were touched, new ones too."""

    units: tuple[UnitLine, ...]
    stations: tuple[StationLine, ...]
    excused: tuple[str, ...]
    """Closed stations that owe nothing for the running week or month any more."""
    owing: tuple[str, ...]
    """New stations that owe the running week already."""
    present: tuple[Station, ...]


def since_of(order: Order, now: datetime) -> datetime:
    """When rights switch: on the day, or now if that is over. What somebody could do before is not rewritten."""
    return max(local(order.on, time()), now)


def enact(session: Session, change: AreaChange, order: Order, now: datetime) -> Done:
    """Do it. The order was checked; the change has its row."""
    lock_log(session)
    known = area_checks.areas_by_code(session, order.codes)
    touched = [known[code] for code in order.codes if code in known]
    before = {area.code: unit_then(area) for area in touched}
    stations = area_checks.stations_of(session, list(before))
    named = {area.code: area.name for area in touched}

    _units(session, change, order, touched)
    after = {code: unit_then(session.get_one(Area, code)) for code in order.codes}
    lines, placed, closed = _stations(session, change, order, stations, named)
    founded = _found(session, order, stations) if order.kind in _REDRAWN else []
    news = tuple(unit.code for unit in order.news)
    heirs = Heirs(order.olds, order.ending, news, frozenset(set(after) - set(before)), tuple(before), placed)
    area_follow.move_rights(session, heirs, since_of(order, now))
    if order.kind in _REDRAWN:
        area_follow.move_mandates(session, heirs, before, after)
        area_follow.move_campaigns(session, heirs)
    excused = _let_off(session, closed, order.on, now)
    change.enacted_at = now
    session.flush()
    lines += [StationLine(s.name, "founded", after[s.area_code].name) for s in founded]
    return Done(
        tuple(_unit_lines(order, before, after)),
        tuple(lines),
        tuple(excused),
        tuple(s.name for s in founded if order.on <= now.astimezone(LOCAL).date()),
        (*stations, *founded),
    )


_REDRAWN = (AreaChangeKind.MERGE, AreaChangeKind.SPLIT)


def _units(session: Session, change: AreaChange, order: Order, touched: Sequence[Area]) -> None:
    olds = [area for area in touched if area.code in order.olds]
    known = {area.code: area for area in touched}
    for unit in order.news:
        area = known.get(unit.code)
        if area is None:
            session.add(_fresh(session, unit, order, olds))
        elif _becomes(session, area, unit) != unit_then(area):
            _change(session, change, area, _becomes(session, area, unit), order.on)
    session.flush()
    goes_on = [unit.code for unit in order.news if unit.code in known and unit.code not in order.olds]
    for old in (*order.olds, *goes_on):
        to = [unit.code for unit in order.news] if old in order.olds else [old]
        session.add_all(AreaStep(change_id=change.id, old_code=old, new_code=new) for new in to)
    for code in order.ending:
        known[code].valid_to, known[code].successor_code = order.on, order.news[0].code
    session.flush()


def _fresh(session: Session, unit: Unit, order: Order, olds: Sequence[Area]) -> Area:
    """A new unit, in the cluster that most of its parts belonged to."""
    most = Counter(area.former_district_code for area in olds).most_common(1)[0][0]
    model = next(area for area in olds if area.former_district_code == most)
    whole = order.kind is AreaChangeKind.MERGE and not set(order.olds) - set(order.ending)
    sizes = [area.area_km2 for area in olds]
    area = Area(
        code=unit.code, name=unit.name, kind=area_checks.kind_of(unit.name), parent_code=model.parent_code,
        former_district_code=model.former_district_code, former_district=model.former_district,
        former_province=model.former_province, search_key=search_key(unit.name), valid_from=order.on,
        lat=_mean([area.lat for area in olds]), lon=_mean([area.lon for area in olds]),
        area_km2=sum(size for size in sizes if size is not None) if whole and None not in sizes else None,
    )  # fmt: skip
    if unit.cluster:
        _put(area, _becomes(session, area, unit))
    return area


def _becomes(session: Session, area: Area, unit: Unit) -> UnitThen:
    """How a unit is after the change. A named cluster brings the label of its former province along."""
    was = unit_then(area)
    province = unit.province or was.province_code
    cluster_code, cluster, former = was.cluster_code, was.cluster, was.former_province
    if unit.cluster:
        query = select(Area).where(Area.parent_code == province, Area.former_district_code == unit.cluster)
        sample = unit_then(session.scalars(query.order_by(Area.code).limit(1)).one())
        cluster_code, cluster, former = sample.cluster_code, sample.cluster, sample.former_province
    elif province != was.province_code:  # a former district lies in one province; the old label would mislead
        cluster_code = cluster = former = ""
    return UnitThen(area.code, unit.name or was.name, province, cluster_code, cluster, former)


def _change(session: Session, change: AreaChange, area: Area, becomes: UnitThen, on: date) -> None:
    session.add(
        AreaPast(
            change_id=change.id, code=area.code, until=on, name=area.name, kind=area.kind,
            parent_code=area.parent_code, former_district_code=area.former_district_code,
            former_district=area.former_district, former_province=area.former_province,
        )
    )  # fmt: skip
    _put(area, becomes)


def _put(area: Area, unit: UnitThen) -> None:
    area.name, area.kind = unit.name, area_checks.kind_of(unit.name) or area.kind
    area.search_key = search_key(unit.name)
    area.parent_code = unit.province_code
    area.former_district_code = unit.cluster_code or None
    area.former_district, area.former_province = unit.cluster or None, unit.former_province or None


def _stations(
    session: Session, change: AreaChange, order: Order, stations: Sequence[Station], named: Mapping[str, str]
) -> tuple[list[StationLine], dict[tuple[str, str], tuple[int, ...]], list[Station]]:
    """Put each station where it lies now. Returns what happened, who came from where, and what was closed."""
    homes, news = dict(order.homes), [unit.code for unit in order.news]
    lines: list[StationLine] = []
    placed: defaultdict[tuple[str, str], tuple[int, ...]] = defaultdict(tuple)
    closed: list[Station] = []
    for station in stations:
        old = station.area_code
        stays = old in news or old not in order.olds
        home = homes.get(station.id, old if stays else news[0])
        placed[old, home] += (station.id,)
        unit = session.get_one(Area, home)
        if station.name == station_name(named[old]) and home == old and unit.name != named[old]:
            _rename(session, station, station_name(unit.name), named[old])
            lines.append(StationLine(station.name, "renamed", unit.name))
        if home != old:
            session.add(
                StationPast(change_id=change.id, station_id=station.id, until=order.on, area_code=old)
            )
            station.area_code = home
            _rename(session, station, station.name, named[old])
        if station.active_to is not None:
            continue
        if order.stations == "close" and not stays:
            station.active_to = max(order.on, station.active_from)
            closed.append(station)
        if home != old:
            lines.append(StationLine(station.name, "closed" if station in closed else "moved", unit.name))
    session.flush()
    return lines, dict(placed), closed


def _rename(session: Session, station: Station, name: str, old_unit: str) -> None:
    """Two stations of one commune have two names."""
    with session.no_autoflush:
        here = select(Station.name).where(Station.area_code == station.area_code, Station.id != station.id)
        taken = set(session.scalars(here))
    station.name = words.former(name, old_unit) if name in taken else name
    session.flush()


def _found(session: Session, order: Order, stations: Sequence[Station]) -> list[Station]:
    """A station for each new unit that is left without one, where the old ones had some."""
    model = next((s for s in stations if s.active_to is None or s.active_to >= order.on), None)
    if model is None:
        return []
    with_station = {s.area_code for s in stations if s.active_to is None}
    founded = []
    for unit in order.news:
        if unit.code not in with_station:
            area = session.get_one(Area, unit.code)
            founded.append(
                Station(
                    area_code=area.code, name=station_name(area.name), airing_days=model.airing_days,
                    airing_hours=model.airing_hours, active_from=order.on,
                )
            )  # fmt: skip
            _rename(session, founded[-1], founded[-1].name, area.name)
    session.add_all(founded)
    session.flush()
    return founded


def _let_off(session: Session, closed: Sequence[Station], on: date, now: datetime) -> list[str]:
    """What closed stations owed for a period that ends after the day is excused by the rules; nobody is reminded of it.
    Returns whom that concerns in the running period."""
    ids = [station.id for station in closed]
    if not ids:
        return []
    since = local(on, time())
    duties = list(session.scalars(select(Duty).where(Duty.station_id.in_(ids), Duty.due_at > since)).unique())
    pending = Delivery.duty_id.in_([duty.id for duty in duties]), Delivery.state.in_(OPEN)
    session.execute(update(Delivery).where(*pending).values(state=DeliveryState.CANCELLED, settled_at=now))
    ledger_kept.recompute(session, Duty.station_id.in_(ids), Duty.due_at > since)
    return sorted({duty.station.name for duty in duties if duty.starts_at <= max(now, since) < duty.due_at})


def _unit_lines(
    order: Order, before: Mapping[str, UnitThen], after: Mapping[str, UnitThen]
) -> list[UnitLine]:
    lines = []
    for code in order.codes:
        if code in order.ending:
            lines.append(UnitLine(code, before[code].name, "", "ended"))
        elif code not in before:
            lines.append(UnitLine(code, "", after[code].name, "founded"))
        else:
            fate: Fate = "stays" if before[code] == after[code] else "changed"
            lines.append(UnitLine(code, before[code].name, after[code].name, fate))
    return lines


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
