"""A chat stops working: the item goes to the next one, the officer hears of it once a day, and nobody gets it twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from airlog import deliveries, people
from airlog.models import Delivery
from airlog.types import DeliveryState, Rung
from scheduler.channel import ChannelError
from tests.fakes import BLOCKED, NO_ANSWER
from tests.world import CUC, HANH, LAN, SON, World, chat, person_of


@pytest.fixture
def second_chat(world: World) -> str:
    """Hạnh has another chat, after her first."""
    world.ask(
        lambda s: people.add_address(
            s, person_of(s, HANH), "chat", "bot", "hanh-2", world.now + timedelta(hours=1)
        )
    )
    return "hanh-2"


def states(world: World, rung: Rung) -> list[DeliveryState]:
    query = select(Delivery.state).where(Delivery.rung == rung).order_by(Delivery.id)
    return world.ask(lambda s: list(s.scalars(query)))


def told(world: World) -> list[str]:
    return [m.text for m in world.channel.got(chat(CUC)) if "không còn nhắn được" in m.text]


async def test_the_item_goes_to_the_next_chat_of_a_person_who_blocked_the_first(
    world: World, second_chat: str
) -> None:
    world.launch()
    world.channel.fail(chat(HANH), BLOCKED)
    await world.at(0, "07:30")
    await world.later(minutes=1)
    await world.later(minutes=1)

    assert len(world.channel.got(chat(HANH))) == len(world.channel.got(second_chat)) == 1
    assert sorted(row.state for row in world.rows(HANH)) == ["failed", "sent"]


async def test_an_item_of_unknown_fate_does_not_go_to_the_next_chat(world: World, second_chat: str) -> None:
    world.launch()
    world.channel.fail(chat(HANH), NO_ANSWER)
    await world.at(0, "07:30")
    await world.later(minutes=1)

    assert world.channel.got(second_chat) == []


async def test_the_officer_hears_once_of_all_that_one_broadcast_lost(world: World, second_chat: str) -> None:
    world.launch()
    for phone in (HANH, SON):
        world.channel.fail(chat(phone), BLOCKED)
    await world.at(0, "07:30")
    assert told(world) == [], "more may be lost in this same broadcast"
    for _ in range(8):
        await world.later(minutes=10)

    (text,) = told(world)
    assert "2 cán bộ" in text
    assert "Trần Thị Hạnh" in text and "đã chuyển sang" in text
    assert "Lê Văn Sơn" in text and "chưa có cách nhắn khác" in text


async def test_whoever_is_lost_later_that_day_is_told_of_the_next_day(world: World) -> None:
    world.launch()
    world.channel.fail(chat(SON), BLOCKED)
    await world.at(0, "07:30")
    await world.later(minutes=1)
    await world.later(minutes=20)
    world.ask(lambda s: deliveries.block(person_of(s, LAN).addresses[0], "người dùng đã chặn bot", world.now))
    await world.later(hours=5)
    assert len(told(world)) == 1
    await world.at(1, "08:00")
    await world.later(minutes=20)

    assert len(told(world)) == 2
    assert "Phạm Thị Lan" in told(world)[1] and "Lê Văn Sơn" not in told(world)[1]


async def test_a_message_to_an_officer_that_may_have_come_is_sent_again_and_says_so(world: World) -> None:
    world.launch()
    world.channel.fail(chat(SON), BLOCKED)
    world.channel.fail(chat(CUC), NO_ANSWER)
    await world.at(0, "07:30")
    await world.later(minutes=1)
    await world.later(minutes=10)
    await world.later(minutes=5)

    first, second = told(world)
    assert not first.startswith("(Tin này có thể") and second.startswith("(Tin này có thể đã tới")
    assert states(world, Rung.LOST) == [DeliveryState.SENT]


async def test_an_officer_whom_nothing_reaches_is_not_tried_for_ever(world: World) -> None:
    world.launch()
    world.channel.fail(chat(SON), BLOCKED)
    world.channel.fail(chat(CUC), *[NO_ANSWER] * 20)
    await world.at(0, "07:30")
    for _ in range(30):
        await world.later(minutes=5)

    assert len(told(world)) == deliveries.REPEATS
    assert states(world, Rung.LOST) == [DeliveryState.FAILED]


async def test_a_busy_service_moves_nobody_to_another_chat(world: World, second_chat: str) -> None:
    world.launch()
    world.channel.fail(chat(HANH), ChannelError("máy chủ bận"))
    await world.at(0, "07:30")
    await world.later(minutes=1)

    assert world.channel.got(second_chat) == []
    assert [row.state for row in world.rows(HANH)] == [DeliveryState.SENT]
