"""A week of a campaign on its way to people: who did not get it and why, and sending again what failed."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import func, select

from airlog import campaigns, claims, deliveries, people
from airlog.db import Session
from airlog.models import Audit, Delivery
from airlog.types import DeliveryState
from scheduler.plan import plan_items
from tests.page_world import (
    ADMIN,
    EDITOR,
    FAR_ADMIN,
    FAR_OPERATOR,
    OFFICER,
    OPERATOR,
    WEEK,
    Browser,
    World,
    person_of,
)

PATH = f"/campaigns/1/weeks/{WEEK}"


@pytest.fixture(autouse=True)
def planned(world: World) -> None:
    """Lê Văn Nam's and Phạm Thị Bích's items of this week are due."""

    def work(session: Session) -> None:
        (rundown,) = campaigns.launched_rundowns(session, WEEK)
        deliveries.plan(session, plan_items(session, rundown, ("simulator",), world.clock.now()))

    world.ask(work)


def ends(world: World, phone: str, state: DeliveryState, error: str = "") -> None:
    """The message of a person ends like this."""
    now = world.clock.now()

    def work(session: Session) -> None:
        row_id = session.scalars(
            select(Delivery.id).where(Delivery.person_id == person_of(session, phone).id)
        ).one()
        claims.claim(session, row_id, now)
        if state is DeliveryState.SENT:
            deliveries.sent(session, row_id, "m1", now)
        elif state is DeliveryState.UNKNOWN:
            deliveries.unknown(session, row_id, error, now)
        else:
            deliveries.failed(session, row_id, error, now, blocked="chặn" in error)

    world.ask(work)


def states(world: World) -> list[str]:
    return world.ask(lambda s: [str(x) for x in s.scalars(select(Delivery.state).order_by(Delivery.id))])


@pytest.mark.parametrize("phone", [OFFICER, EDITOR, OPERATOR, FAR_ADMIN])
async def test_only_an_admin_of_the_area_sees_it_or_sends_again(
    world: World, browser: Browser, phone: str
) -> None:
    ends(world, OPERATOR, DeliveryState.FAILED, "máy chủ bận")
    client = browser(phone)

    answers = [
        await client.get(PATH),
        await client.get(f"{PATH}/fragment"),
        await client.get(f"{PATH}/not-received.csv"),
        await client.get(f"{PATH}/resend"),
        await client.post(f"{PATH}/resend"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert not any("0912" in answer.text for answer in answers)
    assert world.ask(lambda s: s.scalar(select(func.count(Audit.id)).where(~Audit.allowed))) == 5
    assert "failed" in states(world)


@pytest.mark.parametrize(
    "path",
    [f"/campaigns/1/weeks/{WEEK.shift(30)}", "/campaigns/1/weeks/2026-W60", f"/campaigns/99/weeks/{WEEK}"],
)
async def test_a_week_or_campaign_that_is_not_there_is_said_to(browser: Browser, path: str) -> None:
    assert (await browser(ADMIN).get(path)).status_code == 404


@pytest.mark.parametrize("query", ["page=0", "page=x", f"page={10**9}"])
async def test_a_page_number_that_we_never_link_to_is_refused(browser: Browser, query: str) -> None:
    assert (await browser(ADMIN).get(f"{PATH}?{query}")).status_code == 422


async def test_a_page_after_the_last_one_leads_back(world: World, browser: Browser) -> None:
    ends(world, OPERATOR, DeliveryState.FAILED, "máy chủ bận")
    assert "Về trang đầu" in (await browser(ADMIN).get(f"{PATH}?page=7")).text


async def test_an_unknown_filter_shows_who_did_not_get_it(world: World, browser: Browser) -> None:
    ends(world, OPERATOR, DeliveryState.FAILED, "máy chủ bận")
    assert "1 người chưa nhận được" in (await browser(ADMIN).get(f"{PATH}?fate=king")).text


async def test_a_week_whose_hour_has_not_come_says_so(browser: Browser) -> None:
    page = (await browser(ADMIN).get(f"/campaigns/1/weeks/{WEEK.shift(2)}")).text
    assert "chưa có tin nào được lập để gửi" in page


async def test_it_asks_again_by_itself_only_while_messages_are_open(world: World, browser: Browser) -> None:
    client = browser(ADMIN)
    moving = (await client.get(PATH)).text
    ends(world, OPERATOR, DeliveryState.SENT)
    ends(world, FAR_OPERATOR, DeliveryState.SENT)
    still = (await client.get(PATH)).text

    assert 'hx-trigger="every 4s"' in moving and '<noscript><meta http-equiv="refresh"' in moving
    assert "2 đang chờ" in moving and "Tới lúc này chưa ai bị lỡ tin" in moving
    assert "every 4s" not in still and "refresh" not in still
    assert "Ai cũng đã nhận được tin" in still


async def test_the_part_that_changes_is_sent_only_when_it_did(world: World, browser: Browser) -> None:
    client = browser(ADMIN)
    page = (await client.get(PATH)).text
    seen = page.partition("&amp;seen=")[2].partition('"')[0] or page.partition("&seen=")[2].partition('"')[0]

    before = await client.get(f"{PATH}/fragment?fate=&seen={seen}")
    ends(world, OPERATOR, DeliveryState.SENT)
    after = await client.get(f"{PATH}/fragment?fate=&seen={seen}")

    assert (before.status_code, after.status_code) == (204, 200)
    assert "1 đã gửi" in after.text and "<html" not in after.text


async def test_the_list_says_who_why_and_what_to_do(world: World, browser: Browser) -> None:
    ends(world, OPERATOR, DeliveryState.UNKNOWN, "không trả lời (TimedOut)")
    ends(world, FAR_OPERATOR, DeliveryState.FAILED, "người nhận đã chặn bot")

    page = (await browser(ADMIN).get(PATH)).text

    assert "2 người chưa nhận được" in page
    assert "Lê Văn Nam" in page and "0912 000 002" in page and "Không trả lời" in page
    assert "TimedOut" not in page
    assert "Người nhận đã chặn bot" in page and "nhờ bấm Bắt đầu" in page
    assert "Gửi lại" not in page


async def test_the_list_can_be_picked_by_state(world: World, browser: Browser) -> None:
    ends(world, OPERATOR, DeliveryState.UNKNOWN, "không trả lời")
    ends(world, FAR_OPERATOR, DeliveryState.FAILED, "máy chủ bận")
    client = browser(ADMIN)

    failed = (await client.get(f"{PATH}?fate=failed")).text
    unknown = (await client.get(f"{PATH}?fate=unknown")).text

    assert "Phạm Thị Bích" in failed and "Lê Văn Nam" not in failed
    assert "Lê Văn Nam" in unknown and "Phạm Thị Bích" not in unknown


async def test_the_table_holds_the_whole_picked_list(world: World, browser: Browser) -> None:
    ends(world, OPERATOR, DeliveryState.UNKNOWN, "không trả lời")
    ends(world, FAR_OPERATOR, DeliveryState.FAILED, "máy chủ bận")

    answer = await browser(ADMIN).get(f"{PATH}/not-received.csv?fate=")

    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(r["ho_ten"], r["dien_thoai"], r["tinh_trang"], r["ly_do"], r["so_lan_gui"]) for r in rows] == [
        ("Phạm Thị Bích", "0912 000 003", "lỗi", "Máy chủ bận", "1"),
        ("Lê Văn Nam", "0912 000 002", "chưa rõ", "Không trả lời", "1"),
    ]
    assert rows[0]["lan_gui_cuoi"] == "24/11/2026 17:00" and rows[0]["viec_can_lam"] == "Bấm Gửi lại tin lỗi"


async def test_somebody_without_a_chat_is_in_the_list_after_the_week(world: World, browser: Browser) -> None:
    line = "ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai\nNgười Mới,0912000009,operator,24646,\n"
    world.ask(lambda s: people.import_people(s, line.encode(), world.clock.now()))
    world.clock.at = WEEK.ends_at

    page = (await browser(ADMIN).get(f"{PATH}?fate=no_chat")).text

    assert "Người Mới" in page and "Chưa gắn điện thoại" in page and "Gửi mã mời" in page


async def test_sending_again_is_shown_before_it_is_done(world: World, browser: Browser) -> None:
    ends(world, OPERATOR, DeliveryState.FAILED, "máy chủ bận")
    ends(world, FAR_OPERATOR, DeliveryState.UNKNOWN, "không trả lời")
    client = browser(ADMIN)
    week = (await client.get(PATH)).text

    preview = (await client.get(f"{PATH}/resend")).text

    assert "Gửi lại 1 tin lỗi" in week
    assert "chỉ những tin lỗi, không gửi lại tin đã gửi hay chưa rõ" in preview
    assert "1 chưa rõ" in preview
    assert states(world) == ["failed", "unknown"] or states(world) == ["unknown", "failed"]


async def test_sending_again_queues_only_what_failed_and_a_second_click_nothing(
    world: World, browser: Browser
) -> None:
    ends(world, OPERATOR, DeliveryState.FAILED, "máy chủ bận")
    ends(world, FAR_OPERATOR, DeliveryState.UNKNOWN, "không trả lời")
    client = browser(ADMIN)

    first = await client.post(f"{PATH}/resend")
    second = await client.post(f"{PATH}/resend")

    assert [a.headers["location"].rpartition("?")[2] for a in (first, second)] == ["again=1", "again=0"]
    assert sorted(states(world)) == ["queued", "unknown"]
    assert "Đã xếp 1 tin lỗi" in (await client.get(first.headers["location"])).text
    assert "Không còn tin lỗi nào" in (await client.get(second.headers["location"])).text


async def test_with_nothing_to_send_again_the_preview_has_no_button(world: World, browser: Browser) -> None:
    ends(world, FAR_OPERATOR, DeliveryState.FAILED, "người nhận đã chặn bot")
    page = (await browser(ADMIN).get(f"{PATH}/resend")).text
    assert (
        "Không có tin lỗi nào gửi lại được" in page and '<form method="post" action="/campaigns' not in page
    )


async def test_the_campaign_says_how_it_goes_and_leads_to_the_week(world: World, browser: Browser) -> None:
    client = browser(ADMIN)
    sending = (await client.get("/campaigns")).text
    ends(world, OPERATOR, DeliveryState.UNKNOWN, "không trả lời")
    ends(world, FAR_OPERATOR, DeliveryState.SENT)
    unsure = (await client.get("/campaigns/1")).text

    assert "đang gửi" in sending
    assert "còn 1 tin chưa rõ" in unsure and PATH in unsure and "1 đã gửi" in unsure
