"""The page on which a recording is heard beside its text and judged."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from sqlalchemy import select

from airlog import items, recordings
from airlog.db import Session
from airlog.models import Campaign, Mandate, Recording
from airlog.recordings import Received
from tests.page_world import (
    ADMIN,
    APPROVER,
    EDITOR,
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

WHY = "Đoạn cuối bị gió át tiếng"


@pytest.fixture
def slug(world: World) -> str:
    """Next week's item; the mandate asks for Ê Đê too."""

    def settle(session: Session) -> str:
        session.scalars(select(Mandate)).one().languages = "rad"
        [campaign] = session.scalars(select(Campaign)).unique()
        rundown = next(one for one in campaign.rundowns if one.week == str(WEEK.next()))
        return str(rundown.version.item.slug)

    return world.ask(settle)


def give(
    world: World, slug: str, folder: Path, language: str = "rad", by: str = EDITOR, reader: str = "H'Len Niê"
) -> str:
    """A recording on record; returns the path of its page."""
    path = folder / f"{language}-{reader}.ogg"
    path.write_bytes(path.name.encode())
    digest = hashlib.sha256(path.name.encode()).hexdigest()
    taken = Received(path.name, path, digest, path, digest, 61_000)

    def work(session: Session) -> int:
        item = items.item_by_slug(session, slug)
        assert item is not None
        now = world.clock.now()
        version = item.latest.id
        return recordings.add(
            session, person_of(session, by), version, language, reader, "Đồng ý", taken, now
        ).id

    return f"/items/{slug}/recordings/{world.ask(work)}"


