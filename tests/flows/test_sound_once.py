"""Several processes want the same sound: one makes it, and a dead one does not keep the others waiting."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta

from sqlalchemy import update

from airlog import nodes
from airlog.models import Node
from airlog.nodes import DEAD_S, Me
from scheduler.tick import Tick
from tests.world import HANH, WEEK, World


def node_of(world: World, token: str) -> Tick:
    """Another process on the same store."""
    world.ask(lambda s: nodes.join(s, Me(token, token, "worker", "elsewhere", 1), world.now))
    return Tick(
        world.db, world.studio, world.ticker.jobs, world.ladder, ("chat",), world.clock, node=token
    )  # fmt: skip


async def test_two_nodes_that_want_one_sound_make_it_once_and_the_item_waits_for_it(world: World) -> None:
    world.launch()
    ticks = [node_of(world, "a"), node_of(world, "b")]
    world.clock.forward_to(WEEK.at(0, time(7, 30)))
    await asyncio.gather(*(tick.run() for tick in ticks))
    assert world.channel.requests == [], "nobody gets the bare script while the sound is in the making"
    for tick in ticks:
        await tick.finish(timedelta(seconds=20))
    await ticks[1].run()

    assert len(world.studio.made) == 1
    assert [one.sound is not None for one in world.channel.got(f"chat-{HANH}")] == [True]


async def test_a_node_that_dies_while_it_makes_a_sound_is_followed_by_another(world: World) -> None:
    world.launch()
    dying, other = node_of(world, "a"), node_of(world, "b")
    world.clock.forward_to(WEEK.at(0, time(7, 30)))
    world.studio.trouble.append(asyncio.CancelledError())  # type: ignore[arg-type]
    await dying.run()
    await dying.finish(timedelta(seconds=20))
    world.studio.trouble.clear()
    await other.run()
    assert world.channel.requests == [], "the first may still be at it"

    silent = update(Node).where(Node.name == "a").values(seen_at_s=Node.seen_at_s - DEAD_S - 1)
    world.ask(lambda s: s.execute(silent))
    await other.run()
    await other.finish(timedelta(seconds=20))
    await other.run()

    assert [one.sound is not None for one in world.channel.got(f"chat-{HANH}")] == [True]
