"""The officer where there are no buttons and no pictures: words, and what to type."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from airlog import duties, people
from airlog.db import Session
from airlog.models import Delivery
from airlog.rules import Sign
from airlog.types import Rung
from bot.channels.zalo_text import Around, plain_text
from content import messages, zalo_messages
from scheduler.channel import Outgoing
from scheduler.compose import officer_week
from tests.officer_world import ByZalo, deliver
from tests.talk_world import BINH, FAR, HAI, LAN, OFFICER, WEEK, Talk, talk

__all__ = ["talk"]


@pytest.fixture
def zalo(talk: Talk) -> ByZalo:
    talk.tap(LAN, messages.AIRED)
    return ByZalo(talk, OFFICER, LAN, HAI)


def nudges(talk: Talk) -> int:
    return talk.ask(lambda s: len(list(s.scalars(select(Delivery.id).where(Delivery.rung == Rung.NUDGE)))))


@pytest.mark.parametrize(
    "typed",
    ["/tuannay", "danh sách", "nhắc", "duyệt", "/danhsach", "/nhac", "xa bac gia nghia", "xa gia nghĩa", "xa zz",
     "hỏi lại bac gia nghia", "/trogiup", "miễn nam gia nghia"],
)  # fmt: skip
def test_every_answer_is_one_message_of_words_without_a_button_to_press(zalo: ByZalo, typed: str) -> None:
    told = zalo.say(OFFICER, typed)

    assert 0 < len(told) <= 2000 and len(zalo.messages) == 1
    assert (
        "bấm" not in told.lower() and zalo.messages[0].picture is None and zalo.messages[0].document is None
    )


def test_the_week_says_what_to_type(zalo: ByZalo) -> None:
    told = zalo.say(OFFICER, "/tuannay")

    assert "1/28 đài đã phát" in told and "Gõ “danh sách”" in told and "/dangnhap" in told


def test_the_letter_about_a_week_names_what_to_type_and_each_is_understood(zalo: ByZalo) -> None:
    def letter(session: Session) -> Outgoing:
        cuc = people.person_by_phone(session, "0912000005")
        assert cuc is not None
        return officer_week(session, cuc, WEEK, zalo.talk.now)

    told = plain_text(zalo.talk.ask(letter), Around())

    assert "Có thể gõ: “nhắc tuần 48”, “danh sách tuần 48”." in told
    assert "Gõ “nhắc hết” để gửi." in zalo.say(OFFICER, "nhắc tuần 48")
    assert "Bắc Gia Nghĩa" in zalo.say(OFFICER, "danh sách tuần 48")


def test_a_nudge_to_all_is_shown_first_and_sent_by_a_word(zalo: ByZalo) -> None:
    shown = zalo.say(OFFICER, "nhắc")
    before = nudges(zalo.talk)
    told = zalo.say(OFFICER, "Nhac het")

    assert "Gõ “nhắc hết” để gửi." in shown and before == 0
    assert "đang nhắc 3 đài" in told and nudges(zalo.talk) == 3


def test_one_station_is_nudged_by_its_name(zalo: ByZalo) -> None:
    assert "đang nhắc 1 đài" in zalo.say(OFFICER, "nhac nam gia nghia")
    assert "Hôm nay đã nhắc" in zalo.say(OFFICER, "nhắc phường Nam Gia Nghĩa")
    assert nudges(zalo.talk) == 1


def test_the_sheet_says_what_can_be_typed_about_it(zalo: ByZalo) -> None:
    silent, aired = zalo.say(OFFICER, "/xa nam gia nghĩa"), zalo.say(OFFICER, "xã bắc gia nghĩa")

    assert "“nhắc Nam Gia Nghĩa”; “miễn Nam Gia Nghĩa: mất điện”" in silent
    assert "“duyệt Bắc Gia Nghĩa”" in aired and "Gọi: +84912000001" in aired


@pytest.mark.parametrize(
    ("typed", "told"),
    [("miễn nam gia nghia: cúp điện", "lý do: mất điện"), ("mien nam gia nghia: bão số 9 về", "lý do: bão số 9 về"),
     ("miễn Nam Gia Nghĩa: cột loa di dời", "lý do: cột loa di dời")],
)  # fmt: skip
def test_a_week_is_excused_with_a_reason_in_words(zalo: ByZalo, typed: str, told: str) -> None:
    assert told in zalo.say(OFFICER, typed)
    assert zalo.talk.sign(HAI) is Sign.EXCUSED


def test_an_excuse_without_a_reason_is_asked_for_and_writes_nothing(zalo: ByZalo) -> None:
    assert "gõ lý do sau dấu hai chấm" in zalo.say(OFFICER, "miễn nam gia nghia")
    assert zalo.talk.kinds() == ["aired"]


def test_several_weeks_are_excused_and_taken_back_by_words(zalo: ByZalo) -> None:
    told = zalo.say(OFFICER, "miễn nam gia nghĩa đến 13/12: hỏng máy")
    back = zalo.say(OFFICER, "bỏ miễn nam gia nghĩa")

    assert "3 tuần, từ tuần 48 đến hết tuần 50 (13/12)" in told
    assert "Đã bỏ miễn" in back and zalo.talk.sign(HAI) is Sign.PENDING


@pytest.mark.parametrize("until", ["hôm nào", "99", "1/11/2026"])
def test_a_last_day_that_cannot_be_excuses_nothing(zalo: ByZalo, until: str) -> None:
    zalo.say(OFFICER, f"miễn nam gia nghĩa đến {until}: hỏng máy")

    assert zalo.talk.kinds() == ["aired"]


def test_a_statement_is_accepted_by_a_word(zalo: ByZalo) -> None:
    told = zalo.say(OFFICER, "duyệt bắc gia nghĩa")
    again = zalo.say(OFFICER, "duyệt bắc gia nghĩa")

    assert "Đã duyệt" in told and told == again
    assert zalo.talk.kinds() == ["aired", "reviewed"]


def test_a_question_goes_out_and_the_operator_answers_by_words(zalo: ByZalo) -> None:
    said = zalo.say(OFFICER, "hỏi lại bắc gia nghĩa: loa thôn 3 có nghe không")
    deliver(zalo.talk)
    asked = zalo.read(LAN, zalo.talk.screens[LAN][-1][1])
    told = zalo.say(LAN, "trả lời: thôn 3 nghe rõ")
    deliver(zalo.talk)

    assert "Đã ghi câu hỏi" in said
    assert "gõ trả lời rồi gõ câu trả lời" in asked and "hủy" not in asked and "giờ khác" not in asked
    assert "Đã ghi và chuyển cho Đỗ Thị Cúc" in told
    assert "trả lời: “thôn 3 nghe rõ”" in zalo.talk.screens[OFFICER][-1][1].text


def test_the_answer_may_follow_the_word(zalo: ByZalo) -> None:
    zalo.say(OFFICER, "hỏi lại bắc gia nghĩa: loa thôn 3 có nghe không")

    zalo.say(LAN, "Trả lời")
    zalo.say(LAN, "thôn 3 nghe rõ")

    assert zalo.talk.log()[-1].note == "thôn 3 nghe rõ"


def test_a_number_keeps_its_meaning_while_an_answer_is_awaited(zalo: ByZalo) -> None:
    zalo.say(OFFICER, "hỏi lại bắc gia nghĩa: loa thôn 3 có nghe không")
    zalo.say(LAN, "trả lời")

    zalo.say(LAN, "1")

    assert "answered" not in zalo.talk.kinds()


def test_plain_words_are_offered_as_the_answer_and_sent_by_a_word(zalo: ByZalo) -> None:
    zalo.say(OFFICER, "hỏi lại bắc gia nghĩa: loa thôn 3 có nghe không")

    asked = zalo.say(LAN, "thôn 3 nghe rõ chị ạ")
    zalo.say(LAN, "gửi")

    assert "gõ gửi để chuyển" in asked.lower()
    assert zalo.talk.log()[-1].note == "thôn 3 nghe rõ chị ạ"


def test_two_questions_to_one_person_are_told_apart_by_a_code(zalo: ByZalo) -> None:
    for duty_id in zalo.talk.ask(_of_hai):
        zalo.talk.press(HAI, f"aired:{duty_id}")
    zalo.say(OFFICER, "hỏi lại nam gia nghĩa: mấy giờ")
    zalo.say(OFFICER, "hỏi lại quảng sơn: mấy giờ")

    asked = zalo.say(HAI, "trả lời: 17 giờ")
    code = asked.rpartition("Có thể gõ: “trả lời ")[2].partition("”")[0]
    zalo.say(HAI, f"trả lời {code} 17 giờ")

    assert asked.startswith(messages.WHICH_STATION) and len(code) == 2
    assert [line.note for line in zalo.talk.log() if line.kind == "answered"] == ["17 giờ"]


def test_a_statement_is_refused_with_a_reason_in_words(zalo: ByZalo) -> None:
    asked = zalo.say(OFFICER, "không nhận bắc gia nghĩa")
    told = zalo.say(OFFICER, "không nhận bắc gia nghĩa: không nghe loa")

    assert "gõ vài chữ" in asked and "Đã ghi: không chấp nhận" in told
    assert zalo.talk.sign(LAN) is Sign.PENDING


def test_an_operator_who_types_an_officers_words_does_nothing(zalo: ByZalo) -> None:
    told = zalo.say(LAN, "duyệt bắc gia nghĩa")

    assert told == zalo_messages.HINT and zalo.talk.kinds() == ["aired"]


def test_several_places_of_one_name_are_asked_by_words(zalo: ByZalo) -> None:
    assert "gõ đủ, ví dụ: xa Phường Bắc Gia Nghĩa" in zalo.say(OFFICER, "nhắc gia nghĩa")
    assert nudges(zalo.talk) == 0


def test_the_same_words_work_in_telegram(zalo: ByZalo) -> None:
    talk = zalo.talk
    talk.press(FAR, f"aired:{talk.duty(FAR).id}")
    place = talk.duty(FAR).station.area.name

    assert "Đã duyệt" in talk.say(OFFICER, f"duyệt {place}")
    assert talk.say(BINH, "duyệt") == messages.NOT_UNDERSTOOD
    assert "Tuần 48" in talk.say(OFFICER, f"danh sách {WEEK.number}")


def _of_hai(session: Session) -> list[int]:
    address = people.address_of(session, "zalo", ByZalo.BOT, HAI)
    assert address is not None
    codes = [grant.scope for grant in address.person.grants]
    return [duty.id for duty in duties.of_period(session, str(WEEK)) if duty.station.area_code in codes]
