"""Telegram through the `Bot` of python-telegram-bot alone.

Its Application would confirm updates to Telegram before we stored them, and its rate limiter knows one process
only; so fetching is ours (the caller moves the offset after its commit) and so is the pace.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
from telegram import LinkPreviewOptions, Message
from telegram.error import BadRequest

from bot.channels.raw_updates import RawUpdate, download
from bot.channels.telegram_bot import tuned_bot
from bot.channels.telegram_errors import sorted_errors, unchanged_is_fine
from bot.channels.telegram_media import Keyboard, SoundSender, input_file, keyboard_of
from bot.channels.telegram_updates import WANTED, parse_update, ref_of
from bot.channels.text_parts import shorten, split_text
from scheduler.channel import Abilities, FileTooLarge, Incoming, Outgoing, Receipt

_WEBHOOK_CONNECTIONS = 40
"""Telegram's own default. Storing an update takes milliseconds, so that many carry hundreds a second."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_WRONG_KIND = ("there is no text in the message to edit", "there is no caption in the message to edit")


@dataclass(frozen=True)
class WebhookState:
    """What Telegram says of the webhook. `url` is empty when none is set; the last error may be long over."""

    url: str
    waiting: int
    last_error: str = ""
    last_error_at: datetime | None = None


class TelegramChannel:
    """The Channel to Telegram for one bot token. All sends and fetches raise ChannelError when they fail."""

    name = "telegram"

    def __init__(
        self,
        token: str,
        *,
        base_url: str | None = None,
        base_file_url: str | None = None,
        proxy: str | None = None,
        pace: timedelta = timedelta(milliseconds=38),
        answer_within: timedelta = timedelta(seconds=20),
    ) -> None:
        """The URLs are explained at `tuned_bot`. Raises ValueError on a malformed token, without naming it."""
        number, _, secret = token.partition(":")
        if not (number.isascii() and number.isdigit() and secret):
            raise ValueError("a Telegram token looks like 123456789:AbC...")
        self.bot = number
        self.abilities = Abilities()
        self.pace = pace
        self._username = ""
        tls = httpx.create_ssl_context()  # reading the certificates takes a while: once for all three clients
        self._api = tuned_bot(token, base_url, base_file_url, proxy, answer_within, tls)
        self._sounds = SoundSender(self._api)
        self._downloads = httpx.AsyncClient(
            proxy=proxy,
            verify=tls,
            timeout=httpx.Timeout(20, connect=10),
            headers={"Accept-Encoding": "identity"},
        )

    async def start(self) -> None:
        """Ask Telegram who this bot is. Needed before `link`; safe to repeat."""
        with sorted_errors():
            self._username = (await self._api.get_me()).username or ""

    async def start_polling(self) -> None:
        """Take incoming updates away from a webhook, if one was set; nothing that waits is lost."""
        with sorted_errors():
            await self._api.delete_webhook(drop_pending_updates=False)

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates sent to `url` from now on, with the secret in a header; nothing that waits is lost."""
        with sorted_errors():
            await self._api.set_webhook(
                url,
                allowed_updates=WANTED,
                max_connections=_WEBHOOK_CONNECTIONS,
                secret_token=secret,
                drop_pending_updates=False,
            )

    async def webhook_state(self) -> WebhookState:
        """Whether updates are sent to a webhook, how many wait, and what went wrong last."""
        with sorted_errors():
            info = await self._api.get_webhook_info()
        return WebhookState(
            info.url, info.pending_update_count, info.last_error_message or "", info.last_error_date
        )

    async def close(self) -> None:
        """Close all connections. Not to be used again."""
        await self._api.close_connections()
        await self._downloads.aclose()

    def link(self, code: str) -> str:
        """The address that opens the chat with this bot and hands it the invite code."""
        if not self._username:
            raise RuntimeError("start() first: the bot's name is not known yet")
        return f"https://t.me/{self._username}?start={code}"

    async def send(self, chat_id: str, message: Outgoing) -> Receipt:
        """Send one message; a text over the limit goes as several, the buttons under the last.

        A failure after the first part is `maybe_delivered`: the machine must not send that part again.
        The first send of a sound uploads it, once for all that wait for it meanwhile.
        """
        has_file = message.sound or message.picture or message.document
        limit = self.abilities.max_chars
        first_limit = self.abilities.max_caption_chars if has_file else limit
        first, *others = split_text(message.text, first_limit, limit)
        keyboard = keyboard_of(message.buttons)
        with sorted_errors():
            sent = await self._send_first(chat_id, message, first, None if others else keyboard)
            receipt = Receipt(ref_of(sent), sent.audio.file_id if sent.audio else None)
        for index, part in enumerate(others, start=1):
            last = index == len(others)
            with sorted_errors(part_of_it_left=True):
                sent = await self._send_text(chat_id, part, keyboard if last else None)
                receipt = replace(receipt, message_ref=ref_of(sent))
        return receipt

    async def edit(self, chat_id: str, message_ref: str, message: Outgoing) -> None:
        """Replace text and buttons; the sound or picture of the message stays. A text too long is cut with "…"."""
        kind, _, number = message_ref.partition(":")
        edits = [self._edit_text, self._edit_caption]
        if kind == "c":
            edits.reverse()
        with sorted_errors():
            try:
                await edits[0](chat_id, int(number), message)
            except BadRequest as error:
                if error.message.casefold() not in _WRONG_KIND:
                    raise
                # The reference came from an old message, which Telegram shows without its content.
                await edits[1](chat_id, int(number), message)

    async def acknowledge(self, press_ref: str) -> None:
        """Stop the button's spinning. Telegram refuses late and second ones: that is no error."""
        with sorted_errors(), suppress(BadRequest):
            await self._api.answer_callback_query(press_ref)

    async def fetch(self, offset: int | None, timeout_s: int) -> tuple[RawUpdate, ...]:
        """Wait up to timeout_s for updates. Asking with an offset confirms all before it to Telegram, so pass
        last update_id + 1 only after they are committed; None (right after a start) gives all unconfirmed ones.
        """
        with sorted_errors():
            return await self._api.raw_updates(offset, timeout_s)

    def parse(self, body: str, fetched_at: datetime) -> Incoming | None:
        """What a stored update means; None when it is nothing for us. See `parse_update`."""
        return parse_update(body, self.bot, fetched_at)

    async def fetch_file(self, file_ref: str, max_bytes: int) -> bytes:
        """The bytes of a file a person sent. What is over max_bytes is not read to its end."""
        with sorted_errors():
            try:
                file = await self._api.get_file(file_ref)
            except BadRequest as error:
                if "file is too big" in error.message.casefold():
                    raise FileTooLarge(file_ref) from error
                raise
        if (file.file_size or 0) > max_bytes:
            raise FileTooLarge(file_ref)
        return await download(self._downloads, file.file_path or "", max_bytes, "Telegram")

    async def _send_first(self, chat_id: str, message: Outgoing, text: str, keyboard: Keyboard) -> Message:
        if message.sound:
            return await self._sounds.send(chat_id, message.sound, text, keyboard)
        if message.picture:
            picture = await input_file(message.picture)
            return await self._api.send_photo(chat_id, picture, caption=text, reply_markup=keyboard)
        if message.document:
            document = await input_file(message.document)
            return await self._api.send_document(chat_id, document, caption=text, reply_markup=keyboard)
        return await self._send_text(chat_id, text, keyboard)

    async def _send_text(self, chat_id: str, text: str, keyboard: Keyboard) -> Message:
        return await self._api.send_message(
            chat_id, text, reply_markup=keyboard, link_preview_options=_NO_PREVIEW
        )

    async def _edit_text(self, chat_id: str, message_id: int, message: Outgoing) -> None:
        with unchanged_is_fine():
            await self._api.edit_message_text(
                shorten(message.text, self.abilities.max_chars),
                chat_id,
                message_id,
                reply_markup=keyboard_of(message.buttons),
                link_preview_options=_NO_PREVIEW,
            )

    async def _edit_caption(self, chat_id: str, message_id: int, message: Outgoing) -> None:
        with unchanged_is_fine():
            await self._api.edit_message_caption(
                chat_id,
                message_id,
                caption=shorten(message.text, self.abilities.max_caption_chars),
                reply_markup=keyboard_of(message.buttons),
            )
