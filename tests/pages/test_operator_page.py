"""The operator's page: one link, everything an operator can say, and always what now stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from airlog import campaigns, claims, deliveries, record
from airlog.db import Session
from airlog.models import Aircheck, Duty, LogEntry, RecallAck
from airlog.record import Source
from content.week import LOCAL
from scheduler.plan import plan_items
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
from tests.page_world import FAR_OPERATOR, WEEK
from tests.stores import Stores


@pytest.fixture
def page(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[OperatorPage]:
    found = build_page(stores.filled(store_kind, fill_page), tmp_path)
    yield found
    found.world.db.close()


@pytest.fixture
async def phone(page: OperatorPage) -> AsyncIterator[httpx.AsyncClient]:
    """A phone's browser, without JavaScript."""
    transport = httpx.ASGITransport(page.app, raise_app_exceptions=False)
    headers = {"User-Agent": ANDROID}
    async with httpx.AsyncClient(
        transport=transport, base_url=BASE, headers=headers, follow_redirects=True
    ) as client:
        yield client


async def say(phone: httpx.AsyncClient, link: str, act: str, nth: int = 0, **fields: str) -> httpx.Response:
    """Open the page, fill in the form of an act, send it."""
    form = forms((await phone.get(link)).text, act)[nth]
    return await phone.post(link, data=form | fields)


def day(back: int = 0) -> str:
    """A local day before the Tuesday of the tests."""
    return (datetime(2026, 11, 24) - timedelta(days=back)).date().isoformat()


def local(entry: LogEntry) -> str:
    assert entry.aired_at is not None
    return f"{entry.aired_at.astimezone(LOCAL):%d/%m %H:%M}"


def aired_elsewhere(page: OperatorPage, by: str = FAR_OPERATOR, commune: str = "24678") -> None:
    """Somebody confirmed on another channel."""
    now = page.world.clock.now()
    duty, person = page.world.duty_of(commune), page.world.person(by)
    page.world.ask(
        lambda s: record.aired(s, s.merge(person), s.merge(duty), Source("telegram", "1/1", now), now)
    )


