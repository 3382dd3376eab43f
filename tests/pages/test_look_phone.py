"""The phone simulator's page: readable without scripts, and undisturbed while it renews itself."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI, Form, Request, Response, UploadFile
from playwright.sync_api import Locator, Page, expect
from starlette.staticfiles import StaticFiles

from airlog.types import RoleKind
from scheduler.channel import Button
from tests.serving import served, skip_without_chromium, some_port
from tests.shared_browser import shared_browser
from web.pages import page, trouble_page
from web.phone_view import Bubble, ChatPerson, PhonePage

MONDAY = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
NAM = ChatPerson("p1", "Lê Văn Nam", "Xã Đắk Sắk", "LN", RoleKind.OPERATOR, 2, "Tin tuần 48", MONDAY)
HOA = ChatPerson("p2", "Trần Thị Hoa", "Khu vực Đắk Mil", "TH", RoleKind.OFFICER, 0, "", None)
TOLD = Button("Đã phát", "aired:1", "good")
ITEM = Bubble(
    id=1, from_person=False, text="Tin tuần 48: An toàn khi dùng mạng", buttons=((TOLD,),), media_kind="audio",
    media_url="/sound", media_title="Tuần 48", duration_s=112, peaks=(0.2, 1.0, 0.5), sent_at=MONDAY,
    edited=False, read=True,
)  # fmt: skip


def said(number: int, text: str, *, mine: bool = False, at: datetime = MONDAY) -> Bubble:
    return replace(ITEM, id=number, text=text, buttons=(), media_kind=None, from_person=mine, sent_at=at)


@dataclass
class Messenger:
    """Stands in for the simulator: one chat in memory, with a version that counts its changes."""

    bubbles: tuple[Bubble, ...] = (ITEM,)
    changes: int = 0

    def view(self, chat_id: str = "p1") -> PhonePage:
        current = next((one for one in (NAM, HOA) if one.chat_id == chat_id), None)
        return PhonePage((NAM, HOA), current, self.bubbles if current else (), str(self.changes))

    def put(self, *bubbles: Bubble) -> None:
        self.bubbles, self.changes = bubbles, self.changes + 1


def sound() -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(8000 * 2 * 30))
    return held.getvalue()


def messenger_app(chat: Messenger) -> FastAPI:
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=str(files("web") / "static")))

    @app.get("/phone")
    async def people(request: Request) -> Response:
        return page(request, "phone.html", phone=chat.view(""))

    @app.get("/phone/people")
    async def fragment(request: Request) -> Response:
        return page(request, "_people.html", phone=chat.view())

    @app.get("/phone/{chat_id}")
    async def opened(request: Request, chat_id: str) -> Response:
        return page(request, "phone.html", phone=chat.view(chat_id))

    @app.get("/phone/{chat_id}/updates")
    async def updates(request: Request, chat_id: str, version: str) -> Response:
        if version == str(chat.changes):
            return Response(status_code=204)
        return page(request, "_chat.html", phone=chat.view(chat_id))

    @app.post("/phone/{chat_id}/press")
    async def press(request: Request, chat_id: str, message_id: int = Form(), data: str = Form()) -> Response:
        if (message_id, data) != (1, TOLD.data):
            return trouble_page(request, 404, "Nút này không còn trên tin.")
        chat.put(replace(ITEM, buttons=(), edited=True), said(2, "Đã ghi lúc 17 giờ 25."))
        return page(request, "_chat.html", phone=chat.view(chat_id))

    @app.post("/phone/{chat_id}/text")
    async def text(request: Request, chat_id: str, text: str = Form()) -> Response:
        chat.put(*chat.bubbles, said(len(chat.bubbles) + 1, text, mine=True))
        return page(request, "_chat.html", phone=chat.view(chat_id))

    @app.post("/phone/{chat_id}/file")
    async def file(request: Request, chat_id: str, file: UploadFile) -> Response:
        chat.put(*chat.bubbles, said(len(chat.bubbles) + 1, f"tệp {file.filename}", mine=True))
        return page(request, "_chat.html", phone=chat.view(chat_id))

    @app.get("/sound")
    async def heard() -> Response:
        return Response(sound(), media_type="audio/wav")

    return app


def drawn(view: PhonePage) -> str:
    request = Request({"type": "http", "method": "GET", "path": "/phone", "headers": [], "query_string": b""})
    return bytes(page(request, "phone.html", phone=view).body).decode()


def test_without_anybody_the_list_says_so() -> None:
    assert "Chưa có ai" in drawn(PhonePage((), None, (), ""))


def test_a_new_chat_says_how_to_begin() -> None:
    assert "Chưa có tin nhắn nào" in drawn(PhonePage((NAM,), NAM, (), "0"))


def test_a_typed_text_is_shown_and_never_run() -> None:
    html = drawn(PhonePage((NAM,), NAM, (said(1, "<script>alert(1)</script>", mine=True),), "1"))

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_phones_stand_under_the_headings_of_their_roles() -> None:
    html = drawn(Messenger().view(""))

    assert re.findall(r"<h2>(.+?)</h2>", html) == ["Cán bộ truyền thanh", "Người phụ trách"]
    assert html.index("Lê Văn Nam") < html.index("Người phụ trách") < html.index("Trần Thị Hoa")


def test_each_day_is_named_once() -> None:
    days = [MONDAY, MONDAY + timedelta(hours=1), MONDAY + timedelta(days=1)]
    bubbles = tuple(said(n, "tin", at=day) for n, day in enumerate(days, 1))

    html = drawn(PhonePage((NAM,), NAM, bubbles, "3"))

    assert [one.lower() for one in re.findall(r'class="day"[^>]*>([^<]+)<', html)] == [
        "thứ hai 23/11",
        "thứ ba 24/11",
    ]
    assert "07:30" in html


def test_buttons_texts_and_files_are_plain_forms_for_a_browser_without_scripts() -> None:
    html = drawn(Messenger().view())

    for act in ("press", "text", "file"):
        assert f'method="post" action="/phone/p1/{act}"' in html
    assert 'name="data" value="aired:1"' in html
    assert '<audio controls preload="none" src="/sound"' in html


@pytest.fixture(scope="class")
def messenger() -> Messenger:
    return Messenger()


@pytest.fixture
def chat(messenger: Messenger) -> Messenger:
    """The chat as it was before anybody did anything."""
    messenger.bubbles, messenger.changes = Messenger().bubbles, 0
    return messenger


@dataclass
class Window:
    """A browser window, and what went wrong in it."""

    page: Page
    errors: list[str]


@pytest.fixture(scope="class")
def window(messenger: Messenger) -> Iterator[Window]:
    """One window on one server for all tests: a new one costs more than most of them."""
    with served(messenger_app(messenger), some_port()) as address:
        # A bubble that is still fading in has, for 200 ms, too little contrast.
        context = shared_browser().new_context(base_url=address, reduced_motion="reduce")
        opened, errors = context.new_page(), list[str]()
        opened.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield Window(opened, errors)
        context.close()


@pytest.fixture(params=[360, 1280])
def phone(request: pytest.FixtureRequest, window: Window, chat: Messenger) -> Iterator[Page]:
    """The operator's phone, opened; at the end nothing was wide, nothing on the console, axe found nothing."""
    opened = window.page
    opened.set_viewport_size({"width": request.param, "height": 760})
    window.errors.clear()
    opened.goto("/phone/p1")
    yield opened
    width = opened.evaluate("document.documentElement.scrollWidth")
    found = [one["id"] for one in Axe().run(opened).response["violations"]]
    opened.goto("about:blank")  # it would go on asking
    assert (width, [e for e in window.errors if "404" not in e], found) == (request.param, [], [])


