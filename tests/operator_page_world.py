"""The operator's page over the week of tests/page_world.py: Nam at one station, Hai at two and without any chat.

It is Tuesday 17:00 of week 48; weeks 45 to 47 are past, and each week's item is out with a clip.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import select

from airlog import campaigns, items, page_links, people, recalls
from airlog.db import Session
from airlog.models import Audit, LogEntry, PageLink, Recall
from bot.desk import Desk
from bot.operator_page import operator_router
from tests.page_world import (
    ADMIN,
    APPROVER,
    EDITOR,
    OPERATOR,
    WEEK,
    World,
    build_world,
    fill,
    person_of,
)
from tests.talk_world import give_sound
from tests.world import WORDS
from web.app import create_app

HAI = "+84912000009"
BASE = "http://127.0.0.1:8080"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; SM-A055F) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Mobile Safari/537.36"
)
MORE_PEOPLE = """ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai
Nguyễn Văn Hai,0912000009,operator,24678,
Nguyễn Văn Hai,0912000009,operator,24646,
"""


def fill_page(session: Session) -> None:
    fill(session)
    people.import_people(session, MORE_PEOPLE.encode(), WEEK.shift(-4).starts_at)


@dataclass
class OperatorPage:
    """The page and what a test needs to look behind it."""

    world: World
    app: FastAPI
    folder: Path
    settled: list[tuple[int, ...]] = field(default_factory=list)

    def link(self, phone: str = OPERATOR) -> str:
        """The path of a person's page, as a message of this moment would carry it."""
        url = self.world.ask(
            lambda s: page_links.url_for(s, person_of(s, phone), BASE, self.world.clock.now())
        )
        return url.removeprefix(BASE)

    def log(self) -> list[LogEntry]:
        return self.world.ask(lambda s: list(s.scalars(select(LogEntry).order_by(LogEntry.seq))))

    def kinds(self) -> list[str]:
        return [str(entry.kind) for entry in self.log()]

    def refusals(self) -> list[tuple[str, str]]:
        """What was refused and written down: (act, detail)."""
        query = select(Audit.act, Audit.detail).where(~Audit.allowed).order_by(Audit.id)
        return self.world.ask(lambda s: [(act, detail) for act, detail in s.execute(query)])

    def seen(self) -> bool:
        return self.world.ask(lambda s: any(link.seen_at for link in s.scalars(select(PageLink))))

    def later(self, **by: float) -> None:
        self.world.clock.forward_to(self.world.clock.now() + timedelta(**by))

    def recall(self, *, replaced: bool = True) -> None:
        """Châu asks, the approver confirms: this week's item is withdrawn."""
        now = self.world.clock.now()

        def work(session: Session) -> None:
            rundown = campaigns.launched_rundowns(session, WEEK)[0]
            version = None
            if replaced:
                items.rewrite(session, person_of(session, EDITOR), rundown.version.item, WORDS, now)
                version = items.clear(session, rundown.version.item, person_of(session, ADMIN), now)
            asked = recalls.ask(
                session, person_of(session, EDITOR), rundown, "Sai số điện thoại", version, now
            )
            recalls.confirm(session, person_of(session, APPROVER), session.get_one(Recall, asked.id), now)

        self.world.ask(work)

    def without_sound(self) -> None:
        for path in self.folder.glob("tuan-*.mp3"):
            path.unlink()


def build_page(url: str, folder: Path) -> OperatorPage:
    """Over a store that `fill_page` filled."""
    world = build_world(url, folder)
    settled: list[tuple[int, ...]] = []

    async def note(duty_ids: Sequence[int]) -> None:
        settled.append(tuple(duty_ids))

    router = operator_router(Desk(("simulator",), BASE, folder, upload_mb=1))
    parts = replace(world.parts, extra_routers=[router], settled=note)
    found = OperatorPage(world, create_app(parts), folder, settled)
    world.ask(lambda s: _give_sounds(s, folder, world))
    return found


def forms(html: str, act: str) -> list[dict[str, str]]:
    """The hidden fields of every form of an act, in the order of the page."""
    found = [
        dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', one)) for one in _forms(html)
    ]
    return [one for one in found if one.get("act") == act]


def told(answer: httpx.Response) -> str:
    """What the page says was done, or why nothing was."""
    found = re.findall(r'class="told (?:good|bad)"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", " ".join(found))


def photo(kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#678").save(out, kind)
    return out.getvalue()


def _forms(html: str) -> list[str]:
    return re.findall(r"<form.*?</form>", html, re.DOTALL)


def _give_sounds(session: Session, folder: Path, world: World) -> None:
    for back in range(4):
        for rundown in campaigns.launched_rundowns(session, WEEK.shift(-back)):
            give_sound(session, rundown, folder, world.clock.now())
