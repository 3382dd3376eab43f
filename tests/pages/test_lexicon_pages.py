"""The lexicon on its pages: refused first, then from a word to its sound, by hand and by workbook."""

from __future__ import annotations

import io
import re
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import playwright.sync_api
import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import func, select

from airlog import lexicon, lexicon_edits
from airlog.db import Session
from airlog.lexicon_edits import Wanted
from airlog.models import Pronunciation, Station
from audio.mastering import measure
from audio.speech import EngineFailed, EngineUnavailable, Speech
from audio.voices import Voices
from scheduler.tracks import Studio
from tests.fakes import FakeSpeech
from tests.page_world import (
    ADMIN,
    APPROVER,
    EDITOR,
    FAR_ADMIN,
    NATIONAL,
    OFFICER,
    OPERATOR,
    TUESDAY,
    Browser,
    World,
    person_of,
    sign_in,
)
from tests.serving import served, skip_without_chromium
from web import lexicon_sound
from web.app import create_app
from web.auth import cookie_name

LAYER = "province:68"
DAK_WIL = {"layer": LAYER, "word": "Đắk Wil", "reading": "đắc uyn", "note": "theo bà con"}


def rows(world: World) -> int:
    return world.ask(lambda s: s.scalar(select(func.count(Pronunciation.id)))) or 0


def station(world: World) -> str:
    return f"station:{world.ask(lambda s: s.scalar(select(Station.id).where(Station.area_code == '24646')))}"


