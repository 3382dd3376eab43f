"""The program's commands, run in this process: the arguments in, status and output out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from airlog import record
from airlog.db import Database
from airlog.models import Delivery, Duty, Rundown
from airlog.record import Source
from bot import cli
from tests.stores import Stores, Work
from tests.talk_world import LONG_AGO, TUESDAY, WEEK, fill, give_sound, launch

NOW = "2026-11-24T17:25"


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@dataclass
class Desk:
    """A machine with the program: an empty folder, unless `fill` puts a lived-in store there.

    On PostgreSQL the store lies elsewhere, and `LOAXA_DATABASE_URL` says where.
    """

    folder: Path
    run: Callable[..., Ran]
    stores: Stores
    kind: str
    point_at: Callable[[str], None]

    def fill(self, *, sounds: bool = False) -> Database:
        """Six weeks launched, week 48 sent, one airing stated."""
        db = Database(self._place(fill))
        with db.session() as session:
            duty = session.scalars(
                select(Duty).where(Duty.period == str(WEEK), Duty.rundown_id.is_not(None))
            ).first()
            person = session.scalars(select(Delivery)).first()
            assert duty is not None and person is not None
            record.aired(session, person.person, duty, Source("telegram", "1", TUESDAY), TUESDAY)
            if sounds:
                for rundown in session.scalars(select(Rundown)).unique():
                    give_sound(session, rundown, self.folder, TUESDAY)
        return db

    def _place(self, work: Work) -> str:
        """Put a filled store where the program looks for one."""
        if self.kind == "postgresql":
            url = self.stores.filled(self.kind, work)
            self.point_at(url)
            return url
        path = self.folder / "var" / "loaxa.db"
        self.stores.copy_to(path, work)
        return f"sqlite:///{path}"

    def plan(self, db: Database) -> int:
        """A campaign after the six weeks, launched, with sound; returns its number."""
        with db.session() as session:
            campaign = launch(session, LONG_AGO.shift(6), time(7, 30), TUESDAY - timedelta(days=1))
            for rundown in campaign.rundowns:
                give_sound(session, rundown, self.folder, TUESDAY)
            return campaign.id


@pytest.fixture
def desk(
    stores: Stores,
    store_kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Desk:
    for name in [name for name in os.environ if name.startswith("LOAXA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LOAXA_VOICES", "espeak")
    monkeypatch.setenv("LOAXA_VOICE_FETCH", "false")
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["loaxa", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        shown = capsys.readouterr()
        status = end.value.code
        return Ran(status if isinstance(status, int) else 0, shown.out, shown.err)

    def point_at(url: str) -> None:
        monkeypatch.setenv("LOAXA_DATABASE_URL", url)

    if store_kind == "postgresql":
        point_at(stores.empty(store_kind))
    return Desk(tmp_path, run, stores, store_kind, point_at)


def keys_of(data: object, path: str = "") -> set[str]:
    """Every key of a JSON value as docs/cli.md writes it: `stations[].state`."""
    if isinstance(data, list):
        return set().union(*(keys_of(one, f"{path}[]") for one in data))
    if isinstance(data, dict):
        found = (keys_of(value, f"{path}.{key}" if path else key) for key, value in data.items())
        return set().union(*found)
    return {path}
