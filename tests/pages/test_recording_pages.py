"""Readings of people on the page of an item: refused files first, then from the form to the player."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import httpx
import pytest
from sqlalchemy import select

from airlog import items, recordings
from airlog.db import Session
from airlog.models import Audit, Campaign, Item, Mandate, Recording
from tests.fakes import buzz
from tests.page_world import ADMIN, APPROVER, EDITOR, OFFICER, OPERATOR, WEEK, Browser, World
from tests.phone_files import filmed, in_a_room, recorded, voice_note
from tests.world import WORDS

READER, CONSENT = "H'Len Niê", "Đồng ý qua điện thoại 24/11"
LONG_S = 20.0
"""Long enough for the items of the library, read quickly in any language."""


@pytest.fixture
def slug(world: World) -> str:
    """This week's item; the mandate asks for Ê Đê and Jrai too."""

    def settle(session: Session) -> str:
        session.scalars(select(Mandate)).one().languages = "rad,jra"
        [campaign] = session.scalars(select(Campaign)).unique()
        rundown = next(one for one in campaign.rundowns if one.week == str(WEEK))
        return str(rundown.version.item.slug)

    return world.ask(settle)


def item(world: World, slug: str) -> Item:
    found = world.ask(lambda s: items.item_by_slug(s, slug))
    assert found is not None
    return found


async def sent(
    world: World,
    browser: httpx.AsyncClient,
    slug: str,
    data: bytes | None,
    name: str = "ghi-am.ogg",
    **words: str,
) -> str:
    """Fill in the form, wait until the file is worked on; the page as it then is."""
    form = {
        "version": str(item(world, slug).latest.id), "language": "rad", "reader": READER, "consent": CONSENT, **words
    }  # fmt: skip
    files = {"file": (name, data)} if data is not None else {}
    answer = await browser.post(f"/items/{slug}/recordings", data=form, files=files)
    assert answer.headers["location"] == f"/items/{slug}#recordings"
    await world.parts.intakes.finish()
    return (await browser.get(f"/items/{slug}")).text


def rows(world: World) -> list[Recording]:
    return world.ask(lambda s: list(s.scalars(select(Recording).order_by(Recording.id))))


def film(folder: Path) -> bytes:
    with av.open(str(folder / "film.mp4"), "w") as file:
        filmed(file)
    return (folder / "film.mp4").read_bytes()


@pytest.mark.parametrize("phone", [OFFICER, APPROVER, OPERATOR])
async def test_only_editors_send_recordings(world: World, browser: Browser, slug: str, phone: str) -> None:
    answer = await browser(phone).post(f"/items/{slug}/recordings", data={"version": "1"})

    assert answer.status_code == 403
    assert world.ask(lambda s: s.scalars(select(Audit.id).where(~Audit.allowed)).all())


async def test_who_may_not_send_sees_no_form(browser: Browser, slug: str) -> None:
    page = (await browser(APPROVER).get(f"/items/{slug}")).text

    assert "Bản thu âm" in page and "Gửi bản thu" not in page


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: recorded(folder / "a.wav", buzz(5.0, 0.0003)).read_bytes(), "gần như không có tiếng"),
        (lambda folder: recorded(folder / "a.wav", buzz(5.0, 6.0)).read_bytes(), "bị vỡ tiếng"),
        (lambda folder: recorded(folder / "a.wav", buzz(2.9)).read_bytes(), "chỉ dài 2,9 giây"),
        (lambda folder: voice_note(folder, 4.0), "mà lời tiếng Việt có"),
        (film, "không có âm thanh"),
        (lambda folder: b"PK\x03\x04" + bytes(5_000), "không có âm thanh"),
        (lambda folder: b"", "không có âm thanh"),
        (lambda folder: b"ID3" + bytes(25_000_000), "tối đa 25 MB"),
    ],
    ids=["silent", "clipped", "short", "too short for the text", "film without sound", "zip", "empty", "big"],
)
async def test_a_refused_file_says_why_and_keeps_the_words_of_the_form(
    world: World, browser: Browser, slug: str, tmp_path: Path, make: Callable[[Path], bytes], told: str
) -> None:
    page = await sent(world, browser(EDITOR), slug, make(tmp_path), "ban-thu.mp3")

    assert told in page and 'role="alert"' in page
    assert 'value="H&#39;Len Niê"' in page and f'value="{CONSENT}"' in page
    assert '<option value="rad" selected>' in page
    assert rows(world) == [] and not (tmp_path / "recordings").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"language": ""}, "Chưa chọn ngôn ngữ"),
        ({"language": "tiếng Ê Đê"}, "Chưa chọn ngôn ngữ"),
        ({"reader": ""}, "Chưa có tên người đọc"),
        ({"consent": ""}, "Chưa ghi người đọc đồng ý"),
        ({"version": "999"}, "Lời đọc vừa được sửa"),
    ],
)
async def test_a_form_that_lacks_something_comes_back(
    world: World, browser: Browser, slug: str, words: dict[str, str], told: str
) -> None:
    page = await sent(world, browser(EDITOR), slug, b"x", **words)

    assert told in page and rows(world) == []


