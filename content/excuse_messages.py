"""What the chats say to officers about excusing a station: why, how long, taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from content.excuses import EXCUSES, MOST_WEEKS
from content.messages import at, cap
from content.week import Week
from content.wording import fold, week_vi

EXCUSE, UNEXCUSE, OTHER_REASON = "Miễn tuần này", "Bỏ miễn", "Đổi lý do"
OTHER_DAY = "Đến ngày khác"


def why_excuse(place: str, week: Week) -> str:
    return f"Vì sao miễn {place} {week_vi(week)}? Anh/chị chọn một lý do, chưa ghi gì."


def why_typed(name: str) -> str:
    labels = ", ".join(reason_words(code) for code in EXCUSES if code != "other")
    return f"Anh/chị gõ lý do sau dấu hai chấm, ví dụ “miễn {name}: mất điện” ({labels}, hoặc lý do khác)."


def ask_reason_words(place: str) -> str:
    return f"Vì sao miễn {place}? Anh/chị gõ lý do trong một câu ngắn."


def excused(place: str, weeks: Sequence[Week], reason: str, by: str, when: datetime) -> str:
    """`weeks`: those that now stand excused, in order."""
    return (
        f"Đã ghi: {place} được miễn {_span(weeks)}, lý do: {reason}. {by} ghi lúc {at(when)}.\n"
        "Đài vẫn báo phát được; khi đó tính là đã phát."
    )


def item_excused(week: Week, reason: str, by: str, when: datetime, button: str) -> str:
    """Above the week's item, for the operator."""
    return (
        f"{cap(week_vi(week))} đài được miễn, lý do: {reason} ({by} ghi lúc {at(when)}). "
        f"Nếu vẫn phát được, anh/chị bấm [{button}], khi đó tính là đã phát."
    )


def longer(week: Week) -> str:
    return f"Đến hết tuần {week.number} ({week.sunday.day}/{week.sunday.month})"


def until_typed(name: str) -> str:
    return f"Miễn nhiều tuần: gõ “miễn {name} đến 15/12: lý do”. Rút lại: “bỏ miễn {name}”."


def ask_until(place: str) -> str:
    return f"Miễn {place} đến ngày nào? Anh/chị gõ ngày, ví dụ 15/12, hoặc số tuần, ví dụ tuần 50."


def bad_until(typed: str) -> str:
    return (
        f"Chưa rõ “{typed[:30]}” là ngày hay tuần nào. Tuần đã miễn vẫn giữ nguyên. "
        "Anh/chị gõ lại, ví dụ 15/12 hoặc tuần 50."
    )


TOO_FAR = f"Mỗi lần miễn được nhiều nhất {MOST_WEEKS} tuần kể từ tuần này. Anh/chị gõ ngày gần hơn."


def before_first(week: Week) -> str:
    return f"Ngày này trước {week_vi(week)} nên Loa Xã chưa ghi thêm. Anh/chị gõ ngày khác."


ONLY_THIS_RUNNING_WEEK = "Tuần đã qua chỉ miễn được từng tuần một. Loa Xã giữ nguyên tuần vừa ghi."


def no_need_to_excuse(place: str, word: str) -> str:
    return f"{cap(place)} {word} nên không cần miễn. Loa Xã chưa ghi gì."


def excused_already(place: str, week: Week, reason: str, by: str, when: datetime) -> str:
    return f"{cap(place)} đang được miễn {week_vi(week)}, lý do: {reason} ({by} ghi lúc {at(when)})."


def not_excused(place: str, week: Week) -> str:
    return f"{cap(place)} không được miễn {week_vi(week)}, không có gì để bỏ."


def take_back_which(place: str, weeks: Sequence[Week]) -> str:
    return f"{cap(place)} đang được miễn {_span(weeks)}. Anh/chị bỏ miễn tuần nào?"


def one_week(week: Week) -> str:
    return f"Chỉ tuần {week.number}"


def all_weeks(number: int) -> str:
    return f"Cả {number} tuần"


def taken_back(place: str, weeks: Sequence[Week], by: str, when: datetime) -> str:
    return f"Đã bỏ miễn {place} {_span(weeks)}. {by} ghi lúc {at(when)}. Lời miễn cũ vẫn lưu trong nhật ký."


def reason_words(code: str) -> str:
    """A reason of the list inside a sentence: “mất điện”, “nghỉ Tết”."""
    return EXCUSES[code][:1].lower() + EXCUSES[code][1:]


def reason_code(words: str) -> str:
    """The reason that typed words mean; what is not one of the list is “other”."""
    found = fold(words)
    for code, signs in _REASONS.items():
        if any(f" {sign} " in f" {found} " for sign in signs):
            return code
    return "other"


_REASONS = {
    "no_power": ("mat dien", "cup dien", "cat dien"),
    "weather": ("bao", "lu", "lut", "ngap", "mua lon", "thoi tiet", "sat lo", "giong loc"),
    "broken": ("hong loa", "hong may", "hong", "hu loa", "hu may", "thiet bi", "sua chua"),
    "no_network": ("mat mang", "mat internet", "rot mang"),
    "tet": ("tet", "nghi tet"),
}


def _span(weeks: Sequence[Week]) -> str:
    """“tuần 48 (23-29/11)”, “3 tuần, từ tuần 48 đến hết tuần 50 (13/12)”."""
    if len(weeks) == 1:
        return week_vi(weeks[0])
    last = weeks[-1]
    return (
        f"{len(weeks)} tuần, từ tuần {weeks[0].number} đến hết tuần {last.number} "
        f"({last.sunday.day}/{last.sunday.month})"
    )
