"""What the chats of a service without buttons say in place of them: numbers and words to type, and the way to the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

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


def on_the_page() -> str:
    return "(Hình và tệp không gửi được qua Zalo, anh/chị xem trên trang Loa Xã.)"


def hint() -> str:
    """To words nobody understands; at most once a day."""
    return (
        "Loa Xã chưa hiểu câu này và chưa ghi gì. Phát xong, anh/chị gõ 1; chưa phát được, gõ 2. "
        "Gõ /tuannay để xem lại tin, /trogiup để xem các lệnh."
    )


def no_such_code(code: str) -> str:
    return f"Tuần này không có tin nào mang mã {code} nên Loa Xã chưa ghi gì. Gõ /tuannay để xem lại các tin."


def nothing_recalled() -> str:
    return "Tuần này chưa có tin nào bị thu hồi nên Loa Xã chưa ghi gì. Phát xong, anh/chị gõ 1."
