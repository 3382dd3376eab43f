"""Whether all is well: a short answer for machines, a page for the admin."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from airlog import health
from airlog.access import ADMINS
from airlog.db import Session
from airlog.health import Health
from airlog.models import Person
from reports.words import channel_word
from web.auth import Signed, needs
from web.parts import parts_of

router = APIRouter()


@router.get("/healthz")
async def healthz(request: Request) -> Response:
    """200 when the store answers. Says nothing that a stranger may not know."""
    parts = parts_of(request)
    try:
        found = await parts.db.read(health.look, parts.clock.now())
    except Exception:  # whatever the store raises, the watcher wants a plain no
        return JSONResponse({"ok": False}, 503)
    return JSONResponse({"ok": True, "overdue": found.overdue})


@router.get("/health", dependencies=[Depends(needs(*ADMINS))])
async def page(visit: Signed) -> Response:
    found = await visit.read(_look)
    voices = [(engine.name, engine.voice, engine.draft) for engine in visit.parts.studio.voices.engines]
    return visit.page(
        "health.html",
        health=found,
        channels=[channel_word(one) for one in visit.parts.channels],
        voices=voices,
        mail=visit.parts.mail,
    )


def _look(session: Session, person: Person, now: datetime) -> Health:
    return health.look(session, now)
