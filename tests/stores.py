"""Stores for tests: empty ones, and copies of filled ones, each filled once per process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from airlog.db import Database, Session
from tests.world import fill

SERVER = os.environ.get("LOAXA_TEST_DATABASE_URL", "")
"""A PostgreSQL server on which databases may be made and dropped: tests of the store then run there too."""
STORES = ("sqlite", "postgresql") if SERVER else ("sqlite",)
Work = Callable[[Session], object]


def nothing(session: Session) -> None:
    """Leaves the tables empty."""


class Stores:
    """Makes stores of either kind. A template is copied byte by byte (SQLite) or by the server (PostgreSQL)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[tuple[str, Work], str] = {}
        self._made: list[str] = []

    def empty(self, kind: str) -> str:
        """The URL of a store without any table."""
        return self._on_server("") if kind == "postgresql" else f"sqlite:///{self._folder / _name()}.db"

    def filled(self, kind: str, work: Work = fill) -> str:
        """The URL of a store of its own that `work` filled: by default with the communes, the library and the cast."""
        if (kind, work) not in self._templates:
            self._templates[kind, work] = self._template(kind, work)
        return self._copy(kind, self._templates[kind, work])

    def copy_to(self, path: Path, work: Work = fill) -> None:
        """Put a filled SQLite store where the program looks for one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(self.filled("sqlite", work).removeprefix("sqlite:///")).replace(path)

    def drop(self) -> None:
        for name in self._made:
            self._ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _template(self, kind: str, work: Work) -> str:
        url = self.empty(kind) if work is nothing else self.filled(kind, nothing)
        db = Database(url)
        if work is nothing:
            db.migrate()
        else:
            with db.session() as session:
                work(session)
        db.close()
        return url

    def _copy(self, kind: str, template: str) -> str:
        if kind == "postgresql":
            return self._on_server(f"TEMPLATE {make_url(template).database}")
        fresh = self.empty(kind)
        shutil.copyfile(template.removeprefix("sqlite:///"), fresh.removeprefix("sqlite:///"))
        return fresh

    def _on_server(self, options: str) -> str:
        self._made.append(_name())
        self._ask(f"CREATE DATABASE {self._made[-1]} {options}")
        return make_url(SERVER).set(database=self._made[-1]).render_as_string(hide_password=False)

    def _ask(self, statement: str) -> None:
        url = make_url(SERVER).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def tamper(db: Database, statement: str) -> None:
    """Change the log as somebody with the database's password could: the triggers go first."""
    with db.engine.begin() as connection:
        for what in ("UPDATE", "DELETE"):
            on = "" if db.is_sqlite else " ON log_entry"
            connection.execute(text(f"DROP TRIGGER log_entry_no_{what.lower() if on else what}{on}"))
        connection.execute(text(statement))


def _name() -> str:
    return f"loaxa_test_{uuid4().hex[:12]}"
