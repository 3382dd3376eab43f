"""How one station's programme sounds: chosen by its officer, its beginning heard at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile

from airlog import station_sound, tracks
from airlog.db import Refused, Session
from airlog.files import Kept, keep_file
from airlog.models import Person, Station
from airlog.station_sound import Manner
from audio.clip import ClipRefused
from audio.jingle import master_jingle
from audio.speech import UnreadWords
from audio.voices import NoVoice
from scheduler.manner import Manner as Programme
from scheduler.manner import manner_of
from scheduler.tracks import words_of
from web.auth import Signed
from web.media import made_clip
from web.pages import see_other
from web.there import officers_station
from web.uploads import read_upload

SOUND_DONE = {
    "sound": "Đã ghi cách phát của đài. Bản âm thanh làm từ giờ sẽ theo cách này; bản đã gửi giữ nguyên.",
    "jingle": "Đã nhận nhạc hiệu của đài.",
    "no-jingle": "Đã bỏ nhạc hiệu riêng. Chương trình mở đầu bằng tiếng chuông chung.",
}
router = APIRouter(prefix="/stations")


@dataclass(frozen=True)
class StationSound:
    """What the form shows. `greeting` is the station's own ident in words."""

    of: Station
    greeting: str
    trouble: str
    """What of its own its newest clip had to do without, and why; Vietnamese, else empty."""


def sound_of(session: Session, station: Station) -> StationSound:
    return StationSound(station, manner_of(station).words, tracks.trouble_of_station(session, station))


@router.post("/{station_id}/sound")
async def choose(
    visit: Signed,
    station_id: int,
    readings: Annotated[int, Form()] = 2,
    own_ident: Annotated[bool, Form()] = False,
    slow: Annotated[bool, Form()] = False,
) -> Response:
    await visit.run(_choose, station_id, Manner(own_ident, readings, slow))
    return see_other(f"/stations/{station_id}?done=sound")


@router.post("/{station_id}/jingle")
async def take_jingle(
    visit: Signed, station_id: int, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """What kind of file it is, its bytes say; it is kept as mastered, not as it came."""
    await visit.run(_mine, station_id)
    _, data = await read_upload(file)
    try:
        finished = await asyncio.to_thread(master_jingle, data)
    except ClipRefused as error:
        raise Refused(str(error)) from error
    kept = await asyncio.to_thread(keep_file, visit.parts.var_dir / "jingles", finished, ".flac")
    await visit.run(_set_jingle, station_id, kept)
    return see_other(f"/stations/{station_id}?done=jingle")


@router.post("/{station_id}/jingle/remove")
async def drop_jingle(visit: Signed, station_id: int) -> Response:
    await visit.run(_set_jingle, station_id, None)
    return see_other(f"/stations/{station_id}?done=no-jingle")


@router.post("/{station_id}/opening")
async def hear_opening(visit: Signed, station_id: int) -> Response:
    """The first seconds of the programme as it is set now; stores nothing but the clip."""
    manner, words = await visit.run(_manner, station_id)
    try:
        clip = await asyncio.to_thread(visit.parts.studio.opening, manner, visit.now, words)
    except (ClipRefused, UnreadWords, NoVoice) as error:
        raise Refused(str(error)) from error
    if visit.request.headers.get("hx-request"):
        return visit.page("partials/opening.html", station_id=station_id, opening=clip.path.stem)
    return see_other(f"/stations/{station_id}?opening={clip.path.stem}#sound")


@router.get("/{station_id}/opening/{key}.mp3")
async def opening_file(visit: Signed, station_id: int, key: str) -> Response:
    await visit.run(_mine, station_id)
    gone = "Đoạn nghe thử này không còn. Anh/chị bấm nghe thử lại."
    return made_clip(visit.parts.studio.folder, key, gone)


def _mine(session: Session, person: Person, now: datetime, station_id: int) -> Station:
    """Raises NotThere and NotAllowed."""
    return officers_station(session, person, now, station_id, "station.sound")


def _choose(session: Session, person: Person, now: datetime, station_id: int, manner: Manner) -> None:
    station_sound.set_manner(session, person, _mine(session, person, now, station_id), manner, now)


def _set_jingle(session: Session, person: Person, now: datetime, station_id: int, kept: Kept | None) -> None:
    station_sound.set_jingle(session, person, _mine(session, person, now, station_id), kept, now)


def _manner(
    session: Session, person: Person, now: datetime, station_id: int
) -> tuple[Programme, Mapping[str, str]]:
    here = _mine(session, person, now, station_id)
    return manner_of(here), words_of(session, here)
