"""Campaigns: items spread over weeks for an area, previewed before they are launched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access, deliveries, duties, items
from airlog.db import Refused, lasts
from airlog.models import Campaign, Item, Mandate, Person, Rundown, Station
from airlog.scope import Scope, codes_in, communes, require_scope
from airlog.types import CampaignState, Rung
from content.rundown import spread
from content.week import LOCAL, Week
from content.wording import week_vi

MOST_WEEKS = 53
MOST_NAME = 200


class BadCampaign(Refused):
    """A campaign that cannot be made or launched; the message is Vietnamese and says what to do."""


@dataclass(frozen=True)
class Order:
    """What an admin asks for. `weekday` 0 is Monday; `hour` is local."""

    name: str
    scope: str
    start: Week
    weeks: int
    weekday: int
    hour: time
    slugs: tuple[str, ...] = ()
    """Chosen items in order; empty means the whole cleared library."""


def plan_campaign(session: Session, order: Order, author: Person | None, now: datetime) -> Campaign:
    """Make a campaign that is not launched yet. Raises BadCampaign and BadScope."""
    _check(order)
    scope = require_scope(session, order.scope)
    mandate = mandate_for(session, scope)
    chosen = _items(session, order.slugs)
    campaign = Campaign(
        name=order.name.strip(),
        scope=scope.text,
        mandate=mandate,
        author_id=author.id if author else None,
        created_at=now,
        rundowns=[],
    )
    by_slug = {item.slug: item for item in chosen}
    for week, piece in spread([items.as_library_item(item) for item in chosen], order.start, order.weeks):
        version = items.cleared_version(by_slug[piece.slug])
        assert version is not None
        send_at = week.at(order.weekday, order.hour)
        campaign.rundowns.append(Rundown(week=str(week), version=version, send_at=send_at))
    session.add(campaign)
    session.flush()
    access.note(session, author, "campaign.plan", str(campaign.id), now, detail=campaign.name)
    return campaign


def launch(session: Session, campaign: Campaign, person: Person | None, now: datetime) -> Campaign:
    """Let the weeks of a campaign go out. Safe to repeat. Raises BadCampaign."""
    if campaign.state is CampaignState.LAUNCHED:
        return campaign
    if not stations_in(session, campaign.scope, now):
        raise BadCampaign("Khu vực này chưa có đài nào. Anh/chị nạp danh sách xã trước rồi khởi chạy lại.")
    if all(Week.parse(r.week).ends_at <= now for r in campaign.rundowns):
        raise BadCampaign("Các tuần của chiến dịch này đã qua. Anh/chị lập chiến dịch mới từ tuần này.")
    clash = _clash(session, campaign)
    if clash is not None:
        raise BadCampaign(
            f"Khu vực này {week_vi(Week.parse(clash.week))} đã có chiến dịch “{clash.campaign.name}” đang chạy. "
            "Anh/chị chọn tuần khác hoặc dừng chiến dịch kia."
        )
    campaign.state, campaign.launched_at = CampaignState.LAUNCHED, now
    access.note(session, person, "campaign.launch", str(campaign.id), now, detail=campaign.name)
    return campaign


def stop(session: Session, campaign: Campaign, person: Person | None, now: datetime) -> Campaign:
    """Nothing more of it goes out; what was sent stays in the record. Weeks not sent yet are free for another."""
    campaign.state = CampaignState.STOPPED
    deliveries.cancel_week(session, [rundown.id for rundown in campaign.rundowns], (Rung.ITEM,), now)
    duties.untie(session, campaign.rundowns)
    access.note(session, person, "campaign.stop", str(campaign.id), now)
    return campaign


def campaign_by_id(session: Session, campaign_id: int) -> Campaign:
    """Raises BadCampaign when there is none."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise BadCampaign(f"Không có chiến dịch số {campaign_id}. Anh/chị xem lại danh sách chiến dịch.")
    return campaign


def all_campaigns(session: Session) -> list[Campaign]:
    return list(session.scalars(select(Campaign).order_by(Campaign.id.desc())))


def launched_rundowns(session: Session, week: Week) -> list[Rundown]:
    """What goes out in a week, over all launched campaigns."""
    query = select(Rundown).join(Rundown.campaign).where(Rundown.week == str(week))
    launched = query.where(Campaign.state == CampaignState.LAUNCHED)
    return list(session.scalars(launched.order_by(Rundown.id)))


