"""People who air and confirm as people do, for weeks on end, before the real program: do questions at a station's own
hour beat fixed hours? The people are drawn from seeds, so that both plays have the same ones, with the same airings, the
same luck at the same message, and the same memory.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from statistics import mean, median

from sqlalchemy import select

from airlog import areas, campaigns, items, people, record
from airlog.db import Database, Session
from airlog.deliveries import OPEN
from airlog.models import Area, Delivery, Duty, LogEntry, Station
from airlog.scope import Scope
from airlog.types import EntryKind, Rung
from audio.voices import Voices
from bot.desk import Desk
from bot.handlers import handle
from content import shelf
from content.week import LOCAL, Week
from scheduler.channel import Incoming
from scheduler.clock import HandClock
from scheduler.dispatch import Dispatcher
from scheduler.jobs import AtOnce
from scheduler.ladder import Ladder
from scheduler.tick import Tick
from tests.fakes import FakeChannel, FakeStudio
from tests.world import bind, chat, order

FIRST = Week.parse("2026-W40")
PROVINCE = "68"
ASKING = (Rung.QUESTION, Rung.REMINDER_1, Rung.REMINDER_2)
_SLOTS = (time(5), time(5, 30), time(11), time(16, 30), time(17), time(17, 30), time(18), time(19))
_GRID = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Member:
    """One operator and their station. `on_record`: what the store knows of its hours, and whether that is right."""

    number: int
    day: int
    slot: time
    on_record: str

    @property
    def phone(self) -> str:
        return f"0913{self.number:06d}"

    def luck(self, *about: object) -> random.Random:
        """The same in every play for the same occasion."""
        return random.Random("/".join(str(one) for one in (self.number, *about)))

    def airs_at(self, week: Week) -> datetime | None:
        """Their own hour with some noise, now and then another day; one week in sixteen not at all."""
        luck = self.luck(week, "airs")
        if luck.random() < 1 / 16:
            return None
        day = self.day if luck.random() < 0.85 else luck.randrange(1, 6)
        return week.at(day, self.slot) + max(0.0, luck.gauss(6, 5)) * _MINUTE

    def confirms_unasked_at(self, week: Week, aired_at: datetime) -> datetime | None:
        luck = self.luck(week, "unasked")
        return aired_at + luck.uniform(4, 15) * _MINUTE if luck.random() < 0.3 else None

    def answers_at(self, week: Week, nth: int, asked_at: datetime, aired_at: datetime) -> datetime | None:
        """When they answer the nth message of the week: likely while the airing is fresh, less so later; a message that
        comes before the airing is forgotten."""
        luck, since = self.luck(week, "message", nth), asked_at - aired_at
        if since < timedelta(0):
            return None
        chance = 0.8 if since <= timedelta(hours=3) else 0.6 if since <= timedelta(hours=24) else 0.45
        lag = min(luck.expovariate(1 / 20), 180) * _MINUTE
        return asked_at + lag if luck.random() < chance else None

    def remembers(self, week: Week, aired_at: datetime, said_at: datetime) -> datetime:
        """The time they state: the error grows with the delay, up to an hour and a half; nobody names the future."""
        late_min = (said_at - aired_at) / _MINUTE
        error = self.luck(week, "memory").gauss(0, 1) * min(3 + 0.04 * late_min, 90)
        stated = min(aired_at + error * _MINUTE, said_at)
        return stated.replace(second=0, microsecond=0)


@dataclass(frozen=True)
class Figures:
    """What a play came to."""

    messages: int
    """Questions and reminders to operators."""
    confirmations: int
    airings: int
    errors_min: tuple[float, ...]
    """Of each stated time, in minutes."""
    person_weeks: tuple[int, ...]
    """Questions and reminders to each person in each week."""

    @property
    def per_confirmation(self) -> float:
        return self.messages / self.confirmations

    @property
    def mean_error_min(self) -> float:
        return mean(self.errors_min)

    @property
    def median_error_min(self) -> float:
        return median(self.errors_min)


def cast(count: int) -> list[Member]:
    """Two thirds have their right hours on record, every sixth wrong ones, every sixth none."""
    pick = random.Random(48)
    records = ("right", "right", "daily", "right", "wrong", "none")
    return [
        # From Tuesday on: on Monday morning the item is not there yet.
        Member(n + 1, pick.randrange(1, 6), pick.choice(_SLOTS), records[n % len(records)])
        for n in range(count)
    ]


@dataclass
class Play:
    """One run of the program with these people."""

    url: str
    folder: Path
    members: Sequence[Member]
    ladder: Ladder
    channel: FakeChannel = field(default_factory=FakeChannel)
    _events: list[tuple[datetime, int, int]] = field(default_factory=list)
    _heard: Counter[tuple[int, Week]] = field(default_factory=Counter)
    _seen: int = 0
    _updates: int = 0

    def __post_init__(self) -> None:
        self.db = Database(self.url)
        self.clock = HandClock(FIRST.starts_at)
        dispatcher = Dispatcher(self.db, {"chat": self.channel}, self.clock, ladder=self.ladder)
        studio = FakeStudio(Voices([]), self.folder / "clips")
        self.tick = Tick(self.db, studio, AtOnce(dispatcher), self.ladder, ("chat",), self.clock)
        self.desk = Desk(("chat",), "http://127.0.0.1:8080", self.folder, ladder=self.ladder)
        self._by_chat = {chat(member.phone): member for member in self.members}

    async def run(self, weeks: int) -> Figures:
        with self.db.session() as session:
            settle(session, self.members, weeks)
        for number in range(weeks):
            await self._live(FIRST.shift(number))
        found = self._figures(weeks)
        self.db.close()
        return found

    async def _live(self, week: Week) -> None:
        """Tick at each instant at which something may be due, and let people act in between."""
        for member in self.members:
            aired_at = member.airs_at(week)
            at = member.confirms_unasked_at(week, aired_at) if aired_at else None
            if at is not None:
                heapq.heappush(self._events, (at, member.number, 0))
        while True:
            due_at = self._next_due(week)
            at = min([due_at, *(one[0] for one in self._events[:1])])
            if at >= week.ends_at:
                self._events.clear()
                return
            self.clock.forward_to(at)
            while self._events and self._events[0][0] <= at:
                _, number, _ = heapq.heappop(self._events)
                self._confirm(self.members[number - 1], week)
            if due_at <= at:
                await self.tick.run()
                self._hear(week)

    def _next_due(self, week: Week) -> datetime:
        """The next instant of the ladder, or the next open row, on a grid of five minutes; later than now."""
        ladder, now = self.ladder, self.clock.now()
        steps = [ladder.reminder_1, ladder.reminder_2, ladder.escalation]
        known = [
            week.at(0, time(7, 30)),
            week.at(0, time(7, 35)),
            week.ends_at,
            *(one.of(week) for one in steps),
        ]
        known += [at + ladder.least_gap for at in known]
        with self.db.reading() as session:
            query = select(Delivery.due_at).where(Delivery.state.in_(OPEN))
            known += [at + (week.starts_at - at) % _GRID for at in session.scalars(query)]
        return min((at for at in known if at > now), default=week.ends_at)

    def _hear(self, week: Week) -> None:
        """Each new message may move its reader to answer."""
        for sending in self.channel.requests[self._seen :]:
            member = self._by_chat.get(sending.chat_id)
            if member is None or sending.message.sound or sending.message.weight != "reminder":
                continue
            self._heard[member.number, week] += 1
            aired_at, nth = member.airs_at(week), self._heard[member.number, week]
            at = member.answers_at(week, nth, self.clock.now(), aired_at) if aired_at else None
            if at is not None:
                heapq.heappush(self._events, (at, member.number, nth))
        self._seen = len(self.channel.requests)

    def _confirm(self, member: Member, week: Week) -> None:
        """They press “Đã phát” and type when, unless they did already."""
        now, aired_at = self.clock.now(), member.airs_at(week)
        with self.db.session() as session:
            duty = self._duty(session, member, week)
            if aired_at is None or record.standing_entry(session, duty) is not None:
                return
            stated = member.remembers(week, aired_at, now).astimezone(LOCAL)
            self._tell(session, member, "press", f"aired:{duty.id}")
            self._tell(session, member, "text", f"{stated:%H:%M %d/%m}")

    def _tell(self, session: Session, member: Member, kind: str, text: str) -> None:
        self._updates += 1
        incoming = Incoming(
            "chat", "bot", str(self._updates), chat(member.phone), "press" if kind == "press" else "text",
            self.clock.now(), text, f"u{self._updates}",
        )  # fmt: skip
        handle(session, incoming, self.desk, self.clock.now())

    def _duty(self, session: Session, member: Member, week: Week) -> Duty:
        code = communes(session)[member.number - 1]
        query = select(Duty).join(Station).where(Station.area_code == code, Duty.period == str(week))
        return session.scalars(query).unique().one()

    def _figures(self, weeks: int) -> Figures:
        with self.db.reading() as session:
            query = select(Delivery.person_id, Delivery.period).where(
                Delivery.rung.in_(ASKING), Delivery.sent_at.is_not(None)
            )
            sent = [tuple(row) for row in session.execute(query)]
            lines = list(session.scalars(select(LogEntry).order_by(LogEntry.seq)))
            codes = communes(session)
            station_of = {s.id: s.area_code for s in session.scalars(select(Station)).unique()}
        stated = {line.duty_id: line for line in lines if line.aired_at is not None}
        errors = []
        for line in stated.values():
            member = self.members[codes.index(station_of[line.station_id])]
            aired_at = member.airs_at(Week.parse(line.period))
            assert aired_at is not None and line.aired_at is not None
            errors.append(abs((line.aired_at - aired_at) / _MINUTE))
        tally = Counter(sent)
        airings = sum(m.airs_at(FIRST.shift(n)) is not None for m in self.members for n in range(weeks))
        confirmed = {line.duty_id for line in lines if line.kind is EntryKind.AIRED}
        return Figures(len(sent), len(confirmed), airings, tuple(errors), tuple(tally.values()))


def communes(session: Session) -> list[str]:
    query = select(Area.code).where(Area.parent_code == PROVINCE, Area.valid_to.is_(None)).order_by(Area.code)
    return list(session.scalars(query))


def settle(session: Session, members: Sequence[Member], weeks: int) -> None:
    """Stations with their hours on record, their people, and a campaign that sends an item each Monday at 07:30."""
    now = FIRST.starts_at
    areas.load_areas(session)
    areas.weekly_mandate(session, Scope.parse(PROVINCE))
    items.load_library(session, shelf.library(), now)
    codes = communes(session)
    people.import_people(session, _list(members, codes), now)
    for member in members:
        bind(session, member.phone, now)
    asked = order(weeks=weeks, start=FIRST, scope=PROVINCE)
    campaigns.launch(session, campaigns.plan_campaign(session, asked, None, now), None, now)


def _list(members: Sequence[Member], codes: Sequence[str]) -> bytes:
    rows = ["ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai,ngay_phat,gio_phat"]
    for member in members:
        days, hours = _on_record(member)
        rows.append(
            f"Người Thứ {member.number},{member.phone},operator,{codes[member.number - 1]},,{days},{hours}"
        )
    return "\n".join(rows).encode()


def _on_record(member: Member) -> tuple[str, str]:
    """The days as people write them (2 is Monday), and a slot of half an hour."""
    slot = member.slot
    if member.on_record == "none":
        return "", ""
    if member.on_record == "wrong":
        slot = time((slot.hour + 7) % 24 or 5, slot.minute)
    end = (datetime.combine(FIRST.monday, slot) + timedelta(minutes=30)).time()
    days = "2-7" if member.on_record in ("daily", "wrong") else str(member.day + 2)
    return days, f"{slot:%H:%M}-{end:%H:%M}"
