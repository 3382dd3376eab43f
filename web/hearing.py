"""To hear before it is aired: ten seconds of any text at once, the reading that is cleared, and a page to listen closely."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import FileResponse

from airlog import lexicon
from airlog.db import Session
from airlog.models import Person
from airlog.types import RoleKind
from audio.clip import Clip, ClipRefused
from audio.preview import preview
from audio.sound_file import SoundUnreadable
from audio.speech import UnreadWords
from audio.voices import NoVoice
from audio.waveform import picture
from web import hear_view, item_view
from web.auth import Signed, Visit, needs
from web.media import KEEP_AN_HOUR, made_clip
from web.troubles import NotThere

READERS = (RoleKind.EDITOR, RoleKind.APPROVER, RoleKind.OFFICER, RoleKind.ADMIN)
MOST_PREVIEWS = 100
"""Kept on the disk; the oldest go first."""
router = APIRouter(prefix="/items", dependencies=[Depends(needs(*READERS))])


@router.get("/{slug}/nghe")
async def listen_closely(visit: Signed, slug: str, track: int | None = None) -> Response:
    """The reading, or one clip made of it, with its shape, its figures and its words in step."""
    found = await visit.read(hear_view.chosen, slug, track)
    try:
        seen = await asyncio.to_thread(picture, found.path, hear_view.BARS)
    except (SoundUnreadable, OSError) as error:
        raise NotThere("Tệp âm thanh này không mở được. Anh/chị làm lại bản đọc ở trang tin bài.") from error
    return visit.page(
        "item_hear.html",
        slug=slug,
        heard=hear_view.hear_page(found, seen),
        sounds=await visit.read(item_view.sounds, slug),
        item=await visit.read(item_view.item_page, slug),
        width=hear_view.WIDE,
        height=hear_view.HIGH,
    )


@router.get("/{slug}/reading/{sha256}")
async def reading(visit: Signed, slug: str, sha256: str) -> Response:
    path = await visit.read(hear_view.reading_file, slug, sha256)
    return FileResponse(path, media_type=hear_view.MIMES[path.suffix], headers=KEEP_AN_HOUR)


@router.post("/{slug}/preview")
async def ten_seconds(
    visit: Signed,
    slug: str,
    part: Annotated[int | None, Form()] = None,
    script: Annotated[str | None, Form()] = None,
) -> Response:
    """The beginning of a paragraph (`part`) or of what is just being written (`script`); stores nothing of it."""
    page = await visit.read(item_view.item_page, slug)
    paragraphs = page.script.split("\n\n")
    text = script if script is not None else paragraphs[min(max(part or 0, 0), len(paragraphs) - 1)]
    clip, trouble = await _made(visit, text)
    name = clip.path.stem if clip else ""
    if visit.request.headers.get("hx-request"):
        return visit.page("partials/preview.html", preview=clip, name=name, trouble=trouble)
    return visit.page(
        "item_edit.html",
        slug=slug,
        title=page.title,
        script=script if script is not None else page.script,
        error="",
        preview=clip,
        name=name,
        trouble=trouble,
    )


@router.get("/preview/{name}.mp3")
async def preview_file(visit: Signed, name: str) -> Response:
    return made_clip(_folder(visit), name, "Đoạn nghe thử này đã cũ. Anh/chị bấm nghe thử lại.")


def words_of(session: Session, person: Person, now: datetime) -> Mapping[str, str]:
    """How words are read where the person works: in the one province, else as in the whole country."""
    provinces = lexicon.provinces_of(session, person, READERS, now)
    code = provinces[0][0].partition(":")[2] if len(provinces) == 1 else None
    return lexicon.merged(session, province_code=code, station_id=None)


async def _made(visit: Visit, text: str) -> tuple[Clip | None, str]:
    """The clip, or why there is none."""
    words = await visit.read(words_of)
    try:
        return await asyncio.to_thread(_ten_seconds, visit, text, words), ""
    except (ClipRefused, UnreadWords, NoVoice) as error:
        return None, str(error)


def _ten_seconds(visit: Visit, text: str, words: Mapping[str, str]) -> Clip:
    clip = preview(text, visit.parts.studio.voices, visit.now, _folder(visit), words)
    kept = sorted(_folder(visit).glob("*.mp3"), key=lambda one: one.stat().st_mtime_ns)
    for old in kept[:-MOST_PREVIEWS]:
        old.unlink(missing_ok=True)
    return clip


def _folder(visit: Visit) -> Path:
    return visit.parts.studio.folder / "preview"
