"""SQL is compiled once per process, not once per store: a fifth of the time of tests that use one.

SQLAlchemy keeps compiled statements per engine, and nearly every test opens a store, hence an engine, of its own. All
engines of one kind here speak to the same server or library, so one cache serves them all.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect

_compiled: defaultdict[type[DefaultDialect], dict[Any, Any]] = defaultdict(dict)


def _same_kind(one: DefaultDialect, other: object) -> bool:
    return type(one) is type(other)


def _hash_of_kind(one: DefaultDialect) -> int:
    return hash(type(one))


def share_compiled_statements() -> None:
    """From now on, for every engine of this process."""
    DefaultDialect.__eq__ = _same_kind  # type: ignore[method-assign]  # part of a statement's key in the cache
    DefaultDialect.__hash__ = _hash_of_kind  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _use_shared)


def _use_shared(connection: Connection) -> None:
    engine: Any = connection.engine
    engine._compiled_cache = _compiled[type(engine.dialect)]
