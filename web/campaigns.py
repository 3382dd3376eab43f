"""Campaigns: asked for, shown as who gets what when, launched, watched, stopped."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from airlog import access, area_rights, campaign_reads, campaigns, items, recording_needs, roster
from airlog.access import ADMINS
from airlog.campaign_reads import CampaignLine, WeekOfCampaign
from airlog.campaigns import BadCampaign, Order
from airlog.db import Session
from airlog.models import Campaign, Person, Rundown
from airlog.reach import Reach, reach
from airlog.recording_needs import Waiting
from airlog.scope import BadScope
from content import ladder_messages
from content.languages import names_of
from content.typed_time import BadTime, parse_time_vi
from content.week import BadWeek, Week
from content.wording import WEEKDAYS
from web import extra_items, recall_view
from web.auth import Signed, Visit, needs
from web.delivery_signs import FATES, fate_sign
from web.extra_items import Act, WeekExtras
from web.pages import see_other
from web.recall_view import Banner
from web.there import there
from web.troubles import NotThere

router = APIRouter(prefix="/campaigns", dependencies=[Depends(needs(*ADMINS))])
WEEKS_AHEAD = 26
Turn = Callable[[Session, Campaign, Person, datetime], object]
_DONE = {
    "launched": "Đã khởi chạy. Tin của từng tuần tự đi vào giờ đã hẹn.",
    "stopped": "Đã dừng. Các tuần sau không gửi nữa.",
    "items": "Đã đổi tin của tuần. Bản âm thanh được làm lại trước giờ gửi.",
}


Choices = list[tuple[str, str]]
"""Entries to choose from, as (value, label)."""


@dataclass(frozen=True)
class Typed:
    """The form as it was filled in."""

    name: Annotated[str, Form()] = ""
    scope: Annotated[str, Form()] = ""
    start: Annotated[str, Form()] = ""
    weeks: Annotated[str, Form()] = ""
    weekday: Annotated[str, Form()] = "0"
    hour: Annotated[str, Form()] = ""
    slugs: Annotated[tuple[str, ...], Form()] = ()


@dataclass(frozen=True)
class Lack:
    """An item of a week that lacks something in these languages."""

    slug: str
    title: str
    languages: str


@dataclass(frozen=True)
class CampaignPage:
    line: CampaignLine
    weeks: tuple[WeekOfCampaign, ...]
    reach: Reach
    may_launch: bool
    may_stop: bool
    banners: tuple[Banner, ...]
    recallable: Mapping[Week, int]
    """The rundowns of weeks, up to the next one, whose item can be recalled."""
    waiting: Mapping[Week, tuple[Lack, ...]]
    """What must still be recorded for a week, from this one on."""
    unheard: Mapping[Week, tuple[Lack, ...]]
    """What was recorded and nobody has heard and cleared: the week goes without it."""
    extras: Mapping[Week, WeekExtras]
    choices: Choices
    """Cleared items that can be added to a week."""


@router.get("")
async def all_campaigns(visit: Signed) -> Response:
    return visit.page("campaigns.html", lines=await visit.read(_lines))


@router.get("/new")
async def new_form(visit: Signed) -> Response:
    return await _form(visit, Typed(start=str(Week.of(visit.now).next()), weeks="4", hour="07:30"))


@router.post("/new")
async def plan(visit: Signed, typed: Annotated[Typed, Depends()]) -> Response:
    try:
        campaign_id = await visit.run(_plan, _order(typed))
    except (BadCampaign, BadScope, BadWeek, BadTime, access.NotAllowed) as error:
        return await _form(visit, typed, 422, str(error))
    return see_other(f"/campaigns/{campaign_id}")


@router.get("/{campaign_id}")
async def one_campaign(visit: Signed, campaign_id: int, done: str = "") -> Response:
    found = await visit.run(_page, campaign_id, visit.parts.channels)
    return visit.page(
        "campaign.html",
        campaign=found,
        banners=found.banners,
        night=_night(visit, found),
        done=_DONE.get(done, ""),
        this_week=Week.of(visit.now),
        fates=FATES,
        sign_of=fate_sign,
    )


def _night(visit: Visit, campaign: CampaignPage) -> str:
    """A warning when the items will come while people sleep; empty when not, or when nothing is to come."""
    ladder = visit.parts.ladder
    coming = [one.send_at for one in campaign.weeks if one.send_at > visit.now]
    at_night = next((moment for moment in coming if ladder.is_quiet(moment)), None)
    return ladder_messages.item_in_quiet_hours(at_night, ladder.after_quiet(at_night)) if at_night else ""


@router.post("/{campaign_id}/launch")
async def launch(visit: Signed, campaign_id: int) -> Response:
    await visit.run(_turn, campaign_id, campaigns.launch)
    return see_other(f"/campaigns/{campaign_id}?done=launched")


@router.post("/{campaign_id}/weeks/{week}/items")
async def change_items(
    visit: Signed,
    campaign_id: int,
    week: str,
    act: Annotated[Act, Form()],
    slug: Annotated[str, Form()] = "",
    version: Annotated[int, Form()] = 0,
) -> Response:
    """Add a further item to a week, take it out, or read it earlier; only before anything of the week was sent."""
    await visit.run(_change_items, campaign_id, week, act, slug, version)
    return see_other(f"/campaigns/{campaign_id}?done=items#tuan-{week}")


@router.post("/{campaign_id}/stop")
async def stop(visit: Signed, campaign_id: int) -> Response:
    await visit.run(_turn, campaign_id, campaigns.stop)
    return see_other(f"/campaigns/{campaign_id}?done=stopped")


def _order(typed: Typed) -> Order:
    """Raises BadCampaign, BadWeek, BadTime."""
    if not typed.weeks.isdecimal():
        raise BadCampaign(f"Số tuần “{typed.weeks}” không đọc được. Anh/chị ghi một số, ví dụ 4.")
    if typed.weekday not in set("0123456"):
        raise BadCampaign("Chưa chọn ngày gửi trong tuần.")
    return Order(
        name=typed.name,
        scope=typed.scope.strip(),
        start=Week.parse(typed.start),
        weeks=int(typed.weeks),
        weekday=int(typed.weekday),
        hour=parse_time_vi(typed.hour),
        slugs=typed.slugs,
    )


async def _form(visit: Visit, typed: Typed, status: int = 200, error: str = "") -> Response:
    areas, choices = await visit.read(_choices)
    first = Week.of(visit.now)
    return visit.page(
        "campaign_new.html",
        status,
        typed=typed,
        error=error,
        areas=areas,
        items=choices,
        weeks=[first.shift(n) for n in range(WEEKS_AHEAD)],
        weekdays=list(enumerate(WEEKDAYS)),
    )


def _choices(session: Session, person: Person, now: datetime) -> tuple[Choices, Choices]:
    return roster.area_names(session, person, now), _cleared(session)


def _cleared(session: Session) -> Choices:
    return [(i.slug, i.title) for i in items.all_items(session) if items.cleared_version(i)]


def _lines(session: Session, person: Person, now: datetime) -> list[CampaignLine]:
    """Those inside the admin's own areas, newest first."""
    mine = [
        campaign
        for campaign in campaigns.all_campaigns(session)
        if area_rights.covers(session, person, ADMINS, campaign.scope, now)
    ]
    return campaign_reads.campaign_lines(session, mine, now)


