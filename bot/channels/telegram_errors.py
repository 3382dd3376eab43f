"""Sorts what went wrong at Telegram by one question: can the message have left?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.logs import without_tokens
from scheduler.channel import ChannelError

PERMANENT = {
    "bot was blocked by the user": "Người nhận đã chặn bot trên Telegram",
    "user is deactivated": "Tài khoản Telegram của người nhận không còn hoạt động",
    "bot can't initiate conversation with a user": "Người nhận chưa bấm Bắt đầu với bot trên Telegram",
    "bot can't send messages to bots": "Địa chỉ Telegram này là của một bot, không phải của người",
    "chat not found": "Không tìm thấy cuộc trò chuyện này trên Telegram",
    "peer_id_invalid": "Không tìm thấy cuộc trò chuyện này trên Telegram",
    "bot was kicked from the group chat": "Bot đã bị đưa ra khỏi nhóm Telegram",
    "bot was kicked from the supergroup chat": "Bot đã bị đưa ra khỏi nhóm Telegram",
    "bot is not a member of the supergroup chat": "Bot không còn trong nhóm Telegram",
    "the group chat was deleted": "Nhóm Telegram đã bị xóa",
}
"""Answers after which this address will not work again, word for word as the Bot API gives them (in lower
case, without "Forbidden: " and "Bad Request: "). An answer that is not here is not permanent."""

_NO_ANSWER = "Telegram không trả lời rõ ràng"

_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_PAUSE_UNSTATED = timedelta(seconds=5)
"""For a 429 that does not say how long (a proxy's, or a broken one)."""


def _sorted_error(error: TelegramError) -> ChannelError:
    """The ChannelError for what PTB raised. The order counts: BadRequest is a NetworkError."""
    match error:
        case RetryAfter():
            after = error.retry_after
            pause = after if isinstance(after, timedelta) else timedelta(seconds=after)
            return ChannelError(f"Telegram yêu cầu chờ {pause.total_seconds():.0f} giây", retry_after=pause)
        case Forbidden() | BadRequest():
            return _refusal(error.message)
        case ChatMigrated():
            return ChannelError("Nhóm Telegram đã đổi thành nhóm lớn", permanent=True)
        case InvalidToken():
            return ChannelError("Telegram không nhận mã bot, xin kiểm tra LOAXA_TELEGRAM_TOKEN")
        case Conflict():
            return _conflict(error.message)
    if isinstance(error.__cause__, _NEVER_LEFT):
        return ChannelError(f"Không kết nối được Telegram ({type(error.__cause__).__name__})")
    return _unclear(error.message)


@contextmanager
def unchanged_is_fine() -> Iterator[None]:
    try:
        yield
    except BadRequest as error:
        if not error.message.casefold().startswith("message is not modified"):
            raise


@contextmanager
def sorted_errors(*, part_of_it_left: bool = False) -> Iterator[None]:
    """Turns what PTB raises into ChannelError; an answer PTB trips over is as unclear as none."""
    try:
        yield
    except TelegramError as error:
        failure = _sorted_error(error)
        failure.maybe_delivered |= part_of_it_left
        raise failure from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ChannelError(f"{_NO_ANSWER} ({type(error).__name__})", maybe_delivered=True) from error


def _refusal(message: str) -> ChannelError:
    answer = message.removeprefix("Forbidden: ").casefold()
    if answer in PERMANENT:
        return ChannelError(PERMANENT[answer], permanent=True)
    return ChannelError(f"Telegram từ chối: {without_tokens(message)}")


def _conflict(message: str) -> ChannelError:
    if "webhook" in message:
        return ChannelError("Bot đang nhận tin qua webhook nên không hỏi tin được")
    return ChannelError(
        "Một chương trình khác đang nhận tin của bot này. Mỗi mã bot chỉ dùng cho một chương trình"
    )


def _unclear(message: str) -> ChannelError:
    # PTB has no exception for a 429 without retry_after, nor for 413: both were answered, so nothing left.
    if message.startswith("Too Many Requests"):
        return ChannelError("Telegram yêu cầu gửi chậm lại", retry_after=_PAUSE_UNSTATED)
    if message.startswith("Request Entity Too Large"):
        return ChannelError("Tệp quá lớn đối với Telegram")
    return ChannelError(f"{_NO_ANSWER} ({without_tokens(message)[:120]})", maybe_delivered=True)
