"""Telephone numbers, short numbers, and other figures that are read one by one."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, Unsure, left_of, rule
from audio.speech_text.numbers import digits

# Words that announce a number to call or to text.
_CALL = (
    r"tổng đài|hotline|đường dây nóng|đầu số|điện thoại|sđt|đtdđ|tel|di động|liên hệ|liên lạc|gọi|báo|alo|"
    r"bấm|quay|zalo|viber|gửi|nhắn|cấp cứu|cứu hỏa|cứu hộ|cảnh sát|fax|máy lẻ|cứu nạn|khẩn cấp"
)
_COUNTED = (
    r"(?!\s?(?:%|đ\b|đồng|nghìn|triệu|tỷ|người|hộ|thôn|xã|lần|lượt|cuộc|trường|ca\b|vụ|phút|giờ|ngày|tháng|năm|kg|tin\b|"
    r"bài|hồ sơ|tấn|ha\b|km|m\b|học sinh|em\b|cháu|trẻ|đơn|ý kiến|phiếu|bản|giấy|suất|phần|bộ|thư|tổ\b|máy\b))"
)
_SHORT = r"\d{3,5}(?![\d/.,]\d|\w)"
_IDENTITY = (
    r"mã số(?: thuế)?|mst|mã|tài khoản|stk|cccd|căn cước(?: công dân)?|cmnd|chứng minh nhân dân|số định danh(?: cá nhân)?|"
    r"otp|mật khẩu|pin|mã bưu chính|số thẻ|số seri|sê ri|mã hồ sơ|bhxh|bhyt|số sổ|hộ chiếu"
)


def _one_by_one(match: re.Match[str]) -> str:
    return _said(match.group())


def _said(written: str) -> str:
    plus = "cộng " if written.lstrip("( ").startswith("+") else ""
    # Groups keep a short pause, as people say them.
    groups = [digits(group) for group in re.findall(r"\d+", written)]
    return plus + " ".join(groups)


def _short(match: re.Match[str]) -> str:
    return match[1] + re.sub(r"\d+", lambda figure: digits(figure.group()), match[2])


def _long_run(match: re.Match[str]) -> str | Unsure:
    if re.search(rf"(?i)(?:{_IDENTITY}|{_CALL}|số)\W*$", left_of(match)):
        return digits(match.group())
    return Unsure(digits(match.group()), "Dãy số dài, được đọc từng chữ số.")


RULES: tuple[Rule, ...] = (
    rule(r"(?<![\w+])\(?\+\s?84\)?[\s.-]?(?:\(0\))?\d{1,3}(?:[\s.-]?\d{2,4}){2,3}(?!\d)", _one_by_one),
    rule(r"(?<![\w.,/])\(0\d{1,3}\)[\s.-]{0,2}\d{2,4}(?:[\s.-]?\d{2,4}){1,3}(?!\d)", _one_by_one),
    # Vietnamese numbers begin with 0 and have ten or eleven figures, in any grouping.
    rule(
        r"(?<![\w,/])(?<!\d\.)0\d{1,4}(?:(?:[ .-]|\s-\s(?!0))\d{1,7}){1,5}(?![\d/]|[.,]\d)",
        lambda m: _grouped(m),
    ),
    rule(r"(?<![\w.,/])0\d{8,10}(?!\w)", _one_by_one),
    rule(r"(?<![\w.,/])1[89]00(?:[\s.-]?\d{2,4}){1,2}(?![\d/]|[.,]\d)", lambda m: _grouped(m)),
    rule(
        rf"(?i)((?<!\w)(?:{_CALL})(?:\s(?:số|ngay|đến|tới|theo|qua|về|khẩn cấp|nóng|miễn phí|viên|điện|thoại|cấp|cứu|"
        r"cảnh sát|cứu hỏa|công an|tổng đài|hoặc|cho|quốc gia|tin|trực tiếp|trợ giúp|hỗ trợ|đường dây)){0,5}\s*[:(]?\s?)"
        rf"({_SHORT}{_COUNTED}(?:\s?(?:,|-|/|và|hoặc|hay)\s?{_SHORT}{_COUNTED})*)",
        _short,
    ),
    # A service number may stand behind the name of the service.
    rule(
        rf"(?i)((?<!\w)(?:tổng đài|hotline|đường dây nóng|số điện thoại|số máy)\b[^\d.;\n]{{1,48}})"
        rf"({_SHORT}{_COUNTED}(?:\s?(?:,|-|/|và|hoặc|hay)\s?{_SHORT}{_COUNTED})*)",
        _short,
    ),
    rule(
        rf"(?i)((?<!\w)(?:{_IDENTITY})(?:\s(?:số|là|cá nhân|ngân hàng|thuế|của|xác thực|nhận))*\s*:?\s?)(\d{{3,}}(?:[ .-]\d{{3,}})*)(?![\d/,])",
        _short,
    ),
    rule(r"(?<![\d.,/-])\d{10,}(?![\d/]|[.,]\d)(?!\s?(?:đồng|đ\b|vnđ|VNĐ|VND))", _long_run),
)


def _grouped(match: re.Match[str]) -> str:
    written = match.group()
    figures = re.sub(r"\D", "", written)
    fixed = figures.startswith("0") and 9 <= len(figures) <= 11
    service = figures.startswith(("1800", "1900")) and 6 <= len(figures) <= 10
    is_date = re.fullmatch(r"\d{1,2}[.-]\d{1,2}[.-]\d{4}", written)
    return _said(written) if (fixed or service) and not is_date else written
