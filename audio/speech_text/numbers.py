"""Figures as Vietnamese words: cardinals, digit by digit, decimals, thousands, ordinals."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, Unsure, left_of, right_of, rule

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu")
_BILLION = 1_000_000_000
# Longer bare runs are account, tax or identity numbers, which people read digit by digit.
_LONGEST_CARDINAL = 9

NUMBER = r"\d+(?:[.,]\d+)*"
_NOUNS_COUNTED = (
    r"(?:năm|tháng|tuần|ngày|giờ|phút|lần|lượt|người|hộ|xã|thôn|bản|tổ|đồng|kỳ|bài|tin|bộ|cấp|khâu)\b"
)


def cardinal(n: int) -> str:
    """`n` in words, northern standard: 1_010 is "một nghìn không trăm mười", 24 "hai mươi tư"."""
    if n < 0:
        return "âm " + cardinal(-n)
    if n >= _BILLION:
        head, rest = divmod(n, _BILLION)
        return f"{cardinal(head)} tỷ" + (" " + _below_billion(rest, True) if rest else "")
    return _below_billion(n, False)


def digits(figures: str) -> str:
    """Each figure by its own name, everything else ignored: "1022" is "một không hai hai"."""
    return " ".join(DIGITS[int(figure)] for figure in figures if figure in "0123456789")


def decimals(figures: str) -> str:
    """The part after the comma: two or three figures as one number, others one by one."""
    if figures.startswith("0") or len(figures) > 3:
        return digits(figures)
    return cardinal(int(figures))


def number(written: str) -> str:
    """A written figure as words. A dot groups thousands, a comma is "phẩy", other dots are "chấm"."""
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", written):
        whole, _, part = written.replace(".", "").partition(",")
        return cardinal(int(whole)) + (" phẩy " + decimals(part) if part else "")
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3}){2,}(?:\.\d+)?", written):
        whole, _, part = written.replace(",", "").partition(".")
        return cardinal(int(whole)) + (" phẩy " + decimals(part) if part else "")
    if re.fullmatch(r"\d+,\d+", written):
        whole, _, part = written.partition(",")
        return f"{_whole(whole)} phẩy {decimals(part)}"
    if "." in written:
        return " chấm ".join(number(part) for part in written.split("."))
    if "," in written:
        return ", ".join(number(part) for part in written.split(","))
    return _whole(written)


def _whole(figures: str) -> str:
    if len(figures) > _LONGEST_CARDINAL or (figures.startswith("0") and len(figures) > 2):
        return digits(figures)
    return cardinal(int(figures))


def _below_billion(n: int, after_larger: bool) -> str:
    if n == 0:
        return DIGITS[0]
    words: list[str] = []
    for power in (2, 1, 0):
        group = n // 1000**power % 1000
        if group:
            words += _group(group, bool(words) or after_larger)
            if power:
                words.append(_SCALES[power])
    return " ".join(words)


def _group(n: int, after_larger: bool) -> list[str]:
    """Three figures; behind a larger group the empty hundreds are said, so that 1.005 is not 1.500."""
    hundreds, rest = divmod(n, 100)
    words = [DIGITS[hundreds], "trăm"] if hundreds or after_larger else []
    if rest and rest < 10 and words:
        return [*words, "linh", "tư" if rest == 4 else DIGITS[rest]]
    return words + _below_hundred(rest) if rest else words


def _below_hundred(n: int) -> list[str]:
    tens, unit = divmod(n, 10)
    if tens == 0:
        return [DIGITS[unit]]
    words = ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    if unit == 5:
        words.append("lăm")
    elif unit == 1 and tens > 1:
        words.append("mốt")
    elif unit == 4 and tens > 1:
        words.append("tư")
    elif unit:
        words.append(DIGITS[unit])
    return words


def _plain(match: re.Match[str]) -> str | Unsure:
    written = match.group()
    if re.fullmatch(r"[1-9]\d{0,2},000", written) and re.match(r"\s*(?:đồng|người|lượt|hộ)", right_of(match)):
        words = cardinal(int(written.replace(",", "")))
        return Unsure(words, "Dấu phẩy ở đây được hiểu là dấu ngăn cách hàng nghìn.")
    # Glued letters ("10A1", "3bạn") would otherwise run into the words.
    before = " " if re.search(r"\w$", left_of(match, 1)) else ""
    after = " " if re.match(r"\w", right_of(match, 1)) else ""
    return before + number(written) + after


def _named_with_zero(match: re.Match[str]) -> str:
    """ "Đề án 06" is a name, its zero is read; "tổng số 05 hộ" counts something, there it is silent."""
    counted = re.match(r"\s+" + _NOUNS_COUNTED, right_of(match)) or re.search(
        r"(?i)(?:tổng|con)\s*$", left_of(match)
    )
    return match.group() if counted else f"{match[1]} không {DIGITS[int(match[2])]}"


_ORDINALS = {"1": "nhất", "4": "tư"}

RULES: tuple[Rule, ...] = (
    # Blanks as thousands separators, also the narrow ones; a year or a phone number never looks like this.
    rule(
        r"(?<![\d.,/] )(?<![\d.,/])\b[1-9]\d{0,2}(?: \d{3})+(?![\d.]|,\d| \d)",
        lambda m: m.group().replace(" ", "."),
    ),
    rule(r"(?i)\b(lần thứ|hạng thứ|thứ)\s+0?([14])\b(?![.,]?\d)", lambda m: f"{m[1]} {_ORDINALS[m[2]]}"),
    rule(r"(?i)\b(tháng)\s+0?4\b(?![.,]?\d)", r"\1 tư"),
    rule(
        r"(?i)\b((?:đề án|dự án|mẫu|biểu|biểu mẫu|số|đội|mã)(?:\s+số)?:?)\s+0([1-9])\b(?![.,/]?\d)",
        _named_with_zero,
    ),
    rule(r"(?<=\d)\s?x\s?(?=\d)", " nhân "),
    rule(NUMBER, _plain),
)
