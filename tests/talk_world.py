"""A few people with chats, a week that went out to them, and a way to talk: what the conversation tests play on."""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import pytest
from sqlalchemy import select

from airlog import areas, campaigns, claims, deliveries, duties, items, people, tracks
from airlog.airchecks import KeptFile
from airlog.campaigns import Order
from airlog.db import Database, Session
from airlog.deliveries import Wanted
from airlog.models import (
    Address,
    Audit,
    Campaign,
    Delivery,
    Duty,
    LogEntry,
    Mandate,
    MandateArea,
    Person,
    Rundown,
)
from airlog.queries import duty_standing
from airlog.rules import Sign
from airlog.types import EntryKind, MandateKind, Rung
from audio.clip import Clip
from bot.desk import Desk, Sent
from bot.handlers import handle
from content import shelf
from content.week import LOCAL, Week
from scheduler.channel import Answer, Incoming, IncomingFile, Outgoing
from scheduler.compose import compose
from scheduler.plan import plan_duties
from tests.stores import Stores

WEEK = Week.parse("2026-W48")
LONG_AGO = Week.parse("2026-W43")
ITEM_SENT = WEEK.at(0, time(7, 30))
TUESDAY = WEEK.at(1, time(17, 25))
AREA = "68/Tỉnh Đắk Nông"
BOT = "123456"
LAN, BINH, HAI, FAR, OFFICER, ADMIN = "1001", "1002", "1003", "1004", "1005", "1006"
STRANGER = "2001"
PEOPLE = """ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai
Trần Thị Lan,0912000001,operator,{0},
Lê Văn Bình,0912000002,operator,{0},
Phạm Minh Hải,0912000003,operator,{1},
Phạm Minh Hải,0912000003,operator,{2},
Vũ Thị Xa,0912000004,operator,{3},
Đỗ Thị Cúc,0912000005,officer,68/Tỉnh Đắk Nông,
Ngô Quản Trị,0912000006,admin,68,
Hồ Văn Mới,0912000007,operator,{0},
"""
NEW_PHONE = "0912000007"
PICTURE = KeptFile("photo", "image/jpeg", Path("airchecks") / ("a" * 64 + ".jpg"), 1234)
R = TypeVar("R")


@dataclass
class Talk:
    """Chats with the program. `now` is moved by hand; every reply stays on the screen of its chat."""

    db: Database
    desk: Desk
    now: datetime = TUESDAY
    screens: defaultdict[str, list[tuple[str, Outgoing]]] = field(default_factory=lambda: defaultdict(list))
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(50_000))

    def ask(self, work: Callable[[Session], R]) -> R:
        with self.db.session() as session:
            return work(session)

    def say(self, chat: str, text: str, *, private: bool = True) -> str:
        """Type a text; returns everything that was answered."""
        return self._tell(replace(self._incoming(chat, "text", text), private=private))

    def tap(self, chat: str, label: str) -> str:
        """Press the newest button of that name in the chat."""
        for ref, message in reversed(self.screens[chat]):
            for button in (button for row in message.buttons for button in row):
                if button.label == label:
                    return self.press(chat, button.data, ref)
        raise LookupError(f"no button {label!r} in chat {chat}")

    def press(self, chat: str, data: str, ref: str = "t:1") -> str:
        return self._tell(replace(self._incoming(chat, "press", data), message_ref=ref, press_ref="p1"))

    def send_file(self, chat: str, kept: Sent = PICTURE) -> str:
        sent = replace(self._incoming(chat, "file", ""), file=IncomingFile("photo", "f1", 1234))
        return self._tell(sent, kept)

    def event(self, chat: str, kind: Literal["blocked", "other"], *, private: bool = True) -> str:
        return self._tell(replace(self._incoming(chat, kind, ""), private=private))

    def labels(self, chat: str) -> list[str]:
        """The buttons under the last message of the chat."""
        return [button.label for row in self.screens[chat][-1][1].buttons for button in row]

    def log(self) -> list[LogEntry]:
        return self.ask(lambda s: list(s.scalars(select(LogEntry).order_by(LogEntry.seq))))

    def kinds(self) -> list[str]:
        return [str(entry.kind) for entry in self.log()]

    def refusals(self) -> list[str]:
        return self.ask(lambda s: list(s.scalars(select(Audit.act).where(~Audit.allowed))))

    def duty(self, chat: str = LAN, week: Week = WEEK) -> Duty:
        """The first duty of the stations that the person behind a chat serves."""
        return self.ask(lambda s: _duty_of(s, chat, week))

    def sign(self, chat: str = LAN, week: Week = WEEK) -> Sign:
        return self.ask(lambda s: duty_standing(s, _duty_of(s, chat, week), self.now).sign)

    def address(self, chat: str) -> Address | None:
        return self.ask(lambda s: people.address_of(s, "telegram", BOT, chat))

    def _incoming(
        self, chat: str, kind: Literal["text", "press", "file", "blocked", "other"], text: str
    ) -> Incoming:
        number = next(self._numbers)
        return Incoming("telegram", BOT, str(number), chat, kind, self.now, text, f"t:{number}")

    def _tell(self, incoming: Incoming, kept: Sent | None = None) -> str:
        answer = self.ask(lambda s: handle(s, incoming, self.desk, self.now, kept))
        self._show(incoming, answer)
        return "\n".join(message.text for message in answer.messages)

    def _show(self, incoming: Incoming, answer: Answer) -> None:
        screen = self.screens[incoming.chat_id]
        if answer.edit is not None:
            refs = [ref for ref, _ in screen]
            screen[refs.index(incoming.message_ref)] = (incoming.message_ref, answer.edit)
        for message in answer.messages:
            if message.make:
                message.make()
            screen.append((f"t:{next(self._numbers)}", message))


