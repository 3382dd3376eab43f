"""A commune's name as people type it."""

from __future__ import annotations

import csv
import unicodedata
from importlib.resources import files

import pytest

from content.typed_place import distance, find_places, place_key

NAMES = (
    "Phường Bắc Gia Nghĩa",
    "Phường Nam Gia Nghĩa",
    "Xã Đắk Wil",
    "Xã Đắk Mil",
    "Xã Tà Đùng",
    "Xã Đức An",
)


def found(typed: str) -> list[str]:
    return [NAMES[number] for number in find_places(typed, NAMES).found]


@pytest.mark.parametrize(
    "typed",
    ["Đắk Wil", "dak wil", "ĐẮK WIL", "xã Đắk Wil", "xa dak wil", "x. dak wil", "Xã  Đắk-Wil", "dakwil", "Đăk Wil",
     unicodedata.normalize("NFD", "Xã Đắk Wil"), "  wil ", "dak will", "dac wil", "dka wil", "đắk wi"],
)  # fmt: skip
def test_a_name_is_understood_as_people_type_it(typed: str) -> None:
    assert found(typed) == ["Xã Đắk Wil"]


@pytest.mark.parametrize("typed", ["", "   ", "...", "xã", "🙂"])
def test_what_names_nothing_finds_nothing(typed: str) -> None:
    assert found(typed) == []


def test_two_letters_wrong_is_another_name_and_the_nearest_three_are_told() -> None:
    match = find_places("dax wyl", NAMES)

    assert match.found == ()
    assert NAMES[match.nearest[0]] == "Xã Đắk Wil" and len(match.nearest) == 3


def test_a_short_name_allows_no_slip() -> None:
    assert find_places("mu", ("Xã Mã",)).found == ()
    assert find_places("bato", ("Xã Ba Tơ", "Xã Ba Xa")).found == (0,)


def test_part_of_a_name_may_mean_several() -> None:
    assert found("gia nghĩa") == ["Phường Bắc Gia Nghĩa", "Phường Nam Gia Nghĩa"]
    assert found("đắk") == ["Xã Đắk Wil", "Xã Đắk Mil"]


def test_one_letter_wrong_may_mean_two_places() -> None:
    assert found("dak til") == ["Xã Đắk Wil", "Xã Đắk Mil"]


def test_the_very_name_wins_over_names_that_hold_it() -> None:
    names = ("Xã An Bình", "Xã Tân An Bình", "Phường An Bình")

    assert find_places("an binh", names).found == (0, 2)


def test_a_number_belongs_to_the_name() -> None:
    names = ("Phường Hà Giang 1", "Phường Hà Giang 2")

    assert find_places("ha giang 2", names).found == (1,)


@pytest.mark.parametrize(
    ("one", "other", "steps"), [("dak", "dak", 0), ("dak", "da", 1), ("dak", "dka", 1), ("dak", "dok", 1), ("a", "xyz", 3)]
)  # fmt: skip
def test_a_slip_is_a_letter_changed_added_left_out_or_swapped(one: str, other: str, steps: int) -> None:
    assert distance(one, other) == distance(other, one) == steps


def test_every_commune_of_the_country_is_found_by_its_own_name_without_accents() -> None:
    text = (files("airlog") / "communes-2026.csv").read_text(encoding="utf-8")
    names = sorted({row["name"] for row in csv.DictReader(text.splitlines()) if row["province_code"] == "68"})

    for number, name in enumerate(names):
        assert number in find_places(place_key(name), names).found, name
        assert number in find_places(name.upper(), names).found, name
