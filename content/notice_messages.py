"""What goes out unasked: the week's item, its reminders, how the week ended, and alerts. Manner as in content/messages.py."""

from __future__ import annotations

from collections.abc import Sequence

from content.messages import AIRED, CANNOT, FILES, cap, deadline
from content.week import Week
from content.wording import duration_vi, week_vi

NO_SOUND = "Tuần này chưa có bản âm thanh. Nhờ anh/chị đọc trực tiếp lời đọc dưới đây."
MAYBE_REPEATED = "(Tin này có thể đã tới anh/chị một lần rồi.)"
CHANNEL_NAMES = {"telegram": "Telegram", "zalo": "Zalo", "simulator": "điện thoại mô phỏng"}


def item_notice(
    week: Week,
    title: str,
    seconds: int | None,
    station: str | None,
    attachments: int,
    script: str | None,
    more: Sequence[str] = (),
    readings: int = 2,
) -> str:
    """The weekly message. `station` only for people who serve several; `script` only when there is no sound; `more`:
    titles of further items; `readings`: how often each is read in the sound."""
    lines = [f"Tin {week_vi(week)}: {title}"]
    if more:
        lines.append(f"và {len(more)} tin nữa: {'; '.join(more)}")
    if station:
        lines.append(cap(station))
    if seconds is not None:
        lines.append(
            f"Dài {duration_vi(seconds)}, {'mỗi tin đọc một lần' if readings == 1 else 'đã gồm hai lần đọc'}."
        )
    else:
        lines.append(NO_SOUND)
    lines.append(f"Anh/chị phát trên loa ít nhất một lần trước {deadline(week)}, phát xong bấm nút bên dưới.")
    if attachments:
        lines.append(f"Có {attachments} tệp kèm theo, bấm [{FILES}] để nhận.")
    return "\n".join(lines) + (f"\n\nĐọc trực tiếp:\n{script}" if script else "")


def reminder_1(week: Week, place: str) -> str:
    return (
        f"Tin {week_vi(week)} của {place} chưa có xác nhận. Nếu đã phát, anh/chị bấm [{AIRED}]; "
        f"nếu có vướng mắc, bấm [{CANNOT}] để người phụ trách hỗ trợ."
    )


def reminder_2(week: Week, place: str, officer: tuple[str, str] | None) -> str:
    text = f"Còn đến {deadline(week)} để phát tin tuần {week.number} của {place}."
    return text + (f" Cần giúp, gọi {officer[0]}, {officer[1]}." if officer else "")


def nudge(week: Week, place: str) -> str:
    return f"Người phụ trách hỏi thăm: tin {week_vi(week)} của {place} đã phát chưa? Anh/chị bấm một nút bên dưới."


def ask_received(week: Week) -> str:
    return f"Anh/chị đã nhận tin tuần {week.number} chưa?"


def digest(week: Week, area: str, counts: tuple[int, int, int, int, int], names: Sequence[str]) -> str:
    """`counts`: aired, late, cannot, silent or pending, total. `names`: the places that have not answered."""
    aired, late, cannot, waiting, total = counts
    parts = [f"{aired + late}/{total} đài đã phát"]
    if late:
        parts.append(f"trong đó {late} đài phát bù")
    if cannot:
        parts.append(f"{cannot} đài báo không phát được")
    if waiting:
        shown = ", ".join(names[:12]) + (f" và {len(names) - 12} đài khác" if len(names) > 12 else "")
        parts.append(f"{waiting} đài chưa trả lời ({shown})")
    return f"{cap(week_vi(week))}, {area}: " + ", ".join(parts) + "."


def no_track_alert(week: Week, title: str) -> str:
    return (
        f"Tin {week_vi(week)} “{title}” chưa có bản âm thanh phát được. Lời đọc vẫn gửi đúng giờ để đài "
        "đọc trực tiếp. Anh/chị mở trang tin bài để xem vì sao và làm lại bản âm thanh."
    )


def voice_alert(week: Week, title: str, trouble: str) -> str:
    """`trouble`: whole sentences; empty when the sound was made anew meanwhile as it was wished for."""
    return (
        f"Tin {week_vi(week)} “{title}” đã có bản âm thanh, nhưng chưa đúng giọng hoặc cách phát đã chọn. "
        + (f"{trouble} " if trouble else "")
        + "Tin vẫn gửi đúng giờ. Anh/chị mở trang tin bài để nghe lại; nếu tuần nào cũng vậy, xem phần giọng đọc "
        "ở trang Hệ thống."
    )


def lost_operators(lines: Sequence[tuple[str, Sequence[str], str | None]]) -> str:
    """Operators a chat no longer reaches: (name, communes, another chat that works)."""
    if not lines:
        return "Các cán bộ vừa mất liên lạc nay đã nhắn tin lại được. Anh/chị không cần làm gì."
    told = [
        f"• {name} ({', '.join(places)}): "
        + (f"đã chuyển sang {CHANNEL_NAMES.get(other, other)}" if other else "chưa có cách nhắn khác")
        for name, places, other in lines
    ]
    return (
        f"Loa Xã không còn nhắn được cho {len(lines)} cán bộ truyền thanh (đã chặn bot hoặc đổi tài khoản):\n"
        + "\n".join(told)
        + "\nAnh/chị gọi điện nhờ cán bộ mở lại cuộc trò chuyện với bot, hoặc lấy mã mời mới ở trang của đài."
    )
