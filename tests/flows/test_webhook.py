"""Telegram's updates by webhook: nobody else is let in, nothing is lost or done twice, whatever breaks in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from airlog import claims, deliveries, people
from airlog.db import Database, Session
from airlog.deliveries import Wanted
from airlog.models import Delivery
from airlog.types import Rung
from bot import doctor
from bot.reception import Reception
from bot.server import free_socket, page_server
from bot.settings import BadSetting, load
from bot.webhook import MOST_BYTES, SECRET_HEADER, register, webhook_path, webhook_router
from scheduler.channel import Channel
from tests.bot_api import BotApi
from tests.update_world import CHAT, Process, entries, process, ready, stored, texts, until, url_of
from tests.world import DAK_WIL, World, duty_of
from web.app import create_app
from web.parts import Parts

SECRET = "bi-mat_cua-webhook"
TOKEN = "123456:AAStandInTokenOfTheTests_notASecret0"


@dataclass
class Site:
    """A process that serves the webhook, and Telegram in front of it."""

    world: World
    api: BotApi
    here: Process
    folder: Path
    aired: str
    base_url: str = "http://test"

    @property
    def url(self) -> str:
        return self.base_url + webhook_path(self.here.channel)

    async def post(
        self, body: bytes | dict[str, object], secret: str | None = SECRET, reception: Reception | None = None
    ) -> httpx.Response:
        """What a machine somewhere sends to the webhook."""
        headers = {SECRET_HEADER: secret} if secret is not None else {}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        transport = httpx.ASGITransport(self.pages(reception), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.post(self.url, content=content, headers=headers)

    def press(self) -> dict[str, object]:
        """The update of one press on “Đã phát”."""
        self.api.press(CHAT, 77, self.aired)
        return self.api.pending[-1]

    def pages(self, reception: Reception | None = None) -> object:
        router = webhook_router(self.here.channel, reception or self.here.reception, SECRET)
        parts = Parts(
            self.world.db, self.world.clock, self.world.studio, self.folder, self.base_url,
            extra_routers=[router],
        )  # fmt: skip
        return create_app(parts)

    @asynccontextmanager
    async def listening(self, reception: Reception | None = None) -> AsyncIterator[None]:
        """Served on a port of this machine, and registered with Telegram."""
        listener = free_socket("127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = page_server(self.pages(reception))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await register(self.here.channel, self.base_url, SECRET)
            yield
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
async def site(world: World, tmp_path: Path) -> AsyncIterator[Site]:
    aired = ready(world)
    async with (
        BotApi() as api,
        process(url_of(world), api.url, api.token, tmp_path, world.clock) as here,
    ):
        yield Site(world, api, here, tmp_path, aired)
        await here.reception.finish()


class Deaf(Reception):
    """Stores, and is killed before it handles anything."""

    def begin(self, channel: object, waiting: object) -> None: ...


@pytest.mark.parametrize("shown", ["sai", None, "", SECRET + "x", SECRET[:-1], "bí-mật"])
async def test_a_wrong_or_missing_secret_is_turned_away_without_a_word(site: Site, shown: str | None) -> None:
    headers = {} if shown is None else {SECRET_HEADER: shown.encode()}
    transport = httpx.ASGITransport(site.pages())
    async with httpx.AsyncClient(transport=transport) as client:
        answer = await client.post(site.url, content=json.dumps(site.press()), headers=headers)

    assert (answer.status_code, answer.content) == (401, b"")
    assert stored(site.world) == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"1", b"null", b'"x"', b"{}", b'{"update_id": "7"}', b'{"update_id": true}',
        b'{"update_id": -1}', b'{"update_id": 1e3}', b'{"update_id": 99999999999999999999}', b"\xff\xfe{}",
        b"[" * 100_000,
    ],
)  # fmt: skip
async def test_what_is_no_update_is_refused_and_not_stored(site: Site, body: bytes) -> None:
    assert (await site.post(body)).status_code == 400
    assert stored(site.world) == []


async def test_a_body_larger_than_any_update_is_not_read(site: Site) -> None:
    big = json.dumps({"update_id": 1, "message": "x" * MOST_BYTES}).encode()

    assert (await site.post(big)).status_code == 413
    assert stored(site.world) == []


async def test_an_update_nobody_understands_is_taken_and_marked(site: Site) -> None:
    assert (await site.post({"update_id": 1, "message": {"message_id": "x"}})).status_code == 200
    await site.here.reception.finish()

    assert [(row.update_id, row.error) for row in stored(site.world)] == [("1", "không đọc được")]


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "9"), ("PUT", "")])
async def test_nothing_else_lies_beside_the_webhook(site: Site, method: str, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site.pages())) as client:
        answer = await client.request(method, site.url + path, headers={SECRET_HEADER: SECRET})

    assert answer.status_code in (404, 405)


async def test_the_same_update_again_changes_and_says_nothing(site: Site) -> None:
    update = site.press()
    for _ in range(2):
        assert (await site.post(update)).status_code == 200
        await site.here.reception.finish()

    assert (len(entries(site.world)), len(texts(site.api)), len(stored(site.world))) == (1, 1, 1)


async def test_twenty_same_updates_at_once_on_two_processes_make_one_entry_and_one_answer(site: Site) -> None:
    update = site.press()
    clock = site.world.clock
    async with process(url_of(site.world), site.api.url, site.api.token, site.folder, clock) as other:
        posts = [site.post(update, reception=which.reception) for which in (site.here, other) * 10]
        answers = await asyncio.gather(*posts)
        await asyncio.gather(site.here.reception.finish(), other.reception.finish())

    assert {answer.status_code for answer in answers} == {200}
    assert (len(entries(site.world)), len(texts(site.api)), len(stored(site.world))) == (1, 1, 1)


async def test_the_answer_to_telegram_does_not_wait_for_the_handling(site: Site) -> None:
    site.api.fail("hang", method="answerCallbackQuery")

    assert (await asyncio.wait_for(site.post(site.press()), 10)).status_code == 200
    site.api.end_hanging()


async def test_while_the_store_is_down_telegram_keeps_the_update_and_brings_it_again(site: Site) -> None:
    class Stumbling(Reception):
        failures = 3

        async def keep(self, channel: Channel, arrived: object) -> list[object]:  # type: ignore[override]
            if self.failures:
                self.failures -= 1
                raise OSError("no space left on device")
            return await site.here.reception.keep(channel, arrived)  # type: ignore[arg-type,return-value]

    stumbling = Stumbling(site.here.db, site.here.desk, site.world.clock)
    async with site.listening(stumbling):
        site.press()
        await until(lambda: len(texts(site.api)) == 1)
        state = await site.here.channel.webhook_state()
        await stumbling.finish()

    assert site.api.posts.statuses == [503, 503, 503, 200]
    assert (len(entries(site.world)), site.api.pending) == (1, [])
    assert "503" in state.last_error


async def test_a_store_that_goes_away_between_storing_and_handling_answers_later(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Database.run
    failed = []

    async def stumble(self: Database, work: object, *args: object) -> object:
        if getattr(work, "__name__", "") == "_handle_once" and not failed:
            failed.append(1)
            raise OperationalError("", {}, Exception("server closed the connection"))
        return await real(self, work, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Database, "run", stumble)
    await site.post(site.press())
    await site.here.reception.finish()
    assert (entries(site.world), texts(site.api)) == ([], [])

    site.world.clock.forward_to(site.world.now + timedelta(seconds=31))
    await site.here.reception.take_leftovers(site.here.channel)
    await site.here.reception.finish()

    assert (len(entries(site.world)), len(texts(site.api))) == (1, 1)


async def test_a_kill_between_storing_and_handling_leaves_it_to_another_process_once(site: Site) -> None:
    pressed_at, clock = site.world.now, site.world.clock
    deaf = Deaf(site.here.db, site.here.desk, clock)
    assert (await site.post(site.press(), reception=deaf)).status_code == 200

    clock.forward_to(pressed_at + timedelta(seconds=29))
    assert await site.here.reception.take_leftovers(site.here.channel) == 0
    clock.forward_to(pressed_at + timedelta(seconds=31))
    async with process(url_of(site.world), site.api.url, site.api.token, site.folder, clock) as other:
        both = (site.here, other)
        await asyncio.gather(*(one.reception.take_leftovers(one.channel) for one in both))
        await asyncio.gather(*(one.reception.finish() for one in both))

    assert [entry.stated_at for entry in entries(site.world)] == [pressed_at]
    assert len(texts(site.api)) == 1
    assert await site.here.reception.take_leftovers(site.here.channel) == 0


async def test_what_is_in_hand_is_no_leftover_however_long_it_takes(site: Site) -> None:
    site.api.fail("hang", method="answerCallbackQuery")
    await site.post(site.press())
    site.world.clock.forward_to(site.world.now + timedelta(minutes=5))

    assert await site.here.reception.take_leftovers(site.here.channel) == 0
    site.api.end_hanging()


async def test_telegram_delivers_by_webhook_and_polling_takes_over_without_loss(site: Site) -> None:
    async with site.listening():
        site.press()
        await until(lambda: len(entries(site.world)) == 1)
    site.api.say(CHAT, "/trogiup")
    await until(lambda: site.api.posts.statuses[-1] == 0)

    await site.here.channel.start_polling()
    (raw,) = await site.here.channel.fetch(None, 5)
    for waiting in await site.here.reception.keep(site.here.channel, [(str(raw.update_id), raw.body)]):
        site.here.reception.begin(site.here.channel, waiting)
    await site.here.reception.finish()

    assert len(texts(site.api)) == 2 and "/tuannay" in texts(site.api)[-1]


async def test_what_polling_left_unconfirmed_comes_by_webhook_and_is_not_done_twice(site: Site) -> None:
    site.press()
    (raw,) = await site.here.channel.fetch(None, 5)
    for waiting in await site.here.reception.keep(site.here.channel, [(str(raw.update_id), raw.body)]):
        site.here.reception.begin(site.here.channel, waiting)
    await site.here.reception.finish()

    async with site.listening():
        await until(lambda: not site.api.pending)

    assert (len(entries(site.world)), len(texts(site.api))) == (1, 1)


async def test_what_telegram_refuses_is_tried_again_until_it_is_taken(site: Site) -> None:
    site.api.fail("500", method="setWebhook")

    await register(site.here.channel, "https://loaxa.example.vn/", SECRET)

    told = site.api.webhook
    assert told["url"] == "https://loaxa.example.vn/telegram/123456"
    assert told["secret_token"] == SECRET and "my_chat_member" in told["allowed_updates"]


async def test_telegrams_own_servers_want_https_and_one_of_four_ports(site: Site) -> None:
    site.api.cloud = True
    for url in ("http://loaxa.vn", "https://loaxa.vn:8080"):
        with pytest.raises(Exception, match="Telegram từ chối"):
            await site.here.channel.set_webhook(url, SECRET)


async def test_whoever_blocked_the_bot_is_back_when_they_unblock_it(site: Site) -> None:
    def state(session: Session) -> str:
        address = people.address_of(session, "telegram", "123456", str(CHAT))
        assert address is not None
        return str(address.state)

    async with site.listening():
        site.api.block(CHAT)
        await until(lambda: site.world.ask(state) == "blocked")
        site.api.unblock(CHAT)
        await until(lambda: site.world.ask(state) == "active")


async def test_the_doctor_tells_the_way_in_and_the_last_error_that_telegram_met(site: Site) -> None:
    async def telegram(**settings: bool) -> str:
        asked = load(
            _env_file=None, var_dir=site.folder, telegram_token=site.api.token,
            telegram_base_url=site.api.url, voices=("espeak",), simulator=False, **settings,
        )  # fmt: skip
        found = await asyncio.to_thread(doctor.examine, asked)
        return next(one.detail for one in found if one.name == "Telegram")

    assert "chưa đặt" in await telegram(telegram_webhook=True)
    await site.here.channel.set_webhook("https://loaxa.example.vn/telegram/123456", SECRET)
    site.press()
    await until(lambda: bool(site.api.posts.last_error))

    told = await telegram(telegram_webhook=True)
    assert "webhook https://loaxa.example.vn/telegram/123456; 1 tin đang chờ; lỗi gần nhất lúc" in told
    assert "Failed to resolve host" in told and SECRET not in told
    assert "còn đang gửi tới https://loaxa.example.vn" in await telegram()


@pytest.mark.parametrize("way_back", ["unblock", "start"])
async def test_the_item_that_a_block_kept_back_is_due_again_when_the_person_is_back(
    site: Site, way_back: str
) -> None:
    row_id = site.world.ask(lambda s: _item_that_met_a_block(s, site.world))

    async with site.listening():
        if way_back == "unblock":
            site.api.unblock(CHAT)
        else:
            site.api.say(CHAT, "/start")
        await until(lambda: site.world.ask(lambda s: s.get_one(Delivery, row_id).state) == "queued")

    row = site.world.ask(lambda s: s.get_one(Delivery, row_id))
    assert (row.due_at, row.address.state) == (site.world.now, "active")


def _item_that_met_a_block(session: Session, world: World) -> int:
    address = people.address_of(session, "telegram", "123456", str(CHAT))
    assert address is not None
    duty = duty_of(session, DAK_WIL)
    deliveries.plan(session, [Wanted(Rung.ITEM, address, duty.period, world.now, duty.id)])
    row = session.scalars(select(Delivery).where(Delivery.address_id == address.id)).one()
    claims.claim(session, row.id, world.now)
    deliveries.failed(session, row.id, "Người nhận đã chặn bot trên Telegram", world.now, blocked=True)
    return row.id


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"base_url": ""}, "LOAXA_BASE_URL"),
        ({"base_url": "http://loaxa.vn"}, "LOAXA_BASE_URL"),
        ({"base_url": "https://loaxa.vn:8080"}, "LOAXA_BASE_URL"),
        ({"base_url": "https://loaxa.vn:x"}, "LOAXA_BASE_URL"),
        ({"base_url": "https://"}, "LOAXA_BASE_URL"),
        ({"base_url": "https://loaxa.vn", "telegram_webhook_secret": "có dấu"}, "LOAXA_TELEGRAM_WEBHOOK_SECRET"),
        ({"base_url": "https://loaxa.vn", "telegram_webhook_secret": "x" * 257}, "LOAXA_TELEGRAM_WEBHOOK_SECRET"),
        ({"base_url": "https://loaxa.vn", "telegram_webhook_secret_file": "/không/có"}, "_SECRET_FILE"),
    ],
)  # fmt: skip
def test_a_webhook_that_cannot_work_stops_the_start_in_words(settings: dict[str, str], named: str) -> None:
    with pytest.raises(BadSetting, match=named) as error:
        load(_env_file=None, telegram_token=TOKEN, telegram_webhook=True, **settings)
    assert "Anh/chị sửa" in str(error.value) and "có dấu" not in str(error.value)


@pytest.mark.parametrize(
    "base_url", ["https://loaxa.vn", "https://loaxa.vn:8443/", "https://loaxa.vn/nong-thon"]
)
def test_a_public_address_will_do(base_url: str) -> None:
    assert load(_env_file=None, telegram_token=TOKEN, telegram_webhook=True, base_url=base_url).base_url


def test_a_bot_api_server_of_ones_own_takes_plain_http() -> None:
    own = "http://127.0.0.1:8081/bot"
    found = load(_env_file=None, telegram_token=TOKEN, telegram_webhook=True, telegram_base_url=own)
    assert found.telegram_webhook


def test_machines_of_one_bot_agree_on_a_secret_that_nobody_set_and_that_does_not_tell_the_token() -> None:
    one, other = (load(_env_file=None, telegram_token=TOKEN, var_dir=place) for place in ("a", "b"))
    changed = load(_env_file=None, telegram_token=TOKEN + "x")

    assert one.webhook_secret == other.webhook_secret != changed.webhook_secret
    assert len(one.webhook_secret) == 64 and TOKEN.partition(":")[2] not in one.webhook_secret
