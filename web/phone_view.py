"""What the phone simulator's templates show. Built by bot/phone_pages.py from the simulator's own messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from airlog.types import RoleKind

MediaKind = Literal["audio", "photo", "document"]


@dataclass(frozen=True)
class ChatPerson:
    """One phone: whose it is, and what its list entry shows."""

    chat_id: str
    name: str
    subtitle: str
    initials: str
    role: RoleKind
    unread: int
    last_text: str
    last_at: datetime | None


@dataclass(frozen=True)
class PhoneButton:
    label: str
    data: str
    tone: str


@dataclass(frozen=True)
class Bubble:
    """One message on the screen. `peaks` are heights 0..1 of the waveform's bars."""

    id: int
    from_person: bool
    text: str
    buttons: tuple[tuple[PhoneButton, ...], ...]
    media_kind: str | None
    media_title: str
    duration_s: int
    peaks: tuple[float, ...]
    sent_at: datetime
    day: str
    """Set on the first bubble of a day, for the separator; empty otherwise."""
    edited: bool


@dataclass(frozen=True)
class PhoneGroup:
    title: str
    people: tuple[ChatPerson, ...]


@dataclass(frozen=True)
class PhonePage:
    """Everything on screen. `version` changes when anything in the chat does."""

    groups: tuple[PhoneGroup, ...]
    current: ChatPerson | None
    bubbles: tuple[Bubble, ...]
    version: str
