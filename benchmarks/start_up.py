"""From an empty folder to the first page: seconds and memory of the one process, beside a bare Python process.

    PYTHONPATH=. python benchmarks/start_up.py [--runs 3]

A run starts the whole program on an empty store (tables, 3,355 areas, trial data, this week's clip and its sending),
asks for the front page until it answers, waits until the week is sent, then looks at four pages. Linux only (/proc).
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    first_page_s: float
    week_sent_s: float
    page_ms: float
    peak_mb: float
    stop_s: float


def main() -> None:
    """Print every run and the medians."""
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=3)
    runs = [one_run() for _ in range(options.parse_args().runs)]
    for number, run in enumerate(runs, start=1):
        print(
            f"run {number}: first page {run.first_page_s:.1f} s, week sent {run.week_sent_s:.1f} s, "
            f"page {run.page_ms:.0f} ms, peak {run.peak_mb:.0f} MB, stop {run.stop_s:.1f} s"
        )
    bare = bare_python()
    first = statistics.median(r.first_page_s for r in runs)
    peak = statistics.median(r.peak_mb for r in runs)
    print(
        f"median: first page {first:.1f} s ({first / bare[0]:.0f} x a bare Python start of {bare[0] * 1000:.0f} ms)"
    )
    print(f"        peak memory {peak:.0f} MB ({peak / bare[1]:.0f} x a bare Python of {bare[1]:.0f} MB)")


def one_run() -> Run:
    with tempfile.TemporaryDirectory() as var:
        environment = {**os.environ, "LOAXA_VAR_DIR": var, "LOAXA_HTTP_PORT": "0", "PYTHONUNBUFFERED": "1"}
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "bot.py"), "run"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            cwd=var,
        )
        try:
            base = address(process)
            answered(f"{base}/")
            first = time.perf_counter() - began
            while answered(f"{base}/phone").count('class="badge"') < 28 and time.perf_counter() - began < 120:
                time.sleep(0.2)
            sent = time.perf_counter() - began
            asked = time.perf_counter()
            for path in ("/", "/phone", "/phone/p1", "/login"):
                answered(base + path)
            page = (time.perf_counter() - asked) / 4 * 1000
            peak = peak_mb(process.pid)
            stopping = time.perf_counter()
            process.terminate()
            process.wait(30)
            return Run(first, sent, page, peak, time.perf_counter() - stopping)
        finally:
            process.kill()


def address(process: subprocess.Popen[str]) -> str:
    """The address that the program prints."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"https?://\S+", line):
            return found[0]
    raise SystemExit("the program ended without an address")


def answered(url: str) -> str:
    """The page, once it is there."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            time.sleep(0.05)
    raise SystemExit(f"no answer from {url}")


def peak_mb(pid: int) -> float:
    """The most resident memory that the process ever had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def bare_python() -> tuple[float, float]:
    """Seconds and MB of a Python that does nothing but say how large it is."""
    code = "import re; print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    began = time.perf_counter()
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return time.perf_counter() - began, int(out) / 1024


if __name__ == "__main__":
    main()
