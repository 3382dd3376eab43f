"""Items: read, heard, written, cleared by another person, with their attachments."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from importlib.resources import as_file
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile
from fastapi.responses import FileResponse

from airlog import access, items, readings, tracks
from airlog.db import Refused, Session
from airlog.files import Kept, keep_file
from airlog.models import ItemVersion, Person
from audio.render import read
from content import shelf
from content.item import BrokenItem
from content.item_file import parse_item
from content.topics import TOPICS, TopicCode
from web import hear_view, item_view, recordings
from web.auth import Signed, Visit, needs
from web.hearing import READERS, words_of
from web.making import Progress
from web.media import KEEP_AN_HOUR
from web.pages import see_other
from web.parts import Parts
from web.there import item_of, there
from web.uploads import MOST_TEXT_BYTES, clean_attachment, decoded, read_upload

router = APIRouter(prefix="/items", dependencies=[Depends(needs(*READERS))])

DONE = {
    "added": "Đã nhận tin bài. Nhờ người khác nghe và duyệt trước khi phát.",
    "cleared": "Đã duyệt. Tin bài này có thể đưa vào chiến dịch.",
    "making": "Chưa duyệt gì: cần nghe trước. Loa Xã đang đọc bài, nghe xong anh/chị bấm Duyệt.",
    "rewritten": "Đã ghi bản mới. Bản này cần được duyệt lại; bản đã duyệt trước vẫn dùng được.",
    "recording-cleared": "Đã duyệt bản ghi. Đài nhận đúng bản anh/chị vừa nghe.",
    "recording-sent-back": "Chưa cho phát bản ghi. Người gửi thấy lý do ở mục Bản thu âm và trong /thuam.",
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
    return visit.page(
        "item.html",
        item=found,
        sounds=await visit.read(item_view.sounds, slug),
        hearing=visit.parts.listening.of(found.version_id),
        recorded=await recordings.section(visit, slug),
        clearing=await visit.read(hear_view.clearing, slug),
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
    with as_file(there(found, "Tin bài này chưa có bản âm thanh.")) as path:
        return FileResponse(path, media_type="audio/ogg", headers=KEEP_AN_HOUR)


@router.post("/{slug}/listen")
async def listen(visit: Signed, slug: str) -> Response:
    """Start making a clip to listen to; the page shows how far it is."""
    await _start_reading(visit, slug)
    return await sound(visit, slug) if visit.request.headers.get("hx-request") else _to(slug)


@router.get("/{slug}/clearing")
async def clearing(visit: Signed, slug: str) -> Response:
    """The part of the page with the reading and the button that clears it; asks again while one is being made."""
    version_id, _ = await visit.read(_version, slug)
    return visit.page(
        "partials/clearing.html",
        slug=slug,
        clearing=await visit.read(hear_view.clearing, slug),
        hearing=visit.parts.listening.of(version_id),
        may_clear=visit.may(access.APPROVERS),
    )


@router.post("/{slug}/clear")
async def clear(
    visit: Signed, slug: str, version: Annotated[int, Form()], heard: Annotated[str, Form()] = ""
) -> Response:
    """`version` and `heard` (the hash of its reading) are what the person had before them: neither words nor sound that
    changed meanwhile are cleared unheard. Where there is no reading yet it is made first."""
    if await visit.run(_clear, slug, version, heard):
        return _to(slug, "cleared")
    await _start_reading(visit, slug)
    return _to(slug, "making")


@router.get("/{slug}/edit", dependencies=[Depends(needs(*access.EDITORS))])
async def edit_form(visit: Signed, slug: str) -> Response:
    found = await visit.read(item_view.item_page, slug)
    return _edit_page(visit, slug, found.title, found.script)


@router.post("/{slug}/edit", dependencies=[Depends(needs(*access.EDITORS))])
async def edit(visit: Signed, slug: str, script: Annotated[str, Form()] = "") -> Response:
    try:
        await visit.run(_rewrite, slug, script)
    except BrokenItem as error:
        found = await visit.read(item_view.item_page, slug)
        return _edit_page(visit, slug, found.title, script, str(error))
    return _to(slug, "rewritten")


@router.post("/{slug}/files", dependencies=[Depends(needs(*access.EDITORS))])
async def attach(visit: Signed, slug: str, file: Annotated[UploadFile | None, File()] = None) -> Response:
    name, data = await read_upload(file)
    clean = await asyncio.to_thread(clean_attachment, name, data)
    kept = await asyncio.to_thread(keep_file, visit.parts.var_dir / "attachments", clean.data, clean.suffix)
    await visit.run(_attach, slug, _shown_name(name, clean.suffix), clean.mime, kept)
    return _to(slug, "attached")


def _form(visit: Visit, status: int, error: str = "", **typed: str) -> Response:
    values = {"title": "", "topic": "", "source": "", "script": "", **typed}
    return visit.page("item_new.html", status, error=error, topics=TOPICS, **values)


def _edit_page(visit: Visit, slug: str, title: str, script: str, error: str = "") -> Response:
    status = 422 if error else 200
    unheard = {"preview": None, "name": "", "trouble": ""}
    return visit.page("item_edit.html", status, slug=slug, title=title, script=script, error=error, **unheard)


async def _start_reading(visit: Visit, slug: str) -> None:
    """Have a voice read the latest version, in the background."""
    version_id, script = await visit.read(_version, slug)
    words = await visit.read(words_of)
    work = partial(asyncio.to_thread, _read, visit.parts, version_id, script, words, visit.now)
    visit.parts.listening.start(version_id, work, Progress(visit.now))


def _to(slug: str, done: str = "") -> Response:
    return see_other(f"/items/{slug}" + (f"?done={done}" if done else ""))


def _version(session: Session, person: Person, now: datetime, slug: str) -> tuple[int, str]:
    version = item_of(session, slug).latest
    return version.id, version.script


def _add_text(
    session: Session, person: Person, now: datetime, title: str, topic: str, source: str, script: str
) -> str:
    if not title.strip():
        raise Refused("Tin bài chưa có tên. Anh/chị đặt tên ngắn, ví dụ: An toàn khi dùng mạng.")
    if topic not in set(TopicCode):
        raise Refused("Chưa chọn chủ đề. Anh/chị chọn một trong chín chủ đề.")
    origin = source.strip() or f"{person.name} soạn"
    item = items.add_item(session, person, title=title, topic=topic, source=origin, script=script, now=now)
    return item.slug


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
    items.rewrite(session, person, item_of(session, slug), script, now)


def _clear(session: Session, person: Person, now: datetime, slug: str, version_id: int, heard: str) -> bool:
    """False when there is no reading to hear yet. A draft is heard for its words: no sound is bound by it."""
    item = item_of(session, slug)
    version = items.may_clear(session, item, person, now)
    if version.id != version_id:
        raise Refused("Lời đọc vừa được sửa nên Loa Xã chưa duyệt. Anh/chị đọc lại bản mới rồi duyệt.")
    found = readings.to_clear(session, version)
    if found is None:
        return False
    if heard != found.sha256 or not found.is_whole:
        raise Refused("Bản đọc vừa được làm lại nên Loa Xã chưa duyệt. Anh/chị nghe bản mới rồi duyệt.")
    items.clear(session, item, person, now, None if found.draft else heard)
    return True


def _attach(
    session: Session, person: Person, now: datetime, slug: str, name: str, mime: str, kept: Kept
) -> None:
    path, item = str(kept.path), item_of(session, slug)
    items.attach(
        session, item, name=name, mime=mime, sha256=kept.sha256, path=path, size_bytes=kept.size_bytes
    )
    access.note(session, person, "item.attach", slug, now, detail=name)


def _read(parts: Parts, version_id: int, script: str, words: Mapping[str, str], now: datetime) -> None:
    """Blocking: read the text once, master it, note the clip."""
    with parts.db.reading() as session:
        title = session.get_one(ItemVersion, version_id).item.title
    clip = parts.studio.clip_of(read(script, parts.studio.voices, now, lexicon=words), title)
    with parts.db.session() as session:
        tracks.keep(session, version_id, readings.READING, clip, now)


def _shown_name(name: str, suffix: str) -> str:
    """The name people gave, with the ending of what it truly is."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name).strip() or "tep"
    return f"{stem}{suffix}"
