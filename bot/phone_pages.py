"""The phone simulator's pages: a messenger in the browser, for everybody at once, on this machine only."""

from __future__ import annotations

from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from fastapi.responses import FileResponse

from airlog import phone
from airlog.db import Session
from airlog.models import Address, Grant, SimMessage
from airlog.scope import Scope, scope_name
from airlog.types import RoleKind
from audio.sound_file import SoundUnreadable
from audio.waveform import peaks
from bot.channels.simulator import SimulatorChannel, rows_from_json
from bot.phone import NoSuchButton, Phone
from bot.reception import Reception
from content import messages
from content.messages import cap
from web.auth import visitor
from web.doors import DoorClosed, doors_open
from web.pages import page, see_other
from web.parts import Parts, parts_of
from web.phone_view import Bubble, ChatPerson, PhonePage
from web.troubles import NotThere

BARS = 48


async def _admitted(request: Request) -> Parts:
    """On this machine in a trial, or an admin who signed in. Raises DoorClosed."""
    visit = await visitor(request)
    parts = parts_of(request)
    if not doors_open(parts, request) and not (visit and visit.may((RoleKind.ADMIN,))):
        raise DoorClosed("Điện thoại mô phỏng chỉ mở trên chính máy đang chạy thử, hoặc cho người quản trị.")
    return parts


Admitted = Annotated[Parts, Depends(_admitted)]


def phone_router(channel: SimulatorChannel, reception: Reception) -> APIRouter:
    """Pages and forms under /phone. Nothing here works for a stranger from another machine."""
    router = APIRouter(prefix="/phone")

    @router.get("")
    async def people_list(request: Request, parts: Admitted) -> Response:
        return page(request, "phone.html", phone=await parts.db.read(_view, None))

    @router.get("/people")
    async def people_fragment(request: Request, parts: Admitted, current: str = "") -> Response:
        return page(request, "_people.html", phone=await parts.db.read(_view, current or None))

    @router.get("/media/{message_id}")
    async def media(parts: Admitted, message_id: int) -> Response:
        row = await parts.db.read(phone.message, message_id)
        if row is None or row.media_path is None or not Path(row.media_path).is_file():
            raise NotThere("Tệp này không còn.")
        name = Path(row.media_path).name
        kind = guess_type(name)[0] or ""
        # A page or a drawing with a script in it, sent as a "photo", must not run under our address.
        shown = kind.startswith(("image/", "audio/", "video/")) and "svg" not in kind
        return FileResponse(
            row.media_path,
            filename=name,
            media_type=kind if shown else "application/octet-stream",
            content_disposition_type="inline" if shown else "attachment",
        )

    @router.get("/{chat_id}")
    async def chat(request: Request, parts: Admitted, chat_id: str) -> Response:
        return page(request, "phone.html", phone=await _opened(parts, chat_id))

    @router.get("/{chat_id}/updates")
    async def updates(request: Request, parts: Admitted, chat_id: str, version: str = "") -> Response:
        if await parts.db.read(phone.version, chat_id) == version:
            return Response(status_code=204)
        return page(request, "_chat.html", phone=await _opened(parts, chat_id))

    @router.post("/{chat_id}/text")
    async def text(
        request: Request, parts: Admitted, chat_id: str, text: Annotated[str, Form()] = ""
    ) -> Response:
        if text.strip():
            await _hand(parts).say(chat_id, text.strip()[:4096])
        return await _answer(request, parts, chat_id)

    @router.post("/{chat_id}/press")
    async def press(
        request: Request,
        parts: Admitted,
        chat_id: str,
        message_id: Annotated[int, Form()],
        data: Annotated[str, Form()],
    ) -> Response:
        try:
            await _hand(parts).press(chat_id, message_id, data)
        except NoSuchButton as error:
            raise NotThere("Nút này không còn trên tin. Anh/chị tải lại trang.") from error
        return await _answer(request, parts, chat_id)

    @router.post("/{chat_id}/file")
    async def file(request: Request, parts: Admitted, chat_id: str, file: UploadFile) -> Response:
        data = await file.read(channel.abilities.max_upload_bytes + 1)
        name, mime = file.filename or "tệp", file.content_type or ""
        if data:
            await _hand(parts).send_file(chat_id, name, mime, data)
        return await _answer(request, parts, chat_id)

    def _hand(parts: Parts) -> Phone:
        return Phone(parts.db, channel, reception, parts.clock)

    return router


async def _answer(request: Request, parts: Parts, chat_id: str) -> Response:
    """After an act: the chat anew for htmx, the whole page for a browser without it."""
    if request.headers.get("hx-request"):
        return page(request, "_chat.html", phone=await _opened(parts, chat_id))
    return see_other(f"/phone/{chat_id}")


async def _opened(parts: Parts, chat_id: str) -> PhonePage:
    """One chat, read by whoever has it open. Raises NotThere."""
    await parts.db.run(phone.read_all, chat_id, parts.clock.now())
    view = await parts.db.read(_view, chat_id)
    if view.current is None:
        raise NotThere("Không có điện thoại này.")
    return view


def _view(session: Session, chat_id: str | None) -> PhonePage:
    last, unread = phone.last_messages(session), phone.unread(session)
    people = tuple(
        _person(session, address, last.get(address.chat_id), unread.get(address.chat_id, 0))
        for address in phone.addresses(session)
    )
    current = next((one for one in people if one.chat_id == chat_id), None)
    if current is None or chat_id is None:
        return PhonePage(people, None, (), "")
    bubbles = tuple(_bubble(row) for row in phone.chat(session, chat_id))
    return PhonePage(people, current, bubbles, phone.version(session, chat_id))


def _person(session: Session, address: Address, last: SimMessage | None, unread: int) -> ChatPerson:
    person = address.person
    grant = person.grants[0] if person.grants else None
    role = grant.role if grant else RoleKind.OPERATOR
    words = person.name.split()
    return ChatPerson(
        chat_id=address.chat_id,
        name=person.name,
        subtitle=_place(session, grant) if grant else "",
        initials=(words[0][:1] + words[-1][:1]).upper(),
        role=role,
        unread=unread,
        last_text=" ".join(last.text.split())[:60] if last else "",
        last_at=last.sent_at if last else None,
    )


def _place(session: Session, grant: Grant) -> str:
    """Where a phone's owner belongs: the commune of an operator, the role and area of the office."""
    name = cap(scope_name(session, Scope.parse(grant.scope)))
    return name if grant.role is RoleKind.OPERATOR else f"{cap(messages.ROLES[grant.role])}, {name}"


def _bubble(row: SimMessage) -> Bubble:
    return Bubble(
        id=row.id,
        from_person=row.from_person,
        text=row.text,
        buttons=rows_from_json(row.buttons),
        media_kind=row.media_kind,
        media_url=f"/phone/media/{row.id}",
        media_title=row.media_title or "",
        duration_s=row.duration_s or 0,
        peaks=_bars(row.media_path) if row.media_kind == "audio" and row.media_path else (),
        sent_at=row.sent_at,
        edited=row.edited_at is not None,
        read=row.from_person,
    )


@lru_cache(maxsize=256)
def _bars(path: str) -> tuple[float, ...]:
    """The waveform of a sound; drawn once, as decoding two minutes takes a moment."""
    try:
        return peaks(Path(path), BARS)
    except (SoundUnreadable, OSError):
        return ()
