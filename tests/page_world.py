"""A week of the product behind the pages: twenty-eight stations, one running campaign, six people."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeVar

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from airlog import areas, campaigns, items, people, sessions
from airlog import phone as phones
from airlog.campaigns import Order
from airlog.db import Database, Session
from airlog.models import Duty, Person, Station
from audio.voices import Voices
from content import shelf
from content.typed_time import parse_time_vi
from content.week import Week
from scheduler.clock import HandClock
from scheduler.plan import plan_duties
from scheduler.tracks import Studio
from tests.fakes import FakeSpeech
from web.app import create_app
from web.parts import Parts

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
WEEK = Week.parse("2026-W48")
AREA = "68/Tỉnh Đắk Nông"
LOCAL_PC = ("127.0.0.1", 50123)
PEOPLE = """ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai
Trần Thị Hoa,0912000001,officer,663,
Lê Văn Nam,0912000002,operator,24678,
Phạm Thị Bích,0912000003,operator,24646,
Đỗ Quang Minh,0912000004,admin,68,
Vũ Thị Lan,0912000005,editor,68,
Hoàng Văn Sơn,0912000006,approver,68,
Ngô Văn Tỉnh,0912000007,officer,*,
Bùi Thị Xa,0912000008,admin,01,
"""
OFFICER, OPERATOR, FAR_OPERATOR, ADMIN, EDITOR, APPROVER, NATIONAL, FAR_ADMIN = (
    f"+8491200000{n}" for n in range(1, 9)
)


R = TypeVar("R")
Browser = Callable[..., httpx.AsyncClient]


@dataclass
class World:
    """What a test needs to look behind the pages."""

    db: Database
    clock: HandClock
    parts: Parts
    app: FastAPI
    voice: FakeSpeech
    settled: list[int]
    """Duties whose messages were brought up to the record."""

    def ask(self, work: Callable[[Session], R]) -> R:
        """Look into the store, or change it, in one transaction."""
        with self.db.session() as session:
            return work(session)

    def person(self, phone: str) -> Person:
        return self.ask(lambda s: person_of(s, phone))

    def duty_of(self, area_code: str) -> Duty:
        """This week's duty of a commune's station."""
        return self.ask(lambda s: _duty(s, area_code))


def build_world(url: str, folder: Path) -> World:
    """The pages over a store that `fill` filled."""
    db, clock, voice = Database(url), HandClock(TUESDAY), FakeSpeech()
    studio = Studio(Voices([voice]), folder / "clips")
    settled: list[int] = []

    async def note(duty_ids: Sequence[int]) -> None:
        settled.extend(duty_ids)

    parts = Parts(db, clock, studio, folder, "http://127.0.0.1:8080", channels=("simulator",), settled=note)
    app = _shared_app()
    app.state.parts = parts
    return World(db, clock, parts, app, voice, settled)


@cache
def _shared_app() -> FastAPI:
    """One for all tests of a process, each of which hands it its own parts: making the routes ready takes longer than most
    of them."""
    nothing = Studio(Voices([]), Path())
    return create_app(
        Parts(Database("sqlite://"), HandClock(TUESDAY), nothing, Path(), "http://127.0.0.1:8080")
    )


def sign_in(world: World, phone: str) -> str:
    """The secret of a fresh session, as a cookie holds it."""
    now = world.clock.now()
    return world.ask(lambda s: sessions.open_session(s, person_of(s, phone), "test", now))


def fill(session: Session) -> None:
    earlier = WEEK.shift(-4).starts_at
    areas.load_stations(session, AREA, earlier.date())
    items.load_library(session, shelf.library(), earlier)
    people.import_people(session, PEOPLE.encode(), earlier)
    order = Order("Mỗi tuần một tin", AREA, WEEK.shift(-3), 8, 0, parse_time_vi("07:30"))
    admin = person_of(session, ADMIN)
    campaigns.launch(session, campaigns.plan_campaign(session, order, admin, earlier), admin, earlier)
    for back in (3, 2, 1, 0):
        week = WEEK.shift(-back)
        plan_duties(session, week, week.starts_at)
    phones.give_everybody_one(session, earlier)


def person_of(session: Session, phone: str) -> Person:
    found = people.person_by_phone(session, phone)
    assert found is not None
    return found


def version_in(page: str) -> str:
    """What an open page asks with whether there is something new."""
    found = re.search(r"seen=([0-9a-f]{16})", page)
    assert found is not None
    return found[1]


def _duty(session: Session, area_code: str) -> Duty:
    return session.scalars(
        select(Duty).join(Station).where(Station.area_code == area_code, Duty.period == str(WEEK))
    ).one()
