"""Files of the operator's page: sounds and attachments that go out, photos and recordings that come in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from starlette.datastructures import UploadFile

from airlog import access, page_links
from airlog.airchecks import KeptFile
from airlog.db import Session
from airlog.models import Attachment, Duty, Person
from airlog.page_links import DeadPageLink
from bot import operator_page_acts
from bot.desk import Desk
from bot.operator_page_acts import Outcome, Said
from bot.operator_page_view import Sound, page_view, sound_of
from bot.proof_files import FileRefused, HeicRefused, keep_file
from content import messages, page_messages
from web.parts import Parts
from web.troubles import NotThere


async def take_proofs(
    parts: Parts, token: str, said: Said, sent: Sequence[UploadFile], now: datetime, desk: Desk
) -> Outcome:
    """Keep photos and recordings. Files are looked at only for somebody who may send them; one that cannot be kept is
    named, and the others are kept."""
    await parts.db.run(_may_attach, token, said.duty_id, now)
    if not sent:
        return Outcome(told=page_messages.NO_FILE, duty_id=said.duty_id, status=422)
    kept: list[KeptFile] = []
    told: list[str] = []
    for one in sent:
        try:
            kept.append(await _kept(one, desk))
        except FileRefused as error:
            told.append(_why_refused(error, desk))
            await parts.db.run(_note_file, token, str(error) or type(error).__name__, now)
    outcome = Outcome()
    if kept:
        outcome = await parts.db.run(operator_page_acts.attach, token, said, kept, now, desk)
    if told or outcome.told:
        return Outcome(told="\n".join([*told, outcome.told]).strip(), duty_id=said.duty_id, status=422)
    return outcome


async def owner(parts: Parts, token: str, now: datetime) -> int:
    """Whose link it is, for a file. A dead link is written down. Raises NotThere."""
    try:
        link = await parts.db.read(page_links.living, token, now)
    except DeadPageLink as dead:
        await parts.db.run(page_links.refused, dead, now)
        raise NotThere(str(dead)) from dead
    return link.person_id


def sound(session: Session, person_id: int, duty_id: int, now: datetime) -> Sound:
    duty = session.get(Duty, duty_id)
    if duty is not None and access.serves(session, session.get_one(Person, person_id), duty.station, now):
        found = sound_of(session, duty)
        if found is not None:
            return found
    raise NotThere("Không có bản âm thanh này. Anh/chị tải lại trang.")


def attachment(session: Session, person_id: int, attachment_id: int, now: datetime) -> Attachment:
    """Only what the page itself lists."""
    view = page_view(session, session.get_one(Person, person_id), now)
    listed = {one.id for card in (*view.cards, *view.before) for one in card.files}
    found = session.get(Attachment, attachment_id)
    if found is None or attachment_id not in listed or not Path(found.path).is_file():
        raise NotThere("Không có tệp kèm theo này.")
    return found


class FileTooLarge(FileRefused):
    """More bytes than are taken."""


async def _kept(sent: UploadFile, desk: Desk) -> KeptFile:
    """Raises FileRefused."""
    most_bytes = desk.upload_mb * 1024 * 1024
    data = await sent.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise FileTooLarge
    return await asyncio.to_thread(keep_file, data, "file", desk.var_dir / "airchecks")


def _why_refused(error: FileRefused, desk: Desk) -> str:
    if isinstance(error, FileTooLarge):
        return messages.file_too_large(desk.upload_mb)
    return page_messages.HEIC if isinstance(error, HeicRefused) else messages.FILE_UNREADABLE


def _may_attach(session: Session, token: str, duty_id: int, now: datetime) -> None:
    operator_page_acts.may_attach(session, page_links.living(session, token, now), duty_id, now)


def _note_file(session: Session, token: str, why: str, now: datetime) -> None:
    link = page_links.living(session, token, now)
    access.note(session, link.person, "page.file", f"link {link.id}", now, allowed=False, detail=why)
