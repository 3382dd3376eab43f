"""From-to: "5-7 ngày", "2021 - 2030", "thứ 2 - thứ 6". A dash between words is no range."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, left_of, rule
from audio.speech_text.numbers import NUMBER

_UNIT = (
    r"(?:\s?(?:%|°C|°|đ|k|tr|triệu|nghìn|ngàn|tỷ|đồng|kg|g|km|cm|mm|m|ha|ml|lít|độ|giờ|phút|ngày|tháng|tuổi|năm|tấn|tạ|"
    r"triệu đồng|nghìn đồng|tỷ đồng|độ C)(?!\w))"
)
_SCORE = re.compile(
    r"(?i)(?:tỷ số|tỉ số|thắng|thua|hòa|kết quả|dẫn)\s*(?:với\s)?(?:tỷ số\s|tỉ số\s)?(?:là\s)?$"
)
_WEEKDAYS = r"hai|ba|tư|năm|sáu|bảy"


def _joined(match: re.Match[str]) -> str:
    if _SCORE.search(left_of(match)):
        return f"{match[1]} "
    return f"{match[1]} đến "


def _weekdays(row: str) -> str:
    named = re.sub(r"T([2-7])", lambda m: "thứ tư" if m[1] == "4" else f"thứ {m[1]}", row)
    return named.replace("CN", "chủ nhật")


RULES: tuple[Rule, ...] = (
    # Weekdays in a row: the fourth is "tư" as it is alone.
    rule(r"(?i)\bthứ\s[2-7](?:\s?(?:,|và)\s?[2-7])+\b(?![.,/]?\d)", lambda m: m.group().replace("4", "tư")),
    rule(r"(?i)\bT([2-7])\s?-\s?T([2-7])\b", r"thứ \1 đến thứ \2"),
    # A timetable's "T2, T4, T6" and "T7, CN"; one T2 alone may be anything.
    rule(r"\bT[2-7](?:\s?(?:,|;|và|&)\s?(?:T[2-7]|CN)\b)+", lambda m: _weekdays(m.group())),
    rule(r"(?i)\bT([2-7])\s?-\s?CN\b", r"thứ \1 đến chủ nhật"),
    rule(r"(?i)\b(thứ)\s([2-7])\s?-\s?([2-7])\b(?![/.,]\d)", r"\1 \2 đến thứ \3"),
    rule(
        rf"(?i)\b(thứ\s(?:[2-7]|{_WEEKDAYS}))\s?-\s?(?=thứ\s(?:[2-7]|{_WEEKDAYS})\b|chủ nhật|CN\b)",
        r"\1 đến ",
    ),
    rule(r"(?i)\b(tháng)\s0?(\d{1,2})\s?-\s?0?(\d{1,2})\b(?![/.,]\d)", r"\1 \2 đến tháng \3"),
    # The same noun on both sides: "tháng 9 - tháng 12", "cấp 8 - cấp 9", "lớp 1 - lớp 5".
    rule(rf"(?i)\b([^\W\d_]+)(\s{NUMBER})\s?-\s?(?=\1\s\d)", r"\1\2 đến "),
    rule(
        rf"(?<![\w/.-])(?<!\w[.,])({NUMBER}{_UNIT}?)\s?-{{1,2}}\s?(?=\d+(?:[.,]\d+)*(?![\w-]*[/-]\d|\d))",
        _joined,
    ),
    rule(rf"(?i)(?<=tháng )({NUMBER} năm {NUMBER})\s?-\s?(?=tháng|\d)", r"\1 đến "),
    # "ngày 15 tháng 6 - ngày 30 tháng 6"
    rule(rf"(?i)((?:tháng|năm) {NUMBER})\s?-\s?(?=ngày \d|mùng \d|\d{{1,2}} tháng)", r"\1 đến "),
)
