"""The pool of bots for admins, and the page on which staff tie a person's chat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from airlog import linking, people, pool
from airlog.db import Session
from airlog.models import Address, Audit, BotMonth, LinkCode
from airlog.pool import Limits
from tests.page_world import (
    ADMIN,
    EDITOR,
    FAR_ADMIN,
    FAR_OPERATOR,
    NATIONAL,
    OFFICER,
    OPERATOR,
    Browser,
    World,
    person_of,
)
from web.app import create_app
from web.zalo_office import BotSight

FIRST, SECOND = "700800900", "700800901"
LINK = "https://zalo.me/bot.700800900"
OK = BotSight(FIRST, "ok", LINK, "nhận tin bằng cách hỏi Zalo")
REFUSED = BotSight(SECOND, "refused", "", "Zalo không nhận mã bot, xin kiểm tra LOAXA_ZALO_TOKENS")


@dataclass
class FakeOffice:
    """A pool whose bots answer as told."""

    says: tuple[BotSight, ...] = (OK,)
    limits: Limits = field(default_factory=Limits)
    asked: int = 0

    @property
    def bots(self) -> tuple[str, ...]:
        return tuple(sight.bot for sight in self.says)

    def known(self) -> tuple[BotSight, ...]:
        return self.says if self.asked else ()

    async def ask(self) -> tuple[BotSight, ...]:
        self.asked += 1
        return self.says


@pytest.fixture
def office(world: World) -> Iterator[FakeOffice]:
    found = FakeOffice()
    world.parts = replace(world.parts, zalo=found)
    world.app = create_app(world.parts)
    yield found


def url(world: World, phone: str = OPERATOR, rest: str = "") -> str:
    return f"/people/{world.person(phone).id}/zalo{rest}"


def code_on(page: str) -> str:
    found = re.search(r'class="link-code">(\w{4} \w{4})<', page)
    assert found is not None
    return found[1]


def tie(world: World, phone: str = OPERATOR, chat: str = "z1") -> Address:
    def work(session: Session) -> Address:
        return people.add_address(session, person_of(session, phone), "zalo", FIRST, chat, world.clock.now())

    return world.ask(work)


def used(world: World, messages: int, bot: str = FIRST) -> None:
    world.ask(lambda s: s.merge(BotMonth(channel="zalo", bot=bot, month="2026-11", sent=messages)))


@pytest.mark.parametrize("phone", [OPERATOR, EDITOR])
async def test_the_pages_are_for_officers_and_admins(
    world: World, browser: Browser, office: FakeOffice, phone: str
) -> None:
    client = browser(phone)

    assert [(await client.get(one)).status_code for one in ("/zalo", "/zalo/bots", url(world))] == [403] * 3
    assert (await client.post(url(world))).status_code == 403
    assert (await browser(OFFICER).get("/zalo/bots")).status_code == 403


async def test_without_a_bot_the_page_says_how_to_get_one(world: World, browser: Browser) -> None:
    admin = (await browser(ADMIN).get("/zalo")).text
    link = (await browser(ADMIN).get(url(world))).text
    made = await browser(ADMIN).post(url(world))

    assert "Chưa có bot Zalo nào" in admin and "LOAXA_ZALO_TOKENS" in admin and "Zalo Bot Manager" in admin
    assert "Chưa có bot Zalo nào" in link and "Tạo mã" not in link
    assert made.status_code == 303 and world.ask(lambda s: s.query(LinkCode).count()) == 0
    assert "LOAXA_ZALO_TOKENS" not in (await browser(OFFICER).get("/zalo")).text


async def test_nobody_links_people_beyond_their_area(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    for staff, phone in ((FAR_ADMIN, OPERATOR), (OFFICER, FAR_OPERATOR), (OFFICER, ADMIN), (ADMIN, NATIONAL)):
        client = browser(staff)
        answers = [
            (await client.get(url(world, phone))).status_code,
            (await client.post(url(world, phone))).status_code,
            (await client.post(url(world, phone, "/release"))).status_code,
            (await client.get(url(world, phone, "/state"))).status_code,
        ]
        assert answers == [403, 403, 403, 404]

    refused = world.ask(lambda s: s.query(Audit).filter(Audit.act == "link.begin", ~Audit.allowed).count())
    assert refused == 4 and world.ask(lambda s: s.query(LinkCode).count()) == 0


async def test_a_person_who_does_not_exist_is_not_there(browser: Browser, office: FakeOffice) -> None:
    assert (await browser(ADMIN).get("/people/99999/zalo")).status_code == 404
    assert (await browser(ADMIN).get("/people/9999999999999999999999/zalo")).status_code == 404
    assert (await browser(ADMIN).get("/people/ai/zalo")).status_code == 404


async def test_a_full_pool_says_what_to_do_and_makes_nothing(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    office.limits = Limits(people=1)
    tie(world, FAR_OPERATOR)

    answer = await browser(ADMIN).post(url(world))

    assert answer.status_code == 409
    assert "Các bot Zalo đã đủ người (mỗi bot 1 người)" in answer.text and "thêm một bot" in answer.text
    assert world.ask(lambda s: s.query(LinkCode).count()) == 0


async def test_when_no_bot_answers_no_code_is_made(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    office.says = (REFUSED, BotSight("1", "away", "", "không kết nối được Zalo"), replace(OK, state="deaf"))

    answer = await browser(ADMIN).post(url(world))

    assert answer.status_code == 503 and "Chưa hỏi được Zalo" in answer.text
    assert world.ask(lambda s: s.query(LinkCode).count()) == 0


async def test_a_code_stands_with_its_qr_its_link_and_the_minutes_left(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    client = browser(OFFICER)
    made = await client.post(url(world))
    first = (await client.get(made.headers["location"])).text
    world.clock.forward_to(world.clock.now() + timedelta(minutes=3, seconds=30))
    again = (await client.get(url(world))).text

    assert code_on(first) == code_on(again)
    assert "còn 15 phút" in first and "còn 12 phút" in again
    assert LINK in first and "<svg" in first and "M" in first


async def test_the_page_turns_by_itself_when_the_code_was_typed(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    client = browser(OFFICER)
    await client.post(url(world))
    page = (await client.get(url(world))).text
    nothing_new = await client.get(url(world, rest="/state?minutes=15"))
    fewer = await client.get(url(world, rest="/state?minutes=16"))
    code = code_on(page)
    world.ask(lambda s: linking.bind(s, code, FIRST, "z1", world.clock.now()))

    done = await client.get(url(world, rest="/state?minutes=15"))
    after = (await client.get(url(world))).text

    assert (nothing_new.status_code, nothing_new.content) == (204, b"")
    assert "còn 15 phút" in fewer.text and "hx-get" in fewer.text and "<html" not in fewer.text
    assert done.headers["hx-refresh"] == "true"
    assert "Đã gắn với bot 700800900" in after and "link-code" not in after and 'hx-get="/people' not in after


async def test_a_code_that_ran_out_is_taken_off_the_page(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    client = browser(OFFICER)
    await client.post(url(world))
    world.clock.forward_to(world.clock.now() + timedelta(minutes=15))

    assert (await client.get(url(world, rest="/state?minutes=1"))).headers["hx-refresh"] == "true"
    assert "Tạo mã gắn Zalo" in (await client.get(url(world))).text


async def test_looking_makes_no_code(world: World, browser: Browser, office: FakeOffice) -> None:
    await browser(OFFICER).get(url(world))

    assert world.ask(lambda s: s.query(LinkCode).count()) == 0


async def test_who_is_tied_gets_no_code_until_the_old_chat_is_released(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    tie(world)
    client = browser(OFFICER)
    refused = await client.post(url(world))
    released = await client.post(url(world, rest="/release"), follow_redirects=True)
    made = await client.post(url(world))

    assert refused.status_code == 409 and "đang gắn với một khung Zalo khác" in refused.text
    assert "Đã gỡ" in released.text and made.status_code == 303
    assert world.ask(lambda s: people.address_of(s, "zalo", FIRST, "z1")) is None


async def test_releasing_twice_is_no_error(world: World, browser: Browser, office: FakeOffice) -> None:
    tie(world)
    client = browser(OFFICER)

    assert [(await client.post(url(world, rest="/release"))).status_code for _ in range(2)] == [303, 303]


async def test_a_chat_that_gets_nothing_says_what_to_try(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    address = tie(world)

    def block(session: Session) -> None:
        row = session.get_one(Address, address.id)
        row.state, row.reason = type(row.state)("blocked"), "Zalo từ chối (400)"

    world.ask(block)

    page = (await browser(OFFICER).get(url(world))).text
    assert "tin không tới (Zalo từ chối (400))" in page and "gõ một chữ bất kỳ" in page
    assert "không nhận tin" in (await browser(OFFICER).get("/zalo")).text


async def test_the_pool_shows_room_budget_state_and_the_end_of_the_month(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    office.says = (OK, REFUSED)
    tie(world)
    used(world, 1200)

    page = (await browser(ADMIN).get("/zalo?ask=1")).text

    assert "1/50 người" in page and "1.200/3.000 tin tháng này" in page
    assert "hoạt động" in page and "mã bí mật hỏng" in page and "xin kiểm tra LOAXA_ZALO_TOKENS" in page
    assert "đến cuối tháng khoảng 1.5" in page and "Chưa có tin nào tới" in page


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        (2100, "đã quá 70 %"),
        (2700, "sắp hết, thôi trả lời câu xác nhận"),
        (3000, "đã hết, vẫn thử gửi tin tuần"),
    ],
)
async def test_a_month_that_runs_low_is_said_in_words(
    world: World, browser: Browser, office: FakeOffice, messages: int, words: str
) -> None:
    used(world, messages)

    assert words in (await browser(ADMIN).get("/zalo")).text


async def test_the_page_does_not_wait_for_zalo_and_its_part_asks(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    client = browser(ADMIN)
    first = (await client.get("/zalo")).text
    asked_before = office.asked
    part = (await client.get("/zalo/bots")).text

    assert asked_before == 0 and "đang hỏi Zalo" in first and 'hx-get="/zalo/bots"' in first
    assert office.asked == 1 and "hoạt động" in part and "hx-get" not in part and "<html" not in part


async def test_a_bot_that_is_gone_from_the_settings_is_shown_with_its_people(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    office.says = (replace(OK, bot=SECOND),)
    tie(world)

    page = (await browser(ADMIN).get("/zalo?ask=1")).text
    assert "không có trong cài đặt" in page and "1 người gắn với bot này không nhận được tin" in page


async def test_an_officer_sees_the_own_people_and_no_figures(
    world: World, browser: Browser, office: FakeOffice
) -> None:
    page = (await browser(OFFICER).get("/zalo")).text

    assert "Lê Văn Nam" in page and "Gắn Zalo" in page and "/3.000" not in page
    assert "Phạm Thị Bích" not in page and "Bùi Thị Xa" not in page


async def test_the_list_of_people_leads_to_the_link_page_only_where_there_is_a_bot(
    world: World, browser: Browser
) -> None:
    without = (await browser(ADMIN).get("/people")).text
    app = create_app(replace(world.parts, zalo=FakeOffice()))
    with_bot = (await browser(ADMIN, app=app).get("/people")).text

    assert '/zalo"' not in without.replace('href="/zalo"', "")
    assert f'href="{url(world)}"' in with_bot
    assert f'href="{url(world, NATIONAL)}"' not in with_bot  # beyond this admin's area


def test_nothing_of_a_seat_is_made_up(world: World) -> None:
    (seat,) = world.ask(lambda s: pool.seats(s, "zalo", [FIRST], Limits(), world.clock.now()))

    assert (seat.people, seat.waiting, seat.month.used, seat.last_update_at) == (0, 0, 0, None)
