"""What can be wrong with the settings of the Zalo bots. The tokens themselves are never shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_.~-]{6,}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{8,256}")


def zalo_trouble(tokens: Sequence[str], secret: str | None, server: str, base_url: str) -> str | None:
    """The first thing that cannot work, in words that name its variable; None when all is well.

    `secret` is None while Zalo is asked for updates. Zalo itself calls https only; a stand-in on this machine is not so
    strict.
    """
    if not all(_TOKEN.fullmatch(token) for token in tokens):
        return (
            "LOAXA_ZALO_TOKENS: có mã không phải mã bí mật của bot Zalo, cần dạng 123456789:ABC..., cách nhau bằng "
            "dấu phẩy. Anh/chị sửa biến này rồi chạy lại."
        )
    if len({token.partition(":")[0] for token in tokens}) < len(tokens):
        return "LOAXA_ZALO_TOKENS: một bot được ghi hai lần. Anh/chị bỏ bớt rồi chạy lại."
    if secret is not None and not _SECRET.fullmatch(secret):
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
