"""What can be wrong with the settings, in words that name the variable. Secrets themselves are never shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from pydantic_core import ErrorDetails

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]{10,}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PORTS = (443, 80, 88, 8443)
"""Telegram sends to no other port."""
_ZALO_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_.~-]{6,}")
_ZALO_SECRET = re.compile(r"[A-Za-z0-9_-]{8,256}")


def line_trouble(file: Path) -> str | None:
    """A line of `.env` that cannot be read: the library skips it with no more than a warning."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    except (OSError, UnicodeDecodeError):
        return ".env: không đọc được tệp này; cần tệp chữ UTF-8. Anh/chị lưu lại rồi chạy lại."
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#") and "=" not in line:
            return f".env: dòng {number} không đọc được; cần dạng LOAXA_TÊN=giá trị. Anh/chị sửa dòng này."
    return None


def telegram_trouble(token: str | None, secret: str | None, server: str, base_url: str) -> str | None:
    """The first thing that cannot work; None when all is well. `secret` is None while Telegram is asked for updates.
    For a webhook Telegram itself wants https and one of four ports; a Bot API server of one's own does not."""
    if token and not _TOKEN.fullmatch(token):
        return (
            "LOAXA_TELEGRAM_TOKEN: không phải mã bí mật của bot Telegram, cần dạng 123456789:ABC... "
            "Anh/chị sửa biến này rồi chạy lại."
        )
    if secret is not None and not _SECRET.fullmatch(secret):
        return (
            "LOAXA_TELEGRAM_WEBHOOK_SECRET: cần 1 đến 256 ký tự A-Z, a-z, 0-9, gạch dưới, gạch nối. "
            "Anh/chị sửa biến này rồi chạy lại."
        )
    if secret is not None and "//api.telegram.org" in server and not _is_reachable(base_url):
        return (
            "LOAXA_BASE_URL: để nhận tin qua webhook cần địa chỉ công khai dạng https://tên-miền, "
            "cổng 443, 80, 88 hoặc 8443. Anh/chị sửa biến này, hoặc tắt LOAXA_TELEGRAM_WEBHOOK, rồi chạy lại."
        )
    return None


def zalo_trouble(tokens: Sequence[str], secret: str | None, server: str, base_url: str) -> str | None:
    """The same of the pool of Zalo bots. Zalo itself calls https only; a stand-in on this machine is not so strict."""
    if not all(_ZALO_TOKEN.fullmatch(token) for token in tokens):
        return (
            "LOAXA_ZALO_TOKENS: có mã không phải mã bí mật của bot Zalo, cần dạng 123456789:ABC..., cách nhau bằng "
            "dấu phẩy. Anh/chị sửa biến này rồi chạy lại."
        )
    if len({token.partition(":")[0] for token in tokens}) < len(tokens):
        return "LOAXA_ZALO_TOKENS: một bot được ghi hai lần. Anh/chị bỏ bớt rồi chạy lại."
    if secret is not None and not _ZALO_SECRET.fullmatch(secret):
        return (
            "LOAXA_ZALO_WEBHOOK_SECRET: cần 8 đến 256 ký tự A-Z, a-z, 0-9, gạch dưới, gạch nối. "
            "Anh/chị sửa biến này rồi chạy lại."
        )
    if secret is not None and "zaloplatforms.com" in server and not base_url.startswith("https://"):
        return (
            "LOAXA_BASE_URL: để nhận tin Zalo qua webhook cần địa chỉ công khai dạng https://tên-miền. "
            "Anh/chị sửa biến này, hoặc tắt LOAXA_ZALO_WEBHOOK, rồi chạy lại."
        )
    return None


def _is_reachable(url: str) -> bool:
    """Whether Telegram would send updates to this address."""
    try:
        address = urlsplit(url)
        port = address.port or 443
    except ValueError:
        return False
    return address.scheme == "https" and bool(address.hostname) and port in _PORTS


def told(error: ErrorDetails) -> str:
    """The variable or line of `.env`, what is wrong with it, what to do."""
    field = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"{field.upper()}: tệp .env có dòng này nhưng không có cài đặt tên như vậy. Anh/chị sửa hoặc bỏ dòng."
    limits = error.get("ctx", {})
    wrong = _WRONG.get(error["type"], "giá trị không dùng được").format_map(limits).replace(" or ", ", ")
    if error["type"] == "value_error":
        wrong = error["msg"].removeprefix("Value error, ")
    return f"LOAXA_{field.upper().removeprefix('LOAXA_')}: {wrong}. Anh/chị sửa biến này rồi chạy lại."


_WRONG = {
    "int_parsing": "cần một số nguyên",
    "int_from_float": "cần một số nguyên",
    "float_parsing": "cần một số",
    "bool_parsing": "cần true hoặc false",
    "literal_error": "chỉ dùng {expected}",
    "greater_than": "phải lớn hơn {gt}",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than_equal": "phải từ {le} trở xuống",
}
