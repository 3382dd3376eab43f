"""At night nothing is sent unasked but the week's item, at its own hour, and recalls."""

from __future__ import annotations

from pathlib import Path

import pytest

from audio.clip import ClipRefused
from bot.desk import Desk
from bot.handlers import handle
from scheduler.channel import Incoming
from scheduler.plan import plan_nudges
from tests.fakes import NO_ANSWER, REFUSED
from tests.world import CUC, DAK_SAK, MINH, SON, WEEK, World, chat

ITEM = "item"


@pytest.fixture(autouse=True)
def launched(world: World) -> None:
    world.launch()


async def test_a_nudge_at_night_waits_for_the_morning(world: World) -> None:
    await world.at(0, "07:30")
    await world.at(1, "22:00")
    duty = world.duties()[DAK_SAK]
    assert world.ask(lambda s: plan_nudges(s, WEEK, [duty.id], ("chat",), world.now)) == 2

    await world.at(2, "05:59")
    assert world.arrived(SON) == [ITEM]
    await world.at(2, "06:00")
    assert world.arrived(SON) == [ITEM, "nudge"]


async def test_a_nudge_that_could_not_leave_before_the_night_waits_too(world: World) -> None:
    await world.at(0, "07:30")
    await world.at(1, "20:59")
    world.channel.fail(chat(SON), REFUSED)
    world.ask(lambda s: plan_nudges(s, WEEK, [world.duties()[DAK_SAK].id], ("chat",), world.now))
    await world.later(seconds=1)

    await world.at(1, "21:30")
    assert world.deliveries(SON) == [(ITEM, "sent"), ("nudge", "queued")]
    await world.at(2, "06:00")

    assert world.arrived(SON) == [ITEM, "?", "nudge"]


async def test_the_question_about_a_message_of_unknown_fate_waits(world: World) -> None:
    world.channel.fail(chat(SON), NO_ANSWER)
    await world.at(0, "21:30")
    await world.later(minutes=10)
    assert world.arrived(SON) == ["?"], "the item itself goes at any hour"

    await world.at(1, "06:00")

    assert world.arrived(SON) == ["?", "ask"]


async def test_an_alert_to_the_admin_waits(world: World) -> None:
    world.studio.trouble.append(ClipRefused("im lặng"))
    await world.at(0, "00:30")
    assert world.arrived(MINH) == []

    await world.at(0, "06:00")

    assert world.arrived(MINH) == ["alert"]


async def test_the_item_goes_at_its_own_hour_even_at_night(world: World) -> None:
    await world.at(0, "22:00")
    assert world.arrived(SON) == [ITEM]


async def test_the_officers_letter_waits(world: World) -> None:
    await world.at(0, "07:30")
    await world.at(5, "23:00")
    assert world.arrived(CUC) == []

    await world.at(6, "06:00")

    assert world.arrived(CUC) == ["escalation"]


def test_whoever_plans_an_item_for_the_night_is_warned(world: World, tmp_path: Path) -> None:
    early, day = told(world, tmp_path, "camp:1:9:0-0530"), told(world, tmp_path, "camp:1:9:0-0730")

    assert "Lưu ý: giờ gửi 05 giờ 30 nằm trong giờ nghỉ" in early
    assert "Lưu ý" not in day


def told(world: World, folder: Path, data: str) -> str:
    world.said += 1
    incoming = Incoming("chat", "bot", str(world.said), chat(MINH), "press", world.now, data, "m0")
    with world.db.session() as session:
        return handle(session, incoming, Desk(("chat",), "http://x", folder), world.now).messages[0].text
