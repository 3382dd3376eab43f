"""Sounds, proofs and attachments: each checked against who asks; sounds answer to Range."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from airlog import access, files
from airlog.db import Session
from airlog.models import Attachment, Person, Track
from airlog.types import RoleKind
from web.auth import Signed
from web.there import there
from web.troubles import NotThere

router = APIRouter(prefix="/media")
_SHOWN_HERE = ("image/", "audio/", "video/")
_KEEP = {"Cache-Control": "private, max-age=86400"}
KEEP_AN_HOUR = {"Cache-Control": "private, max-age=3600"}
CLIP_KEY = re.compile("[0-9a-f]{24}")


@dataclass(frozen=True)
class Found:
    path: Path
    mime: str
    name: str


@router.get("/tracks/{track_id}.mp3")
async def track(visit: Signed, track_id: int) -> Response:
    return _answer(await visit.run(_track, track_id))


@router.get("/airchecks/{aircheck_id}")
async def aircheck(visit: Signed, aircheck_id: int) -> Response:
    return _answer(await visit.run(_aircheck, aircheck_id))


@router.get("/attachments/{attachment_id}")
async def attachment(visit: Signed, attachment_id: int) -> Response:
    return _answer(await visit.run(_attachment, attachment_id))


def made_clip(folder: Path, key: str, gone: str) -> Response:
    """A clip that was just made to be heard, by the name of its file. Raises NotThere, with `gone`."""
    path = folder / f"{key}.mp3"
    if not CLIP_KEY.fullmatch(key) or not path.is_file():
        raise NotThere(gone)
    return FileResponse(path, media_type="audio/mpeg", headers=KEEP_AN_HOUR)


def _answer(found: Found) -> Response:
    if not found.path.is_file():
        raise NotThere("Tệp này không còn trên máy chủ. Anh/chị báo người quản trị.")
    shown = found.mime.startswith(_SHOWN_HERE)
    return FileResponse(
        found.path,
        media_type=found.mime,
        filename=found.name,
        content_disposition_type="inline" if shown else "attachment",
        headers=_KEEP,
    )


def _track(session: Session, person: Person, now: datetime, track_id: int) -> Found:
    """Whoever works with items or airs them; a draft only those who work on items."""
    row = there(session.get(Track, track_id), "Không có bản âm thanh này.")
    roles = tuple(role for role in RoleKind if not (row.draft and role is RoleKind.OPERATOR))
    access.require(session, person, roles, "track.hear", now)
    name = f"{row.version.item.slug}.mp3"
    return Found(Path(row.path), "audio/mpeg", name)


def _aircheck(session: Session, person: Person, now: datetime, aircheck_id: int) -> Found:
    """The station's own people and its officers."""
    check, station = there(files.aircheck_by_id(session, aircheck_id), "Không có bằng chứng này.")
    mine = access.stations_of(session, person, now)
    if station.id not in {one.id for one in mine}:
        access.require_officer(session, person, station, "aircheck.see", now)
    return Found(Path(check.path), check.mime, Path(check.path).name)


def _attachment(session: Session, person: Person, now: datetime, attachment_id: int) -> Found:
    row = there(session.get(Attachment, attachment_id), "Không có tệp kèm theo này.")
    access.require(session, person, tuple(RoleKind), "attachment.open", now)
    return Found(Path(row.path), row.mime, row.name)
