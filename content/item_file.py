"""Reading item files: front matter between two `---` lines, then the script and nothing else.

Front matter knows two shapes, `key: value` and `key:` followed by `- value` lines. It is no YAML on purpose: what an
officer types by hand has no quoting, no types and no surprises.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath

from content.item import BrokenItem, LibraryItem, clean_script
from content.season import BadSeason, Season
from content.topics import OFFICIAL_MESSAGES, TopicCode

REQUIRED = ("id", "title", "topic", "source", "language")
OPTIONAL = ("message", "quote", "season", "keywords")
LISTS = ("keywords",)
_FENCE = "---"
_KEY = re.compile(r"([a-z_]+):(.*)")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{3}")


@dataclass(frozen=True)
class _Field:
    line: int
    value: str
    entries: tuple[str, ...] = ()


def parse_item(text: str, name: str) -> LibraryItem:
    """Read one item file called `name`. Raises BrokenItem with a Vietnamese reason; nothing is half read."""
    head, body = _split(unicodedata.normalize("NFC", text.removeprefix("\ufeff")), name)
    fields = _fields(head, name)
    _check_keys(fields, name)
    script = clean_script(body, name)
    message = _message(fields, name)
    return LibraryItem(
        slug=_slug(fields["id"], name),
        title=fields["title"].value,
        topic=_topic(fields["topic"], name),
        message=message,
        quote=_quote(fields, message, script, name),
        source=fields["source"].value,
        season=_season(fields.get("season"), name),
        language=_language(fields["language"], name),
        keywords=fields["keywords"].entries if "keywords" in fields else (),
        script=script,
    )


def _split(text: str, name: str) -> tuple[list[str], str]:
    lines = text.splitlines()
    if not lines or lines[0].strip() != _FENCE:
        raise _broken(name, "dòng 1 không phải là “---”", "Thêm phần đầu tin giữa hai dòng “---”")
    for number, line in enumerate(lines[1:], 1):
        if line.strip() == _FENCE:
            return lines[1:number], "\n".join(lines[number + 1 :])
    raise _broken(name, "thiếu dòng “---” kết thúc phần đầu tin", "Thêm dòng “---” trước lời đọc")


def _fields(lines: list[str], name: str) -> dict[str, _Field]:
    fields: dict[str, _Field] = {}
    key = ""
    for number, raw in enumerate(lines, 2):
        line = raw.strip()
        if not line:
            continue
        if line.startswith("- ") and key in LISTS:
            old = fields[key]
            fields[key] = _Field(old.line, old.value, (*old.entries, line[2:].strip()))
            continue
        found = _KEY.fullmatch(line)
        if not found:
            raise _broken(
                name, f"dòng {number} không đọc được (“{line[:40]}”)", "Viết theo dạng “khóa: giá trị”"
            )
        key = found[1]
        if key in fields:
            raise _broken(name, f"dòng {number} lặp lại khóa “{key}”", "Chỉ giữ một dòng")
        fields[key] = _Field(number, found[2].strip())
    return fields


def _check_keys(fields: dict[str, _Field], name: str) -> None:
    for key, field in fields.items():
        if key not in REQUIRED + OPTIONAL:
            known = ", ".join(REQUIRED + OPTIONAL)
            raise _broken(name, f"dòng {field.line} có khóa lạ “{key}”", f"Chỉ dùng các khóa: {known}")
        if key in LISTS and (field.value or not field.entries):
            raise _at(field, key, name, "phải là danh sách", "Xuống dòng, viết mỗi mục sau dấu “- ”")
        if key not in LISTS and not field.value:
            raise _at(field, key, name, "đang để trống", "Điền giá trị, hoặc bỏ dòng này nếu không bắt buộc")
    for key in REQUIRED:
        if key not in fields:
            raise _broken(name, f"thiếu khóa “{key}”", f"Thêm dòng “{key}: ...” vào phần đầu tin")


def _slug(field: _Field, name: str) -> str:
    if not _SLUG.fullmatch(field.value):
        raise _at(
            field, "id", name, f"ghi “{field.value}”", "Chỉ dùng chữ thường không dấu, chữ số và gạch nối"
        )
    if field.value != PurePath(name).stem:
        raise _at(
            field, "id", name, f"ghi “{field.value}”, khác tên tệp", "Sửa cho trùng với tên tệp, bỏ đuôi .md"
        )
    return field.value


def _topic(field: _Field, name: str) -> TopicCode:
    try:
        return TopicCode(field.value)
    except ValueError:
        known = ", ".join(TopicCode)
        raise _at(
            field, "topic", name, f"ghi “{field.value}”", f"Chọn một trong chín chủ đề: {known}"
        ) from None


def _message(fields: dict[str, _Field], name: str) -> int | None:
    field = fields.get("message")
    if field is None:
        return None
    if not re.fullmatch(r"[1-9]", field.value):
        raise _at(
            field,
            "message",
            name,
            f"ghi “{field.value}”",
            "Ghi số của thông điệp, từ 1 đến 9, hoặc bỏ dòng này",
        )
    return int(field.value)


def _quote(fields: dict[str, _Field], message: int | None, script: str, name: str) -> str | None:
    field = fields.get("quote")
    if field is None:
        if message is not None:
            raise _broken(
                name, f"có thông điệp {message} mà thiếu khóa “quote”", "Chép nguyên văn thông điệp vào"
            )
        return None
    quote = " ".join(field.value.split())
    if message is not None and quote != OFFICIAL_MESSAGES[message - 1]:
        raise _at(field, "quote", name, f"khác nguyên văn thông điệp {message}", "Chép lại đúng từng chữ")
    times = script.count(quote)
    if times != 1:
        raise _at(
            field, "quote", name, f"có {times} lần trong lời đọc", "Chép nguyên văn vào lời đọc đúng một lần"
        )
    return quote


def _season(field: _Field | None, name: str) -> Season | None:
    if field is None:
        return None
    try:
        return Season.parse(field.value)
    except BadSeason:
        raise _at(
            field, "season", name, f"ghi “{field.value}”", "Ghi tháng-ngày, ví dụ 10-01..10-31"
        ) from None


def _language(field: _Field, name: str) -> str:
    if not _LANGUAGE.fullmatch(field.value):
        raise _at(field, "language", name, f"ghi “{field.value}”", "Ghi mã ba chữ, ví dụ vie cho tiếng Việt")
    return field.value


def _at(field: _Field, key: str, name: str, what: str, todo: str) -> BrokenItem:
    return _broken(name, f"dòng {field.line}, khóa “{key}” {what}", todo)


def _broken(name: str, what: str, todo: str) -> BrokenItem:
    return BrokenItem(f"Chưa nhận được tin bài “{name}”: {what}. {todo}, rồi gửi lại tệp.")
