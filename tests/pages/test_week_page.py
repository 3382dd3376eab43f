"""The officer's week: what must not work first, then nudging, excusing, the picture and the table."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from PIL import Image
from sqlalchemy import func, select

from airlog import airchecks, record
from airlog.airchecks import KeptFile
from airlog.db import Session
from airlog.models import Audit, Delivery, Grant, LogEntry, Person, Station
from airlog.record import Source
from airlog.types import Rung
from tests.page_world import (
    ADMIN,
    EDITOR,
    FAR_ADMIN,
    FAR_OPERATOR,
    NATIONAL,
    OFFICER,
    OPERATOR,
    WEEK,
    Browser,
    World,
    version_in,
)

DAK_SAK, DAK_WIL = "24678", "24646"


def nudges(world: World) -> int:
    return (
        world.ask(lambda s: s.scalar(select(func.count(Delivery.id)).where(Delivery.rung == Rung.NUDGE))) or 0
    )


def airs(world: World, area_code: str, phone: str = OPERATOR) -> None:
    duty, person, now = world.duty_of(area_code), world.person(phone), world.clock.now()
    world.ask(
        lambda s: record.aired(
            s, s.merge(person), s.merge(duty), Source("simulator", "m1", now), now, aired_at=now
        )
    )


@pytest.mark.parametrize("phone", [OPERATOR, EDITOR])
async def test_the_week_is_closed_to_other_roles_and_the_refusal_is_written_down(
    world: World, browser: Browser, phone: str
) -> None:
    answer = await browser(phone).get(f"/week/{WEEK}")

    assert answer.status_code == 403
    assert world.ask(lambda s: s.scalar(select(func.count(Audit.id)).where(~Audit.allowed))) == 1


async def test_a_week_that_does_not_exist_is_said_to(browser: Browser) -> None:
    answer = await browser(OFFICER).get("/week/2026-W60")

    assert answer.status_code == 404
    assert "không có tuần 60" in answer.text


async def test_an_officer_sees_only_stations_of_the_own_area(browser: Browser) -> None:
    mine = (await browser(OFFICER).get(f"/week/{WEEK}")).text
    all_of_them = (await browser(NATIONAL).get(f"/week/{WEEK}")).text

    assert "Đắk Sắk" in mine and "Đắk Wil" not in mine
    assert "Đắk Wil" in all_of_them


async def test_another_areas_station_is_neither_shown_nor_nudged_nor_excused(
    world: World, browser: Browser
) -> None:
    duty, client = world.duty_of(DAK_WIL), browser(OFFICER)

    answers = [
        await client.get(f"/stations/{duty.station_id}"),
        await client.post(f"/week/{WEEK}/nudge/{duty.id}"),
        await client.post(f"/duty/{duty.id}/excuse", data={"reason": "broken", "note": "hỏng loa"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert nudges(world) == 0
    assert world.ask(lambda s: s.scalar(select(func.count(LogEntry.seq)))) == 0


async def test_an_operator_sees_the_own_station_without_phone_numbers_and_no_other(
    world: World, browser: Browser
) -> None:
    client = browser(OPERATOR)

    own = await client.get(f"/stations/{world.duty_of(DAK_SAK).station_id}")
    other = await client.get(f"/stations/{world.duty_of(DAK_WIL).station_id}")

    assert own.status_code == 200 and "0912" not in own.text
    assert other.status_code == 403


async def test_an_officer_sees_whom_to_call_and_gets_an_invite_code(world: World, browser: Browser) -> None:
    client = browser(OFFICER)
    page = f"/stations/{world.duty_of(DAK_SAK).station_id}"

    before = await client.get(page)
    await client.post(f"{page}/invite/{world.person(OPERATOR).id}")
    after = await client.get(page)

    assert "0912 000 002" in before.text and "Lấy mã mời" in before.text
    assert "mã mời" in after.text


async def test_nudging_everybody_asks_only_the_silent_ones_and_only_once_a_day(
    world: World, browser: Browser
) -> None:
    airs(world, DAK_SAK)
    client = browser(NATIONAL)

    first = await client.post(f"/week/{WEEK}/nudge")
    second = await client.post(f"/week/{WEEK}/nudge")

    assert first.headers["location"].endswith("nudged=1")  # Đắk Wil; nobody serves the other stations
    assert second.headers["location"].endswith("nudged=0")
    assert nudges(world) == 1


async def test_a_past_week_is_not_nudged(world: World, browser: Browser) -> None:
    answer = await browser(NATIONAL).post(f"/week/{WEEK.shift(-1)}/nudge")

    assert answer.status_code == 400 and nudges(world) == 0


@pytest.mark.parametrize("data", [{}, {"reason": "other"}, {"reason": "vì thế", "note": "x"}])
async def test_an_excuse_without_reason_and_words_is_refused(
    world: World, browser: Browser, data: dict[str, str]
) -> None:
    answer = await browser(OFFICER).post(f"/duty/{world.duty_of(DAK_SAK).id}/excuse", data=data)

    assert answer.status_code == 400
    assert "Chưa ghi gì vào nhật ký" in answer.text


async def test_an_excuse_is_a_line_of_the_log_with_its_reason(world: World, browser: Browser) -> None:
    duty = world.duty_of(DAK_SAK)

    await browser(OFFICER).post(
        f"/duty/{duty.id}/excuse", data={"reason": "broken", "note": "Loa đang sửa ở huyện cũ"}
    )

    entry = world.ask(lambda s: s.scalars(select(LogEntry)).one())
    assert (entry.kind, entry.reason, entry.channel) == ("excused", "broken", "web")
    assert world.ask(lambda s: s.get_one(Person, entry.person_id).phone) == OFFICER
    assert world.ask(record.verify) is None


async def test_a_reason_of_the_list_needs_no_further_words(world: World, browser: Browser) -> None:
    duty, client = world.duty_of(DAK_SAK), browser(OFFICER)

    answer = await client.post(f"/duty/{duty.id}/excuse", data={"reason": "weather"})
    sheet = (await client.get(f"/stations/{duty.station_id}")).text

    assert answer.status_code == 303
    assert "<span>Được miễn: Bão, lũ, thời tiết xấu</span>" in sheet, "the reason as it was chosen, once"


async def test_who_was_nudged_today_is_said_to_be_and_not_offered_again(
    world: World, browser: Browser
) -> None:
    duty, client = world.duty_of(DAK_WIL), browser(NATIONAL)
    nudge, page = f"/week/{WEEK}/nudge/{duty.id}", f"/week/{WEEK}"
    before = (await client.get(page)).text

    answer = await client.post(nudge, params={"q": "dak wil"})
    after = (await client.get(page)).text

    assert answer.headers["location"] == f"/week/{WEEK}?q=dak+wil&nudged=1", "the choice is kept"
    assert f'action="{nudge}"' in before and "Nhắc 28 đài chưa trả lời" in before
    assert f'action="{nudge}"' not in after and after.count("hôm nay đã nhắc") == 1
    assert "Nhắc 27 đài chưa trả lời" in after


async def test_two_operators_of_a_station_are_one_station_nudged(world: World, browser: Browser) -> None:
    world.ask(lambda s: s.add(_operator(s, DAK_WIL)))

    answer = await browser(NATIONAL).post(f"/week/{WEEK}/nudge")

    assert nudges(world) == 3
    assert answer.headers["location"].endswith("nudged=2")


async def test_nobody_who_waits_stands_in_the_list_twice(world: World, browser: Browser) -> None:
    page = (await browser(NATIONAL).get(f"/week/{WEEK}")).text

    assert page.count(f'action="/week/{WEEK}/nudge/{world.duty_of(DAK_WIL).id}"') == 1


async def test_a_station_with_a_name_of_its_own_is_told_from_others_of_its_commune(
    world: World, browser: Browser
) -> None:
    duty = world.duty_of(DAK_SAK)
    before = (await browser(OFFICER).get(f"/week/{WEEK}")).text

    world.ask(lambda s: setattr(s.get_one(Station, duty.station_id), "name", "Đài thôn Thái Học"))
    after = (await browser(OFFICER).get(f"/week/{WEEK}")).text

    assert "own-name" not in before
    assert '<span class="quiet own-name">Đài thôn Thái Học</span>' in after


async def test_the_page_hears_nothing_new_until_somebody_taps(world: World, browser: Browser) -> None:
    client = browser(OFFICER)
    first = await client.get(f"/week/{WEEK}/fragment")
    version = version_in(first.text)

    same = await client.get(f"/week/{WEEK}/fragment", params={"seen": version})
    airs(world, DAK_SAK)
    other = await client.get(f"/week/{WEEK}/fragment", params={"seen": version})

    assert same.status_code == 204
    assert other.status_code == 200 and version_in(other.text) != version


async def test_the_map_is_a_picture_as_wide_as_a_chat_shows_it(browser: Browser) -> None:
    answer = await browser(OFFICER).get(f"/week/{WEEK}/map.png")

    assert Image.open(io.BytesIO(answer.content)).width == 1080


async def test_the_table_has_one_row_for_each_station(world: World, browser: Browser) -> None:
    answer = await browser(NATIONAL).get(f"/week/{WEEK}.xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    codes = {cell.value for cell in sheet["A"]}
    assert len({code for code in codes if code and str(code).isdecimal()}) == 28


async def test_an_officer_of_no_station_sees_an_empty_week(browser: Browser) -> None:
    answer = await browser(FAR_ADMIN).get(f"/week/{WEEK}")

    assert answer.status_code == 200


async def test_a_week_without_duties_says_so(world: World, browser: Browser) -> None:
    world.clock.at += timedelta(weeks=20)

    assert (await browser(ADMIN).get("/week", follow_redirects=True)).status_code == 200


async def test_a_proof_opens_for_its_station_and_its_officer_only(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    airs(world, DAK_SAK)
    photo = tmp_path / ("a" * 64 + ".jpg")
    photo.write_bytes(b"a picture")
    world.ask(lambda s: _prove(s, photo, world))

    seen = {
        phone: (await browser(phone).get("/media/airchecks/1")).status_code
        for phone in (OFFICER, OPERATOR, FAR_OPERATOR, FAR_ADMIN, EDITOR)
    }

    assert seen == {OFFICER: 200, OPERATOR: 200, FAR_OPERATOR: 403, FAR_ADMIN: 403, EDITOR: 403}
    page = (await browser(OFFICER).get(f"/stations/{world.duty_of(DAK_SAK).station_id}")).text
    assert "/media/airchecks/1" in page


def _operator(session: Session, area_code: str) -> Grant:
    """A second one, whose phone is the far operator's office mate's."""
    editor = session.scalars(select(Person).where(Person.phone == EDITOR)).one()
    return Grant(person_id=editor.id, role="operator", scope=area_code, valid_from=WEEK.shift(-4).starts_at)


def _prove(session: Session, photo: Path, world: World) -> None:
    entry = session.scalars(select(LogEntry)).one()
    airchecks.keep(session, entry, entry.person, KeptFile("photo", "image/jpeg", photo, 9), world.clock.now())
