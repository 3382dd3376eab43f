"""Moving the whole record to another database (SQLite, PostgreSQL) by way of a file: whole, or not at all.

Tables of the durable engine are not ours and stay behind: the new place makes its jobs from the delivery rows. Files
beside the database (clips, proofs, reports) are copied by hand; their paths follow the var folder of the new place.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Table, func, select, text
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import Session

from airlog import record
from airlog.db import Database, Unstorable, is_server, lock_log, store_seconds
from airlog.models import Base, LogEntry, Node
from airlog.nodes import DEAD_S
from airlog.transfer_file import (
    CHUNK,
    CannotMove,
    Manifest,
    TableSum,
    chunks,
    damaged,
    look,
    write_manifest,
    write_table,
)
from airlog.transfer_rows import Row, Travel, culprit, in_order

LEFT_BEHIND = ("node", "lease", "bot_pace")
"""What only the running processes of the old place know."""
Progress = Callable[[int, int], None]
"""Hears the rows done so far and all rows."""


@dataclass(frozen=True)
class Moved:
    """A file that was written or loaded, and what became of the paths and rows in it."""

    manifest: Manifest
    travel: Travel


def export(db: Database, file: Path, var_dir: Path, now: datetime, tell: Progress) -> Moved:
    """Write the record as it stands at one moment. Raises CannotMove or OSError; then there is no file.

    Refuses while a process works on the store: what it sends afterwards would be sent again by the new place.
    """
    if file.exists():
        raise CannotMove(f"Đã có tệp {file}. Anh/chị chọn tên khác hoặc cất tệp cũ đi.")
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        part.touch(0o600)  # phone numbers and log-in hashes are in it
        with part.open("wb") as raw, db.reading() as session:
            _require_newest(session)
            _require_quiet(session)
            with ZipFile(raw, "w", ZIP_DEFLATED) as pack:
                moved = _write(session, pack, Travel(var_dir.resolve(), now), now, tell)
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return moved


def load(db: Database, file: Path, var_dir: Path, now: datetime, tell: Progress) -> Moved:
    """Fill an empty store from a file, in one transaction. Raises CannotMove and leaves the store as it was.

    A row that was `sending` becomes unknown (it is asked about); an open one waits for a job of the new place.
    """
    manifest = look(file)
    if db.is_empty():  # never upgrade the tables of a record that is refused below
        db.migrate()
    travel = Travel(var_dir.resolve(), now)
    with db.session() as session:
        lock_log(session)
        _require_same_revision(session, manifest)
        _require_empty(session)
        if [told.name for told in manifest.tables] != [table.name for table in _tables()]:
            raise damaged(file)
        with ZipFile(file) as pack:
            _read(session, pack, manifest, file, travel, tell)
        _set_sequences(session)
        _require_equal(session, manifest, file)
    return Moved(manifest, travel)


def _tables() -> list[Table]:
    """Every table that travels, those pointed to before those that point."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_BEHIND]


def _write(session: Session, pack: ZipFile, travel: Travel, now: datetime, tell: Progress) -> Moved:
    total = sum(_count(session, table) for table in _tables())
    sums: list[TableSum] = []
    for table in _tables():
        before = sum(one.rows for one in sums)
        rows = (travel.pack(table, row) for row in in_order(session, table, CHUNK))
        sums.append(write_table(pack, table.name, _columns(table), rows, partial(_tell, tell, before, total)))
    manifest = Manifest(_revision(session), now.isoformat(), _last_hash(session), tuple(sums))
    write_manifest(pack, manifest)
    return Moved(manifest, travel)


def _read(
    session: Session, pack: ZipFile, manifest: Manifest, file: Path, travel: Travel, tell: Progress
) -> None:
    done = 0
    for table, told in _pairs(manifest):
        for part in chunks(pack, told, _columns(table), file):
            try:
                rows = [travel.unpack(table, values) for values in part]
            except (ValueError, TypeError, KeyError) as error:
                raise damaged(file) from error
            _insert(session, table, rows, file)
            done += len(rows)
            tell(done, manifest.rows)


