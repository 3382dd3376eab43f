"""The pages as a browser shows them: no sideways scroll, nothing on the console, nothing that axe calls serious."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from airlog import campaigns, claims, deliveries, record
from airlog.db import Session
from airlog.record import Source
from airlog.types import MissedReason
from scheduler.plan import plan_items
from tests.page_world import (
    ADMIN,
    APPROVER,
    EDITOR,
    FAR_OPERATOR,
    NATIONAL,
    OPERATOR,
    WEEK,
    World,
    build_world,
    fill,
    sign_in,
)
from tests.serving import served, skip_without_chromium, some_port
from tests.shared_browser import shared_browser
from tests.stores import Stores
from web.auth import cookie_name

pytestmark = [pytest.mark.browser, skip_without_chromium]
WIDTHS = (360, 1280)


@pytest.fixture
def address(world: World, free_port: int) -> Iterator[str]:
    with served(world.app, free_port) as address:
        yield address


class Visitor:
    """A browser window that remembers what went wrong in it."""

    def __init__(self, chromium: Browser, world: World, address: str, width: int, phone: str = "") -> None:
        self._world, self._address = world, address
        self.context = chromium.new_context(
            viewport={"width": width, "height": 800}, base_url=address, reduced_motion="reduce"
        )
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.becomes(phone)

    def becomes(self, phone: str) -> None:
        """Sign in as a person, or as nobody; what went wrong before is forgotten."""
        self.page.goto("about:blank")  # an open page would go on asking, now without its cookie
        self.context.clear_cookies()
        self.errors.clear()
        if phone:
            secret = sign_in(self._world, phone)
            cookie = {"name": cookie_name(self._world.parts), "value": secret, "url": self._address}
            self.context.add_cookies([cookie])

    def sees_a_clean_page(self) -> None:
        """Nothing to the right of the window, nothing on the console, no serious finding of axe."""
        root = "document.documentElement"
        wide = self.page.evaluate(f"() => {root}.scrollWidth - {root}.clientWidth")
        found = Axe().run(self.page).response["violations"]
        serious = [
            (one["id"], [node["html"] for node in one["nodes"]][:3])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert (wide, self.errors, serious) == (0, [], [])

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.fixture(scope="module")
def lived_in(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A week in which one station aired, one cannot, one message failed; for tests that only look at it."""
    world = build_world(stores.filled("sqlite", fill), tmp_path_factory.mktemp("lived-in"))
    answers(world)
    world.ask(lambda s: fails(s, world))
    yield world
    world.db.close()


@pytest.fixture(scope="module")
def reader(lived_in: World) -> Iterator[Visitor]:
    """One window for all pages that are only looked at."""
    with (
        served(lived_in.app, some_port()) as address,
        Visitor(shared_browser(), lived_in, address, WIDTHS[0]) as it,
    ):
        yield it


def fails(session: Session, world: World) -> None:
    now = world.clock.now()
    (rundown,) = campaigns.launched_rundowns(session, WEEK)
    deliveries.plan(session, plan_items(session, rundown, ("simulator",), now))
    number, _ = deliveries.due(session, now, ("simulator",))[0]
    claims.claim(session, number, now)
    deliveries.failed(session, number, "máy chủ bận", now)


def answers(world: World) -> None:
    """One station aired, one cannot."""
    now = world.clock.now()
    for area, phone, aired in (("24678", OPERATOR, True), ("24646", FAR_OPERATOR, False)):
        duty, person, source = world.duty_of(area), world.person(phone), Source("simulator", area, now)
        if aired:
            world.ask(
                lambda s, d=duty, p=person, o=source: record.aired(
                    s, s.merge(p), s.merge(d), o, now, aired_at=now
                )
            )
        else:
            world.ask(
                lambda s, d=duty, p=person, o=source: record.not_aired(
                    s, s.merge(p), s.merge(d), MissedReason.BROKEN, o, now
                )
            )


@pytest.mark.parametrize(
    ("phone", "path"),
    [
        (NATIONAL, f"/week/{WEEK}"),
        (APPROVER, "/items/vneid-va-dich-vu-cong"),
        (ADMIN, "/items"),
        (EDITOR, "/items/new"),
        (ADMIN, "/campaigns"),
        (ADMIN, "/campaigns/new"),
        (ADMIN, "/campaigns/1"),
        (ADMIN, f"/campaigns/1/weeks/{WEEK}"),
        (ADMIN, f"/campaigns/1/weeks/{WEEK}/resend"),
        (NATIONAL, "/reports?scope=68/Tỉnh Đắk Nông&preset=own&first=2026-11-01&last=2026-11-30"),
        (ADMIN, "/people"),
        (ADMIN, "/people/import"),
        (ADMIN, "/areas"),
        (ADMIN, "/health"),
        (NATIONAL, "/stations/9"),
        ("", "/login"),
        ("", "/khong-co"),
    ],
)
def test_a_page_is_clean_on_a_phone_and_on_a_desk(reader: Visitor, phone: str, path: str) -> None:
    reader.becomes(phone)
    reader.page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    reader.page.goto(path, wait_until="load")
    if path == "/khong-co":
        reader.errors.clear()  # the browser itself notes the 404 we asked for

    reader.sees_a_clean_page()
    reader.page.set_viewport_size({"width": WIDTHS[1], "height": 800})
    reader.sees_a_clean_page()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_campaign_is_made_from_the_form_to_the_launch(
    chromium: Browser, world: World, address: str, width: int
) -> None:
    with Visitor(chromium, world, address, width, ADMIN) as visitor:
        page = visitor.page
        page.goto("/campaigns")
        page.get_by_role("button", name="Tạo chiến dịch").click()
        page.get_by_label("Tên chiến dịch").fill("Mùa mưa an toàn")
        page.get_by_label("Tuần đầu").select_option("2027-W05")
        page.get_by_role("button", name="Xem trước").click()
        expect(page.get_by_role("heading", name="Mùa mưa an toàn")).to_be_visible()
        page.get_by_role("button", name="Khởi chạy").click()

        expect(page.get_by_role("status")).to_contain_text("Đã khởi chạy")
        visitor.sees_a_clean_page()


def test_an_editor_hears_a_new_item_without_reloading(chromium: Browser, world: World, address: str) -> None:
    script = (
        "Kính thưa bà con. " * 3 + "Tối thứ Ba Tổ công nghệ số cộng đồng có mặt tại nhà văn hóa thôn. " * 3
    )
    with Visitor(chromium, world, address, 360, EDITOR) as visitor:
        page = visitor.page
        page.goto("/items/new")
        page.get_by_label("Tên tin").fill("Tối thứ Ba")
        page.get_by_label("Chủ đề").select_option("good-examples")
        page.get_by_label("Lời đọc", exact=True).fill(script)
        page.get_by_role("button", name="Lưu, chờ duyệt").click()
        page.get_by_role("button", name="Nghe thử", exact=True).click()

        player = page.get_by_label("Bản đọc một lần")
        expect(player).to_be_visible(timeout=30_000)
        visitor.sees_a_clean_page()
