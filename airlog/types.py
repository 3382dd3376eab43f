"""Column types and the closed sets of the store (style.md, section 1)."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, String
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept as UTC. SQLite drops the offset in silence, so naive values are refused here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: the store takes aware instants only")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert isinstance(value, datetime)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Digest(TypeDecorator[str]):
    """A SHA-256, hexadecimal in the program, 32 bytes in the store: a year of log lines holds half a million."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        # A SQLite file from before revision 0003 holds text.
        return value if value is None or isinstance(value, str) else bytes(value).hex()


class Packed(TypeDecorator[str]):
    """A long text that is seldom read again, compressed in the store: a month of raw updates shrinks to a third."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(value.encode())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        if value is None or isinstance(value, str):  # a SQLite file from before revision 0004 holds text
            return value
        try:
            return zlib.decompress(value).decode()
        except zlib.error:  # the same of a PostgreSQL store
            return bytes(value).decode()


class RoleKind(StrEnum):
    """Who a person is towards an area. Each is granted with dates and an area, and several may be held."""

    OPERATOR = "operator"
    OFFICER = "officer"
    EDITOR = "editor"
    APPROVER = "approver"
    ADMIN = "admin"
    LEADER = "leader"
    """Leads a commune: is told when its station stays silent. Gives no right to any page."""


class MandateKind(StrEnum):
    AIR = "air"
    POST = "post"


class DutyState(StrEnum):
    PENDING = "pending"
    MET = "met"
    MET_LATE = "met_late"
    MISSED = "missed"
    EXCUSED = "excused"
    PART_MET = "part_met"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class Rung(StrEnum):
    """Steps of the ladder that a message belongs to."""

    ITEM = "item"
    QUESTION = "question"
    """“Has it been aired?”, right after the station's own hour; in place of the first reminder."""
    REMINDER_1 = "reminder_1"
    REMINDER_2 = "reminder_2"
    LEADER = "leader"
    """To a commune leader: the station has said nothing after both reminders."""
    ESCALATION = "escalation"
    PROVINCE = "province"
    """To those who look after the whole province: still silent after the officer was told."""
    DIGEST = "digest"
    NUDGE = "nudge"
    ASK = "ask"
    """The short question that follows a message of unknown fate."""
    ALERT = "alert"
    """To an admin: something needs a hand."""
    LOST = "lost"
    """To an officer: operators whom a chat no longer reaches."""
    RECALL = "recall"
    """An item that was sent is withdrawn: do not air it."""
    REVIEW = "review"
    """To an operator: an officer asks about a statement, or does not accept it."""
    REPLY = "reply"
    """To the officer who asked: what the station answered."""


class EntryKind(StrEnum):
    """What a line of the airing log states."""

    AIRED = "aired"
    NOT_AIRED = "not_aired"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    LEADER_CLEARED = "leader_cleared"
    EXCUSED = "excused"
    REVIEWED = "reviewed"
    ANSWERED = "answered"
    """Words of the station to an officer's question. Changes nothing about what was aired."""


AIRING = (EntryKind.AIRED, EntryKind.CORRECTED)


class MissedReason(StrEnum):
    """Why an item could not be aired: a closed list, free text beside it."""

    NO_POWER = "no_power"
    BROKEN = "broken"
    NO_NETWORK = "no_network"
    WEATHER = "weather"
    NOT_CLEARED = "not_cleared"
    NO_SLOT = "no_slot"
    OTHER = "other"
    TET = "tet"
    """Only an officer's excuse gives this one (content/excuses.py)."""


class AddressState(StrEnum):
    ACTIVE = "active"
    BLOCKED = "blocked"


class CampaignState(StrEnum):
    PLANNED = "planned"
    LAUNCHED = "launched"
    STOPPED = "stopped"


class AreaChangeKind(StrEnum):
    """How communes change."""

    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    RENAME = "rename"


class Closed(TypeDecorator[StrEnum]):
    """A closed set stored as text: a new member needs no migration, and both databases agree."""

    impl = String(24)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)
