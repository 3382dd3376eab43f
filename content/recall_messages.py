"""What the chats say about a recall. Manner as in content/messages.py: never blame, never alarm, one act a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from content.messages import AIRED, at, cap, deadline
from content.week import Week
from content.wording import week_vi

GOT_IT = "Tôi đã rõ"
OLD_AIRED = "Đã phát bản cũ"
OLD_NOT_AIRED = "Chưa phát"
NEW_AIRED = "Đã phát tin thay thế"
OWN_ITEM = "Ghi tin của đài"
OPEN_PAGE = "Mở trang xác nhận"
REPLACEMENT = "bản thay thế"
OLD_WORDS, NEW_WORDS = "bản cũ đã thu hồi", "tin thay thế"
ONLY_OLD = "đã phát bản cũ, bản này đã thu hồi"


def notice(week: Week, title: str, reason: str, new_title: str | None, stations: Sequence[str]) -> str:
    """To everybody who has the old item. `stations` only for people who serve several."""
    lines = [f"Thu hồi tin {week_vi(week)}: {title}. Xin anh/chị không phát tin này nữa."]
    if stations:
        lines.append(cap("; ".join(stations)) + ".")
    lines.append(f"Lý do: {reason.rstrip('.')}.")
    if new_title is not None:
        lines.append(f"Loa Xã gửi tin thay thế ngay: {new_title}. Anh/chị phát tin thay thế.")
        lines.append(f"Nếu đã phát bản cũ, anh/chị bấm [{OLD_AIRED}] rồi phát tin thay thế để đính chính.")
    else:
        lines.append("Tuần này không có tin thay thế. Đài có thể phát tin tự làm, ghi bằng lệnh /tincuadai.")
        lines.append(f"Nếu đã phát, anh/chị bấm [{OLD_AIRED}] để nhật ký ghi đúng.")
    lines.append(f"Đọc xong, anh/chị bấm [{GOT_IT}] để người phụ trách biết tin này đã tới.")
    return "\n".join(lines)


def replaces(item_notice: str, recalled_at: datetime) -> str:
    """The weekly message of an item that takes the place of a recalled one."""
    return f"Tin thay thế cho tin đã thu hồi lúc {at(recalled_at)}.\n{item_notice}"


def old_item(week: Week, title: str, confirmed_at: datetime) -> str:
    """Stands on the old message in place of its words."""
    return f"Tin {week_vi(week)}: {title}\nĐã thu hồi lúc {at(confirmed_at)}, xin không phát."


def acknowledged(when: datetime) -> str:
    return f"Đã ghi lúc {at(when)}: anh/chị đã biết tin này bị thu hồi. Cảm ơn anh/chị."


def already_acknowledged(when: datetime) -> str:
    return f"Anh/chị đã báo biết lúc {at(when)}. Không cần bấm lại."


def was_it_aired(week: Week, title: str, confirmed_at: datetime, reason: str) -> str:
    """The answer to any button of an old message, except those that take something back."""
    return (
        f"Tin {week_vi(week)} “{title}” đã thu hồi lúc {at(confirmed_at)}, xin không phát. "
        f"Lý do: {reason.rstrip('.')}. Loa Xã chưa ghi gì.\nBản cũ này đài đã phát chưa?"
    )


def which_was_aired(week: Week, new_title: str) -> str:
    return (
        f"Tin {week_vi(week)} có một bản đã thu hồi và tin thay thế “{new_title}”. Loa Xã chưa ghi gì. "
        "Đài đã phát bản nào?"
    )


def old_recorded(stated_at: datetime, station: str, week: Week, has_new: bool) -> str:
    text = f"Đã ghi lúc {at(stated_at)}: {station} đã phát bản cũ của tin tuần {week.number}."
    if has_new:
        text += f" Anh/chị phát tin thay thế trước {deadline(week)} để đính chính, phát xong bấm [{AIRED}] dưới tin đó."
    return text + "\nBản cũ phát lúc nào?"


def old_already(stated_at: datetime) -> str:
    return f"Việc phát bản cũ đã ghi lúc {at(stated_at)}. Không cần bấm lại."


def old_not_aired(week: Week, has_new: bool) -> str:
    after = (
        f"Anh/chị phát tin thay thế trước {deadline(week)}, phát xong bấm [{AIRED}] dưới tin đó."
        if has_new
        else "Tuần này không có tin thay thế. Đài có thể ghi tin tự làm bằng lệnh /tincuadai."
    )
    return f"Cảm ơn anh/chị. Xin không phát bản cũ. {after}"


def no_item_any_more(week: Week, confirmed_at: datetime) -> str:
    return (
        f"Tin {week_vi(week)} đã thu hồi lúc {at(confirmed_at)} và không có tin thay thế. "
        "Đài có thể phát tin tự làm, ghi bằng lệnh /tincuadai."
    )


def new_item_follows(week: Week, confirmed_at: datetime) -> str:
    return (
        f"Tin {week_vi(week)} trước đó đã thu hồi lúc {at(confirmed_at)} nên Loa Xã không gửi lại. "
        "Tin thay thế sẽ tới ngay."
    )


def asked(week: Week, title: str, asked_by: str, reason: str) -> str:
    """To those who can confirm a request."""
    return (
        f"{asked_by} đề nghị thu hồi tin {week_vi(week)}: {title}.\nLý do: {reason.rstrip('.')}.\n"
        f"Chưa có gì bị dừng. Anh/chị bấm [{OPEN_PAGE}], xem lại rồi xác nhận hoặc hủy."
    )


SETTLED_REQUEST = "Yêu cầu thu hồi này đã được xử lý. Anh/chị không cần làm gì thêm."


def page_link(login_url: str, page_url: str) -> str:
    return (
        f"Anh/chị mở đường dẫn này trong 10 phút, dùng được một lần:\n{login_url}\n"
        f"Đăng nhập xong, mở trang thu hồi:\n{page_url}"
    )


NO_SUCH_RECALL = "Không có tin thu hồi này. Loa Xã chưa ghi gì."
