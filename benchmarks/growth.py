"""What more recipients cost: planning, CPU per message, memory. Linear or better is the goal.

    python -m benchmarks.growth                     (1,000, 3,321, 10,598 and 30,000 recipients: about 20 minutes)
    python -m benchmarks.growth --recipients 1000 3321

First a process plans the week as `loaxa send` does (rows and their jobs, 200 to a transaction), then the program
sends it, against a server without latency or limit and with a pace of 1 ms, so that only work costs time. Goal
(issue 3): planning 30,000 on SQLite takes under 20 s. Ratios compare what one recipient costs with the first run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

from benchmarks import rig
from bot.app import build
from bot.settings import load
from content.week import Week
from scheduler.engine import DurableJobs

HEAD = (
    "recipients", "plan s", "plan CPU s", "plan ms each", "plan MB", "send s", "per s", "CPU ms/msg", "send MB",
    "plan ratio", "CPU ratio", "MB ratio", "not sent",
)  # fmt: skip
NOT_SENT = float("nan")


@dataclass(frozen=True)
class Run:
    recipients: int
    plan_s: float
    plan_cpu_s: float
    plan_mb: float
    send_s: float
    cpu_s: float
    send_mb: float
    left: int


async def plan_week() -> None:
    """In a process of its own: the store and settings are those of the environment. Prints its figures."""
    app = build(load())
    jobs = DurableJobs(app.db, app.dispatcher, app.clock, "planner")
    await jobs.launch([])
    app.tick.jobs = jobs
    began, cpu_before = time.perf_counter(), time.process_time()
    rows = await app.tick.queue_week(Week.of(app.clock.now()))
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_before
    await jobs.stop()
    await app.close()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "cpu_s": cpu_s, "peak_mb": peak_mb}))


def run(recipients: int, postgres: str | None, plan_only: bool) -> Run:
    with rig.server(0.0, 0.0, limit=0) as server, rig.store(postgres) as store:
        rig.fill(store, recipients)
        with rig.Rig(store, server, pace_ms=1) as running:
            command = [sys.executable, "-m", "benchmarks.growth", "--plan"]
            done = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, check=True, cwd=rig.ROOT,
                env=running.environment("planner"),
            )  # fmt: skip
            planned = json.loads(done.stdout.splitlines()[-1])
            assert planned["rows"] == recipients, planned
            if plan_only:
                return Run(
                    recipients, planned["seconds"], planned["cpu_s"], planned["peak_mb"], 0, 0, 0, recipients
                )
            program = running.start()
            running.until(lambda: running.items() > 0, 60, 0.02)
            before = rig.cpu_s(program.pid)
            running.until(lambda: running.items() >= recipients, 120 + recipients / 5)
            cpu_s, send_mb = rig.cpu_s(program.pid) - before, rig.peak_mb(program.pid)
            stats = server.page("/stats")
            running.until(lambda: store.open_rows() == 0, 20)
            program.stop()
        left = recipients - store.states().get("sent", 0)
    send_s = stats["last_at"] - stats["first_at"]
    return Run(
        recipients, planned["seconds"], planned["cpu_s"], planned["peak_mb"], send_s, cpu_s, send_mb, left
    )


def show(runs: list[Run]) -> None:
    first = runs[0]
    rows = [
        (
            one.recipients,
            one.plan_s,
            one.plan_cpu_s,
            one.plan_s / one.recipients * 1000,
            one.plan_mb,
            one.send_s,
            one.recipients / (one.send_s or NOT_SENT),
            one.cpu_s / one.recipients * 1000,
            one.send_mb,
            one.plan_s / one.recipients / (first.plan_s / first.recipients),
            one.cpu_s / one.recipients / ((first.cpu_s or NOT_SENT) / first.recipients),
            one.send_mb / (first.send_mb or NOT_SENT),
            one.left,
        )
        for one in runs
    ]
    rig.table(HEAD, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--recipients", type=int, nargs="*", default=[1000, 3321, 10598, 30000])
    parser.add_argument("--database-url", help="a PostgreSQL server; else SQLite")
    parser.add_argument("--plan-only", action="store_true", help="send nothing")
    parser.add_argument("--plan", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plan:
        asyncio.run(plan_week())
        return
    runs = []
    for recipients in options.recipients:
        runs.append(run(recipients, options.database_url, options.plan_only))
        show(runs[-1:])
    print()
    show(runs)


if __name__ == "__main__":
    main()
