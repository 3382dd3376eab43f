"""Long texts are cut where a reader would pause, and no letter is lost."""

from __future__ import annotations

import pytest

from bot.channels.text_parts import shorten, split_text, utf16_units


def test_emoji_count_twice_as_telegram_counts_them() -> None:
    assert utf16_units("Tuần 📣") == len("Tuần 📣".encode("utf-16-le")) // 2 == 7


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("",)),
        ("vừa khít!!", ("vừa khít!!",)),
        ("đoạn một\n\nđoạn hai", ("đoạn một", "đoạn hai")),
        ("một hai\nba bốn", ("một hai", "ba bốn")),
        ("một hai ba bốn", ("một hai ba", "bốn")),
        ("một hai baa bốn", ("một hai", "baa bốn")),
        ("dàikhôngcódấucách", ("dàikhôngcó", "dấucách")),
        ("📣📣📣📣📣📣", ("📣📣📣📣📣", "📣")),
        ("  một hai ba bốn \n", ("một hai ba", "bốn")),
        ("một hai ba      \n", ("một hai ba",)),
        ("📣 📣 📣 📣 📣", ("📣 📣 📣", "📣 📣")),
    ],
)
def test_a_text_is_cut_at_a_paragraph_a_line_or_a_word(text: str, parts: tuple[str, ...]) -> None:
    assert split_text(text, 10, 10) == parts


def test_the_first_part_may_have_a_limit_of_its_own() -> None:
    assert split_text("một hai ba bốn năm", 4, 10) == ("một", "hai ba bốn", "năm")


def test_a_shortened_text_fits_and_shows_that_it_goes_on() -> None:
    assert shorten("một hai ba bốn", 10) == "một hai…"
    assert shorten("một hai ba", 10) == "một hai ba"
