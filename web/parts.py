"""What the pages are built from. Joined in one place (bot/app.py), handed down, never looked up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter, Request

from airlog.db import Database
from reports.mail import MailSettings
from scheduler.clock import Clock
from scheduler.ladder import Ladder
from scheduler.tracks import Studio
from web.making import Makings
from web.zalo_office import ZaloOffice

Settled = Callable[[Sequence[int]], Awaitable[None]]


async def _nobody_else(duty_ids: Sequence[int]) -> None:
    """No chat shows anything."""


_NOT_READ = "Chưa làm được bản nghe thử. Lời đọc vẫn giữ nguyên. Anh/chị thử lại sau ít phút."
_NOT_TAKEN_IN = (
    "Loa Xã gặp lỗi khi xử lý bản thu. Các bản thu trước vẫn giữ nguyên. Anh/chị gửi lại sau ít phút."
)


@dataclass(frozen=True)
class Parts:
    """`base_url` is how people reach us, without a slash at the end; https in it makes the cookie secure.

    `open_doors`: on this machine itself nobody needs to sign in. `channels`: the chat services that run
    here. `settled` brings the messages about some duties up to the record; called once the answer has left, since a
    chat service may be slow. `extra_routers`: pages of others, such as the simulator's phone. `mail` None: no mail
    server is set.
    """

    db: Database
    clock: Clock
    studio: Studio
    var_dir: Path
    base_url: str
    open_doors: bool = False
    channels: tuple[str, ...] = ()
    settled: Settled = _nobody_else
    extra_routers: Sequence[APIRouter] = ()
    mail: MailSettings | None = None
    ladder: Ladder = field(default_factory=Ladder)
    listening: Makings[int] = field(default_factory=lambda: Makings(_NOT_READ))
    """Readings to be heard, by version of the item."""
    intakes: Makings[tuple[int, int]] = field(default_factory=lambda: Makings(_NOT_TAKEN_IN))
    """Recordings that are mastered, by item and by the person who sent the file."""
    zalo: ZaloOffice | None = None
    """None: no Zalo bot is set."""

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


def parts_of(request: Request) -> Parts:
    parts = request.app.state.parts
    assert isinstance(parts, Parts)
    return parts
