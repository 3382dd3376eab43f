"""What the pages are built from. Joined in one place (bot/app.py), handed down, never looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter, Request

from airlog.db import Database
from reports.mail import MailSettings
from scheduler.clock import Clock
from scheduler.ladder import Ladder
from scheduler.tracks import Studio
from web.intakes import Intakes
from web.listening import Listening
from web.zalo_office import ZaloOffice


@dataclass(frozen=True)
class Parts:
    """`base_url` is how people reach us, without a slash at the end; https in it makes the cookie secure.

    `open_doors`: on this machine itself nobody needs to sign in. `channels`: the chat services that run
    here. `extra_routers`: pages of others, such as the simulator's phone. `mail` None: no mail server is set.
    """

    db: Database
    clock: Clock
    studio: Studio
    var_dir: Path
    base_url: str
    open_doors: bool = False
    channels: tuple[str, ...] = ()
    extra_routers: Sequence[APIRouter] = ()
    mail: MailSettings | None = None
    ladder: Ladder = field(default_factory=Ladder)
    listening: Listening = field(default_factory=Listening)
    intakes: Intakes = field(default_factory=Intakes)
    zalo: ZaloOffice | None = None
    """None: no Zalo bot is set."""

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


def parts_of(request: Request) -> Parts:
    parts = request.app.state.parts
    assert isinstance(parts, Parts)
    return parts
