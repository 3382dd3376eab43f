"""What operators say and tap, and what stands in the log after it."""

from __future__ import annotations

import unicodedata
from datetime import time, timedelta

import pytest
from sqlalchemy import update

from airlog import airchecks, deliveries
from airlog.airchecks import KeptFile
from airlog.models import Delivery, Person, Rundown
from airlog.rules import Sign
from airlog.types import AddressState, DeliveryState, MissedReason
from content import messages
from content.week import LOCAL
from tests.talk_world import (
    BINH,
    FAR,
    HAI,
    ITEM_SENT,
    LAN,
    LONG_AGO,
    OFFICER,
    PICTURE,
    STRANGER,
    TUESDAY,
    WEEK,
    Talk,
    airings,
    invite_code,
    post_mandate,
    talk,
)

__all__ = ["talk"]


def local(moment: object) -> str:
    return f"{moment.astimezone(LOCAL):%d/%m %H:%M}" if moment else ""  # type: ignore[attr-defined]


# ---- “Đã phát”, and when -------------------------------------------------------------------------------


def test_the_tap_is_stored_as_the_statement_and_asks_when(talk: Talk) -> None:
    reply = talk.tap(LAN, messages.AIRED)

    (entry,) = talk.log()
    assert (entry.kind, entry.stated_at, entry.aired_at) == ("aired", TUESDAY, None)
    assert "17 giờ 25, thứ Ba 24/11" in reply and "Tin phát lúc nào?" in reply
    assert talk.labels(LAN)[:4] == ["Vừa phát xong", "Sáng nay", "Chiều qua", "Giờ khác"]


def test_no_time_before_the_item_was_out_is_offered(talk: Talk) -> None:
    talk.now = WEEK.at(0, time(9))  # the item came at 7:30; the first slot of the day was at 5

    talk.tap(LAN, messages.AIRED)

    assert talk.labels(LAN)[:2] == ["Vừa phát xong", "Giờ khác"]


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


# ---- leader, script, own items, posts ------------------------------------------------------------------


def test_the_leaders_consent_is_logged_once_and_counts_as_nothing_else(talk: Talk) -> None:
    talk.tap(LAN, messages.LEADER)
    talk.tap(LAN, messages.LEADER)

    assert talk.kinds() == ["leader_cleared"] and talk.sign() is Sign.PENDING


def test_the_script_comes_with_its_title(talk: Talk) -> None:
    reply = talk.tap(LAN, messages.SCRIPT)

    title = talk.ask(lambda s: s.get_one(Rundown, talk.duty().rundown_id).version.item.title)
    assert reply.startswith(title) and "bà con" in reply.lower()
    assert talk.log() == []


def test_an_own_item_meets_the_duty_of_its_week(talk: Talk) -> None:
    talk.say(LAN, "/tincuadai")

    reply = talk.say(LAN, "Bà con thôn 5, cùng học VNeID, 17:00 24/11")

    (entry,) = talk.log()
    assert (entry.own_title, local(entry.aired_at)) == ("Bà con thôn 5, cùng học VNeID", "24/11 17:00")
    assert entry.item_version_id is None and talk.sign() is Sign.AIRED
    assert "Bà con thôn 5, cùng học VNeID" in reply


def test_time_and_day_may_be_set_off_by_a_comma(talk: Talk) -> None:
    talk.say(LAN, "/tincuadai")

    talk.say(LAN, "Tin thôn 5, 17:00, 24/11")

    assert [(e.own_title, local(e.aired_at)) for e in talk.log()] == [("Tin thôn 5", "24/11 17:00")]


def test_an_own_item_of_last_week_goes_to_last_weeks_duty(talk: Talk) -> None:
    talk.say(LAN, "/tincuadai")

    talk.say(LAN, "Tin thôn 5, 17:00 20/11")

    assert talk.log()[0].period == str(WEEK.shift(-1))
    assert talk.sign(week=WEEK.shift(-1)) is Sign.AIRED and talk.sign() is Sign.PENDING


def test_an_own_item_of_a_week_without_duty_is_refused(talk: Talk) -> None:
    talk.say(LAN, "/tincuadai")

    reply = talk.say(LAN, "Tin thôn 5, 17:00 2/9")

    assert talk.log() == [] and "không thuộc" in reply


