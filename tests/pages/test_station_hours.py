"""Officers put a station's hours on record, and are told what waits for the morning."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import func, select

from airlog.models import Audit, Station
from tests.page_world import ADMIN, AREA, FAR_ADMIN, OFFICER, OPERATOR, WEEK, Browser, World

DAK_SAK = "24678"


def station(world: World) -> Station:
    return world.ask(lambda s: s.scalars(select(Station).where(Station.area_code == DAK_SAK)).one())


@pytest.mark.parametrize("phone", [OPERATOR, FAR_ADMIN])
async def test_only_the_areas_officer_may_change_the_hours(
    world: World, browser: Browser, phone: str
) -> None:
    here = station(world)
    answer = await browser(phone).post(f"/stations/{here.id}/hours", data={"days": "2", "hours": "5h-6h"})

    assert (answer.status_code, station(world).hours_known) == (403, False)
    assert world.ask(lambda s: s.scalar(select(func.count(Audit.id)).where(~Audit.allowed))) == 1


@pytest.mark.parametrize(("days", "hours"), [("9", "5h-6h"), ("2-7", "sáng"), ("2", ""), ("7-2", "5h-6h")])
async def test_hours_that_cannot_be_read_change_nothing(
    world: World, browser: Browser, days: str, hours: str
) -> None:
    here = station(world)
    answer = await browser(OFFICER).post(f"/stations/{here.id}/hours", data={"days": days, "hours": hours})

    after = station(world)
    assert answer.status_code == 400 and "Anh/chị ghi như" in answer.text
    assert (after.airing_hours, after.hours_known) == (here.airing_hours, False)


async def test_hours_are_put_on_record_as_people_write_them(world: World, browser: Browser) -> None:
    here = station(world)
    answer = await browser(OFFICER).post(
        f"/stations/{here.id}/hours", data={"days": "2-4,CN", "hours": "5h-6h, 17:00-17:30"}
    )
    after, page = station(world), await browser(OFFICER).get(f"/stations/{here.id}?done=hours")

    assert answer.status_code == 303
    assert (after.airing_days, after.airing_hours, after.hours_known) == (
        "1237",
        "05:00-06:00,17:00-17:30",
        True,
    )
    assert "Đã ghi giờ phát của đài" in page.text and 'value="2,3,4,CN"' in page.text


async def test_a_nudge_at_night_says_that_it_waits(world: World, browser: Browser) -> None:
    day = await browser(OFFICER).get(f"/week/{WEEK}?nudged=3")
    world.clock.forward_to(WEEK.at(2, time(22, 30)))
    night = await browser(OFFICER).get(f"/week/{WEEK}?nudged=3")

    assert "Tin đang được gửi đi" in day.text
    assert "Tin đang được gửi đi" not in night.text and "lời nhắc đợi đến" in night.text


async def test_a_campaign_whose_items_come_at_night_warns_its_admin(world: World, browser: Browser) -> None:
    form = {
        "name": "Tin sớm", "scope": AREA, "start": "2027-W05", "weeks": "2", "weekday": "0",
        "hour": "05:30",
    }  # fmt: skip
    made = await browser(ADMIN).post("/campaigns/new", data=form)
    page = await browser(ADMIN).get(made.headers["location"])

    assert "nằm trong giờ nghỉ" in page.text
    assert "nằm trong giờ nghỉ" not in (await browser(ADMIN).get("/campaigns/1")).text
