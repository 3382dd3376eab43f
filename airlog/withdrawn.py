"""Which words of a week were recalled, and what stands in their place: the question every sender and counter asks.

A rundown that was never recalled sends `r<rundown>`; after a recall with a replacement it sends `r<rundown>v<version>`,
so that the corrected item is another message, and a row made before the recall is known by its key alone, even when it
was never claimed (docs/adr/0008).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from airlog.db import rows_about
from airlog.models import Delivery, Duty, Recall, Rundown
from airlog.types import Rung

_OF_RUNDOWN = (  # asked several times for each press, so built once
    select(Recall)
    .where(Recall.rundown_id == bindparam("rundown"), Recall.confirmed_at.is_not(None))
    .order_by(Recall.id)
)


def of_rundown(session: Session, rundown_id: int | None) -> list[Recall]:
    """The confirmed recalls of a rundown, in their order; the last one says what holds now."""
    return list(session.scalars(_OF_RUNDOWN, {"rundown": rundown_id})) if rundown_id else []


def by_duty(session: Session, duty_ids: Sequence[int]) -> dict[int, list[Recall]]:
    """The confirmed recalls that touch some duties; duties without one are left out."""
    found: defaultdict[int, list[Recall]] = defaultdict(list)
    if session.scalar(select(Recall.id).where(Recall.confirmed_at.is_not(None)).limit(1)) is None:
        return found  # nearly always: a look at thousands of duties stays as cheap as it was
    query = select(Duty.id, Recall).join(Recall, Recall.rundown_id == Duty.rundown_id)
    query = query.where(Recall.confirmed_at.is_not(None)).order_by(Recall.id)
    for duty_id, recall in rows_about(session, query, Duty.id, duty_ids):
        found[duty_id].append(recall)
    return found


def has_no_item(recalls: Sequence[Recall]) -> bool:
    """Withdrawn with nothing in its place."""
    return bool(recalls) and recalls[-1].replacement_id is None


def replaced(recalls: Sequence[Recall]) -> frozenset[int]:
    """Versions whose airing does not meet the duty: those recalled, while something else stands in their place."""
    if not recalls or has_no_item(recalls):
        return frozenset()
    return frozenset(recall.item_version_id for recall in recalls)


def item_about(session: Session, rundown: Rundown) -> str | None:
    """The part of a delivery's key that names what a week sends now; None when it sends nothing."""
    recalls = of_rundown(session, rundown.id)
    if has_no_item(recalls):
        return None
    return f"r{rundown.id}v{recalls[-1].replacement_id}" if recalls else f"r{rundown.id}"


def item_due_at(session: Session, rundown: Rundown) -> datetime:
    """When a week's item is due: a corrected one not before its recall, whose notice goes first."""
    recalled_at = [recall.confirmed_at for recall in of_rundown(session, rundown.id) if recall.confirmed_at]
    return max([rundown.send_at, *recalled_at])


def version_of(key: str, recalls: Sequence[Recall], otherwise: int | None = None) -> int | None:
    """The words that an item's delivery is about, by its key; `otherwise` where nothing was ever recalled."""
    named = re.search(r"v(\d+)$", key.split(":")[1])
    if named:
        return int(named[1])
    return recalls[0].item_version_id if recalls else otherwise


def replacing(key: str) -> str:
    """What the questions about a corrected item carry in their keys, so that they are others than those about the
    old one; empty for an item that replaced nothing."""
    about = key.split(":")[1]
    return about if re.fullmatch(r"r\d+v\d+", about) else ""


def is_current(key: str, recalls: Sequence[Recall]) -> bool:
    """Whether an item's delivery, by its key, is about the words that stand."""
    return not recalls or names(key, recalls[-1].rundown_id, recalls[-1].replacement_id)


def names(key: str, rundown_id: int, version_id: int | None) -> bool:
    """Whether an item's delivery, by its key, carries the words that replaced recalled ones."""
    return version_id is not None and key.split(":")[1] == f"r{rundown_id}v{version_id}"


def without_item(session: Session, duty_ids: Sequence[int]) -> set[int]:
    """Duties whose item was withdrawn with nothing in its place: nobody is asked about it."""
    return {duty_id for duty_id, recalls in by_duty(session, duty_ids).items() if has_no_item(recalls)}


def item_sent_at(session: Session, duty: Duty, version_id: int | None = None) -> datetime | None:
    """When some words (None: any) of the week first reached somebody of the station; None while they have not."""
    recalls = of_rundown(session, duty.rundown_id)
    query = select(Delivery.key, Delivery.sent_at).where(
        Delivery.duty_id == duty.id, Delivery.rung == Rung.ITEM, Delivery.sent_at.is_not(None)
    )
    times = [
        at
        for key, at in session.execute(query)
        if at and (not recalls or version_id in (None, version_of(key, recalls)))
    ]
    return min(times, default=None)


def any_of(session: Session, version_ids: Collection[int]) -> set[int]:
    """Those of some versions that were recalled in any week: they replace nothing."""
    query = select(Recall.item_version_id).where(
        Recall.confirmed_at.is_not(None), Recall.item_version_id.in_(list(version_ids))
    )
    return set(session.scalars(query))
