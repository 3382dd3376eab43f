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
import sqlite3
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from airlog.models import Campaign
from benchmarks import rig
from benchmarks.past import Past
from bot.app import build
from bot.settings import load
from content.week import Week
from scheduler.engine import DurableJobs


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
                    rig.fill(
                        store, stations, weeks=weeks + 2
                    )  # a campaign as long, of which nothing was sent
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
