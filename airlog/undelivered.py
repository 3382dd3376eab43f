"""Why a message did not arrive, in words an admin understands, and what a person can do about it. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

from airlog.types import AddressState, DeliveryState

_FAULT_OF_OURS = re.compile(r"^[A-Za-z_.]+\(")
"""What `repr` makes of an exception; the log has the rest."""
_TECHNICAL = re.compile(r"\s*\([^()]*\)$")
_USUAL = {
    DeliveryState.FAILED: "Kênh nhắn tin không nhận tin",
    DeliveryState.UNKNOWN: "Kênh nhắn tin không trả lời, có thể tin đã tới",
    DeliveryState.CANCELLED: "Chiến dịch dừng trước khi gửi",
}


class NextStep(StrEnum):
    """What helps."""

    NOTHING = "nothing"
    WAIT = "wait"
    """It goes on by itself."""
    ASKED = "asked"
    """The program asks the person whether it came; who does not answer is called."""
    RESEND = "resend"
    CALL = "call"
    INVITE = "invite"
    REOPEN = "reopen"
    """The person has to open the chat again; with a new phone, a new code helps."""


STEPS: dict[NextStep, str] = {
    NextStep.NOTHING: "",
    NextStep.WAIT: "Loa Xã tự gửi, không cần làm gì",
    NextStep.ASKED: "Loa Xã hỏi lại người nhận; chưa trả lời thì gọi điện",
    NextStep.RESEND: "Bấm Gửi lại tin lỗi",
    NextStep.CALL: "Gọi điện",
    NextStep.INVITE: "Gửi mã mời",
    NextStep.REOPEN: "Gọi điện, nhờ bấm Bắt đầu với Loa Xã; nếu đổi máy, gửi mã mời mới",
}


def why(state: DeliveryState, chat: AddressState, error: str) -> str:
    """The reason in plain words; empty for what arrived or is still to leave for the first time."""
    if state is DeliveryState.SENT or (not error and state not in _USUAL):
        return ""
    if chat is AddressState.BLOCKED and not error:
        return "Người nhận đã chặn Loa Xã"
    if not error:
        return _USUAL[state]
    if _FAULT_OF_OURS.match(error):
        return "Loa Xã gặp lỗi khi làm tin này, người quản trị xem nhật ký máy"
    plain = _TECHNICAL.sub("", error).strip()
    return plain[:1].upper() + plain[1:]


def why_no_message(chats: int, blocked: str | None, is_over: bool) -> str:
    """Of somebody to whom no message could be made. `blocked`: why a chat was turned off, None when none was."""
    if not chats:
        return "Chưa gắn điện thoại"
    if blocked is not None:
        return blocked[:1].upper() + blocked[1:] if blocked else "Người nhận đã chặn Loa Xã"
    return "Trong tuần chưa gắn điện thoại" if is_over else "Chỉ gắn kênh nhắn tin hiện không chạy"


def next_step(state: DeliveryState, chat: AddressState, is_over: bool) -> NextStep:
    """What helps a person with a message in this state."""
    if state in (DeliveryState.SENT, DeliveryState.CANCELLED):
        return NextStep.NOTHING
    if chat is AddressState.BLOCKED:
        return NextStep.REOPEN
    if is_over:
        return NextStep.CALL
    if state is DeliveryState.UNKNOWN:
        return NextStep.ASKED
    return NextStep.RESEND if state is DeliveryState.FAILED else NextStep.WAIT
