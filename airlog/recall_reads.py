"""Reading recalls: what was withdrawn by whom, whom the wrong item reached, and who knows of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased, selectinload

from airlog import withdrawn
from airlog.deliveries import OPEN
from airlog.models import Campaign, Delivery, Duty, ItemVersion, Person, Recall, RecallAck, Rundown, Station
from airlog.recalls import about_of
from airlog.types import CampaignState, DeliveryState, Rung
from content.week import Week

REACHED = (DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING)
"""Whoever has a message in one of these states may have it in the chat."""
NOTICE_LIFE = timedelta(days=8)
"""How long after a recall somebody who turns out to have the old item is still told."""


@dataclass(frozen=True)
class Words:
    """A version of an item, as people name it."""

    version_id: int
    slug: str
    title: str
    number: int


@dataclass(frozen=True)
class RecallLine:
    """A request or a recall, with its names. Open while neither confirmed nor dropped."""

    id: int
    campaign_id: int
    campaign: str
    scope: str
    week: Week
    rundown_id: int
    old: Words
    new: Words | None
    reason: str
    asked_by_id: int
    asked_by: str
    asked_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    dropped_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.confirmed_at is None and self.dropped_at is None


@dataclass(frozen=True)
class Holder:
    """Somebody who has, or may have, the old item. `notice` is None while none was planned."""

    person_id: int
    name: str
    phone: str
    stations: Mapping[int, str]
    notice: DeliveryState | None
    acknowledged_at: datetime | None


@dataclass(frozen=True)
class Reach:
    """`stopped`: messages of the old item that were still waiting (before confirming: that will be stopped)."""

    stopped: int
    holders: tuple[Holder, ...]

    @property
    def notified(self) -> int:
        return sum(one.notice is DeliveryState.SENT for one in self.holders)

    @property
    def acknowledged(self) -> int:
        return sum(one.acknowledged_at is not None for one in self.holders)

    @property
    def silent(self) -> list[Holder]:
        """Who has not said that they know."""
        return [one for one in self.holders if one.acknowledged_at is None]


def line(session: Session, recall: Recall) -> RecallLine:
    rundown = session.get_one(Rundown, recall.rundown_id)
    confirmer = session.get(Person, recall.confirmed_by_id) if recall.confirmed_by_id else None
    return RecallLine(
        id=recall.id,
        campaign_id=rundown.campaign_id,
        campaign=rundown.campaign.name,
        scope=rundown.campaign.scope,
        week=Week.parse(rundown.week),
        rundown_id=rundown.id,
        old=words(session, recall.item_version_id),
        new=words(session, recall.replacement_id) if recall.replacement_id else None,
        reason=recall.reason,
        asked_by_id=recall.asked_by_id,
        asked_by=session.get_one(Person, recall.asked_by_id).name,
        asked_at=recall.asked_at,
        confirmed_by=confirmer.name if confirmer else "",
        confirmed_at=recall.confirmed_at,
        dropped_at=recall.dropped_at,
    )


def words(session: Session, version_id: int) -> Words:
    version = session.get_one(ItemVersion, version_id)
    return Words(version.id, version.item.slug, version.item.title, version.number)


def of_rundowns(session: Session, rundown_ids: Collection[int]) -> list[Recall]:
    """Requests that wait and recalls that were confirmed, newest first."""
    query = select(Recall).where(Recall.rundown_id.in_(list(rundown_ids)), Recall.dropped_at.is_(None))
    return list(session.scalars(query.order_by(Recall.id.desc())))


def waiting(session: Session, now: datetime) -> list[Recall]:
    """Requests that wait for their second person, in all areas, while their week runs."""
    query = select(Recall, Rundown.week).join(Rundown, Recall.rundown_id == Rundown.id)
    found = query.where(Recall.confirmed_at.is_(None), Recall.dropped_at.is_(None)).order_by(Recall.id)
    return [recall for recall, week in session.execute(found) if now < Week.parse(week).ends_at]


def recent(session: Session, now: datetime) -> list[Recall]:
    """Confirmed recalls whose notices may still be wanted."""
    query = select(Recall).where(Recall.confirmed_at > now - NOTICE_LIFE)
    return list(session.scalars(query.order_by(Recall.id)))


def confirmed_since(session: Session, moment: datetime) -> bool:
    """Whether an item was recalled after a moment: what is planned has to be looked at anew."""
    return session.scalar(select(Recall.id).where(Recall.confirmed_at >= moment).limit(1)) is not None


def running_rundowns(session: Session, week: Week) -> list[Rundown]:
    """What a week sends, or sent before its campaign was stopped."""
    query = select(Rundown).join(Rundown.campaign).where(Rundown.week == str(week))
    return list(session.scalars(query.where(Campaign.state != CampaignState.PLANNED).order_by(Rundown.id)))


def same_words_elsewhere(session: Session, rundown: Rundown, version_id: int, now: datetime) -> list[Rundown]:
    """Other weeks and campaigns, not over yet, that send the same words: each is recalled for itself."""
    query = select(Rundown).join(Rundown.campaign).where(Campaign.state == CampaignState.LAUNCHED)
    others = query.where(Rundown.item_version_id == version_id, Rundown.id != rundown.id)
    found = session.scalars(others.order_by(Rundown.send_at))
    return [other for other in found if now < Week.parse(other.week).ends_at]


def reach(session: Session, rundown: Rundown, version_id: int, recall: Recall | None = None) -> Reach:
    """Whom an item reached. Without a confirmed `recall`: as a preview of what confirming one would do."""
    recalls, stopped, having = withdrawn.of_rundown(session, rundown.id), 0, []
    confirmed_at = recall.confirmed_at if recall else None
    for row in _copies(session, rundown):
        if withdrawn.version_of(row.key, recalls, rundown.item_version_id) != version_id:
            continue
        if row.state in REACHED:
            having.append(row)
        elif confirmed_at is None:
            stopped += row.state in OPEN
        elif row.state is DeliveryState.CANCELLED and row.settled_at:
            stopped += row.settled_at >= confirmed_at
    return Reach(stopped, tuple(_holders(session, having, recall)))


def items_without_notice(session: Session, recall: Recall) -> list[Delivery]:
    """Deliveries that put the recalled item into a chat, or may have, of people no notice is on its way to."""
    notice = aliased(Delivery)
    sent = notice.rung == Rung.RECALL, notice.key.startswith(f"-:{about_of(recall)}:")
    told = select(notice.id).where(*sent, notice.state != DeliveryState.FAILED)
    return _carriers(session, recall, ~told.where(notice.person_id == Delivery.person_id).exists())


def items_of_person(session: Session, recall: Recall, person_id: int) -> list[Delivery]:
    """The deliveries by which one person has, or may have, the recalled item."""
    return _carriers(session, recall, Delivery.person_id == person_id)


@dataclass(frozen=True)
class _Copy:
    """A delivery of a week's item: thousands are looked at each time a recall's page renews itself."""

    key: str
    state: DeliveryState
    settled_at: datetime | None
    person_id: int
    name: str
    phone: str
    station_id: int
    station: str


def _copies(session: Session, rundown: Rundown) -> list[_Copy]:
    query = (
        select(
            Delivery.key, Delivery.state, Delivery.settled_at,
            Person.id, Person.name, Person.phone, Station.id, Station.name,
        )
        .join(Delivery.duty)
        .join(Duty.station)
        .join(Delivery.person)
        .where(Duty.rundown_id == rundown.id, Delivery.rung == Rung.ITEM)
        .order_by(Duty.station_id, Delivery.id)
    )  # fmt: skip
    return [_Copy(*row) for row in session.execute(query)]


def _holders(session: Session, rows: Sequence[_Copy], recall: Recall | None) -> list[Holder]:
    by_person: defaultdict[int, list[_Copy]] = defaultdict(list)
    for row in rows:
        by_person[row.person_id].append(row)
    notices = _notices(session, recall) if recall else {}
    acks: dict[int, datetime] = {}
    if recall:
        query = select(RecallAck.person_id, RecallAck.at).where(RecallAck.recall_id == recall.id)
        acks = dict(session.execute(query).all())
    return [
        Holder(
            person_id=person_id,
            name=mine[0].name,
            phone=mine[0].phone,
            stations={row.station_id: row.station for row in mine},
            notice=notices.get(person_id),
            acknowledged_at=acks.get(person_id),
        )
        for person_id, mine in by_person.items()
    ]


def _notices(session: Session, recall: Recall) -> dict[int, DeliveryState]:
    """By person; of several the one that got furthest."""
    query = select(Delivery.person_id, Delivery.state).where(
        Delivery.rung == Rung.RECALL, Delivery.key.startswith(f"-:{about_of(recall)}:")
    )
    found: dict[int, DeliveryState] = {}
    for person_id, state in session.execute(query.order_by(Delivery.id)):
        if found.get(person_id) is not DeliveryState.SENT:
            found[person_id] = state
    return found


def _carriers(session: Session, recall: Recall, which: ColumnElement[bool]) -> list[Delivery]:
    """Those of some deliveries by which the recalled words reached somebody, the duties loaded in one more question."""
    query = select(Delivery).join(Delivery.duty).options(selectinload(Delivery.duty))
    query = query.where(Duty.rundown_id == recall.rundown_id, Delivery.rung == Rung.ITEM)
    found = query.where(Delivery.state.in_(REACHED), which).order_by(Duty.station_id, Delivery.id)
    recalls, wrong = withdrawn.of_rundown(session, recall.rundown_id), recall.item_version_id
    return [row for row in session.scalars(found) if withdrawn.version_of(row.key, recalls, wrong) == wrong]
