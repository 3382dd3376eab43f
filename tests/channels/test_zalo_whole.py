"""The whole program with a pool of Zalo bots: settings, a week that goes out, answers that come in, all on the record."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from airlog import people, sessions
from airlog.db import Session
from airlog.models import Delivery, LogEntry
from bot.app import App, build, parts_of
from bot.polling import Polling
from bot.settings import BadSetting, Settings, load
from bot.webhook import ZALO_SECRET_HEADER
from content.week import Week
from tests.talk_world import give_sound, launch, settle, store_bytes
from tests.update_world import until
from tests.zalo_api import ZaloApi
from web.app import create_app
from web.auth import cookie_name

LAN, BINH, HAI = "lan-zalo-id", "binh-zalo-id", "hai-zalo-id"
PHONES = {LAN: "0912000001", BINH: "0912000002", HAI: "0912000003"}
TOKENS = ("700800900:demo-Secret_1", "700800901:demo-Secret_2")


@dataclass
class Zalo:
    api: ZaloApi
    app: App

    def enrol(self, chat: str, token: str = TOKENS[0]) -> None:
        with self.app.db.session() as session:
            person = people.person_by_phone(session, PHONES[chat])
            assert person is not None
            people.add_address(session, person, "zalo", token.partition(":")[0], chat, datetime.now(UTC))
        self.api.bots[token].people.add(chat)

    def log(self) -> list[LogEntry]:
        with self.app.db.session() as session:
            return list(session.scalars(select(LogEntry).order_by(LogEntry.seq)))

    @contextlib.asynccontextmanager
    async def polled(self) -> AsyncIterator[None]:
        pollers = [Polling(self.app.db, one, self.app.reception) for one in self.app.polled]
        tasks = [asyncio.create_task(poller.run()) for poller in pollers]
        yield
        for poller, task in zip(pollers, tasks, strict=True):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await poller.finish()


def settings_for(api: ZaloApi, folder: Path, **more: object) -> Settings:
    given = {
        "var_dir": folder, "zalo_tokens": ",".join(TOKENS), "zalo_base_url": api.url, "zalo_pace_ms": 1,
        "voices": ("espeak",), "voice_fetch": False,
    } | more  # fmt: skip
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


@pytest.fixture
async def zalo(tmp_path: Path) -> AsyncIterator[Zalo]:
    """This week's campaign is launched and has its sound; nobody has a chat, nothing was sent."""
    (tmp_path / "loaxa.db").write_bytes(store_bytes(_people_of_yesterday))
    async with ZaloApi(tokens=TOKENS) as api:
        found = Zalo(api, build(settings_for(api, tmp_path)))
        with found.app.db.session() as session:
            now = datetime.now(UTC)
            # On a Sunday evening the next week's sound is made as well.
            for rundown in launch(session, Week.of(now), time(0), now).rundowns[:2]:
                give_sound(session, rundown, tmp_path, now)
        yield found
        await found.app.close()


def _people_of_yesterday(session: Session) -> None:
    settle(session, datetime.now(UTC) - timedelta(days=1))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"zalo_tokens": "not-a-token"}, "LOAXA_ZALO_TOKENS"),
        ({"zalo_tokens": "123456:abcdefgh,123456:ijklmnop"}, "hai lần"),
        ({"zalo_tokens": "123456:abcdefgh,:very-secret-thing"}, "LOAXA_ZALO_TOKENS"),
        ({"zalo_tokens_file": "/no/such/file"}, "LOAXA_ZALO_TOKENS_FILE"),
        ({"zalo_tokens": TOKENS[0], "zalo_webhook": True}, "LOAXA_BASE_URL"),
        ({"zalo_tokens": TOKENS[0], "zalo_webhook": True, "zalo_webhook_secret": "short"}, "WEBHOOK_SECRET"),
        ({"zalo_tokens": TOKENS[0], "zalo_webhook": True, "zalo_webhook_secret_file": "/no"}, "SECRET_FILE"),
        ({"zalo_pace_ms": 0}, "LOAXA_ZALO_PACE_MS"),
    ],
)
def test_a_setting_that_cannot_work_is_named_without_its_value(given: dict[str, object], named: str) -> None:
    with pytest.raises(BadSetting, match=named) as error:
        load(_env_file=None, **given)

    assert not any(
        secret in str(error.value) for secret in ("abcdefgh", "very-secret", "demo-Secret", "short")
    )


def test_tokens_come_from_a_file_and_each_bot_has_a_secret_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text("\n".join(TOKENS) + "\n")
    settings = load(_env_file=None, zalo_tokens_file=path)

    secrets = {settings.zalo_secret(token) for token in settings.zalo_bots}
    assert settings.zalo_bots == TOKENS and not settings.simulated
    assert {len(secret) for secret in secrets} == {64} and len(secrets) == 2
    assert "demo-Secret" not in repr(load(_env_file=None, zalo_tokens=",".join(TOKENS)))


