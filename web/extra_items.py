"""Further items of a campaign's weeks: what there is, and changing it before anything was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from airlog import rundowns
from airlog.db import Session
from airlog.models import Campaign, Person, Rundown
from content.week import Week

Act = Literal["add", "remove", "raise"]


@dataclass(frozen=True)
class Extra:
    version_id: int
    slug: str
    title: str


@dataclass(frozen=True)
class WeekExtras:
    """`is_open`: nothing of the week was sent yet."""

    chosen: tuple[Extra, ...]
    is_open: bool


def of_campaign(session: Session, campaign: Campaign, now: datetime) -> dict[Week, WeekExtras]:
    return {Week.parse(one.week): _of(session, one, now) for one in campaign.rundowns}


def change(
    session: Session, person: Person, now: datetime, rundown: Rundown, act: Act, slug: str, version_id: int
) -> None:
    """Raises BadExtra."""
    match act:
        case "add":
            rundowns.add_extra(session, person, rundown, slug, now)
        case "remove":
            rundowns.remove_extra(session, person, rundown, version_id, now)
        case "raise":
            rundowns.raise_extra(session, person, rundown, version_id, now)


def _of(session: Session, rundown: Rundown, now: datetime) -> WeekExtras:
    found = tuple(Extra(v.id, v.item.slug, v.item.title) for v in rundowns.extras(session, rundown))
    is_ahead = Week.parse(rundown.week).ends_at > now
    return WeekExtras(found, is_ahead and rundowns.is_open(session, rundown))
