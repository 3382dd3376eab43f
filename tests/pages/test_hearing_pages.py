"""Hearing before it is aired: what may not be cleared unheard, ten seconds at once, the page to listen closely."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium

from airlog import campaigns, items, readings, tracks
from airlog.db import Session
from airlog.models import Item, Station
from audio.clip import Clip, Tags
from audio.filters import RATE_HZ
from audio.mastering import master
from audio.render import render_reading
from audio.sound_file import MP3, encode
from audio.speech import EngineUnavailable, Speech, UnreadWords
from audio.voices import Take
from tests.fakes import buzz
from tests.page_world import (
    ADMIN,
    APPROVER,
    EDITOR,
    FAR_ADMIN,
    OFFICER,
    OPERATOR,
    WEEK,
    Browser,
    World,
    person_of,
    sign_in,
)
from tests.serving import served, skip_without_chromium
from web.auth import cookie_name

SCRIPT = (
    "Kính thưa bà con trong xã. Tuần này Tổ công nghệ số cộng đồng có mặt tại nhà văn hóa thôn mỗi tối thứ Ba. "
    "Bà con cần nộp hồ sơ qua mạng xin mời tới, có người hướng dẫn từng bước, không mất tiền.\n\n"
    "Khi đi, bà con mang theo điện thoại và căn cước. Ai chưa rõ, gọi số 0912 345 678 để hỏi. "
    "Xin cảm ơn bà con đã lắng nghe."
)
PATH = "/items/toi-thu-ba"
LIBRARY = "an-toan-khi-dung-mang"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def written(world: World) -> None:
    """An item of the editor's, read by nobody yet."""
    world.ask(
        lambda s: items.add_item(
            s, person_of(s, EDITOR), title="Tối thứ Ba", topic="policy", source="Xã", script=SCRIPT,
            now=world.clock.now(),
        )
    )  # fmt: skip


def item(world: World) -> Item:
    found = world.ask(lambda s: items.item_by_slug(s, PATH.rpartition("/")[2]))
    assert found is not None
    return found


async def read_aloud(world: World, browser: Browser) -> str:
    """Have the voice read the item; returns the hash of the reading."""
    await browser(EDITOR).post(f"{PATH}/listen")
    await world.parts.listening.finish()
    found = world.ask(lambda s: readings.to_clear(s, s.merge(item(world).latest)))
    assert found is not None
    return found.sha256


async def clear(browser: Browser, world: World, heard: str, phone: str = APPROVER) -> int:
    form = {"version": item(world).latest.id, "heard": heard}
    return (await browser(phone).post(f"{PATH}/clear", data=form)).status_code


