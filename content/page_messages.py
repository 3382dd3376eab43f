"""What the operator's page says beside what the chats say too (content/messages.py). Manner as there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from content.languages import names_of
from content.messages import AIRED, FILE_KINDS, at, cap, deadline
from content.week import Week
from content.wording import day_vi, week_vi

KEEP_TIME = "Giữ giờ này"
KNOWS = "Đã ghi: anh/chị đã biết tin này bị thu hồi. Cảm ơn anh/chị."
FILES_KEPT = "Đã nhận tệp làm bằng chứng. Cảm ơn anh/chị."
NOT_UNDERSTOOD = "Loa Xã chưa hiểu thao tác này nên chưa ghi gì. Anh/chị tải lại trang rồi bấm lại."
NO_FILE = "Chưa có tệp nào được chọn nên Loa Xã chưa nhận gì. Anh/chị chụp ảnh hoặc chọn tệp rồi bấm [Gửi]."
NO_RECALL = "Không có tin thu hồi này nên Loa Xã chưa ghi gì."
SENDING = "Đang gửi…"


def instead_of_buttons(url: str) -> str:
    """Under a reminder in a chat that has buttons."""
    return f"Nếu không bấm được nút, anh/chị báo trên trang riêng của mình: {url}"


NO_SUCH_LINK = (
    "Đường dẫn này không đúng nên Loa Xã chưa mở trang nào và chưa ghi gì. "
    "Anh/chị mở lại đường dẫn trong tin mới nhất, hoặc hỏi người phụ trách."
)


def expired_link(days: int) -> str:
    return (
        f"Đường dẫn này đã quá {days} ngày nên không dùng được nữa. Những gì đã xác nhận vẫn giữ nguyên. "
        "Anh/chị mở đường dẫn trong tin mới nhất của Loa Xã."
    )


def revoked_link(revoked_at: datetime) -> str:
    return (
        f"Đường dẫn này đã bị thu hồi lúc {at(revoked_at)} nên Loa Xã chưa ghi gì. "
        "Những gì đã xác nhận vẫn giữ nguyên. Anh/chị xin người phụ trách đường dẫn mới."
    )


LINK_OF_ONE_WHO_LEFT = (
    "Đường dẫn này của một người không còn phụ trách đài nên Loa Xã chưa ghi gì. "
    "Nếu mới được giao, anh/chị xin mã mời của người phụ trách."
)


def nothing_to_do(week: Week, stations: Sequence[str]) -> str:
    if not stations:
        return (
            "Hiện anh/chị không phụ trách đài nào. Nếu mới được giao, anh/chị xin mã mời của người phụ trách."
        )
    return f"{cap(week_vi(week))}: chưa có tin nào cho {'; '.join(stations)}. Khi có tin, tin hiện ở đây."


def open_still(week: Week) -> str:
    return f"Chưa có xác nhận. Hạn phát: trước {deadline(week)}."


OPEN_AFTER_ALL = "Chưa có xác nhận. Tuần này đã hết, đài vẫn ghi được tin đã phát hoặc phát bù."


def missing_languages(codes: Sequence[str]) -> str:
    return f"Bản âm thanh chưa có {names_of(codes)}. Phần này nhờ anh/chị đọc trực tiếp."


def said_by(name: str, channel: str) -> str:
    return f"Người báo: {name}, qua {channel}."


def not_aired(reason: str, stated_at: datetime) -> str:
    return (
        f"Đang ghi: chưa phát được, lý do: {reason} (báo lúc {at(stated_at)}). Khi phát được, bấm [{AIRED}]."
    )


def recalled(title: str, confirmed_at: datetime, reason: str, new_title: str | None) -> str:
    after = f"Xin phát tin thay thế: {new_title}." if new_title else "Tuần này không có tin thay thế."
    return (
        f"Thu hồi tin “{title}” lúc {at(confirmed_at)}. Xin anh/chị không phát tin này nữa. "
        f"Lý do: {reason.rstrip('.')}. {after}"
    )


def known_since(when: datetime) -> str:
    return f"Anh/chị đã báo biết lúc {at(when)}."


def old_stands(stated_at: datetime) -> str:
    return f"Việc phát bản cũ đã ghi lúc {at(stated_at)}."


def proofs_kept(kinds: Sequence[str]) -> str:
    """“Đã nhận 2 ảnh, 1 đoạn ghi âm.”; empty when there is none."""
    counted = [f"{kinds.count(kind)} {FILE_KINDS[kind]}" for kind in dict.fromkeys(kinds)]
    return f"Đã nhận {', '.join(counted)}." if counted else ""


def day_choice(day: date, today: date) -> str:
    near = {0: "hôm nay, ", 1: "hôm qua, "}.get((today - day).days, "")
    return f"{near}{day_vi(day)}"


TAP_TOO_OLD = (
    "Giờ trên máy của anh/chị chưa đúng nên Loa Xã chưa ghi lần bấm lúc mất mạng. Những gì đã ghi trước đó "
    f"vẫn giữ nguyên. Anh/chị tải lại trang rồi bấm [{AIRED}]."
)
HEIC = (
    "Loa Xã chưa mở được ảnh dạng HEIC của iPhone nên chưa nhận. Xác nhận đã ghi vẫn giữ nguyên. Anh/chị chụp "
    "lại bằng nút [Chụp ảnh] trên trang này, hoặc vào Cài đặt, Camera, Định dạng, chọn “Tương thích nhất”."
)


def in_app(app: str) -> str:
    """`app`: Zalo, Facebook; empty when the page does not know."""
    where = f"Anh/chị đang mở trang này trong {app}. " if app else ""
    return (
        f"{where}Nếu không nghe được, không tải được tệp hoặc không gửi được ảnh: bấm nút ba chấm ở góc màn hình, "
        "chọn “Mở bằng trình duyệt”."
    )


def too_large_to_send(most_mb: int) -> str:
    return f"Tệp lớn hơn {most_mb} MB nên chưa gửi. Anh/chị chọn ảnh hoặc đoạn ghi âm ngắn hơn."


TAP_KEPT = (
    "Mất mạng. Loa Xã đã giữ lần bấm lúc {gio} trên máy này và tự gửi khi có mạng lại. "
    "Anh/chị có thể đóng trang; khi mở lại, Loa Xã gửi tiếp."
)
"""The script puts the time of the tap in place of the gap."""
TAP_NOT_KEPT = "Mất mạng nên Loa Xã chưa ghi được. Anh/chị bấm lại khi có mạng."
TAP_SENT = "Đã có mạng lại. Loa Xã đã ghi lần bấm lúc {gio}."
