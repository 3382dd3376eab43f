"""The operator's page, `/o/<token>`: hear, download, read, confirm, say why not, add a photo. The link is the key to it.

It lives here, not in web/, because what it says to the record is said by the conversation code. GET changes nothing
but when the page was last seen, and not even that for the robots that chats send to make a preview. A form is answered
with the page that follows (303); a form that the page's own script sent, with where that page is, as JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.background import BackgroundTask
from starlette.datastructures import FormData, Headers, UploadFile

from airlog import page_links
from airlog.access import NotAllowed
from airlog.db import Session
from airlog.page_links import DeadPageLink
from bot import operator_page_acts, operator_page_files
from bot.desk import Desk
from bot.operator_page_acts import NotOnThePage, Outcome, Said, new_mark
from bot.operator_page_done import banner
from bot.operator_page_view import PageView, page_view
from content import messages, page_messages
from web.pages import page, see_other
from web.parts import Parts, parts_of
from web.printed_links import qr_svg

MOST_FILES = 6
_ROBOT = re.compile(
    r"(?<!cu)bot\b|crawl|spider|preview|externalhit|facebookcatalog|whatsapp/|slurp|curl|wget|python-|go-http|okhttp",
    re.IGNORECASE,  # a Cubot is a telephone
)
_IN_APP = (("zalo", "Zalo"), ("fban", "Facebook"), ("fbav", "Facebook"), ("fb_iab", "Facebook"))
_KEEP = {"Cache-Control": "private, max-age=86400"}
_UNLISTED = {"X-Robots-Tag": "noindex, nofollow"}


@dataclass(frozen=True)
class Look:
    """What one request needs of the record, read at one moment."""

    link_id: int
    seen_lately: bool
    banner: str
    view: PageView


def operator_router(desk: Desk) -> APIRouter:
    """The page, its files and its forms."""
    router = APIRouter(prefix="/o")

    @router.api_route("/{token}", methods=["GET", "HEAD"])
    async def show(request: Request, token: str, da: str = "", tin: int = 0) -> Response:
        """`da` and `tin`: what was done a moment ago, and about which duty."""
        try:
            return await _shown(request, token, Outcome(da=da, duty_id=tin))
        except DeadPageLink as dead:
            return await _dead(request, dead)

    @router.post("/{token}")
    async def said(request: Request, token: str) -> Response:
        parts, now = parts_of(request), _now(request)
        try:
            await parts.db.read(page_links.living, token, now)
            async with request.form(max_files=MOST_FILES, max_fields=30) as form:
                outcome = await _act(parts, token, form, now, desk)
            answer = await _answered(request, token, outcome)
            answer.background = BackgroundTask(parts.settled, outcome.answered)
            return answer
        except DeadPageLink as dead:
            return await _dead(request, dead)

    @router.get("/{token}/qr.svg")
    async def qr(request: Request, token: str) -> Response:
        """The way to this very page for another phone."""
        parts, now = parts_of(request), _now(request)
        await operator_page_files.owner(parts, token, now)
        return Response(qr_svg(f"{parts.base_url}/o/{token}"), media_type="image/svg+xml", headers=_UNLISTED)

    @router.api_route("/{token}/tep/{attachment_id}", methods=["GET", "HEAD"])
    async def attachment(request: Request, token: str, attachment_id: int) -> Response:
        parts, now = parts_of(request), _now(request)
        person_id = await operator_page_files.owner(parts, token, now)
        found = await parts.db.read(operator_page_files.attachment, person_id, attachment_id, now)
        headers = _KEEP | _UNLISTED
        return FileResponse(found.path, media_type=found.mime, filename=found.name, headers=headers)

    @router.api_route("/{token}/{duty_id}/{name}.mp3", methods=["GET", "HEAD"])
    async def sound(
        request: Request, token: str, duty_id: int, name: str, b: int = 0, tai: int = 0
    ) -> Response:
        """The clip that stands now, by byte ranges; `tai`: to be kept as a file. An address of another clip than that
        is not remembered, so that words which were recalled do not come out of a cache."""
        parts, now = parts_of(request), _now(request)
        person_id = await operator_page_files.owner(parts, token, now)
        found = await parts.db.read(operator_page_files.sound, person_id, duty_id, now)
        return FileResponse(
            found.path,
            media_type="audio/mpeg",
            filename=found.name,
            content_disposition_type="attachment" if tai else "inline",
            headers=_UNLISTED | (_KEEP if b == found.track_id else {}),
        )

    async def _shown(request: Request, token: str, outcome: Outcome) -> Response:
        parts, now = parts_of(request), _now(request)
        look = await parts.db.read(_look, token, outcome.da, now)
        if not look.seen_lately and request.method == "GET" and not is_robot(request.headers):
            await parts.db.run(page_links.seen, look.link_id, now)
        answer = page(
            request,
            "operator_page.html",
            outcome.status if outcome.told else 200,
            view=look.view,
            done=look.banner,
            told=outcome,
            at=outcome.duty_id,
            form=await _form_again(request, outcome),
            mark=new_mark(),
            most_mb=desk.upload_mb,
            in_app=in_app(request.headers),
            reasons=messages.REASONS,
            words=page_messages,
        )
        answer.headers.update(_UNLISTED)
        return answer

    async def _answered(request: Request, token: str, outcome: Outcome) -> Response:
        to = f"/o/{token}?da={outcome.da}&tin={outcome.duty_id}#tin-{outcome.duty_id}"
        if request.headers.get("accept") == "application/json":
            if outcome.told:
                return JSONResponse({"told": outcome.told}, outcome.status)
            return JSONResponse({"to": to})
        return await _shown(request, token, outcome) if outcome.told else see_other(to)

    return router


def is_robot(headers: Headers) -> bool:
    """Whether nobody looks: a chat fetches the page to show what is behind a link, or a browser in advance."""
    ahead = headers.get("sec-purpose", "") + headers.get("purpose", "") + headers.get("x-moz", "")
    return "prefetch" in ahead.lower() or bool(_ROBOT.search(headers.get("user-agent") or "bot"))


def in_app(headers: Headers) -> str:
    """The app whose own browser shows the page; empty for a real one."""
    agent = headers.get("user-agent", "").lower()
    return next((name for mark, name in _IN_APP if mark in agent), "")


async def _dead(request: Request, dead: DeadPageLink) -> Response:
    """A clear sentence on a light page, and a line of the audit."""
    await parts_of(request).db.run(page_links.refused, dead, _now(request))
    status = 404 if dead.why == "forged" else 410
    if request.headers.get("accept") == "application/json":
        return JSONResponse({"told": str(dead)}, status)
    answer = page(request, "operator_dead.html", status, told=str(dead))
    answer.headers.update(_UNLISTED)
    return answer


async def _act(parts: Parts, token: str, form: FormData, now: datetime, desk: Desk) -> Outcome:
    """What came of a form; a refusal is kept on record by the transaction it was raised in."""
    said = Said.of({name: value for name, value in form.multi_items() if isinstance(value, str)})
    try:
        if said.act == "proof":
            sent = [one for _, one in form.multi_items() if isinstance(one, UploadFile) and one.filename]
            return await operator_page_files.take_proofs(parts, token, said, sent, now, desk)
        return replace(await parts.db.run(operator_page_acts.act, token, said, now, desk), act=said.act)
    except (NotAllowed, NotOnThePage) as error:
        return Outcome(told=str(error), duty_id=said.duty_id, status=403)


async def _form_again(request: Request, outcome: Outcome) -> dict[str, str]:
    """The fields of a form whose time was doubted, so that it can be sent once more, insisting."""
    if not outcome.may_insist:
        return {}
    form = await request.form()
    names = ("act", "duty", "about", "day", "clock")
    return {name: value for name in names if isinstance(value := form.get(name, ""), str)}


def _look(session: Session, token: str, da: str, now: datetime) -> Look:
    link = page_links.living(session, token, now)
    told = banner(session, link.person, da, now) if da else ""
    return Look(link.id, page_links.is_seen_lately(link, now), told, page_view(session, link.person, now))


def _now(request: Request) -> datetime:
    """The clock is read once a request."""
    if not hasattr(request.state, "now"):
        request.state.now = parts_of(request).clock.now()
    now = request.state.now
    assert isinstance(now, datetime)
    return now
