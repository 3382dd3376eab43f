"""Whether all is well: a short answer for machines, a page for the admin."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from airlog import freeze, health
from airlog.access import ADMINS, OFFICERS
from airlog.db import Session
from airlog.freeze import Frozen
from airlog.health import Health, Machines
from airlog.models import Person
from audio.voices import CAUTIONS
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
    found, machines = await visit.read(_look)
    voices = [(engine.name, engine.voice, engine.draft) for engine in visit.parts.studio.voices.engines]
    return visit.page(
        "health.html",
        health=found,
        frozen=await visit.read(_frozen),
        machines=machines,
        channel_word=channel_word,
        channels=[channel_word(one) for one in visit.parts.channels],
        voices=voices,
        cautions=[(name, CAUTIONS[name]) for name, _, _ in voices if name in CAUTIONS],
        mail=visit.parts.mail,
    )


@router.get("/health/frozen", dependencies=[Depends(needs(*OFFICERS))])
async def frozen(visit: Signed) -> Response:
    """The banner that every desk page asks for; nothing while messages go out as they should."""
    gap = await visit.read(_frozen)
    return visit.page("partials/frozen.html", frozen=gap) if gap else Response(status_code=204)


def _frozen(session: Session, person: Person, now: datetime) -> Frozen | None:
    return freeze.state(session)


def _look(session: Session, person: Person, now: datetime) -> tuple[Health, Machines]:
    return health.look(session, now), health.machines(session)