@pytest.mark.parametrize("typed", ["Tin thôn 5", "Tin thôn 5, hôm nọ", "17:00 24/11", ", 17:00"])
def test_an_own_item_without_title_or_time_is_asked_again(talk: Talk, typed: str) -> None:
    talk.say(LAN, "/tincuadai")

    reply = talk.say(LAN, typed)

    assert talk.log() == [] and "ví dụ" in reply


def test_an_own_item_that_lies_ahead_is_not_recorded(talk: Talk) -> None:
    talk.say(LAN, "/tincuadai")

    reply = talk.say(LAN, "Tin thôn 5, 17:00 25/11")

    assert talk.log() == [] and reply.startswith("Chưa tới")


def test_an_own_item_aired_twice_is_two_airings(talk: Talk) -> None:
    for typed in ("Tin thôn 5, 05:00 24/11", "Tin thôn 5, 17:00 24/11"):
        talk.say(LAN, "/tincuadai")
        talk.say(LAN, typed)

    assert [local(e.aired_at) for e in talk.log()] == ["24/11 05:00", "24/11 17:00"]


def test_after_an_own_item_the_weeks_item_can_still_be_confirmed(talk: Talk) -> None:
    talk.say(LAN, "/tincuadai")
    talk.say(LAN, "Tin thôn 5, 05:00 24/11")

    talk.tap(LAN, messages.AIRED)

    assert [entry.own_title for entry in talk.log()] == ["Tin thôn 5", None]


def test_the_same_airing_of_an_own_item_twice_is_one(talk: Talk) -> None:
    for _ in range(2):
        talk.say(LAN, "/tincuadai")
        talk.say(LAN, "Tin thôn 5, 05:00 24/11")

    assert len(talk.log()) == 1


def test_an_own_item_beside_the_weeks_item_leaves_that_one_standing(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.JUST_NOW)
    talk.say(LAN, "/tincuadai")

    talk.say(LAN, "Tin thôn 5, 05:00 24/11")

    assert talk.kinds() == ["aired", "corrected", "aired"]


def test_who_serves_two_stations_is_asked_which_aired_its_own_item(talk: Talk) -> None:
    talk.say(HAI, "/tincuadai")
    second = talk.labels(HAI)[1]
    talk.tap(HAI, second)

    talk.say(HAI, "Tin thôn 5, 05:00 24/11")

    assert second.lower() in talk.screens[HAI][-1][1].text.lower()
    assert len(talk.log()) == 1


def test_a_post_is_proven_by_its_address(talk: Talk) -> None:
    duty = talk.ask(post_mandate)
    talk.press(LAN, f"aired:{duty.id}")

    reply = talk.say(LAN, "https://dakwil.lamdong.gov.vn/tin/1")

    (entry,) = talk.log()
    assert (entry.duty_id, entry.url) == (duty.id, "https://dakwil.lamdong.gov.vn/tin/1")
    assert "https://dakwil.lamdong.gov.vn/tin/1" in reply


@pytest.mark.parametrize("typed", ["đã đăng rồi", "ftp://x.vn", "http://xvn"])
def test_a_post_without_an_address_is_asked_again(talk: Talk, typed: str) -> None:
    duty = talk.ask(post_mandate)
    talk.press(LAN, f"aired:{duty.id}")

    reply = talk.say(LAN, typed)

    assert (talk.log(), reply) == ([], messages.ASK_URL)


def test_a_second_post_is_a_line_of_its_own_and_the_same_one_is_not(talk: Talk) -> None:
    duty = talk.ask(post_mandate)
    for url in ("https://a.vn/1", "https://a.vn/1", "https://a.vn/2"):
        talk.press(LAN, f"aired:{duty.id}")
        talk.say(LAN, url)

    assert [entry.url for entry in talk.log()] == ["https://a.vn/1", "https://a.vn/2"]


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


# ---- proof ---------------------------------------------------------------------------------------------


def test_a_photo_that_was_asked_for_is_tied_to_the_statement(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.PROOF)

    reply = talk.send_file(LAN)

    (proof,) = talk.ask(lambda s: airchecks.of_duty(s, talk.duty().id))
    assert (proof.sha256, proof.kind) == (PICTURE.path.stem, "photo")
    assert "Đã nhận ảnh" in reply


def test_several_photos_in_one_go_are_all_kept(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.PROOF)

    for kept in photos(3):
        talk.send_file(LAN, kept)

    assert len(talk.ask(lambda s: airchecks.of_duty(s, talk.duty().id))) == 3


