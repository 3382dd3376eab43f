"""The ledger at a glance: counting, sorting and picking duties over thousands of stations and two years.

It reads what is kept of each duty's log (airlog/ledger_kept.py) and says which duties, how many, in what order. What a
row then shows of a duty comes from the log (queries.duty_lines), and so do all figures of reports.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, String, case, cast, func, or_, select
from sqlalchemy.orm import Session

from airlog.access import Sight
from airlog.ledger_places import Choice, codes, in_parts, stations_of
from airlog.models import Area, Delivery, Duty, LogEntry, Recall, Station
from airlog.queries import Counts
from airlog.rules import NEED, Said, Sign, said_by, sign_of
from airlog.types import Rung
from content.week import Week, month_bounds

Level = Literal["province", "cluster"]
Tally = Counter[Said]


def counts(session: Session, sight: Sight, choice: Choice, period: str, now: datetime) -> Counts:
    """How the duties of one week or month stand; the choice of a state is left aside."""
    return as_counts(tally(session, sight, choice, [period])[period], period, now)


def tally(session: Session, sight: Sight, choice: Choice, periods: Sequence[str]) -> defaultdict[str, Tally]:
    """What the logs say, by period; the choice of a state is left aside."""
    found: defaultdict[str, Tally] = defaultdict(Counter)
    query = select(Duty.period, Duty.said, func.count()).group_by(Duty.period, Duty.said)
    wanted = set(periods)
    for period, said, number in session.execute(_chosen(query, sight, choice, periods)):
        if period in wanted:
            found[period][said] += number
    return found


def tally_by(
    session: Session, sight: Sight, choice: Choice, periods: Sequence[str], level: Level
) -> dict[tuple[str, Said], Counter[str]]:
    """The same by (period, what the log says): how many in each province or cluster, by its code; communes of no cluster
    under the empty code.

    The numbers of the stations come as one text for each kind and are sorted out here: the database would join and sort
    each of 86,000 rows (measured: a third of the time).
    """
    column = Area.parent_code if level == "province" else Area.former_district_code
    places = {str(id_): code or "" for id_, code in session.execute(stations_of(sight, choice, column))}
    numbers = func.aggregate_strings(cast(Duty.station_id, String), ",")
    query = select(Duty.period, Duty.said, numbers).group_by(Duty.period, Duty.said)
    found: dict[tuple[str, Said], Counter[str]] = {}
    wanted = set(periods)
    for period, said, ids in session.execute(_chosen(query, sight, choice, periods)):
        if period in wanted:
            found[period, said] = Counter(places[id_] for id_ in ids.split(",") if id_ in places)
    return found


def as_counts(tally: Tally, period: str, now: datetime) -> Counts:
    """Signs at `now`, from what the logs of one period's duties say."""
    bears, found = _signs(period, now), Counter[str]()
    for said, number in tally.items():
        found[bears[said]] += number
    return Counts(**{str(sign): found[sign] for sign in Sign})


def ids_by_need(
    session: Session, sight: Sight, choice: Choice, period: str, now: datetime, *, limit: int, skip: int = 0
) -> list[int]:
    """Duties of one period, those that need somebody first, then by commune: the ids of one page."""
    over = ends_at(period) <= now
    order = {said: NEED.index(sign) for said, sign in _signs(period, now).items()}
    query = _chosen(select(Duty.id), sight, choice, [period])
    if choice.state is not None:
        query = query.where(Duty.said.in_(said_by(choice.state, over=over)))
    query = query.join(Station, Duty.station_id == Station.id)
    need = case(*[(Duty.said == said, place) for said, place in order.items()])
    query = query.order_by(need, Station.area_code, Station.id, Duty.id)
    return list(session.scalars(query.limit(limit).offset(skip)))


def told(
    session: Session, sight: Sight, choice: Choice, period: str, said: Collection[Said]
) -> list[tuple[int, int, int, str | None]]:
    """Duties of one period whose log says one of these, as (id, station, mandate, verdict), by commune."""
    query = _chosen(select(Duty.id, Duty.station_id, Duty.mandate_id, Duty.verdict), sight, choice, [period])
    query = query.join(Station, Duty.station_id == Station.id).where(Duty.said.in_(list(said)))
    rows = session.execute(query.order_by(Station.area_code, Station.id, Duty.id))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def number_of(counts: Counts, state: Sign | None) -> int:
    return counts.total if state is None else int(getattr(counts, state))


def cells(
    session: Session, station_ids: Sequence[int], periods: Sequence[str], now: datetime
) -> dict[int, dict[str, Sign]]:
    """The sign of each station and period; of several mandates the one that needs somebody most."""
    found: dict[int, dict[str, Sign]] = {id_: {} for id_ in station_ids}
    signs = {period: _signs(period, now) for period in periods}
    for part in in_parts(station_ids):
        query = select(Duty.station_id, Duty.period, Duty.said).where(Duty.station_id.in_(part))
        for station_id, period, said in session.execute(query.where(_during(periods))):
            if period in signs:
                row, sign = found[station_id], signs[period][said]
                row[period] = min(row.get(period, sign), sign, key=NEED.index)
    return found


