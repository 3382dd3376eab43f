"""A broadcast by real worker processes over one store, in front of the Bot API stand-in, and what became of it."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from airlog import areas, campaigns, deliveries, items, people, recalls
from airlog.db import Database, Session
from airlog.models import Delivery, Grant, Item, Node, Person
from airlog.types import DeliveryState, RoleKind, Rung
from content import shelf
from content.week import Week
from tests.bot_api import BotApi
from tests.talk_world import give_sound
from tests.talk_world import launch as launch_week
from tests.world import AREA, WORDS

LONGEST_S = 60
FIRST_CHAT = 50_000
TOP = Path(__file__).parents[1]


class Cradle:
    """Forks workers from a process that has imported the program (tests/crash_child.py)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash_child"], cwd=TOP, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self._started: queue.Queue[int] = queue.Queue()
        self._ends: dict[int, Future[int]] = {}
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._listening.join()

    def worker(self, name: str, asked: dict[str, object]) -> Worker:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        pid = self._started.get(timeout=LONGEST_S)
        return Worker(name, pid, self._ends[pid])

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            what, pid, *code = line.split()
            if what == "started":
                self._ends[int(pid)] = Future()  # numbers come round again
                self._started.put(int(pid))
            else:
                self._ends[int(pid)].set_result(int(code[0]))


@pytest.fixture(scope="session")
def cradle() -> Iterator[Cradle]:
    """One for all tests of a process: importing the program takes longer than most of them."""
    found = Cradle()
    yield found
    found.close()


@dataclass
class Worker:
    name: str
    pid: int
    end: Future[int]

    async def died(self) -> int:
        """Wait for its end; returns the exit code, negative for a signal."""
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self.end)), LONGEST_S)

    def send(self, what: signal.Signals) -> None:
        if not self.end.done():
            os.kill(self.pid, what)


