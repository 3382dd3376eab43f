"""What the ladder says above and beside the reminders: the question after the station's own hour, the letters to the
commune leader and the province, and what is held or left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from content.messages import AIRED, CANNOT, at, cap, deadline
from content.week import LOCAL, Week
from content.wording import time_vi, week_vi

Silent = tuple[str, Sequence[str]]
"""A place and whom to call there."""
_MOST = 12


def question(week: Week, place: str) -> str:
    return (
        f"Đài {place} đã phát tin {week_vi(week)} chưa? Nếu vừa phát xong, anh/chị bấm [{AIRED}]; "
        f"có vướng mắc thì bấm [{CANNOT}]. Nếu hôm khác mới phát, anh/chị phát xong rồi bấm."
    )


def usual_time(moment: datetime) -> str:
    """A button: the station's own hour as the time of the airing."""
    return f"Lúc {time_vi(moment.astimezone(LOCAL))}"


def leader(week: Week, silent: Sequence[Silent]) -> str:
    """To a commune leader, about all of their stations."""
    return (
        f"Tin {week_vi(week)}: {_places(silent)} chưa xác nhận đã phát, Loa Xã đã nhắc cán bộ truyền thanh. "
        f"Nhờ anh/chị hỏi giúp; tin cần phát trước {deadline(week)}."
    )


def province(week: Week, area: str, silent: Sequence[Silent]) -> str:
    """To those who look after the province, about all stations that said nothing to anybody."""
    return (
        f"{cap(week_vi(week))}, {area}: {len(silent)} đài chưa trả lời, dù cán bộ truyền thanh đã được nhắc và người "
        f"phụ trách đã được báo: {_places(silent)}. Hạn phát là {deadline(week)}."
    )


def all_answered(week: Week) -> str:
    """In place of a letter about silent stations when none is left."""
    return f"{cap(week_vi(week))}: các đài đều đã trả lời. Anh/chị không cần làm gì."


def left_out(people: Sequence[tuple[str, int]]) -> str:
    """To an officer: what was not sent to whom, since they had heard enough of us this week."""
    told = ", ".join(f"{name} ({count})" for name, count in people[:_MOST])
    more = f" và {len(people) - _MOST} người khác" if len(people) > _MOST else ""
    return (
        f"Loa Xã đã bớt một số lời nhắc vì người nhận đã đủ số tin trong tuần: {told}{more}. "
        "Nếu gấp, anh/chị gọi điện."
    )


def nudge_held(until: datetime) -> str:
    """To an officer who nudges in quiet hours."""
    return f"Đang là giờ nghỉ nên lời nhắc đợi đến {at(until)} mới gửi."


def item_in_quiet_hours(send_at: datetime, until: datetime) -> str:
    """To an admin who plans the week's item for an hour at which people sleep: a warning, not a refusal."""
    return (
        f"Lưu ý: giờ gửi {time_vi(send_at.astimezone(LOCAL))} nằm trong giờ nghỉ (đến "
        f"{time_vi(until.astimezone(LOCAL))}). Tin tuần vẫn gửi đúng giờ này, điện thoại của cán bộ có thể đổ chuông."
    )


def _places(silent: Sequence[Silent]) -> str:
    told = [place + (f" (gọi {'; '.join(whom)})" if whom else "") for place, whom in silent[:_MOST]]
    return ", ".join(told) + (f" và {len(silent) - _MOST} đài khác" if len(silent) > _MOST else "")
