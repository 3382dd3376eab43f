"""Merging, splitting, moving and renaming communes: a form or a list, a look at all it would do, then the act."""

from __future__ import annotations

import asyncio
import csv
import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile

from airlog import area_changes, area_checks, area_lists, area_rights, areas
from airlog.access import ADMINS, NotAllowed
from airlog.area_changes import ChangedMeanwhile, Preview
from airlog.area_checks import clean_name
from airlog.area_orders import BadChange, Order, Stations, Unit, packed, unpacked
from airlog.db import Refused, Session
from airlog.models import Person
from airlog.types import AreaChangeKind
from content import area_messages as words
from reports.lexicon_xlsx import text_rows
from web.area_view import ChangeView, change_views
from web.auth import Signed, Visit
from web.ledger_files import csv_file
from web.pages import see_other, today
from web.uploads import MOST_LIST_BYTES, decoded, read_upload

router = APIRouter()
MOST_PARTS = 4
_KEY = 16


@dataclass(frozen=True)
class Asked:
    """A form as it was filled in. `codes`: the old units, by code or name, commas between."""

    kind: AreaChangeKind = AreaChangeKind.MERGE
    codes: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    province: str = ""
    cluster: str = ""
    on: str = ""
    document: str = ""
    document_on: str = ""
    stations: str = "keep"
    homes: dict[int, int] = field(default_factory=dict)
    """For a split: to which part (from 0) a station goes."""


@router.get("/changes/new")
async def form(visit: Signed, kind: str = "merge", code: str = "") -> Response:
    known = kind if kind in set(AreaChangeKind) else AreaChangeKind.MERGE
    return await _form(visit, Asked(AreaChangeKind(known), codes=code.strip()[:200]))


@router.post("/changes")
async def look(
    visit: Signed,
    kind: Annotated[str, Form()],
    codes: Annotated[str, Form()] = "",
    new_code: Annotated[list[str], Form()] = [],  # noqa: B006  # FastAPI copies it
    new_name: Annotated[list[str], Form()] = [],  # noqa: B006
    province: Annotated[str, Form()] = "",
    cluster: Annotated[str, Form()] = "",
    on: Annotated[str, Form()] = "",
    document: Annotated[str, Form()] = "",
    document_on: Annotated[str, Form()] = "",
    stations: Annotated[str, Form()] = "keep",
) -> Response:
    """What the form would do; nothing is written."""
    sent = await visit.request.form()
    homes = {
        int(name[5:]): int(str(value))
        for name, value in sent.items()
        if name.startswith("home-") and name[5:].isdecimal() and str(value).isdecimal()
    }
    parts = zip(new_code, new_name, strict=False)
    asked = Asked(
        AreaChangeKind(kind) if kind in set(AreaChangeKind) else AreaChangeKind.MERGE, codes,
        tuple((code.strip(), name.strip()) for code, name in parts), province.strip(), cluster.strip(), on,
        document.strip(), document_on, stations, homes,
    )  # fmt: skip
    try:
        orders = await visit.read(_order, asked)
        return await _look(visit, orders)
    except BadChange as error:
        return await _form(visit, asked, error.errors)


@router.post("/changes/confirm")
async def confirm(
    visit: Signed,
    packed: Annotated[str, Form()],
    key: Annotated[str, Form(min_length=8, max_length=32)],
    seen: Annotated[str, Form()],
) -> Response:
    """All of it or nothing. A second click finds what the first one wrote."""
    orders = unpacked_or_none(packed)
    try:
        made = await visit.run(_confirm, orders, key, seen)
    except BadChange as error:
        return visit.page("area_preview.html", 422, views=(), errors=error.errors, again=False)
    except ChangedMeanwhile:
        return await _look(visit, orders, 409)
    return see_other(f"/areas?changed={made[0]}&ahead={made[1]}")


@router.post("/changes/{change_id}/withdraw")
async def withdraw(visit: Signed, change_id: int) -> Response:
    await visit.run(_withdraw, change_id)
    return see_other("/areas?withdrawn=1")


@router.get("/import")
async def import_form(visit: Signed) -> Response:
    return visit.page("area_import.html", errors=(), header=area_lists.HEADER)


@router.post("/import")
async def import_list(visit: Signed, file: Annotated[UploadFile | None, File()] = None) -> Response:
    """A look at what a list would do; it is entered from there."""
    try:
        name, data = await read_upload(file, MOST_LIST_BYTES)
        rows = await asyncio.to_thread(_rows, name, data)
        return await _look(visit, area_lists.read_rows(rows))
    except NotAllowed:
        raise
    except (BadChange, Refused) as error:
        errors = error.errors if isinstance(error, BadChange) else (str(error),)
        return visit.page("area_import.html", 422, errors=errors, header=area_lists.HEADER)


@router.get("/template.csv")
async def template(visit: Signed) -> Response:
    return csv_file([area_lists.HEADER, *area_lists.SAMPLE], "mau-thay-doi-don-vi.csv")


def unpacked_or_none(text: str) -> tuple[Order, ...]:
    """Nothing, where the field is not one of ours: the act itself says so."""
    try:
        return unpacked(text)
    except BadChange:
        return ()


