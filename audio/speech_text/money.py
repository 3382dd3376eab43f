"""Money written short: "2tr5", "1 tỷ 2", "50k". Plain amounts are numbers with a unit."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, rule


def _tail(match: re.Match[str]) -> str:
    """The figure behind the unit is its tenths: "2tr5" is two and a half million."""
    unit = "tỷ" if match[2].lower() in {"tỷ", "tỉ"} else "triệu"
    return f"{match[1]} {unit} {'rưỡi' if match[3] == '5' else match[3]}"


RULES: tuple[Rule, ...] = (
    rule(r"(?i)(?<![\w.,])(\d{1,3})\s?(tr|triệu)(\d{1,3})(?![\w.,])", _tail),
    rule(r"(?i)(?<![\w.,])(\d{1,3})(tỷ|tỉ)(\d{1,3})(?![\w.,])", _tail),
    rule(r"(?i)\b(?:VNĐ|VND)\s?(?=\d)([\d.,]*\d)", r"\1 đồng"),
    rule(r"(?i)\b(?:USD|US\$)\s?(?=\d)([\d.,]*\d)", r"\1 đô la"),
    rule(r"(?i)(triệu|nghìn|ngàn|tỷ|tỉ)\s?(?:đ|VNĐ|VND)(?!\w)", r"\1 đồng"),
    rule(r"(?i)\b(triệu|nghìn|ngàn|tỷ|tỉ) (?:USD|đô)\b", r"\1 đô la"),
)
