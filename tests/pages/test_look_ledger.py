"""The map and the review queue in a browser: walked with the keys, told in words, renewed by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from airlog import record
from airlog.record import Source
from tests.page_world import NATIONAL, OPERATOR, WEEK, World, sign_in
from tests.serving import served, skip_without_chromium
from web.auth import cookie_name

pytestmark = [pytest.mark.browser, skip_without_chromium]
DAK_SAK = "24678"


@pytest.fixture(params=[360, 1280])
def desk(request: pytest.FixtureRequest, chromium: Browser, world: World, free_port: int) -> Iterator[Page]:
    """An officer's browser, narrow and wide."""
    with served(world.app, free_port) as address:
        context = chromium.new_context(
            viewport={"width": request.param, "height": 800}, base_url=address, reduced_motion="reduce"
        )
        secret = sign_in(world, NATIONAL)
        context.add_cookies([{"name": cookie_name(world.parts), "value": secret, "url": address}])
        yield context.new_page()
        context.close()


def airs(world: World) -> None:
    duty, person, now = world.duty_of(DAK_SAK), world.person(OPERATOR), world.clock.now()
    source = Source("simulator", "m1", now)
    world.ask(lambda s: record.aired(s, s.merge(person), s.merge(duty), source, now, aired_at=now))


@pytest.mark.parametrize(
    "path", ["/map", "/map?by=cluster", f"/reviews/{WEEK}", f"/week/{WEEK}?state=pending"]
)
def test_a_page_of_the_ledger_can_be_used_by_everybody_and_fits_the_screen(
    desk: Page, world: World, path: str
) -> None:
    airs(world)
    desk.goto(path)

    found = Axe().run(desk)

    assert found.violations_count == 0, found.generate_report()
    wide = desk.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


def test_the_map_is_walked_with_the_arrow_keys(desk: Page) -> None:
    desk.goto("/map?weeks=12")
    first = desk.locator("tbody td").first

    first.focus()
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("ArrowDown")

    assert desk.evaluate("() => document.activeElement.cellIndex") == 2
    expect(desk.locator("[data-where]")).to_contain_text("tuần 46 (9-15/11): chưa trả lời")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(pattern())


def pattern() -> re.Pattern[str]:

    return re.compile(r"/stations/\d+#tuan-2026-W\d\d$")


def test_the_map_renews_itself_within_ten_seconds_of_a_tap_and_keeps_the_readers_place(
    desk: Page, world: World
) -> None:
    desk.goto("/map")
    row = desk.locator("tbody tr", has_text="Xã Đắk Sắk")
    cell = row.locator("td").last
    expect(cell).to_have_text("đang chờ")
    cell.click()

    airs(world)

    expect(row.locator("td").last).to_have_text("đã phát", timeout=10_000)
    expect(row.locator("td").last).to_be_focused()
