"""How fast the officer's pages answer over two years of a country, through the real application.

    python -m benchmarks.ledger                                   (1, 26, 104 weeks x 124, 3,321, 10,598 stations: an hour)
    python -m benchmarks.ledger --stations 3321 --weeks 104 --store var/ledger.db      (kept, and used again next time)
    python -m benchmarks.ledger --database-url postgresql://...   (the same on a server)

A store is filled week by week (benchmarks/past.py) and looked at when it holds each number of weeks, on Thursday of the
last one. Each page is asked for many times with other stations, provinces and pages, by an officer of the whole country
and one of a single province; times are from the request to the last byte of the answer, gzip included.

Goals (issue 6): at 3,321 stations x 104 weeks every page under 200 ms at the 95th percentile; the states of 3,321 duties
turn at their deadline in under 2 s.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from datetime import time as clock_time
from html import unescape
from pathlib import Path

import httpx
from sqlalchemy import func, select

from airlog import access, campaigns, ledger, ledger_kept, queries, sessions
from airlog.campaigns import MOST_WEEKS, Order
from airlog.db import Database, Session
from airlog.ledger_places import ALL
from airlog.models import Area, Campaign, Duty, Grant, Person, Rundown, Station
from airlog.rules import Sign
from airlog.scope import COUNTRY
from airlog.types import RoleKind
from audio.voices import Voices
from benchmarks import rig
from benchmarks.past import Past
from bot.server import spare_the_collector
from content.week import Week
from scheduler.clock import HandClock
from scheduler.tracks import Studio
from web.app import create_app
from web.auth import cookie_name
from web.parts import Parts

FIRST = Week.parse("2025-W28")
"""The first whole week of the present communes."""
NATIONAL, LOCAL = "+84980000001", "+84980000002"
GOAL_MS = 200
Where = Callable[[random.Random], str]


@dataclass(frozen=True)
class Figure:
    """One page as one officer asks for it, in milliseconds. `cpu`: the 95th percentile of what this process worked; on
    SQLite that is all the work there is, and a busy machine does not change it."""

    page: str
    p50: float
    p95: float
    cpu: float
    kilobytes: float


# ---- the store --------------------------------------------------------------------------------------------------


@contextmanager
def filled(stations: int, weeks: int, path: Path | None, server: str | None) -> Iterator[rig.Store]:
    """A store that knows its stations and campaigns, of which no week is written yet; or one that was kept."""
    if path is not None and path.exists():
        yield rig.Store(f"sqlite:///{path}", path.parent, Database(f"sqlite:///{path}"))
        return
    with rig.store(server) as store:
        if path is not None:
            url = f"sqlite:///{path}"
            store = rig.Store(url, path.parent, Database(url))
            store.db.migrate()
        rig.fill(store, stations, FIRST.starts_at, min(weeks, MOST_WEEKS))
        with store.db.session() as session:
            for start in range(MOST_WEEKS, weeks, MOST_WEEKS):
                order = Order(
                    "Mỗi tuần một tin", COUNTRY, FIRST.shift(start), min(MOST_WEEKS, weeks - start), 0, clock_time(0)
                )  # fmt: skip
                campaigns.launch(
                    session,
                    campaigns.plan_campaign(session, order, None, FIRST.starts_at),
                    None,
                    FIRST.starts_at,
                )
            officers = ((NATIONAL, COUNTRY), (LOCAL, _province(session)))
            for id_, (phone, scope) in enumerate(
                officers, stations + 1
            ):  # rig.fill numbers its people itself
                person = Person(
                    id=id_, name=f"Người phụ trách {scope}", phone=phone, created_at=FIRST.starts_at
                )
                person.grants = [Grant(role=RoleKind.OFFICER, scope=scope, valid_from=FIRST.starts_at)]
                session.add(person)
        yield store


def _province(session: Session) -> str:
    """The province with most stations."""
    query = select(Area.parent_code).join(Station, Station.area_code == Area.code).group_by(Area.parent_code)
    return session.scalars(query.order_by(func.count().desc(), Area.parent_code).limit(1)).one() or ""


def write(store: rig.Store, done: int, weeks: int) -> None:
    """The past up to so many weeks. Each week in a transaction of its own."""
    with store.db.reading() as session:
        ids = list(
            session.scalars(
                select(Rundown.id).join(Campaign).order_by(Rundown.week).offset(done).limit(weeks - done)
            )
        )
    for id_ in ids:
        with store.db.session() as session:
            rundown = session.get_one(Rundown, id_)
            Past(session, FIRST.ends_at, updates=False, why=0.3).week(rundown)
            ledger_kept.recompute(session, Duty.period == rundown.week)


def written(store: rig.Store) -> int:
    with store.db.reading() as session:
        return session.scalar(select(func.count(Duty.period.distinct()))) or 0


# ---- the pages --------------------------------------------------------------------------------------------------


def pages(store: rig.Store, last: Week, now: datetime) -> dict[str, list[tuple[str, Where]]]:
    """What each officer asks for, by phone: (name, a path for each time)."""
    with store.db.reading() as session:
        everywhere = list(session.scalars(select(Station.id)))
        here = list(
            session.scalars(select(Station.id).join(Area).where(Area.parent_code == _province(session)))
        )
        provinces = list(session.scalars(select(Area.code).where(Area.kind == "province")))
        sight = access.sight(
            session, session.scalars(select(Person).where(Person.phone == NATIONAL)).one(), now
        )
        total = ledger.counts(session, sight, ALL, str(last), now).total
    pages_of = max(1, total // 50)
    week, before = f"/week/{last}", last.shift(-1)
    country: list[tuple[str, Where]] = [
        ("week", lambda _: week),
        ("week, any page", lambda pick: f"{week}?page={pick.randint(1, pages_of)}"),
        ("week, silent ones", lambda _: f"/week/{before}?state=silent"),
        ("week, one province", lambda pick: f"{week}?area={pick.choice(provinces)}"),
        ("week, an old one", lambda pick: f"/week/{last.shift(-pick.randint(0, 100))}"),
        ("map of provinces", lambda _: "/map"),
        ("map of clusters", lambda pick: f"/map?by=cluster&page={pick.randint(1, 13)}"),
        ("map of stations", lambda pick: f"/map?by=station&page={pick.randint(1, pages_of)}"),
        ("map, one province", lambda pick: f"/map?area={pick.choice(provinces)}"),
        ("line of a year", lambda _: "/trend"),
        ("reviews", lambda pick: f"/reviews/{before}?page={pick.randint(1, 3)}"),
        ("station", lambda pick: f"/stations/{pick.choice(everywhere)}"),
    ]
    province: list[tuple[str, Where]] = [
        ("week", lambda _: week),
        ("map", lambda _: "/map"),
        ("map, page 2", lambda _: "/map?page=2"),
        ("reviews", lambda _: f"/reviews/{before}"),
        ("station", lambda pick: f"/stations/{pick.choice(here)}"),
    ]
    return {NATIONAL: country, LOCAL: province if here else []}


async def measure(store: rig.Store, last: Week, rounds: int) -> list[Figure]:
    now = last.at(3, clock_time(17))
    clock = HandClock(now)
    parts = Parts(
        store.db, clock, Studio(Voices([]), store.folder / "clips"), store.folder, "http://127.0.0.1:8080"
    )
    transport = httpx.ASGITransport(create_app(parts))
    spare_the_collector()
    figures = []
    for phone, asked in pages(store, last, now).items():
        async with httpx.AsyncClient(transport=transport, base_url=parts.base_url) as client:
            with store.db.session() as session:
                person = session.scalars(select(Person).where(Person.phone == phone)).one()
                secret = sessions.open_session(session, person, "benchmark", now)
            client.cookies.set(cookie_name(parts), secret)
            who = "country" if phone == NATIONAL else "province"
            for name, where in asked:
                figures.append(await one(client, f"{who}: {name}", where, rounds))
            found = re.search(r'hx-get="([^"]+)"', (await client.get(f"/week/{last}")).text)
            assert found is not None
            idle = unescape(found[1])
            figures.append(
                await one(client, f"{who}: an idle poll", lambda _, idle=idle: idle, rounds, expect=204)
            )
    return figures


async def one(client: httpx.AsyncClient, page: str, where: Where, rounds: int, expect: int = 200) -> Figure:
    pick, times, worked, size = random.Random(7), [], [], 0
    for _ in range(rounds + 2):
        path = where(pick)
        began, worked_before = time.perf_counter(), time.process_time()
        answer = await client.get(path)
        times.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - worked_before) * 1000)
        assert answer.status_code == expect, (path, answer.status_code)
        size = max(size, len(answer.content))
    p50, p95 = rig.percentile(times[2:], 0.5), rig.percentile(times[2:], 0.95)
    return Figure(page, p50, p95, rig.percentile(worked[2:], 0.95), size / 1000)


# ---- the deadline -----------------------------------------------------------------------------------------------


def sweep(store: rig.Store, last: Week) -> list[tuple[str, float, int]]:
    """Seconds until all duties of a week that just ended are known to be missed, kept and from the log; and how many."""
    found = []
    with store.db.reading() as session:
        person = session.scalars(select(Person).where(Person.phone == NATIONAL)).one()
        sight = access.sight(session, person, last.ends_at)
        began = time.perf_counter()
        counts = ledger.counts(session, sight, ALL, str(last), last.ends_at)
        found.append(("counted", time.perf_counter() - began, counts.silent))
        began = time.perf_counter()
        lines = queries.duty_lines(session, last.ends_at, period=str(last))
        silent = sum(line.sign is Sign.SILENT for line in lines)
        found.append((f"each of {len(lines)} duties from its log", time.perf_counter() - began, silent))
    assert silent == counts.silent, (silent, counts)
    with store.db.session() as session:
        began = time.perf_counter()
        wrong = ledger_kept.recompute(session, Duty.period == str(last))
        found.append(("kept states worked out anew", time.perf_counter() - began, wrong))
    return found


def show(title: str, figures: Sequence[Figure], before: dict[str, Figure]) -> None:
    """`before`: the same pages on the smallest store, for the growth."""
    print(f"\n{title}")
    rows = [
        (
            f.page, f.p50, f.p95, f.cpu, f.kilobytes, f.cpu / before[f.page].cpu if f.page in before else 1.0,
            "" if f.p95 < GOAL_MS else "over",
        )
        for f in figures
    ]  # fmt: skip
    rig.table(("page", "p50 ms", "p95 ms", "CPU ms", "kB", "growth", ""), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--stations", type=int, nargs="*", default=[124, 3321, 10598])
    parser.add_argument("--weeks", type=int, nargs="*", default=[1, 26, 104])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument(
        "--store", type=Path, help="an SQLite file that is kept; one number of stations and weeks"
    )
    parser.add_argument("--database-url", help="a PostgreSQL server; else SQLite")
    options = parser.parse_args()
    first: dict[str, Figure] = {}
    for stations in options.stations:
        with filled(stations, max(options.weeks), options.store, options.database_url) as store:
            for weeks in sorted(options.weeks):
                began, done = time.monotonic(), written(store)
                write(store, done, weeks)
                if weeks > done:
                    print(f"\n{weeks - done} weeks written in {time.monotonic() - began:.0f} s", flush=True)
                last = FIRST.shift(weeks - 1)
                figures = asyncio.run(measure(store, last, options.rounds))
                first = first or {f.page: f for f in figures}
                show(f"{stations} stations x {weeks} weeks, {store.db.engine.name}", figures, first)
                for what, seconds, count in sweep(store, last):
                    print(f"deadline: {what} in {seconds:.3f} s ({count})", flush=True)


if __name__ == "__main__":
    main()
