"""A whole worker in a process of its own, that can be killed at a chosen moment: `python -m tests.crash_child JSON`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Any

from bot.app import serve
from bot.settings import Settings
from scheduler.dispatch import Moment


class Death:
    """Kills this process without warning the `nth` time a delivery reaches a moment; `stop` freezes it instead."""

    def __init__(self, moment: str, nth: int, way: str) -> None:
        self._moment, self._left = moment, nth
        self._signal = signal.SIGSTOP if way == "freeze" else signal.SIGKILL

    def __call__(self, moment: Moment, delivery_id: int) -> None:
        if moment == self._moment:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), self._signal)


def main(asked: dict[str, Any]) -> None:
    settings = Settings(_env_file=None, **asked["settings"])
    death = Death(asked.get("moment", ""), asked.get("nth", 1), asked.get("way", "kill"))
    asyncio.run(serve(settings, "worker", reached=death))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
