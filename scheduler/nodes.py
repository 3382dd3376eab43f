"""This process among the others: its name, its heartbeat, and the work of those that fell silent."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from airlog import leases, nodes
from airlog.db import Database, Session, store_seconds
from airlog.freeze import Witness
from airlog.nodes import BEAT_S, DEAD_S, Me
from scheduler.clock import Clock
from scheduler.engine import DurableJobs

log = logging.getLogger("loaxa.nodes")


class NameTaken(Exception):
    """Another live process works under this node's name; the message is Vietnamese."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Đã có một tiến trình Loa Xã đang chạy với tên nút “{name}”. Anh/chị dừng tiến trình đó, "
            "hoặc đặt LOAXA_NODE_NAME khác cho tiến trình này rồi chạy lại."
        )


def me(name: str, role: str) -> Me:
    """This process under its name. The name never changes; the token is new at each start."""
    return Me(name, secrets.token_hex(16), role, socket.gethostname()[:64], os.getpid())


async def join(db: Database, who: Me, clock: Clock) -> None:
    """Enter this process as alive. A name whose holder gives no more sign of life is taken over.

    Raises NameTaken when the holder lives: it beats while we watch.
    """
    holder = await db.run(nodes.join, who, clock.now())
    if holder is None:
        return
    if not _gone(holder.host, holder.pid, who):
        before = await db.read(nodes.seen_at_s, who.name)
        while await db.read(_age_s, who.name) <= DEAD_S:
            await asyncio.sleep(BEAT_S)
            if await db.read(nodes.seen_at_s, who.name) > before:
                raise NameTaken(who.name)
    if not await db.run(nodes.take_name, holder.token, who, clock.now()):
        raise NameTaken(who.name)


class Heartbeat:
    """Says every few seconds that this node lives, and takes over the jobs of nodes that no longer do."""

    def __init__(
        self, db: Database, who: Me, jobs: DurableJobs | None, witness: Witness, clock: Clock
    ) -> None:
        self._db, self._who, self._jobs, self._witness, self._clock = db, who, jobs, witness, clock
        self._thread = ThreadPoolExecutor(1, "heartbeat")  # the loop's own pool closes with the engine

    async def run(self) -> None:
        """Until cancelled, or until another process took this one's name: then it has to stop. A store that is away
        for a while is waited out."""
        while True:
            try:
                if not await self._db.run(nodes.beat, self._who):
                    log.error("node=%s was silent so long that another process has its name", self._who.name)
                    return
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._thread, self._witness.beat, self._clock.now())
                await self._take_over()
            except Exception:
                log.exception("node=%s heartbeat failed", self._who.name)
            await asyncio.sleep(BEAT_S)

    async def leave(self) -> None:
        """Stopped in good order."""
        await self._db.run(nodes.leave, self._who)

    async def _take_over(self) -> None:
        """One node at a time looks after each dead one; should it die at that, the next does."""
        if self._jobs is None:
            return
        for name in await self._db.read(nodes.dead):
            if name != self._who.name and await self._db.run(_may_take_over, name, self._who.token):
                count = await self._jobs.take_over(name)
                if count:
                    log.warning("node=%s is dead: took over jobs=%s", name, count)


def _may_take_over(session: Session, name: str, token: str) -> bool:
    return leases.hold(session, f"takeover:{name}", token, timedelta(seconds=DEAD_S), store_seconds(session))


def _age_s(session: Session, name: str) -> float:
    return store_seconds(session) - nodes.seen_at_s(session, name)


def _gone(host: str, pid: int, who: Me) -> bool:
    """True when the holder ran on this machine and no process of that number does now."""
    if host != who.host or pid == who.pid or os.name == "nt":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
