"""The composition root: the only place that builds the parts and joins them. What runs them is bot/process.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter

from airlog.db import Database
from audio.voices import Voices, engines_from
from bot.channels.simulator import SimulatorChannel
from bot.channels.telegram import TelegramChannel
from bot.channels.zalo import ZaloChannel
from bot.desk import Desk
from bot.operator_page import operator_router
from bot.phone_pages import phone_router
from bot.polling import Polled
from bot.reception import Listening, Reception
from bot.settings import Settings
from bot.settling import Settling
from bot.webhook import webhook_router
from bot.zalo_office import Office
from bot.zalo_pool import zalo_lines, zalo_routers
from reports.mail import MailSettings
from scheduler.clock import Clock, SystemClock
from scheduler.dispatch import Dispatcher, Reached, unheard
from scheduler.jobs import AtOnce
from scheduler.tick import Tick
from scheduler.tracks import Studio
from web.parts import Parts


@dataclass
class App:
    """Every part of one process, joined."""

    settings: Settings
    clock: Clock
    db: Database
    studio: Studio
    desk: Desk
    reception: Reception
    settling: Settling
    dispatcher: Dispatcher
    tick: Tick
    channels: dict[str, Listening]
    """By line: a service's name, or `zalo:<bot>` for each bot of a pool (scheduler/channel.py)."""

    @property
    def bots(self) -> list[TelegramChannel | ZaloChannel]:
        """The channels to real services, which hold connections."""
        return [one for one in self.channels.values() if isinstance(one, TelegramChannel | ZaloChannel)]

    @property
    def zalo(self) -> tuple[ZaloChannel, ...]:
        """The bots of the pool."""
        return tuple(one for one in self.bots if isinstance(one, ZaloChannel))

    @property
    def polled(self) -> list[Polled]:
        """Channels that are asked for their updates, in place of a webhook."""
        telegram, zalo = self.settings.telegram_webhook, self.settings.zalo_webhook
        return [one for one in self.bots if not (zalo if isinstance(one, ZaloChannel) else telegram)]

    @property
    def telegram(self) -> TelegramChannel | None:
        return next((one for one in self.bots if isinstance(one, TelegramChannel)), None)

    @property
    def simulator(self) -> SimulatorChannel | None:
        channel = self.channels.get(SimulatorChannel.name)
        return channel if isinstance(channel, SimulatorChannel) else None

    async def close(self) -> None:
        """Close what holds connections. The record itself needs no closing."""
        for channel in self.bots:
            await channel.close()
        self.db.close()


def build(
    settings: Settings,
    clock: Clock | None = None,
    base_url: str = "",
    node: str | None = None,
    reached: Reached = unheard,
) -> App:
    """Join the parts. Opens the store; starts nothing. Its tick sends all that is due before it ends; `serve`
    puts the durable engine in that place. `node` is the token of this process in the record."""
    clock = clock or SystemClock()
    db = Database(settings.store_url)
    var_dir = settings.var_dir.resolve()
    channels: dict[str, Listening] = {}
    if settings.token:
        channels[TelegramChannel.name] = telegram_of(settings, settings.token)
    if settings.simulated:
        channels[SimulatorChannel.name] = SimulatorChannel(db, clock, var_dir / "phone")
    channels |= zalo_lines(settings, db, clock)
    studio = studio_of(settings)
    ladder, names = settings.ladder, settings.services
    pages = base_url or settings.base_url or f"http://127.0.0.1:{settings.http_port}"
    desk = Desk(names, pages, var_dir, settings.upload_mb, ladder=ladder)
    dispatcher = Dispatcher(
        db, channels, clock, node=node, ladder=ladder, pages_at=settings.base_url, reached=reached
    )
    tick = Tick(db, studio, AtOnce(dispatcher), ladder, names, clock)
    settling = Settling(db, channels, dispatcher.paces, clock, desk.wordings)
    reception = Reception(db, desk, clock, dispatcher.paces, settling)
    return App(settings, clock, db, studio, desk, reception, settling, dispatcher, tick, channels)


def parts_of(app: App, base_url: str) -> Parts:
    """What the pages are handed."""
    routers: list[APIRouter] = [operator_router(app.desk)]
    if app.simulator is not None:
        routers.append(phone_router(app.simulator, app.reception))
    if app.telegram is not None and app.settings.telegram_webhook:
        routers.append(webhook_router(app.telegram, app.reception, app.settings.webhook_secret))
    routers += zalo_routers(app.settings, app.zalo, app.reception)
    return Parts(
        db=app.db,
        clock=app.clock,
        studio=app.studio,
        var_dir=app.settings.var_dir.resolve(),
        base_url=base_url,
        open_doors=app.settings.loopback and not app.bots,
        channels=app.settings.services,
        settled=app.settling.elsewhere,
        extra_routers=routers,
        mail=mail_of(app.settings),
        ladder=app.settings.ladder,
        zalo=Office(app.settings, app.zalo) if app.zalo else None,
    )


def mail_of(settings: Settings) -> MailSettings | None:
    """The mail server of the settings; None when there is none."""
    if not settings.smtp_host:
        return None
    return MailSettings(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_sender or settings.smtp_user,
        settings.smtp_user,
        settings.smtp_password.get_secret_value() if settings.smtp_password else "",
        settings.smtp_tls,
    )


def studio_of(settings: Settings) -> Studio:
    """Voices and clip folder as the settings say."""
    var_dir = settings.var_dir.resolve()
    engines = engines_from(settings.voices, settings.voice_dirs, settings.voice_fetch, settings.accounts)
    return Studio(Voices(engines, var_dir / "voice-cache"), var_dir / "clips")


def telegram_of(settings: Settings, token: str) -> TelegramChannel:
    """The channel to Telegram as the settings say."""
    return TelegramChannel(
        token,
        base_url=settings.telegram_base_url,
        base_file_url=settings.telegram_base_file_url,
        proxy=settings.telegram_proxy,
        pace=timedelta(milliseconds=settings.telegram_pace_ms),
    )
