"""Who did not get the week's item, and why; sending again only what failed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from airlog import (
    access,
    campaign_reads,
    campaigns,
    claims,
    deliveries,
    people,
    recipients,
    resends,
)
from airlog.campaign_reads import campaign_lines
from airlog.db import Session
from airlog.fates import NOT_GOT, Fate, Recipient
from airlog.models import Audit, Campaign, Delivery, Rundown
from airlog.types import AddressState, DeliveryState
from scheduler.plan import plan_duties, plan_items
from tests.world import CHAU, CUC, HANH, LAN, MINH, SON, WEEK, World, person_of

LATER = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def half_past_seven(world: World) -> None:
    """The week's four items are planned and due: Hạnh one, Sơn one, Lan two."""
    world.launch()
    world.clock.forward_to(WEEK.starts_at + timedelta(hours=7, minutes=30))
    plan(world)


def plan(world: World) -> None:
    def work(session: Session) -> None:
        plan_duties(session, WEEK, world.now)
        deliveries.plan(session, plan_items(session, this_week(session), ("chat",), world.now))

    world.ask(work)


def this_week(session: Session) -> Rundown:
    (rundown,) = campaigns.launched_rundowns(session, WEEK)
    return rundown


def settle(world: World, phone: str, state: DeliveryState, error: str = "", row: int = 0) -> None:
    """The message of a person ends like this."""
    found = world.rows(phone)[row].id
    assert world.ask(lambda s: claims.claim(s, found, world.now)) is not None
    if state is DeliveryState.SENT:
        world.ask(lambda s: deliveries.sent(s, found, f"m{found}", world.now))
    elif state is DeliveryState.UNKNOWN:
        world.ask(lambda s: deliveries.unknown(s, found, error, world.now))
    else:
        world.ask(lambda s: deliveries.failed(s, found, error, world.now, blocked="chặn" in error))


def tally(world: World) -> dict[str, int]:
    found = world.ask(lambda s: recipients.tally(s, this_week(s), ("chat",), world.now))
    return {str(fate): count for fate, count in found.items()}


def not_got(world: World) -> list[Recipient]:
    def work(session: Session) -> list[Recipient]:
        rundown = this_week(session)
        rest = recipients.without_message(session, rundown, ("chat",), world.now)
        return recipients.messages(session, rundown, NOT_GOT, world.now) + rest

    return world.ask(work)


def retry(world: World, phone: str = MINH) -> int:
    return world.ask(lambda s: resends.retry_failed(s, this_week(s), person_of(s, phone), world.now))


def word(world: World) -> str:
    def work(session: Session) -> str:
        (line,) = campaign_lines(session, campaigns.all_campaigns(session), world.now)
        return line.progress.word

    return world.ask(work)


def newcomer(session: Session, phone: str, scope: str, now: World) -> None:
    line = f"ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai\nNguyễn Văn Mới,{phone},operator,{scope},\n"
    people.import_people(session, line.encode(), now.now)