async def test_without_tokens_there_is_no_zalo(tmp_path: Path) -> None:
    app = build(Settings(_env_file=None, var_dir=tmp_path, voices=("espeak",)))

    assert (app.zalo, app.settings.services, app.polled) == ((), ("simulator",), [])
    await app.close()


async def test_pages_are_not_open_to_everybody_once_a_bot_serves_people(zalo: Zalo) -> None:
    parts = parts_of(zalo.app, "http://test")

    assert (parts.open_doors, parts.channels) == (False, ("zalo",))


async def test_a_week_goes_out_by_two_bots_and_is_answered_by_numbers(zalo: Zalo) -> None:
    zalo.enrol(LAN)
    zalo.enrol(BINH, TOKENS[1])
    await zalo.app.tick.run()

    (lan,), (binh,) = zalo.api.to(LAN), zalo.api.to(BINH)
    assert (lan.token, binh.token) == TOKENS
    assert "Gõ 1 khi đã phát, gõ 2 khi chưa phát được." in lan.text and "bấm" not in lan.text

    async with zalo.polled():
        zalo.api.say(BINH, "21", token=TOKENS[1])
        await until(lambda: len(zalo.api.to(BINH)) == len(zalo.api.to(LAN)) == 2)  # Lan hears of it too
        zalo.api.say(LAN, "Đã phát ạ")
        await until(lambda: len(zalo.api.to(LAN)) == 3)

    told = [(str(entry.kind), entry.channel) for entry in zalo.log()]
    assert told == [("not_aired", "zalo"), ("aired", "zalo")]  # of one station, which both serve


async def test_who_serves_two_stations_gets_two_notices_with_a_code_each(zalo: Zalo) -> None:
    zalo.enrol(HAI)
    await zalo.app.tick.run()
    first, second = (sent.text for sent in zalo.api.to(HAI))
    code = second.partition("Gõ 1 ")[2].partition(" ")[0]

    async with zalo.polled():
        zalo.api.say(HAI, f"1{code.lower()}")
        await until(lambda: len(zalo.api.to(HAI)) == 3)

    assert code and code not in first
    (entry,) = zalo.log()
    assert code in second and str(entry.kind) == "aired"


async def test_a_message_of_unknown_fate_is_not_sent_again(zalo: Zalo) -> None:
    zalo.enrol(LAN)
    zalo.api.fail("cut_after")
    await zalo.app.tick.run()
    await zalo.app.tick.run()

    with zalo.app.db.session() as session:
        states = [str(row.state) for row in session.scalars(select(Delivery)).unique()]
    assert (states, len(zalo.api.to(LAN))) == (["unknown"], 1)


async def test_who_types_the_code_of_the_page_is_tied_counted_and_gets_the_weeks_item(zalo: Zalo) -> None:
    parts = parts_of(zalo.app, "http://test")
    with zalo.app.db.session() as session:
        admin, lan = (people.person_by_phone(session, phone) for phone in ("0912000006", PHONES[LAN]))
        assert admin and lan
        secret = sessions.open_session(session, admin, "test", datetime.now(UTC))
        url = f"/people/{lan.id}/zalo"
    transport = httpx.ASGITransport(create_app(parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        client.cookies.set(cookie_name(parts), secret)
        page = (await client.post(url, follow_redirects=True)).text
        code = page.partition('class="link-code">')[2][:9]
        async with zalo.polled():
            zalo.api.say(LAN, code.lower())
            await until(lambda: len(zalo.api.to(LAN)) == 1)
        after = (await client.get(url)).text
        await zalo.app.tick.run()
        pool = (await client.get("/zalo?ask=1")).text

    assert "https://zalo.me/bot.700800900" in page and "Đã gắn với bot 700800900" in after
    assert "Máy này đã gắn với" in zalo.api.to(LAN)[0].text and "Gõ 1 khi đã phát" in zalo.api.to(LAN)[1].text
    assert "1/50 người" in pool and "2/3.000 tin tháng này" in pool and "hoạt động" in pool


async def test_each_bot_has_a_webhook_and_a_secret_of_its_own(zalo: Zalo, tmp_path: Path) -> None:
    settings = settings_for(zalo.api, tmp_path, zalo_webhook=True)
    app = build(settings)
    pages = create_app(parts_of(app, "http://test"))
    first, second = (settings.zalo_secret(token) for token in TOKENS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(pages), base_url="http://test") as client:
        answers = [
            (
                await client.post(f"/zalo/{bot}", content=b"{}", headers={ZALO_SECRET_HEADER: secret})
            ).status_code
            for bot, secret in (("700800900", first), ("700800901", second), ("700800901", first))
        ]
    await app.close()

    assert (answers, app.polled) == ([200, 200, 401], [])


async def test_no_token_stands_in_anything_the_whole_program_logs(
    zalo: Zalo, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    zalo.enrol(LAN)
    zalo.api.fail("401", text=f"unauthorized: {TOKENS[0]}")
    await zalo.app.tick.run()
    async with zalo.polled():
        zalo.api.say(LAN, "1")
        await until(lambda: len(zalo.api.to(LAN)) == 1)

    told = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "sendMessage" in told and "demo-Secret" not in told
