"""Sounds, proofs and attachments: each checked against who asks; sounds answer to Range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from airlog import access, files
from airlog.db import Session
from airlog.models import Person
from airlog.types import RoleKind
from web.auth import Signed
from web.troubles import NotThere

router = APIRouter(prefix="/media")
_SHOWN_HERE = ("image/", "audio/", "video/")
_KEEP = {"Cache-Control": "private, max-age=86400"}


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
    row = files.track_by_id(session, track_id)
    if row is None:
        raise NotThere("Không có bản âm thanh này.")
    roles = tuple(role for role in RoleKind if not (row.draft and role is RoleKind.OPERATOR))
    access.require(session, person, roles, "track.hear", now)
    name = f"{files.item_of_track(session, row).slug}.mp3"
    return Found(Path(row.path), "audio/mpeg", name)


def _aircheck(session: Session, person: Person, now: datetime, aircheck_id: int) -> Found:
    """The station's own people and its officers."""
    found = files.aircheck_by_id(session, aircheck_id)
    if found is None:
        raise NotThere("Không có bằng chứng này.")
    check, station = found
    mine = access.stations_of(session, person, now)
    if station.id not in {one.id for one in mine}:
        access.require_officer(session, person, station, "aircheck.see", now)
    return Found(Path(check.path), check.mime, Path(check.path).name)


def _attachment(session: Session, person: Person, now: datetime, attachment_id: int) -> Found:
    row = files.attachment_by_id(session, attachment_id)
    if row is None:
        raise NotThere("Không có tệp kèm theo này.")
    access.require(session, person, tuple(RoleKind), "attachment.open", now)
    return Found(Path(row.path), row.mime, row.name)
