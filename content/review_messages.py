"""What the chats say when an officer looks at a statement: to the operator who made it, and back to the officer.

Manner as in content/messages.py. Nobody is accused: a statement is asked about, the person is not.
"""

from __future__ import annotations

from datetime import datetime

from content.messages import AIRED, CANNOT, at, cap
from content.week import Week
from content.wording import number_vi, week_vi

ANSWER = "Trả lời"
SEND_ANSWER, KEEP_QUIET = "Gửi", "Thôi"
ACCEPT, ASK, REJECT = "Duyệt", "Hỏi lại", "Không chấp nhận"
PROOFS = "Xem bằng chứng"
NEXT, SKIP = "Xem xét tiếp", "Bỏ qua"
QUESTIONS = ("Đề nghị gửi bằng chứng", "Tin phát lúc mấy giờ?", "Loa thôn nào phát được?")
REFUSALS = ("Không nghe loa phát", "Giờ báo không đúng", "Báo nhầm tuần")
"""To be tapped in place of words."""


def claimed(aired_at: datetime | None, stated_at: datetime) -> str:
    """What a statement says of the time."""
    if aired_at is None:
        return f"chưa ghi giờ phát (xác nhận lúc {at(stated_at)})"
    return f"phát lúc {at(aired_at)} (xác nhận lúc {at(stated_at)})"


def question(officer: str, week: Week, station: str, words: str, stands: str) -> str:
    """To the operator. `stands`: what the log says now."""
    return (
        f"Người phụ trách {officer} hỏi về tin {week_vi(week)} của {station}: “{words}”\n"
        f"Đang ghi: {stands}.\n"
        f"Anh/chị bấm [{ANSWER}] rồi gõ câu trả lời, hoặc sửa giờ phát, gửi ảnh, ghi âm. "
        "Loa Xã chuyển ngay cho người phụ trách."
    )


def question_settled(officer: str, week: Week, station: str, words: str) -> str:
    """The same once nothing is left to answer, for a notice that leaves late."""
    return (
        f"Người phụ trách {officer} có hỏi về tin {week_vi(week)} của {station}: “{words}”\n"
        "Đài đã trả lời rồi. Anh/chị không cần làm gì thêm."
    )


def rejected(officer: str, phone: str, week: Week, station: str, words: str, stands: str) -> str:
    """To the operator. `stands`: the state that follows, in a word."""
    return (
        f"Người phụ trách {officer} chưa chấp nhận xác nhận phát tin {week_vi(week)} của {station}: “{words}”\n"
        f"Nhật ký đang ghi: {stands}. Xác nhận cũ vẫn lưu trong nhật ký.\n"
        f"Nếu đài đã phát, anh/chị bấm [{AIRED}] rồi ghi đúng giờ; nếu chưa, bấm [{CANNOT}]. "
        f"Cần trao đổi, gọi {officer}, {phone}."
    )


def ask_answer(officer: str, words: str) -> str:
    return f"{officer} hỏi: “{words}”\nAnh/chị gõ câu trả lời trong một tin ngắn."


def is_it_an_answer(words: str, officer: str) -> str:
    return (
        f"Anh/chị muốn trả lời {officer} câu này: “{words}”? "
        f"Bấm [{SEND_ANSWER}] để chuyển, hoặc [{KEEP_QUIET}]. Loa Xã chưa ghi gì."
    )


def answered(officer: str, words: str) -> str:
    return f"Đã ghi và chuyển cho {officer}: “{words}”. Cảm ơn anh/chị."


NOT_SENT = "Loa Xã không chuyển gì. Muốn trả lời, anh/chị bấm nút dưới câu hỏi."
NOTHING_ASKED = "Câu hỏi này đã xong hoặc người phụ trách đã rút lại, anh/chị không cần trả lời."


def reply(station: str, week: Week, asked: str, said: str) -> str:
    """To the officer who asked. `said`: what the station answered, a whole sentence without its full stop."""
    return f"{cap(station)} trả lời về tin {week_vi(week)}.\nAnh/chị đã hỏi: “{asked}”\n{said}."


def said_words(person: str, words: str) -> str:
    return f"{person} trả lời: “{words}”"


def said_time(person: str, aired_at: datetime) -> str:
    return f"{person} sửa giờ: phát lúc {at(aired_at)}"