def book(*lines: tuple[object, ...], head: tuple[str, ...] = ("Từ", "Cách đọc", "Ghi chú")) -> bytes:
    made = openpyxl.Workbook()
    for line in (head, *lines):
        made.active.append(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def form_of(page: str) -> dict[str, str]:
    """What the form for saving a list would send."""
    packed = re.search(r'<textarea name="packed" hidden>(.*?)</textarea>', page, re.DOTALL)
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert packed and seen
    return {"layer": LAYER, "packed": packed[1], "seen": seen[1]}


async def look(browser: Browser, data: bytes, phone: str = EDITOR) -> tuple[int, str]:
    answer = await browser(phone).post(
        "/lexicon/import", data={"layer": LAYER}, files={"file": ("td.xlsx", data)}
    )
    return answer.status_code, answer.text


async def test_operators_and_strangers_see_no_lexicon(browser: Browser) -> None:
    assert (await browser(OPERATOR).get("/lexicon")).status_code == 403
    assert (await browser().get("/lexicon")).headers["location"] == "/login"


@pytest.mark.parametrize("phone", [OFFICER, APPROVER])
async def test_readers_look_and_change_nothing(world: World, browser: Browser, phone: str) -> None:
    page = await browser(phone).get("/lexicon", params={"layer": LAYER})

    assert page.status_code == 200 and "Thêm từ" not in page.text
    assert (await browser(phone).post("/lexicon/word", data=DAK_WIL)).status_code == 403
    assert (await browser(phone).post("/lexicon/word/remove", data=DAK_WIL)).status_code == 403
    assert (
        await browser(phone).post("/lexicon/import", data={"layer": LAYER, "packed": "2\tĐắk\tđắc\t"})
    ).status_code == 403
    assert rows(world) == 0


@pytest.mark.parametrize("layer", ["province:01", "province:xx", "station:999999", "national:1", "'"])
async def test_a_layer_of_elsewhere_is_not_shown(browser: Browser, layer: str) -> None:
    for path in ("/lexicon", "/lexicon/word", "/lexicon/import", "/lexicon/table.xlsx"):
        assert (await browser(EDITOR).get(path, params={"layer": layer})).status_code in (400, 404), path


async def test_an_admin_of_another_province_changes_nothing_here(world: World, browser: Browser) -> None:
    answer = await browser(FAR_ADMIN).post("/lexicon/word", data=DAK_WIL)

    assert answer.status_code == 403 and rows(world) == 0


async def test_what_was_typed_stays_on_the_page_when_it_is_refused(browser: Browser) -> None:
    answer = await browser(EDITOR).post("/lexicon/word", data=DAK_WIL | {"reading": "đắk wil"})

    assert answer.status_code == 422
    assert "“đắk” không phải một tiếng" in answer.text
    assert 'value="Đắk Wil"' in answer.text and 'value="theo bà con"' in answer.text


async def test_the_second_of_two_editors_sees_what_the_first_wrote(world: World, browser: Browser) -> None:
    await browser(EDITOR).post("/lexicon/word", data=DAK_WIL)

    answer = await browser(ADMIN).post(
        "/lexicon/word", data=DAK_WIL | {"reading": "đắc quên", "based_on": "0"}
    )

    assert answer.status_code == 409 and rows(world) == 1
    assert "lúc này đọc là “đắc uyn” (Vũ Thị Lan ghi)" in answer.text and 'value="đắc quên"' in answer.text
    based_on = re.search(r'name="based_on" value="(\d+)"', answer.text)
    assert based_on is not None
    again = await browser(ADMIN).post(
        "/lexicon/word", data=DAK_WIL | {"reading": "đắc quên", "based_on": based_on[1]}
    )
    assert again.status_code == 303


async def test_a_word_is_entered_found_changed_and_taken_out_without_a_script(browser: Browser) -> None:
    client = browser(EDITOR)
    saved = await client.post("/lexicon/word", data=DAK_WIL)
    listed = await client.get(saved.headers["location"])
    found = await client.get("/lexicon", params={"layer": LAYER, "q": "dak wil"})
    missed = await client.get("/lexicon", params={"layer": LAYER, "q": "krong"})
    word = await client.get("/lexicon/word", params={"layer": LAYER, "word": "đắk wil"})
    based_on = re.search(r'name="based_on" value="(\d+)"', word.text)
    assert based_on is not None
    removed = await client.post("/lexicon/word/remove", data=DAK_WIL | {"based_on": based_on[1]})
    empty = await client.get(removed.headers["location"])
    after = await client.get("/lexicon/word", params={"layer": LAYER, "word": "Đắk Wil"})

    assert "Đã ghi cách đọc" in listed.text and "Vũ Thị Lan" in listed.text and "theo bà con" in listed.text
    assert "đắc uyn" in found.text and "Không có từ nào khớp" in missed.text
    assert "Không có mục này, máy đọc là “đắc uyn”" in word.text
    assert "Đã bỏ mục này" in empty.text and "chưa có từ nào" in empty.text
    assert "bỏ mục này" in after.text and after.text.count("Vũ Thị Lan") == 2 + 1


async def test_a_station_shows_whose_reading_it_replaces(world: World, browser: Browser) -> None:
    client = browser(EDITOR)
    await client.post("/lexicon/word", data=DAK_WIL)
    await client.post("/lexicon/word", data=DAK_WIL | {"layer": station(world), "reading": "đắc quên"})

    page = await client.get("/lexicon", params={"layer": station(world)})

    assert "thay cho cách đọc của tỉnh: đắc uyn" in page.text


async def test_the_national_list_is_there_to_look_at(browser: Browser) -> None:
    page = await browser(NATIONAL).get("/lexicon", params={"layer": "national", "q": "pleiku"})

    assert "pờ lây cu" in page.text and "/lexicon/word" not in page.text


async def test_the_menu_leads_there_and_an_editor_of_one_province_lands_in_it(browser: Browser) -> None:
    page = await browser(EDITOR).get("/lexicon")

    assert '<a href="/lexicon" aria-current="page">Từ điển</a>' in page.text
    assert "Từ điển: tỉnh Lâm Đồng" in page.text
    assert 'href="/lexicon"' not in (await browser(OPERATOR).get("/login")).text


async def test_a_reading_is_heard_and_made_once(world: World, browser: Browser) -> None:
    client = browser(EDITOR)

    pages = [await client.get("/lexicon/listen", params={"reading": "Đắc  uyn"}) for _ in range(2)]

    url = re.search(r'src="(/lexicon/sound/[0-9a-f]{24}\.mp3)"', pages[1].text)
    assert url is not None and url[0] in pages[0].text
    sound = await client.get(url[1])
    assert sound.headers["content-type"] == "audio/mpeg" and measure(sound.content).duration_s > 0.3
    assert world.voice.asked == ["đắc uyn"]
    assert (await browser(OPERATOR).get(url[1])).status_code == 403


async def test_htmx_gets_only_the_player(browser: Browser) -> None:
    part = await browser(EDITOR).get(
        "/lexicon/listen", params={"reading": "đắc uyn"}, headers={"HX-Request": "true"}
    )

    assert part.text.lstrip().startswith("<audio") and "<html" not in part.text


@pytest.mark.parametrize("reading", ["", "wil", "đăc", "la " * 30, "đắc " * 500, "<script>"])
async def test_what_cannot_be_said_is_not_given_to_the_voice(
    world: World, browser: Browser, reading: str
) -> None:
    page = await browser(EDITOR).get("/lexicon/listen", params={"reading": reading})

    assert "Chưa nghe thử được" in page.text and world.voice.asked == []


@pytest.mark.parametrize("key", ["0" * 24, "x" * 24, "..%2f..%2fsecret", "0"])
async def test_a_sound_that_is_not_there_is_not_found(browser: Browser, key: str) -> None:
    assert (await browser(EDITOR).get(f"/lexicon/sound/{key}.mp3")).status_code == 404


def with_voices(world: World, *voices: FakeSpeech) -> object:
    studio = Studio(Voices(voices), Path(world.parts.studio.folder))
    return create_app(replace(world.parts, studio=studio))


class Slow(FakeSpeech):
    """A voice that takes its time."""

    def synthesize(self, words: str, rate: float) -> Speech:
        time.sleep(0.3)
        return super().synthesize(words, rate)


async def test_without_a_clear_local_voice_a_sentence_says_so(world: World, browser: Browser) -> None:
    online, draft, missing = FakeSpeech("online"), FakeSpeech("draft", draft=True), FakeSpeech("missing")
    online.needs_network = True
    missing.fails_with = EngineUnavailable("chưa có tệp giọng đọc")
    client = browser(EDITOR, app=with_voices(world, online, draft, missing))

    page = await client.get("/lexicon/listen", params={"reading": "đắc uyn"})

    assert page.status_code == 200 and "chưa cài giọng đọc chạy tại chỗ" in page.text
    assert online.asked == draft.asked == []


async def test_a_voice_that_fails_says_why(world: World, browser: Browser) -> None:
    world.voice.fails_with = EngineFailed("hỏng tệp giọng")

    page = await browser(EDITOR).get("/lexicon/listen", params={"reading": "đắc uyn"})

    assert page.status_code == 200 and "hỏng tệp giọng" in page.text


async def test_a_slow_voice_does_not_keep_the_page_waiting(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexicon_sound, "PATIENCE_S", 0.05)
    client = browser(EDITOR, app=with_voices(world, Slow()))

    page = await client.get("/lexicon/listen", params={"reading": "đắc uyn"})

    assert "bấm Nghe thử lại" in page.text


async def test_a_workbook_goes_out_and_comes_back_unchanged(world: World, browser: Browser) -> None:
    client = browser(EDITOR)
    await client.post("/lexicon/word", data=DAK_WIL)

    out = await client.get("/lexicon/table.xlsx", params={"layer": LAYER})
    status, page = await look(browser, out.content)

    assert 'filename="tu-dien-tinh-lam-dong.xlsx"' in out.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(out.content)).active
    assert [cell.value for cell in sheet[2]][:4] == ["Đắk Wil", "đắc uyn", "theo bà con", ""]
    assert status == 200 and "1 từ giữ nguyên" in page and "Lưu 0" not in page


