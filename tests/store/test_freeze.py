"""A restored backup has forgotten what was sent: nothing leaves until somebody has looked, and nothing leaves twice."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from airlog import deliveries, freeze
from airlog.db import Database
from airlog.freeze import WITNESS, Thawed, Witness
from airlog.models import Audit, Delivery
from airlog.types import DeliveryState, Rung
from bot.thawing import thaw
from content.week import Week
from tests.conftest import Stores
from tests.fakes import REFUSED
from tests.world import CUC, DAK_WIL, HANH, LAN, SON, WEEK, World, build_world, chat

OPERATORS = (HANH, SON, LAN)
SECOND = timedelta(seconds=1)


class Machine:
    """The program, its var folder, and backups of its store."""

    def __init__(self, world: World, stores: Stores, kind: str, folder: Path) -> None:
        self.world, self.var = world, folder / "var"
        self.var.mkdir()
        self._stores, self._kind, self._folder = stores, kind, folder
        self.witness = Witness(world.db, self.var)

    def beat(self) -> bool:
        """What the heartbeat does, a while after the last."""
        self.world.clock.forward_to(self.world.now + freeze.BEAT_EVERY)
        return self.witness.beat(self.world.now)

    async def on(self, day: int, clock: str) -> None:
        """Work at a time of the week: beat, tick, beat."""
        self.beat()
        await self.world.at(day, clock)
        self.beat()

    def backup(self) -> str:
        """A copy of the store as it is."""
        self.world.db.close()
        if self._kind == "postgresql":
            return self._stores._on_server(f"TEMPLATE {self.world.db.url.database}")
        copy = self._folder / f"backup-{self.world.now:%d%H%M%S}.db"
        shutil.copyfile(str(self.world.db.url.database), copy)
        return f"sqlite:///{copy}"

    def restore(self, copy: str) -> None:
        """Put a copy in the store's place and start the program anew. The service keeps what it was sent."""
        self.world.db.close()
        if self._kind == "postgresql":
            url = self._stores._on_server(f"TEMPLATE {make_url(copy).database}")
        else:
            path = Path(str(self.world.db.url.database))
            for part in path.parent.glob(f"{path.name}-*"):
                part.unlink()
            shutil.copyfile(copy.removeprefix("sqlite:///"), path)
            url = f"sqlite:///{path}"
        before, self.world = self.world, build_world(url, self._folder)
        self.world.clock.forward_to(before.now)
        self.world.channel = before.channel
        self.world.start()
        self.witness = Witness(self.world.db, self.var)

    def thaw(self, *early: Week) -> Thawed:
        world = self.world

        def job(session: freeze.Session) -> Thawed:
            gap = freeze.state(session)
            assert gap is not None
            return thaw(session, gap, world.ladder, ("chat",), world.now, early)

        return world.ask(job)

    @property
    def frozen(self) -> bool:
        return self.world.ask(freeze.is_frozen)

    def arrived(self) -> Counter[str]:
        """How many messages with sound each chat was sent."""
        return Counter(one.chat_id for one in self.world.channel.requests if one.message.sound)


@pytest.fixture
def machine(world: World, stores: Stores, store_kind: str, tmp_path: Path) -> Machine:
    world.launch()
    return Machine(world, stores, store_kind, tmp_path)


def states(world: World, rung: Rung) -> list[str]:
    query = select(Delivery.state).where(Delivery.rung == rung).order_by(Delivery.id)
    return world.ask(lambda s: [str(state) for state in s.scalars(query)])


# ---- a backup put back ---------------------------------------------------------------------------------


async def test_a_week_restored_from_before_its_hour_is_asked_about_and_sent_to_nobody_again(
    machine: Machine,
) -> None:
    await machine.on(0, "07:00")
    copy = machine.backup()
    await machine.on(0, "07:30")
    await machine.on(0, "07:40")
    sent = machine.arrived()

    machine.restore(copy)
    assert machine.beat() and machine.frozen
    await machine.world.at(0, "08:00")
    assert machine.arrived() == sent and set(sent) == {chat(one) for one in OPERATORS}

    done = machine.thaw()
    await machine.world.at(0, "08:30")
    await machine.world.at(0, "09:00")

    assert done.items == 4 and machine.arrived() == sent and not machine.frozen
    assert machine.world.arrived(HANH)[-1] == "ask" and machine.world.arrived(LAN).count("ask") == 2
    assert states(machine.world, Rung.ITEM) == ["unknown"] * 4


