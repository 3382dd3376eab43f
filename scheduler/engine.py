"""The durable engine: the only file that knows DBOS Transact (docs/adr/0007).

A job is one attempt at one delivery. It carries the row's number and nothing else, is enqueued in the transaction that
arms the row, and is not run twice under one id. What it does is guarded by the claim, so an engine that runs a job
again, late, or on a second machine does no harm; a job that it loses is replaced by the tick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import ClassVar

from dbos import DBOS, DBOSClient, EnqueueOptions

from airlog.db import Database, Session
from airlog.jobs import Job, disarm
from scheduler.channel import line_of
from scheduler.clock import Clock
from scheduler.dispatch import IN_FLIGHT, Dispatcher

_APP = "loaxa"
_VERSION = "1"
"""A constant: by default it is a hash of the code, and after an upgrade nobody would pick up the jobs of before.
Raise it only when what a job carries changes, after draining (docs/operations.md)."""
_POLL_S = 0.25
"""24 in flight are refilled often enough for 27 a second at 300 ms, and a quiet night costs little."""
_POOLED = (4, 1.0)
"""The same for each bot of a pool, which sends once a second: dozens of queues at 250 ms would keep the store busy."""
_THREADS = 32
_FINISH_WITHIN_S = 25
_LIVE = {"ENQUEUED", "DELAYED", "PENDING"}
_KEPT = timedelta(hours=24)
_PURGED_AT_ONCE = 1_000


class DurableJobs:
    """Jobs on DBOS, in the store itself. One per process: `launch` inside the loop that does the work."""

    _running: ClassVar[DurableJobs | None] = None

    def __init__(self, db: Database, dispatcher: Dispatcher, clock: Clock, node: str) -> None:
        self._db, self._dispatcher, self._clock, self._node = db, dispatcher, clock, node
        self._engine = db.engine_for_jobs()
        self._client: DBOSClient | None = None
        self._lines: tuple[str, ...] = ()
        self._stop = asyncio.Event()

    async def launch(self, lines: Iterable[str]) -> None:
        """Start working on the queues of these lines. Jobs that this node left unfinished are taken up again."""
        DurableJobs._running, self._lines = self, tuple(lines)
        DBOS(
            config={
                "name": _APP,
                "system_database_engine": self._engine,
                "executor_id": self._node,
                "application_version": _VERSION,
                "use_listen_notify": False,
                "log_level": "WARNING",
                "max_executor_threads": _THREADS,
            }
        )
        names = [_queue(line) for line in self._lines]
        DBOS.listen_queues(names)
        DBOS.launch()
        for name in names:
            # A person's messages one after another; all others side by side.
            at_once, poll_s = _POOLED if ":" in name else (IN_FLIGHT, _POLL_S)
            await DBOS.register_queue_async(
                name, worker_concurrency=at_once, partition_concurrency=1, polling_interval_sec=poll_s
            )
        self._client = DBOSClient(system_database_engine=self._engine, application_name=_APP, lazy=True)

    async def stop(self) -> None:
        """Take no new jobs, finish the sends in hand, close. What waits for its turn is given back."""
        self._stop.set()
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as closer:
            await loop.run_in_executor(
                closer, lambda: DBOS.destroy(workflow_completion_timeout_sec=_FINISH_WITHIN_S)
            )
        # DBOS put its own pool behind asyncio.to_thread, and has just closed it.
        loop.set_default_executor(ThreadPoolExecutor())
        DurableJobs._running = None
        self._engine.dispose()

    def add(self, session: Session, jobs: Sequence[Job]) -> None:
        """Enqueue in the caller's transaction; a job of a later time waits in the store until then."""
        now = self._clock.now()
        for job in jobs:
            line = line_of(job.channel, job.bot, self._lines)
            self._made_client.enqueue_in_transaction(
                session, _options(job, line, now), str(job.delivery_id), line
            )

    async def lost(self, ids: Sequence[str]) -> set[str]:
        """Those that ended while their row is still open, failed, or were never there."""
        found = await self._made_client.list_workflows_async(
            workflow_ids=list(ids), load_input=False, load_output=False
        )
        return set(ids) - {job.workflow_id for job in found if job.status in _LIVE}

    async def work(self, stop: asyncio.Event | None) -> int:
        """The queue's own workers do it."""
        return 0

    async def take_over(self, node: str) -> int:
        """Put the jobs that a dead node held back into their queues; returns how many."""
        held = await self._made_client.list_workflows_async(
            status="PENDING", executor_id=node, load_input=False, load_output=False
        )
        by_queue: dict[str, list[str]] = {}
        for job in held:
            if job.queue_name:
                by_queue.setdefault(job.queue_name, []).append(job.workflow_id)
        for queue, ids in by_queue.items():
            await self._made_client.resume_workflows_async(ids, queue_name=queue)
        return sum(len(ids) for ids in by_queue.values())

    async def purge(self, now: datetime) -> int:
        """Delete jobs that ended a day ago, some at a time; their deliveries say all that matters."""
        before, gone = (now - _KEPT).isoformat(), 0
        while True:
            ended = await self._made_client.list_workflows_async(
                status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
                end_time=before, limit=_PURGED_AT_ONCE, load_input=False, load_output=False,
            )  # fmt: skip
            if not ended:
                return gone
            await self._made_client.delete_workflows_async([job.workflow_id for job in ended])
            gone += len(ended)

    async def run(self, delivery_id: int, line: str) -> str:
        """One job. A database that is away is waited for; if it stays away the tick makes another job."""
        outcome = await self._dispatcher.attempt(delivery_id, line, self._stop)
        if outcome == "stopped":
            await self._db.run(disarm, [delivery_id])
        return outcome

    @property
    def _made_client(self) -> DBOSClient:
        assert self._client is not None, "launch() first"
        return self._client


@DBOS.workflow(name="deliver")
async def _deliver(delivery_id: str, channel: str) -> str:
    running = DurableJobs._running
    assert running is not None
    return await running.run(int(delivery_id), channel)


def _queue(line: str) -> str:
    return f"send-{line}"


def _options(job: Job, line: str, now: datetime) -> EnqueueOptions:
    options: EnqueueOptions = {
        "workflow_name": "deliver",
        "queue_name": _queue(line),
        "workflow_id": job.id,
        "app_version": _VERSION,
        "application_name": _APP,
        "queue_partition_key": str(job.person_id),
        "priority": 1 if job.urgent else 10,
    }
    if job.due_at > now:
        options["delay_seconds"] = (job.due_at - now).total_seconds()
    return options
