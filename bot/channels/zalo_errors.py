"""Sorts what went wrong at the Zalo Bot Platform by one question: can the message have left?

Nothing of Zalo's answers to a blocked bot or a deleted chat is documented, so no single answer turns an address off:
see `ZaloChannel.send`. There is no idempotency key either: what may have arrived is never sent again by the machine.
"""

from __future__ import annotations

from datetime import timedelta

import httpx

from bot.logs import without_tokens
from scheduler.channel import ChannelError

NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
UNAUTHORIZED, NOT_FOUND, TIMED_OUT, QUOTA = 401, 404, 408, 429
ABOUT_THE_CHAT = (400, NOT_FOUND)
"""A message, or its chat, is refused for good; which of the two the answer does not say."""
TOKEN_PAUSE = timedelta(minutes=15)
QUOTA_PAUSES = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))
"""A monthly plan that is used up and a rate that is too high get the same answer, without a time to wait."""


class ZaloError(ChannelError):
    """`code`: the error code of the envelope, the HTTP status where there was no envelope, 0 without any answer."""

    def __init__(
        self,
        reason: str,
        code: int = 0,
        *,
        maybe_delivered: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(reason, maybe_delivered=maybe_delivered, retry_after=retry_after)
        self.code = code


def refusal(code: int, description: str) -> ZaloError:
    """What an answer that is not `ok` means. A code between 400 and 499 says that nothing was accepted, but for 408."""
    told = without_tokens(description)[:120]
    match code:
        case 401:
            reason = "Zalo không nhận mã bot, xin kiểm tra LOAXA_ZALO_TOKENS"
            return ZaloError(reason, code, retry_after=TOKEN_PAUSE)
        case 408:
            return ZaloError("Zalo hết giờ chờ, chưa rõ tin đã tới chưa", code, maybe_delivered=True)
        case 426:
            return ZaloError("Hôm nay đã hết lượt đặt hoặc thử webhook của Zalo, xin làm lại ngày mai", code)
        case 429:
            return ZaloError("Bot Zalo hết lượt gửi hoặc gửi quá nhanh", code, retry_after=QUOTA_PAUSES[0])
    if 400 <= code < 500:
        return ZaloError(f"Zalo từ chối ({code}): {told}", code)
    return ZaloError(f"Zalo báo lỗi ({code}): {told}", code, maybe_delivered=True)


def unreadable(status: int) -> ZaloError:
    """An answer without the envelope: a web page of something in between. Its status alone can say that it refused."""
    if 400 <= status < 500:
        return refusal(status, "")
    return ZaloError(f"Zalo không trả lời rõ ràng ({status})", status, maybe_delivered=True)


def not_answered(error: httpx.HTTPError | httpx.InvalidURL) -> ZaloError:
    if isinstance(error, (*NEVER_LEFT, httpx.InvalidURL)):
        return ZaloError(f"Không kết nối được Zalo ({type(error).__name__})")
    return ZaloError(f"Zalo không trả lời ({type(error).__name__})", maybe_delivered=True)


class QuotaPause:
    """15 minutes, then an hour, then six: until a message is taken again. Refusals within one pause count once."""

    def __init__(self) -> None:
        self._step, self._until_s = 0, 0.0

    def refused(self, now_s: float) -> timedelta:
        """How long to be silent from `now_s` on (any clock that only goes forward)."""
        if now_s >= self._until_s:
            length = QUOTA_PAUSES[min(self._step, len(QUOTA_PAUSES) - 1)]
            self._step, self._until_s = self._step + 1, now_s + length.total_seconds()
        return timedelta(seconds=self._until_s - now_s)

    def taken(self) -> None:
        self._step, self._until_s = 0, 0.0
