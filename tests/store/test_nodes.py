"""Processes that share a store: who is alive, who may use a name, whose work is taken over."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from sqlalchemy import select, update

import scheduler.nodes
from airlog import nodes
from airlog.freeze import Witness
from airlog.models import Node
from airlog.nodes import DEAD_S, Me
from scheduler.nodes import Heartbeat, NameTaken, join, me
from tests.world import World


def elsewhere(name: str, token: str) -> Me:
    """A process on another machine: whether it lives only its heartbeat tells."""
    return Me(name, token, "worker", "another-machine", 1)


def age(world: World, name: str, seconds: float) -> None:
    world.ask(
        lambda s: s.execute(update(Node).where(Node.name == name).values(seen_at_s=Node.seen_at_s - seconds))
    )


def joined(world: World, who: Me) -> bool:
    return world.ask(lambda s: nodes.join(s, who, world.now)) is None


def test_a_new_name_is_free_and_a_live_one_is_not(world: World) -> None:
    assert joined(world, elsewhere("a", "1"))
    assert joined(world, elsewhere("b", "2"))
    assert not joined(world, elsewhere("a", "3"))
    assert joined(world, elsewhere("a", "1")), "the process itself may say so again"


def test_a_name_is_free_at_once_after_a_stop_in_good_order(world: World) -> None:
    first = elsewhere("a", "1")
    joined(world, first)
    world.ask(lambda s: nodes.leave(s, first))

    assert joined(world, elsewhere("a", "2"))
    assert world.ask(lambda s: nodes.beat(s, first)) is False, "the old process learns that its name is gone"


def test_a_silent_node_is_dead_and_its_claims_are_nobodys(world: World) -> None:
    joined(world, elsewhere("a", "1"))
    joined(world, elsewhere("b", "2"))
    age(world, "a", DEAD_S + 1)

    assert world.ask(nodes.dead) == ["a"]
    assert world.ask(nodes.live_tokens) == ["2"]
    world.ask(lambda s: nodes.beat(s, elsewhere("a", "1")))
    assert world.ask(nodes.dead) == [], "it only slept"


def test_of_two_that_take_a_dead_name_one_gets_it(world: World) -> None:
    joined(world, elsewhere("a", "1"))
    taken = [
        world.ask(lambda s, t=token: nodes.take_name(s, "1", elsewhere("a", t), world.now)) for token in "23"
    ]
    assert taken == [True, False]


async def test_a_process_of_this_machine_that_is_gone_gives_its_name_up_at_once(world: World) -> None:
    gone = Me("a", "1", "worker", me("a", "worker").host, 2**22 - 3)
    joined(world, gone)

    await asyncio.wait_for(join(world.db, me("a", "worker"), world.clock), 2)


async def test_a_name_whose_holder_beats_while_we_watch_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler.nodes, "BEAT_S", 0.1)
    holder = elsewhere("a", "1")
    joined(world, holder)

    async def live() -> None:
        while True:
            await world.db.run(nodes.beat, holder)
            await asyncio.sleep(0.03)

    beating = asyncio.create_task(live())
    with pytest.raises(NameTaken, match="LOAXA_NODE_NAME"):
        await join(world.db, me("a", "worker"), world.clock)
    beating.cancel()


async def test_a_name_whose_holder_on_another_machine_stays_silent_is_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler.nodes, "BEAT_S", 0.05)
    monkeypatch.setattr(scheduler.nodes, "DEAD_S", 0.3)
    joined(world, elsewhere("a", "1"))
    who = me("a", "worker")
    await join(world.db, who, world.clock)

    found = world.ask(lambda s: s.scalars(select(Node)).one())
    assert (found.token, found.pid, found.left) == (who.token, os.getpid(), False)


async def test_a_process_whose_name_was_taken_meanwhile_stops_beating(world: World, tmp_path: Path) -> None:
    """It was silent for too long; two of one name would both take that name's jobs."""
    mine = elsewhere("a", "1")
    joined(world, mine)
    world.ask(lambda s: nodes.take_name(s, "1", elsewhere("a", "2"), world.now))

    beating = Heartbeat(world.db, mine, None, Witness(world.db, tmp_path), world.clock)
    await asyncio.wait_for(beating.run(), 5)
