"""What the chats answer operators and everybody. Manner: anh/chị, short, the first line asks, the last says what comes
next. What goes out unasked: content/notice_messages.py.

Pure wording: whoever calls has read the record already. Button labels stand beside the texts they go with.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from content.week import LOCAL, Week
from content.wording import deadline_vi, moment_vi, time_vi, week_vi

AIRED = "Đã phát"
CANNOT = "Chưa phát được"
SCRIPT = "Xem lời đọc"
FILES = "Tệp kèm theo"
JUST_NOW, THIS_MORNING, YESTERDAY, OTHER_TIME = "Vừa phát xong", "Sáng nay", "Chiều qua", "Giờ khác"
PROOF = "Gửi ảnh, ghi âm"
UNDO = "Bấm nhầm, hủy"
LEADER = "Lãnh đạo xã đã duyệt"
KEEP_TIME, OWN_ITEM = "Giữ giờ này", "Tin của đài"
REASONS = {
    "no_power": "Mất điện",
    "broken": "Hỏng loa, máy",
    "no_network": "Mất mạng",
    "weather": "Thời tiết xấu",
    "not_cleared": "Chưa được duyệt",
    "no_slot": "Lịch đã kín",
    "other": "Lý do khác",
}
ROLES = {
    "operator": "cán bộ truyền thanh",
    "officer": "người phụ trách",
    "editor": "biên tập",
    "approver": "người duyệt tin",
    "admin": "quản trị",
    "leader": "lãnh đạo xã",
}


def cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def at(moment: datetime) -> str:
    """“17 giờ 25, thứ Ba 24/11”, in Viet Nam's time."""
    return moment_vi(moment.astimezone(LOCAL))


def deadline(week: Week) -> str:
    return deadline_vi(week.ends_at.astimezone(LOCAL))


def recorded(stated_at: datetime, station: str, week: Week) -> str:
    return f"Đã ghi lúc {at(stated_at)}: {station} báo đã phát tin tuần {week.number}.\nTin phát lúc nào?"


def already(stated_at: datetime) -> str:
    return f"Tin này anh/chị đã xác nhận lúc {at(stated_at)}. Không cần bấm lại."


def already_by(name: str, stated_at: datetime) -> str:
    return f"Tin này {name} đã xác nhận lúc {at(stated_at)}. Anh/chị không cần bấm lại."


def time_recorded(aired_at: datetime, station: str, week: Week) -> str:
    return f"Đã ghi: {station} phát tin tuần {week.number} lúc {at(aired_at)}. Cảm ơn anh/chị."


ASK_TIME = "Tin phát lúc nào? Anh/chị gõ giờ, ví dụ 17:30, hoặc cả ngày, ví dụ 17:30 24/11."


def bad_time(typed: str) -> str:
    return (
        f"Chưa ghi được giờ phát “{typed}”. Nội dung xác nhận khác vẫn giữ nguyên. "
        "Anh/chị gõ lại giờ, ví dụ 17:30."
    )


def future_time(aired_at: datetime) -> str:
    return f"Chưa tới {at(aired_at)} nên Loa Xã chưa ghi giờ này. Anh/chị gõ lại giờ đã phát, ví dụ 17:30."


def before_sent(aired_at: datetime, sent_at: datetime) -> str:
    return (
        f"Tin tuần này gửi lúc {at(sent_at)}, sau giờ anh/chị vừa chọn ({at(aired_at)}). "
        f"Nếu đài đã phát một tin khác của đài, bấm [{OWN_ITEM}]; nếu nhớ nhầm, bấm [{OTHER_TIME}]."
    )


ASK_REASON = "Vì sao chưa phát được?"
ASK_OTHER_REASON = "Anh/chị gõ lý do trong một câu ngắn."


def reason_recorded(reason: str, station: str, week: Week) -> str:
    return (
        f"Đã ghi: {station} chưa phát được tin tuần {week.number}, lý do: {reason}. "
        f"Người phụ trách sẽ thấy. Khi phát được, anh/chị bấm [{AIRED}]."
    )


def aired_stands(stated_at: datetime) -> str:
    return (
        f"Tin này đang ghi là đã phát (xác nhận lúc {at(stated_at)}). "
        f"Nếu bấm nhầm, anh/chị bấm [{UNDO}] rồi chọn lại."
    )


