"""What people type where there are no buttons: read exactly, and never guessed."""

from __future__ import annotations

import unicodedata

import pytest

from bot.channels.zalo_replies import Reply, codes, read_reply, typed_form, with_code
from content import messages
from content.typed_time import BadTime, parse_time_vi


@pytest.mark.parametrize(
    "text",
    [
        "", "ok", "dạ", "cảm ơn", "rồi", "10", "12", "20", "29", "0", "01", "1 2", "1 và 2", "1/2", "A7", "1 7A",
        "tôi chưa phát mà", "đã phát chưa", "chưa chắc đã phát", "phát", "17:30", "17h30 24/11", "2 1", "11", "1 chưa phát",
        "không đã phát", "1 A0", "👍", "x" * 5000,
    ],
)  # fmt: skip
def test_what_is_not_listed_means_nothing(text: str) -> None:
    assert read_reply(text) is None


@pytest.mark.parametrize(
    "text",
    ["1", " 1 ", "1.", "đã phát", "Đã phát", "DA PHAT", "da phat roi", "Đã phát ạ", "đã phát nhé.", "phat roi",
     "Phát xong", "1 đã phát", "1. Đã phát", unicodedata.normalize("NFD", "đã phát")],
)  # fmt: skip
def test_aired_is_understood_as_people_type_it(text: str) -> None:
    assert read_reply(text) == Reply("aired")


@pytest.mark.parametrize(
    "text", ["2", "chưa phát", "Chưa phát được", "chua phat duoc a", "không phát được", "2 chưa phát"]
)
def test_not_aired_is_understood_as_people_type_it(text: str) -> None:
    assert read_reply(text) == Reply("cannot")


@pytest.mark.parametrize(
    "text", ["1 A7", "1a7", "1 a7.", "1, A7", "1-A7", "đã phát A7", "da phat a7", "1 đã phát A7 ạ"]
)
def test_a_code_names_the_notice(text: str) -> None:
    assert read_reply(text) == Reply("aired", code="A7")


def test_a_reason_has_its_own_number() -> None:
    told = [read_reply(f"2{n}") for n in range(1, len(messages.REASONS) + 1)]

    assert [reply and (reply.act, reply.extra) for reply in told] == [
        ("why", code) for code in messages.REASONS
    ]
    assert read_reply("21 B3") == Reply("why", "no_power", "B3")


def test_every_form_is_read_back_as_what_it_stands_for() -> None:
    keys = [("aired", ""), ("cannot", ""), ("script", ""), ("got", ""), ("again", ""), ("known", ""), ("old", ""),
            ("notold", ""), ("new", ""), ("when", "now"), ("when", "morning"), ("when", "yesterday"),
            ("when", "other"), ("own", "instead"), ("undo", ""), ("proofof", "")]  # fmt: skip

    forms = [typed_form(*key) for key in keys]
    assert [read_reply(form or "") for form in forms] == [Reply(*key) for key in keys]
    assert len(set(forms)) == len(forms)


def test_no_form_is_also_a_time_that_somebody_may_be_asked_for() -> None:
    from bot.channels.zalo_replies import _MEANT

    for words in _MEANT:
        with pytest.raises(BadTime):
            parse_time_vi(words)


def test_codes_follow_from_the_duty_and_differ_within_a_person() -> None:
    found = codes(range(1000, 1136))

    assert len(set(found.values())) == 136
    assert found[1005] == codes([1005])[1005]
    assert all(len(code) == 2 and not set(code) & set("01ILOQ") for code in found.values())


def test_two_duties_that_share_a_short_code_get_long_ones() -> None:
    found = codes([5, 5 + 136])

    assert len(set(found.values())) == 2 and {len(code) for code in found.values()} == {4}
    assert all(with_code(code, [5, 141]) == [one] for one, code in found.items())
    assert with_code(codes([5])[5], [5, 141]) == [5, 141]  # the short one is asked about
    assert with_code("A9", [5, 141]) == []
