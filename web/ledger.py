"""The map: stations (or provinces, clusters) by week, and the line of how it has been going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Query, Response

from airlog import access, ledger, ledger_places
from airlog.access import OFFICERS
from airlog.db import Session
from airlog.models import Person
from content.week import Week
from reports.ledger_xlsx import View
from reports.sheet import Cell, Column
from reports.words import period_word, state_word
from scheduler.compose import area_of
from web import ledger_choice
from web.auth import Signed, needs
from web.heat_map import (
    By,
    Grid,
    counts_of,
    grid_of,
    ranked_groups,
    share_shown,
    weeks_with_something,
)
from web.ledger_choice import Asked, Filters, Options
from web.ledger_files import FileKind, file_answer
from web.ledger_trend import Point, trend_of, trend_svg, trend_view
from web.officer import HEALS_S
from web.pages import fingerprint

router = APIRouter(dependencies=[Depends(needs(*OFFICERS))])
SPANS = (12, 26)
TREND_WEEKS = 52


@dataclass(frozen=True)
class Span:
    """Which weeks and rows: read from the address beside the filters."""

    until: Week
    weeks: int
    by: By | None


@dataclass(frozen=True)
class MapPage:
    area: str
    asked: Asked
    span: Span
    grid: Grid
    options: Options
    version: str
    is_last: bool
    """Whether no later week can be looked at."""

    def link(self, **changed: str | int | None) -> str:
        return self._link("/map", **changed)

    def file(self, name: str, **changed: str | int | None) -> str:
        return self._link(f"/{name}", **changed)

    @property
    def fragment(self) -> str:
        return self._link("/map/fragment", page=self.grid.pages.page, seen=self.version)

    def _link(self, path: str, **changed: str | int | None) -> str:
        mine: dict[str, str | int | None] = {
            "until": str(self.span.until),
            "weeks": self.span.weeks,
            "by": self.span.by,
        }
        return self.asked.link(path, **(mine | changed))


@dataclass(frozen=True)
class TrendPage:
    area: str
    asked: Asked
    until: Week
    options: Options
    points: tuple[Point, ...]


def read_span(visit: Signed, until: str = "", weeks: str = "26", by: Annotated[str, Query()] = "") -> Span:
    this = Week.of(visit.now)
    last = Week.parse(until) if until else this
    known = next((one for one in get_args(By) if one == by), None)
    return Span(min(last, this), int(weeks) if weeks in map(str, SPANS) else 26, known)


Spans = Annotated[Span, Depends(read_span)]


@router.get("/map")
async def heat_map(visit: Signed, asked: Filters, span: Spans) -> Response:
    return visit.page("heat_map.html", found=await visit.read(page_of, asked, span))


@router.get("/map/fragment")
async def fragment(visit: Signed, asked: Filters, span: Spans, seen: str = "") -> Response:
    """What changes while the page is open; 204 while nobody said anything."""
    if seen and await visit.read(version_of, asked, span) == seen:
        return Response(status_code=204)
    return visit.page("partials/heat_map.html", found=await visit.read(page_of, asked, span))


@router.get("/map.{kind}")
async def map_file(visit: Signed, kind: FileKind, asked: Filters, span: Spans) -> Response:
    return await file_answer(await visit.read(map_view, asked, span), kind, visit.now)


@router.get("/trend")
async def trend(visit: Signed, asked: Filters, span: Spans) -> Response:
    """The line: fetched by the map once it stands, or a page of its own."""
    partial = bool(visit.request.headers.get("hx-request"))
    found = await visit.read(_trend_page, asked, span)
    points = found.points
    return visit.page(
        "partials/trend.html" if partial else "trend.html",
        found=found,
        points=points,
        drawing=trend_svg(points),
        xlsx=asked.link("/trend.xlsx", until=str(span.until)),
        csv=asked.link("/trend.csv", until=str(span.until)),
    )


@router.get("/trend.{kind}")
async def trend_file(visit: Signed, kind: FileKind, asked: Filters, span: Spans) -> Response:
    return await file_answer(await visit.read(_trend_view, asked, span), kind, visit.now)


def page_of(session: Session, person: Person, now: datetime, asked: Asked, span: Span) -> MapPage:
    sight = access.sight(session, person, now)
    known = ledger_places.clusters(session, sight)
    grid = grid_of(
        session, sight, asked.choice, span.until, now, known, weeks=span.weeks, by=span.by, page=asked.page
    )
    return MapPage(
        area=area_of(session, person, now),
        asked=asked,
        span=span,
        grid=grid,
        options=ledger_choice.offered(session, known, asked),
        version=version_of(session, person, now, asked, span),
        is_last=span.until >= Week.of(now),
    )


def version_of(session: Session, person: Person, now: datetime, asked: Asked, span: Span) -> str:
    """Half a year of a country is too much to look through every few seconds: any new line of the log counts."""
    return fingerprint(ledger.newest_line(session), asked, span, Week.of(now), now.timestamp() // HEALS_S)


def map_view(session: Session, person: Person, now: datetime, asked: Asked, span: Span) -> View:
    """A row for each station of the choice; or for each group, where the address names one as the page does."""
    sight = access.sight(session, person, now)
    weeks = weeks_with_something(session, span.until, span.weeks)
    if span.by in ("province", "cluster") and asked.choice.state is None:
        return _groups_view(session, person, now, asked, span, weeks)
    labels = [str(week) for week in weeks]
    found = ledger.stations_by_need(session, sight, asked.choice, labels, now) if labels else []
    cells, places = ledger.cells(session, found, labels, now), ledger_places.places(session, found)
    columns = (
        Column("Mã xã", 8), Column("Xã, phường, đặc khu", 24), Column("Khu vực cũ", 22), Column("Tỉnh, thành phố", 20),
        Column("Đài", 32), *(Column(period_word(label), 14) for label in labels),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for one in (places[id_] for id_ in found):
        signs = cells[one.station_id]
        row: list[Cell] = [one.code, one.name, one.cluster, one.province, one.station]
        rows.append(row + [state_word(signs[label]) if label in signs else "" for label in labels])
    return View(f"ban-do-{span.until}", f"Từng tuần, {area_of(session, person, now)}", columns, rows)


def _groups_view(
    session: Session, person: Person, now: datetime, asked: Asked, span: Span, weeks: Sequence[Week]
) -> View:
    """As the page shows them: of a week that runs how many have aired so far, of one that is over the share met."""
    sight, by = access.sight(session, person, now), span.by
    assert by is not None and by != "station"
    known = ledger_places.clusters(session, sight, asked.choice)
    groups, tallies = ranked_groups(session, sight, asked.choice, weeks, now, known, by)
    columns = (
        Column("Khu vực cũ", 24), Column("Tỉnh, thành phố", 20), Column("Số đài", 8, "number"),
        *(Column(f"{period_word(str(week))}, tỷ lệ đã phát", 14, "share") for week in weeks),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for group in groups:
        counted = counts_of(group.code, tallies, weeks, now).values()
        named: list[Cell] = [group.name, group.province] if by == "cluster" else ["", group.name]
        stations = max((counts.total for counts in counted), default=0)
        rows.append([*named, stations, *(share_shown(counts) for counts in counted)])
    title = f"Tỷ lệ đã phát từng tuần, {area_of(session, person, now)}"
    return View(f"ban-do-khu-vuc-{span.until}", title, columns, rows)


def _trend_page(session: Session, person: Person, now: datetime, asked: Asked, span: Span) -> TrendPage:
    """The line counts every state: none is offered, and one that the map was asked for is no choice here."""
    asked = replace(asked, choice=replace(asked.choice, state=None))
    known = ledger_places.clusters(session, access.sight(session, person, now))
    return TrendPage(
        area=area_of(session, person, now),
        asked=asked,
        until=span.until,
        options=replace(ledger_choice.offered(session, known, asked), states=()),
        points=_trend(session, person, now, asked, span),
    )


def _trend(session: Session, person: Person, now: datetime, asked: Asked, span: Span) -> tuple[Point, ...]:
    sight = access.sight(session, person, now)
    return trend_of(session, sight, asked.choice, span.until, now, TREND_WEEKS)


def _trend_view(session: Session, person: Person, now: datetime, asked: Asked, span: Span) -> View:
    points = _trend(session, person, now, asked, span)
    return trend_view(points, f"Tỷ lệ đã phát theo tuần, {area_of(session, person, now)}")
