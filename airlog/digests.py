"""The hash of a file as it lies on the disk; its bytes are read again only when the file was written to."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path


def sha256_of(path: Path) -> str | None:
    """None when there is no such file. For pages and lists; whoever makes sound of a file reads its bytes anew."""
    try:
        found = path.stat()
        return _sha256(path, found.st_mtime_ns, found.st_size)
    except OSError:
        return None


@lru_cache(maxsize=2048)
def _sha256(path: Path, mtime_ns: int, size_bytes: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
