"""Dates in figures. Which `a/b` is a date is decided here, by the words around it."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, Unsure, left_of, right_of, rule
from audio.speech_text.syllables import UPPER

_LEFT = re.compile(
    r"(?i)(?:(?<!\w)(?:ngày|sáng|trưa|chiều|tối|đêm|khuya|hôm|từ|đến|tới|trước|sau|hết|dịp|lễ|tết|hạn|chót|hạn cuối|kỷ niệm|"
    r"quốc khánh|mùng|mồng|vào|chủ nhật|quốc gia|quốc tế|thứ \w+|nhân|qua|kể từ|khai mạc|bế mạc|hè|lúc|tính|vía|giỗ)"
    r"\s*[,:(]?\s*|\d{1,2}/\d{1,2}\s*(?:,|và|-|đến|hoặc|;)\s*|(?<!\w)ngày\s+[\d\s,và-]{1,24}\s)$"
)
_EVENT = re.compile(rf"(?:^|[\s\"(])[{UPPER}][^\W\d_]*[,:]?\s*\(?\s*$")
_RIGHT = re.compile(
    r"(?i)\s*(?:âm lịch|dương lịch|âl|al\b|hằng năm|hàng năm|năm nay|năm \d|tới\b|này\b|vừa qua|đến ngày|đến hết|tại\b|"
    r"là ngày|là hạn|sẽ|[-–]\s*\d{1,2}/\d)"
)
# What follows a share, a score or a count of parts.
COUNTED = (
    r"số|xã|phường|tỉnh|huyện|thôn|bản|buôn|làng|tổ|hộ|học sinh|tiêu chí|chỉ tiêu|diện tích|dân số|thành viên|đại biểu|"
    r"người|phiếu|điểm|trường|lớp|đơn vị|cơ quan|hồ sơ|nhiệm vụ|quãng|thời gian|tổng|cán bộ|đảng viên|mẫu|ca|nội dung|"
    r"khu|ấp|khóm|sở|trạm|tuyến|công trình|dự án|hội viên|chi bộ|chi hội|câu|bệnh nhân|mũi|sản phẩm|sao|lượng|chiều|khối|"
    r"cụm|loa|hội|bộ|ủy viên|giáo viên|lít|kg|muỗng|thìa|cốc|ly|chén|viên|bát|gói|lần|đội|ngành|quận|địa phương|mức|lương"
)
_SHARE_RIGHT = re.compile(rf"(?i)\s*(?:{COUNTED})(?!\w)")
_SHARE_LEFT = re.compile(
    r"(?i)(?<!\w)(?:đạt|chiếm|tỷ lệ|tỉ lệ|tỷ số|tỉ số|khoảng|gần|hơn|quá|trên|dưới|bằng|giảm|tăng|còn|ít nhất|tối thiểu|"
    r"tối đa|được|hoàn thành|có|với|chừng|độ|số nhà|hẻm|ngõ|ngách|kiệt|đường|lớp|thửa|tổ|xếp|hạng|điểm|mức|thị lực|"
    r"huyết áp|mất|thu|uống|pha|lấy|nộp|hưởng)\s*:?\s*$"
)
_AFTER_SHARE = re.compile(r"\d{1,2}/\d{1,2}\s*(?:,|;)\s*$")
"""After another a/b either may follow: what stands behind decides."""
_WITHIN_BRACKETS = re.compile(r"\(\s*$")


def is_date(match: re.Match[str], day: int, month: int) -> bool | None:
    """Whether `day/month` at this place is a date; None when nothing around it tells."""
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return False
    left, right = left_of(match), right_of(match)
    if _AFTER_SHARE.search(left) and _SHARE_RIGHT.match(right):
        return False
    if _LEFT.search(left) or _RIGHT.match(right):
        return True
    if _SHARE_LEFT.search(left) or _SHARE_RIGHT.match(right):
        return False
    bracketed = _WITHIN_BRACKETS.search(left) and re.match(r"\s*\)", right)
    if bracketed or _EVENT.search(left):
        return True
    return True if day > month or day > 10 else None


def _day(match: re.Match[str], day: int) -> str:
    """The first ten days take "mùng", unless the writer did it."""
    named = re.search(r"(?i)(?:mùng|mồng|rằm)\s*$", left_of(match))
    return f"mùng {day}" if day <= 10 and not named else str(day)


def _full(match: re.Match[str]) -> str:
    day, month, year = int(match[1]), int(match[3]), match[4]
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match.group()
    return f"{_day(match, day)} tháng {month} năm {year}"


_LAST_SHORT_YEAR = 49


def _short_year(match: re.Match[str]) -> str:
    day, month = int(match[1]), int(match[3])
    house = re.search(r"(?i)(?:số nhà|hẻm|ngõ|ngách|kiệt|đường|số)\s*$", left_of(match))
    if house or not (1 <= day <= 31 and 1 <= month <= 12):
        return match.group()
    century = "20" if int(match[4]) <= _LAST_SHORT_YEAR else "19"
    return f"{_day(match, day)} tháng {month} năm {century}{match[4]}"


def _iso(match: re.Match[str]) -> str:
    return f"{_day(match, int(match[3]))} tháng {int(match[2])} năm {match[1]}"


def _day_month(match: re.Match[str]) -> str | Unsure:
    day, month = int(match[1]), int(match[2])
    if is_date(match, day, month):
        return f"{_day(match, day)} tháng {month}"
    return match.group()


def _dashed(match: re.Match[str]) -> str:
    """ "Quốc khánh 2-9", "ngày 30-4": a date in the older style; "ngày 15-20" is a span of days."""
    day, month = int(match[1]), int(match[2])
    left, right = left_of(match), right_of(match)
    # Nothing runs from 30 down to 4: a falling pair is a date unless it is a score.
    falling = day > month and not re.search(
        r"(?i)(?:tỷ số|tỉ số|thắng|thua|hòa|dẫn|kết quả|lớp|tổ|số|thửa|phòng)\s*(?:là\s)?$", left
    )
    falling = falling and not re.match(
        rf"(?i)\s*(?:{COUNTED}|%|°|độ|đồng|triệu|kg|km|m\b|giờ|phút|ngày|năm)(?!\w)", right
    )
    chained = re.search(r"(?:\d-\d{1,2}\s*(?:,|và|đến)\s*)$", left)
    anniversary = (day, month) in _ANNIVERSARIES and re.search(
        r"(?i)(?:lễ|khánh|niệm|dịp|tết|ngày|quốc tế|động|nữ|sĩ|từ|đến)\s*\(?$", left
    )
    if not (1 <= day <= 31 and 1 <= month <= 12) or re.match(r"\s*(?:tháng|/|-\s?\d|-\d{4})", right):
        return match.group()
    if anniversary or falling or ((day, month) in _ANNIVERSARIES and chained):
        return f"{_day(match, day)} tháng {month}"
    return match.group()


_ANNIVERSARIES = {(3, 2), (8, 3), (10, 3), (26, 3), (30, 4), (1, 5), (7, 5), (15, 5), (19, 5), (1, 6), (27, 7), (19, 8),
                  (2, 9), (10, 10), (20, 10), (20, 11), (22, 12), (27, 2), (21, 6), (1, 1), (23, 9), (24, 12)}  # fmt: skip


def _span_of_days(match: re.Match[str]) -> str:
    first, last, month = int(match[1]), int(match[2]), int(match[3])
    if not (first < last <= 31 and 1 <= month <= 12):
        return match.group()
    year = f" năm {match[4]}" if match[4] else ""
    return f"{_day(match, first)} đến {'mùng ' if last <= 10 else ''}{last} tháng {month}{year}"


def _month_of_year(match: re.Match[str]) -> str:
    if not 1 <= int(match[1]) <= 12 or re.search(r"(?i)\bsố:?\s*$", left_of(match)):
        return match.group()
    month = (
        ""
        if re.search(r"(?i)\b(?:tháng|quý|kỳ|đợt|lần|tuần|và|-|,|khóa|vụ|hiệp)\s*$", left_of(match))
        else "tháng "
    )
    return f"{month}{int(match[1])} năm {match[2]}"


_D, _M = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])"
_Y = r"((?:1[5-9]|20|21)\d\d)"
_PLAIN_DATE = r"\d{1,2}\s?[/.]\s?\d{1,2}(?:\s?[/.]\s?\d{4})?"

RULES: tuple[Rule, ...] = (
    # "30/4 - 1/5" is a pair of feasts unless somebody counts from one to the other.
    rule(r"(?<!từ )(?<!từ ngày )\b(30/0?4)\s?-\s?(0?1/0?5)\b", r"\1, \2"),
    rule(r"(?i)\bT\.?(1[0-2]|0?[1-9])/(20\d\d)\b", r"tháng \1 năm \2"),
    rule(r"(?<![\d/.,-])(20\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\d/-])", _iso),
    rule(rf"(?i)\b(tháng) 0?(\d{{1,2}})\s?-\s?0?(\d{{1,2}})\s?[/.-]\s?{_Y}\b", r"\1 \2 đến tháng \3 năm \4"),
    rule(rf"(?<![\d/.,-]){_D}\s?-\s?{_D}\s?[/]\s?{_M}(?:\s?/\s?{_Y})?(?![\d/]|[.,]\d|-\d)", _span_of_days),
    # Both ends of "15/6-30/6" are dates: join them before each is read.
    rule(rf"(?<![\d/.,])({_PLAIN_DATE})\s?-\s?(?={_PLAIN_DATE}(?![\d/]))", lambda m: _joined(m)),
    rule(rf"(?<=ngày){_D}(?=[/.-]\d)", r" \1"),
    rule(rf"(?<![\d/.,-]){_D}\s?([/.-])\s?{_M}\s?\2\s?{_Y}(?![\d/]|[.,-]\d)", _full),
    rule(rf"(?<![\d/.,-]){_D}([/])({_M[1:-1]})/(\d\d)(?![\d/]|[.,-]\d)", _short_year),
    rule(rf"(?i)\b(tháng|quý)\s0?(\d{{1,2}})\s?[/.-]\s?{_Y}(?![\d/])", r"\1 \2 năm \3"),
    rule(rf"(?<![\d/.,-])(\d{{1,2}})\s?/\s?{_Y}(?![\d/]|[.,]\d)", _month_of_year),
    rule(r"(?<![\w/.,-])(\d{1,2})\s?/\s?(\d{1,2})(?![\d/]|[.,]\d|[a-zA-Z])", _day_month),
    rule(r"(?i)(?<=ngày )(\d{1,2})\.(\d{1,2})(?![\d.])", lambda m: _day_month(m)),
    rule(r"(?<![\w/.,-])(\d{1,2})\s?-\s?(\d{1,2})(?![\d/.,])", _dashed),
    rule(r"(?i)\b(ngày)\s+0?([1-9]|10)(?=\s+(?:tháng|âm lịch|tết|hằng tháng|hàng tháng)\b)", r"\1 mùng \2"),
    rule(
        r"(?i)(?<!mỗi )(?<!hằng )(?<!hàng )(?<!các )\b(ngày)\s+0?([1-9]|10)(?=\s*(?:[.;)]?\s*$|,\s\d))",
        r"\1 mùng \2",
        re.M,
    ),
    rule(r"(?i)\b(tháng)\s+0([1-9])\b", r"\1 \2"),
    rule(r"(?i)\b(mùng|mồng)\s+0([1-9])\b", r"\1 \2"),
)


def _joined(match: re.Match[str]) -> str:
    scores = re.search(r"(?i)(?:tỷ số|tỉ số|thửa|tỷ lệ|tỉ lệ)\s*$", left_of(match))
    return match.group() if scores else f"{match[1]} đến "