async def test_a_form_without_a_file_comes_back(world: World, browser: Browser, slug: str) -> None:
    assert "Chưa có tệp nào được chọn" in await sent(world, browser(EDITOR), slug, None)


async def test_a_request_of_two_hundred_megabytes_is_refused_unread(browser: Browser, slug: str) -> None:
    answer = await browser(EDITOR).post(
        f"/items/{slug}/recordings", content=b"x", headers={"Content-Length": "200000000"}
    )

    assert answer.status_code == 413 and "quá lớn" in answer.text
    assert "từ 25 MB trở xuống" in answer.text


@pytest.mark.parametrize(
    ("form", "limit"), [("files", "15 MB"), ("../people/import", "2 MB"), ("new", "200 KB")]
)
async def test_a_request_that_is_too_large_is_told_the_limit_of_its_own_form(
    browser: Browser, slug: str, form: str, limit: str
) -> None:
    path = {"new": "/items/new", "../people/import": "/people/import"}.get(form, f"/items/{slug}/{form}")

    answer = await browser(ADMIN).post(path, content=b"x", headers={"Content-Length": "200000000"})

    assert answer.status_code == 413 and f"từ {limit} trở xuống" in answer.text


async def test_the_failure_of_one_person_is_not_shown_to_another(
    world: World, browser: Browser, slug: str
) -> None:
    await sent(world, browser(EDITOR), slug, b"")

    assert 'role="alert"' not in (await browser(ADMIN).get(f"/items/{slug}")).text


async def test_required_languages_wait_on_the_page_of_item_and_campaign(
    world: World, browser: Browser, slug: str
) -> None:
    campaign = world.ask(lambda s: s.scalars(select(Campaign)).unique().one())

    page = (await browser(EDITOR).get(f"/items/{slug}")).text
    of_campaign = (await browser(ADMIN).get(f"/campaigns/{campaign.id}")).text

    assert page.count("chờ thu âm</span>") == 2
    assert '<option value="rad">Tiếng Ê Đê, chờ thu âm</option>' in page
    assert "tiếng Ê Đê, tiếng Jrai" in of_campaign and "chờ thu âm</span>" in of_campaign


async def test_an_item_of_no_campaign_waits_for_nothing(browser: Browser, world: World) -> None:
    path = (
        await browser(EDITOR).post("/items/new", data={"title": "Tin", "topic": "policy", "script": WORDS})
    ).headers["location"]

    page = (await browser(EDITOR).get(path)).text

    assert "chờ thu âm" not in page and "Chưa có bản thu nào" in page


