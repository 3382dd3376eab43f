"""Sending again what failed, and only that: nothing that went out, or may have, goes out twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from airlog import access, area_rights, withdrawn
from airlog.db import changed, in_parts
from airlog.deliveries import opened
from airlog.fates import latest
from airlog.models import Address, Campaign, Delivery, Person, Rundown
from airlog.types import AddressState, CampaignState, DeliveryState
from content.week import Week


def failed_rows(session: Session, what: Campaign | Rundown, now: datetime) -> list[int]:
    """The items that can be sent again: of weeks still running, failed, to a chat that works.

    Nobody who got the item in another chat, or may have, is among them, and no words that were recalled.
    """
    rundowns = what.rundowns if isinstance(what, Campaign) else [what]
    found: list[int] = []
    for rundown in rundowns:
        week = Week.parse(rundown.week)
        if rundown.campaign.state is not CampaignState.LAUNCHED or week.ends_at <= now:
            continue
        if withdrawn.item_about(session, rundown) is not None:
            found += session.scalars(_failed(session, rundown))
    return found


def retry_failed(session: Session, what: Campaign | Rundown, person: Person, now: datetime) -> int:
    """Queue the failed items again, due now, and count them. A second call finds none left.

    Raises NotAllowed, and writes the refusal down, unless the person is an admin of the whole area.
    """
    campaign = what if isinstance(what, Campaign) else what.campaign
    area_rights.require_area(session, person, access.ADMINS, campaign.scope, "resend", now)
    ids = failed_rows(session, what, now)
    count = sum(_queue(session, part, now) for part in in_parts(ids))
    subject = f"campaign {campaign.id}" if isinstance(what, Campaign) else f"rundown {what.id}"
    access.note(session, person, "resend", subject, now, detail=f"{count} messages")
    return count


def _failed(session: Session, rundown: Rundown) -> Select[int]:
    best = latest(session, rundown)
    query = select(Delivery.id).join(best, Delivery.id == best.c.id).join(Delivery.address)
    failed = query.where(best.c.state == DeliveryState.FAILED, Address.state == AddressState.ACTIVE)
    return failed.order_by(Delivery.id)


def _queue(session: Session, ids: Sequence[int], now: datetime) -> int:
    """Only rows that still are failed: of two clicks at once the second finds them queued. The error stays until sent."""
    rows = update(Delivery).where(Delivery.id.in_(ids), Delivery.state == DeliveryState.FAILED)
    return changed(session, rows.values({**opened(now), "attempts": 0}))
