"""What the pages ask of the pool of Zalo bots; `bot/zalo_office.py` answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from airlog.pool import Limits


@dataclass(frozen=True)
class BotSight:
    """A bot as Zalo has it. `link` opens its chat, empty while its name is not known; `detail` is Vietnamese.

    ok: it answers, and what people write arrives here. deaf: it answers, but what they write goes elsewhere or
    nowhere. refused: its token is bad. away: Zalo did not answer.
    """

    bot: str
    state: Literal["ok", "deaf", "refused", "away"]
    link: str
    detail: str

    @property
    def takes_people(self) -> bool:
        """Whether it is worth sending somebody there; a Zalo that is slow at this moment may be back at once."""
        return bool(self.link) and self.state in ("ok", "away")


class ZaloOffice(Protocol):
    """The pool as this process knows it."""

    @property
    def bots(self) -> Sequence[str]:
        """Numbers of the bots that are set, in their order."""
        ...

    @property
    def limits(self) -> Limits: ...

    def known(self) -> tuple[BotSight, ...]:
        """What Zalo said when it was last asked; nothing before that."""
        ...

    async def ask(self) -> tuple[BotSight, ...]:
        """What Zalo says now, or said within the last minute. Takes some seconds when it does not answer."""
        ...
