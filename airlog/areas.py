"""Provinces and communes from the package's own CSV, and the stations and mandate of a province."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog.models import Area, Mandate, MandateArea, Station
from airlog.scope import (
    IS_COMMUNE,
    BadScope,
    Scope,
    any_of,
    codes_in,
    communes,
    lower_kind,
    require_living,
    scope_name,
)
from airlog.types import MandateKind
from content.typed_place import place_key

# The present communes exist since resolution 202/2025/QH15 and the ones of June 2025 took effect.
REFORM = date(2025, 7, 1)
USUAL_DAYS = "123456"
USUAL_HOURS = "05:00-06:00,17:00-18:00"
WEEKLY = "Mỗi tuần một tin chuyển đổi số"
WEEKLY_SOURCE = "Công văn tháng 01/2022 của Sở Thông tin và Truyền thông tỉnh Đắk Nông"
_STATION = "Đài truyền thanh "
_KINDS = ("thành phố ", "tỉnh ", "phường ", "đặc khu ", "xã ")


@dataclass(frozen=True)
class Loaded:
    """What a load did: counts of rows that are new."""

    areas: int
    stations: int
    mandate: str
    communes: int


@dataclass(frozen=True)
class ProvinceLine:
    """A province, and how many of its communes and of their stations there are."""

    code: str
    name: str
    communes: int
    stations: int


def search_key(name: str) -> str:
    """Accent-free, case-free, without the kind in front: “Xã Đắk Wil” -> “dak wil”."""
    text = unicodedata.normalize("NFC", name).casefold().replace("’", "'")
    for kind in _KINDS:
        text = text.removeprefix(kind)
    plain = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return " ".join("".join(ch for ch in plain if not unicodedata.combining(ch)).replace("-", " ").split())


def load_areas(session: Session) -> int:
    """All 34 provinces and 3,321 communes of 2026. Rows that are there already stay as they are."""
    known = set(session.scalars(select(Area.code)))
    fresh = [area for area in _csv_areas() if area.code not in known]
    session.add_all([area for area in fresh if area.kind == "province"])
    session.flush()
    session.add_all([area for area in fresh if area.kind != "province"])
    session.flush()
    return len(fresh)


def load_stations(session: Session, scope_text: str, today: date) -> Loaded:
    """One station for each commune of an area that has none, and the weekly mandate over it. Repeatable.

    Raises BadScope for an area that does not exist.
    """
    added = load_areas(session)
    scope = require_living(session, scope_text)
    with_station = set(session.scalars(select(Station.area_code)))
    units = communes(session, scope, max(today, REFORM))
    fresh = [new_station(unit, "", REFORM) for unit in units if unit.code not in with_station]
    session.add_all(fresh)
    mandate = weekly_mandate(session, scope)
    session.flush()
    return Loaded(added, len(fresh), mandate.name, len(units))


def weekly_mandate(session: Session, scope: Scope) -> Mandate:
    """The mandate of the Đắk Nông letter: one DX item a week, reports before 5 June and 5 December.

    A weekly mandate that covers part of the area already is widened: no station owes the same item twice.
    """
    wanted, name = codes_in(session, scope.text), f"{WEEKLY} ({scope_name(session, scope)})"
    known = select(Mandate).where(Mandate.source == WEEKLY_SOURCE).order_by(Mandate.id)
    for mandate in session.scalars(known):
        covered = codes_in(session, *(area.scope for area in mandate.areas))
        if covered & wanted:
            if not wanted <= covered:
                mandate.areas.append(MandateArea(scope=scope.text))
                mandate.name = name
            return mandate
    mandate = Mandate(
        name=name,
        kind=MandateKind.AIR,
        count=1,
        per="week",
        source=WEEKLY_SOURCE,
        report_due_days="06-04,12-04",
        valid_from=REFORM,
        areas=[MandateArea(scope=scope.text)],
    )
    session.add(mandate)
    return mandate


def province_code(session: Session, text: str) -> str:
    """A province by code or by name, with or without accents. Raises BadScope."""
    means = (Area.code == text.strip()) | (Area.search_key == search_key(text))
    found = session.scalar(select(Area.code).where(Area.kind == "province", means))
    if found is None:
        raise BadScope(f"Không có tỉnh, thành phố nào là “{text}”. Dùng mã hai số, ví dụ 68 (Lâm Đồng).")
    return found


def province_name(session: Session, code: str) -> str:
    """Empty for a code of no unit."""
    area = session.get(Area, code)
    return area.name if area else ""


def exists(session: Session, code: str) -> bool:
    """Whether a commune of this code exists today."""
    return session.scalar(select(Area.code).where(IS_COMMUNE, Area.code == code)) is not None


def named(session: Session, scopes: list[str], text: str) -> list[Area]:
    """The communes of some areas that bear a name today, with or without accents and kind."""
    query = select(Area).where(IS_COMMUNE, any_of(scopes))
    found = list(session.scalars(query.where(Area.search_key == search_key(text)).order_by(Area.code)))
    exact = [area for area in found if area.name.casefold() == unicodedata.normalize("NFC", text).casefold()]
    return exact or found


def spelt(session: Session, typed: str) -> list[Area]:
    """Communes of today, whoever looks after them, whose name is what was typed, accents, spaces and kind aside."""
    bare = place_key(typed).replace(" ", "")
    plain = func.replace(func.replace(Area.search_key, " ", ""), "'", "")
    query = select(Area).where(IS_COMMUNE, plain == bare)
    return list(session.scalars(query.order_by(Area.code))) if bare else []


def province_lines(session: Session) -> list[ProvinceLine]:
    """Every province that was loaded, by code; empty before the first load."""
    counted = select(Area.parent_code, func.count()).group_by(Area.parent_code)
    with_station = counted.join(Station, Station.area_code == Area.code).where(Station.active_to.is_(None))
    units = dict(session.execute(counted.where(IS_COMMUNE)).all())
    stations = dict(session.execute(with_station).all())
    query = select(Area).where(Area.kind == "province").order_by(Area.code)
    return [
        ProvinceLine(one.code, one.name, units.get(one.code, 0), stations.get(one.code, 0))
        for one in session.scalars(query)
    ]


def station_name(unit: str) -> str:
    """What a commune's station is called unless somebody says otherwise."""
    return f"{_STATION}{lower_kind(unit)}"


