"""The token of a Zalo bot is a part of every URL there, and reaches no log and no error, even when all is logged."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator

import pytest

from bot.channels.zalo import ZaloChannel
from scheduler.channel import ChannelError, Outgoing
from tests.channels.zalo_rig import LAN
from tests.zalo_api import FaultKind, ZaloApi

SECRET = "demo-Secret_1"


@pytest.fixture
def captured() -> Iterator[io.StringIO]:
    """Everything at DEBUG, with nothing that cleans records."""
    loggers = [logging.getLogger(name) for name in ("", "httpx", "httpcore")]
    levels = [logger.level for logger in loggers]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield stream
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize("fault", [None, "401", "403", "500", "html", "half", "cut_before"])
async def test_no_call_and_no_failure_logs_the_token(captured: io.StringIO, fault: FaultKind | None) -> None:
    async with ZaloApi() as api:
        channel = ZaloChannel(api.token, base_url=api.url)
        api.say(LAN, "xin chào")
        await channel.start()
        await channel.fetch(None, 1)
        if fault:
            api.fail(fault, text=f"bad /bot{api.token}/sendMessage")
            with pytest.raises(ChannelError) as failure:
                await channel.send(LAN, Outgoing("Tin"))
            logging.getLogger("loaxa").error("told", exc_info=failure.value)
            captured.write("".join(traceback.format_exception(failure.value)) + failure.value.reason)
        else:
            await channel.send(LAN, Outgoing("Tin"))
        await channel.close()

    assert "/getMe" in captured.getvalue()  # httpx tells each request
    assert SECRET not in captured.getvalue()


async def test_a_line_that_fails_tells_no_token(captured: io.StringIO) -> None:
    channel = ZaloChannel(f"700800900:{SECRET}", base_url="http://127.0.0.1:9")
    with pytest.raises(ChannelError) as failure:
        await channel.start()
    logging.getLogger("loaxa").error("told", exc_info=failure.value)

    chain = [*traceback.format_exception(failure.value), repr(failure.value.__context__), repr(vars(channel))]
    assert SECRET not in captured.getvalue() + "".join(chain)
    await channel.close()


async def test_a_rejected_token_is_told_by_the_name_of_its_setting() -> None:
    async with ZaloApi() as api:
        channel = ZaloChannel("700800900:another-Secret", base_url=api.url)
        with pytest.raises(ChannelError, match="LOAXA_ZALO_TOKENS"):
            await channel.start()
        await channel.close()
