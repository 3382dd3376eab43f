"""What chats and pages say about people's own readings. Manner as in content/messages.py: one act a message."""

from __future__ import annotations

from collections.abc import Sequence

from content.languages import language_vi, names_of
from content.messages import cap
from content.week import Week
from content.wording import duration_vi, week_vi

WAITING, UNHEARD = "chờ thu âm", "chờ duyệt bản ghi"
HELP = "/thuam: gửi bản thu âm của một tin, bằng tiếng Việt hoặc tiếng dân tộc"
ALL_ITEMS, MORE, CANCEL, AGREED, ANOTHER = (
    "Mọi tin bài",
    "Xem tiếp",
    "Hủy",
    "Người đọc đã đồng ý",
    "Thu tiếng khác cho tin này",
)


def which_item(waiting: Sequence[tuple[Week, str, Sequence[str]]]) -> str:
    """`waiting`: week, title and codes of the languages that must still be recorded."""
    if not waiting:
        return (
            f"Tuần này và tuần sau không có tin nào chờ thu âm. Muốn thu tin khác, anh/chị bấm [{ALL_ITEMS}]."
        )
    lines = ["Anh/chị thu âm cho tin nào? Các tin đang chờ:"]
    lines += [f"- {cap(week_vi(week))}: {title}. {waits(codes)}." for week, title, codes in waiting]
    return "\n".join(lines)


def waits(codes: Sequence[str]) -> str:
    """“Chờ thu âm: tiếng Ê Đê, tiếng Jrai”."""
    return f"{cap(WAITING)}: {names_of(codes)}"


WHICH_OF_ALL = "Anh/chị thu âm cho tin nào?"


def which_language(title: str, lines: Sequence[str]) -> str:
    """`lines`: how the item stands in each language, as `stands` writes them."""
    return "\n".join([f"“{title}”: anh/chị gửi bản thu bằng tiếng gì?", *lines])


def stands(language: str, how: str) -> str:
    """One language of an item; `how` is what the functions below say."""
    return f"- {cap(language_vi(language))}: {how}"


def read_by(reader: str, day: str, is_cleared: bool) -> str:
    return f"{reader} đọc, nhận {day}, {'đã duyệt' if is_cleared else UNHEARD}"


def sent_back(reader: str, why: str) -> str:
    """What the approver said, to whoever sent it."""
    return f"bản {reader} đọc chưa duyệt: {why}"


def ask_file(title: str, language: str) -> str:
    return (
        f"Anh/chị gửi tin nhắn thoại hoặc tệp âm thanh đọc “{title}” bằng {language_vi(language)}. "
        "Đọc một lần, ở nơi yên tĩnh, máy cách miệng khoảng hai gang tay. "
        "Loa Xã tự cắt đoạn im lặng, lọc ồn và chỉnh độ to."
    )


WORKING = "Đã nhận tệp. Loa Xã đang cắt đoạn im lặng và lọc ồn, bản dài có thể mất một phút."


def ask_reader(seconds: float) -> str:
    return f"Đã nghe được bản thu, dài {duration_vi(seconds)}. Anh/chị gõ họ tên người đọc, ví dụ: H'Len Niê."


def ask_consent(reader: str) -> str:
    return (
        f"{reader} có đồng ý cho phát bản thu này trên loa không? Người đọc đã đồng ý thì anh/chị bấm "
        f"[{AGREED}] để Loa Xã ghi nhận; nếu chưa, bấm [{CANCEL}]."
    )


def consent_noted(person: str, when: str) -> str:
    """The note that is kept with a recording that came by chat."""
    return f"Đồng ý cho phát, {person} báo trong khung trò chuyện lúc {when}"


def kept(title: str, language: str, reader: str, seconds: float, waiting: Sequence[str]) -> str:
    text = (
        f"Đã nhận bản thu {language_vi(language)} của tin “{title}”, {reader} đọc, dài {duration_vi(seconds)}. "
        "Tệp gốc được giữ lại. Bản thu được phát sau khi một người khác nghe và duyệt ở trang tin bài."
    )
    return f"{text}\n{waits(waiting)}." if waiting else text


WORDS_CHANGED = (
    "Lời đọc của tin này vừa được sửa nên bản thu chỉ đi với lời cũ. Anh/chị gõ /thuam để thu lời mới."
)
AWAITS_FILE = "Loa Xã đang đợi bản thu. Anh/chị gửi tin nhắn thoại hoặc tệp âm thanh, hoặc bấm nút bên dưới."
CANCELLED = "Đã hủy, Loa Xã chưa ghi bản thu nào. Muốn thu lại, anh/chị gõ /thuam."
NOTHING_OPEN = "Không có bản thu nào đang đợi anh/chị. Muốn gửi bản thu, anh/chị gõ /thuam."
ITEM_GONE = "Tin này không còn bản đã duyệt nên chưa thu âm được. Anh/chị gõ /thuam để chọn tin khác."


def file_too_large(most_mb: int) -> str:
    return (
        f"Bản thu quá lớn nên Loa Xã chưa nhận (tối đa {most_mb} MB). Các bản thu trước vẫn giữ nguyên. "
        "Anh/chị gửi tin nhắn thoại, hoặc chỉ gửi phần tiếng."
    )