def called(station: str, unit: str) -> str:
    """“Xã Đắk Wil”: the commune of a station, or what the station is called for where that is something else, as of
    several that a merger brought into one commune."""
    own = station.removeprefix(_STATION)
    return unit if station == station_name(unit) else f"{own[:1].upper()}{own[1:]}"


def new_station(unit: Area, name: str, active_from: date) -> Station:
    """A station whose hours nobody has told yet. Without a name it gets the usual one."""
    return Station(
        area_code=unit.code,
        name=name or station_name(unit.name),
        airing_days=USUAL_DAYS,
        airing_hours=USUAL_HOURS,
        active_from=active_from,
    )


def _csv_areas() -> Iterator[Area]:
    provinces: set[str] = set()
    text = (files("airlog") / "communes-2026.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["province_code"] not in provinces:
            provinces.add(row["province_code"])
            yield _area(row["province_code"], row["province"], "province", None)
        area = _area(row["code"], row["name"], row["kind"].lower(), row["province_code"])
        area.former_district_code = row["former_district_code"] or None
        area.former_district = row["former_district"] or None
        area.former_province = row["former_province"] or None
        numbers = (float(row[name]) if row[name] else None for name in ("lat", "lon", "area_km2"))
        area.lat, area.lon, area.area_km2 = numbers
        yield area


def _area(code: str, name: str, kind: str, parent: str | None) -> Area:
    return Area(
        code=code,
        name=unicodedata.normalize("NFC", name),
        kind=kind,
        parent_code=parent,
        search_key=search_key(name),
        valid_from=REFORM,
    )
