"""`loaxa zalo …`: what an administrator sees of the bots, and how Zalo learns where to send updates."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.console import CommandFailed
from tests.zalo_api import ZaloApi

TOKENS = ("700800900:demo-Secret_1", "700800901:demo-Secret_2")


@contextmanager
def zalo(*tokens: str) -> Iterator[ZaloApi]:
    """The stand-in in a thread of its own: a command has a loop of its own too."""
    api, ready, over = ZaloApi(tokens=tokens), threading.Event(), threading.Event()

    async def serve() -> None:
        async with api:
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(20)
    try:
        yield api
    finally:
        over.set()
        thread.join(20)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZaloApi]:
    with zalo(*TOKENS) as served:
        monkeypatch.setenv("LOAXA_ZALO_TOKENS", ",".join(TOKENS))
        monkeypatch.setenv("LOAXA_ZALO_BASE_URL", served.url)
        yield served


def test_without_a_bot_the_command_says_which_setting_is_missing() -> None:
    failed = CliRunner().invoke(app, ["zalo", "bots"])

    assert isinstance(failed.exception, CommandFailed) and "LOAXA_ZALO_TOKENS" in str(failed.exception)


def test_a_bot_that_does_not_answer_is_named_and_the_others_are_shown(
    api: ZaloApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOAXA_ZALO_TOKENS", f"{TOKENS[0]},999999:another-Secret")

    told = CliRunner().invoke(app, ["zalo", "bots", "--json"])

    bots = {one["bot"]: one for one in json.loads(told.stdout)["bots"]}
    assert (told.exit_code, bots["700800900"]["ok"], bots["999999"]["ok"]) == (1, True, False)
    assert bots["700800900"]["link"] == "https://zalo.me/bot.700800900"
    assert "Secret" not in told.output


def test_no_webhook_is_set_unless_the_settings_want_one(api: ZaloApi) -> None:
    failed = CliRunner().invoke(app, ["zalo", "webhook"])

    assert isinstance(failed.exception, CommandFailed)
    assert all(bot.webhook is None for bot in api.bots.values())


def test_every_bot_gets_its_own_address_and_a_failed_trial_is_told(
    api: ZaloApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOAXA_ZALO_WEBHOOK", "true")
    monkeypatch.setenv("LOAXA_BASE_URL", "https://loaxa.example.vn/")

    told = CliRunner().invoke(app, ["zalo", "webhook"])

    hooks = [bot.webhook for bot in api.bots.values() if bot.webhook]
    assert [hook.url for hook in hooks] == [f"https://loaxa.example.vn/zalo/70080090{n}" for n in (0, 1)]
    assert len({hook.secret for hook in hooks}) == 2 and told.exit_code == 1
    assert "Zalo không tới được địa chỉ này (webhook.err.conn)" in told.stdout
