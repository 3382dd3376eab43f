"""Items: read, heard, written, cleared by another person, with their attachments."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from functools import partial
from importlib.resources import as_file
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile
from fastapi.responses import FileResponse

from airlog import access, items, tracks
from airlog.db import Refused, Session
from airlog.files import keep_file
from airlog.models import Item, Person
from airlog.types import RoleKind
from audio.clip import Tags
from audio.render import render_reading
from content import shelf
from content.item import BrokenItem
from content.item_file import parse_item
from content.topics import TOPICS, TopicCode
from web import item_view
from web.auth import Signed, Visit, needs
from web.pages import see_other
from web.parts import Parts
from web.troubles import NotThere
from web.uploads import MOST_TEXT_BYTES, clean_attachment, decoded, read_upload

READERS = (RoleKind.EDITOR, RoleKind.APPROVER, RoleKind.OFFICER, RoleKind.ADMIN)
router = APIRouter(prefix="/items", dependencies=[Depends(needs(*READERS))])

DONE = {
    "added": "Đã nhận tin bài. Nhờ người khác nghe và duyệt trước khi phát.",
    "cleared": "Đã duyệt. Tin bài này có thể đưa vào chiến dịch.",
    "rewritten": "Đã ghi bản mới. Bản này cần được duyệt lại; bản đã duyệt trước vẫn dùng được.",
    "attached": "Đã nhận tệp. Tệp sẽ đi kèm tin khi gửi.",
}


@router.get("")
async def all_items(visit: Signed) -> Response:
    lines = await visit.read(item_view.item_lines)
    return visit.page("items.html", lines=lines, may_write=visit.may(access.EDITORS))


@router.get("/new", dependencies=[Depends(needs(*access.EDITORS))])
async def new_form(visit: Signed) -> Response:
    return _form(visit, 200)


@router.post("/new", dependencies=[Depends(needs(*access.EDITORS))])
async def add(
    visit: Signed,
    title: Annotated[str, Form()] = "",
    topic: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
    script: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """From a pasted text, or from a file: Markdown with front matter, or plain words."""
    typed = {"title": title, "topic": topic, "source": source, "script": script}
    try:
        if file is not None and file.filename:
            name, data = await read_upload(file, MOST_TEXT_BYTES)
            text = decoded(name, data)
            if text.lstrip().startswith("---"):
                return _to(await visit.run(_add_file, text, name), "added")
            typed["script"] = text
        return _to(await visit.run(_add_text, **typed), "added")
    except (BrokenItem, Refused) as error:
        return _form(visit, 422, str(error), **typed)


@router.get("/{slug}")
async def one_item(visit: Signed, slug: str, done: str = "") -> Response:
    found = await visit.read(item_view.item_page, slug)
    if found is None:
        raise NotThere(f"Không có tin bài “{slug}”. Anh/chị xem lại danh sách tin bài.")
    return visit.page(
        "item.html",
        item=found,
        sounds=await visit.read(item_view.sounds, slug),
        hearing=visit.parts.listening.of(found.version_id),
        done=DONE.get(done, ""),
        may_write=visit.may(access.EDITORS),
        may_clear=visit.may(access.APPROVERS),
    )


@router.get("/{slug}/sound")
async def sound(visit: Signed, slug: str) -> Response:
    """The part of the page with the players; asks again by itself while a clip is being made."""
    version_id, _ = await visit.read(_version, slug)
    return visit.page(
        "partials/sounds.html",
        slug=slug,
        sounds=await visit.read(item_view.sounds, slug),
        hearing=visit.parts.listening.of(version_id),
    )


@router.get("/{slug}/recording")
async def recording(visit: Signed, slug: str) -> Response:
    """The recording that ships with the library."""
    found = shelf.recording(slug) if shelf.item(slug) else None
    if found is None:
        raise NotThere("Tin bài này chưa có bản âm thanh.")
    with as_file(found) as path:
        return FileResponse(path, media_type="audio/ogg", headers={"Cache-Control": "private, max-age=3600"})


@router.post("/{slug}/listen")
async def listen(visit: Signed, slug: str) -> Response:
    """Start making a clip to listen to; the page shows how far it is."""
    version_id, script = await visit.read(_version, slug)
    work = partial(_preview, visit.parts, version_id, script, slug, visit.now)
    visit.parts.listening.start(version_id, work, visit.now)
    return await sound(visit, slug) if visit.request.headers.get("hx-request") else _to(slug)


@router.post("/{slug}/clear")
async def clear(visit: Signed, slug: str, version: Annotated[int, Form()]) -> Response:
    """`version` is the one that was heard: a text changed meanwhile is not cleared unseen."""
    await visit.run(_clear, slug, version)
    return _to(slug, "cleared")


@router.get("/{slug}/edit", dependencies=[Depends(needs(*access.EDITORS))])
async def edit_form(visit: Signed, slug: str) -> Response:
    found = await visit.read(item_view.item_page, slug)
    if found is None:
        raise NotThere(f"Không có tin bài “{slug}”.")
    return visit.page("item_edit.html", slug=slug, title=found.title, script=found.script, error="")


@router.post("/{slug}/edit", dependencies=[Depends(needs(*access.EDITORS))])
async def edit(visit: Signed, slug: str, script: Annotated[str, Form()] = "") -> Response:
    try:
        await visit.run(_rewrite, slug, script)
    except BrokenItem as error:
        title = (await visit.read(_item, slug)).title
        return visit.page("item_edit.html", 422, slug=slug, title=title, script=script, error=str(error))
    return _to(slug, "rewritten")


@router.post("/{slug}/files", dependencies=[Depends(needs(*access.EDITORS))])
async def attach(visit: Signed, slug: str, file: Annotated[UploadFile | None, File()] = None) -> Response:
    name, data = await read_upload(file)
    clean = await asyncio.to_thread(clean_attachment, name, data)
    kept = await asyncio.to_thread(keep_file, visit.parts.var_dir / "attachments", clean.data, clean.suffix)
    await visit.run(
        _attach, slug, _shown_name(name, clean.suffix), clean.mime, kept.path, kept.sha256, kept.size_bytes
    )
    return _to(slug, "attached")


def _form(visit: Visit, status: int, error: str = "", **typed: str) -> Response:
    values = {"title": "", "topic": "", "source": "", "script": "", **typed}
    return visit.page("item_new.html", status, error=error, topics=TOPICS, **values)


def _to(slug: str, done: str = "") -> Response:
    return see_other(f"/items/{slug}" + (f"?done={done}" if done else ""))


def _item(session: Session, person: Person, now: datetime, slug: str) -> Item:
    item = items.item_by_slug(session, slug)
    if item is None:
        raise NotThere(f"Không có tin bài “{slug}”. Anh/chị xem lại danh sách tin bài.")
    return item


def _version(session: Session, person: Person, now: datetime, slug: str) -> tuple[int, str]:
    version = _item(session, person, now, slug).latest
    return version.id, version.script


def _add_text(
    session: Session, person: Person, now: datetime, title: str, topic: str, source: str, script: str
) -> str:
    if not title.strip():
        raise Refused("Tin bài chưa có tên. Anh/chị đặt tên ngắn, ví dụ: An toàn khi dùng mạng.")
    if topic not in set(TopicCode):
        raise Refused("Chưa chọn chủ đề. Anh/chị chọn một trong chín chủ đề.")
    origin = source.strip() or f"{person.name} soạn"
    return items.add_item(
        session, person, title=title, topic=topic, source=origin, script=script, now=now
    ).slug


def _add_file(session: Session, person: Person, now: datetime, text: str, name: str) -> str:
    piece = parse_item(text, name)
    return items.add_item(
        session,
        person,
        title=piece.title,
        topic=str(piece.topic),
        source=piece.source,
        script=piece.script,
        now=now,
        slug=piece.slug,
        season=str(piece.season) if piece.season else None,
    ).slug


def _rewrite(session: Session, person: Person, now: datetime, slug: str, script: str) -> None:
    items.rewrite(session, person, _item(session, person, now, slug), script, now)


def _clear(session: Session, person: Person, now: datetime, slug: str, version_id: int) -> None:
    item = _item(session, person, now, slug)
    if item.latest.id != version_id:
        raise Refused("Lời đọc vừa được sửa nên Loa Xã chưa duyệt. Anh/chị đọc lại bản mới rồi duyệt.")
    items.clear(session, item, person, now)


def _attach(
    session: Session,
    person: Person,
    now: datetime,
    slug: str,
    name: str,
    mime: str,
    path: Path,
    sha256: str,
    size_bytes: int,
) -> None:
    item = _item(session, person, now, slug)
    items.attach(session, item, name=name, mime=mime, sha256=sha256, path=str(path), size_bytes=size_bytes)
    access.note(session, person, "item.attach", slug, now, detail=name)


def _preview(parts: Parts, version_id: int, script: str, slug: str, now: datetime) -> None:
    """Blocking: read the text once, master it, note the clip."""
    with parts.db.reading() as session:
        item = items.item_by_slug(session, slug)
        assert item is not None
        title = item.title
    source = parts.studio.source(slug, script, now)
    clip = render_reading(source, Tags(title=f"Nghe thử: {title}"), parts.studio.folder)
    with parts.db.session() as session:
        tracks.keep(session, version_id, item_view.PREVIEW, clip, now)


def _shown_name(name: str, suffix: str) -> str:
    """The name people gave, with the ending of what it truly is."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name).strip() or "tep"
    return f"{stem}{suffix}"
