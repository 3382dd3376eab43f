"""While nothing is sent, whoever looks after stations is told so, and what to do."""

from __future__ import annotations

from datetime import timedelta

from airlog import freeze
from tests.page_world import ADMIN, EDITOR, OFFICER, WEEK, Browser, World


def freeze_it(world: World) -> None:
    now = world.clock.now()
    world.ask(lambda s: freeze.freeze(s, now - timedelta(hours=2), now, now))


async def test_a_frozen_store_is_shown_to_admins_and_officers(browser: Browser, world: World) -> None:
    freeze_it(world)

    health = (await browser(ADMIN).get("/health")).text
    banner = (await browser(OFFICER).get("/health/frozen")).text

    for text in (health, banner):
        assert "Đang ngừng gửi tin" in text and "loaxa db unfreeze" in text
        assert "15 giờ, thứ Ba 24/11" in text and "17 giờ, thứ Ba 24/11" in text
    assert "Tin đang đi đúng giờ" not in health and health.count("Đang ngừng gửi tin") == 1


async def test_desk_pages_ask_for_the_banner_when_they_open(browser: Browser) -> None:
    asks = 'hx-get="/health/frozen"'

    assert asks in (await browser(OFFICER).get(f"/week/{WEEK}")).text
    assert asks in (await browser(ADMIN).get("/people")).text
    assert asks not in (await browser(EDITOR).get("/items")).text


async def test_no_banner_while_messages_go_out(browser: Browser) -> None:
    answer = await browser(OFFICER).get("/health/frozen")

    assert (answer.status_code, answer.text) == (204, "")
    assert "Đang ngừng gửi tin" not in (await browser(ADMIN).get("/health")).text


async def test_an_editor_is_not_told(browser: Browser, world: World) -> None:
    freeze_it(world)

    assert (await browser(EDITOR).get("/health/frozen")).status_code == 403
