"""People: who they are, what they may do, lists taken in whole or not at all, invite codes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile

from airlog import access, area_rights, link_rights, people, roster
from airlog.access import ADMINS
from airlog.db import Refused, Session
from airlog.models import Person
from airlog.people import BadList, Imported, Row
from web.auth import Signed, needs
from web.ledger_files import csv_file
from web.pages import see_other
from web.uploads import MOST_LIST_BYTES, decoded, read_upload

router = APIRouter(prefix="/people", dependencies=[Depends(needs(*ADMINS))])


@router.get("")
async def everybody(visit: Signed, people_added: int = -1, roles_added: int = 0) -> Response:
    lines = await visit.parts.db.read(roster.roster, visit.now)
    linkable = await visit.read(link_rights.ids_of) if visit.parts.zalo else set[int]()
    done = ""
    if people_added >= 0:
        done = (
            f"Đã nhập danh sách: thêm {people_added} người, {roles_added} vai trò. Người có sẵn giữ nguyên."
        )
    return visit.page("people.html", lines=lines, done=done, linkable=linkable)


@router.get("/import")
async def import_form(visit: Signed) -> Response:
    return visit.page("people_import.html", rows=None, errors=(), text="")


@router.post("/import")
async def import_list(
    visit: Signed,
    file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form()] = "",
    sure: Annotated[str, Form()] = "",
) -> Response:
    """First a look at what would be stored, then, when the admin says so, all of it."""
    try:
        if not text:
            name, data = await read_upload(file, MOST_LIST_BYTES)
            text = decoded(name, data)
        rows = await visit.run(_check, text)
        if sure:
            made = await visit.run(_import, text)
            return see_other(f"/people?people_added={made.people}&roles_added={made.grants}")
    except (BadList, Refused) as error:
        errors = error.errors if isinstance(error, BadList) else (str(error),)
        return visit.page("people_import.html", 422, rows=None, errors=errors, text="")
    return visit.page("people_import.html", rows=rows, errors=(), text=text)


@router.get("/template.csv")
async def template(visit: Signed) -> Response:
    sample = ("Nguyễn Văn An", "0912 345 678", "operator", "24611", "")
    return csv_file([people.HEADER, sample], "mau-danh-sach.csv")


@router.post("/invites.csv")
async def invites(visit: Signed) -> Response:
    """A code for everybody who has a role and no chat yet; making codes writes, hence a form."""
    lines = await visit.run(_invites)
    head = ("ho_ten", "dien_thoai", "vai_tro", "dai_khu_vuc", "ma_moi")
    rows = [(one.person, one.phone, one.role, one.station, one.code) for one in lines]
    return csv_file([head, *rows], "ma-moi.csv")


def _check(session: Session, person: Person, now: datetime, text: str) -> list[Row]:
    """Raises BadList for bad rows and for areas beyond the admin's own."""
    rows = people.read_list(session, text.encode())
    beyond = [
        f"Dòng {row.line}, cột ma_don_vi: “{row.scope}” nằm ngoài khu vực anh/chị quản trị."
        for row in rows
        if not area_rights.covers(session, person, ADMINS, row.scope, now)
    ]
    if beyond:
        access.refuse(session, person, "people.import", "outside the area", now)
        raise BadList(beyond)
    return rows


def _import(session: Session, person: Person, now: datetime, text: str) -> Imported:
    made = people.import_people(session, text.encode(), now)
    access.note(session, person, "people.import", f"{made.people} people", now)
    return made


def _invites(session: Session, person: Person, now: datetime) -> list[people.InviteLine]:
    access.note(session, person, "invite.list", "all", now)
    return people.invites(session, now)
