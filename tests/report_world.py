"""A small record to report on: four communes of former Đắk Nông, weeks in which everything happened once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from airlog import areas, campaigns, duties, items, record
from airlog.db import Database, Session
from airlog.models import Aircheck, Campaign, Duty, Person
from airlog.record import Source
from airlog.scope import Scope
from airlog.types import EntryKind, MissedReason
from content.shelf import library
from content.week import Week

DISTRICT = "661"
MADE = datetime(2025, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 4, 8, tzinfo=UTC)
HOSTILE = '=HYPERLINK("http://x","Tin")&<b>{{ bc }}'
FIRST = Week.parse("2025-W50")


@dataclass
class World:
    database: Database
    person: Person
    scope: Scope
    said: int = 0

    def source(self, stated_at: datetime) -> Source:
        self.said += 1
        return Source("telegram", str(self.said), stated_at)

    def duties(self, session: Session, week: Week) -> list[Duty]:
        return duties.of_period(session, str(week))


def fill(session: Session) -> None:
    """Stations, an operator whose name needs escaping, the library; no duty yet."""
    areas.load_stations(session, DISTRICT, date(2025, 12, 1))
    items.load_library(session, library(), MADE)
    session.add(Person(name="Nguyễn Thị Bé & Con <Năm>", phone="+84912345678", created_at=MADE))


def empty_world(url: str) -> World:
    """The record in a store that `fill` filled."""
    database = Database(url)
    with database.reading() as session:
        person = session.scalars(select(Person)).one()
    return World(database, person, Scope.parse(DISTRICT))


def busy_world(url: str, weeks: int = 3) -> World:
    """Each week: the first station airs in time, the second late, the third cannot, the others stay silent.

    The first week also has a correction, a withdrawal, an excuse, an own item and a proof.
    """
    world = empty_world(url)
    with world.database.session() as session:
        plan(world, session, FIRST, weeks)
        for place in range(weeks):
            _play(world, session, FIRST.shift(place))
        _first_week(world, session, world.duties(session, FIRST))
    return world


def plan(world: World, session: Session, first: Week, weeks: int) -> Campaign:
    order = campaigns.Order("Chuyển đổi số", world.scope.text, first, weeks, 0, time(7, 30))
    campaign = campaigns.launch(session, campaigns.plan_campaign(session, order, None, MADE), None, MADE)
    for rundown in campaign.rundowns:
        duties.make(session, Week.parse(rundown.week), MADE)
        duties.tie(session, rundown, MADE)
    return campaign


def _play(world: World, session: Session, week: Week) -> None:
    first, second, third = world.duties(session, week)[:3]
    stated_at = week.at(1, time(17, 30))
    record.aired(
        session, world.person, first, world.source(stated_at), stated_at, aired_at=week.at(1, time(17))
    )
    late = week.ends_at + timedelta(days=2)
    record.aired(session, world.person, second, world.source(late), late, aired_at=late)
    record.not_aired(
        session,
        world.person,
        third,
        MissedReason.NO_POWER,
        world.source(stated_at),
        stated_at,
        note="@SUM(1+1)",
    )


def _first_week(world: World, session: Session, owed: list[Duty]) -> None:
    at = FIRST.ends_at
    stated = record.last_entry(session, owed[0], EntryKind.AIRED)
    assert stated is not None
    record.correct(
        session, world.person, owed[0], stated, world.source(at), at, aired_at=FIRST.at(2, time(5, 15))
    )
    record.aired(session, world.person, owed[0], world.source(at), at, own_title=HOSTILE)
    record.withdraw(session, world.person, owed[2], world.source(at), at)
    record.excuse(session, world.person, owed[2], MissedReason.WEATHER, world.source(at), at, note="bão số 9")
    session.add(
        Aircheck(
            entry_seq=stated.seq, person_id=world.person.id, kind="photo", mime="image/jpeg",
            sha256="0" * 64, path="x.jpg", size_bytes=1, received_at=at,
        )
    )  # fmt: skip