def _plan(session: Session, person: Person, now: datetime, order: Order) -> int:
    area_rights.require_area(session, person, ADMINS, order.scope, "campaign.plan", now)
    return campaigns.plan_campaign(session, order, person, now).id


def _page(
    session: Session, person: Person, now: datetime, campaign_id: int, channels: Sequence[str]
) -> CampaignPage:
    campaign = campaign_of(session, person, now, campaign_id)
    ahead = [one for one in campaign.rundowns if Week.parse(one.week) >= Week.of(now)]
    waiting = recording_needs.waiting(session, ahead)
    return CampaignPage(
        line=campaign_reads.campaign_lines(session, [campaign], now)[0],
        weeks=tuple(campaign_reads.weeks_of(session, campaign)),
        reach=reach(session, campaign.scope, channels, now),
        may_launch=campaign.state == "planned",
        may_stop=campaign.state == "launched" and any(r.send_at > now for r in campaign.rundowns),
        banners=tuple(recall_view.banners(session, person, now, campaign.rundowns)),
        recallable={
            Week.parse(one.week): one.id
            for one in campaign.rundowns
            if Week.parse(one.week) <= Week.of(now).next() and recall_view.may_ask(session, person, one, now)
        },
        waiting=_lacks((one, one.languages) for one in waiting),
        unheard=_lacks((one, one.unheard) for one in waiting),
        extras=extra_items.of_campaign(session, campaign, now),
        choices=_cleared(session),
    )


def _lacks(found: Iterable[tuple[Waiting, Sequence[str]]]) -> dict[Week, tuple[Lack, ...]]:
    """By week; weeks that lack nothing are left out."""
    by_week: dict[Week, tuple[Lack, ...]] = {}
    for one, codes in found:
        if codes:
            by_week[one.week] = (*by_week.get(one.week, ()), Lack(one.slug, one.title, names_of(codes)))
    return by_week


def _change_items(
    session: Session,
    person: Person,
    now: datetime,
    campaign_id: int,
    week: str,
    act: Act,
    slug: str,
    version_id: int,
) -> None:
    rundown = rundown_of(session, person, now, campaign_id, week)
    extra_items.change(session, person, now, rundown, act, slug, version_id)


def _turn(session: Session, person: Person, now: datetime, campaign_id: int, turn: Turn) -> None:
    turn(session, campaign_of(session, person, now, campaign_id), person, now)


def rundown_of(session: Session, person: Person, now: datetime, campaign_id: int, label: str) -> Rundown:
    """A week of such a campaign. Raises BadWeek too."""
    campaign = campaign_of(session, person, now, campaign_id)
    return there(
        campaign_reads.rundown_of(campaign, Week.parse(label)),
        "Chiến dịch này không có tuần đó. Anh/chị xem lại các tuần ở trang chiến dịch.",
    )


def campaign_of(session: Session, person: Person, now: datetime, campaign_id: int) -> Campaign:
    """A campaign that lies in the person's own area. Raises NotThere, NotAllowed (and writes the refusal down)."""
    try:
        campaign = campaigns.campaign_by_id(session, campaign_id)
    except BadCampaign as error:
        raise NotThere(str(error)) from error
    area_rights.require_area(session, person, ADMINS, campaign.scope, "campaign.open", now)
    return campaign
