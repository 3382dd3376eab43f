"""Readings of one's own: what may stand in a lexicon, and where it is heard."""

from __future__ import annotations

import unicodedata

import pytest

from audio.render import spoken_words
from audio.speech_text.respelling import clean_reading, clean_word, reading_trouble, word_trouble


@pytest.mark.parametrize(
    ("reading", "told"),
    [
        ("", "chưa ghi cách đọc"),
        ("krông nô", "“krông” không phải một tiếng"),
        ("xã 4", "“4” không phải một tiếng"),
        ("vê nờ!", "“nờ!” không phải một tiếng"),
        ("đăc lắc", "tiếng “đăc” cần có dấu sắc hoặc dấu nặng"),
        ("bàc", "tiếng “bàc” cần có dấu sắc hoặc dấu nặng"),
        ("một ia", "máy luôn đọc “ia” thành “i a”"),
        ("la " * 21, "dài 21 tiếng, tối đa 20"),
    ],
)
def test_a_reading_that_no_voice_can_say_is_refused_by_its_syllable(reading: str, told: str) -> None:
    assert told in (reading_trouble(clean_reading(reading), 200) or "")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (" ", "chưa ghi từ nào"),
        ("a" * 81, "dài 81 ký tự, tối đa 80"),
        ("123", "có ít nhất một chữ"),
        ("-xã", "phải bắt đầu và kết thúc bằng chữ hoặc số"),
        ("NTM.", "phải bắt đầu và kết thúc bằng chữ hoặc số"),
    ],
)
def test_a_word_that_cannot_be_found_in_a_text_is_refused(word: str, told: str) -> None:
    assert told in (word_trouble(clean_word(word), 80) or "")


@pytest.mark.parametrize("reading", ["Cờ-Rông  nô", "cờ rông nô", unicodedata.normalize("NFD", "CỜ RÔNG NÔ")])
def test_a_reading_is_typed_in_many_ways_and_kept_in_one(reading: str) -> None:
    assert clean_reading(reading) == "cờ rông nô"
    assert reading_trouble("cờ rông nô", 200) is None


@pytest.mark.parametrize(
    "written", ["Đắk Wil", "đắk wil", "ĐẮK WIL", "Ðắk Wil", unicodedata.normalize("NFD", "Đắk Wil")]
)
def test_an_entry_is_heard_however_its_word_is_written(written: str) -> None:
    assert spoken_words(f"Bà con {written}.", {"đắk wil": "đắc quên"}) == "Bà con đắc quên."


def test_an_entry_wins_over_the_rules_and_the_national_list() -> None:
    own = {"krông": "công", "ntm": "làng mới", "otp": "mã mật"}

    assert spoken_words("Krông NTM OTP", own) == "công làng mới mã mật"


def test_the_longest_entry_wins_where_several_fit() -> None:
    own = {"krông": "công", "krông nô": "cờ rông no"}

    assert spoken_words("Krông Nô và Krông Ana", own) == "cờ rông no và công a na"


@pytest.mark.parametrize(
    "address",
    ["vneid.gov.vn", "https://vneid.gov.vn/tai-ve", "hotro@vneid.gov.vn", "(www.vneid.gov.vn)", "VNeID.com"],
)
def test_an_address_is_read_as_addresses_are(address: str) -> None:
    own = {"vneid": "thẻ số", "gov": "gốp", "hotro": "hỗ trợ"}

    assert spoken_words(f"Xem {address} nhé", own) == spoken_words(f"Xem {address} nhé")
    assert spoken_words(f"Xem {address}. VNeID-VNeID/VNeID.", own).count("thẻ số") == 3


def test_a_full_stop_without_its_blank_makes_no_address() -> None:
    assert spoken_words("Krông.Krông", {"krông": "công"}) == "công. công"


def test_an_entry_is_not_heard_inside_another_word() -> None:
    assert spoken_words("Nam Đà, Namibia", {"nam": "nàm"}).startswith("nàm Đà, ")
    assert "nàm" not in spoken_words("Vietnamese", {"nam": "nàm"})


def test_curly_and_plain_apostrophes_are_one() -> None:
    assert clean_word("H’Leo") == clean_word("H'Leo") == clean_word("HʼLeo")
    assert spoken_words("xã Ea H’Leo", {"h'leo": "hờ leo"}) == "xã ê a hờ leo"


def test_paragraphs_stay_apart_and_without_a_lexicon_nothing_changes() -> None:
    text = "Xã Đắk Wil.\n\nXã Krông Nô."

    assert spoken_words(text, {}) == spoken_words(text) == "Xã đắc uyn.\n\nXã cờ rông Nô."