class TestWhoDidNotGetIt:
    def test_everybody_is_counted_once_by_the_state_of_the_message(self, world: World) -> None:
        settle(world, HANH, DeliveryState.SENT)
        settle(world, SON, DeliveryState.FAILED, "máy chủ bận")

        assert tally(world) == {"sent": 1, "queued": 2, "failed": 1}

    def test_the_list_says_who_where_why_and_what_helps(self, world: World) -> None:
        settle(world, HANH, DeliveryState.FAILED, "người nhận đã chặn bot")
        settle(world, SON, DeliveryState.UNKNOWN, "không trả lời (TimedOut)")

        lines = not_got(world)

        assert [(x.person, x.commune, x.why, str(x.todo), x.attempts) for x in lines] == [
            ("Trần Thị Hạnh", "Xã Đắk Wil", "Người nhận đã chặn bot", "reopen", 1),
            ("Lê Văn Sơn", "Xã Đắk Sắk", "Không trả lời", "asked", 1),
        ]
        assert lines[0].tried_at == world.now and lines[0].phone == "+84912000001"

    def test_who_got_it_in_another_chat_is_not_among_them(self, world: World) -> None:
        settle(world, HANH, DeliveryState.FAILED, "người nhận đã chặn bot")
        world.ask(lambda s: people.add_address(s, person_of(s, HANH), "chat", "bot", "second", world.now))
        plan(world)
        settle(world, HANH, DeliveryState.SENT, row=1)

        assert not_got(world) == []
        assert tally(world) == {"sent": 1, "queued": 3}

    @pytest.mark.parametrize(
        "scope", ["24646", "68", "68/Tỉnh Đắk Nông", "*"], ids=["commune", "province", "former", "country"]
    )
    def test_an_operator_without_a_chat_is_listed_wherever_the_role_was_written(
        self, world: World, scope: str
    ) -> None:
        world.ask(lambda s: newcomer(s, "0912000009", scope, world))

        lines = not_got(world)

        assert {(x.person, x.why, str(x.todo)) for x in lines} == {
            ("Nguyễn Văn Mới", "Chưa gắn điện thoại", "invite")
        }
        assert tally(world)["no_chat"] == len({x.station_id for x in lines}) == (1 if scope == "24646" else 3)

    def test_an_operator_whose_chat_is_blocked_before_the_week_is_listed_with_the_reason(
        self, world: World
    ) -> None:
        world.ask(lambda s: newcomer(s, "0912000009", "24646", world))

        def block(session: Session) -> None:
            new = people.add_address(session, person_of(session, "0912000009"), "chat", "bot", "x", world.now)
            new.state, new.reason = AddressState.BLOCKED, "tài khoản đã khóa"

        world.ask(block)

        assert [(x.why, str(x.todo)) for x in not_got(world)] == [("Tài khoản đã khóa", "reopen")]

    def test_a_chat_bound_in_the_week_waits_for_the_next_tick_and_one_bound_after_it_came_too_late(
        self, world: World
    ) -> None:
        world.ask(lambda s: newcomer(s, "0912000009", "24646", world))
        world.ask(
            lambda s: people.add_address(s, person_of(s, "0912000009"), "chat", "bot", "new", world.now)
        )
        in_the_week = not_got(world)
        world.clock.forward_to(WEEK.ends_at + LATER)

        assert in_the_week == []
        assert [x.why for x in not_got(world)] == ["Trong tuần chưa gắn điện thoại"]

    def test_nobody_is_missing_where_the_simulator_gives_everybody_a_phone(self, world: World) -> None:
        world.ask(lambda s: newcomer(s, "0912000009", "24646", world))
        channels = ("chat", "simulator")
        assert world.ask(lambda s: recipients.without_message(s, this_week(s), channels, world.now)) == []

    def test_a_stopped_campaign_shows_what_was_cancelled(self, world: World) -> None:
        settle(world, HANH, DeliveryState.SENT)

        def stop(session: Session) -> dict[Fate, int]:
            campaign = campaigns.campaign_by_id(session, 1)
            campaigns.stop(session, campaign, person_of(session, MINH), world.now)
            rundown = campaign_reads.rundown_of(campaign, WEEK)
            assert rundown is not None
            lines = recipients.messages(session, rundown, NOT_GOT, world.now)
            assert {line.why for line in lines} == {"Chiến dịch dừng trước khi gửi"}
            return recipients.tally(session, rundown, ("chat",), world.now)

        assert world.ask(stop) == {Fate.SENT: 1, Fate.CANCELLED: 3}

    def test_a_part_of_the_list_goes_on_where_the_last_one_ended(self, world: World) -> None:
        for phone in (HANH, SON):
            settle(world, phone, DeliveryState.FAILED, "máy chủ bận")

        def part(start: int) -> list[str]:
            return world.ask(
                lambda s: [
                    line.person for line in recipients.messages(s, this_week(s), NOT_GOT, world.now, start, 1)
                ]
            )

        assert [part(0), part(1), part(2)] == [["Trần Thị Hạnh"], ["Lê Văn Sơn"], []]


