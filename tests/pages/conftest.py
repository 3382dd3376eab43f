"""The store behind the pages, made once and copied for each test, and browsers to look at them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import playwright.sync_api
import pytest
from fastapi import FastAPI

from tests.page_world import LOCAL_PC, Browser, World, build_world, fill, sign_in
from tests.serving import some_port
from tests.shared_browser import shared_browser
from tests.stores import Stores
from web.auth import cookie_name


@pytest.fixture
def world(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[World]:
    """Areas, library, people and a launched campaign; made once, copied for each test."""
    found = build_world(stores.filled(store_kind, fill), tmp_path)
    yield found
    found.db.close()


@pytest.fixture
def chromium() -> playwright.sync_api.Browser:
    """A real browser; only for tests marked `browser`."""
    return shared_browser()


@pytest.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    """Make browsers: of a person by phone, or of a stranger; on this machine, or elsewhere."""
    opened: list[httpx.AsyncClient] = []

    def make(
        phone: str | None = None, *, app: FastAPI | None = None, at: tuple[str, int] = LOCAL_PC
    ) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app or world.app, client=at, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080")
        if phone is not None:
            client.cookies.set(cookie_name(world.parts), sign_in(world, phone))
        opened.append(client)
        return client

    yield make
    for client in opened:
        await client.aclose()


@pytest.fixture
def free_port() -> int:
    return some_port()
