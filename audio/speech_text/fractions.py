"""`a/b` that is no date: shares, scores, scales, and between words an "or"."""

from __future__ import annotations

import re

from audio.speech_text.dates import COUNTED, is_date
from audio.speech_text.draft import Rule, Unsure, left_of, right_of, rule
from audio.speech_text.numbers import NUMBER

_PLACE = re.compile(
    r"(?i)(?:số nhà|số|hẻm|ngõ|ngách|kiệt|đường|lớp|thửa|tổ|tờ|huyết áp|tỷ lệ|tỉ lệ|nhóm|điểm|đạt)\s*:?\s*$"
)
_AMOUNT = re.compile(
    r"(?i)\s*(?:số|diện tích|dân số|tổng|quãng|thời gian|chiều|lượng|muỗng|thìa|cốc|ly|chén|bát|viên|gói|mức|giá)(?!\w)"
)
_WHOLE_COUNT = re.compile(rf"(?i)\s*(?:{COUNTED})(?!\w)")
_UNSURE = "Chưa rõ là ngày tháng hay phân số; được đọc là phân số."


def _share(match: re.Match[str]) -> str | Unsure:
    above, below = match[1], match[2]
    link = _link(match, above, below)
    words = f"{above} {link} {'tư' if link == 'phần' and below == '4' else below}"
    if above.isdigit() and below.isdigit() and is_date(match, int(above), int(below)) is None:
        return Unsure(words, _UNSURE)
    return words


def _link(match: re.Match[str], above: str, below: str) -> str:
    """A part of a whole is "phần", so many out of so many is "trên"."""
    small = above.isdigit() and below.isdigit() and int(above) < int(below) <= 10
    if not small or (_PLACE.search(left_of(match)) and not _AMOUNT.match(right_of(match))):
        return "trên"
    everyday = (int(above), int(below)) in {(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)}
    counted = _WHOLE_COUNT.match(right_of(match)) and not _AMOUNT.match(right_of(match))
    return "trên" if counted and not everyday else "phần"


RULES: tuple[Rule, ...] = (
    rule(r"(?i)(?<=t[ỷỉ] lệ )(\d+)\s?:\s?(\d[\d.]*)", r"\1 trên \2"),
    # School and sports years: a breath between them.
    rule(r"(?<![\d/.,])((?:19|20)\d\d)\s?/\s?((?:19|20)\d\d)(?![\d/])", r"\1, \2"),
    rule(rf"(?<![\w/])({NUMBER})\s?/\s?({NUMBER})(?![\w/])", _share),
    rule(rf"(?<![\w/])({NUMBER})/({NUMBER})/({NUMBER})(?![\w/])", r"\1 trên \2 trên \3"),
)
