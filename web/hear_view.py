"""One finished sound as a page shows it: its shape, its figures in words, what is said when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from airlog import readings, recording_clearing, recordings
from airlog.db import Session
from airlog.models import Person, Track
from airlog.readings import Reading
from audio.gate import HIGHEST_PEAK_DBTP, TOLERANCE_LU
from audio.render import FORMATS, RECORDING
from audio.waveform import Picture
from content.week import Week
from content.wording import duration_vi, number_vi, week_vi
from web.there import item_of, there
from web.troubles import NotThere

BARS = 200
WIDE, HIGH = 1000, 120
"""Units of the picture, which is stretched to the page."""
MIMES = {".mp3": "audio/mpeg", ".flac": "audio/flac", ".ogg": "audio/ogg"}


@dataclass(frozen=True)
class Chosen:
    """A finished file to be heard."""

    title: str
    label: str
    url: str
    path: Path
    voice: str
    draft: bool
    trouble: str
    by_person: bool


@dataclass(frozen=True)
class Figure:
    """One line of facts; `is_good` None where there is nothing to judge."""

    name: str
    value: str
    is_good: bool | None = None


@dataclass(frozen=True)
class Clause:
    """Words that begin at a second of the sound; `clock` is that second as people read it."""

    at_s: float
    clock: str
    words: str


@dataclass(frozen=True)
class HearPage:
    sound: Chosen
    said: str
    """The picture in words, for those who do not see it."""
    shape: str
    """The bars as the path of an SVG."""
    ticks: tuple[int, ...]
    figures: tuple[Figure, ...]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Beside:
    """The reading beside the button that clears it."""

    of: Reading
    url: str
    is_bound: bool
    """This is what was cleared, and what stations get."""
    by_machine: bool
    is_own: bool
    """The person who looks sent or read it, and so may not clear it."""


@dataclass(frozen=True)
class Clearing:
    """How a version stands: whether its words are cleared, whether a reading is, and what there is to hear."""

    version_id: int
    is_cleared: bool
    is_own: bool
    """The person who looks wrote this version, and so may not clear it."""
    is_lost: bool
    """What was heard and cleared is not there any more."""
    has_bound: bool
    reading: Beside | None


def clearing(session: Session, person: Person, now: datetime, slug: str) -> Clearing:
    """Raises NotThere."""
    version = item_of(session, slug).latest
    bound, found = readings.bound(session, version), readings.to_clear(session, version)
    beside = None
    if found is not None:
        takes = [one for one in recordings.of_version(session, version.id) if one.sha256 == found.sha256]
        beside = Beside(
            found,
            _url(slug, found.sha256),
            bound is not None and bound.sha256 == found.sha256,
            found.engine != RECORDING,
            any(recording_clearing.is_own(person, one) for one in takes),
        )
    return Clearing(
        version.id,
        version.cleared_at is not None,
        version.author_id == person.id,
        bound is not None and not bound.is_whole,
        bound is not None,
        beside,
    )


def chosen(session: Session, person: Person, now: datetime, slug: str, track_id: int | None) -> Chosen:
    """A track of the item, or the reading that was (or would be) cleared. Raises NotThere."""
    version = item_of(session, slug).latest
    if track_id is None:
        reading = readings.bound(session, version) or readings.to_clear(session, version)
        if reading is None or not reading.path.is_file():
            raise NotThere("Tin bài này chưa có bản đọc. Anh/chị bấm Nghe thử ở trang tin bài để làm.")
        return Chosen(
            version.item.title, "Bản đọc một lần", _url(slug, reading.sha256), reading.path,
            reading.voice, reading.draft, reading.trouble, reading.engine == RECORDING,
        )  # fmt: skip
    track = session.get(Track, track_id)
    if track is None or track.item_version_id not in {one.id for one in version.item.versions}:
        raise NotThere("Không có bản âm thanh này.")
    return Chosen(
        version.item.title, label_of(track), url_of(slug, track), Path(track.path), track.voice, track.draft,
        track.trouble, track.engine == RECORDING,
    )  # fmt: skip


def reading_file(session: Session, person: Person, now: datetime, slug: str, sha256: str) -> Path:
    """The file of one reading of any version of an item. Raises NotThere."""
    known = (
        one for v in reversed(item_of(session, slug).versions) for one in readings.of_version(session, v)
    )
    path = next((one.path for one in known if one.sha256 == sha256), None)
    return there(path, "Bản đọc này không còn trên máy chủ. Anh/chị mở lại trang tin bài.")


def url_of(slug: str, track: Track) -> str:
    if track.purpose == readings.READING:
        return _url(slug, track.sha256)
    return f"/media/tracks/{track.id}.mp3"


def label_of(track: Track) -> str:
    """“Bản đọc một lần”, “Bản phát tuần 48 (23-29/11)”, “…, của riêng một đài”."""
    if track.purpose == readings.READING:
        return "Bản đọc một lần"
    parts = track.purpose.split("/")
    own = ", của riêng một đài" if parts[-1].startswith("s") and len(parts) > 2 else ""
    return f"Bản phát {week_vi(Week.parse(parts[0]))}{own}"


def hear_page(sound: Chosen, seen: Picture) -> HearPage:
    """Everything the page shows of a decoded file."""
    seconds = seen.loudness.duration_s
    clauses = tuple(Clause(at_s, _clock(at_s), words) for at_s, words in seen.marks)
    said = f"Hình sóng âm, dài {duration_vi(seconds)}" + (f", {len(clauses)} chỗ ngắt câu" if clauses else "")
    ticks = tuple(round(one.at_s / seconds * WIDE) for one in clauses)
    return HearPage(sound, said, _shape(seen.bars), ticks, _figures(sound, seen), clauses)


def _figures(sound: Chosen, seen: Picture) -> tuple[Figure, ...]:
    target, found = FORMATS[sound.path.suffix.lstrip(".")].target_lufs, seen.loudness
    level = f"{_signed(found.integrated_lufs)} LUFS, cần {_signed(target)}, lệch nhiều nhất {number_vi(TOLERANCE_LU, 1)}"
    peak = f"{_signed(found.true_peak_dbtp)} dBTP, không được quá {_signed(HIGHEST_PEAK_DBTP)}"
    size_mb = sound.path.stat().st_size / 1e6
    return (
        Figure("Độ to", level, abs(found.integrated_lufs - target) <= TOLERANCE_LU),
        Figure("Đỉnh", peak, found.true_peak_dbtp <= HIGHEST_PEAK_DBTP),
        Figure("Dài", duration_vi(found.duration_s)),
        Figure("Cỡ tệp", f"{number_vi(size_mb, 2)} MB"),
        Figure(
            "Người đọc" if sound.by_person else "Giọng",
            sound.voice or "không rõ",
            False if sound.draft else None,
        ),
    )


def _shape(bars: Sequence[float]) -> str:
    step, middle = WIDE / len(bars), HIGH / 2
    drawn = []
    for number, bar in enumerate(bars):
        half = max(bar * (middle - 6), 0.5)
        drawn.append(f"M{(number + 0.5) * step:g} {middle - half:.1f}V{middle + half:.1f}")
    return "".join(drawn)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _signed(number: float) -> str:
    return number_vi(number, 1).replace("-", "−")


def _url(slug: str, sha256: str) -> str:
    return f"/items/{slug}/reading/{sha256}"