def withdrawn(station: str, week: Week) -> str:
    return f"Đã hủy xác nhận tin tuần {week.number} của {station}. Khi phát xong, anh/chị bấm [{AIRED}]."


NOTHING_TO_UNDO = "Không có xác nhận nào để hủy. Loa Xã giữ nguyên như cũ."


def leader_cleared(week: Week) -> str:
    return f"Đã ghi: lãnh đạo xã duyệt tin tuần {week.number}. Phát xong anh/chị bấm [{AIRED}]."


ASK_PROOF = "Anh/chị chụp ảnh loa, máy đang phát hoặc ghi âm vài giây rồi gửi vào đây. Không bắt buộc."


def proof_kept(kind: str, week: Week) -> str:
    return f"Đã nhận {kind} làm bằng chứng phát tin tuần {week.number}. Cảm ơn anh/chị."


PROOF_FOR_WHICH = "Loa Xã đã nhận tệp. Đây là bằng chứng của tin nào?"
PROOF_OF_NOTHING = (
    "Loa Xã chưa giữ tệp này vì chưa có tin nào được xác nhận đã phát. "
    f"Anh/chị bấm [{AIRED}] dưới tin đã phát trước, rồi gửi lại tệp."
)


def file_too_large(most_mb: int) -> str:
    return (
        f"Tệp quá lớn nên Loa Xã chưa nhận được (tối đa {most_mb} MB). Xác nhận đã ghi vẫn giữ nguyên. "
        "Anh/chị gửi ảnh hoặc đoạn ghi âm ngắn hơn."
    )


FILE_UNREADABLE = (
    "Loa Xã không mở được tệp này. Xác nhận đã ghi vẫn giữ nguyên. "
    "Anh/chị gửi ảnh (jpg, png), đoạn ghi âm hoặc video ngắn."
)


def too_late(week: Week) -> str:
    return (
        f"Tin {week_vi(week)} đã quá thời hạn ghi nên Loa Xã chưa ghi gì. Nếu đài đã phát trong tuần đó, "
        "anh/chị gõ giờ và ngày phát, ví dụ 17:30 24/11."
    )


def welcome(name: str, places: Sequence[str]) -> str:
    where = "; ".join(places)
    return (
        f"Chào anh/chị {name}. Máy này đã gắn với: {where}.\n"
        "Mỗi tuần Loa Xã gửi một tin để phát loa. Phát xong, anh/chị chỉ cần bấm một nút."
    )


NEED_CODE = (
    "Loa Xã chưa biết máy này của ai. Anh/chị gõ mã mời gồm 8 chữ và số do người phụ trách cấp, "
    "ví dụ: /start ABCD2345."
)


def used_code(used_at: datetime) -> str:
    moment = used_at.astimezone(LOCAL)
    return (
        f"Mã mời này đã dùng lúc {time_vi(moment)} ngày {moment:%d/%m}. "
        "Nếu không phải anh/chị, báo ngay cho người phụ trách để khóa lại."
    )


def help_for(officer: bool, admin: bool, operator: bool) -> str:
    lines = ["Anh/chị có thể gõ:"]
    if operator:
        lines += ["/tuannay: tin tuần này của đài", "/tincuadai: ghi một tin do đài tự làm"]
    if officer:
        lines += ["/tuannay: đài nào đã phát, đài nào chưa", "/xa TÊN: tình hình một xã"]
    if admin:
        lines.append("/chiendich: lập chiến dịch từ thư viện")
    lines += ["/dangnhap: mở trang trên máy tính", "/trogiup: xem lại các lệnh"]
    return "\n".join(dict.fromkeys(lines))


NOT_UNDERSTOOD = "Loa Xã chưa hiểu câu này và chưa ghi gì. Anh/chị bấm nút dưới tin, hoặc gõ /trogiup."
GROUP_CHAT = "Loa Xã chỉ nhận xác nhận trong khung trò chuyện riêng. Anh/chị nhắn riêng cho Loa Xã."
ASK_OWN_TITLE = (
    "Anh/chị gõ tên tin của đài và ngày giờ phát trên một dòng, "
    "ví dụ: Tổ công nghệ số thôn 3 giúp bà con, 17:30 24/11."
)


