"""What every test stands on: one thread for the sums, no way out of this machine, a store of its own."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: it starts a thread per core at import

import ipaddress
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from airlog.db import Database
from tests.world import World, build_world, fill

SERVER = os.environ.get("LOAXA_TEST_DATABASE_URL", "")
"""A PostgreSQL server on which databases may be made and dropped: the store's tests then run there too."""
STORES = ("sqlite", "postgresql") if SERVER else ("sqlite",)
_beyond: list[str] = []


class OutsideConnection(Exception):
    """A test tried to reach another machine."""


def _guarded(name: str) -> Callable[[socket.socket, tuple[str, int]], object]:
    connect = getattr(socket.socket, name)

    def guard(self: socket.socket, address: tuple[str, int]) -> object:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
            _beyond.append(f"{address[0]}:{address[1]}")
            raise OutsideConnection(f"tests stay on this machine, but something wanted {_beyond[-1]}")
        return connect(self, address)

    return guard


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


socket.socket.connect = _guarded("connect")  # type: ignore[method-assign,assignment]
socket.socket.connect_ex = _guarded("connect_ex")  # type: ignore[method-assign,assignment]


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """Code under test may swallow the refusal; the test fails all the same."""
    _beyond.clear()
    yield
    if _beyond:
        pytest.fail(f"connections beyond this machine: {', '.join(_beyond)}")


class Stores:
    """Makes stores: empty ones, and copies of the one that holds the cast (filled once per process)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filled: dict[str, str] = {}
        self._made: list[str] = []

    def empty(self, kind: str) -> str:
        """The URL of a store without any table."""
        return self._on_server("") if kind == "postgresql" else f"sqlite:///{self._folder / _name()}.db"

    def filled(self, kind: str) -> str:
        """The URL of a store of its own with the communes, the library and the cast."""
        if kind not in self._filled:
            self._filled[kind] = self.empty(kind)
            db = Database(self._filled[kind])
            db.migrate()
            with db.session() as session:
                fill(session)
            db.close()
        if kind == "postgresql":
            return self._on_server(f"TEMPLATE {make_url(self._filled[kind]).database}")
        fresh = self.empty(kind)
        shutil.copyfile(self._filled[kind].removeprefix("sqlite:///"), fresh.removeprefix("sqlite:///"))
        return fresh

    def drop(self) -> None:
        for name in self._made:
            self._ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

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


def _name() -> str:
    return f"loaxa_test_{uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    found = Stores(tmp_path_factory.mktemp("stores"))
    yield found
    found.drop()


@pytest.fixture(params=STORES)
def store_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database the product runs on; PostgreSQL only where a server is named."""
    return str(request.param)


@pytest.fixture
def empty_store(stores: Stores, store_kind: str) -> Iterator[Database]:
    """A store without any table."""
    db = Database(stores.empty(store_kind))
    yield db
    db.close()


@pytest.fixture
def world(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[World]:
    """The cast of tests/world.py on its first Monday at midnight, nothing sent yet."""
    found = build_world(stores.filled(store_kind), tmp_path)
    yield found
    found.db.close()
