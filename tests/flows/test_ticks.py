"""What happens by itself: the tick, at any hour, twice, late, and when everything fails."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from airlog import campaigns, deliveries, duties, people, record
from airlog.db import Session
from airlog.models import Area, Delivery, Duty
from airlog.types import AddressState, DeliveryState, MissedReason
from audio.clip import ClipRefused
from scheduler.channel import ChannelError
from tests.fakes import BLOCKED, NO_ANSWER, REFUSED
from tests.world import (
    CHAU,
    CUC,
    DAK_SAK,
    DAK_WIL,
    DUYET,
    HANH,
    LAN,
    MINH,
    SON,
    WEEK,
    World,
    bind,
    chat,
    duty_of,
    order,
    person_of,
)

ITEM, FIRST, SECOND = "item", "reminder_1", "reminder_2"
NEWCOMER = "0987654321"


@pytest.fixture(autouse=True)
def launched(world: World) -> None:
    world.launch()


def texts(world: World, phone: str) -> list[str]:
    return [message.text for message in world.channel.got(chat(phone))]


async def test_the_item_reaches_each_operator_at_its_hour_and_not_before(world: World) -> None:
    await world.at(0, "07:29")
    assert world.channel.requests == []

    await world.at(0, "07:30")

    assert {phone: world.arrived(phone) for phone in (HANH, SON)} == {HANH: [ITEM], SON: [ITEM]}
    (message,) = world.channel.got(chat(HANH))
    assert message.sound is not None and message.sound.title.startswith("Tuần 48: ")
    assert [button.label for button in message.buttons[0]] == ["Đã phát", "Chưa phát được"]


async def test_nobody_else_gets_the_item(world: World) -> None:
    await world.at(0, "07:30")
    assert [world.arrived(phone) for phone in (CUC, MINH, DUYET, CHAU)] == [[], [], [], []]


async def test_it_sends_once_even_if_the_tick_runs_twice(world: World) -> None:
    await world.at(0, "07:30")
    for _ in range(3):
        await world.ticker.run()
    assert len(world.channel.requests) == 4


async def test_it_sends_once_even_if_two_programs_tick_at_the_same_moment(world: World) -> None:
    world.clock.forward_to(WEEK.starts_at + timedelta(hours=8))
    first = world.ticker
    world.start()

    await asyncio.gather(first.run(), world.ticker.run())

    assert len(world.channel.requests) == 4


async def test_a_sound_goes_up_once_and_then_by_its_id(world: World) -> None:
    await world.at(0, "07:30")
    assert (world.channel.uploads, len(world.studio.made)) == (1, 1)


async def test_an_operator_with_two_stations_gets_a_message_for_each_by_name(world: World) -> None:
    await world.at(0, "07:30")

    both = "\n".join(texts(world, LAN))
    assert world.arrived(LAN) == [ITEM, ITEM]
    assert "xã Đắk Sắk" in both and "xã Thuận An" in both
    assert "Đắk Wil" not in "\n".join(texts(world, HANH))


async def test_reminders_come_on_thursday_and_friday_to_those_who_said_nothing(world: World) -> None:
    await world.at(0, "07:30")
    world.says_aired(HANH, DAK_WIL)

    for day, clock in ((3, "07:59"), (3, "08:00"), (3, "12:00"), (4, "14:00"), (5, "08:00"), (6, "20:00")):
        await world.at(day, clock)

    assert world.arrived(SON) == [ITEM, FIRST, SECOND]
    assert world.arrived(HANH) == [ITEM]


async def test_a_late_start_sends_only_the_later_reminder(world: World) -> None:
    await world.at(0, "07:30")
    world.start()

    await world.at(4, "15:00")

    assert world.arrived(SON) == [ITEM, SECOND]


async def test_the_first_reminder_is_dropped_when_it_could_not_leave_before_the_second(world: World) -> None:
    await world.at(0, "07:30")
    world.channel.fail(chat(SON), *[REFUSED] * 20)
    await world.at(3, "08:00")
    await world.at(3, "20:00")
    world.channel._script.clear()

    await world.at(4, "14:00")

    assert world.deliveries(SON) == [(ITEM, "sent"), (FIRST, "cancelled"), (SECOND, "sent")]


async def test_a_reminder_is_due_again_once_the_answer_was_taken_back(world: World) -> None:
    await world.at(0, "07:30")
    world.channel.fail(chat(SON), REFUSED)
    await world.at(3, "08:00")
    entry, _ = world.says_aired(SON, DAK_SAK)
    world.ask(lambda s: deliveries.cancel_reminders(s, s.get_one(Duty, entry.duty_id), world.now))
    assert world.deliveries(SON) == [(ITEM, "sent"), (FIRST, "cancelled")]

    world.ask(
        lambda s: record.withdraw(
            s, person_of(s, SON), s.get_one(Duty, entry.duty_id), world.source(), world.now
        )
    )
    await world.at(3, "09:00")

    assert world.deliveries(SON) == [(ITEM, "sent"), (FIRST, "sent")]


async def test_an_item_that_left_late_is_not_followed_by_a_reminder_at_once(world: World) -> None:
    await world.at(3, "09:00")
    await world.at(3, "12:59")
    assert world.arrived(SON) == [ITEM]

    await world.at(3, "13:00")

    assert world.arrived(SON) == [ITEM, FIRST]


async def test_a_machine_off_for_a_week_sends_this_weeks_item_and_owes_the_missed_week(world: World) -> None:
    await world.at(0, "07:30")
    world.start()

    await world.at(3, "10:00", WEEK.shift(2))

    assert world.arrived(SON) == [ITEM, ITEM]
    assert "tuần 50" in texts(world, SON)[1]
    assert len(world.duties(WEEK.next())) == 3
    assert world.standing(DAK_SAK, WEEK.next()).state == "missed"


async def test_a_new_store_owes_nothing_for_the_weeks_before_it(world: World) -> None:
    await world.at(1, "09:00")
    assert world.duties(WEEK.shift(-1)) == {}


def _aired(session: Session, world: World) -> None:
    record.aired(session, person_of(session, LAN), duty_of(session, DAK_SAK), world.source(), world.now)


def _cannot(session: Session, world: World) -> None:
    record.not_aired(
        session,
        person_of(session, LAN),
        duty_of(session, DAK_SAK),
        MissedReason.BROKEN,
        world.source(),
        world.now,
    )


def _excuse(session: Session, world: World) -> None:
    duty, person = duty_of(session, DAK_SAK), person_of(session, CUC)
    record.excuse(session, person, duty, MissedReason.WEATHER, world.source(), world.now, note="bão")


@pytest.mark.parametrize("answer", [_aired, _cannot, _excuse])
async def test_no_reminder_after_any_answer_also_of_a_colleague(world: World, answer: object) -> None:
    await world.at(0, "07:30")
    world.ask(lambda s: answer(s, world))  # type: ignore[operator]

    await world.at(3, "08:00")
    await world.at(4, "14:00")

    assert world.arrived(SON) == [ITEM]


async def test_no_reminder_leaves_for_a_duty_answered_while_it_waited(world: World) -> None:
    await world.at(0, "07:30")
    world.channel.fail(chat(SON), REFUSED)
    await world.at(3, "08:00")
    assert world.deliveries(SON)[1] == (FIRST, "retrying")

    world.says_aired(LAN, DAK_SAK)
    await world.later(hours=1)

    assert world.deliveries(SON) == [(ITEM, "sent"), (FIRST, "cancelled")]


async def test_a_statement_taken_back_is_asked_for_again(world: World) -> None:
    await world.at(0, "07:30")
    world.says_aired(SON, DAK_SAK)
    await world.at(3, "08:00")
    world.ask(lambda s: record.withdraw(s, person_of(s, SON), duty_of(s, DAK_SAK), world.source(), world.now))

    await world.at(4, "14:00")

    assert world.arrived(SON) == [ITEM, SECOND]


async def test_a_reminder_that_falls_into_the_night_waits_for_the_morning(world: World) -> None:
    await world.at(3, "18:00")
    await world.at(3, "22:00")
    assert world.arrived(SON) == [ITEM]

    await world.at(4, "05:59")
    assert world.arrived(SON) == [ITEM]
    await world.at(4, "06:00")
    assert world.arrived(SON) == [ITEM, FIRST]


async def test_a_reminder_that_could_only_come_after_the_week_is_not_made(world: World) -> None:
    await world.at(6, "18:00")
    await world.at(6, "23:00")
    await world.at(7, "06:00")
    assert world.deliveries(SON) == [(ITEM, "sent")]


async def test_the_officer_hears_on_saturday_and_monday_once_each(world: World) -> None:
    await world.at(0, "07:30")
    world.says_aired(HANH, DAK_WIL)
    for day, clock in ((5, "07:59"), (5, "08:00"), (5, "09:00"), (7, "07:59"), (7, "08:00"), (7, "09:00")):
        await world.at(day, clock)

    assert world.arrived(CUC) == ["escalation", "digest"]
    saturday, monday = texts(world, CUC)
    assert "1/3 đài đã phát" in saturday and "2 đài chưa trả lời (Đắk Sắk, Thuận An)" in saturday
    assert "tuần 48" in monday.casefold()


async def test_a_digest_older_than_three_days_is_not_sent(world: World) -> None:
    await world.at(0, "07:30")
    await world.at(3, "08:00", WEEK.next())
    assert "digest" not in world.arrived(CUC)


def newcomer(world: World) -> None:
    row = f"ho_ten,dien_thoai,vai_tro,ma_don_vi\nNgô Thị Mới,{NEWCOMER},operator,{DAK_WIL}".encode()
    world.ask(lambda s: people.import_people(s, row, world.now))
    world.ask(lambda s: bind(s, NEWCOMER, world.now))


async def test_a_newly_bound_operator_gets_the_weeks_item(world: World) -> None:
    await world.at(0, "07:30")
    await world.at(2, "10:00")
    newcomer(world)

    await world.later(minutes=1)

    assert world.arrived(NEWCOMER) == [ITEM]
    assert world.arrived(HANH) == [ITEM]


async def test_a_newly_bound_operator_is_not_reminded_of_what_came_this_minute(world: World) -> None:
    await world.at(0, "07:30")
    await world.at(4, "09:00")
    newcomer(world)

    await world.later(minutes=1)
    assert world.arrived(NEWCOMER) == [ITEM]
    await world.later(hours=4)

    assert world.arrived(NEWCOMER) == [ITEM, FIRST]


async def test_an_operator_without_a_chat_keeps_nobody_waiting(world: World) -> None:
    world.ask(lambda s: setattr(person_of(s, HANH).addresses[0], "state", AddressState.BLOCKED))

    await world.at(0, "07:30")

    assert (world.arrived(HANH), world.arrived(SON)) == ([], [ITEM])


@pytest.mark.parametrize("trouble", [ClipRefused("im lặng"), OSError("đĩa đầy")])
async def test_an_item_without_sound_goes_as_text_and_the_admin_is_told_once(
    world: World, trouble: Exception
) -> None:
    world.studio.trouble.append(trouble)

    for clock in ("00:30", "03:00", "07:30", "09:00"):
        await world.at(0, clock)

    (message,) = world.channel.got(chat(HANH))
    assert message.sound is None and "Đọc trực tiếp:" in message.text
    assert world.arrived(MINH) == ["alert"]


async def test_a_draft_voice_is_never_given_to_a_station(world: World) -> None:
    world.studio = type(world.studio)(world.studio.voices, world.studio.folder, draft=True)
    world.start()

    await world.at(0, "07:30")

    assert [message.sound for message in world.channel.got(chat(HANH))] == [None]
    assert world.arrived(MINH) == ["alert"]


async def test_a_voice_that_recovers_before_the_hour_is_heard(world: World) -> None:
    world.studio.trouble.append(ClipRefused("im lặng"))
    await world.at(0, "00:30")
    world.studio.trouble.clear()

    await world.at(0, "07:30")

    assert all(message.sound for message in world.channel.got(chat(HANH)))


async def test_a_clip_whose_file_is_gone_is_made_again(world: World) -> None:
    await world.at(0, "00:30")
    for path in world.studio.folder.iterdir():
        path.unlink()

    await world.at(0, "07:30")

    assert len(world.studio.made) == 2
    assert all(one.message.sound and one.message.sound.path.exists() for one in world.channel.requests)


async def test_a_chat_that_is_gone_for_good_is_turned_off_and_never_tried_again(world: World) -> None:
    world.channel.fail(chat(SON), BLOCKED)

    for day in (0, 3, 4):
        await world.at(day, "15:00")

    assert world.deliveries(SON) == [(ITEM, "failed")]
    assert len(world.channel.got(chat(SON))) == 1
    state = world.ask(lambda s: person_of(s, SON).addresses[0].state)
    assert state is AddressState.BLOCKED


async def test_a_refused_send_is_tried_again_after_growing_pauses(world: World) -> None:
    world.channel.fail(chat(SON), REFUSED, REFUSED)
    await world.at(0, "07:30")
    await world.later(seconds=9)
    assert len(world.channel.got(chat(SON))) == 1

    await world.later(seconds=1)
    await world.later(seconds=30)

    assert (len(world.channel.got(chat(SON))), world.deliveries(SON)) == (3, [(ITEM, "sent")])


async def test_a_short_pause_that_the_service_asks_for_is_waited_for(world: World) -> None:
    world.channel.fail(chat(HANH), ChannelError("429", retry_after=timedelta(milliseconds=30)))
    await world.at(0, "07:30")
    await world.later(seconds=1)

    assert [world.deliveries(phone)[0] for phone in (HANH, SON, LAN)] == [(ITEM, "sent")] * 3


async def test_a_long_pause_silences_the_bot_but_does_not_hold_up_the_tick(world: World) -> None:
    for phone in (HANH, SON, LAN):
        world.channel.fail(chat(phone), ChannelError("429", retry_after=timedelta(hours=1)))
    world.clock.forward_to(WEEK.starts_at + timedelta(hours=8))

    await asyncio.wait_for(world.ticker.run(), timeout=20)
    await asyncio.wait_for(world.ticker.run(), timeout=20)

    rows = [row for phone in (HANH, SON, LAN) for row in world.rows(phone)]
    assert len(world.channel.requests) == 1
    assert sorted(row.state for row in rows) == ["queued", "queued", "queued", "retrying"]
    assert max(row.due_at for row in rows) == world.now + timedelta(hours=1)


async def test_a_message_of_unknown_fate_is_asked_about_and_never_sent_again_by_the_machine(
    world: World,
) -> None:
    world.channel.fail(chat(SON), NO_ANSWER)
    await world.at(0, "07:30")
    await world.later(minutes=5)
    assert len(world.channel.got(chat(SON))) == 1

    await world.later(minutes=1)
    for day, clock in ((1, "09:00"), (3, "08:00"), (4, "14:00"), (6, "20:00")):
        await world.at(day, clock)

    assert world.arrived(SON) == ["?", "ask"]
    assert world.deliveries(SON) == [(ITEM, "unknown"), ("ask", "sent")]


async def test_it_is_sent_again_when_the_person_asks_for_it(world: World) -> None:
    world.channel.fail(chat(SON), NO_ANSWER)
    await world.at(0, "07:30")
    await world.later(minutes=6)
    world.ask(lambda s: deliveries.resend(s, duty_of(s, DAK_SAK), person_of(s, SON).addresses[0], world.now))

    await world.later(minutes=1)

    assert world.arrived(SON) == ["?", "ask", ITEM]


async def test_a_message_still_unknown_at_the_deadline_has_failed(world: World) -> None:
    world.channel.fail(chat(SON), NO_ANSWER)
    await world.at(0, "07:30")
    await world.at(7, "00:00")
    assert world.deliveries(SON)[0] == (ITEM, "failed")


async def test_a_crash_between_claim_and_answer_leaves_an_unknown_that_is_asked_about(world: World) -> None:
    world.channel.fail(chat(SON), asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await world.at(0, "07:30")
    assert world.deliveries(SON) == [(ITEM, "sending")]
    world.start()

    await world.later(minutes=4)
    assert world.deliveries(SON) == [(ITEM, "unknown")]
    await world.later(minutes=6)

    assert world.arrived(SON) == ["?", "ask"]
    assert world.arrived(HANH) == [ITEM]


async def test_a_fault_of_ours_in_one_message_stops_no_other(world: World) -> None:
    world.channel.fail(chat(SON), RuntimeError("lỗi của ta"))

    await world.at(0, "07:30")

    assert world.deliveries(SON) == [(ITEM, "unknown")]
    assert (world.deliveries(HANH), world.deliveries(LAN)) == ([(ITEM, "sent")], [(ITEM, "sent")] * 2)


async def test_a_row_that_makes_no_message_fails_alone(world: World) -> None:
    await world.at(0, "07:00")
    world.ask(lambda s: duties.make(s, WEEK, world.now))
    orphan = deliveries.Wanted(
        deliveries.Rung.ALERT,
        world.ask(lambda s: person_of(s, MINH).addresses[0]),
        str(WEEK),
        world.now,
        about="track:99",
    )
    world.ask(lambda s: deliveries.plan(s, [orphan]))

    await world.at(0, "07:30")

    assert world.deliveries(MINH) == [("alert", "failed")]
    assert world.deliveries(HANH) == [(ITEM, "sent")]


async def test_sending_a_week_by_hand_before_its_hour_sends_it_once(world: World) -> None:
    await world.at(0, "06:00")

    first = await world.ticker.queue_week(WEEK)
    again = await world.ticker.queue_week(WEEK)
    await world.ticker.run()
    await world.at(0, "07:30")

    assert (first, again) == (4, 0)
    assert (world.arrived(HANH), len(world.channel.requests)) == ([ITEM], 4)


async def test_a_week_that_is_over_is_not_sent(world: World) -> None:
    await world.at(0, "06:00", WEEK.next())
    assert await world.ticker.queue_week(WEEK) == 0


async def test_a_stop_leaves_the_rest_for_the_next_start(world: World) -> None:
    world.clock.forward_to(WEEK.starts_at + timedelta(hours=8))
    stop = asyncio.Event()
    stop.set()

    await world.ticker.run(stop)
    assert world.channel.requests == []
    await world.ticker.run()

    assert len(world.channel.requests) == 4


async def test_two_campaigns_over_districts_of_one_province_both_have_sound(world: World) -> None:
    def districts(session: Session) -> None:
        for campaign in campaigns.all_campaigns(session):
            campaigns.stop(session, campaign, None, world.now)
        assert session.get_one(Area, DAK_WIL).former_district_code == "662"

    world.ask(districts)
    world.launch(order(scope="662", slugs=("an-toan-khi-dung-mang",)))
    world.launch(order(scope="663", slugs=("an-toan-khi-dung-mang",)))

    await world.at(0, "07:30")

    assert len(world.channel.requests) == 4
    assert all(one.message.sound for one in world.channel.requests)


async def test_every_message_is_one_row(world: World) -> None:
    for day, clock in ((0, "07:30"), (3, "08:00"), (4, "14:00"), (5, "08:00"), (7, "08:00")):
        await world.at(day, clock)

    rows = world.ask(lambda s: s.query(Delivery).filter_by(state=DeliveryState.SENT).count())

    assert rows == len(world.channel.requests)
