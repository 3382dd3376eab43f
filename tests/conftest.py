"""What every test stands on: one thread for the sums, no way out of this machine, a store of its own."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: it starts a thread per core at import

import ipaddress
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airlog.db import Database
from tests.compiled_once import share_compiled_statements
from tests.shared_browser import close_shared_browser
from tests.stores import STORES, Stores, nothing
from tests.world import World, build_world

__all__ = ["STORES", "Stores"]
_beyond: list[str] = []
share_compiled_statements()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests first: they are slow, and share one browser (tests/shared_browser.py)."""
    items.sort(key=_is_no_browser_test)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if _is_no_browser_test(item):
        close_shared_browser()


def pytest_sessionfinish() -> None:
    close_shared_browser()


def _is_no_browser_test(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is None


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


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    found = Stores(tmp_path_factory.mktemp("stores"))
    yield found
    found.drop()


@pytest.fixture(scope="session", params=STORES)
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
def bare_store(stores: Stores, store_kind: str) -> Iterator[Database]:
    """A store with all its tables, and nothing in them."""
    db = Database(stores.filled(store_kind, nothing))
    yield db
    db.close()


@pytest.fixture
def world(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[World]:
    """The cast of tests/world.py on its first Monday at midnight, nothing sent yet."""
    found = build_world(stores.filled(store_kind), tmp_path)
    yield found
    found.db.close()
