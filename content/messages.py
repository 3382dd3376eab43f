"""Every text that the chats say. Manner: anh/chị, short, the first line asks, the last says what comes next.

Pure wording: whoever calls has read the record already. Button labels stand beside the texts they go with.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from content.week import LOCAL, Week
from content.wording import WEEKDAYS, deadline_vi, duration_vi, moment_vi, time_vi, week_vi

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


def _local(moment: datetime) -> datetime:
    return moment.astimezone(LOCAL)


def at(moment: datetime) -> str:
    """“17 giờ 25, thứ Ba 24/11”, in Viet Nam's time."""
    return moment_vi(_local(moment))


def deadline(week: Week) -> str:
    return deadline_vi(week.ends_at.astimezone(LOCAL))


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
        lines.append("Tuần này chưa có bản âm thanh. Nhờ anh/chị đọc trực tiếp lời đọc dưới đây.")
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


def recorded(stated_at: datetime, station: str, week: Week) -> str:
    return f"Đã ghi lúc {at(stated_at)}: {station} báo đã phát tin tuần {week.number}.\nTin phát lúc nào?"


def already(stated_at: datetime) -> str:
    return f"Tin này anh/chị đã xác nhận lúc {at(stated_at)}. Không cần bấm lại."


def already_by(name: str, stated_at: datetime) -> str:
    return f"Tin này {name} đã xác nhận lúc {at(stated_at)}. Anh/chị không cần bấm lại."


def time_recorded(aired_at: datetime, station: str, week: Week) -> str:
    return f"Đã ghi: {station} phát tin tuần {week.number} lúc {at(aired_at)}. Cảm ơn anh/chị."


def ask_time() -> str:
    return "Tin phát lúc nào? Anh/chị gõ giờ, ví dụ 17:30, hoặc cả ngày, ví dụ 17:30 24/11."


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


def ask_reason() -> str:
    return "Vì sao chưa phát được?"


def ask_other_reason() -> str:
    return "Anh/chị gõ lý do trong một câu ngắn."


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


def nothing_to_undo() -> str:
    return "Không có xác nhận nào để hủy. Loa Xã giữ nguyên như cũ."


def leader_cleared(week: Week) -> str:
    return f"Đã ghi: lãnh đạo xã duyệt tin tuần {week.number}. Phát xong anh/chị bấm [{AIRED}]."


def ask_proof() -> str:
    return "Anh/chị chụp ảnh loa, máy đang phát hoặc ghi âm vài giây rồi gửi vào đây. Không bắt buộc."


def proof_kept(kind: str, week: Week) -> str:
    return f"Đã nhận {kind} làm bằng chứng phát tin tuần {week.number}. Cảm ơn anh/chị."


def proof_for_which() -> str:
    return "Loa Xã đã nhận tệp. Đây là bằng chứng của tin nào?"


def proof_of_nothing() -> str:
    return (
        "Loa Xã chưa giữ tệp này vì chưa có tin nào được xác nhận đã phát. "
        f"Anh/chị bấm [{AIRED}] dưới tin đã phát trước, rồi gửi lại tệp."
    )


def file_too_large(most_mb: int) -> str:
    return (
        f"Tệp quá lớn nên Loa Xã chưa nhận được (tối đa {most_mb} MB). Xác nhận đã ghi vẫn giữ nguyên. "
        "Anh/chị gửi ảnh hoặc đoạn ghi âm ngắn hơn."
    )


def file_unreadable() -> str:
    return (
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


def need_code() -> str:
    return (
        "Loa Xã chưa biết máy này của ai. Anh/chị gõ mã mời gồm 8 chữ và số do người phụ trách cấp, "
        "ví dụ: /start ABCD2345."
    )


def used_code(used_at: datetime) -> str:
    moment = _local(used_at)
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


def not_understood() -> str:
    return "Loa Xã chưa hiểu câu này và chưa ghi gì. Anh/chị bấm nút dưới tin, hoặc gõ /trogiup."


def group_chat() -> str:
    return "Loa Xã chỉ nhận xác nhận trong khung trò chuyện riêng. Anh/chị nhắn riêng cho Loa Xã."


def ask_own_title() -> str:
    return (
        "Anh/chị gõ tên tin của đài và ngày giờ phát trên một dòng, "
        "ví dụ: Tổ công nghệ số thôn 3 giúp bà con, 17:30 24/11."
    )


def own_recorded(title: str, aired_at: datetime, station: str) -> str:
    return f"Đã ghi tin của {station}: “{title}”, phát lúc {at(aired_at)}. Cảm ơn anh/chị."


def post_recorded(url: str) -> str:
    return f"Đã ghi bài đăng {url}. Cảm ơn anh/chị."


def no_address_yet(week: Week) -> str:
    return f"Tuần {week.number} chưa có tin nào gửi cho anh/chị. Khi có tin, Loa Xã báo ngay."


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


MAYBE_REPEATED = "(Tin này có thể đã tới anh/chị một lần rồi.)"
CHANNEL_NAMES = {"telegram": "Telegram", "zalo": "Zalo", "simulator": "điện thoại mô phỏng"}


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
        + "\nAnh/chị gọi điện nhờ cán bộ mở lại cuộc trò chuyện với bot, hoặc gửi mã mời mới ở trang Con người."
    )


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


