"""Outgoing messages as rows: one for each rung and chat, claimed by one, never sent again when in doubt."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event

from airlog import campaigns, claims, deliveries
from airlog.db import Session
from airlog.deliveries import ASK_AFTER, MAX_ATTEMPTS, STALE
from airlog.models import Address, Delivery
from airlog.rules import Said
from airlog.types import AddressState, DeliveryState, Rung
from scheduler.plan import plan_duties, plan_items, plan_questions
from tests.world import DAK_WIL, HANH, LAN, SON, WEEK, World, duty_of, person_of

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def half_past_seven(world: World) -> None:
    """The week's items are planned and due."""
    world.launch()
    world.clock.forward_to(WEEK.starts_at + timedelta(hours=7, minutes=30))
    assert plan(world) == 4


def plan(world: World) -> int:
    def work(session: Session) -> int:
        plan_duties(session, WEEK, world.now)
        (rundown,) = campaigns.launched_rundowns(session, WEEK)
        return deliveries.plan(session, plan_items(session, rundown, ("chat",), world.now))

    return world.ask(work)


def row(world: World, phone: str = HANH) -> Delivery:
    return world.rows(phone)[0]


def claim(world: World, delivery_id: int) -> bool:
    return world.ask(lambda s: claims.claim(s, delivery_id, world.now)) is not None


def in_flight(world: World, phone: str = HANH) -> int:
    """A message on its way."""
    found = row(world, phone).id
    assert claim(world, found)
    return found


def address(session: Session, phone: str = HANH) -> Address:
    return person_of(session, phone).addresses[0]


def wait(world: World, length: timedelta) -> None:
    world.clock.forward_to(world.now + length)


def test_a_row_to_send_brings_what_the_log_says_of_its_duty(world: World) -> None:
    number, told = row(world).id, list[str]()

    def write(session: Session) -> str:
        found = claims.to_send(session, number)
        assert found is not None and found.duty is not None
        event.listen(session.connection(), "before_cursor_execute", lambda *a: told.append(a[2]))
        return found.duty.said

    assert world.ask(write) == Said.OPEN
    assert told == []


def press(world: World, ref: str) -> None:
    world.ask(lambda s: deliveries.proven(s, address(s), ref, world.now, duty=duty_of(s, DAK_WIL)))


def test_planning_again_adds_nothing(world: World) -> None:
    assert plan(world) == 0


def test_two_processes_that_plan_at_once_add_each_row_once(world: World) -> None:
    world.ask(lambda s: s.query(Delivery).delete())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: plan(world), range(4)))

    assert [len(world.rows(phone)) for phone in (HANH, SON, LAN)] == [1, 1, 2]


def test_a_message_is_claimed_by_one(world: World) -> None:
    found = row(world).id

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda _: claim(world, found), range(6)))

    assert sum(taken) == 1
    assert (row(world).state, row(world).attempts) == (DeliveryState.SENDING, 1)


def test_nothing_is_claimed_before_its_time(world: World) -> None:
    found = row(world).id
    world.ask(lambda s: setattr(s.get_one(Delivery, found), "due_at", world.now + SECOND))

    assert not claim(world, found)
    wait(world, SECOND)
    assert claim(world, found)


def test_only_channels_that_run_here_are_asked_for(world: World) -> None:
    assert len(world.ask(lambda s: deliveries.due(s, world.now, ["chat"]))) == 4
    assert world.ask(lambda s: deliveries.due(s, world.now, ["zalo"])) == []


def test_a_row_left_behind_by_a_crash_becomes_unknown_and_is_not_sent_again(world: World) -> None:
    found = in_flight(world)
    assert world.ask(lambda s: deliveries.sweep(s, world.now + STALE)) == 0

    wait(world, STALE + SECOND)
    assert world.ask(lambda s: deliveries.sweep(s, world.now)) == 1

    assert row(world).state is DeliveryState.UNKNOWN
    assert not claim(world, found)


def test_the_pauses_grow_and_end(world: World) -> None:
    pauses = []
    for _ in range(MAX_ATTEMPTS):
        found = in_flight(world)
        world.ask(lambda s, one=found: deliveries.retry(s, one, "bận", world.now, None))
        pauses.append((row(world).due_at - world.now).total_seconds())
        wait(world, timedelta(seconds=max(pauses[-1], 0)))

    assert pauses[:8] == [10, 30, 60, 180, 600, 1800, 1800, 1800]
    assert (row(world).state, row(world).attempts) == (DeliveryState.FAILED, MAX_ATTEMPTS)


def test_the_pause_that_the_service_asks_for_is_kept(world: World) -> None:
    found = in_flight(world)
    world.ask(lambda s: deliveries.retry(s, found, "429", world.now, timedelta(seconds=7)))
    assert (row(world).state, row(world).due_at) == (DeliveryState.RETRYING, world.now + 7 * SECOND)


def test_a_refusal_that_comes_after_the_person_said_it_arrived_changes_nothing(world: World) -> None:
    found = in_flight(world)
    world.ask(lambda s: deliveries.unknown(s, found, "hết giờ", world.now))
    world.ask(lambda s: deliveries.got_it(s, duty_of(s, DAK_WIL), address(s), world.now))

    world.ask(lambda s: deliveries.retry(s, found, "bận", world.now, None))

    assert row(world).state is DeliveryState.SENT


