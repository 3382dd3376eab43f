"""The review queue: what must not work first, then a decision with one press."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from airlog import airchecks, inquiries, record
from airlog.airchecks import KeptFile
from airlog.db import Session
from airlog.models import Duty, LogEntry, Person
from airlog.record import Source
from tests.page_world import FAR_ADMIN, NATIONAL, OFFICER, OPERATOR, WEEK, Browser, World, version_in

DAK_SAK = "24678"


@pytest.fixture(autouse=True)
def stated_and_over(world: World) -> None:
    """Đắk Sắk stated that it aired; it is Monday after."""
    duty, person, now = world.duty_of(DAK_SAK), world.person(OPERATOR), world.clock.now()
    source = Source("simulator", "m1", now)
    world.ask(lambda s: record.aired(s, s.merge(person), s.merge(duty), source, now, aired_at=now))
    world.clock.at = WEEK.ends_at + timedelta(hours=1)


def lines(world: World) -> int:
    return world.ask(lambda s: s.scalar(select(func.count(LogEntry.seq)))) or 0


def last(world: World) -> LogEntry:
    return world.ask(lambda s: s.scalars(select(LogEntry).order_by(LogEntry.seq.desc()).limit(1)).one())


async def decide(browser: Browser, world: World, phone: str = OFFICER, **data: str) -> int:
    path = f"/reviews/{WEEK}/{world.duty_of(DAK_SAK).id}"
    return (await browser(phone).post(path, data={"seq": "1", **data})).status_code


async def test_another_areas_officer_decides_nothing(world: World, browser: Browser) -> None:
    assert await decide(browser, world, FAR_ADMIN, decision="accepted") == 403
    assert lines(world) == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"decision": "rejected"}, 400),
        ({"decision": "queried", "note": " "}, 400),
        ({"decision": "perhaps", "note": "x"}, 400),
        ({"decision": "accepted", "seq": "9"}, 400),
        ({"decision": "accepted", "seq": "x"}, 422),
    ],
)
async def test_a_decision_that_makes_no_sense_is_refused(
    world: World, browser: Browser, data: dict[str, str], status: int
) -> None:
    assert await decide(browser, world, **data) == status
    assert lines(world) == 1


async def test_a_duty_that_does_not_exist_is_said_to(browser: Browser) -> None:
    answer = await browser(OFFICER).post(f"/reviews/{WEEK}/99999", data={"seq": "1", "decision": "accepted"})

    assert answer.status_code == 404


async def test_accepting_takes_one_press_and_the_queue_is_empty(world: World, browser: Browser) -> None:
    client = browser(OFFICER)
    before = (await client.get(f"/reviews/{WEEK}")).text

    await decide(browser, world, decision="accepted")

    assert world.settled == [], "nobody's message changes"
    assert "Xã Đắk Sắk" in before
    assert "Không còn xác nhận nào chờ xem xét" in (await client.get(f"/reviews/{WEEK}")).text
    assert (last(world).kind, last(world).verdict) == ("reviewed", "accepted")


async def test_a_rejection_brings_its_reason_into_the_log_and_onto_the_sheet(
    world: World, browser: Browser
) -> None:
    await decide(browser, world, decision="rejected", note="Ảnh của tuần trước")

    assert world.settled == [world.duty_of(DAK_SAK).id], "the operators' messages are brought up to it"
    sheet = (await browser(OFFICER).get(f"/stations/{world.duty_of(DAK_SAK).station_id}")).text
    assert "không chấp nhận · Ảnh của tuần trước" in sheet
    assert "0</strong><span>/4" in (await browser(OFFICER).get(f"/week/{WEEK}")).text


async def test_the_sample_is_named_with_its_seed_and_asks_for_proof(world: World, browser: Browser) -> None:
    page = (await browser(OFFICER).get(f"/reviews/{WEEK}")).text

    await decide(browser, world, decision="proof")

    assert "trong mẫu: đề nghị gửi bằng chứng" in page and "Mã bốc thăm" in page
    assert (last(world).verdict, last(world).note) == ("queried", "Đề nghị gửi bằng chứng")


async def test_a_running_week_has_no_sample_yet(world: World, browser: Browser) -> None:
    page = (await browser(OFFICER).get(f"/reviews/{WEEK.next()}")).text

    assert "Mẫu bốc thăm có khi tuần kết thúc" in page


async def test_the_proofs_stand_beside_the_statement(world: World, browser: Browser, tmp_path: Path) -> None:
    photo = tmp_path / ("a" * 64 + ".jpg")
    photo.write_bytes(b"a picture")
    world.ask(lambda s: _prove(s, photo, world))

    page = (await browser(NATIONAL).get(f"/reviews/{WEEK}")).text

    assert 'src="/media/airchecks/1"' in page and "Chưa có bằng chứng" not in page


def _prove(session: Session, photo: Path, world: World) -> None:
    entry = session.scalars(select(LogEntry)).one()
    airchecks.keep(session, entry, entry.person, KeptFile("photo", "image/jpeg", photo, 9), world.clock.now())


async def test_what_was_asked_back_is_listed_with_the_question_and_returns_with_the_answer(
    world: World, browser: Browser
) -> None:
    queried, client = f"/reviews/{WEEK}?verdict=queried", browser(OFFICER)
    await decide(browser, world, decision="queried", note="Loa nào đã phát")
    asked = (await client.get(queried)).text

    duty, operator, now = world.duty_of(DAK_SAK), world.person(OPERATOR), world.clock.now()
    world.ask(lambda s: _answer(s, s.merge(duty), s.merge(operator), now))
    answered = (await client.get(f"/reviews/{WEEK}")).text

    assert "hỏi: “Loa nào đã phát”" in asked and "Đài chưa trả lời câu hỏi này" in asked
    assert "trả lời: “Loa thôn 3”" in answered and "Đài chưa trả lời" not in answered


def _answer(session: Session, duty: Duty, person: Person, now: datetime) -> None:
    asked = inquiries.of_duty(session, duty)
    assert asked is not None
    inquiries.answer(session, person, asked, "Loa thôn 3", Source("simulator", "m2", now), now)


async def test_an_open_queue_hears_of_a_new_statement(world: World, browser: Browser) -> None:
    client = browser(OFFICER)
    version = version_in((await client.get(f"/reviews/{WEEK}")).text)

    same = await client.get(f"/reviews/{WEEK}/fragment", params={"seen": version})
    await decide(browser, world, decision="accepted")
    other = await client.get(f"/reviews/{WEEK}/fragment", params={"seen": version})

    assert (same.status_code, other.status_code) == (204, 200)
