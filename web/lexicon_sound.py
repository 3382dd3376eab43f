"""Hearing a reading: the voice of this machine says it at once, or a sentence says why not."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

import numpy as np
from fastapi import APIRouter, Response

from airlog.lexicon_edits import MOST_READING_CHARS
from audio.clip import Tags, write_whole
from audio.mastering import CHAIN_VERSION, master
from audio.sound_file import MP3, encode
from audio.speech import EngineUnavailable, Speech, SpeechEngine, UnreadWords
from audio.speech_text.respelling import clean_reading, reading_trouble
from audio.voices import NoVoice, Voices
from web.auth import Signed
from web.media import made_clip
from web.parts import Parts

router = APIRouter()
PATIENCE_S = 1.8
"""The page answers within two seconds: a voice that needs longer (its first word) is heard at the next press."""
_QUIET_S = 0.3
"""Before and after: players swallow the start, which here is half a word."""
_NO_VOICE = (
    "Máy này chưa cài giọng đọc chạy tại chỗ nên chưa nghe thử được. Từ điển vẫn giữ nguyên. "
    "Anh/chị nhờ người quản trị cài tệp giọng đọc (lệnh loaxa voice install)."
)
_NOT_YET = "Máy đang chuẩn bị giọng đọc. Anh/chị bấm Nghe thử lại sau vài giây."
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Heard:
    """`url` of the sound, or why there is none."""

    reading: str
    url: str = ""
    failure: str = ""


@router.get("/listen")
async def listen(visit: Signed, reading: str = "", layer: str = "") -> Response:
    """A part of a page for htmx, else a page of its own."""
    heard = await hear(visit.parts, clean_reading(reading[: MOST_READING_CHARS * 2]), visit.now)
    is_part = bool(visit.request.headers.get("hx-request"))
    return visit.page("lexicon_heard.html" if is_part else "lexicon_listen.html", heard=heard, layer=layer)


@router.get("/sound/{key}.mp3")
async def sound(visit: Signed, key: str) -> Response:
    return made_clip(_folder(visit.parts), key, "Bản nghe thử này không còn. Anh/chị bấm Nghe thử lại.")


async def hear(parts: Parts, reading: str, now: datetime) -> Heard:
    """Say a cleaned reading, within `PATIENCE_S`; the same one is made once."""
    if trouble := reading_trouble(reading, MOST_READING_CHARS):
        return Heard(reading, failure=f"Chưa nghe thử được: {trouble}.")
    engine = _local_voice(parts)
    if engine is None:
        return Heard(reading, failure=_NO_VOICE)
    path = _folder(parts) / f"{_key(engine, reading)}.mp3"
    try:
        if not path.exists():
            await asyncio.wait_for(asyncio.to_thread(_make, engine, reading, path, now), PATIENCE_S)
    except TimeoutError:
        return Heard(reading, failure=_NOT_YET)
    except (NoVoice, UnreadWords) as error:
        return Heard(reading, failure=str(error))
    return Heard(reading, f"/lexicon/sound/{path.name}")


def _local_voice(parts: Parts) -> SpeechEngine | None:
    """The first voice that needs no network and is clear enough to judge by."""
    for engine in parts.studio.voices.engines:
        if engine.needs_network or engine.draft:
            continue
        try:
            engine.check()
        except EngineUnavailable:
            continue
        return engine
    return None


def _make(engine: SpeechEngine, reading: str, path: Path, now: datetime) -> None:
    """Blocking. One at a time: impatient presses do not pile up on a small machine."""
    with _ONE_AT_A_TIME:
        if not path.exists():
            spoken = master(Voices([engine]).speak(reading, now).speech)
            quiet = round(_QUIET_S * spoken.rate_hz)
            padded = Speech(np.pad(spoken.samples, quiet), spoken.rate_hz)
            write_whole(path, encode(padded, MP3, Tags(title=reading)))


def _folder(parts: Parts) -> Path:
    return parts.studio.folder / "lexicon"


def _key(engine: SpeechEngine, reading: str) -> str:
    shaped_by = "\x1f".join((CHAIN_VERSION, engine.name, engine.voice, engine.version, reading))
    return hashlib.sha256(shaped_by.encode()).hexdigest()[:24]