async def test_a_recording_is_worked_on_in_the_background_and_then_played(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    client = browser(EDITOR)
    form = {
        "version": str(item(world, slug).latest.id),
        "language": "rad",
        "reader": READER,
        "consent": CONSENT,
    }

    await client.post(
        f"/items/{slug}/recordings", data=form, files={"file": ("a.ogg", voice_note(tmp_path, LONG_S))}
    )
    busy = (await client.get(f"/items/{slug}")).text
    again = await client.post(f"/items/{slug}/recordings", data=form, files={"file": ("a.ogg", b"x")})
    await world.parts.intakes.finish()
    part = (await client.get(f"/items/{slug}/recordings")).text

    assert 'aria-busy="true"' in busy and 'hx-trigger="every 2s"' in busy and "Gửi bản thu" not in busy
    assert again.status_code == 400 and "còn đang được xử lý" in again.text
    assert "hx-trigger" not in part and "H&#39;Len Niê đọc, 20 giây" in part and CONSENT in part
    assert part.count("chờ thu âm</span>") == 1
    [row] = rows(world)
    heard = await browser(OFFICER).get(
        f"/items/{slug}/recordings/{row.id}.ogg", headers={"Range": "bytes=0-3"}
    )
    assert (heard.status_code, heard.content) == (206, b"OggS")


async def test_a_film_is_taken_for_its_sound(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    data = recorded(tmp_path / "phim.mp4", in_a_room(LONG_S), "aac", 44_100, 2).read_bytes()

    page = await sent(world, browser(EDITOR), slug, data, "phim.mp4")

    assert "H&#39;Len Niê đọc, 20 giây" in page and 'role="alert"' not in page


async def test_a_recording_is_taken_out_of_use_and_put_back(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    client = browser(EDITOR)
    await sent(world, client, slug, voice_note(tmp_path, LONG_S))
    [row] = rows(world)

    await client.post(f"/items/{slug}/recordings/{row.id}/withdraw")
    without = (await client.get(f"/items/{slug}")).text
    await client.post(f"/items/{slug}/recordings/{row.id}/put-back")
    again = (await client.get(f"/items/{slug}")).text

    assert without.count("chờ thu âm</span>") == 2 and "Dùng lại" in without
    assert again.count("chờ thu âm</span>") == 1 and "Dùng lại" not in again


@pytest.mark.parametrize("act", ["withdraw", "put-back"])
async def test_an_approver_takes_nothing_out_of_use(
    world: World, browser: Browser, slug: str, tmp_path: Path, act: str
) -> None:
    await sent(world, browser(EDITOR), slug, voice_note(tmp_path, LONG_S))
    [row] = rows(world)

    answer = await browser(APPROVER).post(f"/items/{slug}/recordings/{row.id}/{act}")

    assert answer.status_code == 403 and rows(world)[0].withdrawn_at is None


async def test_a_recording_is_found_only_under_its_own_item(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    client = browser(EDITOR)
    await sent(world, client, slug, voice_note(tmp_path, LONG_S))
    [row] = rows(world)
    other = next(one.slug for one in world.ask(items.all_items) if one.slug != slug)

    for path in (f"/items/{other}/recordings/{row.id}.ogg", f"/items/{slug}/recordings/999.ogg"):
        assert (await client.get(path)).status_code == 404
    assert (await browser(OPERATOR).get(f"/items/{slug}/recordings/{row.id}.ogg")).status_code == 403
    Path(row.path).unlink()
    assert (await client.get(f"/items/{slug}/recordings/{row.id}.ogg")).status_code == 404


async def test_rewritten_words_need_a_new_recording_while_the_campaign_keeps_the_old_one(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    client = browser(EDITOR)
    await sent(world, client, slug, voice_note(tmp_path, LONG_S))
    old = item(world, slug).latest.id

    await client.post(f"/items/{slug}/edit", data={"script": WORDS})
    page = (await client.get(f"/items/{slug}")).text

    assert "Lời đọc mới nhất, bản 2" in page and "Lời đọc chiến dịch đang dùng, bản 1" in page
    assert page.index("Chưa có bản thu nào") < page.index("H&#39;Len Niê đọc")
    await sent(world, client, slug, voice_note(tmp_path, LONG_S), version=str(old), reader="Y Bliu")
    new = item(world, slug).latest.id
    found = world.ask(lambda s: recordings.newest(s, [old, new]))
    assert {key: row.reader for key, row in found.items()} == {(old, "rad"): "Y Bliu"}


async def test_what_goes_wrong_with_us_is_told_and_may_be_tried_again(
    world: World, browser: Browser, slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    client = browser(EDITOR)
    with monkeypatch.context() as patched:
        patched.setattr(recordings, "receive", full)
        page = await sent(world, client, slug, voice_note(tmp_path, LONG_S))

    assert "Loa Xã gặp lỗi khi xử lý bản thu" in page and "Gửi bản thu" in page
    assert 'role="alert"' not in await sent(world, client, slug, voice_note(tmp_path, LONG_S))
