"""The pages of a recall: who may not, what is wrong, then from the button to the last acknowledgement."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from airlog import campaigns, claims, deliveries, items, recalls, record
from airlog.db import Session
from airlog.models import Audit, Delivery, LogEntry, Recall, Rundown
from airlog.record import Source
from airlog.types import Rung
from scheduler.plan import plan_items
from scheduler.recalls import plan_recalls
from tests.page_world import (
    ADMIN,
    APPROVER,
    EDITOR,
    FAR_ADMIN,
    FAR_OPERATOR,
    NATIONAL,
    OFFICER,
    OPERATOR,
    WEEK,
    Browser,
    World,
    person_of,
)

WHY = "Số điện thoại trong tin bị sai"


def rundown(session: Session) -> Rundown:
    return campaigns.launched_rundowns(session, WEEK)[0]


def other_version(world: World) -> int:
    """A cleared item that is not this week's."""

    def work(session: Session) -> int:
        here = rundown(session).item_version_id
        found = (items.cleared_version(one) for one in items.all_items(session))
        return next(one.id for one in found if one and one.id != here)

    return world.ask(work)


@pytest.fixture(autouse=True)
def one_has_it_and_one_waits(world: World) -> None:
    """The operator of one station has the week's item, the one of another does not yet."""

    def work(session: Session) -> None:
        deliveries.plan(session, plan_items(session, rundown(session), ("simulator",), world.clock.now()))
        row = session.scalars(
            select(Delivery).where(Delivery.person_id == person_of(session, OPERATOR).id)
        ).first()
        assert row is not None
        claims.claim(session, row.id, world.clock.now())
        deliveries.sent(session, row.id, "1", world.clock.now())

    world.ask(work)


def form(world: World, **changed: str) -> dict[str, str]:
    return {"rundown": str(world.ask(rundown).id), "reason": WHY, "replacement": ""} | changed


async def asked(world: World, browser: Browser, by: str = EDITOR, **changed: str) -> str:
    answer = await browser(by).post("/recalls/new", data=form(world, **changed))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


async def confirmed(world: World, browser: Browser, **changed: str) -> str:
    page = await asked(world, browser, **changed)
    assert (await browser(APPROVER).post(f"{page}/confirm")).status_code == 303
    return page


def notices(world: World) -> None:
    world.ask(lambda s: deliveries.plan(s, plan_recalls(s, ("simulator",), world.clock.now())) and None)


def refused(world: World) -> int:
    return world.ask(lambda s: s.scalar(select(func.count(Audit.id)).where(~Audit.allowed))) or 0


def stands(world: World) -> tuple[int, int]:
    """How many requests there are, and how many of them were confirmed."""
    return world.ask(
        lambda s: (
            s.scalar(select(func.count(Recall.id))) or 0,
            s.scalar(select(func.count(Recall.confirmed_at))) or 0,
        )
    )


@pytest.mark.parametrize("phone", [OPERATOR, OFFICER, FAR_ADMIN])
async def test_others_cannot_ask_and_the_refusal_is_written_down(
    world: World, browser: Browser, phone: str
) -> None:
    answer = await browser(phone).post("/recalls/new", data=form(world))

    assert answer.status_code == 403
    assert (stands(world), refused(world)) == ((0, 0), 1)


@pytest.mark.parametrize("phone", [OPERATOR, FAR_ADMIN])
async def test_others_do_not_see_it(world: World, browser: Browser, phone: str) -> None:
    page = await asked(world, browser)

    assert (await browser(phone).get(page)).status_code == 403
    assert (await browser(phone).get(f"{page}/progress")).status_code == 403


@pytest.mark.parametrize("phone", [EDITOR, OFFICER, NATIONAL, OPERATOR, FAR_ADMIN])
async def test_others_cannot_confirm(world: World, browser: Browser, phone: str) -> None:
    page = await asked(world, browser, by=ADMIN)

    assert (await browser(phone).post(f"{page}/confirm")).status_code == 403
    assert stands(world) == (1, 0)
    assert refused(world) >= 1


