"""Commands that move or hold the record: db export, db import, db freeze, db unfreeze."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from airlog import freeze, transfer
from airlog.db import Database
from airlog.freeze import Frozen, Thawed
from airlog.transfer import Moved
from airlog.transfer_file import Manifest, look
from bot import cli_store, console
from bot.settings import Settings
from bot.thawing import thaw
from content import messages
from content.week import Week
from content.wording import nfc, number_vi

Yes = Annotated[bool, typer.Option("--yes", help="Làm luôn, không hỏi lại")]
_SHOWN = (
    ("person", "người"),
    ("station", "đài"),
    ("delivery", "tin gửi"),
    ("log_entry", "dòng nhật ký phát thanh"),
)


def add_to(app: typer.Typer) -> None:
    """Hang these commands under `loaxa db`."""
    for name, command in (("export", export), ("import", load), ("freeze", stop), ("unfreeze", go_on)):
        cli_store.db_app.command(name)(command)


def export(file: Path, now: console.Now = "", as_json: console.Json = False) -> None:
    """Xuất toàn bộ dữ liệu ra một tệp để chuyển sang cơ sở dữ liệu khác (SQLite, PostgreSQL). Dừng loaxa run trước."""
    settings = console.settings()
    with console.opened() as db, console.progress("Đang xuất") as tell:
        moved = transfer.export(db, file, settings.var_dir, console.clock(now).now(), tell)
    lines = [
        f"Đã xuất ra {file}: {_counts(moved.manifest)}.",
        f"Mã dòng nhật ký cuối: {moved.manifest.last_hash}",
        f"Tệp này chưa gồm âm thanh, bằng chứng, báo cáo: anh/chị chép cả thư mục {settings.var_dir.resolve()} sang nơi mới.",
        *_outside(moved),
    ]
    console.show(_facts(file, moved), as_json, lines)


def load(file: Path, yes: Yes = False, now: console.Now = "", as_json: console.Json = False) -> None:
    """Nhập tệp của “loaxa db export” vào một cơ sở dữ liệu trống: được tất cả, hoặc không gì cả."""
    settings = console.settings()
    with console.opened(may_be_empty=True) as db:
        manifest = look(file)
        db.is_empty()  # says so when the server does not answer, before anybody is asked
        place = db.url.render_as_string(hide_password=True)
        _agree([f"Tệp {file}: {_counts(manifest)}.", f"Nhập vào: {place}"], "Nhập", yes, as_json)
        with console.progress("Đang nhập") as tell:
            moved = transfer.load(db, file, settings.var_dir, console.clock(now).now(), tell)
    lines = [
        f"Đã nhập: {_counts(manifest)}. Số dòng và nhật ký khớp với tệp.",
        f"Mã dòng nhật ký cuối: {manifest.last_hash}",
        *([f"{moved.travel.doubtful} tin đang gửi dở được ghi là chưa rõ."] if moved.travel.doubtful else []),
        *_outside(moved),
        *_missing(moved, settings),
    ]
    console.show(_facts(file, moved), as_json, lines)


def stop(
    since: Annotated[
        str, typer.Option("--since", help="Bản sao lưu được chụp lúc nào; trống: lúc cuối cùng ghi trong đó")
    ] = "",
    until: Annotated[str, typer.Option("--until", help="Loa Xã ngừng gửi lúc nào; trống: bây giờ")] = "",
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Đóng băng: không gửi gì nữa cho tới “loaxa db unfreeze”. Chạy ngay sau khi khôi phục bản sao lưu."""
    at = console.clock(now).now()
    gap_from, gap_to = (console.moment(text) if text else None for text in (since, until))
    if (gap_to or at) > at or (gap_from or at) > (gap_to or at):
        raise console.CommandFailed(
            "Khoảng trống phải kết thúc trước bây giờ và bắt đầu trước lúc kết thúc. Anh/chị xem lại --since, --until."
        )
    with console.store(write=True) as session:
        gap = freeze.freeze(session, gap_from, gap_to or at, at)
    console.show(_gap(gap), as_json, [f"Đã đóng băng: {_span(gap)}. Không tin nào được gửi.", _NEXT])