def own_recorded(title: str, aired_at: datetime, station: str) -> str:
    return f"Đã ghi tin của {station}: “{title}”, phát lúc {at(aired_at)}. Cảm ơn anh/chị."


def post_recorded(url: str) -> str:
    return f"Đã ghi bài đăng {url}. Cảm ơn anh/chị."


def login_link(url: str) -> str:
    return f"Anh/chị mở đường dẫn này trong 10 phút, dùng được một lần:\n{url}"


INSISTED = "đã hỏi lại, người báo giữ giờ này"
FILE_KINDS = {"photo": "ảnh", "voice": "đoạn ghi âm", "audio": "tệp âm thanh", "video": "đoạn video"}


def stands_aired(stated_at: datetime, by: str = "") -> str:
    """`by`: whoever said so, where the reader did not."""
    return f"Đã phát · {by + ' ' if by else ''}xác nhận lúc {at(stated_at)}"


def stands_not_aired(reason: str, by: str, stated_at: datetime) -> str:
    return f"Chưa phát được ({reason}) · {by + ' ' if by else ''}báo lúc {at(stated_at)}"


def settled_elsewhere(station: str, week: Week, stands: str) -> str:
    """To a chat whose messages cannot be edited, once the answer came in another."""
    return f"Tin tuần {week.number}, {station}: {stands}. Loa Xã đã ghi, anh/chị không cần báo lại."


def stands(station: str, week: Week, stated_at: datetime, aired_at: datetime | None) -> str:
    when = f"phát lúc {at(aired_at)}" if aired_at else "chưa ghi giờ phát"
    return f"{cap(station)} đã báo phát tin tuần {week.number}, {when} (xác nhận lúc {at(stated_at)})."


NOTHING_TO_TIME = f"Chưa có xác nhận nào để ghi giờ. Nếu đã phát, anh/chị bấm [{AIRED}] trước."


def thanks_received(week: Week) -> str:
    return f"Cảm ơn anh/chị. Khi phát xong tin tuần {week.number}, anh/chị bấm nút bên dưới."


def sending_again(week: Week) -> str:
    return f"Loa Xã gửi lại tin tuần {week.number} ngay."


def no_item(week: Week) -> str:
    return f"Tuần {week.number} chưa có tin từ thư viện. Đài có thể ghi tin tự làm bằng lệnh /tincuadai."


NO_FILES = "Tin này không có tệp kèm theo."


def nothing_this_week(week: Week) -> str:
    return f"{cap(week_vi(week))}: chưa có tin nào cho đài của anh/chị. Khi có tin, Loa Xã gửi ngay."


WHICH_STATION = "Anh/chị phụ trách nhiều đài, xin chọn một đài."
ASK_URL = "Anh/chị dán đường dẫn bài đăng vào đây, ví dụ https://dakwil.lamdong.gov.vn/tin-tuc/bai-viet."


def bad_own(typed: str) -> str:
    return (
        f"Chưa ghi được “{typed[:60]}” vì chưa rõ tên tin hoặc giờ phát. Anh/chị gõ tên tin, dấu phẩy, rồi "
        "ngày giờ, ví dụ: Tổ công nghệ số thôn 3 giúp bà con, 17:30 24/11."
    )


def not_that_week(aired_at: datetime, week: Week) -> str:
    return (
        f"{cap(at(aired_at))} không thuộc {week_vi(week)} nên Loa Xã chưa ghi. "
        "Anh/chị gõ lại giờ và ngày phát, ví dụ 17:30 24/11."
    )


def old_week_stands(week: Week) -> str:
    return (
        f"Tin {week_vi(week)} đã quá thời hạn sửa nên Loa Xã giữ nguyên. "
        "Nếu ghi sai, anh/chị báo người phụ trách để sửa."
    )


FILE_NOT_FETCHED = (
    "Loa Xã chưa tải được tệp vì mạng chập chờn. Xác nhận đã ghi vẫn giữ nguyên. Anh/chị gửi lại tệp."
)
FILE_NOT_MADE = "Loa Xã chưa làm được hình hoặc tệp này. Anh/chị thử lại sau ít phút, hoặc gõ /dangnhap để xem trên trang."
OUR_FAULT = (
    "Loa Xã gặp lỗi khi ghi nên chưa ghi gì. Tin anh/chị gửi vẫn được lưu lại để xem xét. "
    "Anh/chị thử lại sau ít phút."
)
