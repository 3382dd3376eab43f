"""What operators say and tap, and what stands in the log after it: that it was aired, and when."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import update

from airlog import people, record
from airlog.db import Session, lock_log
from airlog.models import Delivery, Duty, Person
from airlog.record import Source
from airlog.rules import Sign
from bot import confirming
from content import messages
from tests.talk_world import (
    BINH,
    FAR,
    ITEM_SENT,
    LAN,
    OFFICER,
    TUESDAY,
    WEEK,
    Talk,
    airings,
    local,
    talk,
)

__all__ = ["talk"]


# ---- “Đã phát”, and when -------------------------------------------------------------------------------


def test_the_tap_is_stored_as_the_statement_and_asks_when(talk: Talk) -> None:
    reply = talk.tap(LAN, messages.AIRED)

    (entry,) = talk.log()
    assert (entry.kind, entry.stated_at, entry.aired_at) == ("aired", TUESDAY, None)
    assert "17 giờ 25, thứ Ba 24/11" in reply and "Tin phát lúc nào?" in reply
    assert talk.labels(LAN)[:4] == ["Vừa phát xong", "Sáng nay", "Chiều qua", "Giờ khác"]


@pytest.mark.parametrize(
    ("day", "clock", "between"),
    [
        (0, time(9), []),
        (0, time(18), []),
        (1, time(4), ["Chiều qua"]),
        (1, time(6), ["Sáng nay", "Chiều qua"]),
    ],
)
def test_no_time_before_the_item_was_out_or_still_to_come_is_offered(
    talk: Talk, day: int, clock: time, between: list[str]
) -> None:
    talk.now = WEEK.at(day, clock)  # the item came on Monday at 7:30; the first slot of a day is at 5

    talk.tap(LAN, messages.AIRED)

    labels = talk.labels(LAN)
    assert labels[: labels.index("Giờ khác")] == ["Vừa phát xong", *between]


@pytest.mark.parametrize(
    ("label", "aired"),
    [("Vừa phát xong", "24/11 17:25"), ("Sáng nay", "24/11 05:00"), ("Chiều qua", "23/11 17:00")],
)
def test_each_offered_time_is_put_on_record(talk: Talk, label: str, aired: str) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.now += timedelta(seconds=20)

    reply = talk.tap(LAN, label)

    assert local(airings(talk.log())[-1].aired_at) == aired
    assert "Đã ghi" in reply and talk.sign() is Sign.AIRED


def test_another_time_is_typed(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.OTHER_TIME)

    reply = talk.say(LAN, "5 giờ 15 chiều")

    assert "17 giờ 15, thứ Ba 24/11" in reply
    assert talk.kinds() == ["aired", "corrected"]


def test_the_question_when_may_be_answered_by_typing_at_once(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    talk.say(LAN, "17h10")

    assert local(airings(talk.log())[-1].aired_at) == "24/11 17:10"


def test_words_that_are_no_time_after_a_tap_are_not_taken_for_a_wrong_time(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    reply = talk.say(LAN, "cảm ơn Loa Xã")

    assert reply == messages.NOT_UNDERSTOOD


def test_ten_taps_make_one_entry_and_the_reply_says_what_stands(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    data = f"aired:{talk.duty().id}"

    replies = {talk.press(LAN, data) for _ in range(9)}

    assert len(talk.log()) == 1
    assert replies == {messages.already(TUESDAY)}


def test_the_tapped_message_says_what_stands_and_loses_its_first_buttons(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    texts = [message for _, message in talk.screens[LAN] if "xác nhận lúc 17 giờ 25" in message.text]
    labels = [button.label for row in texts[0].buttons for button in row]
    assert messages.AIRED not in labels and messages.UNDO in labels


def test_a_second_operator_of_the_station_is_told_who_confirmed(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    reply = talk.tap(BINH, messages.AIRED)

    assert "Trần Thị Lan đã xác nhận lúc 17 giờ 25" in reply
    assert len(talk.log()) == 1


def test_two_of_one_station_who_tap_at_once_make_one_entry(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(session: Session) -> None:
        """Binh has the log at this moment, and gives it back."""
        monkeypatch.setattr(confirming, "lock_log", lock_log)
        binh = people.person_by_phone(session, "0912000002")
        duty = session.get(Duty, duty_id)
        assert binh is not None and duty is not None
        record.aired(session, binh, duty, Source("telegram", "t:2", talk.now), talk.now)

    duty_id = talk.duty().id
    monkeypatch.setattr(confirming, "lock_log", wait)

    reply = talk.tap(LAN, messages.AIRED)

    assert talk.kinds() == ["aired"] and "Lê Văn Bình" in reply


def test_somebody_of_another_station_is_refused_and_that_is_written_down(talk: Talk) -> None:
    reply = talk.press(FAR, f"aired:{talk.duty(LAN).id}")

    assert "không phụ trách đài này" in reply
    assert (talk.log(), talk.refusals()) == ([], ["aired"])


def test_an_officer_does_not_confirm_for_a_station(talk: Talk) -> None:
    talk.press(OFFICER, f"aired:{talk.duty(LAN).id}")

    assert talk.log() == []


def test_somebody_who_left_confirms_nothing(talk: Talk) -> None:
    gone = update(Person).where(Person.name == "Trần Thị Lan").values(left_at=TUESDAY)
    talk.ask(lambda s: s.execute(gone))

    reply = talk.tap(LAN, messages.AIRED)

    assert "không phụ trách đài này" in reply and talk.log() == []


# ---- times that cannot be ------------------------------------------------------------------------------


def test_a_wrong_time_is_named_and_the_confirmation_stays(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.OTHER_TIME)

    reply = talk.say(LAN, "25h")

    assert "Chưa ghi được giờ phát “25h”" in reply and "17:30" in reply
    assert talk.kinds() == ["aired"] and talk.sign() is Sign.AIRED


def test_after_a_wrong_time_the_right_one_is_taken(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.OTHER_TIME)
    talk.say(LAN, "25h")

    talk.say(LAN, "17:15")

    assert local(airings(talk.log())[-1].aired_at) == "24/11 17:15"


@pytest.mark.parametrize("typed", ["17:30 25/11", "6 giờ 24/12", "05:00 25/11/2026"])
def test_a_time_that_lies_ahead_is_not_recorded(talk: Talk, typed: str) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.OTHER_TIME)

    reply = talk.say(LAN, typed)

    assert reply.startswith("Chưa tới ")
    assert talk.kinds() == ["aired"]


def test_a_time_before_the_item_was_sent_is_questioned(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.OTHER_TIME)

    reply = talk.say(LAN, "5:00 23/11")

    assert "gửi lúc 07 giờ 30, thứ Hai 23/11" in reply
    assert talk.labels(LAN) == ["Giờ khác", "Tin của đài", "Giữ giờ này"]
    assert talk.kinds() == ["aired"]


def test_a_questioned_time_that_is_insisted_on_is_recorded_with_a_note(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.OTHER_TIME)
    talk.say(LAN, "5:00 23/11")

    talk.tap(LAN, messages.KEEP_TIME)

    entry = talk.log()[-1]
    assert (local(entry.aired_at), entry.note) == ("23/11 05:00", messages.INSISTED)


def test_a_questioned_time_may_turn_out_to_be_an_item_of_the_station(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.OTHER_TIME)
    talk.say(LAN, "5:00 23/11")
    talk.tap(LAN, messages.OWN_ITEM)

    talk.say(LAN, "Tổ công nghệ số thôn 3, 5:00 23/11")

    live = [e for e in talk.log() if e.seq not in {x.supersedes for x in talk.log()}]
    assert [e.own_title for e in airings(live)] == ["Tổ công nghệ số thôn 3"]


def test_a_questioned_time_may_be_typed_anew_without_a_button(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.OTHER_TIME)
    talk.say(LAN, "5:00 23/11")

    talk.say(LAN, "5:00 24/11")

    assert local(talk.log()[-1].aired_at) == "24/11 05:00"


def test_just_aired_in_the_minute_of_arrival_is_not_questioned(talk: Talk) -> None:
    talk.now = ITEM_SENT + timedelta(seconds=30)
    sent = ITEM_SENT + timedelta(seconds=20)
    talk.ask(lambda s: s.execute(update(Delivery).where(Delivery.period == str(WEEK)).values(sent_at=sent)))
    talk.tap(LAN, messages.AIRED)

    reply = talk.tap(LAN, messages.JUST_NOW)

    assert "Đã ghi" in reply


def test_a_time_outside_the_week_does_not_unmake_the_confirmation(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.OTHER_TIME)
    talk.say(LAN, "17:00 22/11")

    reply = talk.tap(LAN, messages.KEEP_TIME)

    assert "không thuộc tuần 48" in reply
    assert talk.sign() is Sign.AIRED and talk.kinds() == ["aired"]


# ---- corrections ---------------------------------------------------------------------------------------


def test_a_time_can_be_corrected_later(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.JUST_NOW)
    talk.now += timedelta(hours=2)
    talk.tap(LAN, messages.OTHER_TIME)

    talk.say(LAN, "05:10")

    assert talk.kinds() == ["aired", "corrected", "corrected"]
    assert local(talk.log()[-1].aired_at) == "24/11 05:10"


def test_the_same_time_again_adds_no_line(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.THIS_MORNING)

    talk.press(LAN, f"when:{talk.duty().id}:morning")

    assert talk.kinds() == ["aired", "corrected"]


def test_a_tap_by_mistake_is_taken_back_and_the_item_message_offers_its_buttons_again(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    duty = talk.duty()
    item_ref = next(ref for ref, m in talk.screens[LAN] if m.text.endswith(messages.stands_aired(TUESDAY)))

    reply = talk.press(LAN, f"undo:{duty.id}", item_ref)

    assert "Đã hủy" in reply and talk.sign() is Sign.PENDING
    item = dict(talk.screens[LAN])[item_ref]
    assert "xác nhận lúc" not in item.text
    assert item.buttons[0][0].label == messages.AIRED


def test_after_an_undo_the_tap_counts_anew(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.UNDO)

    talk.tap(LAN, messages.AIRED)

    assert talk.kinds() == ["aired", "withdrawn", "aired"]
    assert talk.sign() is Sign.AIRED


def test_a_second_undo_says_that_nothing_is_left(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.press(LAN, f"undo:{talk.duty().id}")

    reply = talk.press(LAN, f"undo:{talk.duty().id}")

    assert reply == messages.NOTHING_TO_UNDO
    assert talk.kinds() == ["aired", "withdrawn"]


def test_a_time_for_a_statement_that_was_taken_back_is_not_recorded(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.press(LAN, f"undo:{talk.duty().id}")

    reply = talk.press(LAN, f"when:{talk.duty().id}:now")

    assert reply == messages.NOTHING_TO_TIME
