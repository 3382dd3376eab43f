"""The pages of a recall in a browser: no sideways scroll, no error, nothing serious for axe, and without scripts."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from airlog import campaigns, claims, deliveries, recalls
from airlog.db import Session
from scheduler.plan import plan_items
from scheduler.recalls import plan_recalls
from tests.page_world import ADMIN, APPROVER, EDITOR, WEEK, World, person_of, sign_in
from tests.serving import served, skip_without_chromium
from web.auth import cookie_name

pytestmark = [pytest.mark.browser, skip_without_chromium]
ROOT = "document.documentElement"


def half_sent(session: Session, world: World) -> None:
    """One has the week's item, one waits for it; a request is open."""
    now, rundown = world.clock.now(), campaigns.launched_rundowns(session, WEEK)[0]
    deliveries.plan(session, plan_items(session, rundown, ("simulator",), now))
    number = deliveries.due(session, now, ("simulator",))[0][0]
    claims.claim(session, number, now)
    deliveries.sent(session, number, "1", now)
    recalls.ask(session, person_of(session, EDITOR), rundown, "Số điện thoại trong tin bị sai", None, now)


def test_a_recall_from_request_to_result_on_a_phone_and_a_desk(
    chromium: Browser, world: World, free_port: int
) -> None:
    world.ask(lambda s: half_sent(s, world))
    found: list[tuple[str, int, list[str]]] = []
    with served(world.app, free_port) as address:
        for width in (360, 1280):
            context = chromium.new_context(
                viewport={"width": width, "height": 800}, base_url=address, reduced_motion="reduce"
            )
            secret = sign_in(world, ADMIN)
            context.add_cookies([{"name": cookie_name(world.parts), "value": secret, "url": address}])
            page = context.new_page()
            paths = ["/recalls", "/recalls/new?rundown=5", "/recalls/1", "/campaigns/1", f"/week/{WEEK}"]
            for path in paths:
                page.goto(path)
                wide = page.evaluate(f"() => {ROOT}.scrollWidth - {ROOT}.clientWidth")
                bad = [one["id"] for one in Axe().run(page).response["violations"]]
                found.append((path, wide, bad))
            if width == 360:
                confirm_without_scripts(world, chromium, address)
            context.close()
    serious = {"color-contrast", "label", "button-name", "link-name", "aria-required-attr", "list"}
    assert [one for one in found if one[1] or serious & set(one[2])] == []


def confirm_without_scripts(world: World, chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=address)
    secret = sign_in(world, APPROVER)
    context.add_cookies([{"name": cookie_name(world.parts), "value": secret, "url": address}])
    page = context.new_page()
    page.goto("/recalls/1")
    page.get_by_role("button", name="Xác nhận thu hồi").click()
    assert "Đã thu hồi" in page.content()
    context.close()
    world.ask(lambda s: deliveries.plan(s, plan_recalls(s, ("simulator",), world.clock.now())) and None)
