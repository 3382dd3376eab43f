"""Opening the store: SQLite by default, PostgreSQL by URL. Others take `Session` and `Database` from here."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, TypeVarTuple
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    ExceptionContext,
    Float,
    Select,
    SQLColumnExpression,
    Update,
    create_engine,
    event,
    inspect,
    or_,
    select,
    text,
)
from sqlalchemy import Row as ResultRow
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.sql.functions import FunctionElement

from airlog.line import Line

if TYPE_CHECKING:  # migrations are rare, and their library is slow to load
    from alembic.config import Config

__all__ = ["Database", "Refused", "Session", "StoreUnreachable", "Unstorable", "store_seconds"]

_BUSY_MS = 30_000
_IDLE_MS = 15_000
_WAL_BYTES = 32 * 1024 * 1024
"""A write-ahead log that a long look kept from being folded in shrinks to this afterwards."""
_PRAGMAS = (
    f"busy_timeout={_BUSY_MS}",
    "foreign_keys=ON",
    "journal_mode=WAL",
    "synchronous=FULL",
    f"journal_size_limit={_WAL_BYTES}",
)
AT_ONCE = 500
"""Values in one statement: databases limit how many it may carry."""
_INSISTING_S = (0.2, 0.5, 1, 2, 5, 10, 15, 30, 60)
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
Columns = TypeVarTuple("Columns")
Row = dict[str, object]


class Refused(Exception):
    """An act refused on purpose. What was written before it (the audit line) is kept; the message can be shown."""


class StoreUnreachable(Exception):
    """The database does not answer, or cannot be opened; the message is Vietnamese."""


class Unstorable(Exception):
    """A number or text that no column can hold, such as an id of thirty figures; the message is Vietnamese."""

    def __init__(self) -> None:
        super().__init__("Có con số hoặc ký tự mà Loa Xã không ghi được. Anh/chị kiểm tra lại.")


class Database:
    """One store. Sessions are plain and short; asyncio code calls `run`, which works in a thread (ADR 0006)."""

    def __init__(self, url: str) -> None:
        self.url = _driver_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._line = Line()
        self.engine = _sqlite_engine(self.url, self._line) if self.is_sqlite else _server_engine(self.url)
        event.listen(self.engine, "handle_error", _name_unstorable)
        self._open_threads()
        self._writes = sessionmaker(self.engine, expire_on_commit=False)
        # On a server each statement would see its own moment; SQLite's transactions are snapshots anyway.
        look = {"reads": True} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reads = sessionmaker(self.engine.execution_options(**look), expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises (but see Refused)."""
        with self._writes() as session:
            try:
                yield session
            except Refused:
                session.commit()
                raise
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent look that never waits for a writer."""
        with self._reads.begin() as session:
            yield session

    async def run(self, work: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `work(session, …)` in one transaction in a thread, so that the loop never waits for the disk."""

        def job() -> R:
            with self.session() as session:
                return work(session, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._writers, job)

    async def insist(
        self, work: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Like `run`, but waits out a store that is away or locked for up to two minutes: for what must not be lost,
        such as the answer to a message that was sent."""
        for pause_s in _INSISTING_S:
            try:
                return await self.run(work, *args, **kwargs)
            except (OperationalError, InterfaceError):
                await asyncio.sleep(pause_s)
        return await self.run(work, *args, **kwargs)

    async def read(self, work: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Like `run`, for work that only looks."""

        def job() -> R:
            with self.reading() as session:
                return work(session, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._readers, job)

    def engine_for_jobs(self) -> Engine:
        """A pool of its own for the durable engine, which begins its transactions its own way (engine.py)."""
        if not self.is_sqlite:
            return _server_engine(self.url, pool_size=5)
        engine = create_engine(
            self.url, connect_args={"timeout": _BUSY_MS / 1000, "isolation_level": "IMMEDIATE"}
        )
        event.listen(engine, "connect", _set_pragmas)
        self._line.guard(engine, lambda _connection: True)
        return engine

    def migrate(self) -> None:
        """Bring the tables to the newest shape; harmless when they are."""
        from alembic import command

        command.upgrade(self._alembic(), "head")

    def is_empty(self) -> bool:
        """True when no table of ours exists yet. Raises StoreUnreachable."""
        try:
            return not inspect(self.engine).has_table("area")
        except OperationalError as error:
            place = self.url.render_as_string(hide_password=True)
            raise StoreUnreachable(
                f"Chưa mở được cơ sở dữ liệu {place}. Anh/chị xem máy chủ cơ sở dữ liệu có chạy không."
            ) from error

    def check_sessions(self) -> None:
        """See that a connection keeps its session. A pooler in transaction mode hands it to others in between, which
        breaks prepared statements and settings at odd moments. Raises StoreUnreachable.
        """
        if self.is_sqlite:
            return
        mark = uuid4().hex
        with self.engine.connect() as mine, self.engine.connect() as other:
            mine.execute(text("SELECT set_config('loaxa.session', :mark, false)"), {"mark": mark})
            mine.commit()
            ask = text("SELECT current_setting('loaxa.session', true)")
            seen = other.execute(ask).scalar()  # before `mine` takes its session again
            if seen == mark or mine.execute(ask).scalar() != mark:
                raise StoreUnreachable(
                    "Bộ gộp kết nối trước PostgreSQL (như pgbouncer) đang ở chế độ transaction. "
                    "Anh/chị đổi sang chế độ session, hoặc nối thẳng tới máy chủ, rồi chạy lại."
                )
            mine.execute(text("SELECT set_config('loaxa.session', '', false)"))
            mine.commit()

    def close(self) -> None:
        """Give back connections and threads; used again, it opens new ones."""
        for threads in (self._writers, self._readers):
            threads.shutdown(wait=False)
        self._open_threads()
        self.engine.dispose()

    def _open_threads(self) -> None:
        """Writers of a file wait for one another anyway: few in a fair queue beat many that fight (measured)."""
        self._writers = ThreadPoolExecutor(2 if self.is_sqlite else 8, thread_name_prefix="store-write")
        self._readers = ThreadPoolExecutor(4 if self.is_sqlite else 6, thread_name_prefix="store-read")

    def _alembic(self) -> Config:
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", "airlog:migrations")
        config.attributes["engine"] = self.engine
        return config


def insert_new(
    session: Session, table: type[DeclarativeBase], rows: Sequence[Row], unique: Sequence[str]
) -> None:
    """Insert the rows whose unique columns are not there yet, also when another process inserts them at this moment."""
    if rows:
        session.execute(insert_into(session, table).on_conflict_do_nothing(index_elements=unique), rows)


def insert_into(session: Session, table: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what happens to a row that is there already."""
    return postgresql.insert(table) if is_server(session) else sqlite.insert(table)


def is_server(session: Session) -> bool:
    """PostgreSQL; else it is SQLite, whose writing transactions exclude one another anyway."""
    return session.get_bind().dialect.name == "postgresql"


def in_parts(values: Sequence[T], at_once: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """As many at a time as one statement may carry."""
    return (values[start : start + at_once] for start in range(0, len(values), at_once))


def rows_about(
    session: Session, query: Select[*Columns], column: SQLColumnExpression[object], values: Collection[object]
) -> Iterator[ResultRow[*Columns]]:
    """The rows of a query in which a column has one of any number of values."""
    for part in in_parts(list(values)):
        yield from session.execute(query.where(column.in_(part)))


def lasts(end: SQLColumnExpression[object], moment: date) -> ColumnElement[bool]:
    """Rows that go on after a moment: their end is open, or lies behind it. An end is the first moment without them."""
    return or_(end.is_(None), end > moment)


def changed(session: Session, statement: Update, values: Row | None = None) -> int:
    """Run an UPDATE, with values for its parameters, and count the rows that it changed."""
    result = session.execute(statement, values)
    assert isinstance(result, CursorResult)
    return result.rowcount


class store_clock(FunctionElement[float]):
    """The store's own clock, in seconds since 1970: one clock for every process that shares it.

    On a server the moment of the call, not the start of the transaction; a file is shared by one machine only.
    """

    type = Float()
    inherit_cache = True


@compiles(store_clock, "postgresql")
def _server_clock(*_: object, **__: object) -> str:
    return "extract(epoch FROM clock_timestamp())::float8"


@compiles(store_clock, "sqlite")
def _file_clock(*_: object, **__: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


def store_seconds(session: Session) -> float:
    """What `store_clock` says now."""
    return float(session.execute(_STORE_CLOCK).scalar_one())


_STORE_CLOCK = select(store_clock())


def lock_log(session: Session) -> None:
    """Let one writer at a time extend the hash chain."""
    _lock(session, 7170001)


def lock_pool(session: Session) -> None:
    """Two who hand out the last place at a bot at once: one of them waits."""
    _lock(session, 7170002)


def _lock(session: Session, number: int) -> None:
    if is_server(session):
        session.execute(text(f"SELECT pg_advisory_xact_lock({number})"))


def _driver_url(url: str) -> URL:
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _server_engine(url: URL, pool_size: int = 10) -> Engine:
    """A process that freezes inside a transaction keeps its locks, and all others wait: the server ends it."""
    limits = f"-c idle_in_transaction_session_timeout={_IDLE_MS}"
    return create_engine(
        url, pool_size=pool_size, max_overflow=5, pool_pre_ping=True, connect_args={"options": limits}
    )


def _sqlite_engine(url: URL, line: Line) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    line.guard(engine, lambda connection: not _only_reads(connection))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _name_unstorable(context: ExceptionContext) -> None:
    """SQLite's driver raises OverflowError itself, PostgreSQL answers with a DataError."""
    if isinstance(context.original_exception, OverflowError) or isinstance(
        context.sqlalchemy_exception, DataError
    ):
        raise Unstorable from context.original_exception


def _begin_sqlite(connection: Connection) -> None:
    """Writers take their lock at once: a transaction that upgrades later fails with "database is locked"."""
    connection.exec_driver_sql("BEGIN" if _only_reads(connection) else "BEGIN IMMEDIATE")


def _only_reads(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("reads", False))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Per connection: foreign keys are off by default, and the driver's own BEGIN is a lazy one."""
    connection.isolation_level = None
    _set_pragmas(connection)


def _set_pragmas(connection: Any, _record: object = None) -> None:
    """A claim must outlive a power cut, or its message would be sent twice: FULL syncs each commit.

    The durable engine's SQL calls unixepoch('subsec') on Python 3.12 and later; SQLite has it from 3.42 on, Debian 12
    ships an older one.
    """
    if sqlite3.sqlite_version_info < (3, 42):
        connection.create_function("unixepoch", 1, lambda _modifier: time.time())
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