def _signs(period: str, now: datetime) -> dict[Said, Sign]:
    due_at = ends_at(period)
    return {said: sign_of(said, due_at, now) for said in Said}


def stations_by_need(
    session: Session, sight: Sight, choice: Choice, periods: Sequence[str], now: datetime
) -> list[int]:
    """Stations in the order of a heat map: by need in the last period, then by what they missed before, then by code.

    With a state chosen only those that bear it in the last period.
    """
    last, over = periods[-1], [period for period in periods if ends_at(period) <= now]
    signs = _signs(last, now)
    need: dict[int, int] = {}
    standing = _chosen(select(Duty.station_id, Duty.said), sight, choice, [last])
    for station_id, said in session.execute(standing):
        need[station_id] = min(NEED.index(signs[said]), need.get(station_id, len(NEED)))
    bad: dict[int, int] = {}
    if over:
        asked = Choice(area=choice.area, words=choice.words)
        unmet = _chosen(select(Duty.station_id, func.count()), sight, asked, over)
        unmet = unmet.where(Duty.said.in_((Said.OPEN, Said.CANNOT))).group_by(Duty.station_id)
        bad = {row[0]: row[1] for row in session.execute(unmet)}
    found = codes(session, sight, choice, Week.parse(periods[0]).monday)
    if choice.state is not None:
        wanted = NEED.index(choice.state)
        found = {id_: code for id_, code in found.items() if need.get(id_) == wanted}
    elif choice.language or choice.verdict:
        found = {id_: code for id_, code in found.items() if id_ in need}
    return sorted(found, key=lambda id_: (need.get(id_, len(NEED)), -bad.get(id_, 0), found[id_], id_))


def stamp(session: Session, sight: Sight, choice: Choice, period: str, now: datetime) -> str:
    """Changes with each line of the log about a period's duties, and when the period ends. Cheap: a page that is open
    asks with it every few seconds."""
    query = select(func.max(Duty.said_seq), func.count())
    newest, number = session.execute(_chosen(query, sight, choice, [period])).one()
    recalled = session.scalar(select(func.max(Recall.confirmed_at)))
    return f"{newest or 0}.{number}.{int(ends_at(period) <= now)}.{recalled or ''}"


def tracks_sent(session: Session, duty_ids: Sequence[int]) -> dict[int, int]:
    """The clip that went out for each of some duties; of several the last."""
    query = (
        select(Delivery.duty_id, Delivery.track_id)
        .where(
            Delivery.duty_id.in_(list(duty_ids)), Delivery.rung == Rung.ITEM, Delivery.track_id.is_not(None)
        )
        .order_by(Delivery.id)
    )
    return {row.duty_id: row.track_id for row in session.execute(query)}


def newest_line(session: Session) -> int:
    """The number of the last line of the log."""
    return session.scalar(select(func.max(LogEntry.seq))) or 0


def first_week(session: Session) -> Week | None:
    """The oldest week in which something was owed; None in an empty record."""
    label = session.scalar(select(func.min(Duty.period)).where(Duty.period.contains("W")))
    return Week.parse(label) if label else None


def months_owed(session: Session, week: Week) -> bool:
    """Whether something is owed by the month in which a week begins."""
    return session.scalar(select(Duty.id).where(Duty.period == f"{week.monday:%Y-%m}").limit(1)) is not None


def ends_at(period: str) -> datetime:
    """When the duties of a week or month are due: outside it."""
    return (
        Week.parse(period).ends_at if "W" in period else month_bounds(date.fromisoformat(f"{period}-01"))[1]
    )


def _chosen(
    query: Select[*tuple[Any, ...]], sight: Sight, choice: Choice, periods: Sequence[str]
) -> Select[*tuple[Any, ...]]:
    query = query.where(_during(periods), *_wanted(choice))
    if sight.everything and not choice.area and not choice.words:
        return query
    return query.where(Duty.station_id.in_(stations_of(sight, choice)))


def _wanted(choice: Choice) -> list[ColumnElement[bool]]:
    """What is asked of the duties themselves, but for the state: that depends on the hour."""
    found: list[ColumnElement[bool]] = []
    if choice.language:
        code = choice.language
        found.append(
            or_(
                Duty.languages.contains(code, autoescape=True),
                Duty.said_languages.contains(code, autoescape=True),
            )
        )
    if choice.verdict == "none":
        found.append(Duty.verdict.is_(None))
    elif choice.verdict:
        found.append(Duty.verdict == choice.verdict)
    return found


def _during(periods: Collection[str]) -> ColumnElement[bool]:
    """A span of the index; a month's label lies between those of two years, so the caller looks at each again."""
    first, last = min(periods), max(periods)
    return Duty.period == first if first == last else Duty.period.between(first, last)
