"""Moving the record to another database: what is refused, and that what arrives is what left."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select, text

from airlog import airchecks, dialogs, nodes, record
from airlog.airchecks import KeptFile
from airlog.db import Database, Session
from airlog.models import Area, Audit, Base, Delivery, Dialog, LogEntry, Node, Person, Track
from airlog.nodes import Me
from airlog.transfer import LEFT_BEHIND, Moved, export, load
from airlog.transfer_file import CHUNK, CannotMove, look
from airlog.types import DeliveryState
from tests.conftest import STORES, Stores
from tests.world import DAK_WIL, HANH, SON, WEEK, World, bind, person_of

Rows = dict[str, list[tuple[object, ...]]]
ME = Me("may-1", "token-1", "all", "may-1", 1)


@dataclass
class Move:
    """A record in one place, a place without any, and what lies between."""

    world: World
    new: Database
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "loaxa.zip"

    @property
    def old_var(self) -> Path:
        return self.folder / "cu" / "var"

    @property
    def new_var(self) -> Path:
        return self.folder / "moi" / "var"

    def export(self) -> Moved:
        return export(self.world.db, self.file, self.old_var, self.world.now, lambda done, total: None)

    def load(self) -> Moved:
        return load(self.new, self.file, self.new_var, self.world.now, lambda done, total: None)

    def rewrite(self, change: Callable[[str, bytes], bytes]) -> None:
        """Write the file anew with other bytes in it."""
        with ZipFile(self.file) as pack:
            parts = {name: pack.read(name) for name in pack.namelist()}
        with ZipFile(self.file, "w") as pack:
            for name, data in parts.items():
                pack.writestr(name, change(name, data))

    def forge(self, member: str, old: str, new: str) -> None:
        """Change a member, and its digest in the manifest as well."""
        digests: dict[str, str] = {}

        def change(name: str, data: bytes) -> bytes:
            if name == member:
                assert old.encode() in data
                forged = data.replace(old.encode(), new.encode())
                digests[hashlib.sha256(data).hexdigest()] = hashlib.sha256(forged).hexdigest()
                return forged
            if name == "manifest.json":
                for before, after in digests.items():
                    data = data.replace(before.encode(), after.encode())
            return data

        self.rewrite(change)


@pytest.fixture
async def move(world: World, stores: Stores, store_kind: str, tmp_path: Path) -> AsyncIterator[Move]:
    """A Monday that went out, one statement, one message on its way; the new place is of the other kind, if there is one."""
    world.launch()
    await world.at(0, "07:30")
    await world.at(0, "17:30")
    world.says_aired(HANH, DAK_WIL)
    world.ask(
        lambda s: record.withdraw(s, *world._statement(s, HANH, DAK_WIL, WEEK), world.source(), world.now)
    )
    new = Database(stores.empty(next((kind for kind in STORES if kind != store_kind), store_kind)))
    yield Move(world, new, tmp_path)
    new.close()


def rows_of(db: Database) -> Rows:
    """Every row of every table."""
    found: Rows = {}
    with db.reading() as session:
        for table in Base.metadata.sorted_tables:
            query = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [tuple(row) for row in session.execute(query)]
    return found


def nothing_in(db: Database) -> bool:
    return db.is_empty() or not any(rows_of(db).values())


# ---- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.999])
def test_a_file_that_was_cut_short_is_refused(move: Move, kept: float) -> None:
    move.export()
    data = move.file.read_bytes()
    move.file.write_bytes(data[: int(len(data) * kept)])

    with pytest.raises(CannotMove, match="cắt cụt"):
        move.load()
    assert nothing_in(move.new)


@pytest.mark.parametrize("member", ["person.jsonl", "delivery.jsonl", "log_entry.jsonl", "fact.jsonl"])
def test_a_file_in_which_one_letter_was_changed_is_refused(move: Move, member: str) -> None:
    move.world.ask(lambda s: s.execute(text("INSERT INTO fact VALUES ('x', 'y')")))
    move.export()
    move.rewrite(lambda name, data: data[:-4] + b"9" + data[-3:] if name == member else data)

    with pytest.raises(CannotMove, match="bị sửa"):
        move.load()
    assert nothing_in(move.new)


def test_a_line_that_is_gone_is_missed(move: Move) -> None:
    move.export()
    move.rewrite(lambda name, data: data[: data[:-1].rfind(b"\n") + 1] if name == "address.jsonl" else data)

    with pytest.raises(CannotMove, match="bị sửa"):
        move.load()
    assert nothing_in(move.new)


def test_a_table_that_is_gone_is_missed(move: Move) -> None:
    move.export()
    with ZipFile(move.file) as pack:
        parts = {name: pack.read(name) for name in pack.namelist() if name != "audit.jsonl"}
    with ZipFile(move.file, "w") as pack:
        for name, data in parts.items():
            pack.writestr(name, data)

    with pytest.raises(CannotMove, match="cắt cụt"):
        move.load()
    assert nothing_in(move.new)


def test_a_statement_forged_with_its_digest_breaks_the_chain_of_the_log(move: Move) -> None:
    move.export()
    move.forge("log_entry.jsonl", '"vie"', '"tay"')

    with pytest.raises(CannotMove, match="hỏng từ dòng 1"):
        move.load()
    assert nothing_in(move.new)


def test_a_row_that_points_to_nobody_is_refused(move: Move) -> None:
    move.export()
    move.forge("address.jsonl", '[1,1,"chat"', '[1,9999,"chat"')

    with pytest.raises(CannotMove, match="bị sửa"):
        move.load()
    assert nothing_in(move.new)


def test_a_path_that_leaves_the_var_folder_is_refused(move: Move) -> None:
    _file_in_var(move)
    move.export()
    move.forge("track.jsonl", '"clips/', '"../../')

    with pytest.raises(CannotMove, match="bị sửa"):
        move.load()
    assert nothing_in(move.new)


@pytest.mark.parametrize("data", [b"", b"Tin tuan", b'{"format": "loaxa-store-1"}'])
def test_what_is_no_such_file_is_refused(move: Move, data: bytes) -> None:
    move.file.write_bytes(data)

    with pytest.raises(CannotMove, match="không phải tệp của"):
        look(move.file)


@pytest.mark.parametrize("name", ["khong-co.zip", "."])
def test_a_file_that_is_not_there_is_named(move: Move, name: str) -> None:
    with pytest.raises(CannotMove, match="Không thấy tệp"):
        look(move.folder / name)


def test_a_file_of_another_shape_of_tables_is_refused(move: Move) -> None:
    revision = move.export().manifest.revision
    move.rewrite(lambda name, data: data.replace(f'"{revision}"'.encode(), b'"0001"'))

    with pytest.raises(CannotMove, match=f"cấu trúc bảng 0001, ở đây là {revision}"):
        move.load()
    assert nothing_in(move.new)


def test_a_file_of_another_format_is_refused(move: Move) -> None:
    move.export()
    move.rewrite(lambda name, data: data.replace(b"loaxa-store-1", b"loaxa-store-9"))

    with pytest.raises(CannotMove, match="một bản Loa Xã khác"):
        move.load()


def test_a_place_that_holds_anything_is_left_alone(move: Move) -> None:
    move.export()
    move.new.migrate()
    with move.new.session() as session:
        session.add(Audit(at=move.world.now, act="mine", subject="-"))

    with pytest.raises(CannotMove, match=r"đã có dữ liệu \(bảng audit\)"):
        move.load()
    assert [row[3] for row in rows_of(move.new)["audit"]] == ["mine"]


def test_loading_twice_is_refused_the_second_time(move: Move) -> None:
    move.export()
    move.load()

    with pytest.raises(CannotMove, match="đã có dữ liệu"):
        move.load()
    assert len(rows_of(move.new)["log_entry"]) == 2


def test_a_place_where_another_process_works_is_refused(move: Move) -> None:
    move.world.ask(lambda s: nodes.join(s, ME, move.world.now))

    with pytest.raises(CannotMove, match="Tiến trình may-1 còn đang chạy"):
        move.export()
    assert list(move.folder.glob("*loaxa.zip*")) == []

    move.world.ask(lambda s: nodes.leave(s, ME))
    assert move.export().manifest.rows > 0


def test_a_file_that_is_there_is_not_overwritten(move: Move) -> None:
    move.file.write_bytes(b"hom qua")

    with pytest.raises(CannotMove, match="Đã có tệp"):
        move.export()
    assert move.file.read_bytes() == b"hom qua"


def test_tables_of_an_older_shape_are_not_exported(move: Move) -> None:
    move.world.ask(lambda s: s.execute(text("UPDATE alembic_version SET version_num = '0002'")))

    with pytest.raises(CannotMove, match="loaxa db init"):
        move.export()
    assert not move.file.exists()


def test_a_folder_that_is_not_there_leaves_no_file(move: Move) -> None:
    with pytest.raises(OSError):
        export(
            move.world.db, move.folder / "khong" / "co.zip", move.old_var, move.world.now, lambda a, b: None
        )


@pytest.mark.skipif("postgresql" not in STORES, reason="SQLite holds texts of any length")
def test_a_text_that_the_new_place_cannot_hold_is_named_and_nothing_stays(move: Move) -> None:
    if move.new.is_sqlite or not move.world.db.is_sqlite:
        return  # only a file lets such a row in
    move.world.ask(lambda s: s.add(Audit(at=move.world.now, act="a" * 50, subject="-")))
    move.export()

    with pytest.raises(CannotMove, match=r"Bảng audit .*cột act, khóa \d+"):
        move.load()
    assert nothing_in(move.new)


# ---- what arrives --------------------------------------------------------------------------------------


def test_every_row_of_every_table_arrives_as_it_left(move: Move) -> None:
    move.world.ask(lambda s: s.execute(text("UPDATE delivery SET armed = false")))  # jobs stay behind
    before = rows_of(move.world.db)

    left, arrived = move.export(), move.load()

    after = rows_of(move.new)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert sum(len(rows) for rows in after.values()) == left.manifest.rows == arrived.manifest.rows
    assert len(after["area"]) > 3 * CHUNK and after["delivery"] and after["track"]


def test_the_log_has_the_same_last_hash_and_holds(move: Move) -> None:
    left = move.export()
    move.load()

    with move.new.reading() as session:
        assert record.verify(session) is None
        assert (
            session.scalars(select(LogEntry.hash).order_by(LogEntry.seq.desc())).first()
            == left.manifest.last_hash
        )


def test_there_and_back_again_it_is_the_same_file(move: Move, stores: Stores, store_kind: str) -> None:
    move.world.ask(lambda s: s.execute(text("UPDATE delivery SET armed = false")))
    first = move.export().manifest
    move.load()
    second = export(
        move.new, move.folder / "ve.zip", move.new_var, move.world.now, lambda a, b: None
    ).manifest

    assert second.tables == first.tables and second.last_hash == first.last_hash


def test_the_next_person_gets_the_next_number(move: Move) -> None:
    move.export()
    move.load()

    with move.new.session() as session:
        last = max(session.scalars(select(Person.id)))
        session.add(Person(name="Người mới", phone="+84900000000", created_at=move.world.now))
        session.flush()
        bound = bind(session, "0900000000", move.world.now)
        assert (bound.person_id, session.scalars(select(Person.id).order_by(Person.id.desc())).first()) == (
            last + 1,
            last + 1,
        )


def test_a_message_on_its_way_becomes_unknown_and_open_ones_wait_for_a_new_job(move: Move) -> None:
    def in_hand(session: Session) -> None:
        first, second, *_ = session.scalars(select(Delivery).order_by(Delivery.id)).unique()
        first.state, first.settled_at = DeliveryState.SENDING, None
        second.state, second.armed, second.jobs = DeliveryState.QUEUED, True, 3

    move.world.ask(in_hand)

    move.export()
    arrived = move.load()

    with move.new.reading() as session:
        first, second, *_ = session.scalars(select(Delivery).order_by(Delivery.id)).unique()
        assert (first.state, first.settled_at) == (DeliveryState.UNKNOWN, move.world.now)
        assert (second.state, second.armed, second.jobs) == (DeliveryState.QUEUED, False, 3)
    assert arrived.travel.doubtful == 1


def test_what_only_running_processes_know_stays_behind(move: Move) -> None:
    move.world.ask(lambda s: nodes.join(s, ME, move.world.now))
    move.world.ask(lambda s: nodes.leave(s, ME))

    move.export()
    move.load()

    assert [rows_of(move.new)[name] for name in LEFT_BEHIND] == [[], [], []]
    with move.world.db.reading() as session:
        assert session.get(Node, "may-1") is not None


def test_areas_that_follow_each_other_arrive_whatever_their_codes(move: Move) -> None:
    def merge(session: Session) -> None:
        one, two, three = (session.get_one(Area, code) for code in ("00004", "24646", "00070"))
        one.successor_code, two.successor_code = two.code, three.code

    move.world.ask(merge)

    move.export()
    move.load()

    with move.new.reading() as session:
        assert session.get_one(Area, "24646").successor_code == "00070"


def test_files_follow_the_var_folder(move: Move) -> None:
    clip = _file_in_var(move)
    shutil.copytree(move.old_var, move.new_var)
    (move.new_var / "proof" / "a.jpg").unlink()

    move.export()
    arrived = move.load()

    with move.new.reading() as session:
        track = session.get_one(Track, 1)
        assert (
            Path(track.path) == move.new_var / clip.relative_to(move.old_var) and Path(track.path).is_file()
        )
        waiting = [
            airchecks.from_text(line) for line in session.scalars(select(Dialog)).one().data.splitlines()
        ]
    assert [one[2] for one in waiting] == [move.new_var / "proof" / "a.jpg"] * 2
    assert (arrived.travel.files, arrived.travel.missing, arrived.travel.outside) == (3, 2, 0)


def test_files_that_were_moved_before_are_found_again_and_strangers_keep_their_path(move: Move) -> None:
    clip = _file_in_var(move)

    def moved(session: Session) -> None:
        session.get_one(Track, 1).path = "/srv/cu/" + clip.relative_to(move.old_var).as_posix()

    move.world.ask(moved)

    left = move.export()
    move.load()
    with move.new.reading() as session:
        assert Path(session.get_one(Track, 1).path) == move.new_var / clip.relative_to(move.old_var)
    assert left.travel.outside == 0

    move.world.ask(lambda s: setattr(s.get_one(Track, 1), "path", "/srv/la/x.mp3"))
    move.file.unlink()
    assert move.export().travel.outside == 1


def test_a_record_of_nothing_can_travel_too(move: Move, stores: Stores, store_kind: str) -> None:
    bare = Database(stores.empty(store_kind))
    bare.migrate()
    left = export(bare, move.file, move.old_var, move.world.now, lambda a, b: None)
    bare.close()

    move.load()

    assert (left.manifest.rows, left.manifest.last_hash) == (0, record.GENESIS) and nothing_in(move.new)


def test_the_bar_only_moves_forward_and_ends_full(move: Move) -> None:
    told: list[tuple[int, int]] = []

    export(move.world.db, move.file, move.old_var, move.world.now, lambda a, b: told.append((a, b)))
    out, told = told, []
    load(move.new, move.file, move.new_var, move.world.now, lambda a, b: told.append((a, b)))

    for bar in (out, told):
        assert [done for done, _ in bar] == sorted(done for done, _ in bar) and len(
            {all_ for _, all_ in bar}
        ) == 1
        assert bar[-1][0] == bar[-1][1] and len(bar) > 4


def test_only_the_owner_may_read_the_file(move: Move) -> None:
    move.export()

    assert move.file.stat().st_mode & 0o077 == 0


def test_the_manifest_can_be_read_by_eye(move: Move) -> None:
    left = move.export()

    with ZipFile(move.file) as pack:
        told = json.loads(pack.read("manifest.json"))
        head = pack.read("person.jsonl").splitlines()[0]
    assert (told["format"], told["revision"]) == ("loaxa-store-1", left.manifest.revision)
    assert json.loads(head) == ["id", "name", "phone", "created_at", "left_at"]


def _file_in_var(move: Move) -> Path:
    """A clip that lies in the var folder, and an operator who was asked what two photos are proof of."""
    clip = move.old_var / "clips" / "x.mp3"
    clip.parent.mkdir(parents=True)
    clip.write_bytes(b"ID3")
    (move.old_var / "proof").mkdir()
    (move.old_var / "proof" / "a.jpg").write_bytes(b"jpg")

    def tie(session: Session) -> None:
        for track in session.scalars(select(Track)):
            track.path = str(clip)
        line = airchecks.as_text(KeptFile("photo", "image/jpeg", move.old_var / "proof" / "a.jpg", 3))
        address = person_of(session, SON).addresses[0]
        dialogs.ask(session, address, "proof_for", move.world.now, data=f"{line}\n{line}")

    move.world.ask(tie)
    return clip
