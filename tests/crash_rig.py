"""A broadcast by real worker processes over one store, in front of the Bot API stand-in, and what became of it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import func, select

from airlog import areas, campaigns, items, people
from airlog.db import Database, Session
from airlog.models import Delivery, Grant, Item, Node, Person
from airlog.types import DeliveryState, RoleKind, Rung
from content import shelf
from content.week import Week
from tests.bot_api import BotApi
from tests.talk_world import give_sound
from tests.talk_world import launch as launch_week
from tests.world import AREA

LONGEST_S = 60
FIRST_CHAT = 50_000
TOP = Path(__file__).parents[1]


@dataclass
class Worker:
    name: str
    process: asyncio.subprocess.Process

    async def died(self) -> int:
        """Wait for its end; returns the exit code."""
        return await asyncio.wait_for(self.process.wait(), LONGEST_S)

    def send(self, what: signal.Signals) -> None:
        self.process.send_signal(what)


@dataclass
class Broadcast:
    """One week's item on its way to `count` operators."""

    api: BotApi
    db: Database
    folder: Path
    count: int
    pace_ms: float = 2.0
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
        asked = json.dumps({"settings": settings, "moment": moment, "nth": nth, "way": way})
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.crash_child", asked, cwd=TOP, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdout=asyncio.subprocess.DEVNULL, stderr=(self.folder / f"{name}.log").open("ab"),
        )  # fmt: skip
        self.workers.append(Worker(name, process))
        return self.workers[-1]

    async def stop(self) -> None:
        """Stop what still runs, in good order."""
        for worker in self.workers:
            if worker.process.returncode is None:
                worker.send(signal.SIGCONT)
                worker.send(signal.SIGTERM)
        for worker in self.workers:
            try:
                await worker.died()
            except TimeoutError:
                worker.process.kill()
                raise

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
            return Counter({state: number for state, number in session.execute(query)})

    def settled(self) -> bool:
        """Every item reached an end, or stands as unknown."""
        states = self.states()
        return states["sent"] + states["unknown"] + states["failed"] + states["cancelled"] == self.count

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

    def nodes(self) -> dict[str, bool]:
        with self.db.reading() as session:
            return {node.name: node.left for node in session.scalars(select(Node))}


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
    give_sound(session, campaign.rundowns[0], folder, now)
