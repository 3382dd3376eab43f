"""The port to the engine that gets deliveries done. What is due stands in rows; an engine only carries their keys."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from airlog.db import Session
from airlog.jobs import Job
from scheduler.dispatch import Dispatcher


class Jobs(Protocol):
    """An engine. It may run a job late, twice or on another machine: the claim makes that harmless."""

    def add(self, session: Session, jobs: Sequence[Job]) -> None:
        """Take jobs in the caller's transaction: rows and jobs are committed together or not at all."""
        ...

    async def lost(self, ids: Sequence[str]) -> set[str]:
        """Which of these jobs will not run (any more)."""
        ...

    async def work(self, stop: asyncio.Event | None) -> int:
        """Do what has to be done within a tick; returns how many messages were handled."""
        ...


class AtOnce:
    """No engine: each tick sends what is due before it ends. For a clock driven by hand, and for one-off commands."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def add(self, session: Session, jobs: Sequence[Job]) -> None:
        """The rows say enough."""

    async def lost(self, ids: Sequence[str]) -> set[str]:
        """There are no jobs to lose."""
        return set()

    async def work(self, stop: asyncio.Event | None) -> int:
        return await self._dispatcher.drain(stop)
