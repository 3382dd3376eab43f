"""One process from start to stop: pages, ticks, engine and pollers around one `App`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from airlog.freeze import Witness
from bot.app import App, build, parts_of
from bot.polling import Polling
from bot.server import free_socket, page_server, spare_the_collector
from bot.settings import Settings
from bot.webhook import register
from content.week import LOCAL
from scheduler.clock import Clock
from scheduler.dispatch import Reached, unheard
from scheduler.engine import DurableJobs
from scheduler.nodes import Heartbeat, join, me
from web.app import create_app

log = logging.getLogger("loaxa.app")
Role = Literal["all", "web", "worker"]
STOP_WITHIN = timedelta(seconds=30)
TICK_OPTIONS = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
"""By default APScheduler drops in silence what is over a second late."""
PURGE_AFTER = timedelta(minutes=15)
REST = timedelta(seconds=60)
"""Between two looks at the whole plan of a running program."""


async def serve(
    settings: Settings,
    role: Role = "all",
    clock: Clock | None = None,
    announce: Callable[[str, int | None, App], None] | None = None,
    reached: Reached = unheard,
) -> None:
    """Run everything until SIGTERM or Ctrl-C, then stop in order: no new work, finish what is in hand, close.

    1. this node enters itself as alive; 2. the pages listen (on the next free port when theirs is taken); 3. the
    engine and the ticks start; 4. Telegram and Zalo are polled. A worker has no pages; `announce` gets the address of
    the pages and the port they listen on. Raises NameTaken when a live process has this node's name.
    """
    listener = free_socket(settings.http_host, settings.http_port) if role != "worker" else None
    port = listener.getsockname()[1] if listener else None
    host = f"[{settings.http_host}]" if ":" in settings.http_host else settings.http_host
    base_url = settings.base_url or f"http://{host}:{port or settings.http_port}"
    who = me(settings.node_name or f"{socket.gethostname()[:48]}-{role}", role)
    app = build(settings, clock, base_url, who.token, reached)
    await asyncio.to_thread(app.db.check_sessions)
    await join(app.db, who, app.clock)
    witness = Witness(app.db, app.settings.var_dir.resolve())
    if await asyncio.to_thread(witness.beat, app.clock.now()):
        log.warning("the store is frozen: nothing is sent until `loaxa db unfreeze`")
    stop = asyncio.Event()
    _stop_on_signals(stop)
    parts = parts_of(app, base_url)
    server = page_server(create_app(parts))
    spare_the_collector()
    pages = asyncio.create_task(server.serve(sockets=[listener])) if listener else None
    jobs = await _launch(app, who.name, who.token) if role != "web" else None
    heartbeat = Heartbeat(app.db, who, jobs, witness, app.clock)
    beating = asyncio.create_task(heartbeat.run())
    ticks = Ticks(app, stop, jobs)
    pollers = [Polling(app.db, one, app.reception, who.name) for one in app.polled] if jobs else []
    polling = {poller: asyncio.create_task(poller.run()) for poller in pollers}
    registering = (
        asyncio.create_task(register(app.telegram, base_url, settings.webhook_secret))
        if app.telegram and settings.telegram_webhook and listener
        else None
    )
    if jobs:
        ticks.start(settings.tick_seconds)
    if announce:
        announce(base_url, port, app)
    ending = [asyncio.create_task(stop.wait()), beating, *([pages] if pages else [])]
    try:
        await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        await _wind_down(ticks, polling)
        if jobs:
            await jobs.stop()
        server.should_exit = True
        if pages:
            await asyncio.wait([pages], timeout=STOP_WITHIN.total_seconds())
        await parts.listening.finish()
        await parts.intakes.finish()
        if registering:
            registering.cancel()
        await app.reception.finish()
        beating.cancel()
        await heartbeat.leave()
        await app.close()


async def _launch(app: App, node: str, token: str) -> DurableJobs:
    """Put the durable engine behind the tick."""
    jobs = DurableJobs(app.db, app.dispatcher, app.clock, node)
    await jobs.launch(app.channels)
    app.tick.jobs, app.tick.rest, app.tick.node = jobs, REST, token
    return jobs


class Ticks:
    """APScheduler fires, our own tasks work: its executor would cancel a running tick at shutdown."""

    def __init__(self, app: App, stop: asyncio.Event, jobs: DurableJobs | None) -> None:
        self._app, self._stop, self._jobs = app, stop, jobs
        self._scheduler = AsyncIOScheduler(timezone=LOCAL)
        self._running: asyncio.Task[int] | None = None

    def start(self, seconds: float) -> None:
        """One interval, catching up at most once; what is due stands in the record."""
        self._scheduler.add_job(self._fire, IntervalTrigger(seconds=seconds, timezone=LOCAL), **TICK_OPTIONS)
        self._scheduler.add_job(self._purge, CronTrigger(hour=3, minute=30, timezone=LOCAL), **TICK_OPTIONS)
        # A machine that is off at night purges in the morning.
        self._scheduler.add_job(self._purge, DateTrigger(datetime.now(LOCAL) + PURGE_AFTER), **TICK_OPTIONS)
        self._scheduler.start()
        self._launch()

    async def finish(self) -> None:
        """No more firing; the tick in hand ends after the messages in flight."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._running is not None:
            await asyncio.wait([self._running], timeout=STOP_WITHIN.total_seconds())
        await self._app.tick.finish(STOP_WITHIN)

    async def _fire(self) -> None:
        for channel in self._app.bots:
            await self._app.reception.take_leftovers(channel)
        self._launch()

    def _launch(self) -> None:
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._app.tick.run(self._stop))
            self._running.add_done_callback(_log_failure)

    async def _purge(self) -> None:
        """Each night: what the engine and the chat services left behind. Our own rows stay."""
        now = self._app.clock.now()
        await self._app.reception.purge()
        if self._jobs:
            log.info("purged jobs=%s", await self._jobs.purge(now))


async def _wind_down(ticks: Ticks, polling: dict[Polling, asyncio.Task[None]]) -> None:
    for task in polling.values():
        task.cancel()
    for poller, task in polling.items():
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await poller.finish()
    await ticks.finish()


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(name, stop.set)
        except NotImplementedError:  # Windows has no signal handlers in its loop
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop.set))


def _log_failure(task: asyncio.Task[int]) -> None:
    if not task.cancelled() and task.exception():
        log.error("tick failed", exc_info=task.exception())
