"""The Zalo Bot Platform over HTTP: eleven calls, one envelope. No other state than the token and the connections.

The token is a part of every URL there. It is put in below httpx (`_WithToken`), so that no request, exception or log
line of httpx ever holds it.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache

import httpx
from pydantic import JsonValue

from bot.channels.raw_updates import as_text
from bot.channels.zalo_answers import (
    Accepted,
    Me,
    Verification,
    Webhook,
    envelope_of,
    failure_of,
    read_as,
)
from bot.channels.zalo_errors import NOT_FOUND, QUOTA, TIMED_OUT, QuotaPause, ZaloError, not_answered

log = logging.getLogger(__name__)
HOST = "https://bot-api.zaloplatforms.com"
Counted = Callable[[str], Awaitable[None]]
"""Hears of each message that a bot (its number) sent, and of those that it may have sent."""
_CONNECT_S = 10
_MEDIA_S = 90
"""Zalo fetches a picture or voice from its URL before it answers."""
_POLL_MARGIN_S = 10
_COUNT_WITHIN_S = 5
_SENDS = ("sendMessage", "sendPhoto", "sendSticker", "sendVoice")


class ZaloClient:
    """One bot. Every call raises ZaloError when it fails, and no other error."""

    def __init__(
        self,
        token: str,
        *,
        base_url: str = HOST,
        answer_within: timedelta = timedelta(seconds=20),
        counted: Counted | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Raises ValueError on a malformed token, without naming it."""
        number, _, secret = token.partition(":")
        if not (number.isascii() and number.isdigit() and secret):
            raise ValueError("a Zalo token looks like 123456789:AbC...")
        self.bot, self._counted = number, counted
        self._quota = QuotaPause()
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/"),
            timeout=httpx.Timeout(answer_within.total_seconds(), connect=_CONNECT_S),
            transport=_WithToken(token, transport or httpx.AsyncHTTPTransport(verify=tls_context())),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def get_me(self) -> Me:
        return read_as(Me, await self._call("getMe"))

    async def get_updates(self, timeout_s: int) -> list[str]:
        """Wait up to timeout_s for news: update objects as JSON texts, usually one. None in time is no error.

        Zalo knows no offset and no acknowledgement: the same update may come again.
        """
        try:
            found = await self._call(
                "getUpdates", {"timeout": timeout_s}, within_s=timeout_s + _POLL_MARGIN_S
            )
        except ZaloError as error:
            if error.code == TIMED_OUT:
                return []
            raise
        return [as_text(one) for one in (found if isinstance(found, list) else [found]) if one]

    async def set_webhook(self, url: str, secret: str) -> Webhook:
        """Zalo calls the address at once and tells what it met; it keeps the address in any case. Limited per day."""
        return read_as(Webhook, await self._call("setWebhook", {"url": url, "secret_token": secret}))

    async def get_webhook_info(self) -> Webhook:
        """`url` is empty when none is set (a 404 here)."""
        try:
            return read_as(Webhook, await self._call("getWebhookInfo"))
        except ZaloError as error:
            if error.code == NOT_FOUND:
                return Webhook()
            raise

    async def delete_webhook(self) -> None:
        await self._call("deleteWebhook")

    async def test_webhook(self) -> Verification:
        """Limited per day: ZaloError with code 426 beyond it."""
        return read_as(Verification, await self._call("testWebhook"))

    async def send_message(self, chat_id: str, text: str) -> Accepted:
        """`text` as it stands, no markup: 1 to 2000 characters."""
        return read_as(Accepted, await self._call("sendMessage", {"chat_id": chat_id, "text": text}))

    async def send_photo(self, chat_id: str, url: str, caption: str = "") -> Accepted:
        """A picture that Zalo fetches from a public address."""
        asked: dict[str, JsonValue] = {"chat_id": chat_id, "photo": url}
        if caption:
            asked["caption"] = caption
        return read_as(Accepted, await self._call("sendPhoto", asked, within_s=_MEDIA_S))

    async def send_sticker(self, chat_id: str, sticker: str) -> Accepted:
        return read_as(Accepted, await self._call("sendSticker", {"chat_id": chat_id, "sticker": sticker}))

    async def send_voice(self, chat_id: str, url: str) -> Accepted:
        """A sound that Zalo fetches: an address that ends in `.aac`, chats of one person only."""
        asked: dict[str, JsonValue] = {"chat_id": chat_id, "voice_url": url}
        return read_as(Accepted, await self._call("sendVoice", asked, within_s=_MEDIA_S))

    async def send_chat_action(self, chat_id: str) -> None:
        """“Typing”: leaves nothing in the chat."""
        await self._call("sendChatAction", {"chat_id": chat_id, "action": "typing"})

    async def _call(
        self, method: str, asked: dict[str, JsonValue] | None = None, within_s: float | None = None
    ) -> JsonValue:
        if method not in _SENDS:
            return await self._ask(method, asked, within_s)
        try:
            result = await self._ask(method, asked, within_s)
        except ZaloError as error:
            if error.code == QUOTA:
                error.retry_after = self._quota.refused(time.monotonic())
            if error.maybe_delivered:  # then Zalo may have counted it
                await self._count()
            raise
        self._quota.taken()
        await self._count()
        return result

    async def _count(self) -> None:
        """What was sent was sent, whether or not its count can be written."""
        if self._counted is None:
            return
        try:
            async with asyncio.timeout(_COUNT_WITHIN_S):
                await self._counted(self.bot)
        except Exception as error:  # whatever the store raises
            log.warning("bot=%s: a message is not counted: %s", self.bot, type(error).__name__)

    async def _ask(
        self, method: str, asked: dict[str, JsonValue] | None, within_s: float | None
    ) -> JsonValue:
        timeout = httpx.Timeout(within_s, connect=_CONNECT_S) if within_s else httpx.USE_CLIENT_DEFAULT
        try:
            answer = await self._http.post(f"/{method}", json=asked or {}, timeout=timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise not_answered(error) from None
        told = envelope_of(answer)
        if told is not None and told.ok:
            return told.result
        raise failure_of(told, answer.status_code)


@cache
def tls_context() -> ssl.SSLContext:
    """Reading the certificates takes a while: once for all bots of a pool."""
    return httpx.create_ssl_context()


class _WithToken(httpx.AsyncBaseTransport):
    """Puts `/bot<token>` in front of each path, where nothing that logs or raises URLs sees it."""

    def __init__(self, token: str, inner: httpx.AsyncBaseTransport) -> None:
        self._token, self._inner = token, inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        root, _, method = request.url.path.rpartition("/")
        url = request.url.copy_with(path=f"{root}/bot{self._token}/{method}")
        headers, extensions = request.headers, request.extensions
        secret = httpx.Request(
            request.method, url, headers=headers, stream=request.stream, extensions=extensions
        )
        return await self._inner.handle_async_request(secret)

    async def aclose(self) -> None:
        await self._inner.aclose()
