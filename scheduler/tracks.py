"""The sound of a week: made before its hour, from a recording where there is one, else by a voice.

A clip that only the draft voice could read is kept for the editor and never given to a station.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import as_file
from importlib.resources.abc import Traversable
from pathlib import Path

from airlog import tracks
from airlog.db import Database, Session
from airlog.models import Rundown
from audio.clip import Clip, ClipRefused, Tags
from audio.render import Recording, read, render_programme, saved_as
from audio.speech import UnreadWords
from audio.voices import NoVoice, Take, Voices
from content import shelf
from content.item import text_hash
from content.week import Week

IDENT = "ident"
"""The name of the spoken ident's recording on the shelf."""


@dataclass(frozen=True)
class Job:
    """What one clip is made from and for."""

    version_id: int
    script: str
    slug: str
    title: str
    week: Week
    place: str
    campaign: str
    purpose: str


@dataclass(frozen=True)
class Studio:
    """Voices and the folder where clips are kept."""

    voices: Voices
    folder: Path

    def make(self, job: Job, now: datetime) -> Clip:
        """The programme of one week. Blocking: call it in a thread.

        Raises ClipRefused, NoVoice or UnreadWords, each with a Vietnamese reason.
        """
        source = self.source(job.slug, job.script, now)
        tags = Tags(
            title=f"Tuần {job.week.number}: {job.title}",
            artist=job.place,
            album=job.campaign,
            dated_on=job.week.monday,
            comment="Đọc 2 lần",
        )
        clip = render_programme([source], tags, self.folder, ident=self.ident(now))
        # Operators see this name when they save the file to a memory stick: short, ASCII, telling.
        return saved_as(
            clip, self.folder / clip.sha256[:8] / f"tuan-{job.week.number:02d}-{job.slug[:40]}.mp3"
        )

    def source(self, slug: str, script: str, now: datetime) -> Take | Recording:
        """The shipped recording of exactly this text, else a voice."""
        note = shelf.recording_notes().get(slug)
        if note is not None and note.text_hash == text_hash(script):
            sound = shelf.recording(slug)
            if sound is not None:
                return _shipped(sound, note.engine, note.voice)
        return read(script, self.voices, now)

    def ident(self, now: datetime) -> Take | Recording | None:
        """The spoken ident; its recording ships, so a machine without any voice has it too."""
        sound = shelf.recording(IDENT)
        note = shelf.recording_notes().get(IDENT)
        if sound is not None and note is not None:
            return _shipped(sound, note.engine, note.voice)
        return None


async def ensure_track(db: Database, studio: Studio, rundown_id: int, now: datetime) -> str | None:
    """Make the clip of a rundown unless it exists. Returns None, or the Vietnamese reason why there is none."""
    job = await db.read(_job, rundown_id)
    if job is None:
        return None
    try:
        clip = await asyncio.to_thread(studio.make, job, now)
    except (ClipRefused, NoVoice, UnreadWords) as error:
        return str(error)
    await db.run(tracks.keep, job.version_id, job.purpose, clip, now)
    return "chỉ có giọng nháp đọc được." if clip.draft else None


def _job(session: Session, rundown_id: int) -> Job | None:
    """What to make for a rundown; None when its clip is there."""
    rundown = session.get_one(Rundown, rundown_id)
    if tracks.airable(session, rundown) is not None:
        return None
    version = rundown.version
    return Job(
        version_id=version.id,
        script=version.script,
        slug=version.item.slug,
        title=version.item.title,
        week=Week.parse(rundown.week),
        place=tracks.place_of(session, rundown),
        campaign=rundown.campaign.name,
        purpose=tracks.purpose_of(session, rundown),
    )


def _shipped(sound: Traversable, engine: str, voice: str) -> Recording:
    with as_file(sound) as path:
        return Recording(Path(path), engine=engine, voice=voice)
