"""Operators ask for the script, name the leader, air items of their own, post, send a proof."""

from __future__ import annotations

import pytest

from airlog import airchecks
from airlog.airchecks import KeptFile
from airlog.models import Rundown
from airlog.rules import Sign
from content import messages
from tests.talk_world import (
    HAI,
    LAN,
    PICTURE,
    WEEK,
    Talk,
    local,
    post_mandate,
    talk,
)

__all__ = ["talk"]


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


def photos(count: int) -> list[KeptFile]:
    names = [str(number) * 64 for number in range(count)]
    return [KeptFile("photo", "image/jpeg", PICTURE.path.with_name(f"{name}.jpg"), 9) for name in names]


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
