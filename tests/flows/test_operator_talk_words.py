"""Words nobody understands, and who is who."""

from __future__ import annotations

import unicodedata

import pytest

from airlog.types import AddressState
from content import messages
from tests.talk_world import (
    HAI,
    LAN,
    LONG_AGO,
    STRANGER,
    TUESDAY,
    Talk,
    invite_code,
    talk,
)

__all__ = ["talk"]


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
