"""What the chats say to officers: the week, one commune, nudging.

Manner as in content/messages.py. Where a service has no buttons, a text ends with what to type in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from content.messages import at, cap
from content.week import Week
from content.wording import number_vi, week_vi

LIST, MAP, TABLE = "Xem danh sách", "Bản đồ nhiệt", "Tải bảng"
NUDGE, DROP = "Nhắc", "Thôi"
HELP = (
    "/danhsach: từng đài trong tuần\n/nhac: nhắc các đài chưa trả lời\n/duyet: xem xét xác nhận\n"
    "/mien TÊN: miễn một đài tuần này"
)
ASK_COMMUNE = "Anh/chị gõ tên xã sau lệnh, ví dụ /xa Đắk Wil."
_CUT = 900


def nudge_label(number: int) -> str:
    return f"Nhắc {number_vi(number)} đài"


def review_label(number: int) -> str:
    return f"Xem xét {number_vi(number)} xác nhận"


# ---- the week -------------------------------------------------------------------------------------------


def sentence(
    week: Week, area: str, met: int, late: int, total: int, figures: Sequence[tuple[int, str]]
) -> str:
    """“Tuần 48 (23-29/11), khu vực Đắk Nông cũ: 1/28 đài đã phát, 2 đài chưa phát được.” `late` is part of `met`;
    `figures`: further numbers with their words; noughts are left out."""
    parts = [f"{number_vi(met)}/{number_vi(total)} đài đã phát"]
    parts += [f"trong đó {number_vi(late)} đài phát bù"] if late else []
    parts += [f"{number_vi(number)} đài {words}" for number, words in figures if number]
    return f"{cap(week_vi(week))}, {area}: " + ", ".join(parts) + "."


def nothing_owed(week: Week, area: str) -> str:
    return f"{cap(week_vi(week))}, {area}: chưa có tin nào phải phát. Khi chiến dịch khởi chạy, các đài hiện ở đây."


def names(head: str, found: Sequence[str], total: int, most_chars: int) -> str:
    """“Chưa trả lời (27): A, B, C và 24 đài khác.” `found` may be fewer than `total`."""
    shown = _fitting(found, most_chars)
    return _line(head, total, shown, len(shown) or total)


def by_reason(head: str, groups: Sequence[tuple[str, Sequence[str]]], total: int) -> str:
    """“Chưa phát được (3): mất điện (A, B), hỏng loa, máy (C).” What the same hand can mend stands together."""
    parts = [f"{reason} ({', '.join(found)})" for reason, found in groups]
    return _line(head, total, parts, sum(len(found) for _, found in groups))


def grouped(head: str, groups: Sequence[tuple[str, Sequence[str]]], total: int, most_chars: int) -> str:
    """The same, one line for each cluster: names as long as they fit, then numbers alone."""
    lines, told = [f"{head} ({number_vi(total)}):"], 0
    for place, found in groups:
        short = f"• {place}: {number_vi(len(found))} đài"
        line = f"{short} ({', '.join(found)})"
        left = most_chars - sum(map(len, lines))
        if len(short) > left:
            break
        lines.append(line if len(line) <= left // 2 else short)
        told += len(found)
    if total > told:
        lines.append(f"và {number_vi(total - told)} đài khác.")
    return "\n".join(lines)


def numbers(head: str, groups: Sequence[tuple[str, int]], total: int) -> str:
    """Of a whole country: how many in each province."""
    return _line(head, total, [f"{place} {number_vi(number)}" for place, number in groups], total)


def waiting_answers(found: Sequence[tuple[str, Week]]) -> str:
    """Questions to which no station has answered."""
    shown = [f"{place} (tuần {week.number})" for place, week in found[:8]]
    return _line("Đã hỏi lại, chưa có trả lời", len(found), shown, len(shown))


WEEK_TYPED = (
    "Gõ “danh sách” để xem từng đài, “nhắc” để nhắc các đài chưa trả lời, “xa TÊN” để xem một xã, "
    "“duyệt” để xem xét. Bản đồ nhiệt và bảng ở trang Loa Xã, gõ /dangnhap."
)
"""Where there are no buttons."""


def only_neediest(number: int, stations: int) -> str:
    return (
        f"Khu vực có {number_vi(stations)} đài nên bản đồ chỉ vẽ {number} đài cần giúp nhất. "
        "Anh/chị chọn nơi để xem đủ, hoặc mở trang Loa Xã (/dangnhap)."
    )


NO_PICTURES = (
    "Kênh này không gửi được hình và tệp. Anh/chị gõ /dangnhap để mở trang Loa Xã, ở đó có bản đồ và bảng."
)


def more_rows(number: int) -> str:
    return f"và {number_vi(number)} đài khác. Xem đủ ở trang Loa Xã, gõ /dangnhap."


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


# ---- one commune ----------------------------------------------------------------------------------------


def which_commune(names: Sequence[str], total: int) -> str:
    """Several places fit what was typed."""
    if total > len(names):
        return (
            f"Có {number_vi(total)} nơi như vậy, ví dụ {', '.join(names)}. "
            "Anh/chị gõ đủ tên, hoặc thêm tên tỉnh, huyện cũ sau dấu phẩy."
        )
    return "Có nhiều nơi như vậy: " + ", ".join(names) + ". Anh/chị chọn một nơi."


def which_typed(name: str) -> str:
    """Where there are no buttons to choose from."""
    return f"Anh/chị gõ đủ, ví dụ: xa {name}."


def no_such_commune(typed: str, nearest: Sequence[str]) -> str:
    text = f"Không có xã, phường nào tên “{typed[:40]}” trong khu vực của anh/chị."
    return text + (f" Gần giống nhất: {', '.join(nearest)}." if nearest else " Anh/chị gõ lại tên.")


def not_your_area(place: str, nearest: Sequence[str]) -> str:
    text = f"{cap(place)} không thuộc khu vực anh/chị phụ trách nên Loa Xã không mở."
    return text + (f" Trong khu vực, gần giống nhất: {', '.join(nearest)}." if nearest else "")


def now_is(former: str, names: Sequence[str]) -> str:
    """A commune that was typed by a name it bears no more, or that is no more."""
    return f"{cap(former)} nay là {', '.join(names)}. Anh/chị chọn để mở."


def which_station(place: str) -> str:
    return f"{cap(place)} có nhiều đài. Anh/chị chọn một đài."


def last_weeks(first: Week, last: Week, signs: Sequence[str], legend: Sequence[str]) -> str:
    return f"Tuần {first.number} đến {last.number}: {' '.join(signs)}\n({', '.join(legend)})"


NO_WEEKS = "Chưa có tuần nào phải phát."


def crew(people: Sequence[tuple[str, str]]) -> str:
    """Name and number as people write it."""
    if not people:
        return "Cán bộ truyền thanh: chưa có. Anh/chị nhờ quản trị thêm người."
    return "Cán bộ truyền thanh: " + "; ".join(f"{name}, {phone}" for name, phone in people)


def call(numbers: Sequence[str]) -> str:
    """Numbers in the form that a phone lets one tap."""
    return "Gọi: " + " · ".join(numbers)


def sent(title: str, sent_at: datetime | None) -> str:
    if not title:
        return "Tuần này đài chưa có tin từ thư viện."
    return f"Tin “{title}”: " + (f"gửi {at(sent_at)}." if sent_at else "chưa gửi tới được.")


def reminded(last_at: datetime) -> str:
    return f"Nhắc lần cuối {at(last_at)}."


def nudged_today(when: datetime, now: datetime) -> str:
    if when > now:
        return f"Người phụ trách đã ghi lời nhắc, Loa Xã gửi lúc {at(when)}."
    return f"Hôm nay người phụ trách đã nhắc lúc {at(when)}."


def verdict(words: str, by: str, when: datetime, note: str) -> str:
    return f"Xem xét: {by} {words} {at(when)}" + (f": “{note}”" if note else "") + "."


UNANSWERED = "Đài chưa trả lời câu hỏi này."


def sheet_typed(name: str, can: Sequence[str]) -> str:
    """What to type about a commune, where there are no buttons. `can`: which acts make sense now."""
    forms = {
        "nudge": f"nhắc {name}",
        "excuse": f"miễn {name}: mất điện",
        "unexcuse": f"bỏ miễn {name}",
        "accept": f"duyệt {name}",
        "ask": f"hỏi lại {name}: câu hỏi",
        "reject": f"không nhận {name}: lý do",
    }
    return "Có thể gõ: " + "; ".join(f"“{forms[one]}”" for one in can) + "."


DUTY_GONE = "Tuần này đài không có việc nào phải phát. Loa Xã chưa ghi gì."


# ---- nudging --------------------------------------------------------------------------------------------


def nudge_preview(
    week: Week, ready: Sequence[str], nudged: Sequence[str], without_chat: Sequence[str], typed: bool
) -> str:
    """Whom, before it is done. `nudged`: today already; `without_chat`: nobody there can be written to."""
    lines = (
        [f"Nhắc {number_vi(len(ready))} đài chưa trả lời {week_vi(week)}: {_list(ready)}?"] if ready else []
    )
    if nudged:
        lines.append(f"Hôm nay đã nhắc, không nhắc lại: {_list(nudged)}.")
    if without_chat:
        lines.append(f"Chưa gắn điện thoại nên không nhắc được, anh/chị gọi: {_list(without_chat)}.")
    if ready:
        lines.append(
            "Gõ “nhắc hết” để gửi." if typed else f"Chưa gửi gì. Anh/chị bấm [{nudge_label(len(ready))}]."
        )
    return "\n".join(lines)


def nudged(week: Week, done: Sequence[str], seen: int | None) -> str:
    """`seen`: how many the preview named; the difference has answered or was nudged meanwhile."""
    if not done:
        return "Không còn đài nào để nhắc: các đài đã trả lời hoặc hôm nay đã được nhắc. Loa Xã không gửi gì."
    text = f"Loa Xã đang nhắc {number_vi(len(done))} đài về tin {week_vi(week)}: {_list(done)}."
    gone = (seen or 0) - len(done)
    if gone > 0:
        text += f" {number_vi(gone)} đài vừa trả lời hoặc vừa được nhắc nên không nhắc nữa."
    return text + " Đài trả lời, anh/chị thấy ở /tuannay."


def nudged_before(place: str, when: datetime, now: datetime) -> str:
    if when > now:
        return f"Đã ghi lời nhắc {place}, Loa Xã gửi lúc {at(when)} vì bây giờ là giờ nghỉ. Cần gấp, anh/chị gọi điện."
    return f"Hôm nay đã nhắc {place} lúc {at(when)}. Mỗi đài chỉ nhắc một lần một ngày; cần gấp, anh/chị gọi điện."


def no_chat(place: str, people: Sequence[tuple[str, str]]) -> str:
    text = f"{cap(place)} chưa có ai gắn điện thoại nên Loa Xã không nhắc được."
    return text + (f" Anh/chị gọi {'; '.join(f'{n}, {p}' for n, p in people)}." if people else "")


def answered_already(place: str, word: str) -> str:
    return f"{cap(place)} đã trả lời ({word}) nên Loa Xã không nhắc."


def all_answered(week: Week) -> str:
    return f"{cap(week_vi(week))}: không còn đài nào chưa trả lời. Loa Xã không nhắc ai."


def week_not_begun(week: Week) -> str:
    return f"{cap(week_vi(week))} chưa bắt đầu nên Loa Xã chưa nhắc ai."


DROPPED = "Loa Xã không làm gì thêm."


def _list(found: Sequence[str]) -> str:
    shown = _fitting(found, _CUT)
    return ", ".join(shown) + _others(len(found) - len(shown))


def _line(head: str, total: int, parts: Sequence[str], told: int) -> str:
    """`told`: of how many the parts speak; the others are counted."""
    return f"{head} ({number_vi(total)}): {', '.join(parts)}{_others(total - told)}."


def _others(number: int) -> str:
    return f" và {number_vi(number)} đài khác" if number else ""


def _fitting(found: Sequence[str], most_chars: int) -> list[str]:
    """As many names as fit, each with the comma after it."""
    shown: list[str] = []
    for name in found:
        if sum(len(one) + 2 for one in shown) + len(name) > most_chars:
            break
        shown.append(name)
    return shown
