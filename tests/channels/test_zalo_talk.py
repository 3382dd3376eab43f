"""A week by Zalo: numbers in place of buttons, and never more on record than was said."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from airlog import access, duties, linking, people
from airlog.db import Session
from airlog.models import Duty
from airlog.pool import Limits
from airlog.rules import Sign
from bot import typed_talk
from bot.channels.zalo_replies import codes
from bot.channels.zalo_text import plain_text
from bot.handlers import handle
from content import messages, zalo_messages
from scheduler.channel import Incoming, IncomingFile
from scheduler.item import item_letter
from tests.talk_world import BINH, HAI, LAN, NEW_PHONE, PICTURE, STRANGER, WEEK, Talk, talk

__all__ = ["talk"]
BOT = "700800900"
GROUP = "g77"


@dataclass
class ZaloTalk:
    """The same people, writing by Zalo. What they read is what a Zalo bot would send."""

    talk: Talk
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def say(self, chat: str, text: str, *, private: bool = True, photo: bool = False) -> str:
        now = self.talk.now
        number = f"{next(self._numbers):020x}"
        incoming = Incoming(
            "zalo", BOT, number, chat, "file" if photo else "text", now, text, number, buttons=False,
            file=IncomingFile("photo", "https://f1.zdn.vn/a.jpg") if photo else None, private=private,
        )  # fmt: skip
        kept = PICTURE if photo else None
        answer = self.talk.ask(lambda s: handle(s, incoming, self.talk.desk, now, kept))
        around = self.talk.ask(lambda s: typed_talk.around(s, "zalo", BOT, chat, now))
        assert answer.edit is None
        return "\n\n".join(plain_text(message, around) for message in answer.messages)

    def notice(self, chat: str) -> list[str]:
        """The weekly messages as this chat gets them."""
        return self.talk.ask(lambda s: self._notice(s, chat))

    def _notice(self, session: Session, chat: str) -> list[str]:
        around = typed_talk.around(session, "zalo", BOT, chat, self.talk.now)
        owed = duties_of(session, chat, self.talk.now)
        letters = [item_letter(session, duty, "zalo", BOT, named=len(owed) > 1) for duty in owed]
        return [plain_text(letter.message, around) for letter in letters]

    def kinds(self) -> list[str]:
        return self.talk.kinds()

    def later(self, **by: float) -> None:
        self.talk.now += timedelta(**by)


def duties_of(session: Session, chat: str, now: datetime) -> list[Duty]:
    address = people.address_of(session, "zalo", BOT, chat)
    assert address is not None
    stations = access.stations_of(session, address.person, now)
    return [duty for one in stations for duty in duties.of_station(session, one, str(WEEK))]


def codes_of(zalo: ZaloTalk, chat: str) -> dict[int, str]:
    return zalo.talk.ask(lambda s: codes([duty.id for duty in duties_of(s, chat, zalo.talk.now)]))


@pytest.fixture
def zalo(talk: Talk) -> ZaloTalk:
    def bind(session: Session) -> None:
        for chat in (LAN, BINH, HAI):
            known = people.address_of(session, "telegram", "123456", chat)
            assert known is not None
            people.add_address(session, known.person, "zalo", BOT, chat, talk.now)

    talk.ask(bind)
    return ZaloTalk(talk)


def test_a_reply_in_a_group_records_nothing_and_says_so_once_a_day(zalo: ZaloTalk) -> None:
    told = [zalo.say(GROUP, "1", private=False) for _ in range(3)]

    assert told == [messages.GROUP_CHAT, "", ""]
    assert zalo.kinds() == []


def test_one_with_nothing_open_records_nothing_and_says_what_stands(zalo: ZaloTalk) -> None:
    zalo.say(LAN, "1")
    before = zalo.kinds()

    again = zalo.say(LAN, "đã phát")

    assert zalo.kinds() == before
    assert "đã xác nhận" in again or "đã báo phát" in again
    assert "bấm" not in again


def test_a_stranger_states_nothing(zalo: ZaloTalk) -> None:
    first, second = zalo.say(STRANGER, "1"), zalo.say(STRANGER, "2")
    zalo.later(minutes=6)

    assert "mã gắn Zalo" in first and second == "" and "mã gắn Zalo" in zalo.say(STRANGER, "ơ")
    assert zalo.kinds() == []


def test_words_nobody_understands_are_answered_once_a_day(zalo: ZaloTalk) -> None:
    told = [zalo.say(LAN, text) for text in ("cảm ơn", "", "ok nhé")]
    zalo.later(hours=24, minutes=1)

    assert told == [zalo_messages.HINT, "", ""]
    assert zalo.say(LAN, "dạ") == zalo_messages.HINT
    assert zalo.kinds() == []


def test_a_hint_for_one_bot_is_none_for_another(zalo: ZaloTalk) -> None:
    zalo.say(LAN, "cảm ơn")

    assert zalo.say(BINH, "cảm ơn") == zalo_messages.HINT


def test_several_open_notices_are_never_guessed_between(zalo: ZaloTalk) -> None:
    asked = zalo.say(HAI, "1")
    refused = zalo.say(HAI, "2")

    assert zalo.kinds() == []
    assert asked.count("Gõ 1 ") == 2 and refused.count("Gõ 2 ") == 2
    assert asked.startswith(messages.WHICH_STATION)


def test_a_code_of_nobodys_records_nothing(zalo: ZaloTalk) -> None:
    mine = set(codes_of(zalo, HAI).values())
    other = next(code for code in ("A2", "B3", "C4", "D5") if code not in mine)

    assert zalo.say(HAI, f"1 {other}") == zalo_messages.no_such_code(other)
    assert zalo.kinds() == []


def test_the_code_of_another_persons_duty_is_unknown_here(zalo: ZaloTalk) -> None:
    (code,) = codes_of(zalo, LAN).values()

    assert "không có tin nào mang mã" in zalo.say(HAI, f"1 {code}")
    assert zalo.kinds() == []


def test_each_of_two_notices_is_confirmed_by_its_own_code(zalo: ZaloTalk) -> None:
    first, second = zalo.notice(HAI)
    code = first.rpartition("gõ 2 ")[2].split()[0]

    zalo.say(HAI, f"1 {code}")

    assert zalo.kinds() == ["aired"]
    assert f"Gõ 1 {code} khi đã phát, gõ 2 {code} khi chưa phát được." in first
    assert code not in second
    assert "Gõ 1 khi đã phát" in zalo.notice(HAI)[1]  # one left: no code any more


def test_the_notice_of_one_station_has_numbers_and_no_code(zalo: ZaloTalk) -> None:
    (text,) = zalo.notice(LAN)

    assert "Gõ 1 khi đã phát, gõ 2 khi chưa phát được." in text
    assert "phát xong gõ số bên dưới" in text
    assert "bấm" not in text and "Lãnh đạo" not in text


def test_aired_then_the_time_in_words(zalo: ZaloTalk) -> None:
    asked = zalo.say(LAN, "1")
    told = zalo.say(LAN, "17:15")

    assert "Tin phát lúc nào?" in asked and "“vừa xong”, “sáng nay”, “chiều qua”, “giờ khác”, “hủy”" in asked
    assert "17 giờ 15" in told
    assert zalo.kinds() == ["aired", "corrected"]


def test_a_bare_number_after_the_question_for_the_time_is_no_hour(zalo: ZaloTalk) -> None:
    zalo.say(LAN, "1")
    before = zalo.kinds()
    for text in ("11", "17", "5", "9"):
        zalo.say(LAN, text)

    assert zalo.kinds() == before


@pytest.mark.parametrize("words", ["vừa xong", "sang nay", "Chiều qua"])
def test_the_offered_times_can_be_typed(zalo: ZaloTalk, words: str) -> None:
    zalo.say(LAN, "1")

    told = zalo.say(LAN, words)

    assert "Đã ghi" in told or "Tin tuần này gửi lúc" in told


def test_a_slip_is_taken_back_by_a_word(zalo: ZaloTalk) -> None:
    zalo.say(LAN, "1")

    told = zalo.say(LAN, "hủy")

    assert "Đã hủy xác nhận" in told and "Khi phát xong, anh/chị gõ 1." in told
    assert zalo.kinds() == ["aired", "withdrawn"]
    assert zalo.talk.sign() is Sign.SILENT or zalo.talk.sign() is Sign.PENDING


def test_not_aired_asks_why_and_takes_the_number_of_the_reason(zalo: ZaloTalk) -> None:
    asked = zalo.say(LAN, "chưa phát")
    told = zalo.say(LAN, "21")

    assert "Gõ 21: Mất điện" in asked and "Gõ 27: Lý do khác" in asked
    assert "lý do: mất điện" in told and "Khi phát được, anh/chị gõ 1." in told
    assert zalo.kinds() == ["not_aired"]


def test_a_reason_of_ones_own_is_typed(zalo: ZaloTalk) -> None:
    for text in ("2", "27", "loa thôn 3 bị sét đánh"):
        told = zalo.say(LAN, text)

    assert "loa thôn 3 bị sét đánh" in told
    assert zalo.kinds() == ["not_aired"]


def test_the_script_can_be_asked_for(zalo: ZaloTalk) -> None:
    assert len(zalo.say(LAN, "3")) > 300


def test_a_photo_is_proof_of_what_was_confirmed(zalo: ZaloTalk) -> None:
    unsaid = zalo.say(LAN, "", photo=True)
    zalo.say(LAN, "1")

    assert "gõ 1 dưới tin đã phát" in unsaid
    assert "Đã nhận ảnh" in zalo.say(LAN, "", photo=True)


def test_a_photo_of_one_of_two_is_asked_about_and_named_by_its_code(zalo: ZaloTalk) -> None:
    for text in zalo.notice(HAI):
        zalo.say(HAI, "1 " + text.rpartition("gõ 2 ")[2].split()[0])
    asked = zalo.say(HAI, "", photo=True)
    code = asked.rpartition("Gõ ảnh ")[2].partition(":")[0]

    assert asked.count("Gõ ảnh ") == 2
    assert "Đã nhận ảnh" in zalo.say(HAI, f"ảnh {code}")


def test_a_code_typed_without_the_command_ties_the_chat(zalo: ZaloTalk) -> None:
    def begin(session: Session) -> str:
        person = people.person_by_phone(session, NEW_PHONE)
        assert person is not None
        return linking.begin(session, person, [BOT], Limits(), zalo.talk.now).code

    code = zalo.talk.ask(begin)

    assert "Máy này đã gắn với" in zalo.say(STRANGER, code)
    assert "bấm" not in zalo.say(STRANGER, "/tuannay")


def test_what_telegram_knows_zalo_knows(zalo: ZaloTalk) -> None:
    zalo.talk.tap(LAN, "Đã phát")

    told = zalo.say(LAN, "1")

    assert zalo.kinds() == ["aired"] and "đã báo phát" in told


def test_numbers_work_in_telegram_too_and_hints_are_not_rare_there(zalo: ZaloTalk) -> None:
    first, second = zalo.talk.say(LAN, "ơ"), zalo.talk.say(LAN, "ơ")
    asked = zalo.talk.say(LAN, "2")

    assert first == second == messages.NOT_UNDERSTOOD
    assert asked == messages.ASK_REASON
