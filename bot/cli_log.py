"""Commands about the airing log: read it, prove it whole, work out anew what is kept of it for counting."""

from __future__ import annotations

from typing import Annotated

import typer

from airlog import ledger_kept, queries, record
from airlog.models import LogEntry
from bot import console
from content.week import Week
from content.wording import number_vi

log_app = typer.Typer(help="Nhật ký phát thanh.", invoke_without_command=True)


def add_to(app: typer.Typer) -> None:
    """Hang these commands under the program."""
    app.add_typer(log_app, name="log")


@log_app.callback()
def log(
    context: typer.Context,
    week: Annotated[str, typer.Option("--week", help="Chỉ tuần này, ví dụ 2026-W48")] = "",
    as_json: console.Json = False,
) -> None:
    """Các dòng nhật ký phát thanh theo thứ tự."""
    if context.invoked_subcommand:
        return
    with console.store() as session:
        lines = queries.entries(session, period=str(Week.parse(week)) if week else None)
        data = [_entry(one) for one in lines]
    text = [
        f"{e['seq']}. {console.plain(e['stated_at'])} {e['kind']} · đài {e['station_id']} · {e['person']}"
        for e in data
    ]
    console.show(data, as_json, text or ["Nhật ký chưa có dòng nào."])


@log_app.command("verify")
def log_verify(as_json: console.Json = False) -> None:
    """Kiểm tra chuỗi băm của nhật ký; nêu dòng đầu tiên bị sửa."""
    with console.store() as session:
        broken = record.verify(session)
        count = len(queries.entries(session))
    if broken is None:
        console.show({"ok": True, "entries": count}, as_json, [f"Nhật ký nguyên vẹn: {count} dòng."])
        return
    console.show(
        {"ok": False, "seq": broken.seq, "reason": broken.reason},
        as_json,
        [f"Nhật ký hỏng từ dòng {broken.seq}: {broken.reason}."],
    )
    raise SystemExit(1)


@log_app.command("recompute")
def log_recompute(as_json: console.Json = False) -> None:
    """Tính lại từ nhật ký những gì các trang dùng để đếm. Chạy lúc nào cũng được, không sửa nhật ký."""
    with console.opened() as db, console.progress("Đang tính lại") as tell:
        duties, corrected = ledger_kept.recompute_all(db, tell)
    text = f"Đã tính lại {number_vi(duties)} việc phải phát, sửa {number_vi(corrected)} việc."
    console.show({"duties": duties, "corrected": corrected}, as_json, [text])


_ENTRY_KEYS = (
    "seq", "kind", "duty_id", "station_id", "mandate_id", "period", "person_id", "item_version_id", "own_title",
    "language", "url", "reason", "verdict", "note", "supersedes", "channel", "message_ref", "aired_at",
    "stated_at", "recorded_at", "prev_hash", "hash",
)  # fmt: skip


def _entry(line: LogEntry) -> dict[str, object]:
    return {key: getattr(line, key) for key in _ENTRY_KEYS} | {"person": line.person.name}
