"""Script to finished file: read, check, master, assemble, encode, keep."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from audio import gate, lyrics
from audio.clip import Clip, ClipRefused, Loudness, Tags, write_whole
from audio.mastering import CHAIN_VERSION, levelled, master, measure, slowed, without_waiting
from audio.programme import announced, assembled, encoded_at_level
from audio.sound_file import FLAC, MP3, OGG, TARGET_LUFS, Format, SoundCut, SoundUnreadable, decode
from audio.speech import SLOWEST_SYLLABLES_PER_S, Marks, Speech, syllables
from audio.voices import Take, Voices, told

RECORDING = "recording"
FORMATS = {kind.suffix: kind for kind in (MP3, OGG, FLAC)}
_MAX_SYLLABLES = int(gate.MAX_S * SLOWEST_SYLLABLES_PER_S * 2)  # fifteen minutes at the usual pace


@dataclass(frozen=True)
class Recording:
    """A finished file of one reading, mastered by `render_reading`, `record_item` or `master_upload`: never compressed
    a second time."""

    path: Path
    engine: str = RECORDING
    voice: str = ""
    draft: bool = False
    trouble: str = ""


def spoken_words(script: str, lexicon: Mapping[str, str] | None = None) -> str:
    """The words a synthetic voice reads, respelt for it; paragraphs stay apart.

    `lexicon` holds readings of one's own, by words in small letters (airlog.lexicon.merged); they win over all rules.
    """
    from audio.speech_text.respelling import for_voice  # loads the lexicon: only when something is read

    paragraphs = (part for part in script.split("\n\n") if part.strip())
    return "\n\n".join(for_voice(part, lexicon) for part in paragraphs)


def read(
    script: str, voices: Voices, now: datetime, rate: float = 1.0, lexicon: Mapping[str, str] | None = None
) -> Take:
    """Raises ClipRefused, UnreadWords or NoVoice."""
    words = spoken_words(script, lexicon)
    count = syllables(words)
    if not 0 < count <= _MAX_SYLLABLES:
        raise ClipRefused(
            f"Lời đọc có {count} tiếng; mỗi bài cần từ 1 đến {_MAX_SYLLABLES} tiếng. "
            "Lời đọc vẫn giữ nguyên. Anh/chị sửa lại hoặc chia thành nhiều bài."
        )
    reading = voices.speak(words, now, rate)
    gate.pass_reading(reading.speech, words)
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
    jingle: Path | None = None,
    slow: bool = False,
) -> Clip:
    """The file a station airs. The same input is made once. `jingle` is a finished one (audio.jingle) in place of the
    chime; `slow` draws every reading out. Raises ClipRefused."""
    parts = [*items, *([ident] if ident else [])]
    shape = f"{readings} readings, {'with' if ident else 'no'} ident, {'slow' if slow else 'usual'}"
    opening = _file_sha256(jingle) if jingle else "chime"
    key = _key("programme", kind.suffix, shape, opening, *map(_identity, parts), repr(tags.fields()))

    def sound() -> Speech:
        spoken = [slowed(_mastered(part)) if slow else _mastered(part) for part in parts]
        whole = assembled(
            spoken[: len(items)], spoken[-1] if ident else None, readings, decode(jingle) if jingle else None
        )
        gate.pass_programme(whole.seconds)
        return whole

    return _kept(out_dir / f"{key}.{kind.suffix}", kind, tags, items, sound)


def render_opening(
    ident: Take | Recording, tags: Tags, out_dir: Path, jingle: Path | None = None, slow: bool = False
) -> Clip:
    """How a station's programme begins, to be heard by whoever chooses it. Raises ClipRefused."""
    opening = _file_sha256(jingle) if jingle else "chime"
    key = _key("opening", opening, str(slow), _identity(ident), repr(tags.fields()))

    def sound() -> Speech:
        spoken = slowed(_mastered(ident)) if slow else _mastered(ident)
        return announced(spoken, decode(jingle) if jingle else None)

    return _kept(out_dir / f"{key}.{MP3.suffix}", MP3, tags, [ident], sound)


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


def master_upload(
    upload: Path | bytes, out_dir: Path, tags: Tags, voice: str = "", fitting: gate.Fitting | None = None
) -> Clip:
    """A person's recording from any phone, trimmed, cleaned and mastered to Ogg/Opus; the upload is left alone.

    What kind of file it is, its bytes say: its name is not looked at. `voice` names the reader, `fitting` the text that
    it must be long enough for. Raises ClipRefused.
    """
    data = upload if isinstance(upload, bytes) else upload.read_bytes()
    try:
        raw = decode(data, max_seconds=gate.MAX_S + 1)
    except SoundCut as error:
        raise gate.refused_upload(
            "bị cắt mất phần sau, tệp không trọn vẹn", "Anh/chị nghe thử tệp trên máy"
        ) from error
    except SoundUnreadable as error:
        raise gate.refused_upload(
            "không có âm thanh mà Loa Xã đọc được",
            "Anh/chị thu bằng tin nhắn thoại, hoặc chọn tệp ghi âm (m4a, mp3, wav, ogg, 3gp, amr)",
        ) from error
    gate.pass_upload(raw)
    key = _key("upload", hashlib.sha256(data).hexdigest(), voice, repr(tags.fields()))
    out = out_dir / f"{key}.{OGG.suffix}"
    spoken = without_waiting(raw)
    gate.pass_trimmed(spoken)
    if fitting is not None:
        gate.pass_fitting(spoken, fitting)
    return _kept(out, OGG, tags, [Recording(out, voice=voice)], lambda: master(spoken, denoise=True))


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
                raise gate.refused_upload("bị hỏng, Loa Xã không mở được") from error


def _kept(
    path: Path, kind: Format, tags: Tags, by: Sequence[Take | Recording], sound: Callable[[], Speech]
) -> Clip:
    if not path.exists():
        return _written(path, kind, tags, by, sound())
    kept = decode(path)
    found = measure(kept)
    gate.pass_finished(found, kind.target_lufs)
    return _clip(path, path.read_bytes(), found, by, kept.marks)


def _written(path: Path, kind: Format, tags: Tags, by: Sequence[Take | Recording], sound: Speech) -> Clip:
    data, found = encoded_at_level(sound, kind, tags)
    write_whole(path, data)
    return _clip(path, data, found, by, lyrics.read(lyrics.written(sound.marks)))


def _clip(path: Path, data: bytes, found: Loudness, by: Sequence[Take | Recording], marks: Marks) -> Clip:
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
        trouble=" ".join(dict.fromkeys(said for source in by if (said := _trouble(source)))),
        timeline=tuple((round(at_s * 1000), words) for at_s, words in marks),
    )


def _trouble(source: Take | Recording) -> str:
    return told(source.failures) if isinstance(source, Take) else source.trouble


def _identity(source: Take | Recording) -> str:
    """Hash of the sound itself: it already holds script, voice, engine, engine version and rate."""
    match source:
        case Take(speech=speech):
            return hashlib.sha256(speech.samples.tobytes()).hexdigest() + f"@{speech.rate_hz}{speech.marks}"
        case Recording(path=path):
            return _file_sha256(path)


def _file_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _key(*shaped_by: str) -> str:
    """Short, ASCII, and usable as a file name: cheap players show anything else badly."""
    return hashlib.sha256("\x1f".join((CHAIN_VERSION, *shaped_by)).encode()).hexdigest()[:24]