async def test_the_same_person_does_not_confirm(world: World, browser: Browser) -> None:
    page = await asked(world, browser, by=ADMIN)
    client = browser(ADMIN)

    assert "Xác nhận thu hồi</button>" not in (await client.get(page)).text
    answer = await client.post(f"{page}/confirm")

    assert answer.status_code == 403 and "không tự xác nhận" in answer.text
    assert stands(world) == (1, 0)


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"reason": "  "}, 422, "Chưa có lý do"),
        ({"reason": "x" * 301}, 422, "Lý do dài quá"),
        ({"replacement": "999999"}, 422, "Không có tin thay thế này"),
        ({"replacement": "tin-khac"}, 422, "Không có tin thay thế này"),
        ({"rundown": "999999"}, 404, "Không có tin này"),
        ({"rundown": "x"}, 422, "rundown"),
    ],
)
async def test_a_bad_request_comes_back_with_the_reason(
    world: World, browser: Browser, changed: dict[str, str], status: int, said: str
) -> None:
    answer = await browser(EDITOR).post("/recalls/new", data=form(world, **changed))

    assert answer.status_code == status
    assert said in answer.text
    assert stands(world) == (0, 0)


async def test_what_was_typed_is_kept(world: World, browser: Browser) -> None:
    answer = await browser(EDITOR).post("/recalls/new", data=form(world, replacement="999999"))

    assert f'value="{WHY}"' in answer.text


@pytest.mark.parametrize("path", ["/recalls/99", "/recalls/99/progress", "/recalls/new?rundown=999"])
async def test_what_is_not_there_is_said_to_be(browser: Browser, path: str) -> None:
    assert (await browser(ADMIN).get(path)).status_code == 404


async def test_a_week_that_is_over_is_neither_offered_nor_taken(world: World, browser: Browser) -> None:
    page = await asked(world, browser)
    world.clock.forward_to(WEEK.ends_at)

    late = await browser(ADMIN).post("/recalls/new", data=form(world, reason="Lý do khác"))
    answer = await browser(APPROVER).post(f"{page}/confirm")

    assert late.status_code == 422
    assert answer.status_code == 400 and "Tuần này đã hết" in answer.text
    assert stands(world) == (1, 0)
    assert f"rundown={world.ask(rundown).id}" not in (await browser(ADMIN).get("/campaigns/1")).text


async def test_two_clicks_are_one_request_and_one_recall(world: World, browser: Browser) -> None:
    first, second = await asked(world, browser), await asked(world, browser)
    client = browser(APPROVER)

    answers = [await client.post(f"{first}/confirm") for _ in range(2)]

    assert first == second
    assert [answer.status_code for answer in answers] == [303, 303]
    assert stands(world) == (1, 1)
    acts = world.ask(lambda s: s.scalar(select(func.count(Audit.id)).where(Audit.act == "recall.confirm")))
    assert acts == 1


async def test_a_request_can_be_dropped_and_then_not_confirmed(world: World, browser: Browser) -> None:
    page = await asked(world, browser)

    assert (await browser(EDITOR).post(f"{page}/drop")).status_code == 303
    answer = await browser(APPROVER).post(f"{page}/confirm")

    assert answer.status_code == 400 and "đã được hủy" in answer.text
    assert stands(world) == (1, 0)


async def test_looking_changes_nothing(world: World, browser: Browser) -> None:
    page = await asked(world, browser)
    client = browser(APPROVER)

    for path in (page, "/recalls", f"{page}/progress", f"/week/{WEEK}", f"{page}/confirm"):
        await client.get(path)

    assert stands(world) == (1, 0)


async def test_the_form_tells_whom_it_reaches_and_what_can_replace_it(world: World, browser: Browser) -> None:
    number = world.ask(rundown).id

    page = (await browser(ADMIN).get("/campaigns/1")).text
    assert f'href="/recalls/new?rundown={number}"' in page
    text = (await browser(EDITOR).get(f"/recalls/new?rundown={number}")).text

    assert "1 tin chưa gửi sẽ dừng, 1 người có thể đã nhận" in text
    own = world.ask(lambda s: rundown(s).item_version_id)
    assert f'<option value="{own}"' not in text
    assert f'<option value="{other_version(world)}"' in text