def said_again(person: str) -> str:
    return f"{person} xác nhận lại là đã phát"


def said_withdrawn(person: str) -> str:
    return f"{person} đã hủy xác nhận, đài chưa phát"


def said_cannot(person: str, reason: str) -> str:
    return f"{person} báo chưa phát được: {reason}"


def sent_proofs(number: int) -> str:
    return f"Đài gửi thêm {number} bằng chứng"


def proofs_label(number: int) -> str:
    return f"{PROOFS} ({number})" if number else PROOFS


# ---- to the officer who decides ---------------------------------------------------------------------------


def card(place: str, week: Week, person: str, claim: str, proofs: int, title: str) -> str:
    """One statement to decide about."""
    lines = [f"{cap(place)}, {week_vi(week)}: {person} báo {claim}."]
    if title:
        lines.append(f"Tin “{title}”.")
    lines.append(f"Bằng chứng: {proofs}." if proofs else "Chưa có bằng chứng.")
    return "\n".join(lines)


def left_to_review(number: int) -> str:
    return f"Còn {number_vi(number)} xác nhận chưa xem."


IN_SAMPLE = "Xác nhận này nằm trong mẫu bốc thăm của tuần: nên hỏi thêm bằng chứng."


def none_left(week: Week) -> str:
    return f"{cap(week_vi(week))}: không còn xác nhận nào chưa xem."


def accepted(place: str, week: Week, by: str, when: datetime) -> str:
    return f"Đã duyệt xác nhận phát tin tuần {week.number} của {place}. {by} ghi lúc {at(when)}."


def ask_what(place: str, week: Week) -> str:
    return f"Hỏi {place} điều gì về tin tuần {week.number}? Anh/chị chọn, hoặc gõ câu hỏi vào đây."


def why_reject(place: str, week: Week) -> str:
    return f"Vì sao không chấp nhận tin tuần {week.number} của {place}? Anh/chị chọn, hoặc gõ lý do vào đây."


def question_recorded(place: str, words: str, people: int, due_at: datetime | None, now: datetime) -> str:
    """`people`: to how many chats the question goes; `due_at`: when."""
    return f"Đã ghi câu hỏi cho {place}: “{words}”. {_goes(people, due_at, now)} Có trả lời, Loa Xã báo anh/chị ngay."


def rejection_recorded(
    place: str, words: str, state: str, people: int, due_at: datetime | None, now: datetime
) -> str:
    return (
        f"Đã ghi: không chấp nhận xác nhận của {place}, lý do: {words}. Nhật ký đang ghi: {state}. "
        f"{_goes(people, due_at, now)}"
    )


def changed_meanwhile(place: str) -> str:
    return f"{cap(place)} vừa đổi xác nhận nên Loa Xã chưa ghi gì. Anh/chị xem lại bản mới dưới đây."


def gone_meanwhile(place: str) -> str:
    return f"{cap(place)} không còn xác nhận nào đang chờ xem. Loa Xã chưa ghi gì."


def decided_before(by: str, words: str, when: datetime) -> str:
    return f"{by} đã {words} xác nhận này lúc {at(when)}."


def no_proofs(place: str) -> str:
    return f"{cap(place)} chưa gửi bằng chứng nào."


def proof_of(place: str, week: Week, person: str, when: datetime) -> str:
    return f"{cap(place)}, tuần {week.number}: {person} gửi lúc {at(when)}"


def more_proofs(number: int) -> str:
    return f"Còn {number} bằng chứng nữa ở trang Loa Xã, gõ /dangnhap."


LOST_FILE = "Tệp này không còn trên máy chủ. Anh/chị báo người quản trị."


def words_needed(name: str, verb: str) -> str:
    return f"Anh/chị gõ vài chữ sau dấu hai chấm, ví dụ “{verb} {name}: phát lúc nào?”. Loa Xã chưa ghi gì."


def _goes(people: int, due_at: datetime | None, now: datetime) -> str:
    if not people:
        return "Đài chưa có ai gắn điện thoại nên Loa Xã chưa báo được, anh/chị gọi điện."
    if due_at is not None and due_at > now:
        return f"Loa Xã gửi cho đài lúc {at(due_at)}, vì bây giờ là giờ nghỉ."
    return "Loa Xã đang gửi cho đài."
