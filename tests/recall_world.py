"""A week whose item is recalled: what the recall tests share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from airlog import campaigns, deliveries, items, recalls
from airlog.db import Session
from airlog.models import Audit, Delivery, ItemVersion, Person, Recall, Rundown
from airlog.types import DeliveryState
from scheduler.plan import plan_duties, plan_items
from scheduler.recalls import plan_recalls
from tests.world import CHAU, DUYET, WEEK, WORDS, World, person_of

WHY = "Số điện thoại trong tin bị sai"


def rundown(session: Session) -> Rundown:
    return campaigns.launched_rundowns(session, WEEK)[0]


def corrected(session: Session, now: datetime) -> ItemVersion:
    """The week's item written anew by Châu and cleared by Duyệt."""
    item = rundown(session).version.item
    items.rewrite(session, person_of(session, CHAU), item, WORDS, now)
    return items.clear(session, item, person_of(session, DUYET), now)


def ask(world: World, *, replaced: bool = True, by: str = CHAU, why: str = WHY) -> int:
    def work(session: Session) -> int:
        version = corrected(session, world.now) if replaced else None
        return recalls.ask(session, person_of(session, by), rundown(session), why, version, world.now).id

    return world.ask(work)


def confirm(world: World, recall_id: int, by: str = DUYET) -> None:
    world.ask(
        lambda s: recalls.confirm(s, person_of(s, by), s.get_one(Recall, recall_id), world.now) and None
    )


def recall_item(world: World, *, replaced: bool = True) -> int:
    """Both acts, at this moment."""
    number = ask(world, replaced=replaced)
    confirm(world, number)
    return number


def plan_week(world: World) -> int:
    """The rows of the week's item that are missing."""

    def work(session: Session) -> int:
        plan_duties(session, WEEK, world.now)
        return deliveries.plan(session, plan_items(session, rundown(session), ("chat",), world.now))

    return world.ask(work)


def plan_notices(world: World) -> int:
    return world.ask(lambda s: deliveries.plan(s, plan_recalls(s, ("chat",), world.now)))


def items_of(world: World, phone: str) -> list[tuple[str, DeliveryState]]:
    """A person's item messages in the order they were planned: (what the key names, state)."""
    return [(row.key.split(":")[1], row.state) for row in world.rows(phone) if row.rung == "item"]


def refusals(world: World) -> list[str]:
    return world.ask(lambda s: list(s.scalars(select(Audit.act).where(~Audit.allowed))))


def acts(world: World, act: str) -> int:
    return len(world.ask(lambda s: list(s.scalars(select(Audit.id).where(Audit.act == act, Audit.allowed)))))


def all_rows(world: World) -> list[Delivery]:
    return world.ask(lambda s: list(s.scalars(select(Delivery).order_by(Delivery.id)).unique()))


def someone(session: Session, phone: str) -> Person:
    return person_of(session, phone)
