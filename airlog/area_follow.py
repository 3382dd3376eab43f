"""Who and what follows a commune into its successors: rights, mandates, campaigns; and who is told of what changes.

Nobody gains or loses unseen: rights that named an old unit follow to the new one as a whole only where that takes in
nothing the person did not look after; otherwise station by station. What then still changes for a station, whatever the
reason, is found by comparing all that reaches it before and after (docs/adr/0012).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from airlog import duties
from airlog.area_past import UnitThen
from airlog.models import Campaign, Grant, Mandate, MandateArea, Person, Rundown, Station
from airlog.types import CampaignState, RoleKind
from content.week import LOCAL, Week

_SHOWN = tuple(role for role in RoleKind if role not in (RoleKind.EDITOR, RoleKind.APPROVER))
"""Roles that mean something for a single station."""


@dataclass(frozen=True, order=True)
class Reach:
    """Somebody or something that reaches a station. `role` only of people."""

    kind: Literal["person", "mandate", "campaign"]
    name: str
    role: RoleKind | None = None


@dataclass(frozen=True)
class Heirs:
    """Where the units of one change went. `fresh`: the new ones that were not there before; `touched`: all that were;
    `placed`: by old and new unit the stations that came."""

    olds: tuple[str, ...]
    ended: tuple[str, ...]
    news: tuple[str, ...]
    fresh: frozenset[str]
    touched: tuple[str, ...]
    placed: Mapping[tuple[str, str], tuple[int, ...]]

    @property
    def heir(self) -> str:
        """Takes over what has no place of its own."""
        return self.news[0]


def move_rights(session: Session, heirs: Heirs, since: datetime) -> int:
    """Rights that name an old unit, from an instant on; returns how many were written. Old ones end, none is deleted."""
    query = (
        select(Grant)
        .join(Person, Grant.person_id == Person.id)
        .where(Grant.scope.in_(heirs.touched), Grant.station_id.is_(None), _not_over(since), _here(since))
        .order_by(Grant.id)
    )
    mine: defaultdict[tuple[int, RoleKind], list[Grant]] = defaultdict(list)
    for grant in session.scalars(query):
        mine[grant.person_id, grant.role].append(grant)
    written = 0
    for (person_id, role), grants in mine.items():
        start = max(since, min(grant.valid_from for grant in grants))
        for scope, station_id in _new_rights(heirs, {grant.scope for grant in grants}):
            written += _grant(session, person_id, role, scope, station_id, start)
        for grant in grants:
            if grant.scope in heirs.ended:
                grant.valid_to = max(since, grant.valid_from)
    session.flush()
    return written


def _new_rights(heirs: Heirs, held: set[str]) -> list[tuple[str, int | None]]:
    found: list[tuple[str, int | None]] = []
    for new in heirs.news:
        if new in held:  # it goes on, and so does the right
            continue
        if new in heirs.fresh and held >= set(heirs.olds):
            found.append((new, None))
            continue
        stations = [id_ for old in sorted(held) for id_ in heirs.placed.get((old, new), ())]
        found += [(new, id_) for id_ in stations]
    has_stations = any(heirs.placed.get((old, new)) for old in held for new in heirs.news)
    if not found and not has_stations and not held & set(heirs.news):
        found.append(
            (heirs.heir, None)
        )  # nothing was taken into use there yet: the right waits in the successor
    return found


def _grant(
    session: Session, person_id: int, role: RoleKind, scope: str, station_id: int | None, since: datetime
) -> int:
    same = [Grant.person_id == person_id, Grant.role == role]
    if station_id is None:
        same += [Grant.scope == scope, Grant.station_id.is_(None)]
    else:
        same.append(Grant.station_id == station_id)
    if session.scalar(select(Grant.id).where(*same, _not_over(since)).limit(1)) is not None:
        return 0
    session.add(Grant(person_id=person_id, role=role, scope=scope, station_id=station_id, valid_from=since))
    session.flush()
    return 1


def move_mandates(
    session: Session, heirs: Heirs, before: Mapping[str, UnitThen], after: Mapping[str, UnitThen]
) -> None:
    """A mandate that held an old unit holds its successors too, and names no unit that is no more.

    Not where another mandate that asks the same holds the successor already: no station owes the same item twice.
    """
    mandates = list(session.scalars(select(Mandate).order_by(Mandate.id)))
    for mandate in mandates:
        names = {area.scope for area in mandate.areas}
        if not any(names & before[code].scopes for code in heirs.olds):
            continue
        left = names - set(heirs.ended)
        alike = [one for one in mandates if duties.asks(one) == duties.asks(mandate)]
        held = left.union(*({area.scope for area in m.areas} for m in alike if m is not mandate))
        added = {code for code in heirs.news if not held & after[code].scopes}
        for area in mandate.areas:
            if area.scope not in left:
                session.delete(area)
        session.add_all(MandateArea(mandate_id=mandate.id, scope=scope) for scope in sorted(added))
        session.flush()
        session.expire(mandate, ["areas"])


def move_campaigns(session: Session, heirs: Heirs) -> None:
    """A campaign of one commune that is no more goes on in its heir."""
    query = select(Campaign).where(Campaign.scope.in_(heirs.ended), Campaign.state != CampaignState.STOPPED)
    for campaign in session.scalars(query):
        campaign.scope = heirs.heir


def reaching(
    session: Session, stations: Sequence[Station], units: Mapping[str, UnitThen], at: datetime
) -> dict[int, frozenset[Reach]]:
    """Everybody and everything that reaches each station at an instant, by its id."""
    living = [s for s in stations if s.active_to is None or s.active_to > at.astimezone(LOCAL).date()]
    scopes = {station.id: units[station.area_code].scopes for station in living}
    named: defaultdict[str, set[Reach]] = defaultdict(set)
    of_station: defaultdict[int, set[Reach]] = defaultdict(set)
    for name, role, scope, station_id in _grants(session, set().union(*scopes.values()), set(scopes), at):
        (named[scope] if station_id is None else of_station[station_id]).add(Reach("person", name, role))
    for mandate in session.scalars(select(Mandate)):
        if mandate.valid_to is None or mandate.valid_to > at.astimezone(LOCAL).date():
            for area in mandate.areas:
                named[area.scope].add(Reach("mandate", mandate.name))
    for campaign in session.scalars(_campaigns(at)).unique():
        named[campaign.scope].add(Reach("campaign", campaign.name))
    return {
        id_: frozenset(of_station[id_].union(*(named[scope] for scope in sorted(mine))))
        for id_, mine in scopes.items()
    }


def _grants(
    session: Session, scopes: Collection[str], station_ids: Collection[int], at: datetime
) -> list[tuple[str, RoleKind, str, int | None]]:
    query = (
        select(Person.name, Grant.role, Grant.scope, Grant.station_id)
        .join(Person, Grant.person_id == Person.id)
        .where(Grant.role.in_(_SHOWN), Grant.valid_from <= at, _not_over(at), _here(at))
        .where(
            or_(
                and_(Grant.station_id.is_(None), Grant.scope.in_(sorted(scopes))),
                Grant.station_id.in_(sorted(station_ids)),
            )
        )
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def _campaigns(at: datetime) -> Select[Campaign]:
    """Campaigns that still have something to send."""
    ahead = select(Rundown.campaign_id).where(Rundown.week >= str(Week.of(at)))
    return select(Campaign).where(Campaign.state == CampaignState.LAUNCHED, Campaign.id.in_(ahead))


def _not_over(at: datetime) -> ColumnElement[bool]:
    return or_(Grant.valid_to.is_(None), Grant.valid_to > at)


def _here(at: datetime) -> ColumnElement[bool]:
    return or_(Person.left_at.is_(None), Person.left_at > at)
