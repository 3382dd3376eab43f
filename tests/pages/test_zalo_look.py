"""The Zalo pages in a browser: they fit a phone, machines find no barrier, and the wait ends without a reload."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from airlog import linking
from tests.page_world import ADMIN, OPERATOR, World, sign_in
from tests.pages.test_zalo_pages import FIRST, OK, REFUSED, FakeOffice, tie, used
from tests.serving import served, skip_without_chromium
from web.app import create_app
from web.auth import cookie_name

pytestmark = [pytest.mark.browser, skip_without_chromium]


def open_page(world: World, chromium: Browser, base: str, path: str, width: int) -> Page:
    context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=base)
    context.add_cookies([{"name": cookie_name(world.parts), "value": sign_in(world, ADMIN), "url": base}])
    page = context.new_page()
    page.goto(path)
    return page


def barriers(page: Page) -> list[str]:
    return [one["id"] for one in Axe().run(page).response["violations"]]


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("width", [360, 1280])
def test_pool_and_link_page_fit_and_hold_no_barrier(
    world: World, chromium: Browser, free_port: int, width: int
) -> None:
    app = create_app(replace(world.parts, zalo=FakeOffice((OK, REFUSED))))
    tie(world)
    used(world, 2750)
    with served(app, free_port) as base:
        pool = open_page(world, chromium, base, "/zalo", width)
        expect(pool.get_by_text("mã bí mật hỏng")).to_be_visible()
        assert (barriers(pool), is_too_wide(pool)) == ([], False)

        pool.goto(f"/people/{world.person(ADMIN).id}/zalo")
        pool.get_by_role("button", name="Tạo mã gắn Zalo").click()
        expect(pool.get_by_role("img", name=re.compile("Mã QR"))).to_be_visible()
        assert (barriers(pool), is_too_wide(pool)) == ([], False)
        pool.context.close()


def test_the_page_turns_to_tied_while_somebody_looks_at_it(
    world: World, chromium: Browser, free_port: int
) -> None:
    app = create_app(replace(world.parts, zalo=FakeOffice()))
    with served(app, free_port) as base:
        page = open_page(world, chromium, base, f"/people/{world.person(OPERATOR).id}/zalo", 360)
        page.get_by_role("button", name="Tạo mã gắn Zalo").click()
        code = page.locator(".link-code").inner_text()
        world.ask(lambda s: linking.bind(s, code, FIRST, "z1", world.clock.now()))

        expect(page.get_by_text("Đã gắn với bot")).to_be_visible(timeout=20_000)
        page.context.close()
