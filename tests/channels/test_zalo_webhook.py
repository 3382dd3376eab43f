"""Zalo's updates by webhook: nobody else is let in, whatever comes is answered with 200, and done once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from bot import webhook
from bot.reception import Reception
from bot.server import free_socket, page_server
from bot.webhook import MOST_BYTES, ZALO_SECRET_HEADER, zalo_path, zalo_router
from scheduler.channel import Channel
from tests.channels.zalo_world import BOT, CHAT, ZaloProcess, ready, texts, zalo_process
from tests.update_world import entries, stored, url_of
from tests.world import World
from tests.zalo_api import Shape, ZaloApi
from web.app import create_app
from web.parts import Parts

SECRET = "bi-mat_cua-webhook"


@dataclass
class Site:
    """A process that serves the webhook, and Zalo in front of it."""

    world: World
    api: ZaloApi
    here: ZaloProcess
    folder: Path
    base_url: str = "http://test"

    @property
    def url(self) -> str:
        return self.base_url + zalo_path(self.here.channel)

    async def post(
        self, body: bytes | dict[str, object], secret: str | None = SECRET, reception: Reception | None = None
    ) -> httpx.Response:
        """What a machine somewhere sends to the webhook."""
        headers = {ZALO_SECRET_HEADER: secret.encode()} if secret is not None else {}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        transport = httpx.ASGITransport(self.pages(reception), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.post(self.url, content=content, headers=headers)

    def pages(self, reception: Reception | None = None) -> object:
        router = zalo_router(self.here.channel, reception or self.here.reception, SECRET)
        parts = Parts(
            self.world.db,
            self.world.clock,
            self.world.studio,
            self.folder,
            self.base_url,
            extra_routers=[router],
        )
        return create_app(parts)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Served on a port of this machine."""
        listener = free_socket("127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = page_server(self.pages())
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
async def site(world: World, tmp_path: Path) -> AsyncIterator[Site]:
    ready(world)
    async with ZaloApi() as api, zalo_process(url_of(world), api, tmp_path, world.clock) as here:
        yield Site(world, api, here, tmp_path)


@pytest.mark.parametrize("shown", ["sai", None, "", SECRET + "x", SECRET[:-1], "bí-mật"])
async def test_a_wrong_or_missing_secret_is_turned_away_without_a_word(site: Site, shown: str | None) -> None:
    answer = await site.post(site.api.say(CHAT, "1"), shown)

    assert (answer.status_code, answer.content) == (401, b"")
    assert (stored(site.world), entries(site.world)) == ([], [])


async def test_telegrams_header_opens_nothing(site: Site) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site.pages())) as client:
        headers = {webhook.SECRET_HEADER: SECRET}
        answer = await client.post(site.url, json=site.api.say(CHAT, "1"), headers=headers)

    assert (answer.status_code, stored(site.world)) == (401, [])


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"{", b"[]", b"null", b"7", b"\xff\xfe", b"[" * 100_000, b'"x"']
)
async def test_a_call_without_an_update_is_answered_and_not_stored(site: Site, body: bytes) -> None:
    assert (await site.post(body)).status_code == 200
    assert stored(site.world) == []


async def test_a_body_larger_than_any_update_is_not_read_and_not_complained_of(site: Site) -> None:
    assert (await site.post({"message": {"text": "x" * MOST_BYTES}})).status_code == 200
    assert stored(site.world) == []


@pytest.mark.parametrize(
    "update", [{"event_name": "user.blocked", "user": {"id": CHAT}}, {"message": {"message_id": 7}}]
)
async def test_an_event_nobody_understands_is_taken_and_marked(site: Site, update: dict[str, object]) -> None:
    assert (await site.post(update)).status_code == 200
    await site.here.reception.finish()

    assert [row.error for row in stored(site.world)] == ["không đọc được"]


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "9"), ("PUT", "")])
async def test_nothing_else_lies_beside_the_webhook(site: Site, method: str, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site.pages())) as client:
        answer = await client.request(method, site.url + path, headers={ZALO_SECRET_HEADER: SECRET})

    assert answer.status_code in (404, 405)


