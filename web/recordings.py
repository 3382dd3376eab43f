"""People's own readings of an item: sent, mastered in the background, heard and judged, taken out of use."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile
from fastapi.responses import FileResponse

from airlog import access, recording_clearing, recordings
from airlog.db import Refused, Session
from airlog.models import Person
from airlog.recording_clearing import BadVerdict
from airlog.recordings import Received
from web.auth import Signed, Visit, needs
from web.hearing import READERS
from web.making import Progress, Words
from web.media import KEEP_AN_HOUR
from web.pages import see_other
from web.recording_view import RecordingsPage, open_versions, recording_of, recording_page, recordings_page
from web.there import item_of
from web.troubles import NotThere
from web.uploads import MOST_RECORDING_BYTES, read_upload

_WRITERS = Depends(needs(*access.EDITORS))
_JUDGES = Depends(needs(*access.APPROVERS))
_CHANGED = "Lời đọc vừa được sửa nên Loa Xã chưa nhận bản thu. Anh/chị xem lời mới rồi gửi bản thu đúng lời."
_BUSY = "Bản thu trước còn đang được xử lý. Anh/chị đợi xong rồi gửi bản tiếp."
router = APIRouter(prefix="/items/{slug}/recordings", dependencies=[Depends(needs(*READERS))])


async def section(visit: Visit, slug: str) -> RecordingsPage:
    """What the item's page shows of its recordings."""
    item_id, _, _ = await visit.read(_aim, slug)
    return await visit.read(recordings_page, slug, visit.parts.intakes.of((item_id, visit.person_id)))


@router.get("")
async def fragment(visit: Signed, slug: str) -> Response:
    """The section alone; it asks again by itself while a file is being worked on."""
    return visit.page(
        "partials/recordings.html",
        slug=slug,
        recorded=await section(visit, slug),
        may_write=visit.may(access.EDITORS),
        may_clear=visit.may(access.APPROVERS),
    )


@router.post("", dependencies=[_WRITERS])
async def send(
    visit: Signed,
    slug: str,
    version: Annotated[int, Form()],
    language: Annotated[str, Form()] = "",
    reader: Annotated[str, Form()] = "",
    consent: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Take a file and answer at once; what is wrong with it shows on the page, with the words as they were typed."""
    typed, intakes = Words(language, reader[:120], consent[:500]), visit.parts.intakes
    item_id, title, scripts = await visit.read(_aim, slug)
    key = (item_id, visit.person_id)
    try:
        if version not in scripts:
            raise Refused(_CHANGED)
        recordings.check_words(language, reader, consent)
        name, data = await read_upload(file, MOST_RECORDING_BYTES)
        if intakes.is_busy(key):
            raise Refused(_BUSY)
    except Refused as error:
        if intakes.is_busy(key):
            raise
        intakes.refuse(key, Progress(visit.now, str(error), typed))
        return _to(slug)
    work = partial(_work, visit, version, typed, data, name, title, scripts[version])
    intakes.start(key, work, Progress(visit.now, typed=typed))
    return _to(slug)


@router.get("/{recording_id}.ogg")
async def hear(visit: Signed, slug: str, recording_id: int) -> Response:
    path, reader = await visit.read(_file, slug, recording_id)
    if not path.is_file():
        raise NotThere("Bản thu này không còn trên máy chủ. Anh/chị báo người quản trị.")
    return FileResponse(
        path,
        media_type="audio/ogg",
        filename=f"{slug}-{reader}.ogg",
        content_disposition_type="inline",
        headers=KEEP_AN_HOUR,
    )


@router.get("/{recording_id}")
async def listen(visit: Signed, slug: str, recording_id: int) -> Response:
    """One recording beside its text, to be heard and judged."""
    return await _beside(visit, slug, recording_id)


@router.post("/{recording_id}/clear", dependencies=[_JUDGES])
async def clear(visit: Signed, slug: str, recording_id: int, heard: Annotated[str, Form()] = "") -> Response:
    """`heard` is the hash of what the page played."""
    try:
        await visit.run(_clear, slug, recording_id, heard)
    except BadVerdict as error:
        return await _beside(visit, slug, recording_id, str(error))
    return see_other(f"/items/{slug}?done=recording-cleared")


@router.post("/{recording_id}/reject", dependencies=[_JUDGES])
async def reject(
    visit: Signed, slug: str, recording_id: int, reason: Annotated[str, Form()] = ""
) -> Response:
    try:
        await visit.run(_reject, slug, recording_id, reason)
    except BadVerdict as error:
        return await _beside(visit, slug, recording_id, str(error), reason)
    return see_other(f"/items/{slug}?done=recording-sent-back")


@router.post("/{recording_id}/withdraw", dependencies=[_WRITERS])
async def withdraw(visit: Signed, slug: str, recording_id: int) -> Response:
    await visit.run(_withdraw, slug, recording_id)
    return _to(slug)


@router.post("/{recording_id}/put-back", dependencies=[_WRITERS])
async def put_back(visit: Signed, slug: str, recording_id: int) -> Response:
    await visit.run(_put_back, slug, recording_id)
    return _to(slug)


async def _beside(visit: Visit, slug: str, recording_id: int, error: str = "", reason: str = "") -> Response:
    return visit.page(
        "recording.html",
        422 if error else 200,
        found=await visit.read(recording_page, slug, recording_id),
        may_clear=visit.may(access.APPROVERS),
        may_write=visit.may(access.EDITORS),
        error=error,
        reason=reason,
        most_reason=recording_clearing.MOST_REASON,
    )


async def _work(
    visit: Visit, version_id: int, typed: Words, data: bytes, name: str, title: str, script: str
) -> None:
    folder = visit.parts.var_dir / "recordings"
    received = await asyncio.to_thread(recordings.receive, folder, data, name, title, typed.language, script)
    await visit.run(_add, version_id, typed, received)


def _to(slug: str) -> Response:
    return see_other(f"/items/{slug}#recordings")


def _aim(session: Session, person: Person, now: datetime, slug: str) -> tuple[int, str, dict[int, str]]:
    """The item, its title, and the versions that can be recorded with their words."""
    item = item_of(session, slug)
    return item.id, item.title, {one.id: one.script for one in open_versions(session, item, now)}


def _file(session: Session, person: Person, now: datetime, slug: str, recording_id: int) -> tuple[Path, str]:
    row = recording_of(session, slug, recording_id)
    return Path(row.path), row.language


def _clear(session: Session, person: Person, now: datetime, slug: str, recording_id: int, heard: str) -> None:
    recording_clearing.clear(session, person, recording_of(session, slug, recording_id), heard, now)


def _reject(
    session: Session, person: Person, now: datetime, slug: str, recording_id: int, reason: str
) -> None:
    recording_clearing.reject(session, person, recording_of(session, slug, recording_id), reason, now)


def _add(
    session: Session, person: Person, now: datetime, version_id: int, typed: Words, received: Received
) -> None:
    recordings.add(session, person, version_id, typed.language, typed.reader, typed.consent, received, now)


def _withdraw(session: Session, person: Person, now: datetime, slug: str, recording_id: int) -> None:
    recordings.withdraw(session, person, recording_of(session, slug, recording_id), now)


def _put_back(session: Session, person: Person, now: datetime, slug: str, recording_id: int) -> None:
    recordings.put_back(session, person, recording_of(session, slug, recording_id), now)
