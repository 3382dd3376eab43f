"""Which stations: those of somebody's area, narrowed by a choice; where they lie, and whom to call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from airlog.access import Sight
from airlog.areas import search_key
from airlog.models import Area, Grant, Mandate, Person, Recording, Station
from airlog.reach import operators_by_station
from airlog.rules import Sign
from airlog.scope import Scope
from airlog.types import RoleKind

_BY_AREA = select(Grant.id).where(Grant.role == RoleKind.OPERATOR, Grant.station_id.is_(None))
"""Operators of all stations of an area: seldom, and then worked out the long way."""


@dataclass(frozen=True)
class Choice:
    """What an officer wants to see of the own area. Empty: all of it.

    `area`: as in airlog/scope.py; a cluster is a former district of three figures. `language`: ISO 639-3, of duties that
    want it or were aired in it. `words`: a part of the commune's name, accents or not. `verdict`: of reviews, `none`
    for statements nobody has looked at.
    """

    state: Sign | None = None
    area: str = ""
    language: str = ""
    words: str = ""
    verdict: str = ""


ALL = Choice()


@dataclass(frozen=True)
class Place:
    """A station and where it lies. `cluster` is the former district, empty where there was none."""

    station_id: int
    station: str
    code: str
    name: str
    cluster_code: str
    cluster: str
    province_code: str
    province: str


@dataclass(frozen=True)
class Cluster:
    """A former district, or what of a province had none (an empty code), with the number of its stations."""

    province_code: str
    province: str
    code: str
    name: str
    stations: int


@dataclass(frozen=True)
class Contact:
    """Whom to call about a station."""

    name: str
    phone: str


def codes(session: Session, sight: Sight, choice: Choice, since: date) -> dict[int, str]:
    """The code of the commune of each station of a choice; without those that were closed before `since`.

    The choice of a state or language, which duties have, is left aside.
    """
    query = stations_of(sight, choice, Area.code)
    query = query.where(or_(Station.active_to.is_(None), Station.active_to > since))
    return {row[0]: row[1] for row in session.execute(query)}


def places(session: Session, station_ids: Sequence[int]) -> dict[int, Place]:
    """Where some stations lie."""
    provinces, found = _provinces(session), {}
    for part in in_parts(station_ids):
        query = (
            select(
                Station.id, Station.name, Area.code, Area.name, Area.former_district_code, Area.former_district,
                Area.parent_code,
            )
            .join(Area, Station.area_code == Area.code)
            .where(Station.id.in_(part))
        )  # fmt: skip
        for id_, station, code, area, cluster_code, cluster, parent in session.execute(query):
            found[id_] = Place(
                id_,
                station,
                code,
                area,
                cluster_code or "",
                cluster or "",
                parent or "",
                provinces.get(parent, ""),
            )
    return found


def clusters(session: Session, sight: Sight, choice: Choice = ALL) -> list[Cluster]:
    """The clusters in which somebody's stations lie, by province and code."""
    columns = Area.parent_code, Area.former_district_code, Area.former_district
    query = stations_of(sight, choice, *columns).subquery()
    parts = query.c.parent_code, query.c.former_district_code, query.c.former_district
    names = _provinces(session)
    rows = session.execute(select(*parts, func.count()).group_by(*parts).order_by(*parts[:2]))
    return [
        Cluster(parent or "", names.get(parent, ""), code or "", name or "", number)
        for parent, code, name, number in rows
    ]


def contacts(session: Session, station_ids: Collection[int], now: datetime) -> dict[int, Contact]:
    """The operator to call about each of some stations: of several the one who was entered first."""
    query = (
        select(Grant.station_id, Person.name, Person.phone)
        .join(Person, Grant.person_id == Person.id)
        .where(
            Grant.station_id.in_(list(station_ids)), Grant.role == RoleKind.OPERATOR, Grant.valid_from <= now
        )
        .where(or_(Grant.valid_to.is_(None), Grant.valid_to > now))
        .where(or_(Person.left_at.is_(None), Person.left_at > now))
        .order_by(Person.id.desc())
    )
    found = {id_: Contact(name, phone) for id_, name, phone in session.execute(query) if id_ is not None}
    missing = [id_ for id_ in station_ids if id_ not in found]
    if missing and session.scalar(_BY_AREA.limit(1)) is not None:
        stations = session.scalars(select(Station).where(Station.id.in_(missing))).unique().all()
        crews = operators_by_station(session, stations, now)
        found |= {id_: Contact(crew[0].name, crew[0].phone) for id_, crew in crews.items() if crew}
    return found


def languages(session: Session) -> list[str]:
    """Languages other than Vietnamese that some mandate wants or somebody recorded."""
    codes = {
        code for text in session.scalars(select(Mandate.languages).distinct()) for code in text.split(",")
    }
    codes |= set(session.scalars(select(Recording.language).distinct()))
    return sorted(codes - {"", "vie"})


def stations_of(
    sight: Sight, choice: Choice, *columns: ColumnElement[Any] | InstrumentedAttribute[Any]
) -> Select[*tuple[Any, ...]]:
    query = select(Station.id, *columns).join(Area, Station.area_code == Area.code)
    if not sight.everything:
        query = query.where(sight.clause)
    if choice.area:
        query = query.where(Scope.parse(choice.area).clause())
    if choice.words:
        query = query.where(Area.search_key.contains(search_key(choice.words), autoescape=True))
    return query


def in_parts(ids: Sequence[int]) -> list[list[int]]:
    return [list(ids[start : start + 500]) for start in range(0, len(ids), 500)]


def _provinces(session: Session) -> dict[str | None, str]:
    query = select(Area.code, Area.name).where(Area.kind == "province")
    return {row.code: row.name for row in session.execute(query)}
