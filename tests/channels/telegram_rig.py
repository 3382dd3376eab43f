"""A Telegram channel in front of the Bot API stand-in, as the contract and the Telegram tests use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.channels.telegram import TelegramChannel
from scheduler.channel import ChannelError, Outgoing
from tests.bot_api import BotApi
from tests.channels.contract import Seen

CHAT = 1001


@dataclass
class TelegramRig:
    channel: TelegramChannel
    api: BotApi
    chat_id: str = str(CHAT)

    def screen(self) -> list[Seen]:
        return [
            Seen(
                message.get("text") or message.get("caption", ""),
                tuple(
                    button["text"]
                    for row in message.get("reply_markup", {}).get("inline_keyboard", [])
                    for button in row
                ),
                "audio" in message,
            )
            for (chat_id, _), message in self.api.messages.items()
            if chat_id == CHAT
        ]

    def uploads(self) -> int:
        return self.api.upload_count

    def leave(self) -> None:
        self.api.block(CHAT)

    def refuse_next(self) -> None:
        self.api.fail("429", retry_after_s=7)

    def swallow_next_answer(self) -> None:
        self.api.fail("cut_after")

    def file_from_person(self, body: bytes) -> str:
        self.api.send_voice(CHAT, body)
        return next(reversed(self.api.files))


@pytest.fixture
async def rig() -> AsyncIterator[TelegramRig]:
    async with BotApi() as api:
        channel = TelegramChannel(api.token, base_url=api.url, base_file_url=api.file_url)
        yield TelegramRig(channel, api)
        await channel.close()


async def send_and_fail(rig: TelegramRig, message: Outgoing = Outgoing("Tin")) -> ChannelError:
    with pytest.raises(ChannelError) as failure:
        await rig.channel.send(rig.chat_id, message)
    return failure.value
