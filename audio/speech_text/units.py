"""Units behind figures, and rates: "40 km/h", "4,5 tấn/ha", "02 lần/ngày", "đồng/người"."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, left_of, rule
from audio.speech_text.tables import pairs

_UNITS = pairs("units.tsv")
_SYMBOL = "|".join(re.escape(symbol) for symbol in sorted(_UNITS, key=len, reverse=True))
# Words after the slash that make a rate; behind anything else the slash is an "or".
_PER = (
    "ngày|đêm|tuần|tháng|quý|năm|giờ|phút|giây|lần|lượt|người|hộ|khẩu|nhân khẩu|xã|thôn|bản|xe|con|sào|công|mẫu|suất|vé|"
    "tấn|tạ|yến|cây|chiếc|cái|bộ|bản|tờ|ca|buổi|tiết|học sinh|em|cháu|trẻ|phòng|hồ sơ|lớp|trường|thửa|gia đình|lao động|"
    "đối tượng|hội viên|đơn vị|vụ|mùa|kỳ|chuyến|lít|gói|hộp|chai|bao|quả|số|đợt|điểm|thành viên|tổ|đảng viên|phiếu|bàn|"
    "cuốn|quyển|môn|học kỳ|năm học|ván|trận|cặp|đôi|viên|sản phẩm|mét|tín chỉ|khóa|cuộc|cơ sở|doanh nghiệp|mét vuông|"
    "mét khối|héc ta|ki lô mét|ki lô gam|khóm|liều|mũi|bữa|bình|thùng|tin|bài|đầu người|cán bộ|vị trí|quầy|gian|m|ha|"
    "đồng chí|giáo viên|bệnh nhân|trạm|cụm|loa|tuyến|trang|chữ|cuộc gọi|lao động|chỗ|giường|khách|đại biểu|ấp|buôn"
)
_MONEY_END = re.compile(
    r"(?i)(?:đồng|nghìn|ngàn|triệu|tỷ|tỉ|đô la|phần trăm|gam|lít|mét|tấn|tạ|héc ta|vuông|khối)\s*$"
)
_COUNT_BEFORE = re.compile(
    r"(?i)(?:\d|(?<!\w)(?:một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|mỗi|số|vài)\s)[^.;:\n]{0,28}$"
)
_PLACES = re.compile(
    r"(?i)(?<!\w)(?:xã|phường|thôn|buôn|bản|ấp|tổ|sở|ban|ngành|cổng|trang|ông|bà|anh|chị|nam|nữ|cha|mẹ|khu phố|làng|tỉnh|huyện|quận|thị trấn|khóm|vợ|chồng)\s*$"
)


def _unit(match: re.Match[str]) -> str:
    return f" {_UNITS[match[1]]}"


def _rate(match: re.Match[str]) -> str:
    left = left_of(match)
    figure = match[1] or ""
    if _PLACES.search(left) or not (_MONEY_END.search(left) or _COUNT_BEFORE.search(left)):
        return match.group()
    # "ngày/tháng/năm" on a form is no rate, "2 ngày/tuần" is.
    if re.search(r"(?i)(?:ngày|tháng)\s*$", left) and not re.search(r"\d\s?(?:ngày|tháng)\s*$", left):
        return match.group()
    if figure:
        return f" {figure} " if int(figure) == 1 else f" trên {figure} "
    return " một "


RULES: tuple[Rule, ...] = (
    # A height: "1m65".
    rule(r"(?<![\w.,])(\d{1,2})m(\d{1,2})(?![\w²³/])(?!(?<=m[23])\b)", r"\1 mét \2"),
    rule(r"(?<=\d)( ?c?m)\sx\s(?=\d)", r"\1 nhân "),
    rule(r"(?i)(?<=độ )C\b", "xê"),
    rule(r"(?<=\d)\s?[oO0]C\b(?!\.)", " độ xê"),
    rule(r"(?<=\d)\s?o(?=\s?C\b)", "°"),
    rule(r"\b(Km|KM|km)\s?(\d+)\s?\+\s?(\d{1,3})\b", r"ki lô mét \2 cộng \3"),
    rule(r"(?<![\w/])(?:Km|KM|km)\s?(?:số\s)?(?=\d)(?![23](?!\d))", "ki lô mét "),
    rule(r"\$\s?(?=\d)([\d.,]*\d)", r"\1 USD"),
    rule(rf"(?<=\d)\s?({_SYMBOL})(?![\w°²³]|'\w)", _unit),
    # A unit straight behind a slash: "người/km²", "đồng/kWh", "mg/l", "giọt/ml".
    rule(
        r"(?<=[^\W\d_]{2})\s?/\s?(?:1 )?(m2|m3|m|ha|kg|km2|km²|km|kWh|l|ml|g|cm2|h|s|MB|GB|tr|cái|con)(?!\w)",
        lambda m: _per_symbol(m),
    ),
    rule(rf"(?<=[^\W\d_])\s?/\s?(\d{{1,3}} ?)?(?=(?:{_PER})(?!\w))", _rate),
    rule(rf"(?<=%)\s?/\s?(?=(?:{_PER})(?!\w))", " một "),
    rule(r"%", " phần trăm "),
    rule(r"‰", " phần nghìn "),
    rule(r"\bpH\b", "pê hát"),
)


def _per_symbol(match: re.Match[str]) -> str:
    word = _UNITS.get(match[1], match[1])
    # Speeds and mixtures are measured "trên", prices and yields "một".
    measured = re.search(
        r"(?i)(?:mét|khối|vuông|gam|lít|bít|bai|oát|vôn|vi khuẩn|tế bào)\s*$", left_of(match)
    )
    return f" {'trên' if measured else 'một'} {word}"
