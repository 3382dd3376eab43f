"""The pool of Zalo bots as the settings say: a line for each bot, and a webhook of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from fastapi import APIRouter

from airlog import pool
from airlog.db import Database, Session
from bot import typed_talk
from bot.channels.zalo import NoSuchBot, ZaloChannel
from bot.channels.zalo_text import Around
from bot.reception import Listening, Reception
from bot.settings import Settings
from bot.webhook import zalo_router
from scheduler.budget import count_sent
from scheduler.clock import Clock


def zalo_lines(settings: Settings, db: Database, clock: Clock) -> dict[str, Listening]:
    """A line for each Zalo bot, and one that holds back what is addressed to bots that are not set here."""
    if not settings.zalo_bots:
        return {}

    async def around(bot: str, chat_id: str) -> Around:
        """Without a public address of the pages there is no link that a phone could open."""
        ask = db.run if settings.base_url else db.read
        return await ask(_around, bot, chat_id, clock.now(), settings)

    async def counted(bot: str) -> None:
        """Where a bot's month runs low, an admin is told on any service."""
        budget = settings.zalo_monthly
        await db.run(count_sent, NoSuchBot.name, bot, budget, settings.services, clock.now())

    bots = [
        ZaloChannel(
            token,
            base_url=settings.zalo_base_url,
            pace=timedelta(milliseconds=settings.zalo_pace_ms),
            media_hosts=settings.zalo_media_hosts,
            around=around,
            counted=counted,
        )
        for token in settings.zalo_bots
    ]
    return {NoSuchBot.name: NoSuchBot()} | {f"{one.name}:{one.bot}": one for one in bots}


def _around(session: Session, bot: str, chat_id: str, now: datetime, settings: Settings) -> Around:
    """What stands around a message, with what its bot has used of the month."""
    found = typed_talk.around(session, NoSuchBot.name, bot, chat_id, now, settings.base_url)
    used = pool.month(session, NoSuchBot.name, bot, settings.zalo_monthly, now)
    return replace(found, month=used)


def zalo_routers(settings: Settings, bots: Sequence[ZaloChannel], reception: Reception) -> list[APIRouter]:
    """The routes that Zalo calls; none while it is asked for updates."""
    if not settings.zalo_webhook:
        return []
    secrets = {token.partition(":")[0]: settings.zalo_secret(token) for token in settings.zalo_bots}
    return [zalo_router(one, reception, secrets[one.bot]) for one in bots]