async def test_the_page_shows_whose_it_is_the_item_its_sound_and_its_words(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    answer = await phone.get(page.link())

    assert answer.status_code == 200
    assert "Trang của <strong>Lê Văn Nam</strong>" in answer.text
    assert "Tuần 48 (23-29/11)" in answer.text and "Hạn phát: trước 24 giờ Chủ nhật 29/11" in answer.text
    assert '<audio controls preload="none"' in answer.text and 'download="tuan-48.mp3"' in answer.text
    assert 'class="script" open' in answer.text
    assert "0912" not in answer.text  # a link can be passed on: no telephone number stands on it


async def test_one_tap_is_the_same_statement_as_in_a_chat(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    answer = await say(phone, page.link(), "aired")

    (entry,) = page.log()
    assert (entry.kind, entry.channel, entry.person.name) == ("aired", "page", "Lê Văn Nam")
    assert entry.aired_at is None and entry.stated_at == page.world.clock.now()
    assert "Đã ghi lúc 17 giờ, thứ Ba 24/11" in told(answer) and "Tin phát lúc nào?" in answer.text
    assert page.settled == [(entry.duty_id,)]


async def test_now_answers_when_it_was_aired(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    await say(phone, page.link(), "aired")
    answer = await say(phone, page.link(), "when")

    assert page.kinds() == ["aired", "corrected"] and local(page.log()[-1]) == "24/11 17:00"
    assert "phát tin tuần 48 lúc 17 giờ, thứ Ba 24/11" in told(answer)


@pytest.mark.parametrize(
    ("back", "clock", "stands"),
    [
        (0, "5", ""),
        (0, "1130", "24/11 11:30"),
        (1, "17h30", "23/11 17:30"),
        (0, "5 giờ sáng", "24/11 05:00"),
    ],
)
async def test_a_time_today_or_of_another_day_is_one_statement_with_it(
    page: OperatorPage, phone: httpx.AsyncClient, back: int, clock: str, stands: str
) -> None:
    answer = await say(phone, page.link(), "aired_at", day=day(back), clock=clock)

    if stands:
        assert [local(entry) for entry in page.log()] == [stands] and page.kinds() == ["aired"]
    else:
        assert page.log() == [] and "giờ phát “5”" in told(answer)


async def test_a_time_is_corrected_and_the_page_says_the_new_one(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    await say(phone, page.link(), "aired_at", day=day(), clock="11:30")
    answer = await say(phone, page.link(), "time", day=day(1), clock="17:00")

    assert page.kinds() == ["aired", "corrected"] and local(page.log()[-1]) == "23/11 17:00"
    assert "lúc 17 giờ, thứ Hai 23/11" in told(answer)


async def test_a_time_ahead_is_not_recorded_and_what_was_said_stays(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    answer = await say(phone, page.link(), "aired_at", day=day(), clock="23:00")

    assert answer.status_code == 409 and "Chưa tới 23 giờ" in told(answer)
    assert page.log() == []


async def test_a_time_before_the_item_was_sent_is_asked_about_and_can_be_kept(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    sent_to_the_chat(page)
    asked = await say(phone, page.link(), "aired_at", day=day(1), clock="05:00")
    assert "Giữ giờ này" in asked.text and page.log() == []

    await phone.post(page.link(), data=forms(asked.text, "aired_at")[0])

    (entry,) = page.log()
    assert local(entry) == "23/11 05:00" and "giữ giờ này" in (entry.note or "")


def sent_to_the_chat(page: OperatorPage) -> None:
    """Monday 07:30: the item reached every chat there is."""
    now = WEEK.starts_at + timedelta(hours=7, minutes=30)

    def work(session: Session) -> None:
        (rundown,) = campaigns.launched_rundowns(session, WEEK)
        deliveries.plan(session, plan_items(session, rundown, ("simulator",), now))
        for number, _ in deliveries.due(session, now, ("simulator",)):
            claims.claim(session, number, now)
            deliveries.sent(session, number, f"m{number}", now)

    page.world.ask(work)


@pytest.mark.parametrize(
    ("code", "words", "stands"),
    [
        ("no_power", "", "mất điện"),
        ("other", "Cây đổ đè dây loa", "Cây đổ đè dây loa"),
        ("broken", "cháy âm ly", "cháy âm ly"),
    ],
)
async def test_why_it_could_not_be_aired_is_recorded(
    page: OperatorPage, phone: httpx.AsyncClient, code: str, words: str, stands: str
) -> None:
    answer = await say(phone, page.link(), "missed", extra=code, words=words)

    (entry,) = page.log()
    assert (entry.kind, entry.reason, entry.note) == ("not_aired", code, words or None)
    assert f"lý do: {stands}" in told(answer)


async def test_another_reason_needs_words(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    answer = await say(phone, page.link(), "missed", extra="other")

    assert page.log() == [] and "gõ lý do" in told(answer)


async def test_a_wrong_tap_is_taken_back(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    await say(phone, page.link(), "aired")
    answer = await say(phone, page.link(), "undo")

    assert page.kinds() == ["aired", "withdrawn"]
    assert "Đã hủy xác nhận tin tuần 48" in told(answer)
    assert forms(answer.text, "aired")


async def test_after_a_reason_it_can_still_be_aired(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    await say(phone, page.link(), "missed", extra="no_power")
    answer = await say(phone, page.link(), "aired")

    assert page.kinds() == ["not_aired", "aired"] and "báo đã phát" in told(answer)


async def test_what_was_confirmed_on_another_channel_stands_here_too(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    opened = (await phone.get(page.link())).text
    aired_elsewhere(page)

    late = await phone.post(page.link(), data=forms(opened, "aired")[0])
    anew = await phone.get(page.link())

    assert page.kinds() == ["aired"]
    assert "Phạm Thị Bích đã xác nhận lúc 17 giờ" in told(late)
    assert "Người báo: Phạm Thị Bích, qua Telegram" in anew.text
    assert forms(opened, "aired")[0]["duty"] not in [form["duty"] for form in forms(anew.text, "aired")]


async def test_who_serves_two_stations_confirms_each_for_itself(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link(HAI)
    await say(phone, link, "aired", nth=1)

    (entry,) = page.log()
    opened = await phone.get(link)
    assert str(entry.duty_id) not in [form["duty"] for form in forms(opened.text, "aired")]
    assert [form["duty"] for form in forms(opened.text, "when")] == [str(entry.duty_id)]


async def test_who_has_no_chat_at_all_can_say_everything_here(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link(HAI)
    await say(phone, link, "aired")
    await say(phone, link, "when")
    await say(phone, link, "undo")
    await say(
        phone,
        link,
        "own",
        duty=str(page.log()[0].duty_id),
        words="Tổ công nghệ số thôn 3, tuần này",
        day=day(1),
        clock="17:30",
    )

    assert page.kinds() == ["aired", "corrected", "withdrawn", "aired"]
    assert page.log()[-1].own_title == "Tổ công nghệ số thôn 3, tuần này"
    assert {entry.channel for entry in page.log()} == {"page"}


async def test_last_week_can_still_be_said_and_older_weeks_are_history(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link()
    opened = (await phone.get(link)).text
    assert "Tuần trước" in opened and "Tuần 46 (9-15/11)" in opened and "Tuần 45 (2-8/11)" in opened

    await phone.post(link, data=forms(opened, "aired_at")[1] | {"day": day(6), "clock": "17:00"})

    (entry,) = page.log()
    assert entry.period == "2026-W47" and local(entry) == "18/11 17:00"


async def test_a_photo_and_a_recording_are_kept_with_the_statement(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link()
    form = forms((await say(phone, link, "aired")).text, "proof")[0]
    wave = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)

    answer = await phone.post(
        link, data=form, files=[("photo", ("a.jpg", photo())), ("sound", ("b.wav", wave))]
    )

    kept = page.world.ask(lambda s: [check.kind for check in s.scalars(select(Aircheck))])
    assert sorted(kept) == ["audio", "photo"]
    assert "Đã nhận tệp làm bằng chứng" in told(answer) and "Đã nhận 1 ảnh, 1 tệp âm thanh." in answer.text


async def test_the_sound_answers_byte_ranges_and_is_downloaded_under_a_plain_name(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link, duty = page.link(), page.world.duty_of("24678")

    part = await phone.get(f"{link}/{duty.id}/tuan-48.mp3", headers={"Range": "bytes=0-99"})
    whole = await phone.get(f"{link}/{duty.id}/tuan-48.mp3?tai=1")

    assert (part.status_code, len(part.content)) == (206, 100)
    assert whole.headers["content-disposition"] == 'attachment; filename="tuan-48.mp3"'


async def test_a_sound_of_another_station_is_not_there(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    duty = page.world.duty_of("24646")

    assert (await phone.get(f"{page.link()}/{duty.id}/tuan-48.mp3")).status_code == 404


async def test_without_a_clip_the_page_asks_to_read_aloud(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    page.without_sound()
    answer = await phone.get(page.link())

    assert "Nhờ anh/chị đọc trực tiếp" in answer.text and "<audio" not in answer.text
    assert forms(answer.text, "aired")


async def test_a_language_that_is_missing_in_the_clip_is_read_aloud(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    duty_id = page.world.duty_of("24678").id
    page.world.ask(lambda s: setattr(s.get_one(Duty, duty_id), "languages", "rad"))

    answer = await phone.get(page.link())

    assert "chưa có tiếng Ê Đê. Phần này nhờ anh/chị đọc trực tiếp" in answer.text


async def test_a_recall_is_shown_acknowledged_and_its_replacement_confirmed(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    page.recall()
    link = page.link(HAI)
    opened = await phone.get(link)
    assert "Xin anh/chị không phát tin này nữa. Lý do: Sai số điện thoại." in opened.text

    known = await say(phone, link, "known")
    answer = await say(phone, link, "aired")

    assert page.world.ask(lambda s: len(list(s.scalars(select(RecallAck))))) == 1
    assert "đã biết tin này bị thu hồi" in told(known)
    assert page.kinds() == ["aired"] and "báo đã phát" in told(answer)


async def test_a_page_opened_before_the_recall_confirms_nothing_by_mistake(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    link = page.link()
    before = forms((await phone.get(link)).text, "aired")[0]
    page.recall()

    answer = await phone.post(link, data=before)

    assert page.log() == [] and "Bản cũ này đài đã phát chưa?" in told(answer)
    await phone.post(link, data=forms(answer.text, "old")[0])
    assert page.kinds() == ["aired"]


async def test_after_a_recall_without_replacement_nothing_is_left_to_confirm(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    page.recall(replaced=False)
    opened = (await phone.get(page.link())).text

    assert "Tuần này không có tin thay thế" in opened
    assert len(forms(opened, "aired")) == 1  # last week's
    assert forms(opened, "own")


async def test_the_withdrawn_words_are_not_played_from_an_old_address(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    duty = page.world.duty_of("24678")
    address = f"{page.link()}/{duty.id}/tuan-48.mp3"
    assert (await phone.get(address)).status_code == 200
    page.recall()

    assert (await phone.get(address)).status_code == 404


async def test_opening_is_noted_and_never_counts_as_aired(
    page: OperatorPage, phone: httpx.AsyncClient
) -> None:
    await phone.get(page.link())

    assert page.seen() and page.log() == []


async def test_a_week_without_an_item_says_so(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    page.world.clock.forward_to(datetime(2027, 3, 2, 3, 0, tzinfo=UTC))
    answer = await phone.get(page.link())

    assert "chưa có tin nào" in answer.text and not forms(answer.text, "aired")


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; wv) Version/4.0 Chrome/142 Mobile Safari/537.36 Zalo android/251101",
            "trong Zalo",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/22A [FBAN/FBIOS;FBAV/490]",
            "trong Facebook",
        ),
    ],
)
async def test_in_the_browser_of_an_app_the_page_says_how_to_leave_it(
    page: OperatorPage, phone: httpx.AsyncClient, agent: str, said: str
) -> None:
    answer = await phone.get(page.link(), headers={"User-Agent": agent})

    assert said in answer.text and "Mở bằng trình duyệt" in answer.text


async def test_a_code_leads_another_phone_here(page: OperatorPage, phone: httpx.AsyncClient) -> None:
    answer = await phone.get(f"{page.link()}/qr.svg")

    assert answer.headers["content-type"].startswith("image/svg+xml") and answer.text.startswith("<svg")