@pytest.mark.usefixtures("written")
class TestClearing:
    async def test_what_nobody_could_hear_yet_is_read_first_and_not_cleared(
        self, world: World, browser: Browser
    ) -> None:
        answer = await browser(APPROVER).post(f"{PATH}/clear", data={"version": item(world).latest.id})
        await world.parts.listening.finish()
        page = (await browser(APPROVER).get(PATH)).text

        assert answer.headers["location"].endswith("done=making")
        assert item(world).latest.cleared_at is None
        assert re.search(r'name="heard" value="[0-9a-f]{64}"', page)

    async def test_the_very_reading_stands_beside_the_button_and_plays(
        self, world: World, browser: Browser
    ) -> None:
        heard = await read_aloud(world, browser)

        page = (await browser(APPROVER).get(PATH)).text
        sound = await browser(APPROVER).get(f"{PATH}/reading/{heard}", headers={"Range": "bytes=0-3"})

        assert f'value="{heard}"' in page and f"{PATH}/reading/{heard}" in page
        assert (sound.status_code, sound.content, sound.headers["content-type"]) == (
            206, b"fLaC", "audio/flac",
        )  # fmt: skip

    async def test_clearing_binds_what_was_heard(self, world: World, browser: Browser) -> None:
        heard = await read_aloud(world, browser)

        assert await clear(browser, world, heard) == 303

        assert item(world).latest.cleared_sha256 == heard
        assert "Đài nhận đúng bản đọc dưới đây" in (await browser(APPROVER).get(PATH)).text

    async def test_another_reading_than_the_one_that_was_heard_is_not_cleared(
        self, world: World, browser: Browser
    ) -> None:
        await read_aloud(world, browser)

        assert await clear(browser, world, "0" * 64) == 400
        assert item(world).latest.cleared_at is None

    async def test_the_author_does_not_swap_the_sound_afterwards(
        self, world: World, browser: Browser
    ) -> None:
        heard = await read_aloud(world, browser)
        await clear(browser, world, heard)
        world.ask(lambda s: _make_author(s, APPROVER))

        assert await clear(browser, world, heard) == 403

    async def test_a_draft_clears_the_words_and_binds_no_sound(self, world: World, browser: Browser) -> None:
        world.voice.draft = True
        heard = await read_aloud(world, browser)

        await clear(browser, world, heard)

        version = item(world).latest
        assert version.cleared_at is not None and version.cleared_sha256 is None
        assert "Lời đọc đã duyệt, âm thanh thì chưa" in (await browser(APPROVER).get(PATH)).text

    async def test_unknown_words_stop_it_and_are_named(self, world: World, browser: Browser) -> None:
        world.voice.fails_with = UnreadWords(("qwrtz",))

        await browser(APPROVER).post(f"{PATH}/clear", data={"version": item(world).latest.id})
        await world.parts.listening.finish()
        page = (await browser(APPROVER).get(PATH)).text

        assert "chưa biết đọc: qwrtz" in page
        assert item(world).latest.cleared_at is None

    async def test_a_lost_reading_is_told_on_the_page_and_another_can_be_cleared(
        self, world: World, browser: Browser
    ) -> None:
        heard = await read_aloud(world, browser)
        await clear(browser, world, heard)
        bound = world.ask(lambda s: readings.bound(s, s.merge(item(world).latest)))
        assert bound is not None
        bound.path.unlink()

        lost = (await browser(APPROVER).get(PATH)).text
        world.voice.fails_with = None
        again = await read_aloud(world, browser)

        assert "không còn nguyên vẹn" in lost
        assert await clear(browser, world, again) == 303

    async def test_a_reading_of_another_item_does_not_open_here(self, world: World, browser: Browser) -> None:
        heard = await read_aloud(world, browser)

        assert (await browser(APPROVER).get(f"/items/{LIBRARY}/reading/{heard}")).status_code == 404
        assert (await browser(OPERATOR).get(f"{PATH}/reading/{heard}")).status_code == 403


def _make_author(session: Session, phone: str) -> None:
    found = items.item_by_slug(session, PATH.rpartition("/")[2])
    assert found is not None
    found.latest.author_id = person_of(session, phone).id
    found.latest.cleared_sha256 = None


@pytest.mark.usefixtures("written")
class TestTenSeconds:
    async def test_a_paragraph_is_heard_at_once_and_nothing_is_stored(
        self, world: World, browser: Browser
    ) -> None:
        client = browser(EDITOR)

        answer = await client.post(f"{PATH}/preview", data={"part": "1"}, headers=HTMX)

        url = re.search(r'src="(/items/preview/[0-9a-f]{24}\.mp3)"', answer.text)
        assert url is not None
        sound = await client.get(url[1])
        assert (sound.status_code, sound.headers["content-type"]) == (200, "audio/mpeg")
        assert world.voice.asked[0].lower().startswith("khi đi")
        assert world.ask(lambda s: tracks.of_version(s, item(world).latest.id)) == []

    async def test_what_is_being_written_is_heard_and_kept_in_its_field_without_scripts(
        self, browser: Browser
    ) -> None:
        words = "Bà con nhớ mang theo căn cước. Xin cảm ơn bà con."

        page = (await browser(EDITOR).post(f"{PATH}/preview", data={"script": words})).text

        assert "/items/preview/" in page and words in page

    async def test_a_text_that_cannot_be_read_says_why(self, world: World, browser: Browser) -> None:
        world.voice.fails_with = EngineUnavailable("chưa có tệp giọng đọc")

        answer = await browser(EDITOR).post(f"{PATH}/preview", data={"script": "Xin chào."}, headers=HTMX)

        assert answer.status_code == 200 and "chưa có tệp giọng đọc" in answer.text

    async def test_a_draft_voice_says_so(self, world: World, browser: Browser) -> None:
        world.voice.draft = True

        answer = await browser(EDITOR).post(f"{PATH}/preview", data={"part": "0"}, headers=HTMX)

        assert "bản nháp, không phát" in answer.text

    @pytest.mark.parametrize("name", ["../../loaxa", "0" * 24, "x" * 24])
    async def test_no_other_file_opens_by_its_name(self, browser: Browser, name: str) -> None:
        assert (await browser(EDITOR).get(f"/items/preview/{name}.mp3")).status_code == 404

    async def test_it_is_closed_to_operators(self, browser: Browser) -> None:
        assert (await browser(OPERATOR).post(f"{PATH}/preview", data={"part": "0"})).status_code == 403