async def test_rows_that_waited_when_the_backup_was_made_are_asked_about_too(machine: Machine) -> None:
    machine.world.channel.fail(chat(SON), REFUSED)
    await machine.on(0, "07:30")
    copy = machine.backup()
    await machine.on(0, "08:30")
    assert machine.world.deliveries(SON) == [("item", "sent")]

    machine.restore(copy)
    machine.beat()
    done = machine.thaw()
    await machine.world.at(0, "09:00")

    assert done.items == 1
    assert machine.world.deliveries(SON) == [("item", "unknown"), ("ask", "sent")]
    assert machine.world.deliveries(HANH) == [("item", "sent")]


async def test_somebody_who_says_it_never_came_gets_it_once(machine: Machine) -> None:
    await machine.on(0, "07:00")
    copy = machine.backup()
    await machine.on(0, "07:05")
    machine.restore(copy)
    machine.beat()
    machine.world.ask(
        lambda s: freeze.freeze(s, None, machine.world.now + timedelta(hours=1), machine.world.now)
    )
    machine.thaw()
    await machine.world.at(0, "08:40")
    await machine.world.at(0, "08:50")

    duty = machine.world.duties()[DAK_WIL]
    address = machine.world.rows(HANH)[0].address
    machine.world.ask(lambda s: deliveries.resend(s, duty, address, machine.world.now))
    await machine.world.later(minutes=1)
    await machine.world.later(minutes=1)

    assert machine.arrived() == Counter({chat(HANH): 1})


async def test_a_reminder_that_went_out_in_the_gap_does_not_come_again(machine: Machine) -> None:
    await machine.on(0, "07:30")
    copy = machine.backup()
    await machine.on(3, "08:00")
    assert machine.world.arrived(SON) == ["item", "reminder_1"]

    machine.restore(copy)
    machine.beat()
    done = machine.thaw()
    await machine.world.at(3, "10:00")
    await machine.world.at(3, "20:00")
    assert done.reminders == 4 and len(machine.world.channel.got(chat(SON))) == 2

    await machine.world.at(4, "14:00")
    assert machine.world.arrived(SON)[-1] == "reminder_2"


async def test_an_escalation_comes_again_rather_than_never_and_says_so(machine: Machine) -> None:
    await machine.on(0, "07:30")
    await machine.on(5, "07:59")
    machine.world.channel.fail(chat(CUC), REFUSED)
    await machine.on(5, "08:00")
    copy = machine.backup()
    await machine.on(5, "08:30")
    machine.restore(copy)
    machine.beat()

    done = machine.thaw()
    await machine.world.at(5, "09:00")

    assert done.repeated == 1 and machine.world.deliveries(CUC)[-1][1] == "sent"
    assert machine.world.rows(CUC)[-1].attempts > 1


async def test_what_is_due_after_the_gap_goes_out_as_ever(machine: Machine) -> None:
    await machine.on(0, "07:30")
    copy = machine.backup()
    await machine.on(0, "07:45")
    machine.restore(copy)
    machine.beat()
    machine.thaw()

    await machine.on(7, "07:30")

    assert machine.arrived() == Counter({chat(HANH): 2, chat(SON): 2, chat(LAN): 4})


async def test_nothing_is_claimed_while_frozen_even_if_it_was_queued_before(machine: Machine) -> None:
    machine.world.channel.fail(chat(SON), REFUSED)
    await machine.on(0, "07:30")
    before = len(machine.world.channel.requests)
    machine.world.ask(lambda s: freeze.freeze(s, None, machine.world.now, machine.world.now))

    await machine.world.at(0, "12:00")
    await machine.world.at(3, "08:00")

    assert len(machine.world.channel.requests) == before
    assert machine.world.says_aired(HANH, DAK_WIL)[1]


async def test_the_same_backup_put_back_a_second_time_freezes_again(machine: Machine) -> None:
    await machine.on(0, "07:00")
    copy = machine.backup()
    await machine.on(0, "07:30")
    for _ in range(2):
        machine.restore(copy)
        assert machine.beat()
        assert machine.thaw().items == 4
        assert not machine.beat()


async def test_a_backup_put_back_under_a_running_program_is_noticed_at_the_next_beat(
    machine: Machine,
) -> None:
    machine.beat()
    copy = machine.backup()
    machine.beat()
    old = machine.witness
    machine.restore(copy)
    old._db = machine.world.db

    machine.world.clock.forward_to(machine.world.now + freeze.BEAT_EVERY)
    assert old.beat(machine.world.now)


async def test_another_machine_that_saw_more_widens_the_gap(machine: Machine, tmp_path: Path) -> None:
    other_var = tmp_path / "other"
    other_var.mkdir()
    machine.beat()
    copy = machine.backup()
    machine.beat()
    Witness(machine.world.db, other_var).beat(machine.world.now + timedelta(hours=2))
    machine.restore(copy)

    assert machine.beat()
    first = machine.world.ask(freeze.state)
    assert Witness(machine.world.db, other_var).beat(machine.world.now)
    second = machine.world.ask(freeze.state)

    assert first and second and second.gap_to - first.gap_to > timedelta(hours=1)
    assert (second.at, second.gap_from) == (first.at, first.gap_from)


