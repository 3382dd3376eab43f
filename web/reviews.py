"""The review queue: statements nobody has looked at, the drawn sample first; accept, query or reject each with one press."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from starlette.background import BackgroundTask

from airlog import access, inquiries, ledger, ledger_places, queries, reviews
from airlog.access import OFFICERS
from airlog.db import Session
from airlog.inquiries import Inquiry
from airlog.models import Person
from airlog.queries import DutyLine
from airlog.record import Source
from airlog.reviews import Draw, Statement
from content.languages import language_vi
from reports.ledger_xlsx import View
from reports.sheet import Cell, Column
from reports.words import VERDICTS, channel_word, period_word, state_word
from scheduler.compose import area_of
from scheduler.inquiries import said
from web import ledger_choice
from web.auth import Signed, Visit, needs
from web.ledger_choice import Asked, Filters, Options, Pages
from web.ledger_files import FileKind, file_answer
from web.ledger_period import Period
from web.officer import HEALS_S
from web.pages import fingerprint, see_other
from web.there import duty_of

router = APIRouter(prefix="/reviews", dependencies=[Depends(needs(*OFFICERS))])
ROWS = 25
_COLUMNS = (
    Column("Tuần, tháng", 20), Column("Mã xã", 8), Column("Xã, phường, đặc khu", 24), Column("Đài", 32),
    Column("Trạng thái", 16), Column("Tin bài", 34), Column("Phát lúc", 16, "moment"), Column("Báo lúc", 16, "moment"),
    Column("Tiếng", 14), Column("Người báo", 22), Column("Kênh", 14), Column("Số bằng chứng", 9, "number"),
    Column("Trong mẫu bốc thăm", 10), Column("Xem xét", 16),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """`asked`: the officer's last question, if that is how it was last looked at."""

    line: DutyLine
    statement: Statement
    is_sampled: bool
    asked: Inquiry | None = None

    @property
    def answer(self) -> str:
        return said(self.asked) if self.asked and self.asked.is_answered else ""

    @property
    def language(self) -> str:
        return "" if self.statement.language == "vie" else language_vi(self.statement.language)


@dataclass(frozen=True)
class ReviewPage:
    """`draw` is None while the period runs. `waiting`: statements nobody has looked at, whatever is shown."""

    period: Period
    area: str
    asked: Asked
    rows: tuple[Row, ...]
    pages: Pages
    draw: Draw | None
    options: Options
    version: str

    def link(self, **changed: str | int | None) -> str:
        return self.asked.link(f"/reviews/{self.period}", **changed)

    @property
    def sampled(self) -> int:
        return len(self.draw.chosen) if self.draw else 0


@router.get("")
async def last_week(visit: Signed) -> Response:
    """The week that ended last: its statements are all in, and its sample is drawn."""
    return see_other(f"/reviews/{Period.of(visit.now).shift(-1)}")


@router.get("/{label}.{kind}")
async def table(visit: Signed, label: str, kind: FileKind, asked: Filters) -> Response:
    return await file_answer(await visit.read(_view, Period.parse(label), asked), kind, visit.now)


@router.get("/{label}")
async def queue(visit: Signed, label: str, asked: Filters, done: str = "") -> Response:
    return await _answer(visit, "reviews.html", Period.parse(label), asked, done)


@router.get("/{label}/fragment")
async def fragment(visit: Signed, label: str, asked: Filters, seen: str = "") -> Response:
    period = Period.parse(label)
    if seen and await visit.read(_version, period, asked) == seen:
        return Response(status_code=204)
    return await _answer(visit, "partials/reviews.html", period, asked)


