"""Where `now` comes from. The demo drives it; nothing patches it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Read once per operation; the value is handed down."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class HandClock:
    """Stands still until it is moved: for `--now`, for the demo and for tests."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def forward_to(self, moment: datetime) -> None:
        """Move on; never back, as the record's order must hold."""
        self.at = max(self.at, moment)


class FastClock:
    """Starts at an instant and runs `speed` times as fast as the machine's clock."""

    def __init__(self, start: datetime, speed: float) -> None:
        self._start, self._speed, self._began = start, speed, time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self._speed)
