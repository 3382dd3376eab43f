"""A week in which Telegram is down from Monday to Sunday: everybody with a second address is reached, one duty each."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from airlog import areas, campaigns, items, page_links, people, queries, record
from airlog.db import Session
from airlog.models import Address, Delivery, LogEntry, Person
from airlog.rules import Sign
from airlog.types import DeliveryState, Rung
from bot.app import App, build, parts_of
from bot.polling import Polling
from bot.settings import Settings
from content import shelf
from scheduler.clock import HandClock
from tests.bot_api import BotApi
from tests.bot_api_methods import EDITS
from tests.talk_world import AREA, WEEK, give_sound, launch, store_bytes
from tests.update_world import until
from tests.zalo_api import ZaloApi
from web.app import create_app

TOKENS = ("700800900:demo-Secret_1", "700800901:demo-Secret_2")
ONLY_TELEGRAM, ONLY_ZALO = 3, 2
"""The first stations' operators have Telegram alone, the next ones Zalo alone, all others both."""
MONDAY = WEEK.at(0, time(7, 30))


@dataclass
class Week:
    app: App
    api: ZaloApi
    clock: HandClock

    def ask_states(self, rung: Rung) -> Counter[tuple[str, str]]:
        """How many messages of a rung stand how: (channel, state)."""
        query = select(Address.channel, Delivery.state).join(Delivery, Delivery.address_id == Address.id)
        with self.app.db.session() as session:
            rows = session.execute(query.where(Delivery.rung == rung, Delivery.period == str(WEEK)))
            return Counter((channel, str(state)) for channel, state in rows)

    async def minutes(self, count: int) -> None:
        for _ in range(count):
            self.clock.forward_to(self.clock.now() + timedelta(minutes=1))
            await self.app.tick.run()

    async def at(self, day: int, hour: int) -> None:
        self.clock.forward_to(WEEK.at(day, time(hour)))
        await self.app.tick.run()

    async def type(self, chat: str, words: str) -> None:
        """A person writes on Zalo, and reads the reply."""
        before = len(self.api.to(chat))
        self.api.say(chat, words, token=token_of(chat))
        await until(lambda: len(self.api.to(chat)) > before)

    @contextlib.asynccontextmanager
    async def polled(self) -> AsyncIterator[None]:
        pollers = [Polling(self.app.db, one, self.app.reception) for one in self.app.zalo]
        tasks = [asyncio.create_task(poller.run()) for poller in pollers]
        yield
        for poller, task in zip(pollers, tasks, strict=True):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await poller.finish()


@pytest.fixture
async def week(tmp_path: Path) -> AsyncIterator[Week]:
    async with played(tmp_path, nobody_listens(), "123456:demo-token-of-a-test-bot") as found:
        yield found


@contextlib.asynccontextmanager
async def played(tmp_path: Path, telegram: str, token: str) -> AsyncIterator[Week]:
    """The week's Monday 07:30, nothing sent; Telegram is at an address of the test's choice."""
    (tmp_path / "loaxa.db").write_bytes(store_bytes(_stations))
    async with ZaloApi(tokens=TOKENS) as api:
        settings = Settings(
            _env_file=None, var_dir=tmp_path, zalo_tokens=",".join(TOKENS), zalo_base_url=api.url, zalo_pace_ms=1,
            telegram_token=token, telegram_base_url=telegram,
            telegram_pace_ms=1, base_url="https://loaxa.example.vn", voices=("espeak",), voice_fetch=False,
        )  # type: ignore[call-arg]  # fmt: skip
        clock = HandClock(MONDAY)
        api.now_ms = lambda: int(clock.now().timestamp() * 1000)  # type: ignore[method-assign]
        app = build(settings, clock)
        with app.db.session() as session:
            for rundown in launch(session, WEEK, time(7, 30), clock.now()).rundowns[:2]:
                give_sound(session, rundown, tmp_path, clock.now())
            for address in session.scalars(select(Address).where(Address.channel == "zalo")):
                api.bots[token_of(address.chat_id)].people.add(address.chat_id)
        yield Week(app, api, clock)
        await app.close()


async def test_everybody_with_a_second_address_is_reached_within_fifteen_minutes(week: Week) -> None:
    people_of_zalo = 28 - ONLY_TELEGRAM
    await week.app.tick.run()
    assert week.ask_states(Rung.ITEM)["zalo", "sent"] == ONLY_ZALO
    await week.minutes(15)

    states = week.ask_states(Rung.ITEM)
    assert states["zalo", "sent"] == people_of_zalo
    assert states["telegram", "cancelled"] == people_of_zalo - ONLY_ZALO
    assert states["telegram", "retrying"] == ONLY_TELEGRAM, "they are tried on"
    assert {len(week.api.to(chat)) for chat in chats(week)} == {1}, "nobody twice"


