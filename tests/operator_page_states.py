"""Every state of the operator's page, as a browser comes to it: for the tests of its look and for the benchmark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from airlog import page_links
from tests.operator_page_world import ANDROID, HAI, OperatorPage, build_page, fill_page, photo
from tests.page_world import ADMIN, OPERATOR, person_of
from tests.serving import served, some_port
from tests.stores import Stores

ZALO = "Mozilla/5.0 (Linux; Android 14; wv) Version/4.0 Chrome/142.0 Mobile Safari/537.36 Zalo android/251101"


AIRED = re.compile(r"^Đã phát\s*,")
"""The button of an open duty; it names its station for those who hear the page."""


def _nothing(_: OperatorPage) -> None: ...


def _stay(_: Page) -> None: ...


@dataclass(frozen=True)
class State:
    """What is done before the page is opened, by whom, and what is tapped on it then."""

    name: str
    before: Callable[[OperatorPage], None] = _nothing
    then: Callable[[Page], None] = _stay
    phone: str = OPERATOR
    agent: str = ANDROID
    token: str = ""
    alive: bool = True


def tap_aired(page: Page) -> None:
    page.locator("main > article").first.get_by_role("button", name=AIRED).click()
    page.get_by_role("heading", name="Tin phát lúc nào?").wait_for()


def tap_timed(page: Page) -> None:
    tap_aired(page)
    page.get_by_role("button", name="Vừa phát xong").click()
    page.get_by_text("Sửa giờ phát").wait_for()


def tap_missed(page: Page) -> None:
    card = page.locator("main > article").first
    card.get_by_text("Chưa phát được", exact=True).click()
    card.get_by_label("Mất điện").check()
    card.get_by_role("button", name="Gửi lý do").click()
    page.get_by_text("Sửa lý do chưa phát được").wait_for()


def tap_with_open_reasons(page: Page) -> None:
    page.locator("main > article").first.get_by_text("Chưa phát được", exact=True).click()


def tap_future(page: Page) -> None:
    card = page.locator("main > article").first
    card.get_by_text("Đã phát lúc khác").click()
    card.get_by_label("Giờ, ví dụ 17:30").fill("23:00")
    card.get_by_role("button", name="Đã phát vào giờ này").click()
    page.get_by_role("alert").wait_for()


def tap_proof(page: Page) -> None:
    tap_timed(page)
    page.set_input_files(
        'input[name="photo"]', {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    page.get_by_role("button", name="Gửi ảnh, ghi âm,").click()
    page.get_by_text("Đã nhận 1 ảnh.").wait_for()


def tap_offline(page: Page) -> None:
    page.context.set_offline(True)
    page.locator("main > article").first.get_by_role("button", name=AIRED).click()
    page.get_by_text("Loa Xã đã giữ lần bấm").wait_for()


def _revoked(page: OperatorPage) -> None:
    now = page.world.clock.now()
    page.world.ask(lambda s: page_links.revoke(s, person_of(s, ADMIN), person_of(s, OPERATOR), now))


def _left(page: OperatorPage) -> None:
    now = page.world.clock.now()
    page.world.ask(lambda s: setattr(person_of(s, OPERATOR), "left_at", now))


def _far_on(page: OperatorPage) -> None:
    page.world.clock.forward_to(datetime(2027, 3, 2, 3, 0, tzinfo=UTC))


STATES = (
    State("open"),
    State("reasons", then=tap_with_open_reasons),
    State("aired", then=tap_aired),
    State("timed", then=tap_timed),
    State("proof", then=tap_proof),
    State("missed", then=tap_missed),
    State("doubt", then=tap_future),
    State("two-stations", phone=HAI),
    State("recalled", lambda page: page.recall()),
    State("recalled-for-good", lambda page: page.recall(replaced=False)),
    State("read-aloud", lambda page: page.without_sound()),
    State("in-zalo", agent=ZALO),
    State("kept-offline", then=tap_offline),
    State("nothing", _far_on, token="fresh"),
    State("forged", token="A" * 22, alive=False),
    State("expired", lambda page: page.later(days=15), alive=False),
    State("revoked", _revoked, alive=False),
    State("left", _left, alive=False),
)


@contextmanager
def in_state(
    state: State, stores: Stores, folder: Path, browser: Browser, *, scripts: bool = True
) -> Iterator[tuple[OperatorPage, BrowserContext, str]]:
    """The page as its state wants it, a browser window of a phone, and the address to open."""
    found = build_page(stores.filled("sqlite", fill_page), folder)
    path = f"/o/{state.token}" if state.token not in ("", "fresh") else found.link(state.phone)
    state.before(found)
    if state.token == "fresh":
        path = found.link(state.phone)
    found.later(minutes=5)  # the message with the link came a little earlier
    with served(found.app, some_port()) as address:
        context = browser.new_context(
            viewport={"width": 360, "height": 740},
            base_url=address,
            user_agent=state.agent,
            java_script_enabled=scripts,
            reduced_motion="reduce",
            has_touch=True,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
        )
        yield found, context, address + path
        context.close()
    found.world.db.close()
