"""Workers in processes of their own that can be killed at a chosen moment.

`python -m tests.crash_child` imports the program once and then forks a worker for each line of JSON it reads, so that
a test with five processes does not pay for five imports. It answers with a line per event: `started PID`, `ended PID
CODE` (negative: the signal).
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import Any

import airlog.nodes
import scheduler.nodes
from bot.process import serve
from bot.settings import Settings
from scheduler.dispatch import Moment


class Death:
    """Kills this process without warning the `nth` time a delivery reaches a moment; or freezes it instead."""

    def __init__(self, moment: str, nth: int, way: str) -> None:
        self._moment, self._left = moment, nth
        self._signal = signal.SIGSTOP if way == "freeze" else signal.SIGKILL

    def __call__(self, moment: Moment, delivery_id: int) -> None:
        if moment == self._moment:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), self._signal)


def work(asked: dict[str, Any]) -> None:
    """Serve as a worker until told to stop."""
    with Path(asked["log"]).open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    for module in (airlog.nodes, scheduler.nodes):
        module.BEAT_S, module.DEAD_S = asked["beat_s"], asked["dead_s"]  # type: ignore[attr-defined]
    death = Death(asked["moment"], asked["nth"], asked["way"])
    asyncio.run(serve(Settings(_env_file=None, **asked["settings"]), "worker", reached=death))


def say(*words: object) -> None:
    print(*words, flush=True)


def bury() -> None:
    """Report workers that ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        say("ended", pid, os.waitstatus_to_exitcode(status))


def main() -> None:
    """One thread only: a fork of a process with threads may hang."""
    pending = b""
    while True:
        bury()
        if not select.select([0], [], [], 0.02)[0]:
            continue
        read = os.read(0, 65_536)
        if not read:
            return
        *lines, pending = (pending + read).split(b"\n")
        for line in lines:
            pid = os.fork()
            if pid == 0:
                try:
                    work(json.loads(line))
                except BaseException as error:
                    print(repr(error), file=sys.stderr)
                    os._exit(1)
                os._exit(0)
            say("started", pid)


if __name__ == "__main__":
    main()
