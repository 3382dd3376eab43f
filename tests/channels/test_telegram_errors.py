"""Each real fault is sorted by whether the message can have left."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta

import httpx
import pytest
from telegram.error import NetworkError, TimedOut

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_errors import PERMANENT, sorted_errors
from scheduler.channel import ChannelError, Outgoing
from tests.bot_api import FaultKind
from tests.channels.telegram_rig import CHAT, TelegramRig, rig, send_and_fail

__all__ = ["rig"]


@pytest.mark.parametrize("answer", [answer for answer in PERMANENT if answer.startswith(("bot", "user"))])
async def test_every_forbidden_answer_on_the_list_ends_the_address(rig: TelegramRig, answer: str) -> None:
    rig.api.close_chat(CHAT, 403, f"Forbidden: {answer}")

    failure = await send_and_fail(rig)

    assert failure.permanent and not failure.maybe_delivered


@pytest.mark.parametrize("answer", ["chat not found", "PEER_ID_INVALID"])
async def test_an_unknown_chat_ends_the_address(rig: TelegramRig, answer: str) -> None:
    rig.api.close_chat(CHAT, 400, f"Bad Request: {answer}")

    assert (await send_and_fail(rig)).permanent


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (403, "Forbidden: something new"),
        (400, "Bad Request: chat not found in the archive"),
        (401, "Unauthorized"),
        (404, "Not Found"),
        (413, "Request Entity Too Large"),
    ],
)
async def test_a_refusal_that_is_not_on_the_list_is_neither_permanent_nor_unclear(
    rig: TelegramRig, code: int, answer: str
) -> None:
    rig.api.close_chat(CHAT, code, answer)

    failure = await send_and_fail(rig)

    assert (failure.permanent, failure.maybe_delivered) == (False, False)


@pytest.mark.parametrize("fault", ["500", "html", "cut_before", "cut_after", "half"])
async def test_no_clear_answer_means_maybe_delivered(rig: TelegramRig, fault: FaultKind) -> None:
    rig.api.fail(fault)

    failure = await send_and_fail(rig)

    assert (failure.permanent, failure.maybe_delivered) == (False, True)
    assert "không trả lời rõ" in failure.reason


@pytest.mark.parametrize(
    "body", [b"[]", b'{"ok":true}', b'{"ok":true,"result":null}', b'{"ok":true,"result":{}}']
)
async def test_an_answer_that_is_json_but_not_telegrams_means_maybe_delivered(body: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    channel = TelegramChannel("123456:secret", base_url=f"http://127.0.0.1:{port}")
    async with server:
        with pytest.raises(ChannelError) as failure:
            await channel.send("1", Outgoing("Tin"))
        await channel.close()

    assert failure.value.maybe_delivered


async def test_a_silent_server_means_maybe_delivered(rig: TelegramRig) -> None:
    impatient = TelegramChannel(rig.api.token, base_url=rig.api.url, answer_within=timedelta(milliseconds=50))
    rig.api.fail("hang")

    with pytest.raises(ChannelError) as failure:
        await impatient.send(rig.chat_id, Outgoing("Tin"))
    await impatient.close()

    assert failure.value.maybe_delivered
    assert len(rig.api.to(CHAT)) == 1


async def test_a_refused_connection_means_it_never_left() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    channel = TelegramChannel("123456:secret", base_url=f"http://127.0.0.1:{port}/bot")

    with pytest.raises(ChannelError) as failure:
        await channel.send("1", Outgoing("Tin"))
    await channel.close()

    assert (failure.value.permanent, failure.value.maybe_delivered) == (False, False)


async def test_a_429_tells_how_long_the_whole_bot_pauses(rig: TelegramRig) -> None:
    rig.api.fail("429", retry_after_s=17)

    failure = await send_and_fail(rig)

    assert failure.retry_after == timedelta(seconds=17)
    assert not failure.maybe_delivered


async def test_a_429_that_names_no_pause_is_still_not_delivered_and_pauses(rig: TelegramRig) -> None:
    rig.api.close_chat(CHAT, 429, "Too Many Requests: slow down")

    failure = await send_and_fail(rig)

    assert failure.retry_after and not failure.maybe_delivered


@pytest.mark.parametrize(
    ("cause", "can_have_left"),
    [
        (httpx.PoolTimeout("x"), False),
        (httpx.ConnectTimeout("x"), False),
        (httpx.ProxyError("x"), False),
        (httpx.WriteTimeout("x"), True),
        (httpx.WriteError("x"), True),
        (httpx.ReadError("x"), True),
    ],
)
def test_faults_that_no_server_can_play_are_sorted_by_their_cause(
    cause: httpx.TransportError, can_have_left: bool
) -> None:
    error = TimedOut() if isinstance(cause, httpx.TimeoutException) else NetworkError("x")

    with pytest.raises(ChannelError) as failure, sorted_errors():
        raise error from cause

    assert failure.value.maybe_delivered is can_have_left
