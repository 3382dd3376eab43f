"""The store behind the pages, made once and copied for each test, and browsers to look at them."""

from __future__ import annotations

import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from airlog.db import Database
from audio.voices import Voices
from scheduler.clock import HandClock
from scheduler.tracks import Studio
from tests.fakes import FakeSpeech
from tests.page_world import LOCAL_PC, TUESDAY, Browser, World, fill, sign_in
from web.app import create_app
from web.auth import cookie_name
from web.parts import Parts


@pytest.fixture(scope="session")
def first_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Areas, library, people and a launched campaign; made once, copied for each test."""
    path = tmp_path_factory.mktemp("store") / "first.db"
    db = Database(f"sqlite:///{path}")
    db.migrate()
    with db.session() as session:
        fill(session)
    db.close()
    return path


@pytest.fixture
def world(first_store: Path, tmp_path: Path) -> Iterator[World]:
    shutil.copyfile(first_store, tmp_path / "loaxa.db")
    db = Database(f"sqlite:///{tmp_path / 'loaxa.db'}")
    clock, voice = HandClock(TUESDAY), FakeSpeech()
    studio = Studio(Voices([voice]), tmp_path / "clips")
    parts = Parts(db, clock, studio, tmp_path, "http://127.0.0.1:8080", channels=("simulator",))
    yield World(db, clock, parts, create_app(parts), voice)
    db.close()


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
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
