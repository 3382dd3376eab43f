"""What must not be believed: dead links, robots, double posts, wrong files. Nothing is recorded that was not said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from airlog import page_links
from airlog.models import Aircheck
from tests.operator_page_world import (
    ANDROID,
    BASE,
    HAI,
    OperatorPage,
    build_page,
    fill_page,
    forms,
    photo,
    told,
)
from tests.page_world import ADMIN, FAR_OPERATOR, OFFICER, OPERATOR, person_of, sign_in
from tests.stores import Stores
from web.auth import cookie_name

HEIC = b"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heicmiafMiHBMiHA" + bytes(4000)


@pytest.fixture
def page(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[OperatorPage]:
    found = build_page(stores.filled(store_kind, fill_page), tmp_path)
    yield found
    found.world.db.close()


@pytest.fixture
async def phone(page: OperatorPage) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(page.app, raise_app_exceptions=False)
    headers = {"User-Agent": ANDROID}
    async with httpx.AsyncClient(
        transport=transport, base_url=BASE, headers=headers, follow_redirects=True
    ) as client:
        yield client


def kill(page: OperatorPage, why: str) -> str:
    """A link that worked a moment ago, and its form for “đã phát”."""
    link = page.link()
    now = page.world.clock.now()
    match why:
        case "forged":
            return "/o/" + "A" * 22
        case "expired":
            page.later(days=15)
        case "revoked":
            page.world.ask(lambda s: page_links.revoke(s, person_of(s, ADMIN), person_of(s, OPERATOR), now))
        case "left":
            page.world.ask(lambda s: setattr(person_of(s, OPERATOR), "left_at", now))
    return link


@pytest.mark.parametrize(
    ("why", "status", "said"),
    [
        ("forged", 404, "Đường dẫn này không đúng"),
        ("expired", 410, "đã quá 14 ngày"),
        ("revoked", 410, "đã bị thu hồi lúc"),
        ("left", 410, "không còn phụ trách đài"),
    ],
)
async def test_a_dead_link_says_why_records_nothing_and_is_written_down(
    page: OperatorPage, phone: httpx.AsyncClient, why: str, status: int, said: str
) -> None:
    duty = page.world.duty_of("24678")
    link = kill(page, why)

    shown = await phone.get(link)
    posted = await phone.post(link, data={"act": "aired", "duty": str(duty.id), "mark": "x" * 16})
    sound = await phone.get(f"{link}/{duty.id}/tuan-48.mp3")

    assert (shown.status_code, posted.status_code, sound.status_code) == (status, status, 404)
    assert said in shown.text and said in posted.text and "Lê Văn Nam" not in shown.text
    assert page.log() == [] and ("page.open", why) in page.refusals()


async def test_a_link_does_not_open_the_stations_of_others(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    duty = page.world.duty_of("24646")

    answer = await phone.post(page.link(), data={"act": "aired", "duty": str(duty.id), "mark": "x" * 16})

    assert answer.status_code == 403 and "không phụ trách đài này" in told(answer)
    assert page.log() == [] and ("page.aired", "") in page.refusals()


async def test_two_people_on_one_link_speak_as_its_owner_and_the_page_says_so(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link()
    opened = [await phone.get(link), await phone.get(link)]
    answers = [await phone.post(link, data=forms(one.text, "aired")[0]) for one in opened]

    assert [(entry.kind, entry.person.name) for entry in page.log()] == [("aired", "Lê Văn Nam")]
    assert "Tin này anh/chị đã xác nhận lúc 17 giờ" in told(answers[1])
    assert "đều ghi tên này. Không phải anh/chị thì xin đừng bấm" in opened[0].text


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "facebookexternalhit/1.1"},
        {"User-Agent": "TelegramBot (like TwitterBot)"},
        {"User-Agent": "WhatsApp/2.23.20.0"},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "Zalo LinkPreview/1.0"},
        {"User-Agent": ""},
        {"User-Agent": ANDROID, "Sec-Purpose": "prefetch;prerender"},
    ],
)
async def test_a_preview_robot_has_not_opened_the_page(
    page: OperatorPage, phone: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await phone.get(page.link(), headers=headers)

    assert answer.status_code == 200 and not page.seen() and page.log() == []
    assert 'property="og:title" content="Loa Xã: trang của cán bộ truyền thanh"' in answer.text
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"


async def test_asking_for_the_head_of_the_page_is_not_opening_it(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    answer = await phone.head(page.link())

    assert (answer.status_code, answer.content) == (200, b"") and not page.seen()


async def test_a_telephone_called_cubot_is_no_robot(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    await phone.get(page.link(), headers={"User-Agent": "Mozilla/5.0 (Linux; Android 10; CUBOT X30)"})

    assert page.seen()


async def test_a_form_sent_ten_times_at_once_is_one_line(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link()
    form = forms((await phone.get(link)).text, "aired")[0]

    answers = await asyncio.gather(*(phone.post(link, data=form) for _ in range(10)))

    assert page.kinds() == ["aired"]
    assert {answer.status_code for answer in answers} == {200}
    assert all("Đã ghi lúc 17 giờ" in told(answer) for answer in answers)


async def test_a_form_sent_again_after_it_was_taken_back_says_nothing_new(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link()
    form = forms((await phone.get(link)).text, "aired")[0]
    answer = await phone.post(link, data=form)
    await phone.post(link, data=forms(answer.text, "undo")[0])

    await phone.post(link, data=form)

    assert page.kinds() == ["aired", "withdrawn"]


async def test_a_taking_back_sent_twice_takes_back_one_thing(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link()
    missed = forms((await phone.get(link)).text, "missed")[0] | {"extra": "no_power"}
    aired = forms((await phone.post(link, data=missed)).text, "aired")[0]
    undo = forms((await phone.post(link, data=aired)).text, "undo")[0]

    await phone.post(link, data=undo)
    await phone.post(link, data=undo)

    assert page.kinds() == ["not_aired", "aired", "withdrawn"]


async def test_another_time_from_the_same_open_page_is_another_statement(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link()
    opened = (await phone.get(link)).text
    first = forms(opened, "aired_at")[0] | {"day": "2026-11-24", "clock": "05:00"}

    await phone.post(link, data=first)
    await phone.post(link, data=first | {"clock": "11:00"})

    assert page.kinds() == ["aired", "corrected"]


async def test_a_tap_that_was_kept_counts_from_its_own_moment(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link()
    form = forms((await phone.get(link)).text, "aired")[0]
    page.later(hours=3)

    answer = await phone.post(link, data=form | {"ago_s": "7200"}, headers={"Accept": "application/json"})

    (entry,) = page.log()
    assert entry.stated_at == page.world.clock.now() - timedelta(hours=2)
    assert answer.json()["to"].startswith(f"{link}?da={entry.seq}&")


@pytest.mark.parametrize("ago", ["864000", "14400", "-60", "1e3", "9" * 30])
async def test_a_tap_from_before_the_link_or_from_the_future_is_not_believed(
    page: OperatorPage, phone: httpx.AsyncClient, ago: str
) -> None:
    link = page.link()
    form = forms((await phone.get(link)).text, "aired")[0]
    page.later(hours=3)

    answer = await phone.post(link, data=form | {"ago_s": ago}, headers={"Accept": "application/json"})

    assert page.log() == [] and "chưa ghi lần bấm lúc mất mạng" in answer.json()["told"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"act": "aired", "duty": "0"},
        {"act": "aired", "duty": "999999"},
        {"act": "aired", "duty": "9" * 40},
        {"act": "xóa hết", "duty": "1"},
        {"act": "aired_at", "day": "2026-02-31", "clock": "17:00"},
        {"act": "aired_at", "day": "hôm kia", "clock": "17:00"},
        {"act": "aired_at", "day": "2026-11-24", "clock": "25h"},
        {"act": "time", "day": "2026-11-24", "clock": "17:00"},
        {"act": "missed", "extra": "lười"},
        {"act": "when", "extra": "morning"},
        {"act": "undo"},
        {"act": "old", "extra": "1"},
        {"act": "known"},
        {"act": "own", "words": "", "day": "2026-11-24", "clock": "05:00"},
        {"act": "url", "words": "javascript:alert(1)"},
        {"act": "url", "words": "https://dakwil.lamdong.gov.vn/tin"},
        {"act": "proof"},
    ],
)
async def test_a_form_that_says_nothing_records_nothing_and_is_answered(
    page: OperatorPage, phone: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    duty = str(page.world.duty_of("24678").id)

    answer = await phone.post(page.link(), data={"duty": duty, "mark": "y" * 16} | fields)

    assert page.log() == [] and 400 <= answer.status_code < 500
    assert told(answer) and "Trang của" in answer.text


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("anh.heic", HEIC, "HEIC của iPhone"),
        ("anh.jpg", HEIC, "HEIC của iPhone"),
        ("to.jpg", b"\xff\xd8\xff" + bytes(1_200_000), "tối đa 1 MB"),
        ("anh.jpg", b"MZ" + bytes(500), "không mở được tệp này"),
        ("ghi-am.mp3", b"chi la chu " * 50, "không mở được tệp này"),
        ("anh.png", photo("PNG")[:200], "không mở được tệp này"),
        ("rong.jpg", b"", "không mở được tệp này"),
    ],
)
async def test_a_wrong_file_is_refused_in_words_and_what_was_said_stays(
    page: OperatorPage, phone: httpx.AsyncClient, name: str, data: bytes, said: str
) -> None:
    link = page.link()
    opened = await phone.post(link, data=forms((await phone.get(link)).text, "aired")[0])

    answer = await phone.post(link, data=forms(opened.text, "proof")[0], files={"photo": (name, data)})

    assert answer.status_code == 422 and said in told(answer)
    assert page.kinds() == ["aired"] and "page.file" in [act for act, _ in page.refusals()]
    assert page.world.ask(lambda s: list(s.scalars(select(Aircheck)))) == []


async def test_a_good_photo_beside_a_wrong_file_is_kept(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    link = page.link()
    opened = await phone.post(link, data=forms((await phone.get(link)).text, "aired")[0])

    answer = await phone.post(
        link,
        data=forms(opened.text, "proof")[0],
        files=[("photo", ("a.jpg", photo())), ("file", ("b.heic", HEIC))],
    )

    assert "HEIC" in told(answer) and "Đã nhận 1 ảnh." in answer.text


async def test_a_file_before_any_statement_is_proof_of_nothing(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    duty = page.world.duty_of("24678")

    answer = await phone.post(
        page.link(),
        data={"act": "proof", "duty": str(duty.id), "mark": "z" * 16},
        files={"photo": ("a.jpg", photo())},
    )

    assert "chưa có tin nào được xác nhận" in told(answer)


async def test_a_file_for_somebody_elses_station_is_not_even_looked_at(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    duty = page.world.duty_of("24646")

    answer = await phone.post(
        page.link(),
        data={"act": "proof", "duty": str(duty.id), "mark": "z" * 16},
        files={"photo": ("a.jpg", photo())},
    )

    assert answer.status_code == 403 and not (page.folder / "airchecks").exists()


async def test_a_form_from_another_site_is_refused(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    link = page.link()
    form = forms((await phone.get(link)).text, "aired")[0]

    answer = await phone.post(link, data=form, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403 and page.log() == []


async def test_looking_changes_nothing(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    duty = page.world.duty_of("24678")

    for query in ("", f"?act=aired&duty={duty.id}", "?da=1&tin=1", "?da=<b>", "?da=99999999999&tin=-1"):
        assert (await phone.get(page.link() + query)).status_code == 200
    assert page.log() == []


async def test_a_token_is_never_logged(
    page: OperatorPage, phone: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the test's own client
    link = page.link()
    await phone.get(link)
    await phone.post(link, data=forms((await phone.get(link)).text, "aired")[0])
    kill(page, "expired")
    await phone.get(link)

    assert link.rpartition("/")[2] not in caplog.text


def desk(page: OperatorPage, who: str) -> httpx.AsyncClient:
    """Somebody signed in at a desk."""
    cookies = {cookie_name(page.world.parts): sign_in(page.world, who)}
    return httpx.AsyncClient(transport=httpx.ASGITransport(page.app), base_url=BASE, cookies=cookies)


async def test_a_printed_link_is_made_and_revoked_by_the_officer_of_the_area(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    duty, person = page.world.duty_of("24678"), page.world.person(OPERATOR)
    path = f"/stations/{duty.station_id}/links/{person.id}"

    sheet = await desk(page, OFFICER).post(path)
    again = await desk(page, OFFICER).post(path)
    address = sheet.text.partition('class="address">')[2].partition("<")[0].removeprefix(BASE)
    page.later(days=300)
    assert "<svg" in sheet.text and address in again.text
    assert "Lê Văn Nam" in (await phone.get(address)).text

    station = await desk(page, OFFICER).get(f"/stations/{duty.station_id}")
    revoked = await desk(page, OFFICER).post(f"{path}/revoke")
    assert "mở lần cuối" in station.text and revoked.status_code == 303
    assert (await phone.get(address)).status_code == 410


@pytest.mark.parametrize("who", [FAR_OPERATOR, OPERATOR, HAI])
async def test_an_operator_prints_no_link_of_anybody(page: OperatorPage, who: str) -> None:
    duty, person = page.world.duty_of("24678"), page.world.person(OPERATOR)

    answer = await desk(page, who).post(f"/stations/{duty.station_id}/links/{person.id}")

    assert answer.status_code == 403 and "/o/" not in answer.text
    assert "page.print" in [act for act, _ in page.refusals()]
