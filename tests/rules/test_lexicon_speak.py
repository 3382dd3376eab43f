"""`loaxa speak --words`: what will be said, and what is not sure, on a machine without voice and store."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from bot import cli_items, console
from bot.cli import app


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["speak", *words, "--words"])


@pytest.mark.parametrize("text", ["", "  \n "])
def test_no_text_is_refused(text: str) -> None:
    ran = said("--text", text)

    assert isinstance(ran.exception, console.CommandFailed) and "Chưa có gì để đọc" in str(ran.exception)


def test_a_text_beyond_measure_is_refused_with_its_length() -> None:
    ran = said("--text", "a " * cli_items.MOST_CHARS)

    assert isinstance(ran.exception, console.CommandFailed)
    assert "Văn bản dài 400000 ký tự" in str(ran.exception)


def test_a_text_without_marks_is_read_and_marked_as_a_whole() -> None:
    ran = said("--text", "ba con nho khong doc ma xac nhan cho nguoi la")

    assert ran.exit_code == 0
    assert ran.output.splitlines()[0] == "ba con nho khong doc ma xac nhan cho nguoi la"
    assert "gõ không dấu" in ran.output


@pytest.mark.parametrize(
    "text", ["https://dichvucong.gov.vn", "Wi-Fi", "Bà con nhớ nhé", "one two three four"]
)
def test_a_text_that_has_its_marks_or_is_foreign_is_not_called_unmarked(text: str) -> None:
    assert "gõ không dấu" not in said("--text", text).output


def test_a_text_of_signs_says_that_nothing_will_be_read() -> None:
    assert said("--text", "🎉 ***").output.startswith("(không có tiếng nào để đọc)")


def test_bytes_that_are_no_letters_do_not_stop_it() -> None:
    assert said("--text", "xin ch\udcffao").exit_code == 0


def test_words_come_first_and_each_doubt_with_its_reason() -> None:
    shown = said("--text", "Ngày 10/10, gọi QZX tại xã Đắk Wil").output.splitlines()

    assert shown[0].startswith("Ngày mùng mười tháng mười, gọi quy dét ích xì")
    assert shown[1].strip().startswith("chưa chắc: “QZX” (")


def test_machines_get_the_places_of_the_doubts() -> None:
    ran = CliRunner().invoke(app, ["speak", "--text", "Theo QZX-77", "--words", "--json"])

    found = json.loads(ran.output)
    assert [(one["start"], one["end"], one["text"]) for one in found["doubts"]] == [(5, 8, "QZX")]
