"""What the pages are told of the bots: asked once for many, remembered for a minute."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.channels.zalo import ZaloChannel
from bot.settings import Settings
from bot.zalo_office import Office
from tests.zalo_api import ZaloApi

TOKENS = ("700800900:demo-Secret_1", "700800901:demo-Secret_2")


@pytest.fixture
async def api() -> AsyncIterator[ZaloApi]:
    async with ZaloApi(tokens=TOKENS) as served:
        yield served


@pytest.fixture
async def office(api: ZaloApi) -> AsyncIterator[Office]:
    settings = Settings(
        _env_file=None, zalo_tokens=",".join(TOKENS), zalo_base_url=api.url, zalo_people_per_bot=7
    )
    channels = [ZaloChannel(token, base_url=api.url) for token in TOKENS]
    yield Office(settings, channels)
    for channel in channels:
        await channel.close()


async def test_many_who_ask_at_once_ask_zalo_once(api: ZaloApi, office: Office) -> None:
    assert office.known() == ()

    told = await asyncio.gather(*(office.ask() for _ in range(20)))

    assert set(told) == {office.known()}
    assert sum(method == "getMe" for method, _ in api.calls) == 2
    assert [sight.link for sight in told[0]] == [f"https://zalo.me/bot.70080090{n}" for n in (0, 1)]


async def test_a_bot_with_a_bad_token_hides_no_other(api: ZaloApi, office: Office) -> None:
    del api.bots[TOKENS[0]]

    told = await office.ask()

    assert [(sight.bot, sight.state, sight.takes_people) for sight in told] == [
        ("700800900", "refused", False),
        ("700800901", "ok", True),
    ]
    assert (office.bots, office.limits.people) == (("700800900", "700800901"), 7)


async def test_a_bot_that_is_away_for_a_moment_keeps_its_link(api: ZaloApi, office: Office) -> None:
    await office.ask()
    office._asked_at -= 61
    api.fail("cut_before", times=2, method="getMe")

    assert [(sight.state, bool(sight.link)) for sight in await office.ask()] == [("away", True)] * 2
