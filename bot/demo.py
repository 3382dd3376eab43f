"""`loaxa demo`: the week of a trial database, by itself (`--once`) or lived by hand with a fast clock (`--speed`)."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta

from bot import console
from bot.app import build, serve
from bot.demo_week import CAST, Stage
from bot.running import greet, prepare, with_port
from bot.settings import Settings
from bot.trial import seed
from content.week import LOCAL, Week
from content.wording import moment_vi
from scheduler.clock import FastClock, HandClock

STEP = timedelta(minutes=30)
AFTER_WEEK = timedelta(days=8, hours=18)


def play_once(now: str) -> int:
    """Play a whole week in a fresh store under var/demo, leave its files there. Returns the exit status."""
    settings = _apart(console.settings(), "demo")
    shutil.rmtree(settings.var_dir, ignore_errors=True)
    week = Week.of(console.clock(now).now())
    stage = Stage(build(settings, HandClock(week.starts_at)))
    return asyncio.run(_play(stage, week))


def run_fast(speed: float, port: int, now: str) -> None:
    """Serve a trial store of its own with a clock that starts on this week's Monday and runs `speed` times as fast."""
    if speed <= 0:
        raise console.CommandFailed("Tốc độ phải lớn hơn 0, ví dụ --speed 600.")
    settings = with_port(_apart(console.settings(), "demo-fast"), port)
    shutil.rmtree(settings.var_dir, ignore_errors=True)
    start = Week.of(console.clock(now).now()).starts_at + timedelta(hours=5)
    clock = FastClock(start, speed)
    prepare(settings, clock)
    print(f"Đồng hồ chạy nhanh {speed:g} lần, bắt đầu {moment_vi(start.astimezone(LOCAL))}.", flush=True)
    asyncio.run(serve(settings.model_copy(update={"tick_seconds": 0.5}), "all", clock, greet))


async def _play(stage: Stage, week: Week) -> int:
    """Half an hour at a time: the tick, then whoever acts in that half hour."""
    app, clock = stage.app, stage.clock
    _title(f"Một tuần của Loa Xã: {week}")
    app.db.migrate()
    await app.db.run(seed, clock.now())
    say(
        clock,
        "Đã nạp 28 xã thuộc Đắk Nông cũ, 28 cán bộ truyền thanh, 11 tuần trước đó và chiến dịch tuần này.",
    )
    waiting = sorted(CAST, key=lambda scene: scene.hours)
    done = 0
    end = week.starts_at + AFTER_WEEK
    while clock.now() < end:
        clock.forward_to(clock.now() + STEP)
        sent = await app.tick.run()
        if sent:
            await stage.tell_sent(sent)
        while waiting and stage.time_of(week, waiting[0]) <= clock.now():
            scene = waiting.pop(0)
            done += 1
            await stage.play(scene, week)
            say(clock, f"[{done:2}/{len(CAST)}] {stage.place(scene)}: {scene.told}")
    return await stage.close(week)


def _apart(settings: Settings, name: str) -> Settings:
    """A store and folder of its own: a demo never touches the real record, nor any real bot."""
    folder = settings.var_dir / name
    changes = {"var_dir": folder, "database_url": "", "telegram_token": None, "telegram_token_file": None}
    voices = settings.voice_dir or settings.var_dir / "voices"
    return settings.model_copy(update={**changes, "simulator": True, "voice_dir": voices})


def say(clock: HandClock, text: str) -> None:
    """One line of the demo's log, with the demo's time."""
    print(f"{moment_vi(clock.now().astimezone(LOCAL)):<24} {text}", flush=True)


def _title(text: str) -> None:
    print(f"{text}\n{'-' * len(text)}", flush=True)