async def _look(visit: Visit, orders: Sequence[Order], status: int = 200) -> Response:
    views, found = await visit.run(_preview, orders)
    back = {"packed": packed(found.orders), "key": secrets.token_hex(_KEY), "seen": found.seen}
    return visit.page("area_preview.html", status, views=views, errors=(), again=status == 409, **back)


async def _form(visit: Visit, asked: Asked, errors: Sequence[str] = ()) -> Response:
    stations = await visit.read(_stations, asked) if asked.kind is AreaChangeKind.SPLIT else []
    parts = list(asked.parts) or [("", "")]
    count = MOST_PARTS if asked.kind is AreaChangeKind.SPLIT else 1
    return visit.page(
        "area_change.html",
        422 if errors else 200,
        asked=asked,
        errors=errors,
        parts=(parts + [("", "")] * count)[:count],
        stations=stations,
    )


def _order(session: Session, person: Person, now: datetime, asked: Asked) -> tuple[Order, ...]:
    """Raises BadChange for what no order can be made of."""
    on, signed = area_lists.parse_day(asked.on), area_lists.parse_day(asked.document_on)
    errors = []
    if on is None:
        errors.append(f"{area_checks.where(None, 'on')}: {words.no_day(asked.on)}")
    if signed is None and asked.document_on.strip():
        errors.append(f"{area_checks.where(None, 'document_on')}: {words.no_day(asked.document_on)}")
    olds, unknown = _codes(session, person, now, asked.codes)
    errors += unknown
    news = [Unit(code, clean_name(name)) for code, name in asked.parts if code or name]
    if asked.kind in (AreaChangeKind.MOVE, AreaChangeKind.RENAME):
        name = clean_name(asked.parts[0][1]) if asked.parts else ""
        if asked.kind is AreaChangeKind.RENAME and not name:
            errors.append(f"{area_checks.where(None, 'name')}: chưa có tên mới.")
        news = [Unit(code, name, asked.province, asked.cluster) for code in olds[:1]]
    elif asked.cluster:
        news = [Unit(unit.code, unit.name, "", asked.cluster) for unit in news]
    if not olds or not news:
        errors += [] if unknown else ["Chưa đủ đơn vị cũ và đơn vị mới. Anh/chị điền mã của từng đơn vị."]
    if errors or on is None:
        raise BadChange(errors)
    homes = tuple((id_, asked.parts[part][0]) for id_, part in asked.homes.items() if part < len(asked.parts))
    stations: Stations = (
        "close" if asked.stations == "close" and asked.kind is AreaChangeKind.MERGE else "keep"
    )
    return (Order(asked.kind, on, asked.document, signed, tuple(olds), tuple(news), stations, homes),)


def _codes(session: Session, person: Person, now: datetime, text: str) -> tuple[list[str], list[str]]:
    """Codes of the old units, and what could not be found. A name is taken when only one unit bears it."""
    mine = area_rights.scopes_of(session, person, ADMINS, now)
    found, errors = [], []
    for part in (part.strip() for part in text.replace(";", ",").split(",")):
        if not part:
            continue
        if part.isdecimal():
            found.append(part)
            continue
        named = areas.named(session, mine, part)
        if len(named) == 1:
            found.append(named[0].code)
        else:
            which = ", ".join(f"{area.name} {area.code}" for area in named[:5])
            errors.append(
                f"Mã cũ: có {len(named)} đơn vị tên “{part}” ({which}). Anh/chị ghi mã."
                if named
                else f"Mã cũ: không có đơn vị nào tên “{part}”. Anh/chị tìm mã ở trang Đơn vị hành chính."
            )
    return found, errors


def _stations(session: Session, person: Person, now: datetime, asked: Asked) -> list[tuple[int, str]]:
    codes, _ = _codes(session, person, now, asked.codes)
    mine = [code for code in codes[:1] if len(code) == 5 and areas.exists(session, code)]
    if not mine or not area_rights.covers(session, person, ADMINS, mine[0], now):
        return []
    return [(s.id, s.name) for s in area_checks.stations_of(session, mine) if s.active_to is None]


def _preview(
    session: Session, person: Person, now: datetime, orders: Sequence[Order]
) -> tuple[list[ChangeView], Preview]:
    found = area_changes.preview(session, person, orders, now)
    return change_views(session, found, today(now)), found


def _confirm(
    session: Session, person: Person, now: datetime, orders: Sequence[Order], key: str, seen: str
) -> tuple[int, int]:
    made = area_changes.confirm(session, person, orders, key, seen, now)
    return len(made), sum(change.enacted_at is None for change in made)


def _withdraw(session: Session, person: Person, now: datetime, change_id: int) -> None:
    area_changes.withdraw(session, person, change_id, now)


def _rows(name: str, data: bytes) -> list[list[str]]:
    """Blocking. A workbook by its first bytes, else a CSV with commas or semicolons. Raises Refused."""
    if data[:2] == b"PK":
        return text_rows(data, "Anh/chị lưu lại dạng Excel Workbook (.xlsx), hoặc CSV UTF-8, rồi gửi lại.")
    text = decoded(name, data)
    first = text.partition("\n")[0]
    try:
        return list(csv.reader(io.StringIO(text), delimiter=max(",;", key=first.count)))
    except csv.Error as error:
        raise BadChange([words.UNREADABLE]) from error