def marked_track(world: World, folder: Path) -> int:
    """A reading with marks, kept as a clip of the item; returns its number."""
    speech = Speech(
        buzz(6.0).samples, 22_050, ((0.0, "Kính thưa bà con,"), (2.5, "hôm nay <b>trời</b> mưa."))
    )
    clip = render_reading(Take(speech, "fake", "fake-voice", False), Tags("Tối thứ Ba"), folder)
    return kept(world, clip, f"{WEEK}/68")


def kept(world: World, clip: Clip, purpose: str) -> int:
    version = item(world).latest.id
    return world.ask(lambda s: tracks.keep(s, version, purpose, clip, world.clock.now()).id)


@pytest.mark.usefixtures("written")
class TestListeningClosely:
    async def test_without_any_sound_it_says_how_to_get_one(self, browser: Browser) -> None:
        answer = await browser(APPROVER).get(f"{PATH}/nghe")

        assert answer.status_code == 404 and "Nghe thử" in answer.text

    async def test_it_shows_shape_figures_and_the_words_with_their_seconds(
        self, world: World, browser: Browser, tmp_path: Path
    ) -> None:
        number = marked_track(world, tmp_path)

        page = (await browser(APPROVER).get(f"{PATH}/nghe?track={number}")).text

        assert 'aria-label="Hình sóng âm, dài 6 giây, 2 chỗ ngắt câu"' in page
        assert page.count("đạt</span>") == 2 and "chưa đạt" not in page
        assert 'data-at="2.5"' in page and "#t=2.5" in page
        assert "hôm nay &lt;b&gt;trời" in page

    async def test_a_file_off_its_level_is_marked(
        self, world: World, browser: Browser, tmp_path: Path
    ) -> None:
        path = tmp_path / "quiet.mp3"
        quiet = master(buzz(4.0))
        path.write_bytes(encode(Speech(quiet.samples * 0.2, RATE_HZ), MP3, Tags("x")))
        clip = Clip(path, "a" * 64, 4000, -28.0, -16.0, path.stat().st_size, "fake", "v", draft=False)

        page = (await browser(APPROVER).get(f"{PATH}/nghe?track={kept(world, clip, 'nghe-thu')}")).text

        assert "−28" in page and "chưa đạt" in page

    async def test_a_file_that_is_broken_or_gone_is_said_to(
        self, world: World, browser: Browser, tmp_path: Path
    ) -> None:
        path = tmp_path / "broken.mp3"
        path.write_bytes(b"not a sound")
        clip = Clip(path, "b" * 64, 4000, -14.0, -1.0, 11, "fake", "v", draft=False)
        number = kept(world, clip, f"{WEEK}/68")

        broken = await browser(APPROVER).get(f"{PATH}/nghe?track={number}")
        path.unlink()
        gone = await browser(APPROVER).get(f"{PATH}/nghe?track={number}")

        assert (broken.status_code, gone.status_code) == (404, 404)

    async def test_a_clip_of_another_item_does_not_open_here(
        self, world: World, browser: Browser, tmp_path: Path
    ) -> None:
        number = marked_track(world, tmp_path)

        assert (await browser(APPROVER).get(f"/items/{LIBRARY}/nghe?track={number}")).status_code == 404

    async def test_the_librarys_recording_is_heard_without_marks(self, browser: Browser) -> None:
        page = (await browser(APPROVER).get(f"/items/{LIBRARY}/nghe")).text

        assert "Độ to" in page and "−16," in page


