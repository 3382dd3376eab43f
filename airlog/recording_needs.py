"""Which weeks still lack a person's reading in a language that their stations must air."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from airlog import access, area_rights, items, recording_clearing, recordings, withdrawn
from airlog.campaigns import launched_rundowns
from airlog.db import rows_about
from airlog.models import Campaign, Duty, ItemVersion, Person, Rundown, RundownExtra
from airlog.types import CampaignState
from content.languages import VIETNAMESE, codes_of
from content.week import Week


@dataclass(frozen=True)
class Waiting:
    """An item of a week that lacks recordings in languages its stations must air."""

    rundown_id: int
    week: Week
    version_id: int
    slug: str
    title: str
    languages: tuple[str, ...]
    """Nobody has read it, or what was read was sent back."""
    unheard: tuple[str, ...] = ()
    """Somebody has, and nobody has heard and cleared it: the week goes without it."""


def required_of(session: Session, version_id: int, now: datetime) -> tuple[str, ...]:
    """The languages in which stations must air a version, by the mandates of this and later weeks that use it."""
    needs = _needs(session, _rundowns_with(session, version_id, now))
    return tuple(dict.fromkeys(code for codes in needs.values() for code in codes))


def in_use(session: Session, version: ItemVersion, now: datetime) -> bool:
    """Whether stations get these very words, now or later: a campaign keeps the version it was planned with."""
    if version.cleared_at is None:
        return False
    return items.cleared_version(version.item) is version or bool(_rundowns_with(session, version.id, now))


def waiting(session: Session, rundowns: Sequence[Rundown]) -> list[Waiting]:
    """What must still be recorded, or heard and cleared, for some weeks, in their order."""
    needs = _needs(session, rundowns)
    versions = _versions(session, rundowns)
    ids = [one.id for many in versions.values() for one in many]
    recorded, usable = recordings.newest(session, ids), recording_clearing.usable(session, ids)
    found = []
    for rundown in rundowns:
        for version in versions[rundown.id]:
            lacking = [code for code in needs[rundown.id] if (version.id, code) not in usable]
            unheard = tuple(code for code in lacking if (version.id, code) in recorded)
            missing = tuple(code for code in lacking if code not in unheard)
            if lacking:
                week, item = Week.parse(rundown.week), version.item
                found.append(Waiting(rundown.id, week, version.id, item.slug, item.title, missing, unheard))
    return found


def waiting_soon(session: Session, person: Person, now: datetime) -> list[Waiting]:
    """What a reader must still record for this and the next week, in the person's own areas; each item once."""
    week = Week.of(now)
    mine = [
        one
        for one in (*launched_rundowns(session, week), *launched_rundowns(session, week.next()))
        if area_rights.covers(session, person, access.EDITORS, one.campaign.scope, now)
        and not withdrawn.has_no_item(withdrawn.of_rundown(session, one.id))
    ]
    found: dict[int, Waiting] = {}
    for one in waiting(session, mine):
        if one.languages:
            found.setdefault(one.version_id, one)
    return list(found.values())


def _rundowns_with(session: Session, version_id: int, now: datetime) -> Sequence[Rundown]:
    """The weeks, from this one on, that air a version."""
    extra = select(RundownExtra.rundown_id).where(RundownExtra.item_version_id == version_id)
    query = select(Rundown).join(Rundown.campaign).where(Campaign.state != CampaignState.STOPPED)
    using = query.where(or_(Rundown.item_version_id == version_id, Rundown.id.in_(extra)))
    return session.scalars(using.where(Rundown.week >= str(Week.of(now))).order_by(Rundown.id)).all()


def _needs(session: Session, rundowns: Sequence[Rundown]) -> dict[int, tuple[str, ...]]:
    """By rundown: what its mandate asks for now, and what its duties were made with. Vietnamese needs nobody."""
    asked = {one.id: codes_of(one.campaign.mandate.languages) for one in rundowns}
    query = select(Duty.rundown_id, Duty.languages).where(Duty.period.in_({one.week for one in rundowns}))
    query = query.where(Duty.rundown_id.in_(list(asked)), Duty.languages != "").distinct()
    for rundown_id, languages in session.execute(query.order_by(Duty.rundown_id, Duty.languages)):
        if rundown_id is not None:
            asked[rundown_id] = tuple(dict.fromkeys((*asked[rundown_id], *codes_of(languages))))
    return {key: tuple(code for code in codes if code != VIETNAMESE) for key, codes in asked.items()}


def _versions(session: Session, rundowns: Sequence[Rundown]) -> dict[int, list[ItemVersion]]:
    """By rundown: its own version, then its further ones."""
    found: defaultdict[int, list[ItemVersion]] = defaultdict(list)
    for one in rundowns:
        found[one.id].append(one.version)
    query = select(RundownExtra.rundown_id, ItemVersion).order_by(RundownExtra.position)
    query = query.join(ItemVersion, RundownExtra.item_version_id == ItemVersion.id)
    for rundown_id, version in rows_about(session, query, RundownExtra.rundown_id, list(found)):
        found[rundown_id].append(version)
    return found
