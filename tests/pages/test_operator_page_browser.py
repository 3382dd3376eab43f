"""The operator's page in a real browser: on a small phone, with large text, by keyboard, without scripts or network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.operator_page_states import (
    AIRED,
    STATES,
    State,
    in_state,
    tap_aired,
    tap_missed,
    tap_offline,
    tap_timed,
)
from tests.operator_page_world import HAI, OperatorPage, photo
from tests.serving import skip_without_chromium
from tests.shared_browser import shared_browser
from tests.stores import Stores

pytestmark = [pytest.mark.browser, skip_without_chromium]
ROOT = "document.documentElement"
OPEN = STATES[0]
DONE = re.compile(r"/o/[^?]+\?da=")
JS = Path(__file__).parents[2] / "web" / "static" / "operator.js"


@contextmanager
def opened(
    stores: Stores, folder: Path, state: State = OPEN, *, scripts: bool = True
) -> Iterator[tuple[OperatorPage, Page]]:
    """The page in front of somebody."""
    with in_state(state, stores, folder, shared_browser(), scripts=scripts) as (found, context, address):
        page = context.new_page()
        page.goto(address)
        yield found, page


def sideways(page: Page) -> int:
    return int(page.evaluate(f"() => {ROOT}.scrollWidth - {ROOT}.clientWidth"))


def retry(page: Page) -> None:
    """The network is back."""
    page.context.set_offline(False)
    page.wait_for_url(DONE)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_every_state_fits_a_small_phone_with_large_text_and_axe_finds_nothing(
    stores: Stores, tmp_path: Path, state: State
) -> None:
    with opened(stores, tmp_path, state) as (_, page):
        state.then(page)
        page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found = [
            (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
            for one in Axe().run(page).response["violations"]
        ]
        small = sideways(page)
        page.evaluate(f"() => {{ {ROOT}.style.fontSize = '225%' }}")  # twice the page's own 112.5 %

        assert (found, small, sideways(page)) == ([], 0, 0)


def test_without_scripts_everything_can_be_said(stores: Stores, tmp_path: Path) -> None:
    with opened(stores, tmp_path, scripts=False) as (found, page):
        tap_missed(page)
        tap_timed(page)
        page.set_input_files(
            'input[name="photo"]', {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}
        )
        page.get_by_role("button", name="Gửi ảnh, ghi âm,").click()
        expect(page.get_by_role("status")).to_contain_text("Đã nhận tệp")
        page.get_by_role("button", name="Bấm nhầm, hủy").click()

        expect(page.get_by_role("status")).to_contain_text("Đã hủy xác nhận")
        assert found.kinds() == ["not_aired", "aired", "corrected", "withdrawn"]


def test_the_first_screen_of_a_phone_holds_the_sound_and_the_one_button(
    stores: Stores, tmp_path: Path
) -> None:
    with opened(stores, tmp_path) as (_, page):
        expect(page.locator("audio").first).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("button", name=AIRED).first).to_be_in_viewport(ratio=1)
        assert page.locator("main > article .first").count() == 1


def test_what_can_be_tapped_is_large_enough_for_a_thumb(stores: Stores, tmp_path: Path) -> None:
    with opened(stores, tmp_path) as (_, page):
        sizes = page.evaluate(
            "() => [...document.querySelectorAll('button, .button, summary, select, input:not([type=hidden], [type=radio])')]"
            ".map((one) => one.getBoundingClientRect()).filter((box) => box.width).map((box) => box.height)"
        )
        assert min(sizes) >= 48


def test_the_page_is_confirmed_by_keyboard_alone(stores: Stores, tmp_path: Path) -> None:
    with opened(stores, tmp_path) as (found, page):
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("() => document.activeElement.textContent").startswith("Đã phát"):
                break
        page.keyboard.press("Enter")

        expect(page.get_by_role("status").first).to_contain_text("Đã ghi lúc 17 giờ")
        assert found.kinds() == ["aired"]


def test_a_screen_reader_tells_the_buttons_of_two_stations_apart(stores: Stores, tmp_path: Path) -> None:
    with opened(stores, tmp_path, State("two", phone=HAI)) as (_, page):
        names = [one.text_content() for one in page.locator("main > article .first").all()]

        assert len(names) == len(set(names)) == 2
        assert all(name and name.startswith("Đã phát, Đài truyền thanh") for name in names)


def test_a_tap_without_network_is_kept_and_sends_itself_once(stores: Stores, tmp_path: Path) -> None:
    with opened(stores, tmp_path) as (found, page):
        tap_offline(page)
        page.get_by_role("button", name=AIRED).first.click()  # a second tap changes nothing
        assert found.log() == []
        retry(page)

        expect(page.get_by_role("status").first).to_contain_text("báo đã phát tin tuần 48")
        assert found.kinds() == ["aired"]
        assert page.evaluate("() => localStorage.getItem('loaxa-kept')") == "[]"


def test_a_kept_tap_outlives_a_closed_page(stores: Stores, tmp_path: Path) -> None:
    with opened(stores, tmp_path) as (found, page):
        tap_offline(page)
        address, context = page.url, page.context
        page.close()
        context.set_offline(False)
        page = context.new_page()
        page.goto(address)
        page.wait_for_url(DONE)

        assert found.kinds() == ["aired"]


def test_a_tap_whose_answer_was_lost_is_not_recorded_twice(stores: Stores, tmp_path: Path) -> None:
    with opened(stores, tmp_path) as (found, page):
        page.route("**/o/*", lambda route: (route.fetch(), route.abort()), times=1)
        page.get_by_role("button", name=AIRED).first.click()
        expect(page.locator("#kept")).to_contain_text("Loa Xã đã giữ lần bấm")
        assert found.kinds() == ["aired"]
        page.evaluate("() => dispatchEvent(new Event('online'))")
        page.wait_for_url(DONE)

        assert found.kinds() == ["aired"]


def test_a_kept_tap_can_be_dropped(stores: Stores, tmp_path: Path) -> None:
    with opened(stores, tmp_path) as (found, page):
        tap_offline(page)
        page.get_by_role("button", name="Bỏ lần bấm này").click()
        page.context.set_offline(False)
        page.reload()
        page.wait_for_load_state("networkidle")

        assert found.log() == [] and page.locator("#kept").is_hidden()


def test_a_page_that_asks_to_pay_for_the_network_is_no_answer(stores: Stores, tmp_path: Path) -> None:
    with opened(stores, tmp_path) as (found, page):
        page.route(
            "**/o/*", lambda route: route.fulfill(body="<h1>Đăng nhập Wi-Fi</h1>", content_type="text/html")
        )
        page.get_by_role("button", name=AIRED).first.click()

        expect(page.locator("#kept")).to_contain_text("Loa Xã đã giữ lần bấm")
        assert found.log() == []


def test_a_file_too_large_is_told_before_it_is_sent(stores: Stores, tmp_path: Path) -> None:
    with opened(stores, tmp_path) as (found, page):
        tap_aired(page)
        page.get_by_text("Gửi ảnh, ghi âm (không bắt buộc)").click()
        page.set_input_files(
            'input[name="photo"]', {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": bytes(1_200_000)}
        )
        page.get_by_role("button", name="Gửi ảnh, ghi âm,").click()

        expect(page.locator("#kept")).to_contain_text("Tệp lớn hơn 1 MB")
        assert found.refusals() == []


def test_the_page_is_light(stores: Stores, tmp_path: Path) -> None:
    with in_state(OPEN, stores, tmp_path, shared_browser()) as (_, context, address):
        page, bytes_ = context.new_page(), list[int]()
        page.on(
            "requestfinished",
            lambda one: bytes_.append(
                sum(one.sizes()[key] for key in ("responseBodySize", "responseHeadersSize"))
            ),
        )
        page.goto(address, wait_until="networkidle")

        assert 1000 < sum(bytes_) < 100_000
        assert JS.stat().st_size < 5_000