@dataclass
class Broadcast:
    """One week's item on its way to `count` operators."""

    api: BotApi
    db: Database
    folder: Path
    count: int
    cradle: Cradle
    pace_ms: float = 2.0
    beat_s: float = 0.5
    workers: list[Worker] = field(default_factory=list)

    async def worker(
        self, name: str = "node-1", *, moment: str = "", nth: int = 1, way: str = "kill"
    ) -> Worker:
        """Start a worker process that dies (or freezes) the nth time a delivery reaches a moment."""
        settings = {
            "database_url": self.db.url.render_as_string(hide_password=False).replace("+psycopg", ""),
            "var_dir": str(self.folder), "telegram_token": self.api.token, "telegram_base_url": self.api.url,
            "telegram_base_file_url": self.api.file_url, "telegram_pace_ms": self.pace_ms, "node_name": name,
            "voices": ["espeak"], "voice_fetch": False, "tick_seconds": 0.5,
        }  # fmt: skip
        asked = {"settings": settings, "moment": moment, "nth": nth, "way": way, "beat_s": self.beat_s}
        asked |= {"dead_s": self.beat_s * 6, "log": str(self.folder / f"{name}.log")}
        self.workers.append(await asyncio.to_thread(self.cradle.worker, name, asked))
        return self.workers[-1]

    async def stop(self, *, in_good_order: bool = False) -> None:
        """End what still runs."""
        for worker in self.workers:
            worker.send(signal.SIGCONT)
            worker.send(signal.SIGTERM if in_good_order else signal.SIGKILL)
        for worker in self.workers:
            await worker.died()

    async def until(self, condition: Callable[[], bool], longest_s: float = LONGEST_S) -> None:
        try:
            async with asyncio.timeout(longest_s):
                while not condition():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            logs = "\n".join(path.read_text()[-3000:] for path in self.folder.glob("*.log"))
            raise AssertionError(f"still {self.states()} after {longest_s} s\n{logs}") from None

    def ask(self, work: Callable[[Session], object]) -> object:
        with self.db.session() as session:
            return work(session)

    def states(self) -> Counter[DeliveryState]:
        with self.db.reading() as session:
            query = (
                select(Delivery.state, func.count())
                .where(Delivery.rung == Rung.ITEM)
                .group_by(Delivery.state)
            )
            return Counter({row[0]: row[1] for row in session.execute(query)})

    def settled(self) -> bool:
        """Every item reached an end, or stands as unknown."""
        states = self.states()
        return states["sent"] + states["unknown"] + states["failed"] + states["cancelled"] == self.count

    def open_rows(self) -> int:
        """Messages of any kind that are still to be sent, or on their way."""
        on_the_way = Delivery.state.in_([*deliveries.OPEN, DeliveryState.SENDING])
        with self.db.reading() as session:
            return session.scalar(select(func.count()).select_from(Delivery).where(on_the_way)) or 0

    def accepted(self) -> Counter[int]:
        """How often the service took the item, by chat."""
        return Counter(
            s.chat_id
            for s in self.api.sent
            if s.method in ("sendAudio", "sendMessage") and s.chat_id >= FIRST_CHAT
        )

    def assert_nothing_lost_and_nobody_twice(self, in_doubt: int) -> None:
        """Everybody has it once or is in doubt, and no more are in doubt than were in flight."""
        states, accepted = self.states(), self.accepted()
        assert max(accepted.values()) == 1, "somebody got it twice"
        assert states["sent"] + states["unknown"] == self.count, states
        assert states["unknown"] <= in_doubt, states
        assert len(accepted) >= states["sent"]

    def recall(self) -> datetime:
        """Two people recall the item, with another in its place that has its sound; the instant on record."""
        now = datetime.now(UTC)

        def work(session: Session) -> datetime:
            editor, approver = (
                _official(session, role, now) for role in (RoleKind.EDITOR, RoleKind.APPROVER)
            )
            rundown = campaigns.launched_rundowns(session, Week.of(now))[0]
            item = rundown.version.item
            items.rewrite(session, editor, item, WORDS, now)
            corrected = items.clear(session, item, approver, now)
            asked = recalls.ask(session, editor, rundown, "Số điện thoại trong tin bị sai", corrected, now)
            recalls.confirm(session, approver, asked, datetime.now(UTC))
            give_sound(session, rundown, self.folder, now)
            assert asked.confirmed_at is not None
            return asked.confirmed_at

        with self.db.session() as session:
            return work(session)

    def drop_connections(self) -> None:
        """The database server ends every connection to this store, as when it is restarted."""
        with self.db.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )

    def nodes(self) -> dict[str, bool]:
        with self.db.reading() as session:
            return {node.name: node.left for node in session.scalars(select(Node))}


def _official(session: Session, role: RoleKind, now: datetime) -> Person:
    person = Person(name=f"Người {role}", phone=f"+84390{len(role):06d}", created_at=now)
    person.grants.append(Grant(role=role, scope=AREA, valid_from=now - timedelta(days=1)))
    session.add(person)
    session.flush()
    return person


def crowd(session: Session, count: int, folder: Path) -> None:
    """This week's campaign, its sound made, and `count` operators with a chat each, shared out over the communes."""
    now = datetime.now(UTC)
    yesterday = now - timedelta(days=1)
    areas.load_stations(session, AREA, yesterday.date() - timedelta(days=30))
    codes = [
        s.area_code for s in campaigns.stations_in(session, AREA, now) if s.active_from < yesterday.date()
    ]
    for number in range(count):
        person = Person(name=f"Cán bộ {number}", phone=f"+8490{number:07d}", created_at=yesterday)
        scope = codes[number % len(codes)]
        person.grants.append(Grant(role=RoleKind.OPERATOR, scope=scope, valid_from=yesterday))
        session.add(person)
        session.flush()
        people.add_address(session, person, "telegram", "123456", str(FIRST_CHAT + number), yesterday)
    if not session.scalar(select(Item.id).limit(1)):
        items.load_library(session, shelf.library(), now)
    campaign = launch_week(session, Week.of(now), time(0), now)
    for rundown in campaign.rundowns[:2]:  # on a Sunday the next week's sound is made ahead
        give_sound(session, rundown, folder, now)
