"""A view of the ledger as a download."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Literal

from fastapi import Response

from reports.ledger_xlsx import View, as_csv, as_xlsx

_MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


async def file_answer(view: View, kind: Literal["xlsx", "csv"], now: datetime) -> Response:
    """Made off the loop: a country is three thousand rows."""
    data = (
        await asyncio.to_thread(as_xlsx, view, now)
        if kind == "xlsx"
        else await asyncio.to_thread(as_csv, view)
    )
    headers = {"Content-Disposition": f'attachment; filename="{view.name}.{kind}"'}
    return Response(data, media_type=_MIME[kind], headers=headers)
