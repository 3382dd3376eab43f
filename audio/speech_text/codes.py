"""Roads, vehicle plates, classes, viruses, chemical formulas and other mixed codes."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, left_of, rule
from audio.speech_text.letters import letter, spelt
from audio.speech_text.numbers import cardinal, digits
from audio.speech_text.syllables import is_syllable

_ROADS = {
    "QL": "quốc lộ",
    "ĐT": "đường tỉnh",
    "TL": "tỉnh lộ",
    "HL": "hương lộ",
    "ĐH": "đường huyện",
    "ĐX": "đường xã",
    "CT": "cao tốc",
}


def _road(match: re.Match[str]) -> str:
    suffix = f" {letter(match[3])}" if match[3] else ""
    return f"{_ROADS[match[1]]} {cardinal(int(match[2]))}{suffix}"


def _plate(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[1]))} {spelt(match[2])} {digits(match[3])}"


def _mixed(code: str) -> str:
    """Letters and figures in turn: "10A1", "H5N1", "VTV1", "COVID-19" keeps its word."""
    return " ".join(_part(part) for part in re.findall(r"\d+|[^\W\d_]+", code))


def _part(part: str) -> str:
    if part.isdigit():
        return (
            digits(part) if (part.startswith("0") and len(part) > 1) or len(part) > 4 else cardinal(int(part))
        )
    return part.lower() if len(part) > 2 and is_syllable(part) and not part.isupper() else spelt(part)


def _mobile_pair(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[1]))} gờ và {cardinal(int(match[2]))} gờ"


def _school_class(match: re.Match[str]) -> str:
    return match.group() if re.search(r"\d\s?$", left_of(match)) else _mixed(match.group())


RULES: tuple[Rule, ...] = (
    rule(r"\b([2-6])G\s?/\s?([2-6])G\b", _mobile_pair),
    rule(r"\b([2-6])G\b", lambda m: f"{cardinal(int(m[1]))} gờ"),
    rule(r"(?<![\w.])(QL|TL|HL|ĐX)\s?\.?\s?(\d{1,3})([A-ZĐ])?(?!\w)", _road),
    rule(r"(?:\bđường\s+)?(?<![\w.])(ĐT|ĐH)\s?\.?\s?(\d{3})([A-ZĐ])?(?!\w|[.]?\s?\d)", _road),
    rule(r"(?<![\w.])(ĐT|ĐH|CT)\s?\.\s?(\d{2,3})([A-ZĐ])?(?![\w.]\d|\w)", _road),
    rule(r"(?<![\w.])(ĐT|ĐH|CT)(\d{2,3})([A-ZĐ])?(?![\w.]\d|\w)", _road),
    rule(r"(?<![\w.-])(\d{2})\s?([A-ZĐ]{1,2}\d?)\s?-\s?(\d{3}\.?\d{2}|\d{4})(?![\w.]\d|\w)", _plate),
    # "A/H5N1": the stroke of a virus type is read, its brackets are not.
    rule(r"\b([A-D])\s?/\s?(?=H\d)", lambda m: f"{letter(m[1])} gạch chéo "),
    rule(r"\b([A-D])\s?\((H\d+N\d+)\)", lambda m: f"{letter(m[1])} {_mixed(m[2])}"),
    rule(r"\bPM\s?2[.,]5\b", "pê em hai phẩy năm"),
    rule(r"\bPM\s?10\b", "pê em mười"),
    rule(r"(?i)\b(covid|sars-cov|omicron)\s?-\s?(?=\d)", r"\1 "),
    rule(r"(?i)\b(windows|android|ios|zoom|office|word|excel)\s?(?=\d)", r"\1 "),
    # "Quốc lộ 1A", "lớp 10A1", "số nhà 12B": a figure with letters; units of measure have gone before.
    rule(r"(?<![\w.,/-])\d{1,3}[A-ZĐ](?:\d{1,3})?(?![\w])", _school_class),
    rule(
        r"(?<![\w/'])[A-ZĐ]{1,4}\d{1,4}(?:[A-ZĐ]{1,3}\d{0,4})*(?![\w'])(?![.,]\d)",
        lambda m: _mixed(m.group()),
    ),
    rule(r"(?<![\w/'])[A-Z]{1,2}\d{0,2}-(?=\d{1,3}(?!\d))", lambda m: f"{_mixed(m.group())} "),
    rule(r"(?<![\w.,/])(\d{1,3})([a-cA-C])(?![\w'])", lambda m: f"{cardinal(int(m[1]))} {letter(m[2])}"),
)
