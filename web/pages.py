"""From a template to an answer: the frame every page shares, and the page for what went wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.background import BackgroundTask

from airlog.areas import station_name
from airlog.people import phone_local
from airlog.queries import DutyLine
from airlog.types import RoleKind
from content.messages import cap
from content.week import LOCAL, Week
from content.wording import date_vi, duration_vi, moment_vi, number_vi, time_vi, week_vi
from reports.signs import sign_shape, sign_svg
from reports.words import period_word, reason_word, share_word, state_word

ROLE_WORDS = {
    RoleKind.OPERATOR: "cán bộ truyền thanh",
    RoleKind.LEADER: "lãnh đạo xã",
    RoleKind.OFFICER: "người phụ trách",
    RoleKind.EDITOR: "biên tập",
    RoleKind.APPROVER: "người duyệt tin",
    RoleKind.ADMIN: "quản trị",
}


@dataclass(frozen=True)
class Face:
    """Whose page it is: what the frame shows of the person who is signed in."""

    name: str
    roles: frozenset[RoleKind]


_MENU = (
    ("/week", "Tuần này", (RoleKind.OFFICER, RoleKind.ADMIN)),
    ("/map", "Bản đồ", (RoleKind.OFFICER, RoleKind.ADMIN)),
    ("/reviews", "Xem xét", (RoleKind.OFFICER, RoleKind.ADMIN)),
    ("/items", "Tin bài", (RoleKind.EDITOR, RoleKind.APPROVER, RoleKind.OFFICER, RoleKind.ADMIN)),
    ("/lexicon", "Từ điển", (RoleKind.EDITOR, RoleKind.APPROVER, RoleKind.OFFICER, RoleKind.ADMIN)),
    ("/campaigns", "Chiến dịch", (RoleKind.ADMIN,)),
    ("/recalls", "Thu hồi", (RoleKind.EDITOR, RoleKind.APPROVER, RoleKind.ADMIN)),
    ("/reports", "Báo cáo", (RoleKind.OFFICER, RoleKind.ADMIN)),
    ("/people", "Người dùng", (RoleKind.ADMIN,)),
    ("/zalo", "Zalo", (RoleKind.OFFICER, RoleKind.ADMIN)),
    ("/areas", "Đơn vị", (RoleKind.ADMIN,)),
    ("/health", "Hệ thống", (RoleKind.ADMIN,)),
)


def page(request: Request, template: str, status: int = 200, /, **context: object) -> HTMLResponse:
    """Render a page in its frame. The frame needs no database: the visit left `request.state.face`."""
    face: Face | None = getattr(request.state, "face", None)
    now: datetime | None = getattr(request.state, "now", None)
    text = (
        templates()
        .get_template(template)
        .render(
            path=request.url.path,
            face=face,
            menu=[(href, label) for href, label, roles in _MENU if face and face.roles & set(roles)],
            as_of=now,
            trial=getattr(request.state, "is_trial", False),
            **context,
        )
    )
    return HTMLResponse(text, status)


def trouble_page(request: Request, status: int, what: str, todo: str = "") -> HTMLResponse:
    """What did not work, what is kept, what to do."""
    is_part = request.headers.get("hx-request")
    return page(request, "partials/trouble.html" if is_part else "error.html", status, what=what, todo=todo)


def fingerprint(*seen: object) -> str:
    """Another one as soon as anything of `seen` is another: an open page asks with it whether there is something new."""
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def see_other(url: str, then: BackgroundTask | None = None) -> RedirectResponse:
    """After a form: the browser fetches the page anew, so that a reload sends nothing twice. `then`: what is done once
    the answer has left."""
    return RedirectResponse(url, 303, background=then)


@cache
def templates() -> Environment:
    env = Environment(
        loader=PackageLoader("web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        moment=lambda moment: moment_vi(_local(moment)),
        clock=lambda moment: time_vi(_local(moment)),
        date=lambda value: date_vi(value if not isinstance(value, datetime) else _local(value).date()),
        week=lambda week: week_vi(week if isinstance(week, Week) else Week.parse(str(week))),
        duration=duration_vi,
        number=number_vi,
        phone=phone_local,
        cap=cap,
        role=lambda role: ROLE_WORDS[RoleKind(role)],
        size=_size_vi,
        period=period_word,
        reason=reason_word,
    )
    env.globals.update(
        sign=lambda sign, size_px=20: Markup(sign_svg(sign, size_px)),
        shape=lambda sign: Markup(sign_shape(sign)),
        word=state_word,
        share=share_word,
        own_name=_own_name,
    )
    return env


def _own_name(line: DutyLine) -> Markup:
    """A station's name beside its commune's, where that alone does not tell which: several lie in one since a merger."""
    if line.station == station_name(line.area):
        return Markup()
    return Markup('<span class="quiet own-name">{}</span>').format(line.station)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(LOCAL)


def _size_vi(size_bytes: int) -> str:
    return f"{number_vi(size_bytes / 1e6, 1)} MB" if size_bytes >= 1e6 else f"{round(size_bytes / 1e3)} KB"


def today(now: datetime) -> date:
    return _local(now).date()