async def test_a_replayed_update_in_either_shape_changes_and_says_nothing(site: Site) -> None:
    update = site.api.say(CHAT, "1")
    for body in (update, update, {"ok": True, "result": update}):
        assert (await site.post(body)).status_code == 200
        await site.here.reception.finish()

    assert (len(entries(site.world)), len(texts(site.api)), len(stored(site.world))) == (1, 1, 1)


async def test_twenty_same_updates_at_once_on_two_processes_make_one_entry_and_one_answer(site: Site) -> None:
    update = site.api.say(CHAT, "1")
    async with zalo_process(url_of(site.world), site.api, site.folder, site.world.clock) as other:
        posts = [site.post(update, reception=one.reception) for one in (site.here, other) * 10]
        answers = await asyncio.gather(*posts)
        await asyncio.gather(site.here.reception.finish(), other.reception.finish())

    assert {answer.status_code for answer in answers} == {200}
    assert (len(entries(site.world)), len(texts(site.api)), len(stored(site.world))) == (1, 1, 1)


async def test_a_statement_in_a_group_is_not_recorded(site: Site) -> None:
    await site.post(site.api.say("nhom-1", "1", group=True))
    await site.here.reception.finish()

    assert entries(site.world) == []
    assert "khung trò chuyện riêng" in site.api.to("nhom-1")[-1].text


async def test_what_zalo_keeps_back_is_answered_with_how_to_answer(site: Site) -> None:
    await site.post(site.api.send_unsupported(CHAT))
    await site.here.reception.finish()

    assert "gõ 1" in texts(site.api)[-1] and entries(site.world) == []


async def test_the_same_chat_id_at_another_bot_is_another_chat(site: Site) -> None:
    other = replace(site.here)
    other.channel = type(site.here.channel)("999:another-Secret", base_url=site.api.url)
    router = zalo_router(other.channel, site.here.reception, SECRET)
    parts = Parts(site.world.db, site.world.clock, site.world.studio, site.folder, "", extra_routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(parts))) as client:
        headers = {ZALO_SECRET_HEADER: SECRET}
        answer = await client.post("http://test/zalo/999", json=site.api.say(CHAT, "1"), headers=headers)
    await site.here.reception.finish()
    await other.channel.close()

    assert (answer.status_code, entries(site.world)) == (200, [])
    assert [(row.bot, row.error) for row in stored(site.world)] == [("999", None)]


async def test_a_store_in_trouble_is_told_and_tried_again_from_here(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stumbling(Reception):
        failures = 2

        async def keep(self, channel: Channel, arrived: object) -> list[object]:  # type: ignore[override]
            if self.failures:
                self.failures -= 1
                raise OSError("no space left on device")
            return await site.here.reception.keep(channel, arrived)  # type: ignore[arg-type,return-value]

    monkeypatch.setattr(webhook, "_PAUSES_S", (0.01, 0.01, 0.01))
    stumbling = Stumbling(site.here.db, site.here.reception._desk, site.world.clock)

    answer = await site.post(site.api.say(CHAT, "1"), reception=stumbling)
    async with asyncio.timeout(30):
        while not entries(site.world):
            await asyncio.sleep(0.02)
    await stumbling.finish()

    assert (answer.status_code, len(entries(site.world))) == (503, 1)


@pytest.mark.parametrize("shape", ["flat", "wrapped"])
async def test_zalo_delivers_and_the_probe_of_the_address_stores_nothing(site: Site, shape: Shape) -> None:
    async with site.listening():
        told = await site.here.channel.set_webhook(site.url, SECRET)
        assert stored(site.world) == []
        refused = await site.api.deliver(site.api.say(CHAT, "2"), shape=shape, secret="sai")
        taken = await site.api.deliver(site.api.say(CHAT, "1"), shape=shape)
        await site.here.reception.finish()

    assert told.verification and (told.verification.ok, told.verification.outcome) == (True, "webhook.ok")
    assert (refused, taken, [str(entry.kind) for entry in entries(site.world)]) == (401, 200, ["aired"])
    assert entries(site.world)[0].channel == "zalo"
    assert BOT in site.url
