"""The cast used everywhere: three stations, and the people around them.

Hạnh always answers. Sơn never does. Lan serves two stations, one of them beside Sơn. Cúc is the officer, Minh the
admin, Duyệt clears what Châu writes. It is Monday of week 48 of 2026, 00:00 in Viet Nam.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from airlog import access, areas, campaigns, duties, items, people, queries, record
from airlog.campaigns import Order
from airlog.db import Database, Session
from airlog.models import Address, Campaign, Delivery, Duty, LogEntry, Person, Station
from airlog.record import Source
from airlog.rules import Standing
from airlog.scope import Scope
from audio.voices import Voices
from content import shelf
from content.week import Week
from scheduler.clock import HandClock
from scheduler.dispatch import Dispatcher
from scheduler.jobs import AtOnce
from scheduler.ladder import Ladder
from scheduler.tick import Tick
from tests.fakes import FakeChannel, FakeStudio

R = TypeVar("R")
WEEK = Week.parse("2026-W48")
AREA = "68/Tỉnh Đắk Nông"
DAK_WIL, DAK_SAK, THUAN_AN = "24646", "24678", "24682"
HANH, SON, LAN, CUC, MINH, DUYET, CHAU = (f"091200000{n}" for n in range(1, 8))
PEOPLE = f"""ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai
Trần Thị Hạnh,{HANH},operator,{DAK_WIL},
Lê Văn Sơn,{SON},operator,{DAK_SAK},
Phạm Thị Lan,{LAN},operator,{DAK_SAK},
Phạm Thị Lan,{LAN},operator,{THUAN_AN},
Phan Thị Thu Cúc,{CUC},officer,{AREA},
Đỗ Quang Minh,{MINH},admin,68,
Cao Văn Duyệt,{DUYET},approver,68,
Trịnh Minh Châu,{CHAU},editor,68,
"""
EVERYBODY = (HANH, SON, LAN, CUC, MINH, DUYET, CHAU)
WORDS = " ".join(["Bà con nhớ không đọc mã xác nhận cho người lạ."] * 12)
"""A script long enough to be taken."""


def fill(session: Session) -> None:
    """The communes, the library and the cast, each with a chat. No campaign."""
    now = WEEK.starts_at
    areas.load_areas(session)
    areas.weekly_mandate(session, Scope.parse(AREA))
    items.load_library(session, shelf.library(), now)
    people.import_people(session, PEOPLE.encode(), now)
    for phone in EVERYBODY:
        bind(session, phone, now)


def bind(session: Session, phone: str, now: datetime) -> Address:
    """The person presses start with the code of an invite."""
    person = person_of(session, phone)
    return people.bind(session, people.invite(session, person, now).code, "chat", "bot", chat(phone), now)


def chat(phone: str) -> str:
    return f"chat-{phone}"


def person_of(session: Session, phone: str) -> Person:
    found = people.person_by_phone(session, phone)
    assert found is not None
    return found


def order(weeks: int = 8, start: Week = WEEK, scope: str = AREA, slugs: tuple[str, ...] = ()) -> Order:
    return Order("Mỗi tuần một tin", scope, start, weeks, 0, time(7, 30), slugs)


def launch(session: Session, now: datetime, asked: Order | None = None) -> Campaign:
    return campaigns.launch(session, campaigns.plan_campaign(session, asked or order(), None, now), None, now)


@dataclass
class World:
    """The program around one store, its clock driven by hand."""

    db: Database
    clock: HandClock
    channel: FakeChannel
    studio: FakeStudio
    ladder: Ladder = field(default_factory=Ladder)
    said: int = 0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start the program anew: all it knows stands in the store."""
        dispatcher = Dispatcher(self.db, {"chat": self.channel}, self.clock, ladder=self.ladder)
        self.ticker = Tick(self.db, self.studio, AtOnce(dispatcher), self.ladder, ("chat",), self.clock)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def ask(self, work: Callable[[Session], R]) -> R:
        """Look into the store, or change it, in one transaction."""
        with self.db.session() as session:
            return work(session)

    def launch(self, asked: Order | None = None) -> Campaign:
        return self.ask(lambda s: launch(s, self.now, asked))

    async def at(self, day: int, clock: str = "00:00", week: Week = WEEK) -> None:
        """Move to a local time of day 0 (Monday) to 6, or later, and tick."""
        self.clock.forward_to(week.at(day, time.fromisoformat(clock)))
        await self.ticker.run()

    async def later(self, **by: float) -> None:
        """Some minutes or hours on, and tick."""
        self.clock.forward_to(self.now + timedelta(**by))
        await self.ticker.run()

    def duties(self, week: Week = WEEK) -> dict[str, Duty]:
        """The week's duties by code of the commune."""
        return self.ask(lambda s: {d.station.area_code: d for d in duties.of_period(s, str(week))})

    def says_aired(
        self, phone: str, commune: str, week: Week = WEEK, aired_at: datetime | None = None
    ) -> tuple[LogEntry, bool]:
        """An operator states, now, that the week's item was aired."""
        return self.ask(
            lambda s: record.aired(
                s, *self._statement(s, phone, commune, week), self.source(), self.now, aired_at=aired_at
            )
        )

    def standing(self, commune: str, week: Week = WEEK) -> Standing:
        return self.ask(lambda s: queries.duty_standing(s, duty_of(s, commune, week), self.now))

    def deliveries(self, phone: str, week: Week = WEEK) -> list[tuple[str, str]]:
        """Every message planned for a person about a week, in the order it was planned: (rung, state)."""
        return [(str(row.rung), str(row.state)) for row in self.rows(phone, week)]

    def rows(self, phone: str, week: Week = WEEK) -> list[Delivery]:
        query = (
            select(Delivery)
            .join(Person, Delivery.person_id == Person.id)
            .where(Person.phone == people.phone_e164(phone), Delivery.period == str(week))
            .order_by(Delivery.id)
        )
        return self.ask(lambda s: list(s.scalars(query).unique()))

    def arrived(self, phone: str) -> list[str]:
        """What a person's chat has received, in order, by the rung it belongs to; `?` when no row knows it."""
        refs = [one.ref for one in self.channel.requests if one.chat_id == chat(phone)]
        query = select(Delivery.message_ref, Delivery.rung).where(
            Delivery.message_ref.in_([r for r in refs if r])
        )
        known = self.ask(lambda s: {ref: str(rung) for ref, rung in s.execute(query)})
        return [known.get(ref or "", "?") for ref in refs]

    def person(self, phone: str) -> Person:
        return self.ask(lambda s: person_of(s, phone))

    def source(self) -> Source:
        self.said += 1
        return Source("chat", f"{self.now.timestamp():.0f}/{self.said}", self.now)

    def _statement(self, session: Session, phone: str, commune: str, week: Week) -> tuple[Person, Duty]:
        person, duty = person_of(session, phone), duty_of(session, commune, week)
        access.require_operator(session, person, duty.station, "aired", self.now)
        return person, duty


def duty_of(session: Session, commune: str, week: Week = WEEK) -> Duty:
    query = select(Duty).join(Station).where(Station.area_code == commune, Duty.period == str(week))
    return session.scalars(query).unique().one()


def build_world(url: str, folder: Path) -> World:
    """The program over a store that `fill` filled."""
    return World(
        Database(url), HandClock(WEEK.starts_at), FakeChannel(), FakeStudio(Voices([]), folder / "clips")
    )
