"""What the chats say to an admin who makes a campaign from the library. Manner as in content/messages.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from content.messages import at, cap
from content.week import Week
from content.wording import WEEKDAYS, week_vi

WEEKS = "Lập chiến dịch từ thư viện đã duyệt. Anh/chị chọn số tuần."
START = "Bắt đầu từ tuần nào?"
HOUR = "Gửi tin vào lúc nào trong tuần?"


def week_choice(week: Week) -> str:
    return cap(week_vi(week))


def hour_choice(day: int, clock: str) -> str:
    return f"{cap(WEEKDAYS[day])}, {clock[:2]}:{clock[2:]}"


def name(first: Week, area: str) -> str:
    return f"Chuyển đổi số từ tuần {first.number}/{first.year}, {area}"


def preview(
    name: str, stations: int, operators: int, without_chat: int, rows: Sequence[tuple[Week, datetime, str]]
) -> str:
    lines = [f"Xem trước “{name}”:", f"{stations} đài, {operators} cán bộ nhận tin."]
    if without_chat:
        lines.append(f"{without_chat} cán bộ chưa gắn điện thoại nên chưa nhận được tin.")
    lines += [f"Tuần {week.number}, gửi {at(send_at)}: {title}" for week, send_at, title in rows[:30]]
    return "\n".join([*lines, "Chưa gửi gì. Anh/chị bấm [Khởi chạy] để bắt đầu."])


def launched(name: str) -> str:
    return f"Đã khởi chạy “{name}”. Đến giờ, tin tự gửi đi. Anh/chị theo dõi ở trang Chiến dịch."


def runs(name: str) -> str:
    return f"“{name}” đang chạy nên Loa Xã giữ nguyên. Muốn dừng, anh/chị mở trang Chiến dịch."


def dropped(name: str) -> str:
    return f"Đã bỏ “{name}”. Chưa gửi gì."
