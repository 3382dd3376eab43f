"""Items: refused uploads and clearings first, then a script from pasting to clearing."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from sqlalchemy import select

from airlog import items, tracks
from airlog.models import Attachment, Item
from audio.speech import EngineFailed
from tests.page_world import ADMIN, APPROVER, EDITOR, OFFICER, OPERATOR, Browser, World

SCRIPT = (
    "Kính thưa bà con trong xã. Tuần này Tổ công nghệ số cộng đồng có mặt tại nhà văn hóa thôn mỗi tối thứ Ba. "
    "Bà con cần nộp hồ sơ qua mạng xin mời tới, có người hướng dẫn từng bước, không mất tiền. "
    "Khi đi, bà con mang theo điện thoại và căn cước. Ai chưa rõ, gọi số 0912 345 678 để hỏi. "
    "Xin cảm ơn bà con đã lắng nghe."
)
LIBRARY = "an-toan-khi-dung-mang"


async def added(browser: Browser, phone: str = EDITOR, title: str = "Tối thứ Ba ở nhà văn hóa") -> str:
    answer = await browser(phone).post(
        "/items/new", data={"title": title, "topic": "good-examples", "script": SCRIPT}
    )
    return answer.headers["location"].partition("?")[0]


def item_at(world: World, path: str) -> Item:
    found = world.ask(lambda s: items.item_by_slug(s, path.rpartition("/")[2]))
    assert found is not None
    return found


def picture(form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "May anh cua Nam"
    Image.new("RGB", (3000, 900), "#1F5FA8").save(out, form, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("phone", [OFFICER, APPROVER])
async def test_only_editors_write_items(browser: Browser, phone: str) -> None:
    answer = await browser(phone).post("/items/new", data={"title": "A", "topic": "policy", "script": SCRIPT})

    assert answer.status_code == 403


async def test_the_library_is_closed_to_operators(browser: Browser) -> None:
    assert (await browser(OPERATOR).get("/items")).status_code == 403


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"title": "", "topic": "policy", "script": SCRIPT}, "chưa có tên"),
        ({"title": "Tin", "topic": "", "script": SCRIPT}, "Chưa chọn chủ đề"),
        ({"title": "Tin", "topic": "policy", "script": "Quá ngắn."}, "chỉ có 2 tiếng"),
    ],
)
async def test_a_bad_form_comes_back_with_what_was_typed(
    browser: Browser, data: dict[str, str], said: str
) -> None:
    answer = await browser(EDITOR).post("/items/new", data=data)

    assert answer.status_code == 422
    assert said in answer.text and data["script"][:20] in answer.text


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [
        ("tin.md", b"---\nid: tin\ntitle: Tin\n", 422, "thiếu dòng"),
        ("tin.md", "Lời đọc".encode("utf-16"), 422, "UTF-8"),
        ("tin.txt", b"a " * 200_000, 422, "quá lớn"),
    ],
)
async def test_a_broken_file_is_named_and_nothing_is_kept(
    world: World, browser: Browser, name: str, content: bytes, status: int, said: str
) -> None:
    count = len(world.ask(items.all_items))

    answer = await browser(EDITOR).post(
        "/items/new", data={"title": "Tin", "topic": "policy"}, files={"file": (name, content)}
    )

    assert answer.status_code == status and said in answer.text
    assert len(world.ask(items.all_items)) == count


async def test_the_author_does_not_clear_the_own_item(world: World, browser: Browser) -> None:
    path = await added(browser, ADMIN)
    version = item_at(world, path).latest.id

    answer = await browser(ADMIN).post(f"{path}/clear", data={"version": version})

    assert answer.status_code == 403
    assert "không tự duyệt" in answer.text
    assert item_at(world, path).latest.cleared_at is None


async def test_a_text_changed_meanwhile_is_not_cleared_unseen(world: World, browser: Browser) -> None:
    path = await added(browser)
    heard = item_at(world, path).latest.id
    await browser(EDITOR).post(f"{path}/edit", data={"script": SCRIPT + " Hẹn gặp bà con tuần sau."})

    answer = await browser(APPROVER).post(f"{path}/clear", data={"version": heard})

    assert answer.status_code == 400
    assert item_at(world, path).latest.cleared_at is None


async def test_an_editor_cannot_clear(world: World, browser: Browser) -> None:
    path = await added(browser, ADMIN)

    answer = await browser(EDITOR).post(f"{path}/clear", data={"version": item_at(world, path).latest.id})

    assert answer.status_code == 403


async def test_another_person_clears_and_an_edit_asks_for_it_again(world: World, browser: Browser) -> None:
    path = await added(browser)
    await browser(APPROVER).post(f"{path}/listen")
    await world.parts.listening.finish()
    first = item_at(world, path).latest
    [track] = world.ask(lambda s: tracks.of_version(s, first.id))
    await browser(APPROVER).post(f"{path}/clear", data={"version": first.id, "heard": track.sha256})
    first = item_at(world, path).latest

    await browser(EDITOR).post(f"{path}/edit", data={"script": SCRIPT + " Hẹn gặp bà con tuần sau."})

    assert first.cleared_at == world.clock.now()
    assert item_at(world, path).latest.cleared_at is None
    page = (await browser(APPROVER).get(path)).text
    assert "Hoàng Văn Sơn duyệt" in page and "chờ duyệt" in page


async def test_a_file_with_front_matter_brings_its_own_title(world: World, browser: Browser) -> None:
    text = (
        "---\nid: tin-to-cong-nghe\ntitle: Tổ công nghệ số\ntopic: good-examples\nsource: Xã\n"
        f"language: vie\n---\n{SCRIPT}"
    )

    answer = await browser(EDITOR).post("/items/new", files={"file": ("tin-to-cong-nghe.md", text.encode())})

    assert answer.headers["location"].startswith("/items/tin-to-cong-nghe")
    assert item_at(world, "/items/tin-to-cong-nghe").title == "Tổ công nghệ số"


async def test_a_text_that_looks_like_markup_is_shown_as_words(world: World, browser: Browser) -> None:
    path = await added(browser, title="<script>alert(1)</script>")

    page = (await browser(EDITOR).get(path)).text

    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


async def test_the_shipped_recording_plays_at_once_and_can_be_sought_in(browser: Browser) -> None:
    client = browser(APPROVER)
    page = (await client.get(f"/items/{LIBRARY}")).text

    part = await client.get(f"/items/{LIBRARY}/recording", headers={"Range": "bytes=0-99"})

    assert f"/items/{LIBRARY}/recording" in page
    assert part.status_code == 206 and len(part.content) == 100
    assert part.content.startswith(b"OggS") and part.headers["cache-control"] != "no-store"


async def test_a_preview_is_made_once_and_then_played(world: World, browser: Browser) -> None:
    client = browser(EDITOR)
    path = await added(browser)

    asked = await client.post(f"{path}/listen", headers={"HX-Request": "true"})
    again = await client.post(f"{path}/listen", headers={"HX-Request": "true"})
    await world.parts.listening.finish()
    done = await client.get(f"{path}/sound")

    assert "aria-busy" in asked.text and "aria-busy" in again.text
    [track] = world.ask(lambda s: tracks.of_version(s, item_at(world, path).latest.id))
    assert f"{path}/reading/{track.sha256}" in done.text
    part = await client.get(f"{path}/reading/{track.sha256}", headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and len(part.content) == 10
    assert len(world.voice.asked) == 1


async def test_a_preview_that_no_voice_can_read_says_why_and_may_be_asked_again(
    world: World, browser: Browser
) -> None:
    world.voice.fails_with = EngineFailed("hết mạng")
    path = await added(browser)

    await browser(EDITOR).post(f"{path}/listen")
    await world.parts.listening.finish()
    page = (await browser(EDITOR).get(path)).text

    assert "hết mạng" in page and "Nghe thử" in page


async def test_a_draft_voice_is_marked_and_kept_from_operators(world: World, browser: Browser) -> None:
    world.voice.draft = True
    path = await added(browser)
    await browser(EDITOR).post(f"{path}/listen")
    await world.parts.listening.finish()

    page = (await browser(EDITOR).get(path)).text
    [track] = world.ask(lambda s: tracks.of_version(s, item_at(world, path).latest.id))
    by_operator = await browser(OPERATOR).get(f"/media/tracks/{track.id}.mp3")

    assert "bản nháp, không phát" in page
    assert by_operator.status_code == 403


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bang-ron.jpg", b"print('hello')"),
        ("bang-ron.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50),
        ("to-roi.pdf", b"<html>not a pdf</html>"),
        ("anh.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
    ],
)
async def test_a_file_that_is_not_what_it_says_is_refused(
    world: World, browser: Browser, name: str, content: bytes
) -> None:
    answer = await browser(EDITOR).post(f"/items/{LIBRARY}/files", files={"file": (name, content)})

    assert answer.status_code == 400 and name in answer.text
    assert world.ask(lambda s: s.scalars(select(Attachment)).all()) == []


async def test_an_attachment_over_the_limit_is_refused(browser: Browser) -> None:
    answer = await browser(EDITOR).post(
        f"/items/{LIBRARY}/files", files={"file": ("a.pdf", b"%PDF-1.4" + b"0" * 15_000_000)}
    )

    assert answer.status_code == 413 and "tối đa 15 MB" in answer.text


async def test_a_banner_is_drawn_anew_without_what_the_camera_wrote_in_it(
    world: World, browser: Browser
) -> None:
    client = browser(EDITOR)

    await client.post(f"/items/{LIBRARY}/files", files={"file": ("Băng rôn 10-10.jpeg", picture())})

    row = world.ask(lambda s: s.scalars(select(Attachment)).one())
    kept = await client.get(f"/media/attachments/{row.id}")
    assert row.name == "Băng rôn 10-10.jpg"
    assert b"May anh" not in kept.content
    assert Image.open(io.BytesIO(kept.content)).width == 2400


async def test_a_pdf_is_handed_out_as_it_came_to_be_saved_not_shown(world: World, browser: Browser) -> None:
    pdf = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"

    await browser(EDITOR).post(f"/items/{LIBRARY}/files", files={"file": ("Công văn.pdf", pdf)})

    row = world.ask(lambda s: s.scalars(select(Attachment)).one())
    answer = await browser(OPERATOR).get(f"/media/attachments/{row.id}")
    assert answer.content == pdf
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_nothing_of_it_opens_for_a_stranger(world: World, browser: Browser) -> None:
    for path in (
        "/media/tracks/1.mp3",
        "/media/attachments/1",
        "/media/airchecks/1",
        f"/items/{LIBRARY}/recording",
    ):
        assert (await browser().get(path)).headers["location"] == "/login"


async def test_an_item_that_does_not_exist_is_said_to(browser: Browser) -> None:
    assert (await browser(EDITOR).get("/items/khong-co")).status_code == 404