def _insert(session: Session, table: Table, rows: list[Row], file: Path) -> None:
    try:
        session.execute(table.insert(), rows)
    except Unstorable as error:
        raise CannotMove(
            f"Bảng {table.name} có dòng mà cơ sở dữ liệu mới không ghi được ({culprit(table, rows)}). "
            "Chưa nhập gì; anh/chị sửa dòng đó ở máy cũ rồi xuất lại."
        ) from error
    except OperationalError as error:
        raise CannotMove(
            "Cơ sở dữ liệu mới ngừng trả lời hoặc hết chỗ. Chưa nhập gì; anh/chị xem máy chủ rồi nhập lại."
        ) from error
    except StatementError as error:
        raise damaged(file) from error


def _set_sequences(session: Session) -> None:
    """On a server the next id is drawn from a sequence, which knows nothing of rows that brought their own."""
    if not is_server(session):
        return
    for table in _tables():
        column = table.autoincrement_column
        highest = None if column is None else session.scalar(select(func.max(column)))
        if column is not None and highest is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            session.execute(select(func.setval(sequence, highest)))


def _require_equal(session: Session, manifest: Manifest, file: Path) -> None:
    """What stands in the store now is what the file promised, and the chain of the log holds."""
    if any(_count(session, table) != told.rows for table, told in _pairs(manifest)):
        raise damaged(file)
    broken = record.verify(session)
    if broken is not None:
        raise CannotMove(
            f"Nhật ký phát thanh trong tệp hỏng từ dòng {broken.seq} ({broken.reason}). Chưa nhập gì; "
            "anh/chị chạy “loaxa log verify” ở máy cũ."
        )
    if _last_hash(session) != manifest.last_hash:
        raise damaged(file)


def _require_same_revision(session: Session, manifest: Manifest) -> None:
    here = _revision(session)
    if manifest.revision != here:
        raise CannotMove(
            f"Tệp có cấu trúc bảng {manifest.revision}, ở đây là {here}. Chưa nhập gì; anh/chị đưa hai nơi về cùng "
            "một bản Loa Xã rồi xuất lại."
        )


def _require_empty(session: Session) -> None:
    full = [table.name for table in Base.metadata.sorted_tables if _count(session, table)]
    if full:
        raise CannotMove(
            f"Cơ sở dữ liệu này đã có dữ liệu (bảng {', '.join(full[:3])}). Chưa nhập gì; anh/chị tạo một cơ sở "
            "dữ liệu trống, không cần chạy “loaxa db init” trước."
        )


def _require_newest(session: Session) -> None:
    """The tables have the shape that this program knows."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "airlog:migrations")
    if _revision(session) != ScriptDirectory.from_config(config).get_current_head():
        raise CannotMove("Bảng chưa ở bản mới nhất. Anh/chị chạy “loaxa db init” rồi xuất lại.")


def _require_quiet(session: Session) -> None:
    alive = Node.seen_at_s >= store_seconds(session) - DEAD_S, Node.left.is_(False)
    names = list(session.scalars(select(Node.name).where(*alive).order_by(Node.name)))
    if names:
        raise CannotMove(
            f"Tiến trình {', '.join(names)} còn đang chạy. Anh/chị dừng hết các tiến trình (loaxa run) rồi xuất lại; "
            "nếu không, tin gửi đi sau lúc này sẽ bị gửi lần nữa ở nơi mới."
        )


def _revision(session: Session) -> str:
    return str(session.scalar(text("SELECT version_num FROM alembic_version")))


def _last_hash(session: Session) -> str:
    newest = select(LogEntry.hash).order_by(LogEntry.seq.desc()).limit(1)
    return session.scalar(newest) or record.GENESIS


def _count(session: Session, table: Table) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _pairs(manifest: Manifest) -> Iterator[tuple[Table, TableSum]]:
    return zip(_tables(), manifest.tables, strict=True)


def _tell(tell: Progress, before: int, total: int, rows: int) -> None:
    tell(before + rows, total)
