"""Files that people send as proof: sniffed, re-encoded if a picture, stored under their hash."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

from airlog.airchecks import KeptFile
from audio.clip import write_whole

LONGEST_SIDE_PX = 1600
_SOUND = ("audio/", "video/")
_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    SyntaxError,  # what Pillow raises for a broken PNG
    EOFError,
    ValueError,
)
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_SUFFIX = {
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "video/mp4": ".mp4",
    "audio/mp4": ".m4a",
    "audio/wav": ".wav",
    "audio/aac": ".aac",  # what Zalo's voice notes are
}


class FileRefused(Exception):
    """Neither a picture nor sound nor film, whatever its name says."""


class HeicRefused(FileRefused):
    """A picture as iPhones keep it, which Pillow cannot open; whoever sent it can be told how to send another."""


def keep_file(data: bytes, kind: str, folder: Path) -> KeptFile:
    """Store a proof. Pictures lose their metadata (place, phone) and are scaled down. Raises FileRefused."""
    if kind in ("photo", "file"):
        try:
            return _write(_plain_picture(data), "photo", "image/jpeg", ".jpg", folder)
        except FileRefused:
            if kind == "photo" or _is_heic(data):
                raise
    mime = _sniffed(data)
    if not mime.startswith(_SOUND) and mime != "application/ogg":
        raise FileRefused
    kind = (
        kind if kind in ("voice", "audio", "video") else ("video" if mime.startswith("video/") else "audio")
    )
    return _write(data, kind, mime, _SUFFIX.get(mime, ".bin"), folder)


def _plain_picture(data: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))  # a large JPEG is never decoded in full
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except _UNREADABLE as error:
        raise (HeicRefused if _is_heic(data) else FileRefused) from error
    upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=85, comment=b"")
    return out.getvalue()


def _is_heic(data: bytes) -> bool:
    """The brands of ISO 23008-12 that hold HEVC pictures; a film has others."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIC


def _sniffed(data: bytes) -> str:
    try:
        return str(puremagic.from_string(data[:4096], mime=True)) or ""
    except (puremagic.PureError, ValueError):
        return ""


def _write(data: bytes, kind: str, mime: str, suffix: str, folder: Path) -> KeptFile:
    path = folder / f"{hashlib.sha256(data).hexdigest()}{suffix}"
    if not path.exists():
        write_whole(path, data)
    return KeptFile(kind, mime, path, len(data))
