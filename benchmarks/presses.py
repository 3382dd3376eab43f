"""How long a press on “Đã phát” takes until it stands in the log, while a broadcast runs; and how many a second.

    python -m benchmarks.presses                                    (SQLite, 10,598 recipients: about 10 minutes)
    python -m benchmarks.presses --recipients 3321 --database-url postgresql://...

1. During the broadcast (200 ms of latency, 100 ms of jitter) people press at an even rate. Times count from the press:
   until the service has the acknowledgement, until a reader of the store sees the line, until the reply arrives. The
   stand-in sets no limit of 30 here: replies are sends too, and so many of them would draw refusals. At a real service
   edits have limits of their own and answers to presses none.
2. Without a broadcast as many presses as there were recipients wait at once: lines a second until all are recorded,
   at no latency and with the latency.

Goals (issue 3): the 99th percentile from press to recorded answer under 1 s; 200 confirmations a second.
"""

from __future__ import annotations

import argparse
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy import func, select

from airlog.db import Database
from airlog.models import LogEntry
from benchmarks import rig

LATENCY_S, JITTER_S = 0.2, 0.1
LOOK_EVERY_S = 0.01


class Watcher(threading.Thread):
    """Looks into the store for new lines of the log: chat -> when its line was first seen."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.seen: dict[int, float] = {}
        self._db, self._ended = Database(url), threading.Event()

    def run(self) -> None:
        last = 0
        while not self._ended.wait(LOOK_EVERY_S):
            with self._db.reading() as session:
                query = select(LogEntry.seq, LogEntry.person_id).where(LogEntry.seq > last)
                found = session.execute(query.order_by(LogEntry.seq)).all()
            now = time.monotonic()
            for _, person_id in found:
                self.seen.setdefault(rig.FIRST_CHAT - 1 + person_id, now)
            last = found[-1].seq if found else last
        self._db.close()

    def end(self) -> None:
        self._ended.set()
        self.join()


@dataclass(frozen=True)
class Times:
    """Seconds after each press."""

    what: str
    values: list[float]
    missing: int

    @property
    def row(self) -> tuple[object, ...]:
        shares = (0.5, 0.95, 0.99, 1.0)
        return (self.what, len(self.values), *(rig.percentile(self.values, s) for s in shares), self.missing)


def times(server: rig.Server, watcher: Watcher) -> list[Times]:
    presses = server.page("/presses")
    seen = {
        "acknowledged": {p["chat_id"]: p["acknowledged"] for p in presses if p["acknowledged"]},
        "recorded": watcher.seen,
        "replied to": {p["chat_id"]: p["replied"] for p in presses if p["replied"]},
    }
    return [
        Times(
            what,
            [at[p["chat_id"]] - p["pressed"] for p in presses if p["chat_id"] in at],
            sum(p["chat_id"] not in at for p in presses),
        )
        for what, at in seen.items()
    ]


def while_broadcasting(store: rig.Store, recipients: int, rate: float, pace_ms: float | None) -> None:
    with rig.server(LATENCY_S, JITTER_S, limit=0) as server, rig.Rig(store, server, pace_ms) as running:
        program = running.start()
        running.until(lambda: running.items() > 0, 60)
        watcher = Watcher(store.url)
        watcher.start()
        server.page(f"/press?rate={rate}")
        running.until(lambda: running.items() >= recipients, 60 + recipients / 5, 0.5)
        stats, cpu = server.page("/stats"), rig.cpu_s(program.pid)
        time.sleep(3)  # the last answers
        found = times(server, watcher)
        watcher.end()
        program.stop()
    seconds = stats["last_at"] - stats["first_at"]
    print(f"broadcast of {recipients} in {seconds:.0f} s ({recipients / seconds:.1f}/s), presses at {rate:g}/s, "
          f"CPU {cpu / seconds * 100:.0f} % of a core; seconds after the press:")  # fmt: skip
    rig.table(("", "presses", "p50", "p95", "p99", "max", "missing"), [one.row for one in found])


def at_once(store: rig.Store, recipients: int, latency_s: float, jitter_s: float) -> tuple[object, ...]:
    """Everybody presses within two seconds."""
    with rig.server(0, 0, limit=0) as server, rig.Rig(store, server, pace_ms=1) as running:
        program = running.start()
        running.until(lambda: running.items() >= recipients, 60 + recipients / 5)
        running.until(lambda: store.open_rows() == 0, 30)
        server.page(f"/set?latency={latency_s}&jitter={jitter_s}")
        time.sleep(3)
        cpu, began = rig.cpu_s(program.pid), time.monotonic()
        server.page(f"/press?rate={recipients / 2}&most={recipients}")
        running.until(lambda: lines(store) >= recipients, 60 + recipients / 5, 0.05)
        seconds, cpu = time.monotonic() - began, rig.cpu_s(program.pid) - cpu
        done = lines(store)
        running.until(lambda: all(p["replied"] for p in server.page("/presses")), 60, 0.5)
        answered = max((p["replied"] or 0) for p in server.page("/presses")) - began
        program.stop()
    return f"{latency_s * 1000:.0f} ms", done, seconds, done / seconds, cpu / recipients * 1000, answered


def lines(store: rig.Store) -> int:
    with store.db.reading() as session:
        return session.scalar(select(func.count()).select_from(LogEntry)) or 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--recipients", type=int, default=10598)
    parser.add_argument("--rate", type=float, default=20.0, help="presses a second during the broadcast")
    parser.add_argument("--pace-ms", type=float)
    parser.add_argument(
        "--at-once", type=int, default=2000, help="presses that wait together; 0: leave it out"
    )
    parser.add_argument("--database-url", help="a PostgreSQL server; else SQLite")
    options = parser.parse_args()
    if options.recipients:
        with rig.store(options.database_url) as store:
            rig.fill(store, options.recipients)
            while_broadcasting(store, options.recipients, options.rate, options.pace_ms)
    rows = []
    for latency_s, jitter_s in ((0.0, 0.0), (LATENCY_S, JITTER_S)) if options.at_once else ():
        with ExitStack() as stack:
            store = stack.enter_context(rig.store(options.database_url))
            rig.fill(store, options.at_once)
            rows.append(at_once(store, options.at_once, latency_s, jitter_s))
    rig.table(("latency", "recorded", "seconds", "per s", "CPU ms each", "all answered s"), rows)


if __name__ == "__main__":
    main()
