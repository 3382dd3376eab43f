"""Campaigns: bad orders first, then one from the form to the messages, and stopped."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from airlog import campaigns, deliveries
from airlog.models import Campaign
from airlog.types import CampaignState
from scheduler.plan import plan_duties, plan_items
from tests.page_world import ADMIN, AREA, EDITOR, FAR_ADMIN, OFFICER, WEEK, Browser, World

FORM = {
    "name": "Mùa mưa an toàn",
    "scope": AREA,
    "start": "2027-W05",
    "weeks": "4",
    "weekday": "0",
    "hour": "07:30",
}


async def planned(browser: Browser, **changed: str) -> str:
    answer = await browser(ADMIN).post("/campaigns/new", data=FORM | changed)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@pytest.mark.parametrize("phone", [EDITOR, OFFICER])
async def test_only_admins_make_campaigns(browser: Browser, phone: str) -> None:
    assert (await browser(phone).post("/campaigns/new", data=FORM)).status_code == 403


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": " "}, "chưa có tên"),
        ({"weeks": "bốn"}, "không đọc được"),
        ({"weeks": "99"}, "từ 1 đến 53"),
        ({"hour": "25h"}, "Chưa hiểu giờ"),
        ({"start": "2027-W60"}, "không có tuần 60"),
        ({"scope": "99999"}, "Không có xã, phường nào"),
        ({"scope": "abc"}, "không đúng dạng"),
        ({"scope": "01"}, "không thuộc phạm vi"),
        ({"weekday": "9"}, "Chưa chọn ngày gửi"),
    ],
)
async def test_a_bad_order_comes_back_with_the_reason_and_what_was_typed(
    browser: Browser, changed: dict[str, str], said: str
) -> None:
    answer = await browser(ADMIN).post("/campaigns/new", data=FORM | changed)

    assert answer.status_code == 422
    assert said in answer.text
    assert "2027-W05" in answer.text


async def test_an_admin_of_another_province_neither_sees_nor_stops_it(world: World, browser: Browser) -> None:
    client = browser(FAR_ADMIN)

    answers = [await client.get("/campaigns/1"), await client.post("/campaigns/1/stop")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "Mỗi tuần một tin" not in (await client.get("/campaigns")).text
    assert world.ask(lambda s: campaigns.campaign_by_id(s, 1)).state is CampaignState.LAUNCHED


async def test_two_campaigns_do_not_run_in_the_same_week_and_area(world: World, browser: Browser) -> None:
    path = await planned(browser, start=str(WEEK.next()))

    answer = await browser(ADMIN).post(f"{path}/launch")

    assert answer.status_code == 422
    assert "đã có chiến dịch “Mỗi tuần một tin”" in answer.text


async def test_a_campaign_that_is_not_there_is_said_to(browser: Browser) -> None:
    assert (await browser(ADMIN).get("/campaigns/99")).status_code == 404


async def test_the_empty_list_says_what_to_do(browser: Browser) -> None:
    assert "Chưa có chiến dịch nào" in (await browser(FAR_ADMIN).get("/campaigns")).text


async def test_the_preview_shows_who_gets_what_when_and_sends_nothing(world: World, browser: Browser) -> None:
    path = await planned(browser)

    page = (await browser(ADMIN).get(path)).text

    assert "28 đài, 2 cán bộ truyền thanh; 2 người nhận được tin" in page
    assert "26 đài chưa có ai nhận tin" in page
    assert "Tuần 5 (1-7/2)" in page and "gửi 07 giờ 30, thứ Hai 1/2" in page
    assert "Khởi chạy" in page and "Dừng" not in page
    assert (
        world.ask(lambda s: s.scalars(select(Campaign).order_by(Campaign.id.desc())).first()).state
        == "planned"
    )


async def test_a_launched_campaign_shows_each_persons_message_and_can_be_stopped(
    world: World, browser: Browser
) -> None:
    path = await planned(browser)
    client = browser(ADMIN)
    await client.post(f"{path}/launch")
    again = await client.post(f"{path}/launch")
    world.clock.at = (first := WEEK.parse("2027-W05")).starts_at
    world.ask(lambda s: plan_duties(s, first, world.clock.now()))
    campaign_id = int(path.rpartition("/")[2])
    world.ask(
        lambda s: deliveries.plan(
            s,
            plan_items(
                s, campaigns.campaign_by_id(s, campaign_id).rundowns[0], ("simulator",), world.clock.now()
            ),
        )
    )

    later = browser(ADMIN)  # two months on, the first session is over
    page = (await later.get(path)).text
    week = (await later.get(f"{path}/weeks/{first}?fate=queued")).text
    stopped = await later.post(f"{path}/stop")

    assert again.status_code == 303
    assert "2 đang chờ" in page and "Lê Văn Nam" in week
    assert stopped.headers["location"].endswith("done=stopped")
    assert world.ask(lambda s: campaigns.campaign_by_id(s, campaign_id)).state is CampaignState.STOPPED


async def test_chosen_items_are_the_only_ones_used(browser: Browser) -> None:
    path = await planned(browser, slugs="an-toan-khi-dung-mang")

    page = (await browser(ADMIN).get(path)).text

    assert page.count("/items/an-toan-khi-dung-mang") == 4