async def test_a_list_is_shown_first_and_saved_when_the_editor_says_so(
    world: World, browser: Browser
) -> None:
    await browser(EDITOR).post("/lexicon/word", data=DAK_WIL)
    data = book(("ĐẮK WIL", "đắc quên", None), (None, None, None), ("Nâm N'Jang", "nâm giang", "tên xã cũ"))

    _, page = await look(browser, data)
    before = rows(world)
    saved = await browser(EDITOR).post("/lexicon/import", data=form_of(page))

    assert "1 từ mới, 1 từ đổi" in page and "<s>đắc uyn</s>" in page and before == 1
    assert "done=imported" in saved.headers["location"] and rows(world) == 3


async def test_bad_cells_are_named_by_row_and_column_and_nothing_is_stored(
    world: World, browser: Browser
) -> None:
    data = book(("Đắk Wil", "đắc uyn"), ("Krông", 12), ("đắk wil", "đắc quên"))

    status, page = await look(browser, data)

    assert status == 422 and rows(world) == 0
    assert "Dòng 3, cột Cách đọc: “12” không phải một tiếng" in page
    assert "Dòng 4, cột Cách đọc: từ “đắk wil” đã có ở dòng 2" in page


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "Tệp không mở được"),
        (b"Tu,Cach doc\n", "Tệp không mở được"),
        (book(head=("Tên", "Đọc")), "thiếu cột “Từ”, “Cách đọc”"),
        (book(), "không có dòng nào"),
        (book()[:800], "Tệp không mở được"),
        (book(*[(f"từ {n}", "đắc") for n in range(2001)]), "hơn 2000 dòng"),
    ],
    ids=["empty", "csv", "columns", "no rows", "cut", "long"],
)
async def test_a_workbook_that_cannot_be_taken_in_says_why(
    world: World, browser: Browser, data: bytes, told: str
) -> None:
    status, page = await look(browser, data)

    assert status == 422 and told in page and rows(world) == 0