def test_a_blocked_chat_is_turned_off(world: World) -> None:
    found = in_flight(world)
    world.ask(lambda s: deliveries.failed(s, found, "bị chặn", world.now, blocked=True))

    assert world.ask(lambda s: (address(s).state, address(s).reason)) == (AddressState.BLOCKED, "bị chặn")
    assert row(world).state is DeliveryState.FAILED


def test_a_claim_whose_request_never_left_is_undone(world: World) -> None:
    found = in_flight(world)
    world.ask(lambda s: deliveries.put_back(s, found, world.now))
    assert (row(world).state, row(world).attempts, claim(world, found)) == (DeliveryState.QUEUED, 0, True)


def test_a_press_proves_a_message_of_unknown_fate(world: World) -> None:
    found = in_flight(world)
    wait(world, timedelta(minutes=1))
    world.ask(lambda s: deliveries.unknown(s, found, "hết giờ", world.now))
    wait(world, timedelta(hours=10))

    press(world, "m-nobody-told-us")

    assert row(world).state is DeliveryState.SENT
    # It left when it was claimed; counting from the press would question every honest airing time before it.
    assert row(world).sent_at == row(world).claimed_at


def test_a_press_on_another_message_proves_nothing_about_the_item(world: World) -> None:
    found = in_flight(world)
    world.ask(lambda s: deliveries.unknown(s, found, "hết giờ", world.now))
    world.ask(lambda s: deliveries.plan(s, plan_questions(s, world.now + ASK_AFTER + SECOND)))
    question = world.rows(HANH)[1].id
    world.ask(lambda s: deliveries.sent(s, question, "m-ask", world.now))

    press(world, "m-ask")

    assert row(world).state is DeliveryState.UNKNOWN


def test_the_question_waits_some_minutes_and_comes_once(world: World) -> None:
    found = in_flight(world)
    world.ask(lambda s: deliveries.unknown(s, found, "hết giờ", world.now))

    asked = [world.ask(lambda s, at=world.now + after: deliveries.plan(s, plan_questions(s, at))) for after in (
        ASK_AFTER, ASK_AFTER + SECOND, ASK_AFTER + 2 * SECOND
    )]  # fmt: skip

    assert asked == [0, 1, 0]


def test_nobody_is_asked_whether_an_item_came_that_was_already_answered(world: World) -> None:
    found = in_flight(world)
    world.ask(lambda s: deliveries.unknown(s, found, "hết giờ", world.now))
    world.says_aired(HANH, DAK_WIL)

    assert world.ask(lambda s: plan_questions(s, world.now + timedelta(hours=1))) == []


def test_it_goes_out_again_when_the_person_says_it_never_came(world: World) -> None:
    found = in_flight(world)
    world.ask(lambda s: deliveries.unknown(s, found, "hết giờ", world.now))

    world.ask(lambda s: deliveries.resend(s, duty_of(s, DAK_WIL), address(s), world.now))

    assert claim(world, found)


def test_a_sent_item_is_not_sent_again_for_the_asking(world: World) -> None:
    found = in_flight(world)
    world.ask(lambda s: deliveries.sent(s, found, "m1", world.now))

    world.ask(lambda s: deliveries.resend(s, duty_of(s, DAK_WIL), address(s), world.now))

    assert not claim(world, found)


def test_at_the_deadline_what_never_went_out_has_failed(world: World) -> None:
    sent, unknown = in_flight(world, HANH), in_flight(world, SON)
    world.ask(lambda s: deliveries.sent(s, sent, "m1", world.now))
    world.ask(lambda s: deliveries.unknown(s, unknown, "hết giờ", world.now))
    world.clock.forward_to(WEEK.ends_at)

    assert world.ask(lambda s: deliveries.close_week(s, WEEK.ends_at - SECOND)) == 0
    assert world.ask(lambda s: deliveries.close_week(s, WEEK.ends_at)) == 3

    states = [state for phone in (HANH, SON, LAN) for _, state in world.deliveries(phone)]
    assert states == ["sent", "failed", "failed", "failed"]


def test_what_went_out_late_after_all_is_recorded_as_sent(world: World) -> None:
    found = in_flight(world)
    wait(world, STALE + SECOND)
    world.ask(lambda s: deliveries.sweep(s, world.now))

    world.ask(lambda s: deliveries.sent(s, found, "m1", world.now))

    assert (row(world).state, row(world).message_ref) == (DeliveryState.SENT, "m1")


def test_an_answer_cancels_the_reminders_that_wait_and_nothing_else(world: World) -> None:
    wanted = [
        deliveries.Wanted(rung, world.ask(address), str(WEEK), world.now, world.duties()[DAK_WIL].id)
        for rung in (Rung.REMINDER_1, Rung.NUDGE, Rung.ASK)
    ]
    world.ask(lambda s: deliveries.plan(s, wanted))

    assert world.ask(lambda s: deliveries.cancel_reminders(s, duty_of(s, DAK_WIL), world.now)) == 3

    assert [state for _, state in world.deliveries(HANH)] == ["queued", "cancelled", "cancelled", "cancelled"]
