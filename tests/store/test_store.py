"""The store itself: what the database refuses, and that both kinds of it have the same shape."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError, StatementError

from airlog import campaigns, deliveries, tracks
from airlog.db import Database, Refused, Session
from airlog.models import Audit, Base, Grant, Upload
from airlog.types import RoleKind
from audio.clip import Clip
from tests.world import HANH, WEEK, World, person_of

NOON = datetime(2026, 11, 24, 5, 0, 0, 123456, tzinfo=UTC)


def audit(session: Session, at: datetime, act: str = "test") -> None:
    session.add(Audit(at=at, act=act, subject="-"))


def acts(db: Database) -> list[str]:
    with db.session() as session:
        return [row.act for row in session.query(Audit).order_by(Audit.id)]


def test_migrations_from_nothing_make_exactly_the_models(empty_store: Database) -> None:
    assert empty_store.is_empty()

    empty_store.migrate()

    with empty_store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert not empty_store.is_empty()


def test_migrating_twice_changes_nothing(empty_store: Database) -> None:
    empty_store.migrate()
    with empty_store.session() as session:
        audit(session, NOON)

    empty_store.migrate()

    assert acts(empty_store) == ["test"]


def test_the_tables_stay_within_what_both_databases_know(empty_store: Database) -> None:
    empty_store.migrate()
    assert set(inspect(empty_store.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_a_naive_datetime_is_refused(world: World) -> None:
    with pytest.raises(StatementError, match="naive datetime"):
        world.ask(lambda s: audit(s, datetime(2026, 11, 24, 12, 0)))


@pytest.mark.parametrize("offset_hours", [0, 7, -5])
def test_an_instant_comes_back_as_the_same_instant_in_utc(world: World, offset_hours: int) -> None:
    told = NOON.astimezone(timezone(timedelta(hours=offset_hours)))

    world.ask(lambda s: audit(s, told, "instant"))

    (at,) = world.ask(lambda s: [row.at for row in s.query(Audit).filter_by(act="instant")])
    assert (at, at.tzinfo) == (NOON, UTC)


def test_a_row_that_points_to_nothing_is_refused(world: World) -> None:
    lost = Grant(person_id=99_999, role=RoleKind.ADMIN, scope="68", valid_from=NOON)
    with pytest.raises(IntegrityError):
        world.ask(lambda s: s.add(lost))


def test_a_role_outside_the_closed_set_is_refused(world: World) -> None:
    with pytest.raises(StatementError):
        world.ask(lambda s: s.add(Grant(person_id=1, role="king", scope="68", valid_from=NOON)))


def test_sqlite_writes_ahead_so_that_readers_never_wait(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'new folder' / 'loaxa.db'}")
    with db.session() as session:
        found = [
            session.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys")
        ]
    db.close()
    assert found == ["wal", 1]


def test_a_reader_sees_one_moment_while_a_writer_works(world: World) -> None:
    with world.db.reading() as reader:
        before = reader.query(Audit).count()
        world.ask(lambda s: audit(s, NOON))
        assert reader.query(Audit).count() == before
    assert world.ask(lambda s: s.query(Audit).count()) == before + 1


def test_an_error_undoes_everything(world: World) -> None:
    def fails(session: Session) -> None:
        audit(session, NOON, "lost")
        session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.ask(fails)
    assert "lost" not in acts(world.db)


def test_a_refusal_keeps_what_was_written_before_it(world: World) -> None:
    def refuses(session: Session) -> None:
        audit(session, NOON, "kept")
        raise Refused("không được")

    with pytest.raises(Refused):
        world.ask(refuses)
    assert "kept" in acts(world.db)


async def test_the_loop_goes_on_while_the_disk_works(world: World) -> None:
    names = await asyncio.gather(*(world.db.run(lambda s: person_of(s, HANH).name) for _ in range(5)))
    assert set(names) == {"Trần Thị Hạnh"}


async def test_two_processes_that_make_the_same_clip_keep_it_once(world: World) -> None:
    world.launch()
    version_id = world.ask(lambda s: campaigns.launched_rundowns(s, WEEK)[0].item_version_id)
    clip = Clip(Path("tuan-48.mp3"), "a" * 64, 61_000, -14.0, -1.0, 100, "fake", "fake", False)

    kept = await asyncio.gather(
        *(world.db.run(tracks.keep, version_id, "2026-W48/68", clip, NOON) for _ in range(4))
    )
    uploads = [world.db.run(deliveries.keep_upload, kept[0].id, "chat", "bot", f"f{n}") for n in range(4)]
    await asyncio.gather(*uploads)

    assert len({track.id for track in kept}) == 1
    assert world.ask(lambda s: s.query(Upload).count()) == 1
