"""A process that polls and answers, to be killed by a test.

python -m tests.poller_process STORE_URL API_URL TOKEN FOLDER NODE LEASE_S NOW
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

from bot.polling import Polling
from scheduler.clock import HandClock
from tests.update_world import process


async def poll(url: str, api_url: str, token: str, folder: str, node: str, lease_s: str, now: str) -> None:
    clock = HandClock(datetime.fromisoformat(now))
    async with process(url, api_url, token, Path(folder), clock) as here:
        lease = timedelta(seconds=float(lease_s))
        await Polling(here.db, here.channel, here.reception, node, lease).run()


if __name__ == "__main__":
    asyncio.run(poll(*sys.argv[1:]))