@pytest.fixture
def talk(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[Talk]:
    """Tuesday 17:25 of week 48: this week's item lies in every operator's chat, and week 43's as well."""
    db = Database(stores.filled(store_kind, fill))
    world = Talk(db, Desk(("telegram",), "http://127.0.0.1:8080", tmp_path))
    for chat, ref, message in first_screens():
        world.screens[chat].append((ref, message))
    yield world
    db.close()


@cache
def store_bytes(work: Callable[[Session], None] | None = None) -> bytes:
    """A store filled by `work` (else by `fill`), made once in each process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "first.db"
        db = Database(f"sqlite:///{path}")
        db.migrate()
        with db.session() as session:
            (work or fill)(session)
        db.close()
        return path.read_bytes()


@cache
def first_screens() -> tuple[tuple[str, str, Outgoing], ...]:
    """What lies in the chats before anybody talks: (chat, reference, message). Composed once in each process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "first.db"
        path.write_bytes(store_bytes())
        db = Database(f"sqlite:///{path}")
        with db.reading() as session:
            rows = session.scalars(select(Delivery).order_by(Delivery.id)).unique()
            found = tuple(_letter(session, row) for row in rows)
        db.close()
        return found


def give_sound(session: Session, rundown: Rundown, folder: Path, now: datetime) -> None:
    """A clip for a week, so that no test of conversations waits for a voice."""
    path = folder / f"tuan-{rundown.id}.mp3"
    path.write_bytes(b"ID3\x04" + bytes(range(250)) * 40)
    clip = Clip(
        path=path, sha256=f"{rundown.id:064x}", duration_ms=112_000, size_bytes=path.stat().st_size,
        loudness_lufs=-14.0, true_peak_dbtp=-1.0, engine="recording", voice="x", draft=False,
    )  # fmt: skip
    tracks.keep(session, rundown.item_version_id, tracks.purpose_of(session, rundown), clip, now)


def settle(session: Session, start: datetime) -> None:
    """Stations, library and people; nobody has a chat yet."""
    areas.load_stations(session, AREA, start.date())
    items.load_library(session, shelf.library(), start)
    codes = list(dict.fromkeys(s.area_code for s in campaigns.stations_in(session, AREA, start)))
    people.import_people(session, PEOPLE.format(*codes).encode(), start)


def launch(session: Session, first: Week, hour: time, now: datetime) -> Campaign:
    """Six weeks from the library, going out on Mondays."""
    order = Order("Mỗi tuần một tin", AREA, first, 6, 0, hour)
    return campaigns.launch(session, campaigns.plan_campaign(session, order, None, now), None, now)


def fill(session: Session) -> None:
    start = LONG_AGO.starts_at
    settle(session, start)
    launch(session, LONG_AGO, time(7, 30), start)
    for number in range(1, 7):
        person = people.person_by_phone(session, f"091200000{number}")
        assert person is not None
        people.add_address(session, person, "telegram", BOT, f"100{number}", start)
    for week in (LONG_AGO, WEEK.shift(-1), WEEK):
        plan_duties(session, week, week.starts_at)
        _send(session, week)


def post_mandate(session: Session) -> Duty:
    """Lan's commune also owes one post a week; its duty of this week."""
    session.add(
        Mandate(
            name="Đăng bài", kind=MandateKind.POST, count=1, per="week", source="Công văn",
            valid_from=LONG_AGO.monday, areas=[MandateArea(scope=_duty_of(session, LAN, WEEK).station.area_code)],
        )
    )  # fmt: skip
    session.flush()
    duties.make(session, WEEK, TUESDAY)
    station = _duty_of(session, LAN, WEEK).station
    return next(d for d in duties.of_station(session, station, str(WEEK)) if d.mandate.kind == "post")


def invite_code(session: Session) -> str:
    """The code of the operator who has no chat yet."""
    person = people.person_by_phone(session, NEW_PHONE)
    assert person is not None
    return people.invite(session, person, TUESDAY - timedelta(days=1)).code


def local(moment: datetime | None) -> str:
    """An instant as people there read it: “24/11 17:25”; empty for none."""
    return f"{moment.astimezone(LOCAL):%d/%m %H:%M}" if moment else ""


def airings(entries: list[LogEntry]) -> list[LogEntry]:
    return [entry for entry in entries if entry.kind in (EntryKind.AIRED, EntryKind.CORRECTED)]


def _send(session: Session, week: Week) -> None:
    sent_at = week.at(0, time(7, 30))
    for address in session.scalars(select(Address).order_by(Address.id)):
        for duty in _duties_of(session, address.person, week):
            deliveries.plan(session, [Wanted(Rung.ITEM, address, str(week), sent_at, duty.id)])
    for row in session.scalars(select(Delivery).where(Delivery.period == str(week))).unique():
        claims.claim(session, row.id, sent_at)
        deliveries.sent(session, row.id, f"t:{row.id}", sent_at)


def _letter(session: Session, row: Delivery) -> tuple[str, str, Outgoing]:
    return row.address.chat_id, row.message_ref or "", compose(session, row, TUESDAY).message


def _duties_of(session: Session, person: Person, week: Week) -> list[Duty]:
    scopes = {grant.scope for grant in person.grants if grant.role == "operator"}
    return [d for d in duties.of_period(session, str(week)) if d.station.area_code in scopes]


def _duty_of(session: Session, chat: str, week: Week) -> Duty:
    address = people.address_of(session, "telegram", BOT, chat)
    assert address is not None
    return _duties_of(session, address.person, week)[0]
