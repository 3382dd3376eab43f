"""The heat map as a table that a reader can walk through: stations by week, or provinces and clusters by week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import groupby
from typing import Literal

from markupsafe import Markup

from airlog import ledger, ledger_places
from airlog.access import Sight
from airlog.db import Session
from airlog.ledger import Level
from airlog.ledger_places import Choice, Cluster
from airlog.queries import Counts
from airlog.rules import Said, Sign
from airlog.scope import former_name
from content.week import Week
from content.wording import number_vi
from reports.figures import share
from reports.signs import LOOKS
from reports.words import percent
from web.ledger_choice import PAGE_ROWS, Pages

By = Literal["station", "cluster", "province"]
ByPlace = Mapping[tuple[str, Said], Counter[str]]
MOST_STATIONS = 200
"""More are shown by province or cluster, unless somebody asks for each."""
_SHARES = (Fraction(1, 2), Fraction(7, 10), Fraction(85, 100), Fraction(95, 100))
_SIGNS = {
    sign: f'<td class="is-{sign}"><svg class="sign"><use href="#sign-{sign}"/></svg><span class="unseen">{look.word}</span></td>'
    for sign, look in LOOKS.items()
}
_NOTHING = '<td><span class="unseen">không phải phát</span></td>'


@dataclass(frozen=True)
class Month:
    """A head over the weeks that begin in it."""

    name: str
    weeks: int


@dataclass(frozen=True)
class Row:
    """`href` leads to the station, or to what a group holds. `cells` is ready HTML: a thousand of them are too many for
    a template (measured: five times slower)."""

    name: str
    below: str
    href: str
    cells: Markup


@dataclass(frozen=True)
class Group:
    """A province, or a cluster with the `province` it lies in."""

    code: str
    name: str
    province: str = ""


@dataclass(frozen=True)
class Grid:
    weeks: tuple[Week, ...]
    months: tuple[Month, ...]
    rows: tuple[Row, ...]
    by: By
    pages: Pages
    now: Week

    @property
    def signs(self) -> Sequence[Sign]:
        return tuple(LOOKS)


def grid_of(
    session: Session,
    sight: Sight,
    choice: Choice,
    until: Week,
    now: datetime,
    known: Sequence[Cluster],
    *,
    weeks: int,
    by: By | None = None,
    page: int = 1,
    most_rows: int = PAGE_ROWS,
) -> Grid:
    """One page of the map of the weeks up to `until`. Stations by need; groups by code.

    `known`: the clusters of the whole sight. `by` None: each station where they are few, else provinces, or the clusters of the only province.
    """
    span = weeks_with_something(session, until, weeks)
    if choice.area or choice.words:
        known = ledger_places.clusters(session, sight, choice)
    by = by or _fitting(sum(one.stations for one in known), len({one.province_code for one in known}))
    if choice.state is not None or by == "station":
        found = ledger.stations_by_need(session, sight, choice, _labels(span), now) if span else []
        here = found[(page - 1) * most_rows : page * most_rows]
        rows = _stations(session, here, span, now)
        return _grid(span, rows, "station", Pages(page, len(found), most_rows), now)
    ranked, tallies = ranked_groups(session, sight, choice, span, now, known, by)
    shown = ranked[(page - 1) * most_rows : page * most_rows]
    several = len({one.province_code for one in known}) > 1
    groups = [_group_row(one, tallies, span, now, several=several) for one in shown]
    return _grid(span, groups, by, Pages(page, len(ranked), most_rows), now)


def ranked_groups(
    session: Session,
    sight: Sight,
    choice: Choice,
    weeks: Sequence[Week],
    now: datetime,
    known: Sequence[Cluster],
    by: Level,
) -> tuple[list[Group], ByPlace]:
    """Provinces or clusters, worst first, and what their logs say."""
    tallies = ledger.tally_by(session, sight, choice, _labels(weeks), by) if weeks else {}
    return _ranked(dict.fromkeys(_groups(known, by)), tallies, now), tallies


def counts_of(code: str, tallies: ByPlace, weeks: Sequence[Week], now: datetime) -> dict[str, Counts]:
    """One group's counts, by week."""
    counted = {}
    for label in _labels(weeks):
        tally = Counter({said: tallies[label, said][code] for said in Said if (label, said) in tallies})
        counted[label] = ledger.as_counts(tally, label, now)
    return counted