def go_on(
    early: Annotated[
        list[str] | None,
        typer.Option("--sent-week", help="Tuần đã gửi sớm bằng tay trong khoảng trống, ví dụ 2026-W49"),
    ] = None,
    yes: Yes = False,
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Gửi tiếp sau khi khôi phục: tin có thể đã gửi thì hỏi lại người nhận, không gửi lần nữa."""
    settings = console.settings()
    at, weeks = console.clock(now).now(), [Week.parse(text) for text in early or ()]
    with console.opened() as db:
        gap, found = _thaw(db, settings, at, weeks, keep=False)
        _agree([f"Đang đóng băng: {_span(gap)}.", *_thawed(found)], "Gửi tiếp", yes, as_json)
        gap, found = _thaw(db, settings, at, weeks, keep=True)
    lines = ["Đã gỡ đóng băng, Loa Xã gửi tiếp.", *_thawed(found)]
    console.show(_gap(gap) | asdict(found), as_json, lines)


_NEXT = "Anh/chị xem lại dữ liệu trên trang Hệ thống rồi chạy “loaxa db unfreeze” để gửi tiếp."


def _thaw(
    db: Database, settings: Settings, now: datetime, early: list[Week], *, keep: bool
) -> tuple[Frozen, Thawed]:
    """Thaw, or only count what a thaw would do. Raises CommandFailed when nothing is frozen."""
    with db.session() as session:
        gap = freeze.state(session)
        if gap is None:
            raise console.CommandFailed("Cơ sở dữ liệu không bị đóng băng; Loa Xã vẫn gửi tin như thường.")
        found = thaw(session, gap, settings.ladder, settings.services, now, early)
        if not keep:
            session.rollback()
    return gap, found


def _thawed(found: Thawed) -> list[str]:
    return [
        f"{number_vi(found.items)} tin tuần có thể đã gửi: ghi là chưa rõ, vài phút sau hỏi lại người nhận.",
        f"{number_vi(found.reminders)} lời nhắc có thể đã gửi: bỏ.",
        f"{number_vi(found.repeated)} tin cho người phụ trách, quản trị và câu hỏi ngắn: gửi, có thể lặp lại.",
        f"{number_vi(found.later)} tin đến hạn sau đó: gửi như thường.",
    ]


def _agree(preview: list[str], verb: str, yes: bool, as_json: bool) -> None:
    """Show what will happen and ask. Raises CommandFailed unless the answer is yes."""
    if yes:
        return
    if as_json:
        raise console.CommandFailed("Với --json Loa Xã không hỏi lại: anh/chị thêm --yes. Chưa làm gì.")
    print("\n".join(preview), flush=True)
    try:
        answer = input(f"{verb}? Gõ “có” rồi Enter: ")
    except EOFError:
        answer = ""
    if nfc(answer).strip().casefold() not in ("có", "co", "c", "yes", "y"):
        raise console.CommandFailed("Chưa làm gì. Anh/chị gõ “có”, hoặc thêm --yes để không phải trả lời.")


def _counts(manifest: Manifest) -> str:
    parts = ", ".join(f"{number_vi(manifest.count(name))} {word}" for name, word in _SHOWN)
    return f"{number_vi(manifest.rows)} dòng ({parts})"


def _outside(moved: Moved) -> list[str]:
    if not moved.travel.outside:
        return []
    return [
        f"{number_vi(moved.travel.outside)} tệp nằm ngoài thư mục dữ liệu: đường dẫn giữ nguyên, anh/chị chép riêng."
    ]


def _missing(moved: Moved, settings: Settings) -> list[str]:
    if not moved.travel.missing:
        return [f"Đủ {number_vi(moved.travel.files)} tệp âm thanh, bằng chứng, báo cáo."]
    return [
        f"Còn thiếu {number_vi(moved.travel.missing)} trong {number_vi(moved.travel.files)} tệp âm thanh, bằng chứng, "
        f"báo cáo: anh/chị chép thư mục dữ liệu cũ vào {settings.var_dir.resolve()}."
    ]


def _facts(file: Path, moved: Moved) -> dict[str, object]:
    manifest, travel = moved.manifest, moved.travel
    return {
        "file": file,
        "revision": manifest.revision,
        "made_at": datetime.fromisoformat(manifest.made_at),
        "rows": manifest.rows,
        "tables": [{"name": one.name, "rows": one.rows} for one in manifest.tables],
        "last_hash": manifest.last_hash,
        "files": travel.files,
        "files_outside": travel.outside,
        "files_missing": travel.missing,
        "made_unknown": travel.doubtful,
    }


def _gap(gap: Frozen) -> dict[str, object]:
    return {"frozen_at": gap.at, "gap_from": gap.gap_from, "gap_to": gap.gap_to}


def _span(gap: Frozen) -> str:
    return f"dữ liệu thiếu từ {messages.at(gap.gap_from)} đến {messages.at(gap.gap_to)}"
