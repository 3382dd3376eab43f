"""The pool of Zalo bots as the settings say: a line for each bot, and a webhook of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter

from airlog.db import Database
from bot import typed_talk
from bot.channels.zalo import NoSuchBot, ZaloChannel
from bot.channels.zalo_text import Around
from bot.reception import Listening, Reception
from bot.settings import Settings
from bot.webhook import zalo_router
from scheduler.clock import Clock


def zalo_lines(settings: Settings, db: Database, clock: Clock) -> dict[str, Listening]:
    """A line for each Zalo bot, and one that holds back what is addressed to bots that are not set here."""
    if not settings.zalo_bots:
        return {}

    async def around(bot: str, chat_id: str) -> Around:
        return await db.read(typed_talk.around, "zalo", bot, chat_id, clock.now())

    bots = [
        ZaloChannel(
            token,
            base_url=settings.zalo_base_url,
            pace=timedelta(milliseconds=settings.zalo_pace_ms),
            media_hosts=settings.zalo_media_hosts,
            around=around,
        )
        for token in settings.zalo_bots
    ]
    return {NoSuchBot.name: NoSuchBot()} | {f"{one.name}:{one.bot}": one for one in bots}


def zalo_routers(settings: Settings, bots: Sequence[ZaloChannel], reception: Reception) -> list[APIRouter]:
    """The routes that Zalo calls; none while it is asked for updates."""
    if not settings.zalo_webhook:
        return []
    secrets = {token.partition(":")[0]: settings.zalo_secret(token) for token in settings.zalo_bots}
    return [zalo_router(one, reception, secrets[one.bot]) for one in bots]