async def test_a_zip_that_is_no_workbook_or_unpacks_to_gigabytes_is_refused(browser: Browser) -> None:
    plain, bomb = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(plain, "w") as parts:
        parts.writestr("a.txt", "x")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"\0" * 45_000_000)

    answers = [await look(browser, one.getvalue()) for one in (plain, bomb)]

    assert [status for status, _ in answers] == [422, 422]
    assert "quá lớn khi mở ra" in answers[1][1]


async def test_a_list_without_a_file_is_asked_for(browser: Browser) -> None:
    answer = await browser(EDITOR).post("/lexicon/import", data={"layer": LAYER})

    assert answer.status_code == 422 and "Chưa có tệp nào được chọn" in answer.text


async def test_a_list_is_shown_anew_when_somebody_wrote_meanwhile(world: World, browser: Browser) -> None:
    _, page = await look(browser, book(("Đắk Wil", "đắc quên")))
    await browser(ADMIN).post("/lexicon/word", data=DAK_WIL)

    answer = await browser(EDITOR).post("/lexicon/import", data=form_of(page))

    assert answer.status_code == 409 and "Có người vừa sửa" in answer.text and rows(world) == 1
    assert "<s>đắc uyn</s>" in answer.text
    assert (await browser(EDITOR).post("/lexicon/import", data=form_of(answer.text))).status_code == 303


@pytest.mark.parametrize("packed", ["rubbish", "x\ty\tz", "9" * 5000 + "\ta\tb\tc", "2\tĐắk"])
async def test_a_tampered_list_stores_nothing(world: World, browser: Browser, packed: str) -> None:
    answer = await browser(EDITOR).post("/lexicon/import", data={"layer": LAYER, "packed": packed})

    assert answer.status_code == 422 and rows(world) == 0


@pytest.mark.browser
@skip_without_chromium
@pytest.mark.parametrize("width", [360, 1280])
def test_an_entry_is_heard_in_its_row_and_nothing_leaves_the_window(
    world: World, chromium: playwright.sync_api.Browser, free_port: int, width: int
) -> None:
    world.ask(_some_entries)
    cookie = {"name": cookie_name(world.parts), "value": sign_in(world, EDITOR)}
    errors: list[str] = []
    with served(world.app, free_port) as address:
        context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=address)
        context.add_cookies([{**cookie, "url": address}])
        page = context.new_page()
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(f"/lexicon?layer={LAYER}")
        page.get_by_label("Nghe thử Đắk Wil", exact=True).click()
        page.wait_for_selector("tr:has-text('Đắk Wil') .heard audio")
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found = Axe().run(page).response["violations"]
        context.close()

    assert (beyond, errors) == (0, [])
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def _some_entries(session: Session) -> None:
    editor, layer = person_of(session, EDITOR), lexicon.layer_of(session, LAYER)
    for word, reading, note in (("Đắk Wil", "đắc uyn", "x" * 60), ("Krông", "cờ rong", "")):
        lexicon_edits.set_entry(session, editor, layer, Wanted(0, word, reading, note), 0, TUESDAY)
