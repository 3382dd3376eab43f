"""A trial database: the 28 communes of former Đắk Nông, invented people, some weeks of invented history.

It is marked as such in the store, and every page of it says so. Names and numbers belong to nobody: the numbers
are 0900 000 0xx.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from airlog import areas, campaigns, duties, facts, items, people, record
from airlog.campaigns import Order
from airlog.db import Session
from airlog.models import Campaign, Duty, Grant, Person, Station
from airlog.record import Source
from airlog.types import MissedReason, RoleKind
from content import shelf
from content.typed_moment import slot_on
from content.week import LOCAL, Week

AREA = "68/Tỉnh Đắk Nông"
SEND_AT = time(5, 30)
WEEKS_BEFORE = 11
WEEKS_AHEAD = 26
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương", "Lý")
_MIDDLE = ("Thanh", "Minh", "Ngọc", "Xuân", "Hồng", "Kim", "Hải", "Anh")  # goes with any given name below
_GIVEN = (
    "Hạnh", "Bình", "Lan", "Sơn", "Mai", "Hùng", "Yến", "Dũng", "Hoa", "Tâm",
    "Phúc", "Liên", "Khánh", "Nga",
)  # fmt: skip
_OFFICE = (
    (RoleKind.OFFICER, "Phan Thị Thu Cúc", AREA),
    (RoleKind.ADMIN, "Quản trị dùng thử", "68"),
    (RoleKind.EDITOR, "Trịnh Minh Châu", "68"),
    (RoleKind.APPROVER, "Cao Văn Duyệt", "68"),
)


def seed(session: Session, now: datetime, *, history: bool = True) -> Campaign:
    """Fill an empty store for a trial, with this week's campaign launched. Deterministic but for the dates."""
    facts.put(session, facts.TRIAL, "1")
    today = now.astimezone(LOCAL).date()
    areas.load_stations(session, AREA, today)
    items.load_library(session, shelf.library(), now)
    stations = campaigns.stations_in(session, AREA, now)
    for station in stations:
        station.active_from = areas.REFORM
    crew = [_operator(session, number, station, now) for number, station in enumerate(stations)]
    for number, (role, name, scope) in enumerate(_OFFICE, start=80):
        _grant(session, _person(session, name, number, now), role, scope, now)
    session.flush()
    if history:
        _past_weeks(session, stations, crew, now)
    order = Order("Chuyển đổi số về thôn, buôn", AREA, Week.of(now), WEEKS_AHEAD, 0, SEND_AT)
    return campaigns.launch(session, campaigns.plan_campaign(session, order, None, now), None, now)


def _operator(session: Session, number: int, station: Station, now: datetime) -> Person:
    pick = random.Random(number)
    name = f"{pick.choice(_FAMILY)} {pick.choice(_MIDDLE)} {pick.choice(_GIVEN)}"
    person = _person(session, name, number + 1, now)
    _grant(session, person, RoleKind.OPERATOR, station.area_code, now)
    return person


def _person(session: Session, name: str, number: int, now: datetime) -> Person:
    person = Person(name=name, phone=people.phone_e164(f"09000000{number:02d}"), created_at=now)
    session.add(person)
    session.flush()
    return person


def _grant(session: Session, person: Person, role: RoleKind, scope: str, now: datetime) -> None:
    since = now - timedelta(weeks=WEEKS_BEFORE + 1)
    session.add(Grant(person_id=person.id, role=role, scope=scope, valid_from=since))


def _past_weeks(session: Session, stations: Sequence[Station], crew: Sequence[Person], now: datetime) -> None:
    """Weeks that somebody could have lived: most aired, some late, a few broken or silent."""
    pick = random.Random(2026)
    people_of = {station.id: person for station, person in zip(stations, crew, strict=True)}
    for back in range(WEEKS_BEFORE, 0, -1):
        week = Week.of(now).shift(-back)
        duties.make(session, week, now)
        for duty in duties.of_period(session, str(week)):
            _lived(session, duty, people_of[duty.station_id], week, pick)


def _lived(session: Session, duty: Duty, person: Person, week: Week, pick: random.Random) -> None:
    luck = pick.random() - 0.06 * (duty.station_id % 4 == 0)
    day = week.monday + timedelta(days=pick.randrange(6))
    stated = slot_on(day, duty.station.airing_hours, pick.random() < 0.5) + timedelta(
        minutes=pick.randrange(2, 50)
    )
    if luck > 0.16:
        _aired(session, duty, person, stated)
    elif luck > 0.10:
        _aired(session, duty, person, stated + timedelta(days=7 - day.weekday()))
    elif luck > 0.05:
        reason = pick.choice((MissedReason.BROKEN, MissedReason.NO_POWER, MissedReason.WEATHER))
        record.not_aired(session, person, duty, reason, _source(stated), stated)


def _aired(session: Session, duty: Duty, person: Person, stated: datetime) -> None:
    aired_at = stated.replace(minute=0, second=0)
    record.aired(session, person, duty, _source(stated), stated, aired_at=aired_at)


def _source(stated: datetime) -> Source:
    return Source("simulator", "dữ liệu dùng thử", stated)
