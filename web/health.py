"""Whether all is well: a short answer for machines, a page for the admin."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from airlog import freeze, health
from airlog.access import ADMINS, OFFICERS
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
    db = visit.parts.db
    voices = [(engine.name, engine.voice, engine.draft) for engine in visit.parts.studio.voices.engines]
    return visit.page(
        "health.html",
        health=await db.read(health.look, visit.now),
        frozen=await db.read(freeze.state),
        machines=await db.read(health.machines),
        channel_word=channel_word,
        channels=[channel_word(one) for one in visit.parts.channels],
        voices=voices,
        cautions=[(name, CAUTIONS[name]) for name, _, _ in voices if name in CAUTIONS],
        mail=visit.parts.mail,
    )


@router.get("/health/frozen", dependencies=[Depends(needs(*OFFICERS))])
async def frozen(visit: Signed) -> Response:
    """The banner that every desk page asks for; nothing while messages go out as they should."""
    gap = await visit.parts.db.read(freeze.state)
    return visit.page("partials/frozen.html", frozen=gap) if gap else Response(status_code=204)