def bubble(phone: Page, number: int) -> Locator:
    return phone.locator(f"#bubble-{number}")


@pytest.mark.browser
@skip_without_chromium
class TestInABrowser:
    def test_a_sound_plays_on_while_its_message_changes(self, phone: Page) -> None:
        player = phone.locator("audio")
        player.evaluate("sound => { sound.dataset.mark = 'same'; return sound.play(); }")

        phone.get_by_role("button", name="Đã phát").click()

        expect(bubble(phone, 2)).to_contain_text("Đã ghi lúc 17 giờ 25.")
        expect(phone.get_by_role("button", name="Đã phát")).to_have_count(0)
        assert player.evaluate("sound => [sound.paused, sound.dataset.mark]") == [False, "same"]

    def test_a_message_of_the_program_appears_by_itself_at_the_end_in_sight(
        self, phone: Page, chat: Messenger
    ) -> None:
        chat.put(ITEM, *(said(n, f"Tin nhắc {n} " * 12) for n in range(2, 9)))

        expect(bubble(phone, 8)).to_be_in_viewport(timeout=8000)
        assert phone.locator(".bubble").count() == 8

    def test_a_text_is_sent_by_enter_and_the_field_is_empty_again(self, phone: Page) -> None:
        field = phone.get_by_label("Tin nhắn", exact=True)
        field.fill("17 giờ 30")
        field.press("Enter")

        expect(phone.locator(".mine")).to_contain_text("17 giờ 30")
        expect(field).to_have_value("")

    def test_what_is_half_typed_stays_while_messages_arrive(self, phone: Page, chat: Messenger) -> None:
        phone.get_by_label("Tin nhắn", exact=True).fill("Xã Đắk")
        chat.put(ITEM, said(2, "Tin nhắc"))

        expect(bubble(phone, 2)).to_be_visible(timeout=8000)
        expect(phone.get_by_label("Tin nhắn", exact=True)).to_have_value("Xã Đắk")

    def test_a_chosen_file_is_sent_at_once(self, phone: Page) -> None:
        phone.set_input_files("#file", {"name": "loa.jpg", "mimeType": "image/jpeg", "buffer": b"x"})

        expect(phone.locator(".mine")).to_contain_text("tệp loa.jpg")

    def test_a_button_that_is_gone_is_explained_and_the_chat_stays(self, phone: Page) -> None:
        phone.locator(".key").evaluate("key => { key.value = 'old'; }")

        phone.get_by_role("button", name="Đã phát").click()

        expect(phone.get_by_role("alert").filter(has_text="Nút này không còn")).to_be_visible()
        expect(bubble(phone, 1)).to_be_visible()

    def test_a_quiet_chat_is_asked_about_and_left_as_it_is(self, phone: Page, chat: Messenger) -> None:
        bubble(phone, 1).evaluate("one => { one.dataset.mark = 'same'; }")
        with phone.expect_response("**/updates*") as answer:
            pass

        assert answer.value.status == 204
        expect(bubble(phone, 1)).to_have_attribute("data-mark", "same")
