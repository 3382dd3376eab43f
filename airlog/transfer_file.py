"""The file in which a record travels: a zip that says what is in it, and shows when it is not whole.

One JSON-lines member per table (the first line names the columns), and last a manifest with the schema's revision,
the count and digest of each table and the last hash of the airing log.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

FORMAT = "loaxa-store-1"
CHUNK = 1_000
_MANIFEST = "manifest.json"
_BROKEN = (
    BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
)
"""What zipfile and json raise for bytes that are not ours."""


class CannotMove(Exception):
    """The record was not moved and nothing was written; the message is Vietnamese and says what to do."""


@dataclass(frozen=True)
class TableSum:
    """How many rows of a table travel, and the SHA-256 of their bytes."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a file says of itself. `made_at`: ISO 8601; `last_hash`: of the newest line of the airing log."""

    revision: str
    made_at: str
    last_hash: str
    tables: tuple[TableSum, ...]
    format: str = FORMAT

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    def count(self, name: str) -> int:
        return next((table.rows for table in self.tables if table.name == name), 0)


def look(file: Path) -> Manifest:
    """What a file holds. Raises CannotMove when it is no such file, or only a part of one."""
    try:
        with ZipFile(file) as pack:
            found = json.loads(pack.read(_MANIFEST))
            manifest = Manifest(**{**found, "tables": tuple(TableSum(**one) for one in found["tables"])})
            known = manifest.format == FORMAT
    except (FileNotFoundError, IsADirectoryError) as error:
        raise CannotMove(f"Không thấy tệp {file}. Anh/chị kiểm tra lại đường dẫn.") from error
    except _BROKEN as error:
        raise damaged(file) from error
    if not known:
        raise CannotMove(f"Tệp {file} do một bản Loa Xã khác xuất ra. Anh/chị xuất lại bằng bản đang dùng.")
    return manifest


def write_table(
    pack: ZipFile, name: str, columns: list[str], rows: Iterable[list[object]], tell: Callable[[int], None]
) -> TableSum:
    """Write a table as it comes; `tell` hears the rows done."""
    digest, count = hashlib.sha256(), 0
    with pack.open(f"{name}.jsonl", "w", force_zip64=True) as out:
        data = _line(columns)
        digest.update(data)
        out.write(data)
        for count, row in enumerate(rows, start=1):
            data = _line(row)
            digest.update(data)
            out.write(data)
            if count % CHUNK == 0:
                tell(count)
    tell(count)
    return TableSum(name, count, digest.hexdigest())


def write_manifest(pack: ZipFile, manifest: Manifest) -> None:
    """The last thing written: a file without it is no file."""
    pack.writestr(_MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))


def chunks(pack: ZipFile, told: TableSum, columns: list[str], file: Path) -> Iterator[list[list[object]]]:
    """A table's rows, CHUNK at a time. Raises CannotMove as soon as they are not what the manifest promised."""
    digest, count = hashlib.sha256(), 0
    try:
        with pack.open(f"{told.name}.jsonl") as lines:
            head = lines.readline()
            digest.update(head)
            if json.loads(head) != columns:
                raise ValueError("other columns")
            while part := list(islice(lines, CHUNK)):
                digest.update(b"".join(part))
                rows = [json.loads(line) for line in part]
                count += len(rows)
                if not all(isinstance(row, list) and len(row) == len(columns) for row in rows):
                    raise ValueError("rows of another length")
                yield rows
    except _BROKEN as error:
        raise damaged(file) from error
    if (digest.hexdigest(), count) != (told.sha256, told.rows):
        raise damaged(file)


def damaged(file: Path) -> CannotMove:
    return CannotMove(
        f"Tệp {file} bị cắt cụt, bị sửa hoặc không phải tệp của “loaxa db export”. Chưa nhập gì; anh/chị chép lại "
        "hoặc xuất lại."
    )


def _line(values: list[object] | list[str]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
