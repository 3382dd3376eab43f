"""Zalo by its Bot Platform: words alone, out and in. One object per bot; a pool is several of them (docs/architecture.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import httpx

from bot.channels.raw_updates import RawUpdate
from bot.channels.text_parts import split_text
from bot.channels.zalo_answers import Webhook
from bot.channels.zalo_client import HOST, Counted, ZaloClient
from bot.channels.zalo_errors import ABOUT_THE_CHAT, ZaloError
from bot.channels.zalo_media import MEDIA_HOSTS, ZaloMedia
from bot.channels.zalo_text import Around, AroundChat, plain_text
from bot.channels.zalo_updates import NAME, parse_update, update_id
from content import zalo_messages
from scheduler.channel import Abilities, ChannelError, HeldBack, Incoming, Outgoing, Receipt

MOST_CHARS = 2000
"""Whether Zalo counts letters or UTF-16 units is not documented: the stricter reading."""
_POLL_GAP_S = 1.0
"""A consumed update can come again at once: without a gap a poller spins."""


class _ZaloLine:
    """Words alone, and what was sent stays as it is."""

    name = NAME
    abilities = Abilities(sound=False, buttons=False, edits=False, max_chars=MOST_CHARS)

    async def edit(self, chat_id: str, message_ref: str, message: Outgoing) -> None:
        raise ChannelError("Zalo không sửa được tin đã gửi")

    async def acknowledge(self, press_ref: str) -> None:
        """There are no buttons."""


class ZaloChannel(_ZaloLine):
    """The Channel to one Zalo bot. All sends and fetches raise ChannelError when they fail."""

    def __init__(
        self,
        token: str,
        *,
        base_url: str = HOST,
        pace: timedelta = timedelta(seconds=1),
        answer_within: timedelta = timedelta(seconds=20),
        media_hosts: Sequence[str] = MEDIA_HOSTS,
        around: AroundChat | None = None,
        counted: Counted | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        media_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`around` tells what stands around a message (codes, the person's link, the bot's month); `counted` hears of
        each that left. Raises ValueError on a malformed token, without naming it."""
        self._client = ZaloClient(
            token, base_url=base_url, answer_within=answer_within, counted=counted, transport=transport
        )
        self.bot = self._client.bot
        self.pace = pace
        self._around = around or _nothing_around
        self._media = ZaloMedia(media_hosts, media_transport)
        self._account = ""
        self._sending = asyncio.Lock()
        self._polled_at = -_POLL_GAP_S

    async def start(self) -> None:
        """Ask Zalo who this bot is. Needed before `link`; safe to repeat."""
        self._account = (await self._client.get_me()).account_name

    async def close(self) -> None:
        """Close all connections. Not to be used again."""
        await self._client.close()
        await self._media.close()

    def link(self) -> str:
        """The address that opens the chat with this bot; Zalo hands no code to it. Empty before `start`."""
        return f"https://zalo.me/{self._account}" if self._account else ""

    async def start_polling(self) -> None:
        """Take incoming updates away from a webhook, if one is set."""
        if (await self._client.get_webhook_info()).url:
            await self._client.delete_webhook()

    async def set_webhook(self, url: str, secret: str) -> Webhook:
        """Have updates sent to `url` from now on. Limited per day, so only by an explicit command; Zalo keeps the
        address even when its `verification` failed."""
        return await self._client.set_webhook(url, secret)

    async def webhook_state(self) -> Webhook:
        return await self._client.get_webhook_info()

    async def send(self, chat_id: str, message: Outgoing) -> Receipt:
        """Send the words of a message with what to type in place of its buttons; a long text goes as several.

        A failure after the first part is `maybe_delivered`: the machine must not send that part again. Raises HeldBack
        for what is given up when the bot's month is nearly used up.
        """
        around = await self._surroundings(chat_id)
        if around.month.gives_up(message.weight):
            raise HeldBack(zalo_messages.held_back(around.month.percent))
        text = plain_text(message, around)
        first, *others = split_text(text, MOST_CHARS, MOST_CHARS)
        async with self._sending:
            ref = await self._send_first(chat_id, first)
            for part in others:
                try:
                    ref = (await self._client.send_message(chat_id, part)).message_id or ref
                except ZaloError as error:
                    error.maybe_delivered = True
                    raise
        return Receipt(ref)

    async def fetch(self, offset: int | None, timeout_s: int) -> tuple[RawUpdate, ...]:
        """Wait up to timeout_s for an update. There is no offset: what was taken before may come again, and is told
        apart by its id."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._polled_at + _POLL_GAP_S - loop.time())
        self._polled_at = loop.time()
        found = await self._client.get_updates(timeout_s)
        return tuple(RawUpdate(update_id(body), body) for body in found)

    def parse(self, body: str, fetched_at: datetime) -> Incoming | None:
        """What a stored update means; None when it is nothing for us. See `parse_update`."""
        return parse_update(body, self.bot, fetched_at)

    async def fetch_file(self, file_ref: str, max_bytes: int) -> bytes:
        """The bytes of a file a person sent, by its URL; see `ZaloMedia`."""
        return await self._media.fetch(file_ref, max_bytes)

    async def _surroundings(self, chat_id: str) -> Around:
        try:
            return await self._around(self.bot, chat_id)
        except Exception as error:  # the store is away: nothing has left yet
            raise ChannelError(f"Chưa soạn được tin ({type(error).__name__})") from error

    async def _send_first(self, chat_id: str, text: str) -> str:
        """What a dead chat is answered with is not documented, and a refusal may be about the words. So the chat is
        asked with “typing”, which has none: only one that refuses that too will not work again."""
        try:
            sent = await self._client.send_message(chat_id, text)
        except ZaloError as error:
            if error.code in ABOUT_THE_CHAT and await self._refuses_everything(chat_id):
                raise ChannelError(
                    f"Zalo không còn nhận tin cho người này. {error.reason}", permanent=True
                ) from None
            raise
        return sent.message_id or uuid4().hex

    async def _refuses_everything(self, chat_id: str) -> bool:
        try:
            await self._client.send_chat_action(chat_id)
        except ZaloError as error:
            return error.code in ABOUT_THE_CHAT
        return False


class NoSuchBot(_ZaloLine):
    """Stands for the bots of a service that addresses name and no token is set for: each send waits, none is lost."""

    bot, pace = "", timedelta(0)

    async def send(self, chat_id: str, message: Outgoing) -> Receipt:
        raise ChannelError("Bot Zalo của địa chỉ này không có trong LOAXA_ZALO_TOKENS")

    async def fetch_file(self, file_ref: str, max_bytes: int) -> bytes:
        raise ChannelError("Bot Zalo của địa chỉ này không có trong LOAXA_ZALO_TOKENS")


async def _nothing_around(bot: str, chat_id: str) -> Around:
    return Around()
