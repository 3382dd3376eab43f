"""A Zalo channel in front of the stand-in of the Zalo Bot Platform, as the contract and the Zalo tests use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from bot.channels.zalo import ZaloChannel
from bot.channels.zalo_client import tls_context
from bot.channels.zalo_errors import ZaloError
from scheduler.channel import ChannelError, Outgoing
from tests.channels.contract import Seen
from tests.zalo_api import ZaloApi

LAN = "31f0a9c2be47d5508e1a"


class MediaOf(httpx.AsyncBaseTransport):
    """Brings requests for Zalo's media host to the stand-in, and nothing else anywhere."""

    def __init__(self, api: ZaloApi) -> None:
        self._port, self._inner = api.port, httpx.AsyncHTTPTransport(verify=tls_context())
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(httpx.Request(request.method, url))

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass
class ZaloRig:
    channel: ZaloChannel
    api: ZaloApi
    media: MediaOf
    chat_id: str = LAN

    def screen(self) -> list[Seen]:
        return [Seen(sent.text, (), sent.method == "sendVoice") for sent in self.api.to(LAN)]

    def uploads(self) -> int:
        return 0

    def leave(self) -> None:
        self.api.leave(LAN)

    def refuse_next(self) -> None:
        self.api.fail("429")

    def swallow_next_answer(self) -> None:
        self.api.fail("cut_after")

    def file_from_person(self, body: bytes) -> str:
        return self.api.send_photo(LAN, body)


@pytest.fixture
async def rig() -> AsyncIterator[ZaloRig]:
    async with ZaloApi() as api:
        media = MediaOf(api)
        channel = ZaloChannel(api.token, base_url=api.url, media_transport=media)
        api.bots[api.token].people.add(LAN)
        yield ZaloRig(channel, api, media)
        await channel.close()


async def send_and_fail(rig: ZaloRig, message: Outgoing = Outgoing("Tin")) -> ChannelError:
    with pytest.raises(ChannelError) as failure:
        await rig.channel.send(rig.chat_id, message)
    return failure.value


def code_of(error: ChannelError) -> int:
    return error.code if isinstance(error, ZaloError) else 0
