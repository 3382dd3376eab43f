"""Every command as an office's script or a tester drives it."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.cli_world import NOW, Desk, desk, keys_of
from tests.stores import tamper

__all__ = ["desk"]

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
PEOPLE = "ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai\nTrần Thị Hoa,0912000011,operator,24646,\nLê Nam,0912000012,admin,68,\n"
ITEM = """---
id: tin-thon-5
title: Tổ công nghệ số thôn 5
topic: {topic}
source: Đài xã
language: vie
---
""" + " ".join(["Bà con thôn năm mời nhau ra nhà văn hóa để học cách dùng điện thoại."] * 10)


def documented(command: str) -> set[str]:
    section = re.split(r"^## ", DOCS, flags=re.M)
    (text,) = [part for part in section if part.splitlines()[0] == f"loaxa {command}"]
    bullets = [line.partition(": ")[0] for line in text.splitlines() if line.startswith("- ")]
    return {key for line in bullets for key in re.findall(r"`([^`]+)`", line)}


def some_topic() -> str:
    from content.topics import TopicCode

    return str(next(iter(TopicCode)))


# ---- a new machine, step by step -----------------------------------------------------------------------


def test_from_an_empty_folder_to_invites(desk: Desk) -> None:
    (desk.folder / "people.csv").write_text(PEOPLE, encoding="utf-8-sig")

    first = desk.run("db", "init", "--json")
    again = desk.run("db", "init", "--json")
    area = ("areas", "load", "--province", "68", "--former-province", "Tỉnh Đắk Nông", "--json")
    loaded, reloaded = desk.run(*area), desk.run(*area)
    imported = desk.run("people", "import", "people.csv", "--json")
    invited = desk.run("invites", "--json")

    assert (first.data["areas_added"], first.data["items_added"]) == (34 + 3321, 28)
    assert (again.data["areas_added"], again.data["items_added"]) == (0, 0)
    assert (loaded.data["communes"], loaded.data["stations"], reloaded.data["stations"]) == (28, 28, 0)
    assert (imported.data["people"], imported.data["grants"]) == (2, 2)
    assert [row["person"] for row in invited.data] == ["Trần Thị Hoa", "Lê Nam"]
    for command, ran in (
        ("db init", first),
        ("areas load", loaded),
        ("people import", imported),
        ("invites", invited),
    ):
        assert keys_of(ran.data) == documented(command)


def test_invites_as_csv_have_the_same_rows(desk: Desk) -> None:
    desk.fill()

    shown = desk.run("invites", "--csv", "--now", NOW)

    (row,) = csv.DictReader(io.StringIO(shown.out))
    assert row["person"] == "Hồ Văn Mới" and re.fullmatch(r"[A-Z2-9]{8}", row["code"])
    assert list(row) == ["person", "phone", "role", "station", "code", "link"]


def test_a_campaign_is_planned_launched_listed_and_stopped(desk: Desk) -> None:
    desk.fill()

    planned = desk.run(
        "campaign", "plan", "--name", "Cuối năm", "--start", "2026-W49", "--weeks", "2", "--weekday", "tue",
        "--hour", "07:30", "--now", NOW, "--json",
    )  # fmt: skip
    number = str(planned.data["id"])
    launched = [desk.run("campaign", "launch", number, "--now", NOW, "--json") for _ in range(2)]
    listed = desk.run("campaign", "list", "--json")
    stopped = desk.run("campaign", "stop", number, "--now", NOW, "--json")

    assert [r["send_at"] for r in planned.data["rundowns"]] == [
        "2026-12-01T07:30:00+07:00",
        "2026-12-08T07:30:00+07:00",
    ]
    assert (planned.data["state"], planned.data["stations"]) == ("planned", 28)
    assert {ran.data["state"] for ran in launched} == {"launched"}
    assert listed.data[0]["name"] == "Cuối năm" and stopped.data["state"] == "stopped"
    shown = {
        "campaign plan": planned,
        "campaign launch": launched[0],
        "campaign list": listed,
        "campaign stop": stopped,
    }
    assert {name: keys_of(ran.data) for name, ran in shown.items()} == {
        name: documented(name) for name in shown
    }


def test_sending_a_week_twice_queues_it_once(desk: Desk) -> None:
    desk.plan(desk.fill())

    first, second = (desk.run("send", "--week", "2026-W49", "--now", NOW, "--json") for _ in range(2))
    rows = desk.run("deliveries", "--week", "2026-W49", "--now", NOW, "--json")

    assert first.data["added"] == len(rows.data) > 0 and second.data["added"] == 0
    assert first.data["waiting"] == second.data["waiting"] == len(rows.data)
    assert {(row["rung"], row["state"], row["due_at"]) for row in rows.data} == {
        ("item", "queued", "2026-11-24T17:25:00+07:00")
    }
    assert (keys_of(first.data), keys_of(rows.data)) == (documented("send"), documented("deliveries"))


def test_the_week_shows_each_station_and_its_sums(desk: Desk) -> None:
    desk.fill()

    shown = desk.run("week", "2026-W48", "--now", NOW, "--json")

    stations = shown.data["stations"]
    counts = shown.data["counts"]
    assert len(stations) == counts["total"] == 28
    assert {sign: sum(s["sign"] == sign for s in stations) for sign in counts if sign != "total"} == {
        sign: count for sign, count in counts.items() if sign != "total"
    }
    assert (counts["aired"], counts["pending"]) == (1, 27)
    assert keys_of(shown.data) == documented("week")


def test_a_week_seen_later_has_its_silent_stations(desk: Desk) -> None:
    desk.fill()

    counts = desk.run("week", "2026-W48", "--now", "2026-12-20T08:00", "--json").data["counts"]

    assert (counts["aired"], counts["silent"]) == (1, 27)


def test_the_week_of_one_commune(desk: Desk) -> None:
    desk.fill()
    code = desk.run("week", "2026-W48", "--now", NOW, "--json").data["stations"][0]["area_code"]

    shown = desk.run("week", "2026-W48", "--area", code, "--now", NOW, "--json")

    assert [s["area_code"] for s in shown.data["stations"]] == [code]


def test_the_log_lists_its_lines_and_proves_whole(desk: Desk) -> None:
    desk.fill()

    lines = desk.run("log", "--week", "2026-W48", "--json")
    proof = desk.run("log", "verify", "--json")

    assert [line["kind"] for line in lines.data] == ["aired"]
    assert lines.data[0]["stated_at"] == "2026-11-24T17:25:00+07:00"
    assert proof.data == {"ok": True, "entries": 1} and proof.status == 0
    assert keys_of(lines.data) == documented("log")


def test_what_pages_count_is_worked_out_anew_from_the_log(desk: Desk) -> None:
    db = desk.fill()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE duty SET said = 'open', said_seq = NULL"))
    db.close()

    first, again = desk.run("log", "recompute", "--json"), desk.run("log", "recompute", "--json")

    assert first.data["corrected"] == 1 and first.data["duties"] > 1
    assert again.data == {"duties": first.data["duties"], "corrected": 0}
    assert keys_of(first.data) == documented("log recompute")


def test_an_altered_log_is_found_out(desk: Desk) -> None:
    db = desk.fill()
    tamper(db, "UPDATE log_entry SET stated_at = '2026-11-01 00:00:00.000000'")
    db.close()

    told, proof = desk.run("log", "verify"), desk.run("log", "verify", "--json")

    assert (told.status, proof.status) == (1, 1)
    assert proof.data == {"ok": False, "seq": 1, "reason": "nội dung đã bị sửa"}
    assert "dòng 1" in told.out
    assert keys_of(proof.data) | {"entries"} == documented("log verify")


def test_an_item_is_added_by_one_and_cleared_by_another(desk: Desk) -> None:
    desk.fill()
    (desk.folder / "tin-thon-5.md").write_text(ITEM.format(topic=some_topic()), encoding="utf-8")

    added = desk.run("item", "add", "tin-thon-5.md", "--now", NOW, "--json")
    cleared = desk.run("item", "clear", str(added.data["id"]), "--by", "0912 000 006", "--now", NOW, "--json")
    listed = desk.run("item", "list", "--json")

    assert (added.data["cleared_at"], added.data["from_library"]) == (None, False)
    assert cleared.data["cleared_at"] == "2026-11-24T17:25:00+07:00"
    assert listed.data[-1] == cleared.data
    shown = {"item add": added, "item clear": cleared, "item list": listed}
    assert {name: keys_of(ran.data) for name, ran in shown.items()} == {
        name: documented(name) for name in shown
    }


def test_words_are_shown_as_they_will_be_spoken(desk: Desk) -> None:
    shown = desk.run("speak", "--text", "Ngày 10/10, gọi 113 QZX-77", "--words", "--json")

    assert "tháng mười" in shown.data["words"]
    assert keys_of(shown.data) - {"doubts"} <= documented("speak --words")
    assert documented("speak --words") == {
        "words",
        *(f"doubts[].{key}" for key in ("start", "end", "text", "reason")),
    }


def test_a_script_becomes_a_sound_file_and_the_draft_voice_is_named(desk: Desk) -> None:
    (desk.folder / "loi.txt").write_text(
        "Mời bà con ra nhà văn hóa thôn lúc bảy giờ tối nay. " * 2, encoding="utf-8"
    )

    shown = desk.run("speak", "--file", "loi.txt", "--out", "loi.mp3", "--now", NOW, "--json")

    assert Path(shown.data["path"]).stat().st_size == shown.data["size_bytes"] > 0
    assert (shown.data["engine"], shown.data["draft"]) == ("espeak", True)
    assert abs(shown.data["loudness_lufs"] + 14) <= 0.7
    assert keys_of(shown.data) == documented("speak")


def test_the_half_year_report_is_written(desk: Desk) -> None:
    desk.fill()

    shown = desk.run(
        "report", "six-months", "--to", "2026-12-04", "--area", "68", "--out", "bao-cao", "--now",
        "2026-12-04T09:00", "--json",
    )  # fmt: skip

    assert [Path(shown.data[kind]).is_file() for kind in ("docx", "xlsx")] == [True, True]
    assert keys_of(shown.data) == documented("report six-months")


def test_a_login_link_is_for_the_first_admin_unless_somebody_is_named(desk: Desk) -> None:
    desk.fill()

    admin, officer = desk.run("login-link", "--json"), desk.run("login-link", "0912000005", "--json")

    assert (admin.data["person"], officer.data["person"]) == ("Ngô Quản Trị", "Đỗ Thị Cúc")
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/m/[\w-]{32}", officer.data["link"])
    assert keys_of(admin.data) == documented("login-link")


def test_the_doctor_says_what_is_missing(desk: Desk) -> None:
    before = desk.run("doctor", "--json")
    desk.fill()
    after = desk.run("doctor", "--json")

    assert (before.status, after.status) == (1, 0)
    assert [one["check"] for one in before.data if one["needed"] and not one["ok"]] == ["cơ sở dữ liệu"]
    assert keys_of(after.data) == documented("doctor")


def test_what_is_said_to_people_is_no_json(desk: Desk) -> None:
    desk.fill()

    assert "1/28 đài đã phát" in desk.run("week", "2026-W48", "--now", NOW).out
    assert desk.run("log").out.startswith("1. 2026-11-24T17:25:00+07:00 aired")


# ---- what goes wrong -----------------------------------------------------------------------------------


FILLED = [
    (("week", "2026-W60"), "Năm 2026 không có tuần 60"),
    (("week", "tuần này"), "không đúng dạng"),
    (("week", "2026-W48", "--area", "abc"), "Mã đơn vị “abc”"),
    (("week", "2026-W48", "--area", "99999"), "Không có xã, phường nào thuộc mã “99999”"),
    (("week", "2026-W48", "--now", "hôm nay"), "Thời điểm “hôm nay”"),
    (("send", "--week", "W48"), "không đúng dạng"),
    (("deliveries", "--week", "2026-W00"), "không có tuần"),
    (("log", "--week", "x"), "không đúng dạng"),
    (("areas", "load", "--province", "Xứ Lạng"), "Không có tỉnh"),
    (("areas", "load", "--province", "68", "--former-province", "Tỉnh Hà Tây"), "Không có xã, phường nào"),
    (("people", "import", "khong-co.csv"), "Không thấy tệp"),
    (("people", "import", "."), "Không thấy tệp"),
    (("item", "add", "khong-co.md"), "Không thấy tệp"),
    (("item", "clear", "9999", "--by", "0912000006"), "Không có tin số 9999"),
    (("item", "clear", "1", "--by", "0999999999"), "Không có ai dùng số"),
    (("item", "clear", "1", "--by", "12"), "Số điện thoại “12”"),
    (("campaign", "launch", "9999"), "Không có chiến dịch số 9999"),
    (("campaign", "plan", "--name", "A", "--start", "2026-W49", "--weekday", "thứ hai"), "Ngày “thứ hai”"),
    (("campaign", "plan", "--name", "A", "--start", "2026-W49", "--hour", "25:00"), "Giờ “25:00”"),
    (("campaign", "plan", "--name", "A", "--start", "2026-W49", "--hour", "sáng"), "Giờ “sáng”"),
    (("campaign", "plan", "--name", "A", "--start", "2026-W49", "--weeks", "0"), ""),
    (("campaign", "plan", "--name", "A", "--start", "2026-W49", "--items", "khong-co"), "khong-co"),
    (("login-link", "0999999999"), "Không có ai dùng số"),
    (("report", "six-months", "--to", "hôm qua", "--area", "68", "--out", "x"), "Ngày “hôm qua”"),
    (("report", "six-months", "--to", "2026-06-04", "--area", "6", "--out", "x"), "Mã đơn vị “6”"),
    (("speak", "--words"), "Chưa có gì để đọc"),
    (("speak", "--text", "xin chào"), "--out"),
    (("speak", "--file", "khong-co.txt", "--out", "x.mp3"), "Không thấy tệp"),
    (("run", "--role", "king"), "Vai trò “king”"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "told"), FILLED, ids=[" ".join(words) for words, _ in FILLED])
def test_what_cannot_be_done_is_one_vietnamese_sentence(
    desk: Desk, words: tuple[str, ...], told: str
) -> None:
    desk.fill()

    ran = desk.run(*words)

    assert (ran.status, ran.out) == (1, "")
    assert told in ran.err and ran.err.count("\n") == 1 and "Traceback" not in ran.err
    assert re.search(r"[àáảãạăâđêôơưếồộ]", ran.err)


@pytest.mark.parametrize(
    "words",
    [("week", "2026-W48"), ("send", "--week", "2026-W48"), ("log",), ("log", "verify"), ("log", "recompute"), ("invites",), ("item", "list"),
     ("campaign", "list"), ("login-link",), ("report", "six-months", "--to", "2026-06-04", "--area", "68", "--out", "x")],
)  # fmt: skip
def test_without_tables_every_command_says_how_to_make_them(desk: Desk, words: tuple[str, ...]) -> None:
    ran = desk.run(*words)

    assert (ran.status, ran.err) == (1, "Chưa có cơ sở dữ liệu. Anh/chị chạy “loaxa db init” trước.\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "dòng 1"),
        ("---\nid: tin-hong\n", "thiếu dòng"),
        ("---\nid: tin-hong\n---\nBà con.", "thiếu khóa"),
        ("---\nid: ten-khac\ntitle: T\ntopic: x\nsource: y\nlanguage: vie\n---\nBà con.", "tin-hong.md"),
    ],
)
def test_a_broken_item_file_is_named_and_nothing_is_added(desk: Desk, text: str, told: str) -> None:
    desk.fill()
    (desk.folder / "tin-hong.md").write_text(text, encoding="utf-8")
    before = len(desk.run("item", "list", "--json").data)

    ran = desk.run("item", "add", "tin-hong.md")

    assert ran.status == 1 and told in ran.err
    assert len(desk.run("item", "list", "--json").data) == before


def test_an_item_file_that_is_not_utf8_is_refused(desk: Desk) -> None:
    desk.fill()
    (desk.folder / "tin-hong.md").write_bytes("Tin bài".encode("utf-16"))

    assert "UTF-8" in desk.run("item", "add", "tin-hong.md").err


def test_a_bad_line_in_the_list_of_people_stores_nobody(desk: Desk) -> None:
    desk.fill()
    (desk.folder / "people.csv").write_text(PEOPLE + "Vũ,12,vua,00000,\n", encoding="utf-8")

    ran = desk.run("people", "import", "people.csv", "--now", NOW)
    again = desk.run("login-link", "0912000011")

    assert all(part in ran.err for part in ("Dòng 4", "dien_thoai", "vai_tro", "ma_don_vi"))
    assert (ran.status, again.status) == (1, 1)


def test_nobody_clears_what_they_wrote(desk: Desk) -> None:
    desk.fill()
    (desk.folder / "tin-thon-5.md").write_text(ITEM.format(topic=some_topic()), encoding="utf-8")
    added = desk.run("item", "add", "tin-thon-5.md", "--by", "0912000006", "--now", NOW, "--json")

    ran = desk.run("item", "clear", str(added.data["id"]), "--by", "0912000006", "--now", NOW)

    assert "không tự duyệt" in ran.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOAXA_HTTP_PORT", "abc"), ("LOAXA_HTTP_PORT", "70000"), ("LOAXA_VOICES", "siri"), ("LOAXA_VOICES", ","),
        ("LOAXA_DATABASE_URL", "mysql://x"), ("LOAXA_TELEGRAM_TOKEN", "abc"), ("LOAXA_SIMULATOR", "maybe"),
        ("LOAXA_REMINDER_1", "thứ năm"), ("LOAXA_QUIET_HOURS", "tối"), ("LOAXA_TICK_SECONDS", "0"),
        ("LOAXA_SMTP_TLS", "ssl"), ("LOAXA_TELEGRAM_TOKEN_FILE", "/khong/co"), ("LOAXA_UPLOAD_MB", "500"),
    ],
)  # fmt: skip
def test_a_bad_setting_is_named_in_vietnamese(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    ran = desk.run("log")

    assert ran.status == 1 and ran.err.startswith(f"{name}: ") and "Anh/chị sửa" in ran.err
    assert not re.search(r"\b(should|input|valid|must|or)\b", ran.err)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("LOAXA_TELEGRAM_TOKN=1", "LOAXA_TELEGRAM_TOKN: "), ("LOAXA_HTTP_PORT=x", "LOAXA_HTTP_PORT: "),
        ("cổng 8080", ".env: dòng 2 "), ("KHAC=1", "KHAC: "),
    ],
)  # fmt: skip
def test_a_wrong_line_of_the_env_file_is_named(desk: Desk, line: str, told: str) -> None:
    (desk.folder / ".env").write_text(f"# cài đặt\n{line}\n", encoding="utf-8")

    ran = desk.run("log")

    assert ran.status == 1 and ran.err.startswith(told)


def test_a_secret_that_is_wrong_is_not_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOAXA_TELEGRAM_TOKEN", "khong-phai-token-ma-la-mat-khau")

    assert "mat-khau" not in desk.run("doctor").err


def test_a_folder_that_may_not_be_written_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.folder / "tep").write_text("")
    monkeypatch.setenv("LOAXA_VAR_DIR", "tep/var")
    monkeypatch.delenv("LOAXA_DATABASE_URL", raising=False)  # the store is to lie in the folder

    ran = desk.run("db", "init")

    assert ran.status == 1 and "tep/var" in ran.err and ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("week",), "thiếu TUẦN"), (("send",), "thiếu --week"), (("nope",), "không có lệnh"),
        (("week", "2026-W48", "--xml"), "--xml"), (("campaign", "launch", "ba"), "không dùng được"),
        (("send", "--week"), "--week"),
    ],
)  # fmt: skip
def test_a_command_typed_wrong_is_explained(desk: Desk, words: tuple[str, ...], told: str) -> None:
    ran = desk.run(*words)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("Lệnh chưa đúng: ") and told in ran.err


@pytest.mark.parametrize("words", [(), ("campaign",), ("db",)])
def test_a_command_alone_shows_its_help_and_nothing_else(desk: Desk, words: tuple[str, ...]) -> None:
    ran = desk.run(*words)

    assert "Usage" in ran.out + ran.err and "Lệnh chưa đúng" not in ran.err


def test_the_three_ways_to_start_are_one_program() -> None:
    ways = (
        [sys.executable, "bot.py"],
        [sys.executable, "-m", "bot"],
        [str(Path(sys.executable).with_name("loaxa"))],
    )
    started = [
        subprocess.Popen([*way, "--help"], cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        for way in ways
    ]

    shown = [process.communicate(timeout=60)[0] for process in started]

    helps = {re.sub(r"Usage: .*?\[", "Usage: [", text) for text in shown}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len({re.sub(r"\s+", " ", text) for text in helps}) == 1 and "Chạy tất cả" in helps.pop()