class TestSendingAgain:
    def test_only_what_failed_is_due_again(self, world: World) -> None:
        settle(world, HANH, DeliveryState.SENT)
        settle(world, SON, DeliveryState.FAILED, "máy chủ bận")
        settle(world, LAN, DeliveryState.UNKNOWN, "hết giờ chờ")

        count = retry(world)

        (row,) = world.rows(SON)
        assert count == 1
        assert (row.state, row.attempts, row.armed, row.settled_at) == ("queued", 0, False, None)
        assert row.due_at == world.now and row.error == "máy chủ bận"
        assert [str(r.state) for p in (HANH, LAN) for r in world.rows(p)] == ["sent", "unknown", "queued"]

    def test_the_error_is_gone_once_it_was_sent(self, world: World) -> None:
        settle(world, SON, DeliveryState.FAILED, "máy chủ bận")
        retry(world)
        settle(world, SON, DeliveryState.SENT)
        assert world.rows(SON)[0].error is None

    def test_a_blocked_chat_is_left_alone(self, world: World) -> None:
        settle(world, SON, DeliveryState.FAILED, "người nhận đã chặn bot")
        assert retry(world) == 0
        assert world.deliveries(SON) == [("item", "failed")]

    def test_who_got_it_in_another_chat_gets_nothing_twice(self, world: World) -> None:
        settle(world, HANH, DeliveryState.FAILED, "máy chủ bận")

        def second(session: Session) -> None:
            new = people.add_address(session, person_of(session, HANH), "chat", "bot", "second", world.now)
            old = next(a for a in new.person.addresses if a.id != new.id)
            old.rank, new.rank = 5, 0

        world.ask(second)
        plan(world)
        settle(world, HANH, DeliveryState.UNKNOWN, "hết giờ chờ", row=1)

        assert retry(world) == 0

    def test_a_week_that_is_over_is_left_alone(self, world: World) -> None:
        world.clock.forward_to(WEEK.ends_at + LATER)
        world.ask(lambda s: deliveries.close_week(s, world.now))

        def work(session: Session) -> int:
            campaign = session.get_one(Campaign, 1)
            return resends.retry_failed(session, campaign, person_of(session, MINH), world.now)

        assert world.ask(work) == 0
        assert world.deliveries(SON) == [("item", "failed")]

    def test_a_stopped_campaign_sends_nothing_again(self, world: World) -> None:
        settle(world, SON, DeliveryState.FAILED, "máy chủ bận")

        def work(session: Session) -> int:
            campaign, admin = session.get_one(Campaign, 1), person_of(session, MINH)
            campaigns.stop(session, campaign, admin, world.now)
            return resends.retry_failed(session, campaign, admin, world.now)

        assert world.ask(work) == 0

    def test_two_clicks_at_once_queue_each_message_once(self, world: World) -> None:
        settle(world, SON, DeliveryState.FAILED, "máy chủ bận")
        settle(world, HANH, DeliveryState.FAILED, "máy chủ bận")

        with ThreadPoolExecutor(4) as pool:
            counts = list(pool.map(lambda _: retry(world), range(4)))

        assert sorted(counts) == [0, 0, 0, 2]

    @pytest.mark.parametrize("phone", [HANH, CUC, CHAU], ids=["operator", "officer", "editor"])
    def test_only_an_admin_of_the_area_may_and_a_refusal_is_written_down(
        self, world: World, phone: str
    ) -> None:
        settle(world, SON, DeliveryState.FAILED, "máy chủ bận")

        with pytest.raises(access.NotAllowed):
            retry(world, phone)

        refused = select(func.count(Audit.id)).where(Audit.act == "resend", ~Audit.allowed)
        assert world.ask(lambda s: s.scalar(refused)) == 1
        assert world.deliveries(SON) == [("item", "failed")]

    def test_who_sent_again_and_how_many_is_on_record(self, world: World) -> None:
        settle(world, SON, DeliveryState.FAILED, "máy chủ bận")
        retry(world)
        query = select(Audit.person_id, Audit.detail).where(Audit.act == "resend", Audit.allowed)
        assert world.ask(lambda s: list(s.execute(query))) == [(world.person(MINH).id, "1 messages")]


class TestTheWordOfACampaign:
    def test_it_is_sending_while_a_message_is_due(self, world: World) -> None:
        assert word(world) == "đang gửi"

    def test_it_is_running_between_two_weeks(self, world: World) -> None:
        for phone, row in ((HANH, 0), (SON, 0), (LAN, 0), (LAN, 1)):
            settle(world, phone, DeliveryState.SENT, row=row)
        assert word(world) == "đang chạy"

    def test_it_is_not_done_after_its_last_week_while_a_message_is_open(self, world: World) -> None:
        last = WEEK.shift(8).starts_at + LATER
        world.clock.forward_to(last)
        before = word(world)
        world.ask(lambda s: s.execute(update(Delivery).values(state=DeliveryState.UNKNOWN)))
        unknown = word(world)
        world.ask(lambda s: s.execute(update(Delivery).values(state=DeliveryState.FAILED)))

        assert (before, unknown, word(world)) == ("đang gửi", "còn 4 tin chưa rõ", "đã xong")
