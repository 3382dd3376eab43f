"""Rows on their way between two databases: in what order they travel, and how each value is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from graphlib import TopologicalSorter
from pathlib import Path, PurePosixPath

from sqlalchemy import Date, Integer, RowMapping, Table, select
from sqlalchemy.orm import Session

from airlog.types import DeliveryState, UtcDateTime

Row = dict[str, object]
PATHS = {
    "track": ("path",),
    "recording": ("original_path", "path"),
    "station": ("jingle_path",),
    "attachment": ("path",),
    "aircheck": ("path",),
    "report_file": ("path",),
    "sim_message": ("media_path",),
}
"""Columns that hold the path of a file of ours. A dialog may hold some too (airchecks.as_text)."""
_INT = 2**31


def in_order(session: Session, table: Table, chunk: int) -> Iterator[RowMapping]:
    """Every row, after those of its own table that it points to, with `chunk` of them in memory at a time.

    Areas point to areas in no order, and are few. A line of the log only ever names an earlier one.
    """
    query = select(table).order_by(*table.primary_key.columns)
    if table.name == "area":
        rows = {str(row["code"]): row for row in session.execute(query).mappings()}
        before = {code: {row["parent_code"], row["successor_code"]} - {None} for code, row in rows.items()}
        yield from (rows[code] for code in TopologicalSorter(before).static_order())
        return
    yield from session.execute(query.execution_options(yield_per=chunk)).mappings()


@dataclass
class Travel:
    """The conversion, bound to one var folder, and what it met on the way.

    `files`: paths of files that were named; `outside`: of these, files that lie elsewhere than in the var folder and
    keep their path; `missing`: files that are not there (yet) at the new place; `doubtful`: rows that were `sending`.
    """

    var_dir: Path
    now: datetime
    files: int = 0
    outside: int = 0
    missing: int = 0
    doubtful: int = 0

    def pack(self, table: Table, row: RowMapping) -> list[object]:
        """A row as JSON holds it, in the order of the columns."""
        values = [value.isoformat() if isinstance(value, date) else value for value in row.values()]
        for index, column in enumerate(table.columns):
            if column.name in PATHS.get(table.name, ()) and values[index] is not None:
                values[index] = self._leave(str(values[index]))
        if table.name == "dialog" and row["awaits"] == "proof_for":
            index = list(row).index("data")
            values[index] = [self._waiting(line) for line in str(row["data"]).splitlines()]
        return values

    def unpack(self, table: Table, values: Sequence[object]) -> Row:
        """A row as the database takes it. Raises ValueError, TypeError or KeyError for what no export of ours writes."""
        row = {c.name: _typed(c.type, value) for c, value in zip(table.columns, values, strict=True)}
        for column in PATHS.get(table.name, ()):
            if row[column] is not None:
                row[column] = self._arrive(row[column])
        if table.name == "dialog" and isinstance(lines := row["data"], list):
            row["data"] = "\n".join(
                json.dumps([kind, mime, self._arrive(path), size]) for kind, mime, path, size in lines
            )
        return self._unsent(row) if table.name == "delivery" else row

    def _unsent(self, row: Row) -> Row:
        """No job of the old place comes along. What was under way when the old place stopped, nobody knows."""
        row["armed"] = False
        if row["state"] == DeliveryState.SENDING:
            row["state"], row["settled_at"] = DeliveryState.UNKNOWN, self.now
            row["error"] = "gián đoạn khi đang gửi"
            self.doubtful += 1
        return row

    def _leave(self, path: str) -> object:
        """A path relative to the var folder, else as it is. The folder may have been moved since it was written."""
        self.files += 1
        inside = _inside(Path(path), self.var_dir)
        if inside is None:
            self.outside += 1
            return path
        return {"var": inside.as_posix()}

    def _arrive(self, value: object) -> str:
        self.files += 1
        if isinstance(value, dict):
            inside = PurePosixPath(value["var"])
            if inside.is_absolute() or ".." in inside.parts:
                raise ValueError("a path that leaves the var folder")
            path = self.var_dir.joinpath(*inside.parts)
        else:
            self.outside += 1
            path = Path(str(value))
        self.missing += not path.is_file()
        return str(path)

    def _waiting(self, line: str) -> list[object]:
        kind, mime, path, size = json.loads(line)
        return [kind, mime, self._leave(path), size]


def culprit(table: Table, rows: Sequence[Row]) -> str:
    """The first value that PostgreSQL's columns cannot hold though SQLite's did, as column and primary key."""
    for row in rows:
        for column in table.columns:
            value, most = row[column.name], getattr(column.type, "length", None)
            long = isinstance(value, str) and (len(value) > (most or len(value)) or "\x00" in value)
            big = isinstance(value, int) and isinstance(column.type, Integer) and not -_INT <= value < _INT
            if long or big:
                key = ", ".join(str(row[k.name]) for k in table.primary_key.columns)
                return f"cột {column.name}, khóa {key}"
    return "không rõ cột nào"


def _inside(path: Path, var_dir: Path) -> Path | None:
    if path.is_relative_to(var_dir):
        return path.relative_to(var_dir)
    ends = (Path(*path.parts[index:]) for index in range(1, len(path.parts) - 1))
    return next((end for end in ends if (var_dir / end).is_file()), None)


def _typed(kind: object, value: object) -> object:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(str(value))
    return date.fromisoformat(str(value)) if isinstance(kind, Date) else value
