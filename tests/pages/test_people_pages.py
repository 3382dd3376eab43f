"""Lists of people are taken in whole or not at all; areas are loaded; codes are handed out."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from airlog.models import Person, Station
from tests.page_world import ADMIN, FAR_ADMIN, NATIONAL, OFFICER, Browser, World

HEAD = "ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai\n"
GOOD = HEAD + "Y Ngọc Anh,0987654321,operator,24664,\nH'Bia Êban,987654322,officer,663,\n"


def people(world: World) -> int:
    return world.ask(lambda s: s.scalar(select(func.count(Person.id)))) or 0


async def test_the_list_is_for_admins(browser: Browser) -> None:
    assert (await browser(OFFICER).get("/people")).status_code == 403
    assert (await browser(OFFICER).post("/people/invites.csv")).status_code == 403


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "Y Ngọc Anh,0987654321,operator,24664,\nA,12,chef,99999,\n", "Dòng 3, cột vai_tro"),
        (HEAD + "Y Ngọc Anh,0987654321,operator,01,\n", "nằm ngoài khu vực"),
        ("ten,so\nA,1\n", "thiếu cột"),
        (HEAD, "không có dòng nào"),
    ],
)
async def test_one_bad_row_keeps_the_whole_list_out(
    world: World, browser: Browser, text: str, said: str
) -> None:
    before = people(world)

    answer = await browser(ADMIN).post("/people/import", data={"text": text, "sure": "1"})

    assert answer.status_code == 422 and said in answer.text
    assert people(world) == before


async def test_a_list_that_is_no_text_is_refused(browser: Browser) -> None:
    answer = await browser(ADMIN).post("/people/import", files={"file": ("ds.csv", b"\xff\xfe\x00")})

    assert answer.status_code == 422 and "UTF-8" in answer.text


async def test_a_good_list_is_shown_before_anything_is_stored(world: World, browser: Browser) -> None:
    before, client = people(world), browser(ADMIN)

    shown = await client.post("/people/import", files={"file": ("ds.csv", GOOD.encode())})
    at_that_time = people(world)
    stored = await client.post("/people/import", data={"text": GOOD, "sure": "1"})

    assert "0987 654 322" in shown.text and at_that_time == before
    assert "people_added=2" in stored.headers["location"] and people(world) == before + 2


async def test_the_codes_open_in_a_spreadsheet_with_their_accents(browser: Browser) -> None:
    answer = await browser(ADMIN).post("/people/invites.csv")

    assert answer.content.startswith("\ufeffho_ten".encode())
    assert "Lê Văn Nam,+84912000002,operator" in answer.text


async def test_an_area_beyond_the_admins_own_is_not_loaded(world: World, browser: Browser) -> None:
    answer = await browser(FAR_ADMIN).post("/areas", data={"scope": "68"})

    assert answer.status_code == 403
    assert world.ask(lambda s: s.scalar(select(func.count(Station.id)))) == 28


async def test_an_area_that_does_not_exist_is_said_to(browser: Browser) -> None:
    answer = await browser(ADMIN).post("/areas", data={"scope": "68/Tỉnh Không Có"})

    assert answer.status_code == 422 and "Không có xã, phường nào" in answer.text


async def test_loading_a_province_adds_the_missing_stations_and_only_once(
    world: World, browser: Browser
) -> None:
    client = browser(ADMIN)

    first = await client.post("/areas", data={"scope": "68"})
    second = await client.post("/areas", data={"scope": "68"})

    assert "stations=96&communes=124" in first.headers["location"]
    assert "stations=0&communes=124" in second.headers["location"]


async def test_health_tells_machines_little_and_admins_more(world: World, browser: Browser) -> None:
    machine = await browser().get("/healthz")
    admin = await browser(ADMIN).get("/health")

    assert machine.json() == {"ok": True, "overdue": 0}
    assert "fake-voice" in admin.text
    assert (await browser(NATIONAL).get("/health")).status_code == 403