STATION = "Cách phát của đài"


def library(world: World) -> Item:
    found = world.ask(lambda s: items.item_by_slug(s, LIBRARY))
    assert found is not None
    return found


def station_id(world: World, code: str = "24646") -> int:
    return world.ask(lambda s: next(one.id for one in campaigns.stations_in(s, code, world.clock.now())))


def station(world: World) -> Station:
    return world.ask(lambda s: s.get_one(Station, station_id(world)))


class TestStationSound:
    async def test_the_officer_chooses_the_manner(self, world: World, browser: Browser) -> None:
        path = f"/stations/{station_id(world)}"

        await browser(ADMIN).post(f"{path}/sound", data={"own_ident": "true", "readings": "1"})

        here = station(world)
        assert (here.own_ident, here.readings, here.slow) == (True, 1, False)
        assert "Đài có bản phát riêng" in (await browser(ADMIN).get(path)).text

    @pytest.mark.parametrize("phone", [OPERATOR, FAR_ADMIN, EDITOR])
    async def test_others_neither_see_nor_change_it(self, world: World, browser: Browser, phone: str) -> None:
        path = f"/stations/{station_id(world, '24678')}"

        answers = [
            (await browser(phone).post(f"{path}/sound", data={"readings": "1"})).status_code,
            (await browser(phone).post(f"{path}/jingle/remove")).status_code,
            (await browser(phone).post(f"{path}/opening")).status_code,
        ]

        assert answers == [403, 403, 403]
        assert STATION not in (await browser(phone).get(path)).text

    async def test_a_jingle_is_taken_by_what_it_is_and_can_be_removed(
        self, world: World, browser: Browser
    ) -> None:
        path, client = f"/stations/{station_id(world)}", browser(ADMIN)
        data = encode(buzz(3.0), MP3, Tags("x"))

        await client.post(f"{path}/jingle", files={"file": ("nhac.xyz", data)})
        taken = station(world).jingle_path
        await client.post(f"{path}/jingle/remove")

        assert taken is not None and Path(taken).read_bytes().startswith(b"fLaC")
        assert station(world).jingle_sha256 is None

    async def test_a_file_that_is_no_jingle_is_refused_and_says_why(
        self, world: World, browser: Browser
    ) -> None:
        answer = await browser(ADMIN).post(
            f"/stations/{station_id(world)}/jingle", files={"file": ("nhac.mp3", b"<html>not a sound</html>")}
        )

        assert answer.status_code == 400 and "không có âm thanh" in answer.text
        assert station(world).jingle_sha256 is None

    async def test_what_its_last_clip_had_to_do_without_is_said_until_the_manner_changes(
        self, world: World, browser: Browser, tmp_path: Path
    ) -> None:
        path, client = f"/stations/{station_id(world)}", browser(ADMIN)
        await client.post(f"{path}/sound", data={"own_ident": "true", "readings": "1"})
        said = "Bản phát của đài dùng lời xướng chung. Giọng đọc chưa biết đọc: <b>Wil</b>."
        clip = Clip(tmp_path / "a.mp3", "c" * 64, 4000, -14.0, -1.0, 11, "fake", "v", False, said)
        version = library(world).latest.id

        def keep(session: Session) -> None:
            purpose = f"{WEEK}/68/s{station_id(world)}"
            tracks.keep(session, version, purpose, clip, world.clock.now(), station_id(world))

        world.ask(keep)
        page = (await client.get(path)).text
        await client.post(f"{path}/sound", data={"readings": "1"})

        assert "chưa biết đọc: &lt;b&gt;Wil" in page and "chưa đúng cách đã chọn" in page
        assert "chưa đúng cách đã chọn" not in (await client.get(path)).text

    async def test_the_beginning_is_heard_at_once(self, world: World, browser: Browser) -> None:
        path, client = f"/stations/{station_id(world)}", browser(ADMIN)

        answer = await client.post(f"{path}/opening", headers=HTMX)
        url = re.search(r'src="([^"]+\.mp3)"', answer.text)
        plain = await client.post(f"{path}/opening")

        assert url is not None
        assert (await client.get(url[1])).headers["content-type"] == "audio/mpeg"
        assert url[1].rpartition("/")[2][:24] in plain.headers["location"]
        assert (await client.get(f"{path}/opening/{'0' * 24}.mp3")).status_code == 404


