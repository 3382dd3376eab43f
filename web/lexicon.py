"""The lexicon: how names are read, in the whole country (to look at), a province, one station."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Response

from airlog import lexicon, lexicon_edits
from airlog.db import Session
from airlog.lexicon_edits import BadEntry, EntryChanged, Wanted
from airlog.models import Person
from web import lexicon_lists, lexicon_sound, lexicon_view
from web.auth import Signed, Visit, needs
from web.hearing import READERS
from web.pages import see_other

router = APIRouter(prefix="/lexicon", dependencies=[Depends(needs(*READERS))])
router.include_router(lexicon_lists.router)
router.include_router(lexicon_sound.router)

DONE = {
    "saved": "Đã ghi cách đọc. Các bài làm âm thanh từ bây giờ đọc theo cách này.",
    "removed": "Đã bỏ mục này. Từ được đọc theo tầng bên dưới; lịch sử vẫn giữ.",
    "imported": "Đã ghi danh sách.",
    "same": "Danh sách giống hệt từ điển đang có nên không có gì thay đổi.",
}


@router.get("")
async def one_layer(visit: Signed, layer: str = "", q: str = "", done: str = "") -> Response:
    found = await visit.read(lexicon_view.lexicon_page, layer, q.strip()[:80])
    return visit.page("lexicon.html", found=found, done=DONE.get(done, ""))


@router.get("/word")
async def one_word(visit: Signed, layer: str = "", word: str = "") -> Response:
    return await _word(visit, layer, word, 200)


@router.post("/word")
async def save(
    visit: Signed,
    layer: Annotated[str, Form()] = "",
    word: Annotated[str, Form()] = "",
    reading: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    based_on: Annotated[int, Form()] = 0,
) -> Response:
    """Add or change an entry. What was typed is kept on the page when it is refused."""
    typed = Wanted(0, word, reading, note)
    try:
        await visit.run(_save, layer, typed, based_on)
    except BadEntry as error:
        return await _word(visit, layer, word, 422, " ".join(error.errors), typed, based_on)
    except EntryChanged as error:
        return await _word(visit, layer, word, 409, str(error), typed, error.newest.row_id)
    return to_layer(layer, "saved")


@router.post("/word/remove")
async def remove(
    visit: Signed,
    layer: Annotated[str, Form()] = "",
    word: Annotated[str, Form()] = "",
    based_on: Annotated[int, Form()] = 0,
) -> Response:
    try:
        await visit.run(_remove, layer, word, based_on)
    except EntryChanged as error:
        return await _word(visit, layer, word, 409, str(error))
    return to_layer(layer, "removed")


def to_layer(layer: str, done: str) -> Response:
    return see_other("/lexicon?" + urlencode({"layer": layer, "done": done}))


async def _word(
    visit: Visit,
    layer: str,
    word: str,
    status: int,
    error: str = "",
    typed: Wanted | None = None,
    based_on: int | None = None,
) -> Response:
    """The page of a word; `typed` wins over what is stored, so that nothing typed is lost."""
    found = await visit.read(lexicon_view.word_page, layer, word)
    held = found.held
    kept = Wanted(0, found.word, held.reading or "", held.note) if held else Wanted(0, found.word, "")
    return visit.page(
        "lexicon_word.html",
        status,
        found=found,
        shown=typed or kept,
        error=error,
        based_on=found.based_on if based_on is None else based_on,
    )


def _save(session: Session, person: Person, now: datetime, layer: str, typed: Wanted, based_on: int) -> None:
    lexicon_edits.set_entry(session, person, lexicon.layer_of(session, layer), typed, based_on, now)


def _remove(session: Session, person: Person, now: datetime, layer: str, word: str, based_on: int) -> None:
    lexicon_edits.take_out(session, person, lexicon.layer_of(session, layer), word, based_on, now)
