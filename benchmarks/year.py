"""A store after a year of weeks: how large it is, by table, and whether the next week goes out slower.

    python -m benchmarks.year                       (3,321 stations, 51 weeks before this one: about 10 minutes)
    python -m benchmarks.year --weeks 10 --size-only

The year is written by the product's own planning, then settled in bulk as a year of work would leave it: every item
sent; 85 % of the stations stated that they aired it, half of them with the time (a second line of the log); raw
updates of the last 30 days, older ones purged; no jobs of the engine but this week's. Then this week goes out on that
store and on one without a past, in turn, at full speed, and the nightly purge runs.

Goals (issue 3): 170,000 deliveries leave less than 150 MB; the run at most 10 % slower than on the empty store.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update

from airlog import deliveries, updates
from airlog.db import Session
from airlog.deliveries import Wanted
from airlog.models import Campaign, Delivery, Duty, IncomingUpdate, LogEntry, Rundown
from airlog.record import GENESIS, line_hash
from airlog.types import DeliveryState, EntryKind
from benchmarks import rig
from bot.app import build
from bot.settings import load
from content import messages
from content.week import Week
from scheduler import plan
from scheduler.engine import DurableJobs

ANSWERED, WITH_TIME = 0.85, 0.5
LINE = [column.key for column in LogEntry.__table__.columns]


class Past:
    """Writes weeks into a store as the program would have left them."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now, self._random = session, now, random.Random(7)
        self._seq, self._hash, self._message, self._version_id = 0, GENESIS, 0, 0

    def week(self, rundown: Rundown) -> None:
        """Plan it, send it, let people answer."""
        week = Week.parse(rundown.week)
        plan.plan_duties(self._session, week, week.starts_at)
        wanted = plan.plan_items(self._session, rundown, ("telegram",), week.starts_at)
        deliveries.plan(self._session, wanted)
        self._settle(rundown)
        self._version_id = rundown.item_version_id
        owed = self._session.scalars(select(Duty).where(Duty.rundown_id == rundown.id)).unique()
        by_id = {duty.id: duty for duty in owed}
        answers = [one for one in wanted if self._random.random() < ANSWERED]
        self._session.execute(
            insert(LogEntry), [line for one in answers for line in self._lines(one, by_id[one.duty_id or 0])]
        )
        if week.ends_at > self._now - updates.KEPT:
            self._session.execute(insert(IncomingUpdate), [self._update(one, rundown) for one in answers])

    def _settle(self, rundown: Rundown) -> None:
        at = rundown.send_at + timedelta(seconds=1.5)
        self._session.execute(
            update(Delivery)
            .where(Delivery.period == rundown.week)
            .values(
                state=DeliveryState.SENT, attempts=1, jobs=1, armed=True, claimed_at=at, sent_at=at, settled_at=at,
                message_ref="c:1000000", item_version_id=rundown.item_version_id,
            )
        )  # fmt: skip

    def _lines(self, one: Wanted, duty: Duty) -> list[dict[str, object]]:
        stated = duty.starts_at + timedelta(hours=self._random.uniform(8, 100))
        lines = [self._line(one, duty, EntryKind.AIRED, stated)]
        if self._random.random() < WITH_TIME:
            lines.append(self._line(one, duty, EntryKind.CORRECTED, stated + timedelta(seconds=20)))
        return lines

    def _line(self, one: Wanted, duty: Duty, kind: EntryKind, at: datetime) -> dict[str, object]:
        self._seq, self._message = self._seq + 1, self._message + 1
        entry = LogEntry(
            seq=self._seq, kind=kind, duty_id=duty.id, station_id=duty.station_id, mandate_id=duty.mandate_id,
            period=duty.period, person_id=one.address.person_id, item_version_id=self._version_id, language="vie",
            supersedes=self._seq - 1 if kind is EntryKind.CORRECTED else None, channel="telegram",
            message_ref=f"{700_000_000 + self._message}", aired_at=at if kind is EntryKind.CORRECTED else None,
            stated_at=at, recorded_at=at, prev_hash=self._hash,
        )  # fmt: skip
        entry.hash = self._hash = line_hash(entry)
        return {name: getattr(entry, name) for name in LINE}

    def _update(self, one: Wanted, rundown: Rundown) -> dict[str, object]:
        """A press, as Telegram hands it over: with the whole message that carries the button."""
        self._message += 1
        caption = messages.item_notice(
            Week.parse(rundown.week), rundown.version.item.title, 180, None, 0, None
        )
        chat = {
            "id": rig.FIRST_CHAT - 1 + one.address.person_id,
            "type": "private",
            "first_name": "Trần Thị Lan",
        }
        buttons = [{"text": "Đã phát", "callback_data": f"aired:{one.duty_id}", "style": "success"}] * 4
        audio = {
            "file_id": "A" * 72,
            "file_unique_id": "u" * 16,
            "duration": 180,
            "title": "Tuần 48",
            "file_size": 1,
        }
        message = {
            "message_id": self._message, "date": 1, "chat": chat, "caption": caption, "audio": audio,
            "from": {"id": 1, "is_bot": True, "first_name": "Loa Xã", "username": "loaxa_bot"},
            "reply_markup": {"inline_keyboard": [buttons[:2], buttons[2:]]},
        }  # fmt: skip
        query = {
            "id": "4" * 19,
            "from": chat,
            "message": message,
            "chat_instance": "-" + "5" * 19,
            "data": "x",
        }
        body = json.dumps({"update_id": self._message, "callback_query": query}, ensure_ascii=False)
        at = rundown.send_at + timedelta(hours=9)
        return {
            "channel": "telegram", "bot": rig.BOT, "update_id": str(700_000_000 + self._message), "body": body,
            "received_at": at, "handled_at": at, "error": None,
        }  # fmt: skip