class TestSeveralItems:
    def url(self, week: object = WEEK.next()) -> str:
        return f"/campaigns/1/weeks/{week}/items"

    async def test_an_admin_adds_an_item_to_a_coming_week(self, browser: Browser) -> None:
        client = browser(ADMIN)

        answer = await client.post(self.url(), data={"act": "add", "slug": LIBRARY})
        page = (await client.get("/campaigns/1")).text

        assert answer.status_code == 303
        assert re.search(rf'<li>và <a href="/items/{LIBRARY}">', page)

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            ({"act": "add", "slug": "khong-co"}, 400),
            ({"act": "burn", "slug": LIBRARY}, 422),
            ({"slug": LIBRARY}, 422),
        ],
    )
    async def test_what_cannot_be_added_is_refused(
        self, browser: Browser, data: dict[str, str], status: int
    ) -> None:
        assert (await browser(ADMIN).post(self.url(), data=data)).status_code == status

    async def test_a_week_that_is_none_of_the_campaigns_is_said_to(self, browser: Browser) -> None:
        data = {"act": "add", "slug": LIBRARY}

        assert (await browser(ADMIN).post(self.url(WEEK.shift(40)), data=data)).status_code == 404
        assert (await browser(ADMIN).post(self.url("2026-W99"), data=data)).status_code == 404

    async def test_only_the_areas_own_admin_may(self, browser: Browser) -> None:
        for phone in (EDITOR, OFFICER, FAR_ADMIN):
            answer = await browser(phone).post(self.url(), data={"act": "add", "slug": LIBRARY})
            assert answer.status_code == 403


@pytest.mark.browser
@skip_without_chromium
@pytest.mark.usefixtures("written")
def test_the_pages_to_hear_on_a_phone_and_a_desk(
    chromium: Chromium, world: World, free_port: int, tmp_path: Path
) -> None:
    number = marked_track(world, tmp_path)
    paths = [
        PATH,
        f"{PATH}/nghe?track={number}",
        f"{PATH}/edit",
        f"/stations/{station_id(world)}",
        "/campaigns/1",
    ]
    found: list[tuple[str, int, list[str]]] = []
    with served(world.app, free_port) as address:
        for width in (360, 1280):
            context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=address)
            secret = sign_in(world, ADMIN)
            context.add_cookies([{"name": cookie_name(world.parts), "value": secret, "url": address}])
            page = context.new_page()
            for path in paths:
                page.goto(path)
                page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
                wide = page.evaluate(
                    "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                bad = [one["id"] for one in Axe().run(page).response["violations"]]
                found.append((path, wide, bad))
            if width == 360:
                a_tap_on_words_goes_there(page, f"{PATH}/nghe?track={number}")
            context.close()
    assert [one for one in found if one[1] or one[2]] == []


def a_tap_on_words_goes_there(page: object, path: str) -> None:
    from playwright.sync_api import Page, expect

    assert isinstance(page, Page)
    page.goto(path)
    words = page.locator("[data-at='2.5']")
    words.click()
    expect(words).to_have_attribute("aria-current", "true")
    assert page.evaluate("() => document.querySelector('.hear audio').currentTime") >= 2.4
