"""What is being made in the background for somebody: since when, and what went wrong.

Kept in memory: what was being made when the process stopped is asked for, or sent, again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from airlog.db import Refused
from audio.clip import ClipRefused
from audio.speech import UnreadWords
from audio.voices import NoVoice

_log = logging.getLogger(__name__)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Words:
    """The form of a recording as it was filled in; a file cannot be put back into a form."""

    language: str = ""
    reader: str = ""
    consent: str = ""


@dataclass(frozen=True)
class Progress:
    """How far it is. `failure` is Vietnamese; None while it is being made."""

    since: datetime
    failure: str | None = None
    typed: Words = Words()


class Makings(Generic[K]):
    """One thing at a time for each key."""

    def __init__(self, broken: str) -> None:
        """`broken` is told when the work fails without a reason that can be shown."""
        self._broken = broken
        self._known: dict[K, Progress] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, key: K) -> Progress | None:
        return self._known.get(key)

    def is_busy(self, key: K) -> bool:
        known = self._known.get(key)
        return known is not None and known.failure is None

    def refuse(self, key: K, progress: Progress) -> None:
        """Keep the words of a form that was not taken, and why."""
        self._known[key] = progress

    def start(self, key: K, work: Callable[[], Awaitable[None]], progress: Progress) -> None:
        """`work` stores what it makes itself. Asking twice makes it once."""
        if self.is_busy(key):
            return
        self._known[key] = progress
        task = asyncio.create_task(self._work(key, work, progress))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for what is being made; for a clean stop and for tests."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, key: K, work: Callable[[], Awaitable[None]], progress: Progress) -> None:
        try:
            await work()
        except (ClipRefused, NoVoice, UnreadWords, Refused) as error:
            self._known[key] = replace(progress, failure=str(error))
        except Exception:
            _log.exception("making failed, key=%s", key)
            self._known[key] = replace(progress, failure=self._broken)
        else:
            del self._known[key]