def test_an_unasked_photo_is_tied_to_the_one_airing_it_can_mean(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    reply = talk.send_file(LAN)

    assert "Đã nhận ảnh" in reply and "tuần 48" in reply
    assert len(talk.ask(lambda s: airchecks.of_duty(s, talk.duty().id))) == 1


def test_unasked_photos_that_could_mean_two_airings_are_asked_about_and_none_is_lost(talk: Talk) -> None:
    for week in (WEEK.shift(-1), WEEK):
        talk.press(LAN, f"aired:{talk.duty(week=week).id}")
    for kept in photos(2):
        reply = talk.send_file(LAN, kept)
    assert reply == messages.PROOF_FOR_WHICH

    talk.tap(LAN, next(label for label in talk.labels(LAN) if "47" in label))

    last_week = talk.duty(week=WEEK.shift(-1)).id
    assert len(talk.ask(lambda s: airchecks.of_duty(s, last_week))) == 2


def test_a_photo_when_nothing_was_confirmed_says_what_to_do(talk: Talk) -> None:
    reply = talk.send_file(LAN)

    assert reply == messages.PROOF_OF_NOTHING


def test_a_file_that_was_refused_gets_its_reason(talk: Talk) -> None:
    reply = talk.send_file(LAN, messages.file_too_large(20))

    assert "tối đa 20 MB" in reply and talk.log() == []


# ---- words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["đã phát", "Da phat", "ĐÃ PHÁT RỒI", "đã phát xong.", "1", "Phát rồi ạ"])
def test_aired_may_be_typed(talk: Talk, typed: str) -> None:
    talk.say(LAN, typed)

    assert talk.kinds() == ["aired"]


def test_decomposed_letters_are_understood(talk: Talk) -> None:
    talk.say(LAN, unicodedata.normalize("NFD", "Đã phát"))

    assert talk.kinds() == ["aired"]


def test_decomposed_titles_are_stored_composed(talk: Talk) -> None:
    talk.say(LAN, "/tincuadai")
    talk.say(LAN, unicodedata.normalize("NFD", "Bản tin thôn Đắk Wil, 05:00 24/11"))

    assert talk.log()[0].own_title == "Bản tin thôn Đắk Wil"


def test_aired_typed_again_changes_nothing(talk: Talk) -> None:
    talk.say(LAN, "đã phát")

    reply = talk.say(LAN, "đã phát")

    assert (reply, talk.kinds()) == (messages.already(TUESDAY), ["aired"])


def test_aired_typed_long_after_shows_what_stands(talk: Talk) -> None:
    talk.say(LAN, "đã phát")
    talk.say(LAN, "17:10")

    reply = talk.say(LAN, "đã phát")

    assert "đã báo phát tin tuần 48, phát lúc 17 giờ 10" in reply


def test_aired_typed_about_last_months_message_does_not_confirm_this_week(talk: Talk) -> None:
    talk.press(LAN, f"aired:{talk.duty(week=LONG_AGO).id}")

    talk.say(LAN, "đã phát rồi")

    assert talk.log() == []


def test_aired_typed_by_who_serves_two_stations_is_asked_which(talk: Talk) -> None:
    reply = talk.say(HAI, "đã phát")

    assert reply == messages.WHICH_STATION and talk.log() == []
    talk.tap(HAI, talk.labels(HAI)[1])
    assert talk.kinds() == ["aired"]


@pytest.mark.parametrize("typed", ["xin chào", "???", "a" * 4000, "https://x.vn", "/"])
def test_unknown_words_change_nothing_and_show_the_way(talk: Talk, typed: str) -> None:
    reply = talk.say(LAN, typed)

    assert talk.log() == [] and ("/trogiup" in reply)


def test_the_operators_week_shows_the_item_again(talk: Talk) -> None:
    reply = talk.say(LAN, "/tuannay")

    assert "Tin tuần 48 (23-29/11)" in reply and messages.AIRED in talk.labels(LAN)


def test_the_operators_week_shows_how_it_stands(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    reply = talk.say(LAN, "/TuanNay")

    assert "đã báo phát tin tuần 48" in reply and "chưa ghi giờ phát" in reply


@pytest.mark.parametrize(
    "data",
    ["", "aired", "aired:", "aired:x", "aired:²", "aired:999999", "aired:99999999999999999999", "keep:{}:x",
     "keep:{}:99999999999999", "when:{}:", "when:{}:noon", "nope:{}", "camp:1", "list:2026-W48", "camp:launch-x"],
)  # fmt: skip
def test_a_button_that_never_was_is_answered_and_changes_nothing(talk: Talk, data: str) -> None:
    reply = talk.press(LAN, data.format(talk.duty().id))

    assert reply and talk.log() == []


# ---- who is who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["/start {}", "{}", " /start  {} ", "/start@loaxa_bot {}", "/START {}"])
def test_an_invite_code_ties_the_chat_to_the_person(talk: Talk, typed: str) -> None:
    code = talk.ask(invite_code)

    reply = talk.say(STRANGER, typed.format(code))

    assert "Hồ Văn Mới" in reply and "Đài truyền thanh" in reply
    assert talk.address(STRANGER) is not None


def test_a_code_in_small_letters_is_the_same_code(talk: Talk) -> None:
    code = talk.ask(invite_code)

    assert "Hồ Văn Mới" in talk.say(STRANGER, code.lower())


def test_an_unknown_code_binds_nobody(talk: Talk) -> None:
    reply = talk.say(STRANGER, "/start WRNGCDE2")

    assert "không đúng" in reply and talk.address(STRANGER) is None
    assert talk.refusals() == ["invite"]


def test_a_code_is_used_once(talk: Talk) -> None:
    code = talk.ask(invite_code)
    talk.say(STRANGER, f"/start {code}")

    reply = talk.say("2002", f"/start {code}")

    assert "Mã mời này đã dùng lúc 17 giờ 25 ngày 24/11" in reply
    assert talk.address("2002") is None


@pytest.mark.parametrize("typed", ["/start {}", "/start"])
def test_start_again_in_the_same_chat_only_greets(talk: Talk, typed: str) -> None:
    code = talk.ask(invite_code)
    talk.say(STRANGER, f"/start {code}")

    reply = talk.say(STRANGER, typed.format(code))

    assert "Chào anh/chị Hồ Văn Mới" in reply


def test_a_code_for_somebody_else_does_not_take_over_a_chat(talk: Talk) -> None:
    code = talk.ask(invite_code)

    reply = talk.say(LAN, f"/start {code}")

    assert "Máy này đang gắn với Trần Thị Lan" in reply
    assert "Hồ Văn Mới" in talk.say(STRANGER, f"/start {code}")


def test_after_five_wrong_codes_even_the_right_one_waits(talk: Talk) -> None:
    code = talk.ask(invite_code)
    for number in range(5):
        talk.say(STRANGER, f"/start WRONG{number}22")

    reply = talk.say(STRANGER, f"/start {code}")

    assert "sau một giờ" in reply and talk.address(STRANGER) is None


@pytest.mark.parametrize("act", ["text", "press", "file"])
def test_a_stranger_is_asked_for_the_code(talk: Talk, act: str) -> None:
    replies = {
        "text": lambda: talk.say(STRANGER, "đã phát"),
        "press": lambda: talk.press(STRANGER, f"aired:{talk.duty().id}"),
        "file": lambda: talk.send_file(STRANGER),
    }

    assert replies[act]() == messages.NEED_CODE
    assert talk.log() == []


def test_a_group_gets_no_confirmation_recorded(talk: Talk) -> None:
    reply = talk.say(LAN, "đã phát", private=False)

    assert reply == messages.GROUP_CHAT and talk.log() == []


def test_a_code_is_not_taken_in_a_group(talk: Talk) -> None:
    code = talk.ask(invite_code)

    talk.say("-500", f"/start {code}", private=False)

    assert talk.address("-500") is None


def test_whoever_blocks_is_not_written_to_until_they_are_back(talk: Talk) -> None:
    talk.event(LAN, "blocked")
    blocked = talk.address(LAN)

    talk.event(LAN, "other")

    back = talk.address(LAN)
    assert blocked is not None and blocked.state is AddressState.BLOCKED
    assert back is not None and back.state is AddressState.ACTIVE


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


def photos(count: int) -> list[KeptFile]:
    names = [str(number) * 64 for number in range(count)]
    return [KeptFile("photo", "image/jpeg", PICTURE.path.with_name(f"{name}.jpg"), 9) for name in names]