def stations_in(session: Session, scope_text: str, now: datetime) -> list[Station]:
    """The living stations of an area, by code of the commune."""
    today = now.astimezone(LOCAL).date()
    codes = [area.code for area in communes(session, Scope.parse(scope_text), today)]
    query = select(Station).where(Station.area_code.in_(codes), lasts(Station.active_to, today))
    return list(session.scalars(query.order_by(Station.area_code, Station.id)))


def first_free_week(session: Session, scope: Scope, week: Week) -> Week:
    """The first week from `week` on in which no launched campaign touches an area; at most a year ahead."""
    wanted = codes_in(session, scope.text)
    for later in range(MOST_WEEKS):
        running = launched_rundowns(session, week.shift(later))
        if not codes_in(session, *(one.campaign.scope for one in running)) & wanted:
            return week.shift(later)
    return week.shift(MOST_WEEKS)


def mandate_about(session: Session, scope: Scope) -> Mandate | None:
    """The mandate that a report over an area is about: one that covers it, else the first that lies in it."""
    try:
        return mandate_for(session, scope)
    except BadCampaign:
        wanted = codes_in(session, scope.text)
        known = session.scalars(select(Mandate).order_by(Mandate.id))
        return next((mandate for mandate in known if _covered(session, mandate) & wanted), None)


def mandate_for(session: Session, scope: Scope) -> Mandate:
    """The weekly mandate that covers an area: the narrowest one. Raises BadCampaign."""
    wanted = codes_in(session, scope.text)
    weekly = session.scalars(select(Mandate).where(Mandate.per == "week").order_by(Mandate.id))
    covering = [(len(codes), one) for one in weekly if wanted <= (codes := _covered(session, one))]
    if not covering:
        raise BadCampaign(
            "Chưa có chỉ tiêu phát cho khu vực này. Anh/chị nạp danh sách xã (loaxa areas load) trước."
        )
    return min(covering, key=lambda found: found[0])[1]


def widest_scope(session: Session) -> str:
    """The area to plan for when nobody names one: that of the mandate that covers most. Raises BadCampaign."""
    weekly = session.scalars(select(Mandate).where(Mandate.per == "week"))
    areas = [(len(codes_in(session, one.scope)), one.scope) for mandate in weekly for one in mandate.areas]
    if not areas:
        raise BadCampaign(
            "Chưa có khu vực nào có chỉ tiêu. Anh/chị nạp danh sách xã (loaxa areas load) trước."
        )
    return max(areas)[1]


def _covered(session: Session, mandate: Mandate) -> set[str]:
    return codes_in(session, *(area.scope for area in mandate.areas))


def _check(order: Order) -> None:
    if not order.name.strip():
        raise BadCampaign("Chiến dịch chưa có tên. Anh/chị đặt tên rồi lập lại.")
    if len(order.name.strip()) > MOST_NAME:
        raise BadCampaign(f"Tên chiến dịch quá dài, tối đa {MOST_NAME} chữ cái. Anh/chị đặt tên ngắn hơn.")
    if not 1 <= order.weeks <= MOST_WEEKS:
        raise BadCampaign(f"Số tuần phải từ 1 đến {MOST_WEEKS}.")


def _items(session: Session, slugs: Sequence[str]) -> list[Item]:
    cleared = {item.slug: item for item in items.all_items(session) if items.cleared_version(item)}
    if not cleared and not slugs:
        raise BadCampaign("Thư viện chưa có tin nào đã duyệt. Anh/chị thêm và duyệt tin trước.")
    for slug in slugs:
        if slug not in cleared:
            raise BadCampaign(f"Tin “{slug}” không có hoặc chưa duyệt nên chưa đưa vào chiến dịch được.")
    return [cleared[slug] for slug in slugs or cleared]


def _clash(session: Session, campaign: Campaign) -> Rundown | None:
    on = campaign.created_at.date()
    mine = {area.code for area in communes(session, Scope.parse(campaign.scope), on)}
    for rundown in campaign.rundowns:
        for other in launched_rundowns(session, Week.parse(rundown.week)):
            theirs = communes(session, Scope.parse(other.campaign.scope), on)
            if other.campaign.mandate_id == campaign.mandate_id and mine & {area.code for area in theirs}:
                return other
    return None
