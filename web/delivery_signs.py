"""The signs of a message's fate: a word, and a shape that differs without its colour."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from airlog.fates import Fate
from reports.signs import BOX

_DISC = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0z"


@dataclass(frozen=True)
class FateLook:
    """How a fate is said and drawn; `ink` is one of the colours of the pages (loaxa.css)."""

    word: str
    ink: str
    path: str


FATES: dict[Fate, FateLook] = {
    Fate.SENT: FateLook("đã gửi", "aired", _DISC),
    Fate.SENDING: FateLook("đang gửi", "late", "M4 4l17 8-17 8v-6l9-2-9-2z"),
    Fate.RETRYING: FateLook(
        "gửi lại sau", "cannot", "M12 3a9 9 0 1 1-8.5 6h3.3a6 6 0 1 0 5.2-3v3.5l-5.5-5L12 0z"
    ),
    Fate.QUEUED: FateLook("đang chờ", "pending", "M4 4h16v16H4zM6 6v12h12V6z"),
    Fate.UNKNOWN: FateLook(
        "chưa rõ",
        "cannot",
        "M7 8.5a5 5 0 1 1 7 4.6c-.9.4-1 .9-1 2.4h-2.6c0-2.8.6-3.7 2.5-4.7a2.4 2.4 0 1 0-3.3-2.3z"
        "M10 19.5a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0z",
    ),
    Fate.FAILED: FateLook(
        "lỗi",
        "silent",
        "M5.5 3L12 9.5 18.5 3 21 5.5 14.5 12 21 18.5 18.5 21 12 14.5 5.5 21 3 18.5 9.5 12 3 5.5z",
    ),
    Fate.CANCELLED: FateLook("đã hủy", "excused", "M4 10h16v4H4z"),
    Fate.NO_CHAT: FateLook(
        "chưa gắn điện thoại", "silent", _DISC + "M6.2 12a5.8 5.8 0 1 0 11.6 0a5.8 5.8 0 1 0-11.6 0z"
    ),
}


def fate_sign(fate: Fate) -> Markup:
    """The sign alone; the word stands beside it."""
    look = FATES[fate]
    return Markup(
        f'<svg class="sign" width="18" height="18" viewBox="0 0 {BOX} {BOX}" aria-hidden="true">'
        f'<path class="ink-{look.ink}" fill-rule="evenodd" d="{look.path}"/></svg>'
    )