def write_past(store: rig.Store, stations: int, weeks: int) -> None:
    """A campaign of `weeks` past weeks, this one and the next, of which the past ones were sent and answered."""
    now = datetime.now(UTC)
    first = Week.of(now).shift(-weeks)
    rig.fill(store, stations, first.starts_at, weeks + 2)
    with store.db.session() as session:
        past = Past(session, now)
        for rundown in session.scalars(select(Campaign)).one().rundowns[:-2]:
            past.week(rundown)


def sizes(store: rig.Store) -> None:
    """Megabytes of the file, and of its largest tables and indexes."""
    path = store.folder / "loaxa.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = db.execute(
            "SELECT m.tbl_name, s.name, s.pgsize FROM dbstat s JOIN sqlite_master m ON m.name = s.name "
            "WHERE s.aggregate = 1 ORDER BY 3 DESC LIMIT 16"
        ).fetchall()
        counts = {name: db.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name, *_ in rows}
        free = (
            db.execute("PRAGMA freelist_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0]
        )
    lines = [(what, counts[name] if what == name else "index", size / 1e6) for name, what, size in rows]
    rig.table(("table or index", "rows", "MB"), lines)
    print(f"file: {path.stat().st_size / 1e6:.0f} MB, of it free inside: {free / 1e6:.0f} MB")


def send_week(store: rig.Store, stations: int) -> tuple[float, float]:
    """Seconds from the first to the last message of this week at full speed, and CPU ms per message."""
    with rig.server(0.0, 0.0, limit=0) as server, rig.Rig(store, server, pace_ms=1) as running:
        program = running.start()
        running.until(lambda: running.items() > 0, 60, 0.02)
        before = rig.cpu_s(program.pid)
        if not running.until(lambda: running.items() >= stations, 60 + stations / 10):
            raise SystemExit(f"{running.items()} of {stations} were sent with the clip: {store.states()}")
        cpu = rig.cpu_s(program.pid) - before
        stats = server.page("/stats")
        program.stop()
    return stats["last_at"] - stats["first_at"], cpu / stations * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--stations", type=int, default=3321)
    parser.add_argument("--weeks", type=int, default=51, help="weeks before this one")
    parser.add_argument("--rounds", type=int, default=3, help="runs on each store; the medians are compared")
    parser.add_argument("--size-only", action="store_true")
    parser.add_argument("--purge", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.purge:
        asyncio.run(purge_here())
        return
    with rig.store() as old:
        began = time.monotonic()
        write_past(old, options.stations, options.weeks)
        print(
            f"{options.weeks} weeks of {options.stations} stations, written in {time.monotonic() - began:.0f} s"
        )
        sizes(old)
        if options.size_only:
            return
        compare(old, options.stations, options.weeks, options.rounds)


def compare(old: rig.Store, stations: int, weeks: int, rounds: int) -> None:
    """This week on the old store and on a new one, in turn; each round starts from a copy."""
    runs: dict[str, list[tuple[float, float]]] = {"empty": [], "year": []}
    for _ in range(rounds):
        for name in runs:
            with rig.store() as store:
                if name == "year":
                    copy(old, store)
                else:
                    rig.fill(store, stations, weeks=weeks + 2)  # a campaign as long, of which nothing was sent
                runs[name].append(send_week(store, stations))
                if name == "year" and len(runs[name]) == rounds:
                    print("\nafter this week's run")
                    sizes(store)
                    purge(store)
                    print("\nand after the nightly purge")
                    sizes(store)
    medians = {
        name: [statistics.median(values) for values in zip(*found, strict=True)]
        for name, found in runs.items()
    }
    ratios = [b / a for a, b in zip(medians["empty"], medians["year"], strict=True)]
    rows = [(name, *figures) for name, figures in (*medians.items(), ("year / empty", ratios))]
    rig.table(("store", "seconds", "CPU ms/msg"), rows)


def purge(store: rig.Store) -> None:
    """What the program does at night, two nights later: in a process of its own, as the engine wants."""
    with rig.server() as server, rig.Rig(store, server) as running:
        command = [sys.executable, "-m", "benchmarks.year", "--purge"]
        subprocess.run(command, check=True, cwd=rig.ROOT, env=running.environment("purger"))


async def purge_here() -> None:
    app = build(load())
    jobs = DurableJobs(app.db, app.dispatcher, app.clock, "purger")
    await jobs.launch([])
    began = time.perf_counter()
    gone = await jobs.purge(datetime.now(UTC) + timedelta(days=2))
    await app.reception.purge()
    print(f"\npurged {gone} jobs of the engine in {time.perf_counter() - began:.1f} s")
    await jobs.stop()
    await app.close()


def copy(old: rig.Store, new: rig.Store) -> None:
    """The clip's path in the old store stays good: its folder lives until the end."""
    with (
        sqlite3.connect(old.folder / "loaxa.db") as source,
        sqlite3.connect(new.folder / "loaxa.db") as target,
    ):
        source.backup(target)


if __name__ == "__main__":
    main()
