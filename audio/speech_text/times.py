"""Times of day: 15h30, 7g30, 18:00, 19h30', 24/24."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, left_of, rule

_NOT_A_TIME = re.compile(r"(?i)(?:tỷ lệ|tỉ lệ|tỷ số|tỉ số|tcvn|qcvn|iso)\D{0,12}$")


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59 or _NOT_A_TIME.search(left_of(match)):
        return match.group()
    return f"{hour} giờ" + (f" {minute} phút" if minute else "")


def _clock_with_seconds(match: re.Match[str]) -> str:
    return f"{int(match[1])} giờ {int(match[2])} phút {int(match[3])} giây"


def _hour(match: re.Match[str]) -> str:
    return f"{int(match[1])} giờ"


def _half_of_day(match: re.Match[str]) -> str:
    hour = int(match[1])
    morning = match[2].lower().startswith("a")
    return f"{match[1]} giờ " + ("sáng" if morning else "chiều" if hour < 6 or hour == 12 else "tối")


_MINUTES = r"(?:\s?(?:'|phút\b|ph\b|p\b|m\b))?"

RULES: tuple[Rule, ...] = (
    # Round the clock; "24/7" falls to the fractions.
    rule(r"\b24\s?/\s?24\s?h\b", "24 trên 24 giờ"),
    rule(r"\b24\s?/\s?(24|7)\b", r"24 trên \1"),
    rule(r"(?<![\d:.,/])([01]?\d|2[0-4]):([0-5]\d):([0-5]\d)(?![\d:])", _clock_with_seconds),
    rule(rf"(?<![\d.,:/])(\d{{1,2}})\s?[hH:]\s?(\d{{2}}){_MINUTES}(?![\w:]|[.,/]\d)", _clock),
    rule(rf"(?<![\d.,:/])(\d{{1,2}})[gG](\d{{2}}){_MINUTES}(?![\w:]|[.,/]\d)", _clock),
    rule(r"(?i)(?<![\d.,:/])(\d{1,2})(?: giờ)?\s?([ap]\.?m)\b\.?(?!\w)", _half_of_day),
    rule(r"(?i)(giờ \d{1,2} phút)\s?(a)\.?m\b\.?", r"\1 sáng"),
    rule(r"(?i)(giờ(?: \d{1,2} phút)?)\s?(p)\.?m\b\.?", r"\1 chiều"),
    rule(r"(?<![.,:/])(?<!\d)(\d{1,2})\s?[hH](?![\w/²³])", _hour),
    # A bare g is an hour only where hours are spoken of, otherwise grams.
    rule(r"(?i)(?:(?<=từ )|(?<=lúc )|(?<=vào ))(\d{1,2})\s?g(?!\w)", _hour),
    rule(
        r"(?i)(?<![\d.,])(\d{1,2})\s?g(?=\s?(?:-|sáng|trưa|chiều|tối|đêm|ngày|hằng|hàng|hôm|đến \d{1,2}\s?g))",
        _hour,
    ),
    rule(r"\b(giờ)\s?00\b(?:\s?(?:'|phút\b))?", r"\1"),
    rule(r"\b(giờ)\s?([0-5]\d)(?:'|p\b|ph\b)?(?!\s?phút|\s?giây|[\w/]|[.,]\d|\s?-\s?\d|\s\d)", r"\1 \2 phút"),
    rule(r"(?<=\d)\s?'\s?(\d{1,2})\s?\"", r" phút \1 giây"),
    rule(r"(?<=\d)'(?![\w'])", " phút"),
    rule(r"\b(giờ|phút)(\s?-\s?)(?=\d{1,2} giờ)", r"\1 đến "),
)
