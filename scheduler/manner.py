"""How one station's programme differs from that of all, and whether its jingle can be played."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from airlog.models import Station
from audio.sound_file import SoundUnreadable, decode
from content.shelf import GREETING


@dataclass(frozen=True)
class Manner:
    """How one station's programme differs from that of all."""

    station_id: int | None = None
    station: str = ""
    own_ident: bool = False
    readings: int = 2
    slow: bool = False
    jingle: Path | None = None
    jingle_sha256: str | None = None

    @property
    def words(self) -> str:
        """The station's own ident."""
        return f"{self.station}. {GREETING}"


OF_ALL = Manner()


def manner_of(station: Station) -> Manner:
    """As the officer chose it."""
    return Manner(
        station.id,
        station.name,
        station.own_ident,
        station.readings,
        station.slow,
        Path(station.jingle_path) if station.jingle_path else None,
        station.jingle_sha256,
    )


def jingle_trouble(manner: Manner) -> str:
    """Why a station's jingle cannot be played; empty when it can, or there is none."""
    if manner.jingle is None:
        return ""
    try:
        data = manner.jingle.read_bytes()
        if manner.jingle_sha256 in (None, hashlib.sha256(data).hexdigest()):
            decode(data)
            return ""
    except (OSError, SoundUnreadable):
        pass
    return "Tệp nhạc hiệu riêng của đài không còn nguyên vẹn trên máy chủ. Anh/chị gửi lại tệp nhạc hiệu ở trang của đài."
