"""Reading campaigns: their weeks, how they go, and how many messages of each week stand how."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from airlog.fates import Fate
from airlog.models import UNSETTLED, Campaign, Delivery, Duty, Rundown
from airlog.scope import Scope, scope_name
from airlog.types import CampaignState, DeliveryState, Rung
from content.week import Week


@dataclass(frozen=True)
class Unsettled:
    """Messages of a campaign whose end is not known yet.

    `leaving`: due, on their way or tried again; `waiting`: planned for later, or a lesser message (a reminder, a
    question) of unknown fate; `unknown`: items that may have arrived.
    """

    leaving: int = 0
    waiting: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class Progress:
    """How a campaign goes, in a word."""

    word: str
    tone: Literal["", "good", "wait"]


@dataclass(frozen=True)
class CampaignLine:
    id: int
    name: str
    place: str
    state: CampaignState
    progress: Progress
    weeks: tuple[Week, ...]


@dataclass(frozen=True)
class WeekOfCampaign:
    """Who gets what when: one item goes to everybody at `send_at`. `messages`: how many stand how by now."""

    week: Week
    slug: str
    title: str
    send_at: datetime
    messages: dict[Fate, int]


def progress(state: CampaignState, unsettled: Unsettled, is_over: bool) -> Progress:
    """The word for a campaign. It is done only when its last week is over and no message of it is unsettled."""
    if state is CampaignState.PLANNED:
        return Progress("chưa chạy", "wait")
    doubt = f"còn {unsettled.unknown} tin chưa rõ" if unsettled.unknown else ""
    rest = "đang gửi" if unsettled.leaving else doubt
    if state is CampaignState.STOPPED:
        return Progress(f"đã dừng, {rest}" if rest else "đã dừng", "wait" if rest else "")
    if rest:
        return Progress(rest, "wait" if unsettled.unknown and not unsettled.leaving else "good")
    if is_over and not unsettled.waiting:
        return Progress("đã xong", "")
    return Progress("đang chạy", "good")


def campaign_lines(session: Session, campaigns: Sequence[Campaign], now: datetime) -> list[CampaignLine]:
    """One line each, in the order given; one question about messages for all of them."""
    unsettled = _unsettled(session, [campaign.id for campaign in campaigns], now)
    return [
        CampaignLine(
            campaign.id,
            campaign.name,
            scope_name(session, Scope.parse(campaign.scope)),
            campaign.state,
            progress(campaign.state, unsettled.get(campaign.id, Unsettled()), is_over(campaign, now)),
            tuple(Week.parse(rundown.week) for rundown in campaign.rundowns),
        )
        for campaign in campaigns
    ]


def is_over(campaign: Campaign, now: datetime) -> bool:
    """Whether the last week of a campaign has ended."""
    return all(Week.parse(rundown.week).ends_at <= now for rundown in campaign.rundowns)


def weeks_of(session: Session, campaign: Campaign) -> list[WeekOfCampaign]:
    messages = _messages_by_rundown(session, [rundown.id for rundown in campaign.rundowns])
    return [
        WeekOfCampaign(
            Week.parse(rundown.week),
            rundown.version.item.slug,
            rundown.version.item.title,
            rundown.send_at,
            {fate: messages[rundown.id][fate] for fate in Fate if fate in messages[rundown.id]},
        )
        for rundown in campaign.rundowns
    ]


def rundown_of(campaign: Campaign, week: Week) -> Rundown | None:
    """What a campaign sends in a week; None when the week is none of its."""
    return next((rundown for rundown in campaign.rundowns if rundown.week == str(week)), None)


def _unsettled(session: Session, campaign_ids: Sequence[int], now: datetime) -> dict[int, Unsettled]:
    """By campaign. Asks for unsettled rows alone, which an index finds: there are few of them at most times."""
    lesser = and_(Delivery.state == DeliveryState.UNKNOWN, Delivery.rung != Rung.ITEM)
    planned = and_(Delivery.state == DeliveryState.QUEUED, Delivery.due_at > now)
    kind = case(
        (lesser, "waiting"), (planned, "waiting"), (Delivery.state == DeliveryState.UNKNOWN, "unknown"),
        else_="leaving",
    )  # fmt: skip
    query = select(Rundown.campaign_id, kind, func.count()).join(Delivery.duty).join(Duty.rundown)
    query = query.where(UNSETTLED, Rundown.campaign_id.in_(campaign_ids))
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for campaign_id, name, count in session.execute(query.group_by(Rundown.campaign_id, kind)):
        found[campaign_id][name] = count
    return {campaign_id: Unsettled(**counts) for campaign_id, counts in found.items()}


def _messages_by_rundown(session: Session, rundown_ids: Sequence[int]) -> defaultdict[int, dict[Fate, int]]:
    query = select(Duty.rundown_id, Delivery.state, func.count()).join(Delivery.duty)
    query = query.where(Duty.rundown_id.in_(rundown_ids), Delivery.rung == Rung.ITEM)
    found: defaultdict[int, dict[Fate, int]] = defaultdict(dict)
    for rundown_id, state, count in session.execute(query.group_by(Duty.rundown_id, Delivery.state)):
        found[rundown_id or 0][Fate(str(state))] = count
    return found
