"""Slips of the finger on the command line: years and numbers no calendar or column can hold."""

from __future__ import annotations

import pytest

from tests.cli_world import NOW, Desk, desk

__all__ = ["desk"]

BIG = "9" * 25


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("week", "9999-W52"), "nằm ngoài lịch phát"),
        (("week", "0001-W01"), "nằm ngoài lịch phát"),
        (("week", "2026-W48", "--now", "0001-01-01T00:00"), "nằm ngoài lịch phát"),
        (("campaign", "plan", "--name", "N", "--start", "9999-W52", "--weeks", "9"), "nằm ngoài lịch phát"),
        (
            ("report", "six-months", "--to", "9999-12-31", "--area", "68", "--out", "r"),
            "nằm ngoài lịch phát",
        ),
        (
            ("report", "six-months", "--to", "0001-01-01", "--area", "68", "--out", "r"),
            "nằm ngoài lịch phát",
        ),
        (("item", "clear", BIG, "--by", "0912000012"), "Không có tin số"),
        (("campaign", "launch", BIG), "không ghi được"),
        (("login-link", "abc"), "Số điện thoại “abc” không đọc được. "),
        (("send", "--week", "2026-W40", "--now", NOW), "đã qua"),
        (("send", "--week", "2030-W01", "--now", NOW), "chưa có chiến dịch"),
        (("demo", "--speed", "nan"), "Tốc độ"),
    ],
)
def test_a_number_out_of_reach_is_refused_in_one_sentence(
    desk: Desk, words: tuple[str, ...], told: str
) -> None:
    desk.fill().close()

    ran = desk.run(*words)

    assert (ran.status, ran.out) == (1, "")
    assert told in ran.err and len(ran.err.splitlines()) == 1


def test_a_port_there_cannot_be_is_a_usage_error(desk: Desk) -> None:
    ran = desk.run("run", "--port", "99999")

    assert ran.status == 2 and "--port" in ran.err


def test_a_week_refused_by_send_makes_no_duties(desk: Desk) -> None:
    desk.fill().close()

    desk.run("send", "--week", "2030-W01", "--now", NOW)

    assert desk.run("week", "2030-W01", "--json").data["stations"] == []
