"""Moving, freezing and unfreezing as an administrator types it."""

from __future__ import annotations

import io
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from airlog import freeze
from airlog.db import Database
from airlog.models import Delivery, LogEntry, Rundown
from airlog.types import DeliveryState
from tests.cli_world import NOW, Desk, desk, keys_of
from tests.conftest import STORES, Stores
from tests.flows.test_cli import documented
from tests.talk_world import TUESDAY, give_sound

__all__ = ["desk"]


@pytest.fixture(params=STORES)
def elsewhere(request: pytest.FixtureRequest, stores: Stores) -> str:
    """The URL of an empty store of each kind."""
    return stores.empty(request.param)


def point_at(monkeypatch: pytest.MonkeyPatch, url: str, var: str = "var-moi") -> None:
    monkeypatch.setenv("LOAXA_DATABASE_URL", url)
    monkeypatch.setenv("LOAXA_VAR_DIR", var)


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def lines_of(url: str) -> int:
    db = Database(url)
    try:
        if db.is_empty():
            return 0
        with db.reading() as session:
            return len(session.scalars(select(LogEntry.seq)).all())
    finally:
        db.close()


# ---- export and import ---------------------------------------------------------------------------------


def test_export_and_import_agree_on_counts_and_on_the_last_hash(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, elsewhere: str
) -> None:
    desk.fill().close()

    out = desk.run("db", "export", "loaxa.zip", "--now", NOW, "--json")
    point_at(monkeypatch, elsewhere)
    back = desk.run("db", "import", "loaxa.zip", "--yes", "--now", NOW, "--json")
    proof = desk.run("log", "verify", "--json")
    week = desk.run("week", "2026-W48", "--now", NOW, "--json")

    assert (out.status, back.status) == (0, 0), out.err + back.err
    assert {key: out.data[key] for key in ("rows", "tables", "last_hash")} == {
        key: back.data[key] for key in ("rows", "tables", "last_hash")
    }
    assert proof.data == {"ok": True, "entries": 1} and week.data["counts"]["aired"] == 1
    assert keys_of(out.data) == documented("db export")
    assert keys_of(back.data) == documented("db import")


def test_the_files_beside_the_record_are_spoken_of(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, elsewhere: str
) -> None:
    db = desk.fill()
    (desk.folder / "var" / "clips").mkdir(parents=True)
    with db.session() as session:
        for rundown in session.scalars(select(Rundown)).unique():
            give_sound(session, rundown, desk.folder / "var" / "clips", TUESDAY)
    db.close()

    out = desk.run("db", "export", "loaxa.zip")
    point_at(monkeypatch, elsewhere)
    told = desk.run("db", "import", "loaxa.zip", "--yes")
    shutil.copytree(desk.folder / "var", desk.folder / "var-hai", ignore=shutil.ignore_patterns("*.db*"))
    point_at(monkeypatch, f"sqlite:///{desk.folder / 'hai.db'}", "var-hai")
    whole = desk.run("db", "import", "loaxa.zip", "--yes")

    assert f"chép cả thư mục {desk.folder / 'var'}" in out.out
    assert "Còn thiếu 6 trong 6 tệp" in told.out and str(desk.folder / "var-moi") in told.out
    assert "Đủ 6 tệp" in whole.out


def test_nothing_is_imported_before_somebody_said_yes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, elsewhere: str
) -> None:
    desk.fill().close()
    desk.run("db", "export", "loaxa.zip")
    point_at(monkeypatch, elsewhere)

    for said in ("", "không\n", "\n"):
        answer(monkeypatch, said)
        ran = desk.run("db", "import", "loaxa.zip")
        assert (ran.status, lines_of(elsewhere)) == (1, 0)
        assert "1 dòng nhật ký phát thanh" in ran.out and "Chưa làm gì" in ran.err
    assert "--yes" in desk.run("db", "import", "loaxa.zip", "--json").err

    answer(monkeypatch, "Có\n")
    assert desk.run("db", "import", "loaxa.zip").status == 0 and lines_of(elsewhere) == 1


def test_a_password_is_not_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.fill().close()
    desk.run("db", "export", "loaxa.zip")
    point_at(monkeypatch, "postgresql://loaxa:bi-mat@127.0.0.1:1/khong")

    ran = desk.run("db", "import", "loaxa.zip", "--yes")

    assert ran.status == 1 and ran.err.startswith("Chưa mở được cơ sở dữ liệu")
    assert "bi-mat" not in ran.out + ran.err and ran.err.count("\n") == 1


