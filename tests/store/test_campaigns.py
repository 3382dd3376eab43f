"""Campaigns: what may be planned and launched, and what a stopped one leaves free."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from airlog import campaigns, deliveries, items
from airlog.campaigns import BadCampaign, Order
from airlog.db import Session
from airlog.models import Campaign, Delivery
from airlog.scope import BadScope, Scope
from airlog.types import CampaignState, DeliveryState
from content.season import Season
from content.week import Week
from scheduler.plan import plan_duties, plan_items
from tests.world import AREA, CHAU, HANH, WEEK, WORDS, World, order, person_of


def plan(world: World, asked: Order) -> Campaign:
    return world.ask(lambda s: campaigns.plan_campaign(s, asked, None, world.now))


def weeks_of(campaign: Campaign) -> list[str]:
    return [rundown.week for rundown in campaign.rundowns]


def queue(world: World, week: Week = WEEK) -> int:
    """Plan a week's messages as the tick does."""

    def work(session: Session) -> int:
        plan_duties(session, week, world.now)
        found = campaigns.launched_rundowns(session, week)
        return sum(
            deliveries.plan(session, plan_items(session, rundown, ("chat",), world.now)) for rundown in found
        )

    return world.ask(work)


def test_the_first_free_week_is_the_one_after_what_runs_in_the_area(world: World) -> None:
    world.launch(order(weeks=3))

    def free(scope: str) -> Week:
        return world.ask(lambda s: campaigns.first_free_week(s, Scope.parse(scope), WEEK))

    assert (free(AREA), free("01")) == (WEEK.shift(3), WEEK)


def stop(world: World, campaign: Campaign) -> None:
    world.ask(lambda s: campaigns.stop(s, s.get_one(Campaign, campaign.id), None, world.now))


def test_a_campaign_gives_each_week_one_item_at_its_hour(world: World) -> None:
    campaign = world.launch(order(weeks=7))

    assert weeks_of(campaign) == [
        "2026-W48",
        "2026-W49",
        "2026-W50",
        "2026-W51",
        "2026-W52",
        "2026-W53",
        "2027-W01",
    ]
    assert [r.send_at for r in campaign.rundowns] == [WEEK.shift(n).at(0, time(7, 30)) for n in range(7)]
    assert len({r.item_version_id for r in campaign.rundowns}) == 7


def test_a_second_campaign_over_the_same_weeks_is_refused(world: World) -> None:
    world.launch(order(weeks=2))

    with pytest.raises(BadCampaign, match=r"tuần 49 \(30/11-6/12\) đã có chiến dịch"):
        world.launch(order(weeks=2, start=WEEK.next(), scope="663"))


def test_other_weeks_or_another_area_are_no_overlap(world: World) -> None:
    world.launch(order(weeks=2, scope="663"))

    world.launch(order(weeks=2, scope="662"))
    world.launch(order(weeks=2, scope="663", start=WEEK.shift(2)))

    assert world.ask(lambda s: len(campaigns.launched_rundowns(s, WEEK))) == 2


def test_a_campaign_whose_weeks_are_over_is_refused(world: World) -> None:
    with pytest.raises(BadCampaign, match="đã qua"):
        world.launch(order(weeks=3, start=WEEK.shift(-3)))


def test_a_campaign_that_began_last_week_still_runs(world: World) -> None:
    assert world.launch(order(weeks=3, start=WEEK.shift(-1))).state is CampaignState.LAUNCHED


def test_launching_twice_is_launching_once(world: World) -> None:
    campaign = world.launch()
    world.clock.forward_to(world.now + timedelta(hours=1))

    again = world.ask(lambda s: campaigns.launch(s, s.get_one(Campaign, campaign.id), None, world.now))

    assert again.launched_at == WEEK.starts_at


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (order(weeks=0), "Số tuần phải từ 1 đến 53"),
        (order(weeks=54), "Số tuần phải từ 1 đến 53"),
        (Order("  ", AREA, WEEK, 1, 0, time(7)), "chưa có tên"),
        (order(slugs=("khong-co",)), "“khong-co” không có hoặc chưa duyệt"),
        (order(scope="01"), "Chưa có chỉ tiêu phát cho khu vực này"),
    ],
)
def test_what_cannot_be_planned_says_why(world: World, asked: Order, told: str) -> None:
    with pytest.raises(BadCampaign, match=told):
        plan(world, asked)


def test_an_unknown_area_is_refused(world: World) -> None:
    with pytest.raises(BadScope):
        plan(world, order(scope="99"))


def test_an_area_without_stations_cannot_be_launched(world: World) -> None:
    with pytest.raises(BadCampaign, match="chưa có đài nào"):
        world.launch(order(scope="661"))


def test_an_item_that_nobody_cleared_cannot_be_planned(world: World) -> None:
    item = world.ask(
        lambda s: items.add_item(
            s, person_of(s, CHAU), title="Tin mới", topic="policy", source="xã", script=WORDS, now=world.now
        )
    )

    with pytest.raises(BadCampaign, match="chưa duyệt"):
        plan(world, order(slugs=(item.slug,)))


def test_a_seasonal_item_lands_in_its_season_over_the_new_year(world: World) -> None:
    def planned(session: Session) -> list[tuple[str, Week, str | None]]:
        campaign = campaigns.plan_campaign(session, order(weeks=26), None, world.now)
        items_of = [(r.version.item, Week.parse(r.week)) for r in campaign.rundowns]
        return [(item.slug, week, item.season) for item, week in items_of]

    weeks = world.ask(planned)

    seasonal = [(week, Season.parse(season)) for _, week, season in weeks if season]
    assert seasonal and all(season.days_in(week) for week, season in seasonal)
    assert [slug for slug, _, _ in weeks].count("mua-sam-tet-an-toan") == 1


def test_a_stopped_campaign_sends_nothing_more(world: World) -> None:
    campaign = world.launch()
    assert queue(world) == 4

    stop(world, campaign)

    assert {row.state for row in world.rows(HANH)} == {DeliveryState.CANCELLED}
    assert queue(world) == 0


def test_a_week_that_a_stopped_campaign_had_not_sent_goes_to_the_next(world: World) -> None:
    stopped = world.launch()
    queue(world)
    stop(world, stopped)

    after = world.launch(order(slugs=("an-toan-khi-dung-mang",)))

    assert queue(world) == 4
    assert {duty.rundown_id for duty in world.duties().values()} == {after.rundowns[0].id}


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING])
def test_a_week_that_went_out_stays_with_the_campaign_that_sent_it(
    world: World, state: DeliveryState
) -> None:
    stopped = world.launch()
    queue(world)
    world.ask(lambda s: s.query(Delivery).update({"state": state}))
    stop(world, stopped)

    world.launch(order(slugs=("an-toan-khi-dung-mang",)))

    assert queue(world) == 0
    assert {duty.rundown_id for duty in world.duties().values()} == {stopped.rundowns[0].id}
