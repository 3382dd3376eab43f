"""What a conversation is handed with each message: who speaks, where, and what the program offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from airlog import deliveries
from airlog.airchecks import KeptFile
from airlog.db import Session
from airlog.models import Address, Delivery, Person
from airlog.record import Source
from airlog.recordings import Received
from scheduler.channel import Incoming
from scheduler.item import Wordings
from scheduler.ladder import Ladder


@dataclass(frozen=True)
class Desk:
    """What is the same for every conversation of this process."""

    channels: tuple[str, ...]
    base_url: str
    var_dir: Path
    upload_mb: int = 20
    wordings: Wordings = field(default_factory=Wordings)
    """What the weeks' items say, kept between the conversations: a tapped item is put together again."""
    ladder: Ladder = field(default_factory=Ladder)
    """Knows the quiet hours."""


Sent = KeptFile | Received | str
"""What became of a file: kept as proof, mastered as a reading of an item, or why it was not taken, in Vietnamese."""


@dataclass(frozen=True)
class Caller:
    """The person who wrote, the chat they wrote in (None: the operator's page), and the update itself."""

    person: Person
    address: Address | None
    incoming: Incoming
    now: datetime
    desk: Desk

    def tapped(self, session: Session) -> Delivery | None:
        """The delivery under whose message a button was tapped; None for replies, and for the page."""
        if self.address is None:
            return None
        return deliveries.by_message(session, self.address, self.incoming.message_ref)

    @property
    def source(self) -> Source:
        """Where a statement comes from, for the log: the channel and the person's own update."""
        return Source(
            self.incoming.channel,
            f"{self.incoming.update_id}/{self.incoming.message_ref}"[:80],
            min(self.incoming.sent_at, self.now),
        )