async def clear(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """Press the button of the page."""
    heard = re.search(r'name="heard" value="([0-9a-f]{64})"', (await client.get(path)).text)
    return await client.post(f"{path}/clear", data={"heard": heard[1] if heard else ""})


def row(world: World, path: str) -> Recording:
    return world.ask(lambda s: s.get_one(Recording, int(path.rpartition("/")[2])))


@pytest.mark.parametrize("phone", [EDITOR, OFFICER, OPERATOR])
async def test_others_do_not_judge(
    world: World, browser: Browser, slug: str, tmp_path: Path, phone: str
) -> None:
    path = give(world, slug, tmp_path)
    client = browser(phone)

    answers = [
        (await client.post(f"{path}/clear", data={"heard": row(world, path).sha256})).status_code,
        (await client.post(f"{path}/reject", data={"reason": WHY})).status_code,
    ]

    assert answers == [403, 403]
    assert "Duyệt bản ghi</button>" not in (await client.get(path)).text
    assert row(world, path).cleared_at is None and row(world, path).rejected_at is None


async def test_who_sent_it_is_told_to_ask_somebody_else(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    path = give(world, slug, tmp_path, by=ADMIN)

    page = (await browser(ADMIN).get(path)).text
    answer = await browser(ADMIN).post(f"{path}/clear", data={"heard": row(world, path).sha256})

    assert "Nhờ người khác nghe và duyệt" in page and "Duyệt bản ghi</button>" not in page
    assert answer.status_code == 403 and "không tự duyệt" in answer.text


async def test_what_the_page_did_not_play_is_not_cleared(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    path = give(world, slug, tmp_path)

    forged = await browser(APPROVER).post(f"{path}/clear", data={"heard": "0" * 64})
    Path(row(world, path).path).write_bytes(b"something else")
    changed = await browser(APPROVER).get(path)

    assert forged.status_code == 422 and 'role="alert"' in forged.text
    assert "không còn nguyên vẹn" in changed.text and "Duyệt bản ghi</button>" not in changed.text


async def test_no_reason_no_sending_back_and_what_was_typed_stays(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    path = give(world, slug, tmp_path)

    empty = await browser(APPROVER).post(f"{path}/reject", data={"reason": " "})
    long = await browser(APPROVER).post(f"{path}/reject", data={"reason": "gió " * 90})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "vì sao" in empty.text and "gió gió" in long.text


@pytest.mark.parametrize("path", ["/items/khong-co/recordings/1", "/items/{slug}/recordings/999"])
async def test_a_recording_that_is_not_there_is_said_to(browser: Browser, slug: str, path: str) -> None:
    assert (await browser(APPROVER).get(path.format(slug=slug))).status_code == 404


async def test_a_vietnamese_recording_of_words_nobody_cleared_is_cleared_with_the_item(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    def uncleared(session: Session) -> None:
        item = items.item_by_slug(session, slug)
        assert item is not None
        item.latest.cleared_at = None

    world.ask(uncleared)
    path = give(world, slug, tmp_path, "vie")

    page = (await browser(APPROVER).get(path)).text

    assert "Lời đọc chưa duyệt" in page and f"/items/{slug}#clearing" in page


async def test_it_is_heard_beside_its_words_cleared_and_then_in_use(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    path = give(world, slug, tmp_path)
    item = world.ask(lambda s: items.item_by_slug(s, slug))
    assert item is not None
    before = (await browser(EDITOR).get(f"/items/{slug}")).text
    page = (await browser(APPROVER).get(path)).text

    answer = await clear(browser(APPROVER), path)
    after = (await browser(EDITOR).get(answer.headers["location"])).text

    assert "chờ duyệt bản ghi" in before
    assert f"{path}.ogg" in page and item.latest.script.split("\n\n")[0][:40] in page
    assert "Đã duyệt bản ghi" in after and "chờ duyệt bản ghi" not in after
    assert "Hoàng Văn Sơn duyệt" in after
    assert "Đài nhận đúng bản này" in (await browser(OFFICER).get(path)).text


async def test_the_admin_sees_on_the_campaign_what_waits_to_be_heard(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    missing = (await browser(ADMIN).get("/campaigns/1")).text
    path = give(world, slug, tmp_path)
    waiting = (await browser(ADMIN).get("/campaigns/1")).text
    listed = (await browser(APPROVER).get("/items")).text
    await clear(browser(APPROVER), path)
    done = (await browser(ADMIN).get("/campaigns/1")).text

    counts = [page.count("chờ duyệt bản ghi</span>") for page in (missing, waiting, done)]
    assert counts == [0, 1, 0]
    assert waiting.count("chờ thu âm</span>") == missing.count("chờ thu âm</span>") - 1
    assert f"/items/{slug}#recordings" in waiting and "1 bản ghi chờ duyệt" in listed


async def test_the_reason_goes_back_to_who_sent_it(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    path = give(world, slug, tmp_path)

    answer = await browser(APPROVER).post(f"{path}/reject", data={"reason": WHY})
    page = (await browser(EDITOR).get(answer.headers["location"])).text

    assert f"<strong>Chưa duyệt:</strong> {WHY}" in page and "chờ thu âm</span>" in page
    assert WHY in (await browser(EDITOR).get(path)).text
    await clear(browser(APPROVER), path)
    assert WHY not in (await browser(EDITOR).get(f"/items/{slug}")).text


async def test_a_newer_take_and_the_one_in_use_are_told_apart(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    await clear(browser(APPROVER), give(world, slug, tmp_path))
    give(world, slug, tmp_path, reader="Y Bliu")

    page = (await browser(EDITOR).get(f"/items/{slug}")).text

    assert (
        page.index("Y Bliu đọc")
        < page.index("Đài vẫn nhận bản đã duyệt trước")
        < page.index("H&#39;Len Niê đọc")
    )


async def test_a_vietnamese_recording_is_not_cleared_with_the_item_by_who_sent_it(
    world: World, browser: Browser, slug: str, tmp_path: Path
) -> None:
    path = give(world, slug, tmp_path, "vie", by=ADMIN)
    item = world.ask(lambda s: items.item_by_slug(s, slug))
    assert item is not None
    form = {"version": item.latest.id, "heard": row(world, path).sha256}

    page = (await browser(ADMIN).get(f"/items/{slug}")).text
    answer = await browser(ADMIN).post(f"/items/{slug}/clear", data=form)
    other = await browser(APPROVER).post(f"/items/{slug}/clear", data=form)

    assert "Bản thu mới nhất do anh/chị gửi" in page and "Duyệt bản đọc này</button>" not in page
    assert (answer.status_code, other.status_code) == (403, 303)
    assert row(world, path).cleared_at is not None


@pytest.mark.browser
@skip_without_chromium
def test_the_page_on_a_phone_and_a_desk(
    chromium: Chromium, world: World, slug: str, free_port: int, tmp_path: Path
) -> None:
    path = give(world, slug, tmp_path)
    found: list[tuple[str, int, list[str]]] = []
    with served(world.app, free_port) as address:
        for width in (360, 1280):
            context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=address)
            context.add_cookies(
                [{"name": cookie_name(world.parts), "value": sign_in(world, APPROVER), "url": address}]
            )
            page = context.new_page()
            for url in (path, f"/items/{slug}", "/items"):
                page.goto(url)
                page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
                wide = page.evaluate(
                    "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                bad = [one["id"] for one in Axe().run(page).response["violations"]]
                found.append((url, wide, bad))
            context.close()
    assert [one for one in found if one[1] or one[2]] == []
