"""`loaxa run`: prepare the store, fill an empty one for a trial, serve until told to stop."""

from __future__ import annotations

import asyncio
from typing import cast, get_args

from airlog import items, phone
from airlog.db import Database, StoreUnreachable
from bot import console
from bot.app import App, build
from bot.process import Role, serve
from bot.settings import Settings
from bot.trial import seed
from content import shelf
from content.week import Week
from scheduler.clock import Clock, SystemClock
from scheduler.nodes import NameTaken


def run_for_ever(role: str, port: int) -> None:
    """Serve with the machine's clock. Raises CommandFailed for a role there is not."""
    if role not in get_args(Role):
        raise console.CommandFailed(f"Vai trò “{role}” chưa đúng; dùng all, web hoặc worker.")
    settings = with_port(console.settings(), port)
    if prepare(settings, SystemClock()):
        print("Đang làm bản âm thanh và gửi tin tuần này...", flush=True)
        asyncio.run(_send_this_week(settings))
    try:
        asyncio.run(serve(settings, cast(Role, role), announce=greet))
    except (NameTaken, StoreUnreachable) as error:
        raise console.CommandFailed(str(error)) from None


def prepare(settings: Settings, clock: Clock) -> bool:
    """Bring the tables and the library up to date. A new store without any real channel becomes a trial one: True."""
    db = Database(settings.store_url)
    trial = db.is_empty() and settings.simulated and not settings.token and not settings.zalo_bots
    db.migrate()
    now = clock.now()
    with db.session() as session:
        if trial:
            print("Lần đầu chạy: đang nạp dữ liệu dùng thử (28 xã thuộc Đắk Nông cũ)...", flush=True)
            seed(session, now)
            phone.give_everybody_one(session, now)
        else:
            items.load_library(session, shelf.library(), now)
    db.close()
    return trial


async def _send_this_week(settings: Settings) -> None:
    """A trial opens on a week that was sent already, whatever the weekday: an unread clip waits."""
    app = build(settings)
    await app.tick.queue_week(Week.of(app.clock.now()))
    await app.tick.run()
    await app.close()


def greet(base_url: str, port: int | None, app: App) -> None:
    """Say where to look, and what a newcomer should know. A worker has no port."""
    wanted = app.settings.http_port
    if port is not None and wanted not in (0, port):
        print(f"Cổng {wanted} đang bận nên Loa Xã dùng cổng {port}.", flush=True)
    place = f"Mở trình duyệt: {base_url}" if port is not None else "Tiến trình này không có trang web."
    print(f"Loa Xã đang chạy. {place}", flush=True)
    if app.telegram is not None:
        print(f"Telegram: bot số {app.telegram.bot}.", flush=True)
    if app.zalo:
        print(f"Zalo: {len(app.zalo)} bot, số {', '.join(one.bot for one in app.zalo)}.", flush=True)
    if not app.bots and app.simulator is not None:
        print("Chưa có bot nhắn tin nào: mọi người dùng điện thoại mô phỏng trên trang.", flush=True)
    print("Dừng: Ctrl-C.", flush=True)


def with_port(settings: Settings, port: int) -> Settings:
    return settings if port < 0 else settings.model_copy(update={"http_port": port})