def weeks_with_something(session: Session, until: Week, weeks: int) -> tuple[Week, ...]:
    """The last weeks up to one, without those before the record begins."""
    first = ledger.first_week(session)
    asked = [until.shift(by) for by in range(1 - weeks, 1)]
    return tuple(week for week in asked if first is not None and week >= first)


def _fitting(stations: int, provinces: int) -> By:
    if stations <= MOST_STATIONS:
        return "station"
    return "province" if provinces > 1 else "cluster"


def _grid(weeks: Sequence[Week], rows: Sequence[Row], by: By, pages: Pages, now: datetime) -> Grid:
    months = [
        Month(
            f"{'tháng ' if (count := len(list(group))) > 2 else ''}{month}{f'/{year}' if count > 2 else ''}",
            count,
        )
        for (year, month), group in groupby(weeks, key=lambda week: (week.monday.year, week.monday.month))
    ]
    return Grid(tuple(weeks), tuple(months), tuple(rows), by, pages, Week.of(now))


def _stations(
    session: Session, station_ids: Sequence[int], weeks: Sequence[Week], now: datetime
) -> list[Row]:
    labels = _labels(weeks)
    cells = ledger.cells(session, station_ids, labels, now)
    places = ledger_places.places(session, station_ids)
    codes = Counter(place.code for place in places.values())
    return [
        Row(
            place.name if codes[place.code] == 1 else place.station,
            former_name(place.cluster) or place.province,
            f"/stations/{place.station_id}",
            _signs(cells[place.station_id], labels),
        )
        for place in (places[id_] for id_ in station_ids)
    ]


def _signs(signs: Mapping[str, Sign], weeks: Sequence[str]) -> Markup:
    return Markup("".join(_SIGNS[signs[week]] if week in signs else _NOTHING for week in weeks))


def _groups(known: Sequence[Cluster], by: Level) -> Iterator[Group]:
    for one in known:
        if by == "province":
            yield Group(one.province_code, one.province)
        elif one.code:
            yield Group(one.code, former_name(one.name), one.province)
        else:
            yield Group("", "Chưa xếp cụm")


def _ranked(groups: Collection[Group], tallies: ByPlace, now: datetime) -> list[Group]:
    """Groups, worst first: by the share met of what the weeks that are over asked for."""
    owed, met = Counter[str](), Counter[str]()
    for (label, said), places in tallies.items():
        if said is Said.EXCUSED or ledger.ends_at(label) > now:
            continue
        owed.update(places)
        if said in (Said.AIRED, Said.LATE):
            met.update(places)
    shares = {one.code: met[one.code] / owed[one.code] if owed[one.code] else 2 for one in groups}
    return sorted(groups, key=lambda one: (shares[one.code], one.code))


def _group_row(group: Group, tallies: ByPlace, weeks: Sequence[Week], now: datetime, *, several: bool) -> Row:
    """`several`: clusters of several provinces, among which old districts of one name lie in many."""
    counted = counts_of(group.code, tallies, weeks, now)
    stations = f"{max((counts.total for counts in counted.values()), default=0)} đài"
    return Row(
        group.name,
        f"{stations}, {group.province}" if several and group.province else stations,
        f"/map?area={group.code}" if group.code else "/map",
        _shares(counted),
    )


def _shares(counted: Mapping[str, Counts]) -> Markup:
    parts = []
    for counts in counted.values():
        if not counts.total:
            parts.append(_NOTHING)
            continue
        level, figure = _level(counts)
        parts.append(
            f'<td class="share-{level}">{figure}<span class="unseen">%, {counts.met}/{counts.total} đài đã phát</span></td>'
        )
    return Markup("".join(parts))


def share_shown(counts: Counts) -> Fraction | None:
    """Of a week that is over the share met; of one that runs how many have aired so far."""
    return Fraction(counts.met, counts.total) if counts.pending else share(counts)


def _level(counts: Counts) -> tuple[str, str]:
    """Its colour and figure. A week that runs is not judged."""
    met = share_shown(counts)
    if met is None:
        return "none", "–"
    level = "none" if counts.pending else str(sum(met >= one for one in _SHARES))
    return level, number_vi(percent(met), 0)


def _labels(weeks: Sequence[Week]) -> list[str]:
    return [str(week) for week in weeks]