async def test_the_same_words_in_other_weeks_are_named(world: World, browser: Browser) -> None:
    def again(session: Session) -> None:
        later = campaigns.launched_rundowns(session, WEEK.next())[0]
        later.item_version_id = rundown(session).item_version_id

    world.ask(again)

    text = (await browser(EDITOR).get(f"/recalls/new?rundown={world.ask(rundown).id}")).text
    assert "còn được gửi ở 1 tuần khác" in text


async def test_the_second_person_sees_it_on_every_page_and_looks_before_confirming(
    world: World, browser: Browser
) -> None:
    page = await asked(world, browser, replacement=str(other_version(world)))

    for path in (f"/week/{WEEK}", "/campaigns/1"):
        text = (await browser(ADMIN).get(path)).text
        assert "Chờ anh/chị xác nhận thu hồi" in text and f'href="{page}"' in text, path
    assert page in (await browser(APPROVER).get("/recalls")).text
    assert "Chờ anh/chị" not in (await browser(OFFICER).get(f"/week/{WEEK}")).text
    text = (await browser(APPROVER).get(page)).text
    assert "Anh/chị xem lại trước khi thu hồi" in text
    assert "1 tin chưa gửi sẽ dừng ngay" in text and WHY in text


async def test_the_result_counts_and_names_only_for_those_who_look_after_the_stations(
    world: World, browser: Browser
) -> None:
    page = await confirmed(world, browser)
    notices(world)

    officer = (await browser(NATIONAL).get(page)).text
    assert "Lê Văn Nam" in officer and "tel:+84912000002" in officer
    writer = (await browser(EDITOR).get(page)).text
    assert "Lê Văn Nam" not in writer and "+84912000002" not in writer
    assert "1 người chưa báo rõ" in writer
    assert re.search(r"đã dừng</dt><dd>1</dd>", writer)


async def test_the_figures_move_while_the_page_is_open(world: World, browser: Browser) -> None:
    page = await confirmed(world, browser)
    notices(world)
    client = browser(ADMIN)
    seen = re.search(r"seen=(\w+)", (await client.get(page)).text)
    assert seen is not None
    assert (await client.get(f"{page}/progress?seen={seen[1]}")).status_code == 204

    world.ask(
        lambda s: (
            recalls.acknowledge(s, s.scalars(select(Recall)).one(), person_of(s, OPERATOR), world.clock.now())
            and None
        )
    )

    fresh = await client.get(f"{page}/progress?seen={seen[1]}")
    assert fresh.status_code == 200
    assert "Mọi người đã báo rõ" in fresh.text
    assert "1/1 người đã nhận tin báo đã rõ" in (await client.get("/campaigns/1")).text


async def test_the_station_and_the_week_say_which_words_were_aired(world: World, browser: Browser) -> None:
    def says(session: Session) -> None:
        duty, now = session.merge(world.duty_of("24678")), world.clock.now()
        source = Source("simulator", f"m{session.scalar(select(func.count(LogEntry.seq)))}", now)
        record.aired(session, person_of(session, OPERATOR), duty, source, now)

    world.ask(says)
    old = world.ask(lambda s: rundown(s).version.item.title)
    await confirmed(world, browser, replacement=str(other_version(world)))
    new = world.ask(lambda s: rundown(s).version.item.title)

    assert "đã phát bản cũ, bản này đã thu hồi" in (await browser(ADMIN).get(f"/week/{WEEK}")).text
    world.ask(says)
    text = (await browser(ADMIN).get(f"/stations/{world.duty_of('24678').station_id}")).text
    assert f"bản cũ đã thu hồi: {old}" in text and f"tin thay thế: {new}" in text


async def test_an_editor_finds_the_way_without_the_campaign_page(world: World, browser: Browser) -> None:
    text = (await browser(EDITOR).get("/recalls")).text

    assert f'href="/recalls/new?rundown={world.ask(rundown).id}"' in text
    assert 'href="/recalls" aria-current="page"' in text


async def test_the_alert_goes_to_those_who_can_confirm(world: World, browser: Browser) -> None:
    await asked(world, browser)
    notices(world)

    told = world.ask(
        lambda s: {
            row.person.phone
            for row in s.scalars(select(Delivery).where(Delivery.rung == Rung.ALERT)).unique()
        }
    )
    assert told == {ADMIN, APPROVER}
    assert FAR_OPERATOR not in told