@router.post("/{label}/{duty_id}")
async def decide(
    visit: Signed,
    label: str,
    duty_id: int,
    asked: Filters,
    seq: Annotated[int, Form()],
    decision: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """`seq`: the line of the log that the officer has seen."""
    await visit.run(_decide, duty_id, seq, decision, note)
    page = asked.page if asked.page > 1 else None
    shown = BackgroundTask(visit.parts.settled, [duty_id]) if decision == inquiries.REJECTED else None
    return see_other(asked.link(f"/reviews/{Period.parse(label)}", page=page, done=decision), shown)


def page_of(session: Session, person: Person, now: datetime, period: Period, asked: Asked) -> ReviewPage:
    sight = access.sight(session, person, now)
    found, draw = _found(session, sight, period, asked, now)
    ids = found[(asked.page - 1) * ROWS : asked.page * ROWS]
    return ReviewPage(
        period=period,
        area=area_of(session, person, now),
        asked=asked,
        rows=_rows(session, ids, draw, now),
        pages=Pages(asked.page, len(found), ROWS),
        draw=draw,
        options=ledger_choice.offered(session, ledger_places.clusters(session, sight), asked),
        version=_version(session, person, now, period, asked),
    )


def _found(
    session: Session, sight: access.Sight, period: Period, asked: Asked, now: datetime
) -> tuple[list[int], Draw | None]:
    """Duties in the order of the queue, of the asked state, and the sample."""
    draw = reviews.draw(session, sight, str(period), now)
    ids = reviews.queue(session, sight, asked.choice, str(period), draw.chosen if draw else frozenset())
    if asked.choice.state is not None:
        asked_for = ledger.ids_by_need(session, sight, asked.choice, str(period), now, limit=1_000_000)
        kept = set(asked_for)
        ids = [id_ for id_ in ids if id_ in kept]
    return ids, draw


def _rows(session: Session, ids: list[int], draw: Draw | None, now: datetime) -> tuple[Row, ...]:
    lines: Mapping[int, DutyLine] = {
        line.duty_id: line for line in queries.duty_lines(session, now, duty_ids=ids)
    }
    told = reviews.statements(session, ids)
    sampled = draw.chosen if draw else frozenset()
    asked = inquiries.of_duties(session, ids)
    return tuple(Row(lines[id_], told[id_], id_ in sampled, asked.get(id_)) for id_ in ids if id_ in told)


def _version(session: Session, person: Person, now: datetime, period: Period, asked: Asked) -> str:
    choice = replace(asked.choice, verdict="")  # what was looked at meanwhile has left the list
    stamp = ledger.stamp(session, access.sight(session, person, now), choice, str(period), now)
    return fingerprint(stamp, asked, now.timestamp() // HEALS_S)


def _decide(
    session: Session, person: Person, now: datetime, duty_id: int, seq: int, decision: str, note: str
) -> None:
    duty = duty_of(session, duty_id)
    words = reviews.MORE_PROOF if decision == "proof" else note
    verdict = inquiries.QUERIED if decision == "proof" else decision
    source = Source("web", secrets.token_hex(8), now)
    reviews.decide(session, person, duty, seq, verdict, words, source, now)


def _view(session: Session, person: Person, now: datetime, period: Period, asked: Asked) -> View:
    sight = access.sight(session, person, now)
    found, draw = _found(session, sight, period, asked, now)
    verdict = VERDICTS.get(asked.choice.verdict, "")
    rows = [_cells(row, verdict) for row in _rows(session, found, draw, now)]
    title = f"Xem xét xác nhận {period.title_inside}, {area_of(session, person, now)}"
    return View(f"xem-xet-{period}", title, _COLUMNS, rows)


def _cells(row: Row, verdict: str) -> list[Cell]:
    line, told = row.line, row.statement
    return [
        period_word(line.period), line.area_code, line.area, line.station, state_word(line.sign), line.title,
        told.aired_at, told.stated_at, language_vi(told.language), told.person, channel_word(told.channel),
        len(told.proofs), "có" if row.is_sampled else "", verdict,
    ]  # fmt: skip


async def _answer(visit: Visit, template: str, period: Period, asked: Asked, done: str = "") -> Response:
    found = await visit.read(page_of, period, asked)
    return visit.page(
        template, found=found, done=done, more_proof=reviews.MORE_PROOF, channel_word=channel_word
    )
