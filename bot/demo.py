"""`loaxa demo`: the week of a trial database, by itself (`--once`) or lived by hand with a fast clock (`--speed`)."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime, time, timedelta

from bot import console
from bot.app import build
from bot.demo_week import CAST, Stage
from bot.process import serve
from bot.running import greet, prepare, with_port
from bot.settings import Settings
from bot.trial import SEND_AT, seed
from content.messages import at
from content.week import Week
from scheduler.clock import FastClock, HandClock
from scheduler.ladder import Ladder


def play_once(now: str) -> int:
    """Play a whole week in a fresh store under var/demo, leave its files there. Returns the exit status."""
    settings = apart(console.settings(), "demo")
    shutil.rmtree(settings.var_dir, ignore_errors=True)
    week = Week.of(console.clock(now).now())
    stage = Stage(build(settings, HandClock(week.starts_at)))
    return asyncio.run(_play(stage, week))


def run_fast(speed: float, port: int, now: str) -> None:
    """Serve a trial store of its own with a clock that starts on this week's Monday and runs `speed` times as fast."""
    if not 0 < speed <= 100_000:  # refuses nan as well
        raise console.CommandFailed("Tốc độ phải lớn hơn 0 và không quá 100000, ví dụ --speed 600.")
    settings = with_port(apart(console.settings(), "demo-fast"), port)
    shutil.rmtree(settings.var_dir, ignore_errors=True)
    start = Week.of(console.clock(now).now()).starts_at + timedelta(hours=5)
    clock = FastClock(start, speed)
    prepare(settings, clock)
    print(f"Đồng hồ chạy nhanh {speed:g} lần, bắt đầu {at(start)}.", flush=True)
    asyncio.run(serve(settings.model_copy(update={"tick_seconds": 0.5}), "all", clock, greet))


async def _play(stage: Stage, week: Week) -> int:
    """From one moment at which something happens to the next: the tick, then whoever acts then."""
    app, clock = stage.app, stage.clock
    title = f"Một tuần của Loa Xã: {week}"
    print(f"{title}\n{'-' * len(title)}", flush=True)
    app.db.migrate()
    await app.db.run(seed, clock.now())
    say(
        clock,
        "Đã nạp 28 xã thuộc Đắk Nông cũ, 28 cán bộ truyền thanh, 11 tuần trước đó và chiến dịch tuần này.",
    )
    waiting = sorted(CAST, key=lambda scene: scene.hours)
    done = 0
    for moment in _moments(app.settings.ladder, week):
        clock.forward_to(moment)
        if await app.tick.run():
            await stage.tell_sent()
        while waiting and stage.time_of(week, waiting[0]) <= clock.now():
            scene = waiting.pop(0)
            done += 1
            await stage.play(scene, week)
            say(clock, f"[{done:2}/{len(CAST)}] {stage.place(scene)}: {scene.told}")
    return await stage.close(week)


def _moments(ladder: Ladder, week: Week) -> list[datetime]:
    """When a person acts, a rung is due or an item goes out, and a quiet hour a day: nothing may happen then."""
    rungs = [
        step.of(week) for step in (ladder.reminder_1, ladder.reminder_2, ladder.escalation, ladder.digest)
    ]
    sending = [week.at(0, SEND_AT), week.next().at(0, SEND_AT)]
    quiet = [week.at(day, time(23)) for day in range(8)]
    acts = [week.starts_at + timedelta(hours=scene.hours) for scene in CAST]
    return sorted({*rungs, *sending, *quiet, *acts})


def apart(settings: Settings, name: str) -> Settings:
    """A store and folder of its own: a demo never touches the real record, nor any real bot."""
    folder = settings.var_dir / name
    changes = {"var_dir": folder, "database_url": "", "simulator": True}
    bots = dict.fromkeys(("telegram_token", "telegram_token_file", "zalo_tokens", "zalo_tokens_file"))
    voices = settings.voice_dir or settings.var_dir / "voices"
    return settings.model_copy(update={**changes, **bots, "voice_dir": voices})


def say(clock: HandClock, text: str) -> None:
    """One line of the demo's log, with the demo's time."""
    print(f"{at(clock.now()):<24} {text}", flush=True)
