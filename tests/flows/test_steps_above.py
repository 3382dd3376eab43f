"""The steps above the operator: the commune leader, the officer, the province; one letter a day; what is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from airlog import contact_cap, deliveries, people
from airlog.db import Session
from airlog.deliveries import Wanted
from airlog.models import Delivery, Grant
from airlog.types import RoleKind, Rung
from content.week import LOCAL
from scheduler.plan import plan_nudges
from tests.fakes import REFUSED
from tests.world import (
    CUC,
    DAK_SAK,
    DAK_WIL,
    HANH,
    LAN,
    MINH,
    SON,
    THUAN_AN,
    WEEK,
    World,
    bind,
    chat,
    person_of,
)

ITEM, FIRST, SECOND = "item", "reminder_1", "reminder_2"
LEADER, ABOVE = "0912000011", "0912000012"


@pytest.fixture(autouse=True)
def launched(world: World) -> None:
    world.launch()


def comes(world: World, phone: str, role: str, *scopes: str) -> None:
    """One more person, with a chat."""
    rows = "".join(f"Bùi Văn Thêm {phone[-2:]},{phone},{role},{scope}\n" for scope in scopes)
    world.ask(
        lambda s: people.import_people(s, f"ho_ten,dien_thoai,vai_tro,ma_don_vi\n{rows}".encode(), world.now)
    )
    world.ask(lambda s: bind(s, phone, world.now))


def texts(world: World, phone: str) -> list[str]:
    return [message.text for message in world.channel.got(chat(phone))]


async def week_of(world: World, *moments: tuple[int, str]) -> None:
    for day, clock in moments:
        await world.at(day, clock)


REMINDED = ((0, "07:30"), (3, "08:00"), (4, "14:00"))


async def test_the_commune_leader_hears_after_both_reminders_about_all_of_their_stations_at_once(
    world: World,
) -> None:
    comes(world, LEADER, "leader", DAK_SAK, THUAN_AN)
    await week_of(world, *REMINDED, (4, "17:59"))
    assert world.arrived(LEADER) == []

    await week_of(world, (4, "18:00"), (4, "20:00"), (5, "09:00"), (6, "09:00"))

    (text,) = texts(world, LEADER)
    assert world.arrived(LEADER) == ["leader"]
    assert "xã Đắk Sắk" in text and "xã Thuận An" in text and "0912 000 002" in text
    assert "Đắk Wil" not in text


async def test_a_commune_without_a_leader_in_the_list_skips_the_step(world: World) -> None:
    comes(world, LEADER, "leader", DAK_WIL)
    await world.at(0, "07:30")
    world.says_aired(HANH, DAK_WIL)

    await week_of(world, *REMINDED[1:], (4, "18:00"), (5, "08:00"))

    assert world.arrived(LEADER) == []
    assert world.arrived(CUC) == ["escalation"]


async def test_a_leader_is_not_told_at_night(world: World) -> None:
    world.ladder = replace(world.ladder, leader_grace=world.ladder.leader_grace * 2)
    world.start()
    comes(world, LEADER, "leader", DAK_SAK)

    await week_of(world, *REMINDED, (4, "22:00"), (5, "05:59"))
    assert world.arrived(LEADER) == []
    await world.at(5, "06:00")
    assert world.arrived(LEADER) == ["leader"]


async def test_a_leaders_letter_does_not_leave_once_the_stations_answered(world: World) -> None:
    comes(world, LEADER, "leader", DAK_SAK)
    world.channel.fail(chat(LEADER), REFUSED)
    await week_of(world, *REMINDED, (4, "18:00"))
    assert world.deliveries(LEADER) == [("leader", "retrying")]

    world.says_aired(SON, DAK_SAK)
    await world.later(hours=1)

    assert world.deliveries(LEADER) == [("leader", "cancelled")]


async def test_the_province_hears_on_sunday_what_the_officer_heard_on_saturday(world: World) -> None:
    await week_of(world, *REMINDED, (5, "08:00"), (6, "07:59"))
    assert world.arrived(MINH) == []

    await week_of(world, (6, "08:00"), (6, "12:00"))

    (text,) = texts(world, MINH)
    assert world.arrived(MINH) == ["province"]
    assert "3 đài chưa trả lời" in text and "người phụ trách đã được báo" in text


async def test_an_officer_of_the_whole_province_comes_before_its_admins(world: World) -> None:
    comes(world, ABOVE, "officer", "68")

    await week_of(world, *REMINDED, (5, "08:00"), (6, "08:00"))

    assert world.arrived(ABOVE) == ["province"], "not on Saturday: the stations have a nearer officer"
    assert (world.arrived(CUC), world.arrived(MINH)) == (["escalation"], [])


async def test_an_officer_of_the_province_alone_is_the_officer(world: World) -> None:
    world.ask(_cuc_gets_the_province)

    await week_of(world, *REMINDED, (5, "08:00"), (6, "08:00"))

    assert (world.arrived(CUC), world.arrived(MINH)) == (["escalation"], ["province"])


def _cuc_gets_the_province(session: Session) -> None:
    session.query(Grant).filter_by(role=RoleKind.OFFICER).one().scope = "68"


async def test_a_week_in_which_all_aired_bothers_nobody_above(world: World) -> None:
    await world.at(0, "07:30")
    for phone, commune in ((HANH, DAK_WIL), (SON, DAK_SAK), (LAN, THUAN_AN)):
        world.says_aired(phone, commune)

    await week_of(world, (5, "08:00"), (6, "08:00"), (7, "08:00"))

    assert (world.arrived(CUC), world.arrived(MINH)) == (["digest"], [])


async def test_the_province_is_not_told_once_everybody_answered(world: World) -> None:
    world.channel.fail(chat(MINH), REFUSED)
    await week_of(world, *REMINDED, (5, "08:00"), (6, "08:00"))
    for phone, commune in ((HANH, DAK_WIL), (SON, DAK_SAK), (LAN, THUAN_AN)):
        world.says_aired(phone, commune)

    await world.later(hours=1)

    assert world.deliveries(MINH) == [("province", "cancelled")]


@pytest.mark.parametrize("rung", deliveries.ANSWERABLE)
async def test_nothing_about_a_duty_leaves_once_somebody_answered(world: World, rung: Rung) -> None:
    await week_of(world, (0, "07:30"), (1, "09:00"))
    duty, address = world.duties()[DAK_SAK], world.rows(SON)[0].address
    due_at = world.now + timedelta(hours=1)
    world.ask(lambda s: deliveries.plan(s, [Wanted(rung, address, str(WEEK), due_at, duty.id)]))

    world.says_aired(LAN, DAK_SAK)
    await world.later(hours=1)

    assert world.deliveries(SON) == [(ITEM, "sent"), (rung, "cancelled")]


# ---- one letter a day ------------------------------------------------------------------------------------------------


def loses(world: World, phone: str) -> None:
    world.ask(
        lambda s: deliveries.block(person_of(s, phone).addresses[0], "người dùng đã chặn bot", world.now)
    )


async def test_who_was_lost_stands_in_the_letter_of_that_day(world: World) -> None:
    await week_of(world, *REMINDED, (5, "07:30"))
    loses(world, SON)

    await week_of(world, (5, "07:50"), (5, "08:00"), (5, "12:00"))

    (text,) = texts(world, CUC)
    assert world.arrived(CUC) == ["escalation"]
    assert "chưa trả lời" in text and "Lê Văn Sơn" in text


async def test_who_is_lost_after_the_letter_is_told_of_the_next_day(world: World) -> None:
    await week_of(world, *REMINDED, (5, "08:00"), (5, "08:01"))
    loses(world, SON)

    await week_of(world, (5, "09:00"), (5, "20:00"))
    assert world.arrived(CUC) == ["escalation"]

    await week_of(world, (6, "00:30"), (6, "06:00"), (6, "12:00"))
    assert world.arrived(CUC) == ["escalation", "lost"]


async def test_no_officer_gets_two_letters_on_one_day_in_a_month(world: World) -> None:
    for number in range(4):
        week = WEEK.shift(number)
        await world.at(0, "07:30", week)
        for day in range(7):
            loses(world, (HANH, SON, LAN)[day % 3])
            for clock in ("00:10", "06:00", "07:50", "08:00", "12:00", "20:59", "22:00"):
                await world.at(day, clock, week)
            for phone in (HANH, SON, LAN):
                world.ask(lambda s, phone=phone: people.back(person_of(s, phone).addresses[0]))

    days = world.ask(letter_days)
    assert len(days) > 20 and len(days) == len(set(days))


def letter_days(session: Session) -> list[date]:
    """The local days on which the officer got a letter."""
    query = select(Delivery.sent_at).where(
        Delivery.rung.in_(deliveries.LETTERS), Delivery.person_id == person_of(session, CUC).id
    )
    return [at.astimezone(LOCAL).date() for at in session.scalars(query) if at]


# ---- enough is enough ------------------------------------------------------------------------------------------------


async def test_a_person_hears_no_more_than_the_most_a_week_and_the_officer_sees_what_was_left_out(
    world: World,
) -> None:
    world.ladder = replace(world.ladder, most_a_week=3)
    world.start()
    await world.at(0, "07:30")
    for day in range(1, 5):
        await world.at(day, "09:00")
        world.ask(
            lambda s: plan_nudges(s, WEEK, [d.id for d in world.duties().values()], ("chat",), world.now)
        )
        await world.later(minutes=1)

    await world.at(5, "08:00")

    assert len(world.arrived(SON)) == 1 + 3, "the item does not count"
    assert len(world.arrived(LAN)) == 2 + 3, "over both of her stations"
    letter = texts(world, CUC)[-1]
    assert "đã đủ số tin trong tuần" in letter and "Lê Văn Sơn" in letter and "Phạm Thị Lan" in letter
    reasons = {row.error for row in world.rows(SON) if row.state == "failed"}
    assert reasons == {contact_cap.REASON}


async def test_a_new_week_begins_with_none(world: World) -> None:
    world.ladder = replace(world.ladder, most_a_week=1)
    world.start()
    await week_of(world, *REMINDED)
    assert world.arrived(SON) == [ITEM, FIRST]

    await world.at(0, "07:30", WEEK.next())
    await world.at(3, "08:00", WEEK.next())

    assert world.arrived(SON) == [ITEM, FIRST, ITEM, FIRST]


async def test_officers_hear_of_the_week_however_much_they_heard(world: World) -> None:
    world.ladder = replace(world.ladder, most_a_week=1)
    world.start()
    await world.at(1, "09:00")
    loses(world, SON)
    await week_of(world, (1, "09:15"), (1, "09:30"), (3, "08:00"), (4, "14:00"), (5, "08:00"))

    assert world.arrived(CUC) == ["lost", "escalation"]
