"""A layer of the lexicon as a workbook: taken away, and taken in after a look at what would change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile

from airlog import access, lexicon, lexicon_edits
from airlog.db import Refused, Session
from airlog.lexicon_edits import BadEntry, Change, ListOutdated, Wanted
from airlog.models import Person
from reports.ledger_xlsx import View
from reports.lexicon_xlsx import lexicon_view, read_lexicon
from web.auth import Signed, Visit, needs
from web.ledger_files import file_answer
from web.lexicon_view import NATIONAL, NATIONAL_NAME, visible_layer
from web.pages import see_other
from web.uploads import MOST_LIST_BYTES, read_upload

router = APIRouter()


@dataclass(frozen=True)
class Preview:
    """What saving a list would do. `packed` and `seen` travel through the page to the saving."""

    changes: tuple[Change, ...]
    packed: str
    seen: int

    def of_kind(self, kind: str) -> list[Change]:
        return [one for one in self.changes if one.kind == kind]


@router.get("/table.xlsx")
async def table(visit: Signed, layer: str = NATIONAL) -> Response:
    return await file_answer(await visit.read(_table, layer), "xlsx", visit.now)


@router.get("/import", dependencies=[Depends(needs(*access.EDITORS))])
async def import_form(visit: Signed, layer: str = "") -> Response:
    return await _form(visit, layer, 200)


@router.post("/import", dependencies=[Depends(needs(*access.EDITORS))])
async def import_list(
    visit: Signed,
    layer: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
    packed: Annotated[str, Form()] = "",
    seen: Annotated[int, Form()] = 0,
) -> Response:
    """First a look at what would change, then (with `packed`, from that look) all of it or nothing."""
    try:
        if packed:
            count = await visit.run(_import, layer, unpack(packed), seen)
            done = "imported" if count else "same"
            return see_other("/lexicon?" + urlencode({"layer": layer, "done": done}))
        _, data = await read_upload(file, MOST_LIST_BYTES)
        rows = await asyncio.to_thread(read_lexicon, data)
        return await _form(visit, layer, 200, preview=await visit.read(_preview, layer, rows))
    except BadEntry as error:
        return await _form(visit, layer, 422, error.errors)
    except ListOutdated as error:
        fresh = await visit.read(_preview, layer, unpack(packed))
        return await _form(visit, layer, 409, (str(error),), fresh)
    except access.NotAllowed:
        raise
    except Refused as error:
        return await _form(visit, layer, 422, (str(error),))


def pack(rows: Sequence[Wanted]) -> str:
    """A list as text that survives a form: a row a line, cells apart by tabs."""
    cells = ([str(one.line), one.word, one.reading, one.note] for one in rows)
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in cells)


def unpack(text: str) -> list[Wanted]:
    """The rows of `pack`; a line that is not one of ours is left out."""
    rows = (line.split("\t") for line in text.splitlines())
    return [
        Wanted(int(row[0]), *row[1:])
        for row in rows
        if len(row) == 4 and row[0].isdecimal() and len(row[0]) < 8
    ]


async def _form(
    visit: Visit, layer: str, status: int, errors: Sequence[str] = (), preview: Preview | None = None
) -> Response:
    shown = await visit.read(visible_layer, layer)
    return visit.page(
        "lexicon_import.html", status, layer=layer, name=shown.name, errors=errors, preview=preview
    )


def _table(session: Session, person: Person, now: datetime, layer: str) -> View:
    if layer == NATIONAL:
        return lexicon_view(lexicon.national_entries(), NATIONAL_NAME)
    found = visible_layer(session, person, now, layer)
    return lexicon_view(lexicon.entries(session, found), found.name)


def _preview(session: Session, person: Person, now: datetime, layer: str, rows: Sequence[Wanted]) -> Preview:
    found = visible_layer(session, person, now, layer)
    changes = tuple(lexicon_edits.changes(session, found, rows))
    return Preview(changes, pack(rows), lexicon.newest_row(session, found))


def _import(
    session: Session, person: Person, now: datetime, layer: str, rows: Sequence[Wanted], seen: int
) -> int:
    return lexicon_edits.import_list(session, person, lexicon.layer_of(session, layer), rows, seen, now)
