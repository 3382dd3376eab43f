"""The port to a chat service: what goes out, what comes in, what can go wrong.

`bot/channels/` holds one file per service. Nothing here knows any of them, and the conversation code
(`bot/handlers.py`) sees only these types, so the simulator and Telegram hold the same conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

from airlog.budget import Weight


@dataclass(frozen=True)
class Button:
    """One button under a message. `data` is at most 64 bytes of ASCII (Telegram's limit)."""

    label: str
    data: str
    tone: Literal["plain", "good", "bad"] = "plain"


ButtonRows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class Sound:
    """An mp3 to be sent with the message. `file_ref` is the service's own id of an earlier upload."""

    path: Path
    title: str
    performer: str
    duration_s: int
    sha256: str
    file_ref: str | None = None


@dataclass(frozen=True)
class Outgoing:
    """One message to one chat. With a sound the text is its caption. At most one of sound, picture, document."""

    text: str
    buttons: ButtonRows = ()
    sound: Sound | None = None
    picture: Path | None = None
    document: Path | None = None
    make: Callable[[], object] | None = field(default=None, compare=False, repr=False)
    """Makes the picture or document. Called before the message leaves, outside any transaction: drawing takes longer than
    anybody may keep the record to themselves."""
    weight: Weight = "needed"
    """What a bot gives up first when its month is nearly used up."""


@dataclass(frozen=True)
class Receipt:
    """What the service answered: its id of the message, and of an uploaded sound (to send again by id)."""

    message_ref: str
    file_ref: str | None = None


@dataclass(eq=False)
class ChannelError(Exception):
    """A send that did not succeed."""

    reason: str
    _: KW_ONLY
    permanent: bool = False
    """This address will not work again (blocked, deleted, never started)."""
    maybe_delivered: bool = False
    """The request can have left, so the machine must not send it again."""
    retry_after: timedelta | None = None
    """The service asked for a pause, for the whole bot."""

    def __str__(self) -> str:
        return self.reason


class HeldBack(ChannelError):
    """Not sent, and not to be tried again here: the bot keeps what is left of its month for what is needed."""


@dataclass(frozen=True)
class Abilities:
    """What a service can carry. Fallbacks are chosen once, outside the channels, by these."""

    sound: bool = True
    buttons: bool = True
    edits: bool = True
    max_chars: int = 4096
    max_caption_chars: int = 1024
    max_upload_bytes: int = 20 * 1024 * 1024


class Channel(Protocol):
    """A chat service. `name` is what addresses and log entries carry; `bot` tells bots of one service apart."""

    name: str
    bot: str
    abilities: Abilities
    pace: timedelta
    """Least time between two broadcast sends of this bot."""

    async def send(self, chat_id: str, message: Outgoing) -> Receipt:
        """Send one message. Raises ChannelError."""
        ...

    async def edit(self, chat_id: str, message_ref: str, message: Outgoing) -> None:
        """Replace the text and buttons of a message sent before. Raises ChannelError; unchanged is no error."""
        ...

    async def fetch_file(self, file_ref: str, max_bytes: int) -> bytes:
        """The bytes of a file a person sent. Raises FileTooLarge or ChannelError."""
        ...


def line_of(channel: str, bot: str, lines: Collection[str]) -> str:
    """Which of the lines that run here serves an address: `zalo:700800900` where a service has a pool of bots, each
    with a pace, a queue and a connection of its own; else the service's name alone."""
    own = f"{channel}:{bot}"
    return own if own in lines else channel


class FileTooLarge(Exception):
    """A person's file is over the limit that was asked for."""


FileKind = Literal["photo", "voice", "audio", "video", "file"]


@dataclass(frozen=True)
class IncomingFile:
    """A file in a person's message: where to fetch it, and what the service said of it (not to be trusted)."""

    kind: FileKind
    file_ref: str
    size_bytes: int | None = None
    name: str | None = None


@dataclass(frozen=True)
class Incoming:
    """One update from a chat service, parsed. `update_id` is unique per (channel, bot) for ever."""

    channel: str
    bot: str
    update_id: str
    chat_id: str
    kind: Literal["text", "press", "file", "blocked", "other"]
    sent_at: datetime
    text: str = ""
    """The text typed, or the data of the button pressed."""
    message_ref: str = ""
    """For a press: the message that carries the button. Else: the person's own message."""
    press_ref: str = ""
    """For a press: the id by which the service wants it acknowledged."""
    file: IncomingFile | None = None
    private: bool = True
    """False in a group: nothing is recorded from there."""
    buttons: bool = True
    """False where the service has none: people type what they mean, and are told seldom how to."""


@dataclass(frozen=True)
class Answer:
    """What a conversation says back: messages to send, and an edit of the message whose button was pressed."""

    messages: tuple[Outgoing, ...] = ()
    edit: Outgoing | None = None
