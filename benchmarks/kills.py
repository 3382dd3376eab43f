"""Kill -9 at random moments of a broadcast, many times: nothing lost, nobody twice.

    python -m benchmarks.kills --kills 50                                             (SQLite, one process)
    python -m benchmarks.kills --kills 50 --database postgres                         (one process)
    python -m benchmarks.kills --kills 100 --database postgres --processes 3
    python -m benchmarks.kills --kills 20 --seed 2 --database-url postgresql://...    (a server that runs already)

Broadcasts of 1,800 rows follow one another. At random moments, also while a process starts, plans or recovers, one
process gets SIGKILL and is started again under its name. A broadcast ends when no row is open any more; then the store
and what the service accepted are compared. Goals (issue 3), over 200 kills on both databases with 1 and 3 processes:

    lost               rows not in a final state, or `sent` and never accepted                               0
    twice              items accepted again for the same chat                                                0
    unknown            rows whose fate only the recipient knows: at most those in flight at the kills, which
                       are the rows that the killed process had claimed and not settled
"""

from __future__ import annotations

import argparse
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

from sqlalchemy import select

from airlog.models import Address, Delivery, Node
from airlog.types import DeliveryState, Rung
from benchmarks import rig

LATENCY_S, JITTER_S, PACE_MS = 0.03, 0.03, 4.0
STARTING = 0.25
"""Share of the kills that hit a process within the first seconds of its start; the others hit it at work."""
LONGEST_WAIT_S = 5.0
END_WITHIN_S = 900
HEAD = (
    "broadcast",
    "rows",
    "kills",
    "seconds",
    "sent",
    "unknown",
    "in flight",
    "failed",
    "lost",
    "twice",
    "uploads",
)


@dataclass
class Broadcast:
    """What one broadcast came to."""

    rows: int
    kills: int = 0
    seconds: float = 0.0
    sent: int = 0
    unknown: int = 0
    failed: int = 0
    lost: int = 0
    twice: int = 0
    uploads: int = 0
    in_flight: set[int] = field(default_factory=set)
    """Rows that a killed process had in hand."""
    elsewhere: int = 0
    """Rows that became unknown without having been in flight at a kill: none is expected."""


def broadcast(store: rig.Store, rows: int, processes: int, kills: int, dice: random.Random) -> Broadcast:
    """Send `rows` items, with at most `kills` kills."""
    found, began = Broadcast(rows), time.monotonic()
    rig.fill(store, rows)
    with rig.server(LATENCY_S, JITTER_S, limit=0) as server, rig.Rig(store, server, PACE_MS) as running:
        alive = {name: running.start(name) for name in (f"node-{n + 1}" for n in range(processes))}
        while found.kills < kills:
            name = dice.choice(sorted(alive))
            if dice.random() > STARTING:
                running.until(alive[name].is_up, 60, 0.05)
            if running.until(lambda: finished(store, rows), dice.uniform(0, LONGEST_WAIT_S), 0.02):
                break
            alive[name].kill()
            time.sleep(0.2)  # a claim that the server already had is committed without its client
            found.in_flight |= claimed_by(store, name)
            found.kills += 1
            running.programs.remove(alive[name])
            alive[name] = running.start(name)
        running.until(lambda: finished(store, rows), END_WITHIN_S, 0.2)
        for program in alive.values():
            program.stop()
        compare(store, server, found)
    found.seconds = time.monotonic() - began
    return found


def finished(store: rig.Store, rows: int) -> bool:
    states = store.states()
    return sum(states.values()) >= rows and not any(states.get(str(state), 0) for state in rig.OPEN)


def claimed_by(store: rig.Store, node: str) -> set[int]:
    """The rows that the process of a node has claimed and not settled."""
    token = select(Node.token).where(Node.name == node).scalar_subquery()
    mine = Delivery.state == DeliveryState.SENDING, Delivery.claimed_by == token
    with store.db.reading() as session:
        return set(session.scalars(select(Delivery.id).where(*mine)))


def compare(store: rig.Store, server: rig.Server, found: Broadcast) -> None:
    """The store beside what the service accepted."""
    accepted = {chat for chat, _ in server.page("/keys")}
    query = (
        select(Delivery.id, Delivery.state, Address.chat_id).join(Address).where(Delivery.rung == Rung.ITEM)
    )
    with store.db.reading() as session:
        rows = session.execute(query).all()
    for row_id, state, chat in rows:
        match state:
            case DeliveryState.SENT:
                found.sent += 1
                found.lost += int(chat) not in accepted
            case DeliveryState.UNKNOWN:
                found.unknown += 1
                found.elsewhere += row_id not in found.in_flight
            case DeliveryState.FAILED:
                found.failed += 1
            case _:
                found.lost += 1
    found.lost += found.rows - len(rows)
    stats = server.page("/stats")
    found.twice, found.uploads = int(stats["twice"]), int(stats["uploads"])


def cells(name: object, one: Broadcast) -> tuple[object, ...]:
    return (
        name, one.rows, one.kills, one.seconds, one.sent, one.unknown, len(one.in_flight), one.failed, one.lost,
        one.twice, one.uploads,
    )  # fmt: skip


def total(runs: list[Broadcast]) -> Broadcast:
    """Row ids of different broadcasts are different rows: they are numbered apart."""
    whole = Broadcast(sum(one.rows for one in runs))
    for name in ("kills", "seconds", "sent", "unknown", "failed", "lost", "twice", "uploads", "elsewhere"):
        setattr(whole, name, sum(getattr(one, name) for one in runs))
    whole.in_flight = {number * 1_000_000 + row for number, one in enumerate(runs) for row in one.in_flight}
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--rows", type=int, default=1800)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--database-url", help="a PostgreSQL server; else a throw-away one is started")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice, runs, left = random.Random(options.seed), list[Broadcast](), options.kills
    with ExitStack() as stack:
        wants_server = options.database == "postgres" or options.database_url
        url = stack.enter_context(rig.postgres_server(options.database_url)) if wants_server else None
        if options.processes > 1 and not url:
            parser.error("several processes need PostgreSQL")
        while left > 0:
            with rig.store(url) as store:
                runs.append(broadcast(store, options.rows, options.processes, left, dice))
            left -= runs[-1].kills
            rig.table(HEAD, [cells(len(runs), runs[-1])])
    kind = f"{'postgres' if url else 'sqlite'} x {options.processes}"
    whole = total(runs)
    print()
    rig.table(HEAD, [cells(kind, whole)])
    print(f"unknown without having been in flight: {whole.elsewhere}")


if __name__ == "__main__":
    main()
