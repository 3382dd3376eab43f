"""Script to finished file: read, check, master, assemble, encode, keep."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from audio.clip import Clip, ClipRefused, Loudness, Tags, write_whole
from audio.gate import MAX_S, pass_finished, pass_reading, pass_upload, refused_upload
from audio.mastering import (
    CHAIN_VERSION,
    MP3,
    OGG,
    TARGET_LUFS,
    Format,
    SoundUnreadable,
    decode,
    levelled,
    master,
    measure,
    without_waiting,
)
from audio.programme import assembled, encoded_at_level
from audio.speech import SLOWEST_SYLLABLES_PER_S, Speech, syllables
from audio.voices import Take, Voices

RECORDING = "recording"
FORMATS = {kind.suffix: kind for kind in (MP3, OGG)}
_MAX_SYLLABLES = int(MAX_S * SLOWEST_SYLLABLES_PER_S * 2)  # fifteen minutes at the usual pace


@dataclass(frozen=True)
class Recording:
    """A finished file of one reading, mastered by `record_item` or `master_upload`: never compressed a second time."""

    path: Path
    engine: str = RECORDING
    voice: str = ""
    draft: bool = False


def spoken_words(script: str) -> str:
    """The words a synthetic voice reads, respelt for it; paragraphs stay apart."""
    from audio.speech_text import respell, spoken  # loads the lexicon: only when something is read

    paragraphs = (part for part in script.split("\n\n") if part.strip())
    return "\n\n".join(respell(spoken(part)) for part in paragraphs)


def read(script: str, voices: Voices, now: datetime, rate: float = 1.0) -> Take:
    """Raises ClipRefused, UnreadWords or NoVoice."""
    words = spoken_words(script)
    count = syllables(words)
    if not 0 < count <= _MAX_SYLLABLES:
        raise ClipRefused(
            f"Lời đọc có {count} tiếng; mỗi bài cần từ 1 đến {_MAX_SYLLABLES} tiếng. "
            "Lời đọc vẫn giữ nguyên. Anh/chị sửa lại hoặc chia thành nhiều bài."
        )
    reading = voices.speak(words, now, rate)
    pass_reading(reading.speech, words)
    return reading


def render_reading(reading: Take | Recording, tags: Tags, out_dir: Path, kind: Format = MP3) -> Clip:
    """One reading, mastered, no chime. The same input is made once. Raises ClipRefused."""
    key = _key("reading", kind.suffix, _identity(reading), repr(tags.fields()))
    return _kept(out_dir / f"{key}.{kind.suffix}", kind, tags, [reading], lambda: _mastered(reading))


def render_programme(
    items: Sequence[Take | Recording],
    tags: Tags,
    out_dir: Path,
    ident: Take | Recording | None = None,
    readings: int = 2,
    kind: Format = MP3,
) -> Clip:
    """The file a station airs. The same input is made once. Raises ClipRefused."""
    parts = [*items, *([ident] if ident else [])]
    shape = f"{readings} readings, {'with' if ident else 'no'} ident"
    key = _key("programme", kind.suffix, shape, *map(_identity, parts), repr(tags.fields()))

    def sound() -> Speech:
        return assembled([_mastered(item) for item in items], _mastered(ident) if ident else None, readings)

    return _kept(out_dir / f"{key}.{kind.suffix}", kind, tags, items, sound)


def record_item(script: str, voices: Voices, out: Path, tags: Tags, now: datetime) -> Clip:
    """Write the finished recording of a library item (Ogg/Opus by the name of `out`, or mp3).

    Raises ClipRefused when only a draft voice could read it, and what `read` raises.
    """
    reading = read(script, voices, now)
    if reading.draft:
        reasons = "; ".join(f"{failure.engine}: {failure.reason}" for failure in reading.failures)
        raise ClipRefused(
            f"Chỉ có giọng nháp {reading.engine} đọc được bài này ({reasons}). Bản thu cũ vẫn giữ nguyên. "
            "Anh/chị cài tệp giọng đọc rồi làm lại."
        )
    return _written(out, FORMATS[out.suffix.lstrip(".")], tags, [reading], _mastered(reading))


def master_upload(upload: Path, out_dir: Path, tags: Tags, voice: str = "") -> Clip:
    """A person's recording from any phone, trimmed, cleaned and mastered to Ogg/Opus; the upload is left alone.

    `voice` names the reader. Raises ClipRefused.
    """
    try:
        raw = decode(upload, max_seconds=MAX_S + 1)
    except SoundUnreadable as error:
        raise refused_upload("không có âm thanh mà Loa Xã đọc được") from error
    pass_upload(raw)
    key = _key("upload", _file_sha256(upload), voice, repr(tags.fields()))
    by = Recording(upload, voice=voice)

    def sound() -> Speech:
        return master(without_waiting(raw), denoise=True)

    return _kept(out_dir / f"{key}.{OGG.suffix}", OGG, tags, [by], sound)


def saved_as(clip: Clip, out: Path) -> Clip:
    """The same clip under a name of the caller's choice."""
    write_whole(out, clip.path.read_bytes())
    return replace(clip, path=out)


def _mastered(source: Take | Recording) -> Speech:
    """Ready to be joined: a finished file only needs its level back (Ogg/Opus is kept 2.5 dB lower)."""
    match source:
        case Take():
            return master(source.speech)
        case Recording():
            try:
                return levelled(decode(source.path), TARGET_LUFS)
            except SoundUnreadable as error:
                raise refused_upload("bị hỏng, Loa Xã không mở được") from error


def _kept(
    path: Path, kind: Format, tags: Tags, by: Sequence[Take | Recording], sound: Callable[[], Speech]
) -> Clip:
    if not path.exists():
        return _written(path, kind, tags, by, sound())
    found = measure(path)
    pass_finished(found, kind.target_lufs)
    return _clip(path, path.read_bytes(), found, by)


def _written(path: Path, kind: Format, tags: Tags, by: Sequence[Take | Recording], sound: Speech) -> Clip:
    data, found = encoded_at_level(sound, kind, tags)
    write_whole(path, data)
    return _clip(path, data, found, by)


def _clip(path: Path, data: bytes, found: Loudness, by: Sequence[Take | Recording]) -> Clip:
    return Clip(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        duration_ms=round(found.duration_s * 1000),
        loudness_lufs=found.integrated_lufs,
        true_peak_dbtp=round(found.true_peak_dbtp, 2),
        size_bytes=len(data),
        engine="+".join(dict.fromkeys(source.engine for source in by)),
        voice="+".join(dict.fromkeys(source.voice for source in by if source.voice)),
        draft=any(source.draft for source in by),
    )


def _identity(source: Take | Recording) -> str:
    """Hash of the sound itself: it already holds script, voice, engine, engine version and rate."""
    match source:
        case Take(speech=speech):
            return hashlib.sha256(speech.samples.tobytes()).hexdigest() + f"@{speech.rate_hz}"
        case Recording(path=path):
            return _file_sha256(path)


def _file_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _key(*shaped_by: str) -> str:
    """Short, ASCII, and usable as a file name: cheap players show anything else badly."""
    return hashlib.sha256("\x1f".join((CHAIN_VERSION, *shaped_by)).encode()).hexdigest()[:24]
