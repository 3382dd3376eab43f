"""One week's broadcast: Loa Xã whole, beside plain python-telegram-bot and aiogram doing the same sends.

    python -m benchmarks.broadcast_peers                                   (3,321 recipients, about 10 minutes)
    python -m benchmarks.broadcast_peers --recipients 10598
    python -m benchmarks.broadcast_peers --only loaxa --pace-ms 36 36.5 37 37.5 38    (finds the default pace)

Every contender sends the audio by file id with a caption and buttons, against the same server in another process:
200 ms of latency, up to 100 ms of jitter, and a refusal of everything above 30 in any sliding second.

Goals (issue 3): seconds at most 1.15 times recipients / 30, no refusal, one upload of the bytes, nobody lost or twice.
Seconds run from the first acceptance to the last; CPU is the client process's in that time and what is left of it
(for Loa Xã with the plan of the rows and jobs; its Python start is not counted), memory its peak.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass

from benchmarks import rig
from benchmarks.contenders import CONTENDERS

HEAD = (
    "contender", "seconds", "x limit", "429", "lost", "twice", "busiest s", "lowest 10 s", "uploads",
    "CPU ms/msg", "peak MB", "time/ptb", "CPU/ptb",
)  # fmt: skip
YARDSTICK = "ptb-paced"


@dataclass(frozen=True)
class Run:
    name: str
    stats: dict[str, float]
    slices: list[float]
    cpu_s: float
    peak_mb: float

    @property
    def seconds(self) -> float:
        return self.stats["last_at"] - self.stats["first_at"]


def loaxa(recipients: int, pace_ms: float | None, server: rig.Server) -> tuple[float, float]:
    """CPU seconds and peak memory of one worker on SQLite that plans and sends the week."""
    with rig.store() as store:
        rig.fill(store, recipients)
        with rig.Rig(store, server, pace_ms) as running:
            program = running.start()
            running.until(program.is_up, 60, 0.01)
            before = rig.cpu_s(program.pid)
            running.until(lambda: running.items() >= recipients, 60 + recipients, 0.5)
            running.until(lambda: store.open_rows() == 0, 30)
            figures = rig.cpu_s(program.pid) - before, rig.peak_mb(program.pid)
            if left := store.states().keys() - {"sent"}:
                print("states:", store.states(), left)
            program.stop()
            return figures


def peer(name: str, recipients: int, pace_ms: float, server: rig.Server) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.contenders", name, f"--token={server.token}"]
    command += [f"--url={server.url}", f"--recipients={recipients}", f"--pace-ms={pace_ms}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=rig.ROOT)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["cpu_s"], told["peak_mb"]


def run(name: str, recipients: int, pace_ms: float | None, peer_pace_ms: float, limit: int) -> Run:
    with rig.server(limit=limit) as server:
        if name == "loaxa":
            figures = loaxa(recipients, pace_ms, server)
        else:
            figures = peer(name, recipients, peer_pace_ms, server)
        stats = server.page("/stats")
    label = f"{name} {pace_ms:g} ms" if name == "loaxa" and pace_ms else name
    return Run(label, stats, stats.pop("slices"), *figures)


def show(runs: list[Run], recipients: int, limit: int) -> None:
    yard = next((one for one in runs if one.name == YARDSTICK), None)
    rows = [
        (
            one.name,
            one.seconds,
            one.seconds / (recipients / limit),
            int(one.stats["refused_429"]),
            recipients - int(one.stats["chats"]),
            int(one.stats["twice"]),
            int(one.stats["busiest_second"]),
            min(one.slices, default="-"),
            int(one.stats["uploads"]),
            one.cpu_s / recipients * 1000,
            one.peak_mb,
            one.seconds / yard.seconds if yard else "",
            one.cpu_s / yard.cpu_s if yard else "",
        )
        for one in runs
    ]
    rig.table(HEAD, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--recipients", type=int, default=3321)
    parser.add_argument("--only", nargs="*", default=["loaxa", "ptb-paced", "ptb-default", "aiogram-paced"],
                        choices=["loaxa", *CONTENDERS])  # fmt: skip
    parser.add_argument("--pace-ms", type=float, nargs="*", help="of Loa Xã; none: the product's default")
    parser.add_argument("--peer-pace-ms", type=float, default=38.0)
    parser.add_argument("--limit", type=int, default=rig.LIMIT_PER_SECOND)
    options = parser.parse_args()
    runs = []
    for name in options.only:
        for pace_ms in (options.pace_ms or [None]) if name == "loaxa" else [None]:
            print(time.strftime("%H:%M:%S"), name, pace_ms or "", file=sys.stderr, flush=True)
            runs.append(run(name, options.recipients, pace_ms, options.peer_pace_ms, options.limit))
    show(runs, options.recipients, options.limit)


if __name__ == "__main__":
    main()
