"""The officer's week in a browser: it renews itself and leaves the reader's place alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from airlog import record
from airlog.record import Source
from airlog.types import MissedReason
from tests.page_world import FAR_OPERATOR, NATIONAL, OPERATOR, WEEK, World, sign_in
from tests.serving import served, skip_without_chromium
from web.auth import cookie_name

pytestmark = [pytest.mark.browser, skip_without_chromium]
DAK_SAK, DAK_WIL = "24678", "24646"


@pytest.fixture
def week(chromium: Browser, world: World, free_port: int) -> Iterator[Page]:
    """The officer's week, open on a phone."""
    with served(world.app, free_port) as address:
        context = chromium.new_context(
            viewport={"width": 360, "height": 740}, base_url=address, reduced_motion="reduce"
        )
        secret = sign_in(world, NATIONAL)
        context.add_cookies([{"name": cookie_name(world.parts), "value": secret, "url": address}])
        page = context.new_page()
        page.goto(f"/week/{WEEK}")
        yield page
        context.close()


def airs(world: World) -> None:
    duty, person, now = world.duty_of(DAK_SAK), world.person(OPERATOR), world.clock.now()
    source = Source("simulator", "m1", now)
    world.ask(lambda s: record.aired(s, s.merge(person), s.merge(duty), source, now, aired_at=now))


def cannot(world: World) -> None:
    duty, person, now = world.duty_of(DAK_WIL), world.person(FAR_OPERATOR), world.clock.now()
    source = Source("simulator", "m2", now)
    world.ask(lambda s: record.not_aired(s, s.merge(person), s.merge(duty), MissedReason.BROKEN, source, now))


def test_a_tap_changes_the_figure_without_reloading_and_closes_nothing(week: Page, world: World) -> None:
    expect(week.locator(".figure")).to_have_text("0/28 đài đã phát")
    week.get_by_text("28 đài chưa trả lời", exact=True).click()

    airs(world)

    expect(week.locator(".figure")).to_have_text("1/28 đài đã phát", timeout=12_000)
    assert week.locator("#waiting").get_attribute("open") is not None


def test_who_cannot_air_stands_first_with_the_reason_and_a_number_to_call(week: Page, world: World) -> None:
    cannot(world)
    week.reload()

    first = week.locator(".needy li").first
    expect(first).to_contain_text("Chưa phát được: Hỏng loa, máy")
    expect(first.get_by_role("button", name="Gọi")).to_have_attribute("href", "tel:+84912000003")


def test_the_three_answers_stand_above_the_table(week: Page) -> None:
    heads = week.locator("main h2").all_inner_texts()

    assert heads == ["Bao nhiêu đài đã phát", "Ai cần anh/chị", "Các tuần qua", "Từng đài"]


def test_stations_can_be_picked_by_their_state(week: Page, world: World) -> None:
    airs(world)
    week.reload()

    week.get_by_text("Đã phát 1", exact=True).click()

    expect(week.locator("tbody tr:visible")).to_have_count(1)
