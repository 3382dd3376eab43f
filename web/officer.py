"""The officer's week: who aired, who needs somebody, how it has been going. What is pressed there: web/ledger_acts.py."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import APIRouter, Depends, Response
from markupsafe import Markup

from airlog import access, ledger, ledger_places, nudges, queries
from airlog.access import OFFICERS
from airlog.db import Session
from airlog.ledger_places import Choice, Cluster, Contact
from airlog.models import Person
from airlog.queries import Counts, DutyLine
from airlog.rules import Said, Sign
from content import ladder_messages
from content.week import Week
from reports.ledger_xlsx import View, duties_view
from reports.picture import svg_to_png
from reports.week_map import map_svg, sorted_by_need
from scheduler.compose import area_of
from web import ledger_choice
from web.auth import Signed, Visit, needs
from web.heat_map import Grid, grid_of
from web.ledger_choice import Asked, Filters, Options, Pages
from web.ledger_files import FileKind, file_answer
from web.ledger_period import Period
from web.pages import fingerprint, see_other
from web.recall_view import week_banners

router = APIRouter(dependencies=[Depends(needs(*OFFICERS))])
MAP_WIDTH_PX = 1080
MOST_NEEDY = 25
"""Lines of a list that opens in its place; the rest is a filter away."""
MOST_COUNTED = 200
"""Stations that wait, of which it is counted who was nudged today."""
MOST_DRAWN = 60
"""Stations of a map that stands in the page whole; of more, their provinces or clusters."""
HEALS_S = 300
"""After so long an open page is made anew though nobody said anything: contacts and deliveries change too."""
_TROUBLE = (Sign.SILENT, Sign.CANNOT, Sign.PART)
_ORDER = (Sign.AIRED, Sign.LATE, Sign.PART, Sign.EXCUSED, Sign.CANNOT, Sign.SILENT, Sign.PENDING)


@dataclass(frozen=True)
class WeekOfOfficer:
    """What the officer's areas did in one week (or month), as it stands now.

    `trouble` and `waiting` hold the first lines of those who need somebody; `lines` is one page of all that were asked
    for. Calls: by station. `nudged`: duties about which somebody was asked today; `unasked`: how many wait besides (of
    very many, how many wait). `month`: the label of a month in which something else is owed, empty if nothing is.
    """

    period: Period
    area: str
    asked: Asked
    counts: Counts
    trouble: tuple[DutyLine, ...]
    waiting: tuple[DutyLine, ...]
    lines: tuple[DutyLine, ...]
    pages: Pages
    calls: Mapping[int, Contact]
    nudged: Collection[int]
    unasked: int
    options: Options
    month: str
    heat_map: Markup | None
    grid: Grid | None
    version: str

    @property
    def troubled(self) -> int:
        return sum(ledger.number_of(self.counts, sign) for sign in _TROUBLE)

    @property
    def tally(self) -> list[tuple[Sign, int]]:
        """The signs that occur, in the order of the bar."""
        found = [(sign, ledger.number_of(self.counts, sign)) for sign in _ORDER]
        return [(sign, number) for sign, number in found if number]

    def link(self, **changed: str | int | None) -> str:
        return self.asked.link(f"/week/{self.period}", **changed)


@router.get("/week")
async def this_week(visit: Signed) -> Response:
    return see_other(f"/week/{Week.of(visit.now)}")


@router.get("/week/{label}.{kind}")
async def table(visit: Signed, label: str, kind: FileKind, asked: Filters) -> Response:
    return await file_answer(await visit.read(view_of, Period.parse(label), asked), kind, visit.now)


@router.get("/week/{label}")
async def week_page(visit: Signed, label: str, asked: Filters, nudged: int = -1) -> Response:
    return await _answer(visit, "week.html", Period.parse(label), asked, nudged)


@router.get("/week/{label}/fragment")
async def fragment(visit: Signed, label: str, asked: Filters, seen: str = "") -> Response:
    """What changes while the page is open; 204, and little work, while nothing did."""
    period = Period.parse(label)
    if seen and await visit.read(version_of, period, asked) == seen:
        return Response(status_code=204)
    return await _answer(visit, "partials/week.html", period, asked)


@router.get("/week/{label}/map.png")
async def map_png(visit: Signed, label: str, asked: Filters) -> Response:
    svg = await visit.read(_picture, Period.parse(label), asked)
    png = await asyncio.to_thread(svg_to_png, svg, MAP_WIDTH_PX)
    return Response(png, media_type="image/png")


def week_of(session: Session, person: Person, now: datetime, period: Period, asked: Asked) -> WeekOfOfficer:
    """The page. Only what is shown of it is read in full (ADR 10)."""
    sight, choice, label = access.sight(session, person, now), asked.choice, str(period)
    version = version_of(session, person, now, period, asked)
    counts = ledger.counts(session, sight, choice, label, now)
    page = ledger.ids_by_need(
        session, sight, choice, label, now, limit=ledger_choice.PAGE_ROWS, skip=asked.skip
    )
    top = page if asked.page == 1 and choice.state is None else None
    needy = _first(session, sight, choice, period, top, now)
    lines = {
        line.duty_id: line
        for line in queries.duty_lines(session, now, duty_ids=list(dict.fromkeys([*needy, *page])))
    }
    shown = sorted_by_need([lines[id_] for id_ in dict.fromkeys(needy)])
    nudged, unasked = _nudged(session, sight, choice, period, counts, shown, now)
    known = ledger_places.clusters(session, sight)
    heat_map, grid = _map(session, person, sight, choice, period, counts, known, now)
    return WeekOfOfficer(
        period=period,
        area=area_of(session, person, now),
        asked=asked,
        counts=counts,
        trouble=tuple(line for line in shown if line.sign in _TROUBLE),
        waiting=tuple(line for line in shown if line.sign is Sign.PENDING),
        lines=tuple(lines[id_] for id_ in page),
        pages=Pages(asked.page, ledger.number_of(counts, choice.state)),
        calls=ledger_places.contacts(session, {line.station_id for line in shown}, now),
        nudged=nudged,
        unasked=unasked,
        options=ledger_choice.offered(session, known, asked),
        month=period.month if period.week and ledger.months_owed(session, period.week) else "",
        heat_map=heat_map,
        grid=grid,
        version=version,
    )


def version_of(session: Session, person: Person, now: datetime, period: Period, asked: Asked) -> str:
    """Changes when anything on the page would; the page asks with it and mostly hears “nothing new”."""
    stamp = ledger.stamp(session, access.sight(session, person, now), asked.choice, str(period), now)
    return fingerprint(stamp, asked, now.timestamp() // HEALS_S)


def view_of(session: Session, person: Person, now: datetime, period: Period, asked: Asked) -> View:
    """All duties of the same choice as a table."""
    sight = access.sight(session, person, now)
    ids = ledger.ids_by_need(session, sight, asked.choice, str(period), now, limit=1_000_000)
    lines = {line.duty_id: line for line in queries.duty_lines(session, now, duty_ids=ids)}
    stations = list({line.station_id for line in lines.values()})
    clusters = {one.station_id: one.cluster for one in ledger_places.places(session, stations).values()}
    title = f"Phát thanh {period.title_inside}, {area_of(session, person, now)}"
    return duties_view(f"loa-xa-{period}", title, [lines[id_] for id_ in ids], clusters)


async def _answer(visit: Visit, template: str, period: Period, asked: Asked, nudged: int = -1) -> Response:
    found = await visit.read(week_of, period, asked)
    return visit.page(
        template,
        found=found,
        nudged=nudged,
        held=_held(visit) if nudged > 0 else "",
        is_now=found.period.is_now(visit.now),
        banners=await visit.read(week_banners, period.week) if period.week else [],
    )


def _held(visit: Visit) -> str:
    """At night a nudge waits, which the officer is told; empty by day."""
    ladder = visit.parts.ladder
    return ladder_messages.nudge_held(ladder.after_quiet(visit.now)) if ladder.is_quiet(visit.now) else ""


def _first(
    session: Session,
    sight: access.Sight,
    choice: Choice,
    period: Period,
    top: Sequence[int] | None,
    now: datetime,
) -> Sequence[int]:
    """Those who need somebody: the first of each kind, as many as open in their place. `top`: the first page of all
    duties, where it is known."""
    label, most = str(period), MOST_NEEDY
    if top is None:
        top = ledger.ids_by_need(session, sight, replace(choice, state=None), label, now, limit=most)
    if now >= period.ends_at:
        return top[:most]
    waiting = replace(choice, state=Sign.PENDING)
    return [*top[:most], *ledger.ids_by_need(session, sight, waiting, label, now, limit=most)]


def _nudged(
    session: Session,
    sight: access.Sight,
    choice: Choice,
    period: Period,
    counts: Counts,
    shown: Sequence[DutyLine],
    now: datetime,
) -> tuple[Collection[int], int]:
    """Who was asked today, and how many that wait were not. Of a country only those on the page are looked at."""
    if not period.is_now(now):
        return (), 0
    if counts.pending > MOST_COUNTED:
        return nudges.nudged_today(session, [line.duty_id for line in shown], now), counts.pending
    told = ledger.told(session, sight, replace(choice, state=None), str(period), (Said.OPEN, Said.RECALLED))
    waiting = [id_ for id_, *_ in told]
    nudged = nudges.nudged_today(session, waiting, now)
    return nudged, len(waiting) - len(nudged)


def _map(
    session: Session,
    person: Person,
    sight: access.Sight,
    choice: Choice,
    period: Period,
    counts: Counts,
    known: Sequence[Cluster],
    now: datetime,
) -> tuple[Markup | None, Grid | None]:
    """The picture of the last weeks: of few stations each, of many their provinces or clusters."""
    if period.week is None or not counts.total:
        return None, None
    if counts.total > MOST_DRAWN:
        week = period.week
        return None, grid_of(session, sight, choice, week, now, known, weeks=12, most_rows=MOST_NEEDY)
    stations = list(ledger_places.codes(session, sight, choice, period.week.monday))
    area = area_of(session, person, now)
    return Markup(map_svg(session, stations, period.week, area, now, "/stations/")), None


def _picture(session: Session, person: Person, now: datetime, period: Period, asked: Asked) -> str:
    sight = access.sight(session, person, now)
    stations = list(ledger_places.codes(session, sight, asked.choice, period.first_week.monday))
    return map_svg(session, stations, period.first_week, area_of(session, person, now), now)
