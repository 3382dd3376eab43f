"""What the chats of a service without buttons say in place of them: numbers and words to type, and the way to the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from content.week import LOCAL
from content.wording import number_vi, time_vi

_PRESS = re.compile(r"\b([Bb])ấm \[([^\]]+)\]")
_REST = (
    ("bấm một nút bên dưới", "gõ một số bên dưới"),
    ("bấm nút bên dưới", "gõ số bên dưới"),
    ("bấm nút dưới tin", "gõ số theo hướng dẫn dưới tin"),
    ("chỉ cần bấm một nút", "chỉ cần gõ một số"),
    ("Không cần bấm lại", "Không cần gõ lại"),
    ("không cần bấm lại", "không cần gõ lại"),
    ("Nếu bấm nhầm", "Nếu gõ nhầm"),
)


def without_buttons(text: str, typed: Callable[[str], str | None]) -> str:
    """The text with every “bấm [nút]” said as what to type. `typed` gives that for a button's label, or None: such a
    button stands on the person's page only."""

    def instead(found: re.Match[str]) -> str:
        form, capital = typed(found[2]), found[1] == "B"
        words = f"gõ {form}" if form else f"vào trang Loa Xã bấm [{found[2]}]"
        return words[:1].upper() + words[1:] if capital else words

    text = _PRESS.sub(instead, text)
    for said, meant in _REST:
        text = text.replace(said, meant)
    return text


def aired_or_not(aired: str, cannot: str) -> str:
    """Under a notice: `aired` and `cannot` are what to type."""
    return f"Gõ {aired} khi đã phát, gõ {cannot} khi chưa phát được."


def choice(typed: str, label: str) -> str:
    return f"Gõ {typed}: {label}"


def words(typed: Sequence[str]) -> str:
    return "Có thể gõ: " + ", ".join(f"“{one}”" for one in typed) + "."


def page(url: str) -> str:
    return f"Nghe, tải bản âm thanh và xác nhận trên trang của anh/chị: {url}"


ON_THE_PAGE = "(Hình và tệp không gửi được qua Zalo, anh/chị xem trên trang Loa Xã.)"
HINT = (
    "Loa Xã chưa hiểu câu này và chưa ghi gì. Phát xong, anh/chị gõ 1; chưa phát được, gõ 2. "
    "Gõ /tuannay để xem lại tin, /trogiup để xem các lệnh."
)
"""To words nobody understands; at most once a day."""


def no_such_code(code: str) -> str:
    return f"Tuần này không có tin nào mang mã {code} nên Loa Xã chưa ghi gì. Gõ /tuannay để xem lại các tin."


NOTHING_RECALLED = "Tuần này chưa có tin nào bị thu hồi nên Loa Xã chưa ghi gì. Phát xong, anh/chị gõ 1."
THRIFT = (
    "Tháng này bot Zalo sắp hết lượt tin: anh/chị gõ xong là Loa Xã đã ghi, dù không có tin trả lời. "
    "Gõ /tuannay khi cần xem lại."
)
"""Under a notice, once acknowledgements are given up."""


def held_back(percent: int) -> str:
    """Why a message that nobody misses badly was not sent; stands on the admin's pages."""
    return f"Bot Zalo đã dùng {percent} % lượt tin của tháng nên để dành cho tin tuần"


def budget_alert(bot: str, month: int, level: int, used: int, budget: int) -> str:
    """To an admin; `level` per cent of the month's budget are used."""
    first = (
        f"Bot Zalo {bot} đã gửi {number_vi(used)}/{number_vi(budget)} tin của tháng {month}, quá {level} %."
    )
    if level >= 90:
        return (
            f"{first} Từ nay đến hết tháng bot này thôi trả lời câu xác nhận, sau đó thôi gửi lời nhắc; tin tuần và "
            "tin thu hồi vẫn đi. Anh/chị xem trang Zalo của Loa Xã."
        )
    return (
        f"{first} Tin tuần vẫn đi đủ. Nếu còn lâu mới hết tháng, anh/chị thêm một bot và gắn bớt người sang bot đó; "
        "số liệu ở trang Zalo của Loa Xã."
    )


NEED_LINK_CODE = (
    "Loa Xã chưa biết máy này của ai. Anh/chị gõ mã gắn Zalo gồm 8 chữ và số do người phụ trách đưa. "
    "Chưa có mã, anh/chị gọi người phụ trách."
)


def wrong_link_code(left: int) -> str:
    return (
        "Mã này không đúng nên Loa Xã chưa gắn gì. Mã gắn Zalo có 8 chữ và số, dùng trong 15 phút. Anh/chị xem lại "
        f"từng chữ rồi gõ lại (còn {left} lần), hoặc gọi người phụ trách lấy mã mới."
    )


def too_many_wrong(until: datetime) -> str:
    return (
        f"Đã gõ sai mã 5 lần nên đến {time_vi(until.astimezone(LOCAL))} Loa Xã mới nhận mã ở khung này. "
        "Khi đó anh/chị gọi người phụ trách lấy mã mới rồi gõ lại."
    )


def link_code_used(used_at: datetime) -> str:
    local = used_at.astimezone(LOCAL)
    return (
        f"Mã này đã dùng lúc {time_vi(local)} ngày {local:%d/%m} nên Loa Xã chưa gắn gì. Nếu không phải anh/chị dùng, "
        "báo ngay cho người phụ trách để gỡ máy lạ."
    )


LINK_CODE_EXPIRED = (
    "Mã này đã hết hạn nên Loa Xã chưa gắn gì. Anh/chị gọi người phụ trách lấy mã mới, dùng trong 15 phút."
)
LINK_CODE_OF_ANOTHER_BOT = (
    "Mã này dùng cho một bot Loa Xã khác nên Loa Xã chưa gắn gì. Anh/chị quét lại mã QR, hoặc mở lại đường dẫn "
    "người phụ trách gửi, rồi gõ mã ở đó."
)


def link_chat_taken(owner: str) -> str:
    return (
        f"Khung trò chuyện này đang gắn với {owner} nên Loa Xã chưa đổi gì. Nếu đổi người dùng máy, nhờ người phụ "
        "trách gỡ trước, rồi lấy mã mới."
    )


def link_person_taken(name: str, since: datetime) -> str:
    return (
        f"{name} đang gắn với một khung Zalo khác từ ngày {since.astimezone(LOCAL):%d/%m/%Y} nên Loa Xã chưa đổi gì. "
        "Nếu đổi máy, nhờ người phụ trách gỡ khung cũ, rồi lấy mã mới."
    )


LINK_PERSON_LEFT = "Mã này của người đã nghỉ việc nên Loa Xã chưa gắn gì. Anh/chị gọi người phụ trách."
