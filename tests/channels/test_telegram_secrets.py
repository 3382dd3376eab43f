"""The bot's token never reaches a log, even when everything is logged."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from bot.channels.telegram import TelegramChannel
from bot.logs import quiet_secrets, without_tokens
from scheduler.channel import ChannelError, Outgoing
from tests.bot_api import BotApi


@pytest.fixture
def captured() -> Iterator[io.StringIO]:
    """Everything that is logged at DEBUG, as one text; the logging set-up is put back afterwards."""
    loggers = [logging.getLogger(name) for name in ("", "httpx", "httpcore", "telegram")]
    levels, factory = [logger.level for logger in loggers], logging.getLogRecordFactory()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    loggers[0].addHandler(handler)
    quiet_secrets()
    for logger in loggers:
        logger.setLevel(logging.DEBUG)  # somebody who looks for a fault
    yield stream
    loggers[0].removeHandler(handler)
    logging.setLogRecordFactory(factory)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


async def test_no_call_and_no_failure_logs_the_token(captured: io.StringIO) -> None:
    async with BotApi() as api:
        channel = TelegramChannel(api.token, base_url=api.url, base_file_url=api.file_url)
        await channel.start()
        await channel.send("1001", Outgoing("Tin"))
        api.fail("html")
        with pytest.raises(ChannelError):
            await channel.send("1001", Outgoing("Tin"))
        api.say(1001, "xin chào")
        await channel.fetch(None, 5)
        await channel.close()
        secret = api.token.partition(":")[2]

    assert "/bot123456:***" in captured.getvalue()
    assert secret not in captured.getvalue()


async def test_a_traceback_that_names_the_token_is_cleaned(captured: io.StringIO) -> None:
    try:
        raise RuntimeError("rejected: 123456789:AAvErYsEcReTtOkEnOfABot_123456789")
    except RuntimeError:
        logging.getLogger("anything").exception("fetch failed=%d", 1)

    assert "rejected: 123456789:***" in captured.getvalue()
    assert "AAvErY" not in captured.getvalue()


def test_quiet_secrets_silences_the_request_lines(captured: io.StringIO) -> None:
    quiet_secrets()

    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    assert not logging.getLogger("httpcore.connection").isEnabledFor(logging.INFO)


@pytest.mark.parametrize("text", ["17:15", "2026-11-24 10:15:00", "mã 68:24736", "sha256:ab12", "d:7:done"])
def test_times_and_codes_are_left_alone(text: str) -> None:
    assert without_tokens(text) == text


async def test_a_rejected_token_is_not_repeated_in_the_error() -> None:
    async with BotApi() as api:
        channel = TelegramChannel("123456:AnotherSecretThatIsNotValid_00000", base_url=api.url)
        with pytest.raises(ChannelError, match="LOAXA_TELEGRAM_TOKEN") as failure:
            await channel.start()
        await channel.close()

    assert "AnotherSecret" not in str(failure.value)
