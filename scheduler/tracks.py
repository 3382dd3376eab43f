"""The sound of a week: made before its hour, from what was heard and cleared, else from the library, else by a voice.

Most stations share one clip; a station with an ident, jingle or manner of its own gets its own, made of the same
readings. A clip that only the draft voice could read is kept for the editor and never given to a station.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from airlog import lexicon, readings, recordings, rundowns, tracks
from airlog.db import Database, Session
from airlog.models import ItemVersion, Rundown, Station
from airlog.readings import Reading
from airlog.scope import lower_kind
from audio.clip import Clip, ClipRefused, Tags
from audio.render import (
    RECORDING,
    Recording,
    read,
    render_opening,
    render_programme,
    render_reading,
    saved_as,
)
from audio.sound_file import FLAC
from audio.speech import UnreadWords
from audio.voices import NoVoice, Take, Voices
from content.item import text_hash
from content.week import Week
from scheduler.manner import OF_ALL, Manner, jingle_trouble, manner_of

IDENT = "ident"
"""The name of the spoken ident's recording on the shelf."""
_NO_SOUND = (ClipRefused, NoVoice, UnreadWords)


@dataclass(frozen=True)
class Piece:
    """One item of a programme, and the readings of it that there are."""

    version_id: int
    script: str
    slug: str
    title: str
    bound: Reading | None = None
    """What was heard when the item was cleared: then this, and nothing else, is read in Vietnamese."""
    others: tuple[Reading, ...] = ()
    """People's readings in the other languages that the mandate asks for, heard and cleared."""


@dataclass(frozen=True)
class Beginning:
    """What is heard before the items. `trouble`: what of the station's own could not be had, and why; Vietnamese."""

    ident: Take | Recording | None
    jingle: Path | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Job:
    """What one clip is made from and for."""

    pieces: tuple[Piece, ...]
    week: Week
    place: str
    campaign: str
    purpose: str
    lexicon: Mapping[str, str] = field(default_factory=dict)
    """How words are read in the province, or at the station."""
    manner: Manner = OF_ALL

    @property
    def version_id(self) -> int:
        return self.pieces[0].version_id

    @property
    def slug(self) -> str:
        return self.pieces[0].slug

    @property
    def title(self) -> str:
        more = len(self.pieces) - 1
        return self.pieces[0].title + (f" và {more} tin nữa" if more else "")


@dataclass(frozen=True)
class Studio:
    """Voices and the folder where clips are kept."""

    voices: Voices
    folder: Path

    def make(self, job: Job, now: datetime) -> Clip:
        """The programme of one week. Blocking: call it in a thread.

        Raises ClipRefused, NoVoice or UnreadWords, each with a Vietnamese reason.
        """
        manner, begins = job.manner, self.beginning(job.manner, now, job.lexicon)
        items: list[Take | Recording] = []
        for piece in job.pieces:
            items.append(self.reading(piece, now, job.lexicon))
            items += [_recording(_whole(one, piece.title)) for one in piece.others]
        tags = Tags(
            title=f"Tuần {job.week.number}: {job.title}",
            artist=f"{manner.station}, {job.place}" if manner.station_id else job.place,
            album=job.campaign,
            dated_on=job.week.monday,
            # The number keeps clips of two stations of one name and manner apart.
            comment=f"Đọc {manner.readings} lần"
            + (f"; đài số {manner.station_id}" if manner.station_id else ""),
        )
        clip = render_programme(
            items, tags, self.folder, begins.ident, manner.readings, jingle=begins.jingle, slow=manner.slow
        )
        # Operators see this name when they save the file to a memory stick: short, ASCII, telling.
        clip = saved_as(
            clip, self.folder / clip.sha256[:8] / f"tuan-{job.week.number:02d}-{job.slug[:40]}.mp3"
        )
        return replace(clip, trouble=f"{clip.trouble} {begins.trouble}".strip())

    def reading(self, piece: Piece, now: datetime, words: Mapping[str, str]) -> Recording:
        """The Vietnamese reading as a finished file. Raises like `make`; ClipRefused also when the reading that was
        cleared is not there any more."""
        if piece.bound is not None:
            return _recording(_whole(piece.bound, piece.title))
        source = self.source(piece.slug, piece.script, now, words)
        return source if isinstance(source, Recording) else self.finished(source, piece.title)

    def finished(self, take: Take, title: str) -> Recording:
        """A voice's reading, mastered, in the lossless file that programmes are made of. Raises ClipRefused."""
        clip = self.clip_of(take, title)
        return Recording(clip.path, clip.engine, clip.voice, clip.draft, clip.trouble)

    def clip_of(self, take: Take, title: str) -> Clip:
        """The same as a clip, to be heard and cleared. Raises ClipRefused."""
        return render_reading(take, Tags(title), self.folder, FLAC)

    def source(
        self, slug: str, script: str, now: datetime, words: Mapping[str, str] | None = None
    ) -> Take | Recording:
        """The shipped recording of exactly this text, else a voice."""
        shipped = readings.shipped_reading(slug, text_hash(script))
        return _recording(shipped) if shipped else read(script, self.voices, now, lexicon=words)

    def ident(self) -> Recording | None:
        """The spoken ident; its recording ships, so a machine without any voice has it too."""
        found = readings.shipped_reading(IDENT)
        return _recording(found) if found else None

    def beginning(self, manner: Manner, now: datetime, words: Mapping[str, str]) -> Beginning:
        """What a station chose; where that cannot be had, what all stations have, and why. A week is not lost for it."""
        ident, station = self.ident(), lower_kind(manner.station)
        troubles = []
        if manner.own_ident:
            try:
                own = ident = self.own_ident(manner, now, words)
                if own.trouble:
                    troubles.append(f"Lời xướng riêng của {station}: {own.trouble}")
            except _NO_SOUND as error:
                troubles.append(f"Bản phát của {station} dùng lời xướng chung. {error}")
        if trouble := jingle_trouble(manner):
            troubles.append(f"Bản phát của {station} mở đầu bằng tiếng chuông chung. {trouble}")
        return Beginning(ident, None if trouble else manner.jingle, " ".join(troubles))

    def own_ident(self, manner: Manner, now: datetime, words: Mapping[str, str]) -> Recording:
        """The station's name and the greeting. Raises like `make`; ClipRefused also when only the draft voice is here."""
        take = read(manner.words, self.voices, now, lexicon=words)
        if take.draft:
            raise ClipRefused(
                "Chỉ có giọng nháp đọc được lời xướng riêng của đài. Lời xướng chung vẫn dùng được. "
                "Anh/chị báo người quản trị cài giọng đọc."
            )
        return self.finished(take, manner.station)

    def opening(self, manner: Manner, now: datetime, words: Mapping[str, str]) -> Clip:
        """How a station's programme begins, to be heard on its page. Raises like `make`."""
        ident = self.own_ident(manner, now, words) if manner.own_ident else self.ident()
        if ident is None:
            raise ClipRefused("Chưa có lời xướng chung. Anh/chị báo người quản trị cài lại Loa Xã.")
        if trouble := jingle_trouble(manner):
            raise ClipRefused(trouble)
        return render_opening(ident, Tags("Mở đầu chương trình"), self.folder, manner.jingle, manner.slow)


