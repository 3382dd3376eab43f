"""Roman figures, told from abbreviations by the noun in front or their place in the line."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, left_of, rule

_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}
_WELL_FORMED = r"(?=[IVXL])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
# Nouns that take a Roman figure, so that even a lone I, V or X behind them is one.
NOUNS = (
    "khóa|khoá|kỳ|kì|kỷ|kỉ|hội|thứ|lục|phần|chương|mục|quý|qúy|cấp|loại|hạng|vùng|tập|đợt|đoạn|khối|nhóm|bậc|khu|"
    "động|đội|bảng|họp|quyển|hàng|lần|độ|mức|điều|khoa|ngạch|năm|bộ|tầng|số|vòng|vực|tổ|hiệu|hệ|ương|dạng|quận|chuyên khoa|trường|đài|tuyến|lô|ô|cụm"
)
_AFTER_NOUN = re.compile(rf"(?i)(?<!\w)(?:{NOUNS})(?:\s+(?:thứ|số))?\s*$")
_AFTER_LIST = re.compile(rf"(?i)(?<!\w)(?:{NOUNS})\s+(?:[IVXL\d]+\s*(?:,|và|-|đến|hoặc|/)\s*)+$")


def value(figures: str) -> int:
    """The value of a well-formed Roman figure below ninety."""
    total = 0
    for here, after in zip(figures, figures[1:] + " ", strict=True):
        total += -_VALUES[here] if _VALUES.get(after, 0) > _VALUES[here] else _VALUES[here]
    return total


def _figure(match: re.Match[str]) -> str:
    left = left_of(match)
    if _AFTER_NOUN.search(left) or _AFTER_LIST.search(left):
        return str(value(match.group()))
    # Two letters or more are a Roman figure anywhere: no abbreviation in use is made of I, V, X alone.
    alone = len(match.group()) == 1 or "L" in match.group()
    return match.group() if alone else str(value(match.group()))


RULES: tuple[Rule, ...] = (
    # "II. Thông điệp": a heading of a letter. C., D., M. at that place are letters.
    rule(rf"(?m)(?<=^)({_WELL_FORMED})(?=\s?[./)]\s|[./)]\d|\s?-\s|\s?:)", lambda m: str(value(m[1]))),
    rule(rf"(?<![\w'&.-])(?:{_WELL_FORMED})(?![\w'&])(?!\.\w)", _figure),
    rule(rf"(?<=\d)-({_WELL_FORMED})(?!\w)", lambda m: f" {value(m[1])}"),
)
