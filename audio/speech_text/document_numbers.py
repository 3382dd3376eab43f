"""Numbers of official documents ("189/KH-UBND", "13/2023/NĐ-CP", "09-NQ/TU") and of standards."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, rule
from audio.speech_text.letters import spelt
from audio.speech_text.numbers import DIGITS, cardinal, number
from audio.speech_text.syllables import LOWER

_PART = r"(?![IVX]+\b)[A-ZĐƯÔ]{2,}[gr]?[A-ZĐƯÔ]*\d{0,2}"
_CODE = rf"{_PART}(?:(?:\s?[-/]\s?|[.&,]){_PART})*"
_KINDS = (
    "nghị định|thông tư(?: liên tịch)?|nghị quyết|luật|quyết định|pháp lệnh|chỉ thị|văn bản|công văn|kế hoạch|"
    "hướng dẫn|thông báo|kết luận|công điện|quy định|quy chế|báo cáo|tờ trình|chương trình|lệnh|bộ luật"
)


def _figure(written: str) -> str:
    """A leading zero is part of the name: "09" is "không chín"."""
    if len(written) > 1 and written.startswith("0"):
        return " ".join(DIGITS[int(figure)] for figure in written)
    return number(written)


def _numbered(match: re.Match[str]) -> str:
    figure, suffix, year, joint, code = match.groups()
    words = _figure(figure) + (f" {spelt(suffix)}" if suffix else "")
    if year:
        words += f" trên {cardinal(int(year))}"
    # "09-NQ/TU": a hyphen is a breath, the slash is read.
    return f"{words}{' trên' if joint == '/' else ''} {_code(code)}"


def _code(code: str) -> str:
    return " trên ".join(spelt(part) for part in code.split("/"))


def _of_year(match: re.Match[str]) -> str:
    return f"{match[1]} {_figure(match[2])} trên {cardinal(int(match[3]))}"


RULES: tuple[Rule, ...] = (
    # QCVN 01:2021/BYT, TCVN 7957:2008, ISO 9001:2015
    rule(
        rf"\b(QCVN|TCVN|TCXDVN|TCCS|ISO|IEC)\s?(\d[\d.-]*\d|\d)(?::(\d{{4}}))?(?:/({_PART}))?",
        lambda m: " ".join(
            [spelt(m[1]), _figure(m[2].replace("-", "."))]
            + ([cardinal(int(m[3]))] if m[3] else [])
            + ([f"trên {spelt(m[4])}"] if m[4] else [])
        ),
    ),
    rule(
        r"(?<![\w/.,-])(\d{1,3}\.\d{3}|\d{1,6})([a-zđ]?)\s?(?:/\s?(\d{4})\s?)?(?:(/)\s?|(?=-\S)-(?=\S))"
        rf"({_CODE})(?![{LOWER}])",
        _numbered,
    ),
    # The number is still open in a draft: "Số: /STTTT-TTBCXB".
    rule(rf"(?i:(?<=số)|(?<=số:)) ?\s?/\s?({_PART}(?:\s?[-/]\s?{_PART})+)", lambda m: " " + _code(m[1])),
    rule(rf"(?i)\b((?:{_KINDS})(?: số)?:?)\s+(\d{{1,4}})/((?:19|20)\d\d)\b(?!/)", _of_year),
    rule(r"(?i)\b(số:?)\s+(\d{1,4})/((?:19|20)\d\d)\b(?!/)", _of_year),
)
