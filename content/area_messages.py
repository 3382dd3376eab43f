"""What pages say about communes that merge, split, move or take another name. Manner as in content/messages.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from content.wording import date_vi

KINDS = {"merge": "gộp", "split": "chia", "move": "chuyển", "rename": "đổi tên"}
"""As files write them; fold() of these is understood too."""

NO_DOCUMENT = "chưa có số văn bản. Anh/chị ghi như 1671/NQ-UBTVQH15."
LONG_DOCUMENT = "số văn bản quá dài, tối đa 120 ký tự."
ONE_OLD_TO_MERGE = "gộp cần ít nhất hai đơn vị. Nếu chỉ đổi tên, anh/chị chọn đổi tên."
ONE_NEW_TO_SPLIT = "chia cần ít nhất hai đơn vị sau khi chia."
ONE_OF_EACH = "đổi tên và chuyển làm với từng đơn vị một."
NOTHING_MOVES = "tỉnh và cụm mới giống như cũ nên không có gì để chuyển."
NOTHING_RENAMED = "tên mới giống tên cũ."
TWICE_IN_ONE = "ghi hai lần trong cùng một thay đổi."
OWN_SUCCESSOR = "đơn vị này không thể chỉ gộp vào chính nó."
CLOSING_ALONE = "chỉ khi gộp mới chọn đóng đài cũ được."
CHANGED_MEANWHILE = "Số liệu đã đổi từ lúc xem trước nên Loa Xã chưa ghi gì. Anh/chị xem lại rồi xác nhận."
UNREADABLE = "Loa Xã không đọc được tệp này. Anh/chị lưu lại dạng CSV UTF-8 hoặc Excel (.xlsx) rồi gửi lại."
ALREADY_IN_FORCE = "Thay đổi này đã có hiệu lực nên không rút được nữa. Anh/chị lập một thay đổi ngược lại."
ALREADY_WITHDRAWN = "Thay đổi này đã được rút trước đó. Không cần làm gì thêm."


def no_day(typed: str) -> str:
    """For a form; a file names its line and column."""
    if not typed.strip():
        return "chưa có ngày. Anh/chị ghi ngày có trong văn bản, như 1/7/2027."
    return f"“{typed.strip()[:20]}” không phải ngày. Anh/chị ghi như 1/7/2027."


def bad_code(code: str) -> str:
    return f"mã “{code}” không đúng dạng. Mã xã, phường gồm 5 số."


def no_such(code: str) -> str:
    return f"không có xã, phường nào mang mã {code}. Anh/chị kiểm tra lại mã."


def ended(name: str, code: str, on: date, heirs: Sequence[str]) -> str:
    went = f", nay là {joined(heirs)}" if heirs else ""
    return f"{name} ({code}) đã chấm dứt từ ngày {date_vi(on)}{went}. Anh/chị dùng mã hiện nay."


def waits(name: str, on: date, document: str) -> str:
    return (
        f"{name} đang có thay đổi chờ hiệu lực ngày {date_vi(on)} ({document}). "
        "Anh/chị rút thay đổi đó, hoặc đợi nó có hiệu lực."
    )


def in_two(code: str) -> str:
    return f"mã {code} nằm trong hai thay đổi. Mỗi đơn vị chỉ đổi một lần trong một danh sách."


def too_early(name: str, last: date) -> str:
    return f"{name} có thay đổi gần nhất ngày {date_vi(last)}; ngày hiệu lực phải sau ngày đó."


def too_far(last: date) -> str:
    return f"ngày hiệu lực quá xa. Loa Xã nhận đến hết ngày {date_vi(last)}."


def document_later(on: date) -> str:
    return f"văn bản ký sau ngày hiệu lực {date_vi(on)}. Anh/chị kiểm tra lại hai ngày."


def bad_name(name: str) -> str:
    return f"tên “{name}” cần bắt đầu bằng Xã, Phường hoặc Đặc khu, và dài nhất 80 ký tự."


def name_taken(name: str, code: str) -> str:
    return f"trong tỉnh đã có {name} (mã {code}). Trong một tỉnh, tên không trùng nhau."


def code_taken(code: str, name: str) -> str:
    return (
        f"mã {code} đang là của {name}. Nếu gộp vào đơn vị đó, anh/chị để trống tên mới; nếu lập đơn vị mới, "
        "dùng mã khác."
    )


def no_province(code: str) -> str:
    return f"không có tỉnh, thành phố nào mang mã “{code}”."


def no_cluster(code: str, province: str) -> str:
    return f"không có cụm (huyện cũ) mã “{code}” trong {province}."


CROSSES = "các đơn vị thuộc hai tỉnh khác nhau. Anh/chị chuyển chúng về cùng một tỉnh trước."


def beyond(name: str) -> str:
    return f"{name} nằm ngoài khu vực anh/chị quản trị. Loa Xã chưa ghi gì; anh/chị nhờ quản trị cấp tỉnh."


def no_home(station: str) -> str:
    return f"{station} được xếp vào một đơn vị không có trong lần chia này."


def sentence(
    kind: str, olds: Sequence[str], news: Sequence[str], *, same_names: bool, province: str = ""
) -> str:
    """“Xã A và xã B gộp thành xã C”, for lists, notes of reports and the family tree."""
    match kind:
        case "merge" if len(news) == 1 and news[0] in olds:
            others = [name for name in olds if name != news[0]]
            return f"{joined(others)} gộp vào {inside(news[0])}" if others else f"{news[0]} giữ nguyên"
        case "merge":
            return f"{joined(olds)} gộp thành {inside(joined(news))}"
        case "split":
            return f"{joined(olds)} chia thành {inside(joined(news))}"
        case "move":
            return f"{joined(olds)} chuyển sang {province or 'cụm khác'}"
        case _:
            return f"{joined(olds)} đổi thành {inside(joined(news))}" if not same_names else joined(olds)


def units_as_of(day: date) -> str:
    """Stands over the figures of a report when communes changed around its period."""
    return f"Số liệu theo đơn vị hành chính ngày {date_vi(day)}."


def changed_within(on: date, what: str, document: str) -> str:
    return f"Trong kỳ, từ {date_vi(on)}: {what} ({document}); số liệu trước đó tính vào đơn vị mới, mỗi việc một lần."


def changed_since(on: date, what: str, document: str) -> str:
    return f"Sau kỳ này, từ {date_vi(on)}: {what} ({document}); kỳ này vẫn ghi theo đơn vị cũ."


def former(name: str, unit: str) -> str:
    """A station's name when the new commune already has one of the same name."""
    return f"{name} ({inside(unit)} cũ)"


def joined(names: Sequence[str]) -> str:
    """“Xã A, xã B và xã C”."""
    *before, last = [name if place == 0 else inside(name) for place, name in enumerate(names)] or [""]
    return f"{', '.join(before)} và {last}" if before else last


def inside(name: str) -> str:
    """“Xã Đắk Wil” inside a sentence."""
    return name[:1].lower() + name[1:]
