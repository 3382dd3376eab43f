"""Who is asking: one-time links, sessions, and the visit that every signed-in page works through."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from fastapi import APIRouter, Depends, Request, Response

from airlog import access, facts, sessions
from airlog.db import Session
from airlog.models import Person
from airlog.types import RoleKind
from web.pages import Face, page, see_other
from web.parts import Parts, parts_of

P = ParamSpec("P")
R = TypeVar("R")
router = APIRouter()


class NotSignedIn(Exception):
    """Nobody is signed in; the answer leads to the login page."""


@dataclass(frozen=True)
class Visit:
    """One request of a person who is signed in. `now` was read once, for all of it."""

    request: Request
    parts: Parts
    person_id: int
    roles: frozenset[RoleKind]
    now: datetime

    async def run(
        self, work: Callable[Concatenate[Session, Person, datetime, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """`work(session, person, now, …)` in one transaction, off the loop."""

        def job(session: Session) -> R:
            return work(session, session.get_one(Person, self.person_id), self.now, *args, **kwargs)

        return await self.parts.db.run(job)

    async def read(
        self, work: Callable[Concatenate[Session, Person, datetime, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Like `run`, for work that only looks and refuses nobody (a refusal is written down)."""

        def job(session: Session) -> R:
            return work(session, session.get_one(Person, self.person_id), self.now, *args, **kwargs)

        return await self.parts.db.read(job)

    def page(self, template: str, status: int = 200, /, **context: object) -> Response:
        return page(self.request, template, status, **context)

    def may(self, roles: Collection[RoleKind]) -> bool:
        """For showing or hiding a button; the act itself asks airlog.access."""
        return bool(self.roles & set(roles))


async def visitor(request: Request) -> Visit | None:
    """The visit behind the cookie, None for a stranger."""
    parts = parts_of(request)
    now = parts.clock.now()
    request.state.now = now
    secret = request.cookies.get(cookie_name(parts), "")
    request.state.is_trial, found = await parts.db.read(_who, secret, now)
    if found is None:
        return None
    person_id, face, touch_due = found
    if touch_due:
        await parts.db.run(sessions.touch, secret, now)
    request.state.face = face
    return Visit(request, parts, person_id, face.roles, now)


async def _signed(request: Request) -> Visit:
    visit = await visitor(request)
    if visit is None:
        raise NotSignedIn
    return visit


Signed = Annotated[Visit, Depends(_signed)]


def needs(*roles: RoleKind) -> Callable[[Visit], object]:
    """A dependency for routers: one of these roles, over any area. The refusal is written down."""

    async def check(visit: Signed) -> None:
        if not visit.may(roles):
            await visit.run(_refuse_unless, roles, visit.request.url.path)

    return check


@router.get("/login")
async def login(request: Request) -> Response:
    await visitor(request)
    return page(request, "login.html")


@router.get("/m/{token}")
async def ask(request: Request, token: str) -> Response:
    """Looking consumes nothing: chats fetch links to show what is behind them."""
    parts = parts_of(request)
    person = await parts.db.read(sessions.owner_of_link, token, parts.clock.now())
    return page(request, "login_confirm.html", person=person.name, token=token)


@router.post("/m/{token}")
async def enter(request: Request, token: str) -> Response:
    parts = parts_of(request)
    agent = request.headers.get("user-agent", "")
    secret = await parts.db.run(sessions.consume, token, agent, parts.clock.now())
    return with_cookie(see_other("/"), parts, secret)


@router.post("/logout")
async def leave(request: Request) -> Response:
    parts = parts_of(request)
    secret = request.cookies.get(cookie_name(parts))
    if secret:
        await parts.db.run(sessions.close_session, secret)
    answer = see_other("/login")
    answer.delete_cookie(cookie_name(parts), path="/", secure=parts.is_https, httponly=True, samesite="lax")
    return answer


def with_cookie(answer: Response, parts: Parts, secret: str) -> Response:
    """Not readable by scripts; over https only where we are reached by https, bound to the host by its name."""
    answer.set_cookie(
        cookie_name(parts),
        secret,
        max_age=int(sessions.SESSION_LIFE.total_seconds()),
        path="/",
        secure=parts.is_https,
        httponly=True,
        samesite="lax",
    )
    return answer


def cookie_name(parts: Parts) -> str:
    return "__Host-loaxa" if parts.is_https else "loaxa"


def _refuse_unless(
    session: Session, person: Person, now: datetime, roles: Collection[RoleKind], path: str
) -> None:
    access.require(session, person, roles, f"open {path}"[:40], now)


def _who(session: Session, secret: str, now: datetime) -> tuple[bool, tuple[int, Face, bool] | None]:
    """Whether this is a trial database; who holds the cookie, and whether to note that the session is in use."""
    trial = facts.is_trial(session)
    found = sessions.signed_in(session, secret, now) if secret else None
    if found is None:
        return trial, None
    person, touch_due = found
    roles = frozenset(g.role for g in access.grants_of(session, person, now))
    return trial, (person.id, Face(person.name, roles), touch_due)
