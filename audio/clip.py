"""What comes out: a finished sound file, the tags inside it, and the reasons to refuse one."""

import os
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path

# ISO 639-1 has no code for most languages of the highlands; 639-3 is what a language track carries.
VIETNAMESE = "vie"


class ClipRefused(Exception):
    """The sound may not be aired or sent. The message is Vietnamese: what failed, what is kept, what to do."""


@dataclass(frozen=True)
class Tags:
    """What a cheap player or a phone shows. Empty fields are left out.

    title: item and week ("Tuần 48: An toàn khi dùng mạng"); artist: province or station; album: campaign;
    comment: document number, how often it is read.
    """

    title: str
    artist: str = ""
    album: str = ""
    dated_on: date | None = None
    comment: str = ""
    language: str = VIETNAMESE

    def fields(self) -> tuple[tuple[str, str], ...]:
        """Names as FFmpeg spells them, in a fixed order."""
        named = (
            ("title", self.title),
            ("artist", self.artist),
            ("album", self.album),
            ("date", self.dated_on.isoformat() if self.dated_on else ""),
            ("genre", "Speech"),
            ("comment", self.comment),
            ("language", self.language),
        )
        return tuple((name, value) for name, value in named if value)


@dataclass(frozen=True)
class Loudness:
    """Measured on decoded sound. Silence measures -70 LUFS."""

    integrated_lufs: float
    true_peak_dbtp: float
    duration_s: float


@dataclass(frozen=True)
class Clip:
    """A finished file, named by what shaped it. `sha256` is of the very bytes that will be sent."""

    path: Path
    sha256: str
    duration_ms: int
    loudness_lufs: float
    true_peak_dbtp: float
    size_bytes: int
    engine: str  # "recording" when people spoke; several are joined by "+"
    voice: str
    draft: bool  # not clear enough for a station
    trouble: str = ""  # which voices stood before this one and could not read, and why; Vietnamese
    timeline: tuple[tuple[int, str], ...] = ()  # what is said when: milliseconds from the start, words


def write_whole(path: Path, data: bytes) -> None:
    """Under a temporary name, then renamed: nobody ever reads half a file, and two writers do no harm."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    part.write_bytes(data)
    part.replace(path)
