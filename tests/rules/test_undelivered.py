"""Why a message did not arrive, and what helps, in words without codes."""

from __future__ import annotations

import unicodedata

import pytest

from airlog.types import AddressState, DeliveryState
from airlog.undelivered import STEPS, NextStep, next_step, why, why_no_message

ACTIVE, BLOCKED = AddressState.ACTIVE, AddressState.BLOCKED
FAILED, UNKNOWN, CANCELLED = DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.CANCELLED


@pytest.mark.parametrize(
    ("state", "chat", "error", "said"),
    [
        (FAILED, BLOCKED, "Người nhận đã chặn bot trên Telegram", "Người nhận đã chặn bot trên Telegram"),
        (FAILED, BLOCKED, "", "Người nhận đã chặn Loa Xã"),
        (FAILED, ACTIVE, "hết tuần mà chưa gửi được", "Hết tuần mà chưa gửi được"),
        (
            FAILED,
            ACTIVE,
            "Không kết nối được Telegram (ConnectError)",
            "Không kết nối được Telegram",
        ),
        (
            FAILED,
            ACTIVE,
            "KeyError('x')",
            "Loa Xã gặp lỗi khi làm tin này, người quản trị xem nhật ký máy",
        ),
        (FAILED, ACTIVE, "", "Kênh nhắn tin không nhận tin"),
        (UNKNOWN, ACTIVE, "Telegram không trả lời rõ ràng (TimedOut)", "Telegram không trả lời rõ ràng"),
        (UNKNOWN, ACTIVE, "", "Kênh nhắn tin không trả lời, có thể tin đã tới"),
        (CANCELLED, ACTIVE, "", "Chiến dịch dừng trước khi gửi"),
        (DeliveryState.SENT, ACTIVE, "máy chủ bận", ""),
        (DeliveryState.QUEUED, ACTIVE, "", ""),
        (DeliveryState.RETRYING, ACTIVE, "máy chủ bận", "Máy chủ bận"),
    ],
)
def test_the_reason_is_plain(state: DeliveryState, chat: AddressState, error: str, said: str) -> None:
    assert why(state, chat, error) == said


@pytest.mark.parametrize(
    ("chats", "blocked", "is_over", "said"),
    [
        (0, None, False, "Chưa gắn điện thoại"),
        (1, "đã chặn bot", False, "Đã chặn bot"),
        (1, "", False, "Người nhận đã chặn Loa Xã"),
        (1, None, False, "Chỉ gắn kênh nhắn tin hiện không chạy"),
        (1, None, True, "Trong tuần chưa gắn điện thoại"),
    ],
)
def test_somebody_without_a_message_has_a_reason_too(
    chats: int, blocked: str | None, is_over: bool, said: str
) -> None:
    assert why_no_message(chats, blocked, is_over) == said


@pytest.mark.parametrize(
    ("state", "chat", "is_over", "step"),
    [
        (FAILED, ACTIVE, False, NextStep.RESEND),
        (FAILED, ACTIVE, True, NextStep.CALL),
        (FAILED, BLOCKED, False, NextStep.REOPEN),
        (UNKNOWN, ACTIVE, False, NextStep.ASKED),
        (UNKNOWN, ACTIVE, True, NextStep.CALL),
        (CANCELLED, ACTIVE, False, NextStep.NOTHING),
        (DeliveryState.SENT, BLOCKED, False, NextStep.NOTHING),
        (DeliveryState.RETRYING, ACTIVE, False, NextStep.WAIT),
    ],
)
def test_the_next_step_is_one_that_helps(
    state: DeliveryState, chat: AddressState, is_over: bool, step: NextStep
) -> None:
    assert next_step(state, chat, is_over) is step


def test_every_step_has_words_without_exclamation_marks() -> None:
    assert set(STEPS) == set(NextStep)
    assert all(unicodedata.is_normalized("NFC", text) and "!" not in text for text in STEPS.values())
