"""Files that a person sends from the simulated phone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from airlog import phone
from airlog.models import SimMessage
from bot.channels.simulator import SimulatorChannel
from bot.desk import Desk
from bot.phone_pages import phone_router
from bot.reception import Reception
from tests.page_world import LOCAL_PC, World
from web.app import create_app


@pytest.mark.parametrize(
    ("name", "way"), [("a.html", "attachment"), ("a.svg", "attachment"), ("a.jpg", "inline")]
)
async def test_only_a_picture_or_sound_is_shown_in_the_page(
    world: World, tmp_path: Path, name: str, way: str
) -> None:
    (tmp_path / name).write_bytes(b"<script>alert(1)</script>")
    channel = SimulatorChannel(world.db, world.clock, tmp_path)
    reception = Reception(world.db, Desk(("simulator",), "", tmp_path), world.clock)
    parts = replace(world.parts, open_doors=True, extra_routers=[phone_router(channel, reception)])
    bubble = SimMessage(chat_id="p1", from_person=True, text="", sent_at=world.clock.now())
    bubble.media_path = str(tmp_path / name)
    row = world.ask(lambda session: phone.add(session, bubble))

    transport = httpx.ASGITransport(create_app(parts), client=LOCAL_PC)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        answer = await client.get(f"/phone/media/{row.id}")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith(way)
