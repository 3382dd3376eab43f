"""Clips that are being made for somebody who wants to hear them: who waits, since when, what went wrong.

Kept in memory: a clip that was being made when the process stopped is simply asked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from audio.clip import ClipRefused
from audio.speech import UnreadWords
from audio.voices import NoVoice


@dataclass(frozen=True)
class Hearing:
    """How far a clip is. `failure` is Vietnamese; None while it is being made."""

    since: datetime
    failure: str | None = None


class Listening:
    """One clip a version at a time, in a thread; asking twice makes it once."""

    def __init__(self) -> None:
        self._known: dict[int, Hearing] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, version_id: int) -> Hearing | None:
        return self._known.get(version_id)

    def start(self, version_id: int, make: Callable[[], None], now: datetime) -> None:
        """`make` blocks, and stores the clip itself."""
        known = self._known.get(version_id)
        if known is not None and known.failure is None:
            return
        self._known[version_id] = Hearing(now)
        task = asyncio.create_task(self._work(version_id, make, now))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for what is being made; for a clean stop and for tests."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, version_id: int, make: Callable[[], None], now: datetime) -> None:
        try:
            await asyncio.to_thread(make)
        except (ClipRefused, NoVoice, UnreadWords) as error:
            self._known[version_id] = Hearing(now, str(error))
        except Exception:
            self._known[version_id] = Hearing(
                now, "Chưa làm được bản nghe thử. Lời đọc vẫn giữ nguyên. Anh/chị thử lại sau ít phút."
            )
            raise
        else:
            del self._known[version_id]
