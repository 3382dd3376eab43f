"""python-telegram-bot's Bot as this product needs it: tuned, and with updates left as they came."""

from __future__ import annotations

import ssl
from datetime import timedelta

from telegram import Bot
from telegram.request import HTTPXRequest

from bot.channels.raw_updates import RawUpdate, as_text
from bot.channels.telegram_updates import WANTED


class RawBot(Bot):
    """A Bot that hands out updates unparsed: `get_updates` fails for a whole batch when it cannot read one."""

    async def raw_updates(self, offset: int | None, timeout_s: int) -> tuple[RawUpdate, ...]:
        asked = {"offset": offset, "timeout": timeout_s, "allowed_updates": WANTED}
        # The line may die unseen while Telegram has nothing to say: ten seconds above its own time-out.
        result = await self._post("getUpdates", asked, read_timeout=timeout_s + 10)
        return tuple(RawUpdate(int(update["update_id"]), as_text(update)) for update in result)

    async def close_connections(self) -> None:
        """`shutdown` does nothing unless `initialize` ran, which would name the token in its error."""
        for request in self._request:
            await request.shutdown()


def tuned_bot(
    token: str,
    base_url: str | None,
    base_file_url: str | None,
    proxy: str | None,
    answer_within: timedelta,
    tls: ssl.SSLContext,
) -> RawBot:
    """The URLs are those of python-telegram-bot, with or without /bot and /file/bot at their end; the second
    follows from the first when it is not given.
    """
    root = (base_url or "https://api.telegram.org").rstrip("/").removesuffix("/bot")
    files = (base_file_url or root).rstrip("/").removesuffix("/file/bot")
    # For the 24 messages of a broadcast that are in flight and the replies beside them; many more is slower.
    sends = HTTPXRequest(
        connection_pool_size=56,
        pool_timeout=30,
        connect_timeout=10,
        read_timeout=answer_within.total_seconds(),
        media_write_timeout=120,
        proxy=proxy,
        httpx_kwargs={"verify": tls},
    )
    polls = HTTPXRequest(
        connection_pool_size=1, connect_timeout=10, proxy=proxy, httpx_kwargs={"verify": tls}
    )
    return RawBot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{files}/file/bot",
        request=sends,
        get_updates_request=polls,
    )
