"""Messages a second through the real Telegram channel against a stand-in of the Bot API in its own process.

    python -m benchmarks.telegram_send            (about a minute; --quick: some seconds)

Unpaced figures say how much room there is above Telegram's limit of 30 a second; the paced run, against a server
that refuses more than 30 in any second, must draw no 429.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.channels.telegram import TelegramChannel
from scheduler.channel import Button, ChannelError, Outgoing, Sound

LIMIT_PER_SECOND = 30
NOTICE = "Loa Xã, tuần 48/2026: VNeID là gì. Kính mong anh/chị phát vào buổi sáng và buổi chiều. " * 4


@dataclass(frozen=True)
class Case:
    latency_s: float
    workers: int
    messages: int
    paced: bool = False


@dataclass(frozen=True)
class StandIn:
    token: str
    base_url: str

    def stats(self) -> dict[str, float]:
        root = self.base_url.removesuffix("/bot")
        with urllib.request.urlopen(f"{root}/stats", timeout=10) as answer:
            figures: dict[str, float] = json.load(answer)
        return figures


@contextmanager
def stand_in(case: Case) -> Iterator[StandIn]:
    command = [
        sys.executable,
        "-m",
        "tests.bot_api_by_hand",
        "--port=0",
        "--quiet",
        f"--latency={case.latency_s}",
    ]
    if case.paced:
        command += [f"--limit={LIMIT_PER_SECOND}", "--jitter=0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        token, url = (process.stdout.readline().strip().partition("=")[2] for _ in range(2))
        try:
            yield StandIn(token, url)
        finally:
            process.terminate()


async def broadcast(case: Case, server: StandIn, clip: Path) -> tuple[float, float, int]:
    """Seconds of time, seconds of CPU, and refusals, for sending the case's messages by file_id."""
    channel = TelegramChannel(server.token, base_url=server.base_url)
    sound = Sound(clip, "VNeID là gì", "Loa Xã", 180, "c" * 64)
    rows = ((Button("Đã phát", "d:1:done", "good"), Button("Chưa phát được", "d:1:not", "bad")),)
    message = Outgoing(NOTICE, rows, sound=sound)
    await channel.send("1", message)
    numbers, refused = iter(range(2, case.messages + 2)), 0
    slots = itertools.count()
    start, cpu = time.perf_counter(), time.process_time()

    async def worker() -> None:
        nonlocal refused
        for number in numbers:
            if case.paced:
                due = start + next(slots) * channel.pace.total_seconds()
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            try:
                await channel.send(str(number), message)
            except ChannelError:
                refused += 1

    await asyncio.gather(*(worker() for _ in range(case.workers)))
    figures = time.perf_counter() - start, time.process_time() - cpu, refused
    await channel.close()
    return figures


def run(case: Case, clip: Path) -> None:
    with stand_in(case) as server:
        seconds, cpu, refused = asyncio.run(broadcast(case, server, clip))
        stats = server.stats()
    rate = (case.messages - refused) / seconds
    print(
        f"{case.latency_s * 1000:7.0f} ms {case.workers:7d} {'yes' if case.paced else 'no':>5} {case.messages:8d} "
        f"{rate:8.1f}/s {rate / LIMIT_PER_SECOND:7.2f} {cpu / case.messages * 1000:8.2f} ms "
        f"{stats['busiest_second']:8.0f} {refused:5d} {stats['uploads']:7.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true")
    share = 10 if parser.parse_args().quick else 1
    cases = [
        Case(0.0, 10, 3000 // share),
        Case(0.0, 20, 3000 // share),
        Case(0.2, 10, 1000 // share),
        Case(0.2, 20, 2000 // share),
        Case(0.2, 20, 900 // share, paced=True),
    ]
    print("latency    workers paced messages     rate  x limit  cpu/message  busiest   429 uploads")
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp3"
        clip.write_bytes(bytes(3_000_000))
        for case in cases:
            run(case, clip)
    print(f"peak memory of the sender: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
