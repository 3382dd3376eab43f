"""Commands of the Zalo bots: who they are, and where Zalo sends what people write."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import typer

from bot import console
from bot.channels.zalo import ZaloChannel
from bot.channels.zalo_answers import Verification
from bot.settings import Settings
from scheduler.channel import ChannelError

zalo_app = typer.Typer(help="Các bot Zalo.", no_args_is_help=True)
_OUTCOMES = {
    "webhook.ok": "Zalo gọi được",
    "webhook.http.403": "máy chủ hoặc dịch vụ chắn phía trước từ chối Zalo",
    "webhook.http.404": "không có trang ở địa chỉ này; kiểm tra “loaxa run” đang chạy với LOAXA_ZALO_WEBHOOK",
    "webhook.http": "máy chủ trả lời lỗi",
    "webhook.err": "Zalo không tới được địa chỉ này",
}
"""The longest beginning that fits; the names after it differ between descriptions of Zalo."""


@dataclass(frozen=True)
class BotLine:
    """A bot as Zalo has it. `webhook`: where updates go; empty when it is asked for them."""

    bot: str
    ok: bool
    link: str
    webhook: str
    detail: str


def add_to(app: typer.Typer) -> None:
    """Hang these commands under the program."""
    app.add_typer(zalo_app, name="zalo")


@zalo_app.command("bots")
def zalo_bots(as_json: console.Json = False) -> None:
    """Các bot Zalo đã đặt: địa chỉ mở trò chuyện, nhận tin bằng cách nào. Không thay đổi gì."""
    _show(asyncio.run(_each(console.settings(), _look)), as_json)


@zalo_app.command("webhook")
def zalo_webhook(as_json: console.Json = False) -> None:
    """Báo cho Zalo gửi tin của mọi bot về LOAXA_BASE_URL. Zalo giới hạn số lần mỗi ngày."""
    settings = console.settings()
    if not settings.zalo_webhook:
        raise console.CommandFailed("Anh/chị đặt LOAXA_ZALO_WEBHOOK=true và LOAXA_BASE_URL rồi chạy lại.")
    _show(asyncio.run(_each(settings, lambda channel: _register(channel, settings))), as_json)


async def _look(channel: ZaloChannel) -> BotLine:
    await channel.start()
    url = (await channel.webhook_state()).url
    return BotLine(
        channel.bot, True, channel.link(), url, f"webhook {url}" if url else "hỏi Zalo để nhận tin"
    )


async def _register(channel: ZaloChannel, settings: Settings) -> BotLine:
    from bot.webhook import zalo_path

    await channel.start()
    token = next(one for one in settings.zalo_bots if one.startswith(f"{channel.bot}:"))
    url = settings.base_url.rstrip("/") + zalo_path(channel)
    told = (await channel.set_webhook(url, settings.zalo_secret(token))).verification or Verification()
    return BotLine(channel.bot, told.ok, channel.link(), url, _outcome(told.outcome))


async def _each(settings: Settings, work: Callable[[ZaloChannel], Awaitable[BotLine]]) -> list[BotLine]:
    """Raises CommandFailed when no bot is set; what one bot is refused stands in its line."""
    if not settings.zalo_bots:
        raise console.CommandFailed("Chưa đặt LOAXA_ZALO_TOKENS nên chưa có bot Zalo nào.")
    lines = []
    for token in settings.zalo_bots:
        channel = ZaloChannel(token, base_url=settings.zalo_base_url)
        try:
            lines.append(await work(channel))
        except ChannelError as error:
            lines.append(BotLine(channel.bot, False, "", "", error.reason))
        finally:
            await channel.close()
    return lines


def _show(lines: list[BotLine], as_json: bool) -> None:
    told = [f"Bot {one.bot}: {one.link or 'lỗi'}; {one.detail}" for one in lines]
    console.show({"bots": [asdict(one) for one in lines]}, as_json, told)
    if not all(one.ok for one in lines):
        raise typer.Exit(1)


def _outcome(name: str) -> str:
    fits = [start for start in _OUTCOMES if name.startswith(start)]
    words = _OUTCOMES[max(fits, key=len)] if fits else "Zalo chưa báo kết quả gọi thử"
    return f"đã đặt webhook; {words}" + (f" ({name})" if name else "")