async def test_a_week_that_somebody_sent_ahead_of_its_hour_in_the_gap_can_be_named(machine: Machine) -> None:
    await machine.on(0, "07:30")
    copy = machine.backup()
    await machine.world.ticker.queue_week(WEEK.next())
    await machine.on(0, "08:00")
    assert machine.arrived()[chat(HANH)] == 2

    machine.restore(copy)
    machine.beat()
    assert machine.thaw(WEEK.next()).items == 4
    await machine.on(7, "07:30")
    await machine.on(7, "08:00")

    assert machine.arrived() == Counter({chat(HANH): 2, chat(SON): 2, chat(LAN): 4})


# ---- what is no older store ----------------------------------------------------------------------------


def test_an_ordinary_restart_is_not_frozen(machine: Machine) -> None:
    machine.beat()
    machine.beat()
    machine.restore(machine.backup())

    assert not machine.beat() and not machine.frozen


def test_a_first_start_leaves_a_witness(machine: Machine) -> None:
    assert not machine.beat()
    assert (machine.var / WITNESS).is_file() and list(machine.var.iterdir()) == [machine.var / WITNESS]


def test_a_new_store_in_the_old_folder_is_no_older_one(
    machine: Machine, stores: Stores, store_kind: str
) -> None:
    for _ in range(3):
        machine.beat()
    other = Database(stores.filled(store_kind))

    assert not Witness(other, machine.var).beat(machine.world.now)
    other.close()


@pytest.mark.parametrize(
    "bytes_", [b"", b"{", b"[]", b"null", b'{"beats": "x"}', b"\xff\xfe", b'{"beats": 9}']
)
def test_a_witness_that_cannot_be_read_knows_nothing(machine: Machine, bytes_: bytes) -> None:
    machine.beat()
    (machine.var / WITNESS).write_bytes(bytes_)

    assert not machine.beat()
    assert b"beats" in (machine.var / WITNESS).read_bytes()


def test_a_witness_that_cannot_be_written_stops_nothing(machine: Machine) -> None:
    shutil.rmtree(machine.var)

    assert not machine.beat()


def test_a_clock_that_is_set_back_freezes_nothing(machine: Machine) -> None:
    now = machine.world.now
    results = [machine.witness.beat(now + hours) for hours in _hours(0, 5, 1, 2, 9, 3)]

    assert results == [False] * 6


def test_processes_that_share_a_folder_do_not_freeze_each_other(machine: Machine) -> None:
    several = [Witness(machine.world.db, machine.var) for _ in range(3)]
    at = machine.world.now

    assert not any(one.beat(at + n * freeze.BEAT_EVERY) for n in range(5) for one in several)


def test_beats_in_quick_succession_cost_no_write(machine: Machine) -> None:
    at = machine.world.now
    machine.witness.beat(at)
    before = (machine.var / WITNESS).read_bytes()

    machine.witness.beat(at + SECOND)

    assert (machine.var / WITNESS).read_bytes() == before


# ---- by hand -------------------------------------------------------------------------------------------


def test_freezing_by_hand_a_second_time_widens_the_gap(machine: Machine) -> None:
    now = machine.world.now
    hour = timedelta(hours=1)
    machine.world.ask(lambda s: freeze.freeze(s, now - 2 * hour, now - hour, now))
    found = machine.world.ask(lambda s: freeze.freeze(s, now - 3 * hour, now, now + hour))

    assert (found.at, found.gap_from, found.gap_to) == (now, now - 3 * hour, now)


def test_freezing_and_thawing_are_written_down(machine: Machine) -> None:
    machine.world.ask(lambda s: freeze.freeze(s, None, machine.world.now, machine.world.now))
    machine.thaw()

    acts = machine.world.ask(
        lambda s: list(s.scalars(select(Audit.act).where(Audit.act.startswith("store."))))
    )
    assert acts == ["store.freeze", "store.unfreeze"]


async def test_a_message_that_was_on_its_way_is_never_sent_again(machine: Machine) -> None:
    await machine.on(0, "07:30")

    def on_its_way(session: freeze.Session) -> None:
        for row in session.scalars(select(Delivery)).unique():
            row.state, row.claimed_at = DeliveryState.SENDING, machine.world.now

    machine.world.ask(on_its_way)
    machine.world.ask(
        lambda s: freeze.freeze(s, None, machine.world.now - timedelta(hours=3), machine.world.now)
    )
    before = machine.arrived()

    assert machine.thaw().items == 4
    await machine.world.later(minutes=20)
    assert machine.arrived() == before


def _hours(*numbers: int) -> list[timedelta]:
    return [timedelta(hours=n) for n in numbers]
