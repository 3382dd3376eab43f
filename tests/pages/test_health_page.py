"""The page on the system itself: its processes, bots, queue and database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from airlog import campaigns, deliveries, health
from airlog.db import Session, store_seconds
from airlog.models import BotPace, Delivery, Node
from airlog.types import DeliveryState
from scheduler.plan import plan_items
from tests.page_world import ADMIN, WEEK, Browser, World


def node(world: World, name: str, silent_s: float, left: bool = False) -> None:
    def work(session: Session) -> None:
        row = Node(name=name, token=name, role="worker", host="máy-2", pid=7, started_at=world.clock.now())
        row.seen_at_s, row.left = store_seconds(session) - silent_s, left
        session.add(row)

    world.ask(work)


def bot(world: World, pause_s: float, slowness: float) -> None:
    def work(session: Session) -> None:
        until = store_seconds(session) + pause_s
        session.add(
            BotPace(channel="telegram", bot="4711", next_at_s=0.0, paused_until_s=until, slowness=slowness)
        )

    world.ask(work)


def due_for(world: World, length: timedelta) -> None:
    """This week's messages have been due for a while."""

    def work(session: Session) -> None:
        (rundown,) = campaigns.launched_rundowns(session, WEEK)
        deliveries.plan(session, plan_items(session, rundown, ("simulator",), world.clock.now()))
        session.execute(update(Delivery).values(due_at=world.clock.now() - length))

    world.ask(work)


def test_a_node_is_alive_dead_or_left(world: World) -> None:
    node(world, "a-song", 3)
    node(world, "b-chet", 21)
    node(world, "c-tat", 3, left=True)

    found = world.ask(health.machines).nodes

    assert [(one.name, one.state) for one in found] == [
        ("a-song", "alive"),
        ("b-chet", "dead"),
        ("c-tat", "left"),
    ]
    assert timedelta(seconds=21) <= found[1].silent < timedelta(seconds=60)


def test_the_age_of_the_queue_is_that_of_its_oldest_due_message(world: World) -> None:
    nothing = world.ask(lambda s: health.look(s, world.clock.now())).oldest_due
    due_for(world, timedelta(minutes=12))
    waiting = world.ask(lambda s: health.look(s, world.clock.now())).oldest_due
    world.ask(lambda s: s.execute(update(Delivery).values(state=DeliveryState.SENT)))

    assert nothing is None
    assert waiting == timedelta(minutes=12)
    assert world.ask(lambda s: health.look(s, world.clock.now())).oldest_due is None


def test_a_message_planned_for_later_does_not_age_the_queue(world: World) -> None:
    due_for(world, -timedelta(hours=3))
    assert world.ask(lambda s: health.look(s, world.clock.now())).oldest_due is None


def test_the_database_has_a_size(world: World) -> None:
    found = world.ask(health.machines)
    assert found.store_bytes > 500_000


async def test_the_page_shows_who_lives_who_pauses_and_how_old_the_queue_is(
    world: World, browser: Browser
) -> None:
    node(world, "may-gui-1", 3)
    node(world, "may-gui-2", 90)
    bot(world, pause_s=300, slowness=1.5)
    due_for(world, timedelta(minutes=12))

    page = (await browser(ADMIN).get("/health")).text

    assert "may-gui-1" in page and "đang chạy" in page
    assert "may-gui-2" in page and "mất liên lạc" in page
    assert "tạm nghỉ" in page and "đang gửi chậm 1,5 lần" in page
    assert "12 phút" in page and "Cơ sở dữ liệu" in page


async def test_a_store_that_no_process_works_on_says_so(browser: Browser) -> None:
    assert "Chưa có chương trình gửi nào báo về" in (await browser(ADMIN).get("/health")).text