def nothing_to_time() -> str:
    return f"Chưa có xác nhận nào để ghi giờ. Nếu đã phát, anh/chị bấm [{AIRED}] trước."


def thanks_received(week: Week) -> str:
    return f"Cảm ơn anh/chị. Khi phát xong tin tuần {week.number}, anh/chị bấm nút bên dưới."


def sending_again(week: Week) -> str:
    return f"Loa Xã gửi lại tin tuần {week.number} ngay."


def no_item(week: Week) -> str:
    return f"Tuần {week.number} chưa có tin từ thư viện. Đài có thể ghi tin tự làm bằng lệnh /tincuadai."


def no_files() -> str:
    return "Tin này không có tệp kèm theo."


def nothing_this_week(week: Week) -> str:
    return f"{cap(week_vi(week))}: chưa có tin nào cho đài của anh/chị. Khi có tin, Loa Xã gửi ngay."


def which_station() -> str:
    return "Anh/chị phụ trách nhiều đài, xin chọn một đài."


def ask_url() -> str:
    return "Anh/chị dán đường dẫn bài đăng vào đây, ví dụ https://dakwil.lamdong.gov.vn/tin-tuc/bai-viet."


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


def week_over(week: Week) -> str:
    return f"{cap(week_vi(week))} đã hết nên Loa Xã không nhắc ai. Các đài vẫn ghi được tin phát bù."


def bad_week(typed: str) -> str:
    return f"Chưa rõ tuần “{typed[:20]}”. Anh/chị gõ số tuần, ví dụ /tuannay 48."


def table_of(week: Week) -> str:
    return f"Bảng {week_vi(week)}"


def map_of(week: Week) -> str:
    return f"Bản đồ nhiệt đến {week_vi(week)}"


def list_head(week: Week, area: str) -> str:
    return f"{cap(week_vi(week))}, {area}:"


def no_such_commune(typed: str) -> str:
    if not typed:
        return "Anh/chị gõ tên xã sau lệnh, ví dụ /xa Đắk Wil."
    return f"Không có xã, phường nào tên “{typed[:40]}” trong khu vực của anh/chị. Anh/chị gõ lại tên."


def campaign_weeks() -> str:
    return "Lập chiến dịch từ thư viện đã duyệt. Anh/chị chọn số tuần."


def campaign_start() -> str:
    return "Bắt đầu từ tuần nào?"


def week_choice(week: Week) -> str:
    return cap(week_vi(week))


def campaign_hour() -> str:
    return "Gửi tin vào lúc nào trong tuần?"


def hour_choice(day: int, clock: str) -> str:
    return f"{cap(WEEKDAYS[day])}, {clock[:2]}:{clock[2:]}"


def campaign_name(first: Week, area: str) -> str:
    return f"Chuyển đổi số từ tuần {first.number}/{first.year}, {area}"


def campaign_preview(
    name: str,
    stations: int,
    operators: int,
    without_chat: int,
    rows: Sequence[tuple[Week, datetime, str]],
) -> str:
    lines = [f"Xem trước “{name}”:", f"{stations} đài, {operators} cán bộ nhận tin."]
    if without_chat:
        lines.append(f"{without_chat} cán bộ chưa gắn điện thoại nên chưa nhận được tin.")
    lines += [f"Tuần {week.number}, gửi {at(send_at)}: {title}" for week, send_at, title in rows[:30]]
    return "\n".join([*lines, "Chưa gửi gì. Anh/chị bấm [Khởi chạy] để bắt đầu."])


def campaign_launched(name: str) -> str:
    return f"Đã khởi chạy “{name}”. Đến giờ, tin tự gửi đi. Anh/chị theo dõi ở trang Chiến dịch."


def campaign_runs(name: str) -> str:
    return f"“{name}” đang chạy nên Loa Xã giữ nguyên. Muốn dừng, anh/chị mở trang Chiến dịch."


def campaign_dropped(name: str) -> str:
    return f"Đã bỏ “{name}”. Chưa gửi gì."


def file_not_fetched() -> str:
    return "Loa Xã chưa tải được tệp vì mạng chập chờn. Xác nhận đã ghi vẫn giữ nguyên. Anh/chị gửi lại tệp."


def our_fault() -> str:
    return (
        "Loa Xã gặp lỗi khi ghi nên chưa ghi gì. Tin anh/chị gửi vẫn được lưu lại để xem xét. "
        "Anh/chị thử lại sau ít phút."
    )
