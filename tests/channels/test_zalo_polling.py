"""Asking Zalo for updates, on a laptop: one poller, a second between two polls, each update handled once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.polling import Polling
from tests.channels.zalo_world import CHAT, ZaloProcess, ready, texts, zalo_process
from tests.update_world import entries, stored, until, url_of
from tests.world import World
from tests.zalo_api import ZaloApi


@dataclass
class Poller:
    world: World
    api: ZaloApi
    here: ZaloProcess
    polling: Polling
    task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.polling.run())

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task
            await self.polling.finish()


@pytest.fixture
async def poller(world: World, tmp_path: Path) -> AsyncIterator[Poller]:
    ready(world)
    async with ZaloApi() as api, zalo_process(url_of(world), api, tmp_path, world.clock) as here:
        found = Poller(world, api, here, Polling(here.db, here.channel, here.reception))
        yield found
        await found.stop()


async def test_an_update_that_comes_again_on_later_polls_is_handled_once(poller: Poller) -> None:
    poller.api.replay = True
    poller.api.say(CHAT, "1")
    poller.start()

    polls = poller.api.bots[poller.api.token].polls
    await until(lambda: len(polls) >= 4)

    assert (len(entries(poller.world)), len(texts(poller.api)), len(stored(poller.world))) == (1, 1, 1)
    assert min(later - one for one, later in itertools.pairwise(polls)) > 0.9


async def test_no_news_is_no_failure(poller: Poller, caplog: pytest.LogCaptureFixture) -> None:
    poller.start()
    await until(lambda: len(poller.api.bots[poller.api.token].polls) >= 2)
    poller.api.say(CHAT, "1")
    await until(lambda: len(texts(poller.api)) == 1)

    assert not [record for record in caplog.records if record.levelname == "WARNING"]


async def test_a_webhook_is_taken_away_first(poller: Poller) -> None:
    await poller.here.channel.set_webhook("https://loaxa.example.vn/zalo/700800900", "s" * 32)
    poller.start()
    poller.api.say(CHAT, "1")

    await until(lambda: len(entries(poller.world)) == 1)

    methods = [method for method, _ in poller.api.calls]
    assert methods.index("deleteWebhook") < methods.index("getUpdates")
    assert methods.count("deleteWebhook") == 1


async def test_where_no_webhook_is_set_none_is_taken_away(poller: Poller) -> None:
    poller.start()
    await until(lambda: bool(poller.api.bots[poller.api.token].polls))

    assert not any(method == "deleteWebhook" for method, _ in poller.api.calls)


async def test_a_server_in_trouble_is_asked_again(poller: Poller) -> None:
    poller.api.fail("500", method="getMe")
    poller.api.fail("html", method="getUpdates")
    poller.api.say(CHAT, "1")
    poller.start()

    await until(lambda: len(entries(poller.world)) == 1)


async def test_several_updates_in_one_answer_are_all_taken(poller: Poller) -> None:
    client = poller.here.channel._client
    real, events = client._call, [poller.api.say(CHAT, text) for text in ("1", "17:15")]
    poller.api.bots[poller.api.token].inbox.clear()

    async def several(method: str, *args: object, **more: object) -> object:
        return list(events) if method == "getUpdates" else await real(method, *args, **more)  # type: ignore[arg-type]

    client._call = several  # type: ignore[method-assign,assignment]
    found = await poller.here.channel.fetch(None, 1)

    assert [one.update_id for one in found] == [event["message"]["message_id"] for event in events]


async def test_half_of_a_split_emoji_holds_nothing_up(poller: Poller) -> None:
    poller.api.say(CHAT, "loa \ud83d")
    poller.api.say(CHAT, "1")
    poller.start()

    await until(lambda: len(entries(poller.world)) == 1)

    assert [row.error for row in stored(poller.world)] == [None, None]
