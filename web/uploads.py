"""Files that people send: never more than the limit is read, and nothing is kept that is not what it says."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import PurePath

import puremagic
from fastapi import UploadFile
from PIL import Image, ImageOps, UnidentifiedImageError

from airlog.db import Refused

MOST_BYTES = 15_000_000
MOST_RECORDING_BYTES = 25_000_000
"""Fifteen minutes as phones record them; a request may hold 26 MB (web/app.py)."""
MOST_LIST_BYTES = 2_000_000
MOST_TEXT_BYTES = 200_000
_BY_FORM = (
    ("/recordings", MOST_RECORDING_BYTES),
    ("/import", MOST_LIST_BYTES),
    ("/items/new", MOST_TEXT_BYTES),
)
_LONGEST_SIDE_PX = 2400
_MOST_PIXELS = 50_000_000


def limit_vi(path: str) -> str:
    """The largest file that the form at a path takes: “25 MB”."""
    most_bytes = next((most for end, most in _BY_FORM if path.endswith(end)), MOST_BYTES)
    return f"{most_bytes // 1_000_000} MB" if most_bytes >= 1_000_000 else f"{most_bytes // 1_000} KB"


class UploadTooLarge(Refused):
    """More bytes than are taken."""


class UploadRefused(Refused):
    """Not a file that can be kept; the message is Vietnamese."""


@dataclass(frozen=True)
class Cleaned:
    """Bytes that are safe to keep and hand out."""

    data: bytes
    suffix: str
    mime: str


async def read_upload(file: UploadFile | None, most_bytes: int = MOST_BYTES) -> tuple[str, bytes]:
    """The bare name and the bytes. Raises UploadTooLarge, UploadRefused."""
    if file is None or not file.filename:
        raise UploadRefused("Chưa có tệp nào được chọn. Anh/chị chọn tệp rồi gửi lại.")
    data = await file.read(most_bytes + 1)
    name = PurePath(file.filename.replace("\\", "/")).name[:120]
    if len(data) > most_bytes:
        raise UploadTooLarge(
            f"Tệp “{name}” quá lớn nên Loa Xã chưa nhận (tối đa {most_bytes // 1_000_000 or 1} MB). "
            "Anh/chị chọn tệp nhỏ hơn."
        )
    return name, data


def decoded(name: str, data: bytes) -> str:
    """A text file in UTF-8, with or without a mark at its start. Raises UploadRefused."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadRefused(
            f"Tệp “{name}” không phải chữ UTF-8 nên Loa Xã chưa nhận. Anh/chị lưu lại dạng UTF-8, "
            "hoặc chép lời đọc rồi dán vào ô bên cạnh."
        ) from error


def clean_attachment(name: str, data: bytes) -> Cleaned:
    """A banner (JPEG, PNG) drawn anew, or a PDF as it is. Takes time for pictures: call it in a thread."""
    kind = _sniffed(data)
    if kind == "application/pdf":
        return Cleaned(data, ".pdf", kind)
    if kind in ("image/jpeg", "image/png"):
        return _redrawn(name, data, "PNG" if kind == "image/png" else "JPEG")
    raise UploadRefused(f"Tệp “{name}” không phải ảnh JPG, PNG hoặc PDF nên Loa Xã chưa nhận.")


def _sniffed(data: bytes) -> str:
    """By its first bytes, whatever the name says."""
    try:
        return str(puremagic.from_string(data, mime=True))
    except (puremagic.PureError, ValueError):
        return ""


def _redrawn(name: str, data: bytes, form: str) -> Cleaned:
    """A fresh picture holds no place, no phone's name and no hidden passenger."""
    try:
        with Image.open(io.BytesIO(data), formats=(form,)) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise UploadRefused(f"Ảnh “{name}” quá nhiều điểm ảnh. Anh/chị thu nhỏ rồi gửi lại.")
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((_LONGEST_SIDE_PX, _LONGEST_SIDE_PX))
            fresh = upright.convert("RGB") if form == "JPEG" else upright.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UploadRefused(f"Loa Xã không mở được ảnh “{name}”. Anh/chị chọn ảnh khác.") from error
    out = io.BytesIO()
    fresh.save(out, form, quality=88, optimize=True)
    return Cleaned(out.getvalue(), ".png" if form == "PNG" else ".jpg", f"image/{form.lower()}")
