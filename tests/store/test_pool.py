"""The pool of bots: counted once for all processes, room for fifty, and admins told once when a month runs low."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from airlog import linking, people, pool
from airlog.db import Session
from airlog.models import BotMonth, Delivery
from airlog.pool import Limits, PoolFull, Seat
from airlog.types import DeliveryState, Rung
from content.week import LOCAL
from scheduler.budget import count_sent
from scheduler.compose import compose
from tests.count_process import count as count_in_process
from tests.world import CHAU, CUC, HANH, LAN, MINH, SON, World, person_of

FIRST, SECOND = "700800900", "700800901"


def count(world: World, bot: str = FIRST, now: datetime | None = None) -> int:
    return world.ask(lambda s: pool.count(s, "zalo", bot, now or world.now))


def used(world: World, bot: str, messages: int) -> None:
    month = BotMonth(channel="zalo", bot=bot, month="2026-11", sent=messages)
    world.ask(lambda s: s.merge(month))


def tie(world: World, phone: str, bot: str = FIRST) -> None:
    def work(session: Session) -> None:
        people.add_address(session, person_of(session, phone), "zalo", bot, f"z-{phone}", world.now)

    world.ask(work)


def seats(world: World, *bots: str, limits: Limits = Limits()) -> dict[str, Seat]:
    found = world.ask(lambda s: pool.seats(s, "zalo", bots, limits, world.now))
    return {seat.bot: seat for seat in found}


def bot_for(world: World, phone: str, limits: Limits, *bots: str) -> str:
    def work(session: Session) -> str:
        return pool.with_room(session, "zalo", bots, limits, world.now, person_of(session, phone))

    return world.ask(work)


def alerts(world: World) -> list[Delivery]:
    query = select(Delivery).where(Delivery.rung == Rung.ALERT).order_by(Delivery.id)
    return world.ask(lambda s: list(s.scalars(query).unique()))


def sends(world: World, budget: int, times: int = 1) -> None:
    for _ in range(times):
        world.ask(lambda s: count_sent(s, "zalo", FIRST, budget, ("chat",), world.now))


def test_two_processes_that_count_at_once_lose_nothing_and_never_agree(world: World) -> None:
    url = world.db.url.render_as_string(hide_password=False)

    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        jobs = [processes.submit(count_in_process, url, FIRST, 40, world.now) for _ in range(2)]
        told = [number for job in jobs for number in job.result(60)]

    assert sorted(told) == list(range(1, 81))


def test_each_bot_and_each_month_counts_for_itself(world: World) -> None:
    last = datetime(2026, 11, 30, 23, 59, 59, tzinfo=LOCAL)

    assert [count(world, FIRST, last), count(world, FIRST, last), count(world, SECOND, last)] == [1, 2, 1]
    assert count(world, FIRST, last + timedelta(seconds=1)) == 1
    assert world.ask(lambda s: pool.sent_in(s, "zalo", FIRST, "2026-11")) == 2


def test_a_full_pool_takes_nobody(world: World) -> None:
    tie(world, HANH)
    tie(world, SON, SECOND)

    with pytest.raises(PoolFull, match="đã đủ người"):
        bot_for(world, LAN, Limits(people=1), FIRST, SECOND)


def test_a_bot_that_is_not_set_has_no_room(world: World) -> None:
    with pytest.raises(PoolFull, match="chưa tạo mã"):
        bot_for(world, LAN, Limits())


def test_bots_with_room_but_no_messages_left_take_nobody_this_month(world: World) -> None:
    used(world, FIRST, 3000)

    with pytest.raises(PoolFull, match="đầu tháng sau"):
        bot_for(world, LAN, Limits(), FIRST)
    used(world, FIRST, 2999)
    assert bot_for(world, LAN, Limits(), FIRST) == FIRST


def test_the_bot_with_the_fewest_people_is_chosen_then_the_one_that_sent_least(world: World) -> None:
    used(world, FIRST, 10)
    assert bot_for(world, LAN, Limits(), FIRST, SECOND) == SECOND

    tie(world, HANH, SECOND)
    assert bot_for(world, LAN, Limits(), FIRST, SECOND) == FIRST


def test_a_code_that_waits_keeps_its_place_but_not_from_its_own_person(world: World) -> None:
    world.ask(lambda s: linking.begin(s, person_of(s, HANH), [FIRST], Limits(people=1), world.now))

    with pytest.raises(PoolFull):
        bot_for(world, LAN, Limits(people=1), FIRST)
    assert bot_for(world, HANH, Limits(people=1), FIRST) == FIRST
    world.clock.forward_to(world.now + linking.CODE_LIFE)
    assert bot_for(world, LAN, Limits(people=1), FIRST) == FIRST


def test_who_left_or_was_released_frees_a_place_and_who_is_not_reached_keeps_it(world: World) -> None:
    for phone in (HANH, SON, LAN, CHAU):
        tie(world, phone)

    def work(session: Session) -> None:
        person_of(session, HANH).left_at = world.now
        chat = linking.chat_of(session, person_of(session, SON))
        lost = linking.chat_of(session, person_of(session, LAN))
        assert chat and lost
        linking.release(session, chat, person_of(session, CUC), world.now)
        lost.blocked_at = world.now

    world.ask(work)

    assert seats(world, FIRST)[FIRST].people == 2


def test_a_bot_that_is_no_longer_set_is_shown_while_it_has_people(world: World) -> None:
    tie(world, HANH, "700800999")

    found = seats(world, FIRST)

    assert [(seat.bot, seat.is_set, seat.people) for seat in found.values()] == [
        (FIRST, True, 0),
        ("700800999", False, 1),
    ]


def test_admins_hear_once_of_each_level_of_a_month(world: World) -> None:
    sends(world, 10, 6)
    assert alerts(world) == []

    sends(world, 10, 4)

    keys = [row.key for row in alerts(world)]
    assert [key.rpartition(":2026-W48")[0] for key in keys] == [
        "-:month:zalo:700800900:2026-11:70:10",
        "-:month:zalo:700800900:2026-11:90:10",
    ]
    assert {row.person_id for row in alerts(world)} == {world.person(MINH).id}


def test_a_week_later_nobody_is_told_again_but_next_month_they_are(world: World) -> None:
    sends(world, 10, 8)
    world.clock.forward_to(datetime(2026, 11, 30, 12, tzinfo=LOCAL))
    sends(world, 10)
    before = len(alerts(world))
    world.clock.forward_to(datetime(2026, 12, 1, 0, 0, tzinfo=LOCAL))
    sends(world, 10, 7)

    assert (before, len(alerts(world))) == (2, 3)


def test_a_budget_set_lower_in_mid_month_is_told_with_the_next_message(world: World) -> None:
    sends(world, 3000, 20)
    sends(world, 21)

    assert [":90:21:" in row.key for row in alerts(world)] == [True]


def test_the_alert_says_which_bot_how_many_and_what_follows(world: World) -> None:
    sends(world, 10, 9)

    def text(session: Session) -> str:
        row = session.get_one(Delivery, alerts(world)[-1].id)
        return compose(session, row, world.now).message.text

    told = world.ask(text)
    assert "Bot Zalo 700800900 đã gửi 9/10 tin của tháng 11, quá 90 %" in told
    assert "thôi trả lời câu xác nhận" in told and "tin tuần" in told


async def test_the_alert_leaves_by_itself(world: World) -> None:
    await world.at(0, "09:00")
    sends(world, 10, 7)

    await world.later(minutes=1)

    assert [row.state for row in alerts(world)] == [DeliveryState.SENT]
    assert "quá 70 %" in world.channel.requests[-1].message.text
