"""Tables as downloads."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from fastapi import Response

from reports.ledger_xlsx import BOM, View, as_csv, as_xlsx

FileKind = Literal["xlsx", "csv"]
_MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


async def file_answer(view: View, kind: FileKind, now: datetime) -> Response:
    """Made off the loop: a country is three thousand rows."""
    data = await (
        asyncio.to_thread(as_xlsx, view, now) if kind == "xlsx" else asyncio.to_thread(as_csv, view)
    )
    return _answer(data, f"{view.name}.{kind}", kind)


def csv_file(rows: Iterable[Sequence[object]], name: str) -> Response:
    """A list to be filled in or worked through, as it stands."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return _answer((BOM + out.getvalue()).encode(), name, "csv")


def _answer(data: bytes, name: str, kind: FileKind) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=_MIME[kind], headers=headers)
