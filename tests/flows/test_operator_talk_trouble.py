"""Operators who could not air, who answer an old message, or may not have got theirs."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import update

from airlog import deliveries
from airlog.models import Delivery
from airlog.rules import Sign
from airlog.types import DeliveryState, MissedReason
from content import messages
from tests.talk_world import (
    LAN,
    LONG_AGO,
    TUESDAY,
    WEEK,
    Talk,
    local,
    talk,
)

__all__ = ["talk"]


# ---- cannot air ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [code for code in messages.REASONS if code != "other"])
def test_each_reason_is_recorded_as_it_was_chosen(talk: Talk, code: str) -> None:
    talk.tap(LAN, messages.CANNOT)

    reply = talk.tap(LAN, messages.REASONS[code])

    (entry,) = talk.log()
    assert (entry.kind, entry.reason) == ("not_aired", MissedReason(code))
    assert messages.REASONS[code].lower() in reply and talk.sign() is Sign.CANNOT


def test_another_reason_is_typed_in_words(talk: Talk) -> None:
    talk.tap(LAN, messages.CANNOT)
    talk.tap(LAN, messages.REASONS["other"])

    reply = talk.say(LAN, "Chuột   cắn dây loa")

    (entry,) = talk.log()
    assert (entry.reason, entry.note) == (MissedReason.OTHER, "Chuột cắn dây loa")
    assert "Chuột cắn dây loa" in reply


def test_blank_words_are_no_reason(talk: Talk) -> None:
    talk.tap(LAN, messages.CANNOT)
    talk.tap(LAN, messages.REASONS["other"])

    reply = talk.say(LAN, "   ")

    assert talk.log() == [] and reply


def test_aired_typed_while_a_reason_is_asked_is_no_reason(talk: Talk) -> None:
    talk.tap(LAN, messages.CANNOT)
    talk.tap(LAN, messages.REASONS["other"])

    talk.say(LAN, "Đã phát rồi ạ.")

    assert talk.kinds() == ["aired"]


def test_the_same_reason_twice_makes_one_entry(talk: Talk) -> None:
    duty = talk.duty()

    for _ in range(3):
        talk.press(LAN, f"why:{duty.id}:weather")

    assert talk.kinds() == ["not_aired"]


def test_after_cannot_it_may_be_aired_all_the_same(talk: Talk) -> None:
    talk.tap(LAN, messages.CANNOT)
    talk.tap(LAN, messages.REASONS["no_power"])

    talk.tap(LAN, messages.AIRED)

    assert talk.kinds() == ["not_aired", "aired"] and talk.sign() is Sign.AIRED


@pytest.mark.parametrize("data", ["cannot:{}", "why:{}:broken", "why:{}:other"])
def test_after_aired_a_cannot_changes_nothing_and_says_how_to(talk: Talk, data: str) -> None:
    talk.tap(LAN, messages.AIRED)

    reply = talk.press(LAN, data.format(talk.duty().id))

    assert "đang ghi là đã phát" in reply and messages.UNDO in talk.labels(LAN)
    assert talk.kinds() == ["aired"]


def test_an_unknown_reason_is_not_recorded(talk: Talk) -> None:
    reply = talk.press(LAN, f"why:{talk.duty().id}:earthquake")

    assert (reply, talk.log()) == (messages.NOT_UNDERSTOOD, [])


def test_a_reminder_that_waits_is_cancelled_by_the_answer(talk: Talk) -> None:
    duty, address = talk.duty(), talk.address(LAN)
    assert address is not None
    wanted = deliveries.Wanted(deliveries.Rung.REMINDER_1, address, str(WEEK), TUESDAY, duty.id)
    talk.ask(lambda s: deliveries.plan(s, [wanted]))

    talk.tap(LAN, messages.AIRED)

    assert talk.ask(lambda s: deliveries.due(s, TUESDAY, ["telegram"])) == []


# ---- old messages --------------------------------------------------------------------------------------


def test_a_tap_on_last_months_message_records_nothing_and_asks_for_the_day(talk: Talk) -> None:
    duty = talk.duty(week=LONG_AGO)

    reply = talk.press(LAN, f"aired:{duty.id}")

    assert "quá thời hạn" in reply and talk.log() == []


def test_last_months_airing_counts_with_its_day_and_time(talk: Talk) -> None:
    duty = talk.duty(week=LONG_AGO)
    talk.press(LAN, f"aired:{duty.id}")

    talk.say(LAN, "17:30 21/10")

    (entry,) = talk.log()
    assert (entry.duty_id, local(entry.aired_at)) == (duty.id, "21/10 17:30")
    assert talk.sign(week=LONG_AGO) is Sign.AIRED


@pytest.mark.parametrize("typed", ["17:00", "17:30 24/11", "hôm qua 17:00"])
def test_a_day_of_another_week_is_refused_for_last_months_message(talk: Talk, typed: str) -> None:
    talk.press(LAN, f"aired:{talk.duty(week=LONG_AGO).id}")

    reply = talk.say(LAN, typed)

    assert "không thuộc tuần 43" in reply and talk.log() == []


def test_a_tap_on_last_months_confirmed_message_says_that_it_stands(talk: Talk) -> None:
    duty = talk.duty(week=LONG_AGO)
    talk.now = LONG_AGO.at(1, time(18))
    talk.press(LAN, f"aired:{duty.id}")
    talk.now = TUESDAY

    reply = talk.press(LAN, f"aired:{duty.id}")

    assert "đã xác nhận lúc 18 giờ, thứ Ba 20/10" in reply


@pytest.mark.parametrize("data", ["undo:{}", "when:{}:now", "when:{}:morning"])
def test_an_old_button_does_not_unmake_what_was_said_last_month(talk: Talk, data: str) -> None:
    duty = talk.duty(week=LONG_AGO)
    talk.now = LONG_AGO.at(1, time(18))
    talk.press(LAN, f"aired:{duty.id}")
    talk.now = TUESDAY

    reply = talk.press(LAN, data.format(duty.id))

    assert talk.sign(week=LONG_AGO) is Sign.AIRED
    assert "tuần 43" in reply


def test_an_airing_in_the_week_after_counts_as_late(talk: Talk) -> None:
    talk.now = WEEK.ends_at + timedelta(days=2, hours=18)
    talk.press(LAN, f"aired:{talk.duty().id}")

    talk.press(LAN, f"when:{talk.duty().id}:now")

    assert talk.sign() is Sign.LATE


# ---- a message of unknown fate -------------------------------------------------------------------------


def lose(talk: Talk) -> None:
    """As a crash leaves it: the service's answer, and with it the message's id, never came."""
    values = {"state": DeliveryState.UNKNOWN, "sent_at": None, "message_ref": None}
    talk.ask(lambda s: s.execute(update(Delivery).where(Delivery.duty_id == talk.duty().id).values(**values)))


def states(talk: Talk) -> list[str]:
    address = talk.address(LAN)
    assert address is not None
    rows = talk.ask(
        lambda s: s.query(Delivery).filter_by(duty_id=talk.duty().id, address_id=address.id).all()
    )
    return [str(row.state) for row in rows]


def test_any_press_on_a_message_of_unknown_fate_proves_it(talk: Talk) -> None:
    lose(talk)

    talk.tap(LAN, messages.SCRIPT)

    assert states(talk) == ["sent"]


def test_got_it_settles_an_unknown_message(talk: Talk) -> None:
    lose(talk)

    talk.press(LAN, f"got:{talk.duty().id}")

    assert states(talk) == ["sent"]


def test_not_received_sends_it_once_more(talk: Talk) -> None:
    lose(talk)

    replies = [talk.press(LAN, f"again:{talk.duty().id}") for _ in range(2)]

    assert states(talk) == ["queued"] and "gửi lại" in replies[0]


def test_not_received_after_it_was_received_shows_the_item_at_once(talk: Talk) -> None:
    reply = talk.press(LAN, f"again:{talk.duty().id}")

    assert states(talk) == ["sent"] and "Tin tuần 48 (23-29/11)" in reply
