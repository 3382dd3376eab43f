"""Recordings that are being worked on for somebody: with which words, since when, what went wrong.

Kept in memory, as web/listening.py does: what was being worked on when the process stopped is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime

from airlog.db import Refused
from audio.clip import ClipRefused

_log = logging.getLogger(__name__)
Key = tuple[int, int]
"""The item, and the person who sent the file."""


@dataclass(frozen=True)
class Words:
    """The form as it was filled in; a file cannot be put back into a form."""

    language: str = ""
    reader: str = ""
    consent: str = ""


@dataclass(frozen=True)
class Intake:
    """How far a file is. `failure` is Vietnamese; None while it is being worked on."""

    words: Words
    since: datetime
    failure: str | None = None


class Intakes:
    """One file an item and person at a time, in the background."""

    def __init__(self) -> None:
        self._known: dict[Key, Intake] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, key: Key) -> Intake | None:
        return self._known.get(key)

    def is_busy(self, key: Key) -> bool:
        known = self._known.get(key)
        return known is not None and known.failure is None

    def refuse(self, key: Key, words: Words, failure: str, now: datetime) -> None:
        """Keep the words of a form that was not taken, and say why."""
        self._known[key] = Intake(words, now, failure)

    def start(self, key: Key, words: Words, work: Awaitable[None], now: datetime) -> None:
        """`work` stores what it makes itself. The key must not be busy."""
        intake = self._known[key] = Intake(words, now)
        task = asyncio.create_task(self._work(key, intake, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for what is being worked on; for a clean stop and for tests."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, key: Key, intake: Intake, work: Awaitable[None]) -> None:
        try:
            await work
        except (ClipRefused, Refused) as error:
            self._known[key] = replace(intake, failure=str(error))
        except Exception:
            _log.exception("recording of item %s failed", key[0])
            self._known[key] = replace(
                intake,
                failure="Loa Xã gặp lỗi khi xử lý bản thu. Các bản thu trước vẫn giữ nguyên. "
                "Anh/chị gửi lại sau ít phút.",
            )
        else:
            del self._known[key]