def test_without_the_postgresql_part_it_says_how_to_get_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.fill().close()
    desk.run("db", "export", "loaxa.zip")
    point_at(monkeypatch, "postgresql://loaxa@127.0.0.1:1/khong")
    monkeypatch.setitem(sys.modules, "psycopg", None)

    ran = desk.run("db", "import", "loaxa.zip", "--yes")

    assert ran.status == 1 and "loaxa[postgres]" in ran.err and "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("db", "import", "khong-co.zip", "--yes"), "Không thấy tệp khong-co.zip"),
        (("db", "import", "var", "--yes"), "Không thấy tệp var"),
        (("db", "import", "hong.zip", "--yes"), "cắt cụt"),
        (("db", "import", "loaxa.zip", "--yes"), "đã có dữ liệu"),
        (("db", "export", "loaxa.zip"), "Đã có tệp loaxa.zip"),
        (("db", "export", "khong/co/loaxa.zip"), "Máy không cho đọc hoặc ghi"),
        (("db", "unfreeze", "--yes"), "không bị đóng băng"),
        (("db", "unfreeze", "--sent-week", "W49"), "không đúng dạng"),
        (("db", "freeze", "--since", "hôm qua"), "Thời điểm “hôm qua”"),
        (("db", "freeze", "--until", "2999-01-01T00:00"), "Khoảng trống"),
        (("db", "freeze", "--since", "2026-11-24T10:00", "--until", "2026-11-24T09:00", "--now", NOW), "Khoảng trống"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_cannot_be_done_is_one_vietnamese_sentence_or_two(
    desk: Desk, words: tuple[str, ...], told: str
) -> None:
    desk.fill().close()
    assert desk.run("db", "export", "loaxa.zip").status == 0
    (desk.folder / "hong.zip").write_bytes((desk.folder / "loaxa.zip").read_bytes()[:-300])

    ran = desk.run(*words)

    assert (ran.status, ran.out) == (1, "")
    assert told in ran.err and ran.err.count("\n") == 1 and "Traceback" not in ran.err


@pytest.mark.parametrize("words", [("export", "x.zip"), ("freeze",), ("unfreeze",)])
def test_without_tables_it_says_how_to_make_them(desk: Desk, words: tuple[str, ...]) -> None:
    ran = desk.run("db", *words)

    assert (ran.status, ran.err) == (1, "Chưa có cơ sở dữ liệu. Anh/chị chạy “loaxa db init” trước.\n")
    assert not (desk.folder / "x.zip").exists()


# ---- freeze and unfreeze -------------------------------------------------------------------------------


def test_freezing_shows_the_gap_and_unfreezing_what_becomes_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = desk.fill()
    with db.session() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.id)).unique().all()
        for row in rows[:3]:
            row.state, row.due_at = DeliveryState.QUEUED, datetime(2026, 11, 24, 9, tzinfo=UTC)

    frozen = desk.run(
        "db", "freeze", "--since", "2026-11-24T15:30", "--until", "2026-11-24T17:00", "--now", NOW, "--json"
    )
    assert frozen.data["gap_from"] == "2026-11-24T15:30:00+07:00"

    answer(monkeypatch, "\n")
    shown = desk.run("db", "unfreeze", "--now", NOW)
    assert shown.status == 1 and "3 tin tuần có thể đã gửi" in shown.out and "chưa rõ" in shown.out
    with db.reading() as session:
        assert freeze.is_frozen(session)
        assert session.get_one(Delivery, rows[0].id).state is DeliveryState.QUEUED

    done = desk.run("db", "unfreeze", "--yes", "--now", NOW, "--json")
    with db.reading() as session:
        assert not freeze.is_frozen(session)
        assert session.get_one(Delivery, rows[0].id).state is DeliveryState.UNKNOWN
    assert done.data["items"] == 3
    assert desk.run("db", "unfreeze", "--yes").status == 1
    assert keys_of(frozen.data) == documented("db freeze") and keys_of(done.data) == documented("db unfreeze")
    db.close()


def test_the_second_look_does_not_plan_what_the_first_look_counted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = desk.fill()
    with db.session() as session:
        before = len(session.scalars(select(Delivery.id)).all())
    desk.run("db", "freeze", "--since", "2026-11-22T08:00", "--until", "2026-11-24T17:00", "--now", NOW)

    for _ in range(2):
        answer(monkeypatch, "không\n")
        desk.run("db", "unfreeze", "--now", NOW)

    with db.reading() as session:
        assert len(session.scalars(select(Delivery.id)).all()) == before
    db.close()


def test_a_process_that_starts_on_an_older_copy_freezes_it(desk: Desk) -> None:
    if desk.kind == "postgresql":
        pytest.skip("a server's store is no file; tests/store/test_freeze.py copies one")
    db = desk.fill()
    at = datetime(2026, 11, 24, 10, 25, tzinfo=UTC)
    path = Path(desk.folder / "var" / "loaxa.db")
    freeze.Witness(db, desk.folder / "var").beat(at)
    db.close()
    copy = path.read_bytes()
    freeze.Witness(db, desk.folder / "var").beat(at + timedelta(hours=1))
    db.close()
    path.write_bytes(copy)

    assert freeze.Witness(db, desk.folder / "var").beat(at + timedelta(hours=2))

    done = desk.run("db", "unfreeze", "--yes", "--now", "2026-11-24T20:00", "--json")
    assert done.data["gap_to"] == "2026-11-24T18:27:00+07:00"
    assert not freeze.Witness(db, desk.folder / "var").beat(at + timedelta(hours=3))
    db.close()