async def ensure_track(db: Database, studio: Studio, rundown_id: int, now: datetime) -> str | None:
    """Make the clip of all for a rundown unless it exists. Returns None, or the Vietnamese reason why there is none."""
    job = await db.read(_missing, rundown_id)
    return await make_track(db, studio, job, now) if job else None


async def make_track(db: Database, studio: Studio, job: Job, now: datetime) -> str | None:
    """Make one clip and note it. Returns None, or the Vietnamese reason why it cannot be aired."""
    try:
        clip = await asyncio.to_thread(studio.make, job, now)
    except _NO_SOUND as error:
        return str(error)
    await db.run(tracks.keep, job.version_id, job.purpose, clip, now, job.manner.station_id)
    return "chỉ có giọng nháp đọc được." if clip.draft else None


def _missing(session: Session, rundown_id: int) -> Job | None:
    """What to make for a rundown; None when its clip is there."""
    rundown = session.get_one(Rundown, rundown_id)
    return None if tracks.airable(session, rundown) else _of_all(session, rundown)


def station_jobs(session: Session, rundown_id: int) -> list[Job]:
    """The clips that are missing for stations with a manner of their own."""
    rundown = session.get_one(Rundown, rundown_id)
    stations = tracks.stations_without(session, rundown)
    if not stations:
        return []
    job = _of_all(session, rundown)
    return [
        replace(
            job,
            purpose=tracks.station_purpose(job.purpose, station.id),
            lexicon=words_of(session, station),
            manner=manner_of(station),
        )
        for station in stations
    ]


def _of_all(session: Session, rundown: Rundown) -> Job:
    versions = (rundown.version, *rundowns.extras(session, rundown))
    return Job(
        tuple(_piece(session, rundown, version) for version in versions),
        Week.parse(rundown.week),
        tracks.place_of(session, rundown),
        rundown.campaign.name,
        tracks.purpose_of(session, rundown),
        lexicon.merged(session, province_code=tracks.province_of(session, rundown), station_id=None),
    )


def words_of(session: Session, station: Station) -> Mapping[str, str]:
    """How words are read at one station."""
    return lexicon.merged(session, province_code=station.area.parent_code, station_id=station.id)


def _piece(session: Session, rundown: Rundown, version: ItemVersion) -> Piece:
    others = recordings.following(session, rundown, version.id)
    return Piece(
        version.id,
        version.script,
        version.item.slug,
        version.item.title,
        readings.bound(session, version),
        tuple(Reading(Path(one.path), one.sha256, RECORDING, one.reader) for one in others),
    )


def _whole(one: Reading, title: str) -> Reading:
    """The very bytes that were heard and cleared. Raises ClipRefused when they are not there any more."""
    if one.is_whole:
        return one
    raise ClipRefused(
        f"Bản đọc đã nghe và đã duyệt của tin “{title}” không còn dùng được hoặc không còn nguyên vẹn trên máy chủ, "
        "nên Loa Xã không phát bản khác chưa ai nghe. Lời đọc vẫn giữ nguyên. Anh/chị mở trang tin bài, làm lại bản "
        "đọc, nghe và duyệt lại."
    )


def _recording(one: Reading) -> Recording:
    return Recording(one.path, one.engine, one.voice, one.draft, one.trouble)