async def test_the_week_ends_with_one_duty_each_and_one_truth(week: Week) -> None:
    await week.app.tick.run()
    await week.minutes(15)
    answering, silent, on_the_page = chats(week)[:20], chats(week)[20:24], chats(week)[24]
    async with week.polled():
        await asyncio.gather(*(week.type(chat, "1") for chat in answering))
    await week.at(3, 8)
    reminded = [
        chat for chat in chats(week) if any("chưa có xác nhận" in one.text for one in week.api.to(chat))
    ]
    assert sorted(reminded) == sorted([*silent, on_the_page])
    assert await says_aired_on_the_page(week, on_the_page) == 303
    async with week.polled():
        await week.type(silent[0], "22")
    await week.at(6, 20)
    await week.at(7, 8)

    with week.app.db.session() as session:
        lines = queries.duty_lines(session, week.clock.now(), period=str(WEEK))
        signs = Counter(line.sign for line in lines)
        entries = list(session.scalars(select(LogEntry)))
        assert record.verify(session) is None
    assert signs == {Sign.AIRED: 21, Sign.CANNOT: 1, Sign.SILENT: 6}
    said = Counter((entry.channel, str(entry.kind)) for entry in entries)
    assert said == {("zalo", "aired"): 20, ("page", "aired"): 1, ("zalo", "not_aired"): 1}
    open_states = {DeliveryState.QUEUED, DeliveryState.RETRYING, DeliveryState.SENDING}
    assert not {str(state) for state in open_states} & {state for _, state in week.ask_states(Rung.ITEM)}


async def test_an_answer_on_zalo_is_shown_on_the_message_in_telegram(tmp_path: Path) -> None:
    async with BotApi() as telegram, played(tmp_path, telegram.url, telegram.token) as week:
        await week.app.tick.run()
        await week.at(3, 8)
        chat = chats(week)[-1]
        async with week.polled():
            await week.type(chat, "1")
            await until(lambda: any(sent.method in EDITS for sent in telegram.sent))

    edits = [sent for sent in telegram.sent if sent.method in EDITS]
    assert {sent.chat_id for sent in edits} == {1000 + int(chat.rpartition("-")[2])}
    assert "Đã phát · xác nhận lúc" in edits[0].text


async def test_an_answer_on_the_page_is_shown_in_the_chat(week: Week) -> None:
    await week.app.tick.run()
    await week.minutes(15)
    chat = chats(week)[0]
    before = len(week.api.to(chat))
    assert await says_aired_on_the_page(week, chat) == 303

    (told,) = week.api.to(chat)[before:]
    assert "không cần báo lại" in told.text


def nobody_listens() -> str:
    """An address on this machine that refuses every connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/bot"


def token_of(chat: str) -> str:
    return TOKENS[int(chat.rpartition("-")[2]) % 2]


def chats(week: Week) -> list[str]:
    with week.app.db.session() as session:
        query = select(Address.chat_id).where(Address.channel == "zalo").order_by(Address.id)
        return list(session.scalars(query))


async def says_aired_on_the_page(week: Week, chat: str) -> int:
    """Open the link of the last message in a chat, and press “Đã phát”; the status of the answer."""
    pages = create_app(parts_of(week.app, "https://loaxa.example.vn"))
    link = next(
        word
        for one in reversed(week.api.to(chat))
        for word in one.text.split()
        if word.startswith("https://")
    )
    with week.app.db.session() as session:
        assert page_links.living(session, link.rpartition("/")[2], week.clock.now())
        duty = queries.duty_lines(
            session, week.clock.now(), period=str(WEEK), stations=[station_of(session, chat)]
        )
    transport = httpx.ASGITransport(pages)
    async with httpx.AsyncClient(transport=transport, base_url="https://loaxa.example.vn") as client:
        page = await client.get(link)
        assert page.status_code == 200 and len(duty) == 1
        form = {"act": "aired", "duty": str(duty[0].duty_id), "when": "now", "mark": "m1"}
        return (
            await client.post(link, data=form, headers={"Origin": "https://loaxa.example.vn"})
        ).status_code


def station_of(session: Session, chat: str) -> int:
    query = select(Address).where(Address.chat_id == chat)
    person = session.scalars(query).one().person
    code = next(grant.scope for grant in person.grants)
    return next(s.id for s in campaigns.stations_in(session, AREA, MONDAY) if s.area_code == code)


def _stations(session: Session) -> None:
    """28 stations, an operator each."""
    start = WEEK.shift(-1).starts_at
    areas.load_stations(session, AREA, start.date())
    items.load_library(session, shelf.library(), start)
    codes = list(dict.fromkeys(s.area_code for s in campaigns.stations_in(session, AREA, start)))
    rows = [f"Cán bộ Số {n},09120001{n:02d},operator,{code}," for n, code in enumerate(codes)]
    people.import_people(
        session, "\n".join(["ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai", *rows]).encode(), start
    )
    for n, person in enumerate(session.scalars(select(Person).order_by(Person.phone))):
        if n not in range(ONLY_TELEGRAM, ONLY_TELEGRAM + ONLY_ZALO):
            people.add_address(session, person, "telegram", "123456", f"{1000 + n}", start)
        if n >= ONLY_TELEGRAM:
            people.add_address(session, person, "zalo", TOKENS[n % 2].partition(":")[0], f"zalo-{n}", start)
