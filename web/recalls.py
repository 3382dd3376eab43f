"""Recalling an item: asked for, shown to a second person, confirmed, and followed until everybody knows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from airlog import recalls
from airlog.db import Session
from airlog.models import ItemVersion, Person
from airlog.recalls import ASKERS, BadRecall
from airlog.types import RoleKind
from web.auth import Signed, Visit, needs
from web.pages import see_other
from web.recall_view import form_page, overview_of, recall_of, recall_page, rundown_of

router = APIRouter(prefix="/recalls", dependencies=[Depends(needs(*ASKERS, RoleKind.OFFICER))])
_DONE = {
    "asked": "Đã ghi yêu cầu. Chưa có gì bị dừng. Người duyệt và quản trị được báo để xác nhận.",
    "confirmed": "Đã thu hồi. Tin chưa gửi đã dừng, ai đã nhận được báo ngay.",
    "dropped": "Đã hủy yêu cầu. Không có gì bị thu hồi.",
}


@router.get("")
async def overview(visit: Signed) -> Response:
    waiting, done, this_week = await visit.read(overview_of)
    return visit.page("recalls.html", waiting=waiting, done_ones=done, week_items=this_week)


@router.get("/new")
async def new_form(visit: Signed, rundown: int) -> Response:
    return await _form(visit, rundown, "", "")


@router.post("/new")
async def ask(
    visit: Signed,
    rundown: Annotated[int, Form()],
    reason: Annotated[str, Form()] = "",
    replacement: Annotated[str, Form()] = "",
) -> Response:
    try:
        recall_id = await visit.run(_ask, rundown, reason, replacement)
    except BadRecall as error:
        return await _form(visit, rundown, reason, replacement, 422, str(error))
    return see_other(f"/recalls/{recall_id}?done=asked")


@router.get("/{recall_id}")
async def one(visit: Signed, recall_id: int, done: str = "") -> Response:
    found = await visit.run(recall_page, recall_id)
    return visit.page("recall.html", found=found, done=_DONE.get(done, ""))


@router.get("/{recall_id}/progress")
async def progress(visit: Signed, recall_id: int, seen: str = "") -> Response:
    """What changes while the page is open; 204 while nothing did."""
    found = await visit.run(recall_page, recall_id)
    if found.version == seen:
        return Response(status_code=204)
    return visit.page("partials/recall_progress.html", found=found)


@router.post("/{recall_id}/confirm")
async def confirm(visit: Signed, recall_id: int) -> Response:
    await visit.run(_confirm, recall_id)
    return see_other(f"/recalls/{recall_id}?done=confirmed")


@router.post("/{recall_id}/drop")
async def drop(visit: Signed, recall_id: int) -> Response:
    await visit.run(_drop, recall_id)
    return see_other(f"/recalls/{recall_id}?done=dropped")


async def _form(
    visit: Visit, rundown_id: int, reason: str, replacement: str, status: int = 200, error: str = ""
) -> Response:
    found = await visit.run(form_page, rundown_id)
    return visit.page(
        "recall_new.html", status, found=found, reason=reason, replacement=replacement, error=error
    )


def _ask(
    session: Session, person: Person, now: datetime, rundown_id: int, reason: str, replacement: str
) -> int:
    rundown = rundown_of(session, person, now, rundown_id)
    version = None
    if replacement:
        known = replacement.isdecimal() and len(replacement) < 10
        version = session.get(ItemVersion, int(replacement)) if known else None
        if version is None:
            raise BadRecall("Không có tin thay thế này. Anh/chị chọn lại trong danh sách.")
    return recalls.ask(session, person, rundown, reason, version, now).id


def _confirm(session: Session, person: Person, now: datetime, recall_id: int) -> None:
    recalls.confirm(session, person, recall_of(session, person, now, recall_id), now)


def _drop(session: Session, person: Person, now: datetime, recall_id: int) -> None:
    recalls.drop(session, person, recall_of(session, person, now, recall_id), now)
