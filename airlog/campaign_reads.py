"""Reading campaigns: their weeks, and how the item of each week got to each person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog.models import Campaign, Delivery, Duty
from airlog.scope import Scope, scope_name
from airlog.types import CampaignState, DeliveryState, Rung
from content.week import Week


@dataclass(frozen=True)
class CampaignLine:
    id: int
    name: str
    place: str
    state: CampaignState
    weeks: tuple[Week, ...]


@dataclass(frozen=True)
class WeekOfCampaign:
    """Who gets what when: one item goes to everybody at `send_at`."""

    week: Week
    slug: str
    title: str
    send_at: datetime


@dataclass(frozen=True)
class ItemDelivery:
    """The week's item on its way to one person of one station."""

    period: str
    station: str
    person: str
    channel: str
    state: DeliveryState
    attempts: int
    sent_at: datetime | None
    error: str


def campaign_line(session: Session, campaign: Campaign) -> CampaignLine:
    return CampaignLine(
        campaign.id,
        campaign.name,
        scope_name(session, Scope.parse(campaign.scope)),
        campaign.state,
        tuple(Week.parse(rundown.week) for rundown in campaign.rundowns),
    )


def weeks_of(campaign: Campaign) -> list[WeekOfCampaign]:
    return [
        WeekOfCampaign(
            Week.parse(rundown.week), rundown.version.item.slug, rundown.version.item.title, rundown.send_at
        )
        for rundown in campaign.rundowns
    ]


def item_deliveries(session: Session, campaign: Campaign) -> list[ItemDelivery]:
    """By week and station. Nobody is in it before the week's messages are planned."""
    query = (
        select(Delivery, Duty)
        .join(Duty, Delivery.duty_id == Duty.id)
        .where(Duty.rundown_id.in_([rundown.id for rundown in campaign.rundowns]))
        .where(Delivery.rung == Rung.ITEM)
        .order_by(Duty.period.desc(), Duty.station_id, Delivery.id)
    )
    return [
        ItemDelivery(
            duty.period,
            duty.station.name,
            row.person.name,
            row.address.channel,
            row.state,
            row.attempts,
            row.sent_at,
            row.error or "",
        )
        for row, duty in session.execute(query).unique()
    ]
