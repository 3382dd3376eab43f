"""What Zalo says of each bot of the pool: for the pages, and for `loaxa doctor`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Literal

from airlog.pool import Limits
from bot.channels.zalo import ZaloChannel
from bot.channels.zalo_errors import UNAUTHORIZED, ZaloError
from bot.settings import Settings
from bot.webhook import zalo_path
from scheduler.channel import ChannelError
from web.zalo_office import BotSight

_WITHIN_S = 8
_FRESH_S = 60


class Office:
    """The pool of this process. Many who ask at once are one question to Zalo."""

    def __init__(self, settings: Settings, channels: Sequence[ZaloChannel]) -> None:
        self._settings, self._channels = settings, tuple(channels)
        self.bots = tuple(channel.bot for channel in channels)
        self.limits = Limits(settings.zalo_people_per_bot, settings.zalo_monthly)
        self._known: tuple[BotSight, ...] = ()
        self._asked_at = -float(_FRESH_S)
        self._asking = asyncio.Lock()

    def known(self) -> tuple[BotSight, ...]:
        return self._known

    async def ask(self) -> tuple[BotSight, ...]:
        async with self._asking:
            if time.monotonic() - self._asked_at >= _FRESH_S:
                looks = (look(channel, self._settings) for channel in self._channels)
                self._known = tuple(await asyncio.gather(*looks))
                self._asked_at = time.monotonic()
        return self._known


async def look(channel: ZaloChannel, settings: Settings) -> BotSight:
    """Ask Zalo who the bot is and where its updates go. Changes nothing there."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            await channel.start()
            url = (await channel.webhook_state()).url
    except ChannelError as error:
        refused = isinstance(error, ZaloError) and error.code == UNAUTHORIZED
        return BotSight(channel.bot, "refused" if refused else "away", channel.link(), error.reason)
    except TimeoutError:
        return BotSight(channel.bot, "away", channel.link(), f"Zalo không trả lời trong {_WITHIN_S} giây")
    state, detail = _way_in(channel, settings, url)
    return BotSight(channel.bot, state, channel.link(), detail)


def _way_in(channel: ZaloChannel, settings: Settings, url: str) -> tuple[Literal["ok", "deaf"], str]:
    """How updates arrive, as set here and as Zalo has it."""
    if not settings.zalo_webhook:
        other = f", nhưng Zalo còn đang gửi tới {url} cho đến khi chạy “loaxa run”" if url else ""
        return "ok", f"nhận tin bằng cách hỏi Zalo{other}"
    if url == settings.base_url.rstrip("/") + zalo_path(channel):
        return "ok", f"nhận tin qua webhook {url}"
    if not url:
        return "deaf", "chưa đặt webhook nên tin người dùng gõ chưa tới đây; chạy “loaxa zalo webhook”"
    return "deaf", f"Zalo đang gửi tin người dùng gõ tới nơi khác ({url}); chạy “loaxa zalo webhook”"
