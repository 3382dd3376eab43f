"""Reading item files: front matter between two `---` lines, then the script and nothing else.

Front matter knows two shapes, `key: value` and `key:` followed by `- value` lines. It is no YAML on purpose: what an
officer types by hand has no quoting, no types and no surprises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePath

from content.item import BrokenItem, LibraryItem, clean_script
from content.season import BadSeason, Season
from content.topics import OFFICIAL_MESSAGES, TopicCode
from content.wording import nfc

REQUIRED = ("id", "title", "topic", "source", "language")
OPTIONAL = ("message", "quote", "season", "keywords")
LISTS = ("keywords",)
_FENCE = "---"
_KEY = re.compile(r"([a-z_]+):(.*)")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{3}")


@dataclass(frozen=True)
class _Field:
    file: str
    line: int
    key: str
    value: str
    entries: tuple[str, ...] = ()

    def broken(self, todo: str, what: str = "") -> BrokenItem:
        """`what` is wrong with it: without it, the value."""
        return _broken(
            self.file, f"dòng {self.line}, khóa “{self.key}” {what or f'ghi “{self.value}”'}", todo
        )


def parse_item(text: str, name: str) -> LibraryItem:
    """Read one item file called `name`. Raises BrokenItem with a Vietnamese reason; nothing is half read."""
    head, body = _split(nfc(text.removeprefix("\ufeff")), name)
    fields = _fields(head, name)
    _check_keys(fields, name)
    script = clean_script(body, name)
    message = _message(fields.get("message"))
    return LibraryItem(
        slug=_slug(fields["id"]),
        title=fields["title"].value,
        topic=_topic(fields["topic"]),
        message=message,
        quote=_quote(fields.get("quote"), message, script, name),
        source=fields["source"].value,
        season=_season(fields.get("season")),
        language=_language(fields["language"]),
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
            fields[key] = replace(fields[key], entries=(*fields[key].entries, line[2:].strip()))
            continue
        found = _KEY.fullmatch(line)
        if not found:
            what = f"dòng {number} không đọc được (“{line[:40]}”)"
            raise _broken(name, what, "Viết theo dạng “khóa: giá trị”")
        key = found[1]
        if key in fields:
            raise _broken(name, f"dòng {number} lặp lại khóa “{key}”", "Chỉ giữ một dòng")
        fields[key] = _Field(name, number, key, found[2].strip())
    return fields


def _check_keys(fields: dict[str, _Field], name: str) -> None:
    for key, field in fields.items():
        if key not in REQUIRED + OPTIONAL:
            known = ", ".join(REQUIRED + OPTIONAL)
            raise _broken(name, f"dòng {field.line} có khóa lạ “{key}”", f"Chỉ dùng các khóa: {known}")
        if key in LISTS and (field.value or not field.entries):
            raise field.broken("Xuống dòng, viết mỗi mục sau dấu “- ”", "phải là danh sách")
        if key not in LISTS and not field.value:
            raise field.broken("Điền giá trị, hoặc bỏ dòng này nếu không bắt buộc", "đang để trống")
    for key in REQUIRED:
        if key not in fields:
            raise _broken(name, f"thiếu khóa “{key}”", f"Thêm dòng “{key}: ...” vào phần đầu tin")


def _slug(field: _Field) -> str:
    if not _SLUG.fullmatch(field.value):
        raise field.broken("Chỉ dùng chữ thường không dấu, chữ số và gạch nối")
    if field.value != PurePath(field.file).stem:
        raise field.broken("Sửa cho trùng với tên tệp, bỏ đuôi .md", f"ghi “{field.value}”, khác tên tệp")
    return field.value


def _topic(field: _Field) -> TopicCode:
    try:
        return TopicCode(field.value)
    except ValueError:
        raise field.broken(f"Chọn một trong chín chủ đề: {', '.join(TopicCode)}") from None


def _message(field: _Field | None) -> int | None:
    if field is None:
        return None
    if not re.fullmatch(r"[1-9]", field.value):
        raise field.broken("Ghi số của thông điệp, từ 1 đến 9, hoặc bỏ dòng này")
    return int(field.value)


def _quote(field: _Field | None, message: int | None, script: str, name: str) -> str | None:
    if field is None:
        if message is None:
            return None
        what = f"có thông điệp {message} mà thiếu khóa “quote”"
        raise _broken(name, what, "Chép nguyên văn thông điệp vào")
    quote = " ".join(field.value.split())
    if message is not None and quote != OFFICIAL_MESSAGES[message - 1]:
        raise field.broken("Chép lại đúng từng chữ", f"khác nguyên văn thông điệp {message}")
    times = script.count(quote)
    if times != 1:
        raise field.broken("Chép nguyên văn vào lời đọc đúng một lần", f"có {times} lần trong lời đọc")
    return quote


def _season(field: _Field | None) -> Season | None:
    if field is None:
        return None
    try:
        return Season.parse(field.value)
    except BadSeason:
        raise field.broken("Ghi tháng-ngày, ví dụ 10-01..10-31") from None


def _language(field: _Field) -> str:
    if not _LANGUAGE.fullmatch(field.value):
        raise field.broken("Ghi mã ba chữ, ví dụ vie cho tiếng Việt")
    return field.value


def _broken(name: str, what: str, todo: str) -> BrokenItem:
    return BrokenItem(f"Chưa nhận được tin bài “{name}”: {what}. {todo}, rồi gửi lại tệp.")
