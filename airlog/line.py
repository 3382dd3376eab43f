"""SQLite has one writer at a time. Those of one process wait for it in line.

Left to itself SQLite lets each of them sleep, look, and sleep longer, up to 100 ms and in no order: with twenty senders
beside the durable engine the file was idle most of the time while each of them waited 300 ms (measured; docs/adr/0007).
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

_LONGEST_S = 30
_TURN = "has the line's turn"


class Line:
    """The line in front of one file, shared by all engines on it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def guard(self, engine: Engine, writes: Callable[[Connection], bool]) -> None:
        """Transactions that write take a turn when they begin, and hand it on when their connection is given back."""

        def begin(connection: Connection) -> None:
            if writes(connection) and not connection.info.get(_TURN):
                # A turn that does not come in time is no error: SQLite's own lock decides, as between processes.
                connection.info[_TURN] = self._turn.acquire(timeout=_LONGEST_S)

        def over(_connection: object, entry: ConnectionPoolEntry, *_: object) -> None:
            if entry.info.pop(_TURN, False):
                self._turn.release()

        event.listen(engine, "begin", begin)
        for moment in ("checkin", "invalidate", "soft_invalidate"):
            event.listen(engine, moment, over)
