"""What the phone simulator's templates show. Built by bot/phone_pages.py from the simulator's own messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from airlog.types import RoleKind
from content.week import LOCAL
from content.wording import day_vi
from scheduler.channel import ButtonRows

GROUPS = (
    ("Cán bộ truyền thanh", (RoleKind.OPERATOR,)),
    ("Người phụ trách", (RoleKind.OFFICER, RoleKind.LEADER)),
    ("Quản trị", (RoleKind.ADMIN, RoleKind.EDITOR, RoleKind.APPROVER)),
)


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

    @property
    def last_clock(self) -> str:
        return f"{self.last_at.astimezone(LOCAL):%H:%M}" if self.last_at else ""


@dataclass(frozen=True)
class Bubble:
    """One message on the screen. `media_kind` is audio, photo or document; `peaks` are the waveform, 0..1."""

    id: int
    from_person: bool
    text: str
    buttons: ButtonRows
    media_kind: str | None
    media_url: str
    media_title: str
    duration_s: int
    peaks: tuple[float, ...]
    sent_at: datetime
    edited: bool
    read: bool

    @property
    def clock(self) -> str:
        return f"{self.sent_at.astimezone(LOCAL):%H:%M}"

    @property
    def day(self) -> str:
        return day_vi(self.sent_at.astimezone(LOCAL).date())

    @property
    def length(self) -> str:
        """As players show it: 2:05."""
        return f"{self.duration_s // 60}:{self.duration_s % 60:02d}"

    @property
    def version(self) -> str:
        """Changes when anything of the bubble that can change does; the page then draws it anew."""
        return f"{crc32(repr((self.text, self.buttons, self.read)).encode()):08x}"


@dataclass(frozen=True)
class PhonePage:
    """Everything on screen. `last_version` changes when anything in the chat does."""

    people: tuple[ChatPerson, ...]
    current: ChatPerson | None
    bubbles: tuple[Bubble, ...]
    last_version: str

    @property
    def groups(self) -> list[tuple[str, list[ChatPerson]]]:
        """The phones under the heading of their owner's role."""
        grouped = [(title, [p for p in self.people if p.role in roles]) for title, roles in GROUPS]
        return [(title, people) for title, people in grouped if people]
