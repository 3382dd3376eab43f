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
from airlog.scope import BadScope, Scope, any_of, communes, lower_kind, require_living, scope_name
from airlog.types import MandateKind

# The present communes exist since resolution 202/2025/QH15 and the ones of June 2025 took effect.
REFORM = date(2025, 7, 1)
USUAL_DAYS = "123456"
USUAL_HOURS = "05:00-06:00,17:00-18:00"
WEEKLY = "Mỗi tuần một tin chuyển đổi số"
WEEKLY_SOURCE = "Công văn tháng 01/2022 của Sở Thông tin và Truyền thông tỉnh Đắk Nông"
_KINDS = ("thành phố ", "tỉnh ", "phường ", "đặc khu ", "xã ")


@dataclass(frozen=True)
class Loaded:
    """What a load did: counts of rows that are new."""

    areas: int
    stations: int
    mandate: str
    communes: int


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
    fresh = [_station(unit) for unit in units if unit.code not in with_station]
    session.add_all(fresh)
    mandate = weekly_mandate(session, scope)
    session.flush()
    return Loaded(added, len(fresh), mandate.name, len(units))


def weekly_mandate(session: Session, scope: Scope) -> Mandate:
    """The mandate of the Đắk Nông letter: one DX item a week, reports before 5 June and 5 December.

    A weekly mandate that covers part of the area already is widened: no station owes the same item twice.
    """
    for mandate in session.scalars(
        select(Mandate).where(Mandate.source == WEEKLY_SOURCE).order_by(Mandate.id)
    ):
        covered = set().union(*(_codes(session, Scope.parse(area.scope)) for area in mandate.areas))
        wanted = _codes(session, scope)
        if not covered & wanted:
            continue
        if not wanted <= covered:
            mandate.areas.append(MandateArea(scope=scope.text))
            mandate.name = f"{WEEKLY} ({scope_name(session, scope)})"
        return mandate
    mandate = Mandate(
        name=f"{WEEKLY} ({scope_name(session, scope)})",
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


def _codes(session: Session, scope: Scope) -> set[str]:
    here = Area.kind != "province", Area.valid_to.is_(None), scope.clause()
    return set(session.scalars(select(Area.code).where(*here)))


def province_code(session: Session, text: str) -> str:
    """A province by code or by name, with or without accents. Raises BadScope."""
    key = search_key(text)
    found = session.scalar(
        select(Area.code).where(
            Area.kind == "province", (Area.code == text.strip()) | (Area.search_key == key)
        )
    )
    if found is None:
        raise BadScope(f"Không có tỉnh, thành phố nào là “{text}”. Dùng mã hai số, ví dụ 68 (Lâm Đồng).")
    return found


def province_name(session: Session, code: str) -> str:
    """Empty for a code of no unit."""
    area = session.get(Area, code)
    return area.name if area else ""


def exists(session: Session, code: str) -> bool:
    """Whether a commune of this code exists today."""
    area = session.get(Area, code)
    return area is not None and area.kind != "province" and area.valid_to is None


def named(session: Session, scopes: list[str], text: str) -> list[Area]:
    """The communes of some areas that bear a name today, with or without accents and kind."""
    query = select(Area).where(Area.kind != "province", Area.valid_to.is_(None), any_of(scopes))
    found = list(session.scalars(query.where(Area.search_key == search_key(text)).order_by(Area.code)))
    exact = [area for area in found if area.name.casefold() == unicodedata.normalize("NFC", text).casefold()]
    return exact or found


def former_provinces(session: Session, code: str) -> list[tuple[str, int]]:
    """The former provinces that went into a present one, with the number of communes from each."""
    query = (
        select(Area.former_province, func.count())
        .where(Area.parent_code == code, Area.former_province.is_not(None))
        .group_by(Area.former_province)
        .order_by(Area.former_province)
    )
    return [(name, count) for name, count in session.execute(query) if name]


def station_name(unit: str) -> str:
    """What a commune's station is called unless somebody says otherwise."""
    return f"Đài truyền thanh {lower_kind(unit)}"


def _station(unit: Area) -> Station:
    return Station(
        area_code=unit.code,
        name=station_name(unit.name),
        airing_days=USUAL_DAYS,
        airing_hours=USUAL_HOURS,
        active_from=REFORM,
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
        area.lat, area.lon, area.area_km2 = (
            float(row[k]) if row[k] else None for k in ("lat", "lon", "area_km2")
        )
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
