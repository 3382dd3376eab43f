"""Readings of a version: what an approver hears, and what was heard when it was cleared.

Clearing binds the bytes (`ItemVersion.cleared_sha256`): a programme is made of that very file. When it is lost, was
changed on the disk, or its reader withdrew it, nothing is put in its place unheard: the week goes out as text, the admin
is told, and somebody hears and clears another reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import recording_clearing, recordings
from airlog.files import sha256_of
from airlog.models import ItemVersion, Track
from audio.render import RECORDING
from content import shelf
from content.languages import VIETNAMESE

READING = "nghe-thu"
"""`Track.purpose` of one reading without chime, made to be heard and cleared; never sent as it is."""


@dataclass(frozen=True)
class Reading:
    """One finished reading, mastered, without chime."""

    path: Path
    sha256: str
    engine: str
    voice: str
    draft: bool = False
    """Only the draft voice could read it: to be heard, never aired."""
    trouble: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the file is there with the bytes it stands for."""
        return self.path.is_file() and hashlib.sha256(self.path.read_bytes()).hexdigest() == self.sha256


def to_clear(session: Session, version: ItemVersion) -> Reading | None:
    """What is heard when a version is cleared now: a person's reading, else the shipped one, else the newest by a voice
    (a draft when there is nothing else). None while there is none."""
    found = list(of_version(session, version))
    return next((one for one in found if not one.draft), found[0] if found else None)


def of_version(session: Session, version: ItemVersion) -> Iterator[Reading]:
    """Every reading whose file is whole: people, the library, voices; each newest first.

    A person's older take is among them: it may be the one that was heard and cleared. One that was withdrawn or sent
    back is not.
    """
    for take in recordings.of_version(session, version.id):
        if take.language != VIETNAMESE or not recording_clearing.stands(take):
            continue
        if recording_clearing.is_whole(take):
            yield Reading(Path(take.path), take.sha256, RECORDING, take.reader)
    shipped = shipped_reading(version.item.slug, version.text_hash)
    if shipped is not None:
        yield shipped
    query = select(Track).where(Track.item_version_id == version.id, Track.purpose == READING)
    for track in session.scalars(query.order_by(Track.id.desc())):
        if sha256_of(Path(track.path)) == track.sha256:
            yield _of_track(track)


def bound(session: Session, version: ItemVersion) -> Reading | None:
    """The reading that was heard when the version was cleared; None when none was (before there was this rule, or when
    only the draft voice was here). One that is lost is named all the same: see `is_whole`.

    The library is cleared as shipped: a release that reads it better has cleared that reading.
    """
    if version.cleared_sha256 is None:
        return None
    if version.cleared_by_id is None:
        return shipped_reading(version.item.slug, version.text_hash)
    found = (one for one in of_version(session, version) if one.sha256 == version.cleared_sha256)
    return next(found, None) or Reading(Path(), version.cleared_sha256, "", "")


def shipped_reading(slug: str, of_text: str | None = None) -> Reading | None:
    """The recording that ships with the library, if it is of exactly this text (by its hash; None: of whatever text)."""
    note, sound = shelf.recording_notes().get(slug), shelf.recording(slug)
    if note is None or sound is None or of_text not in (None, note.text_hash):
        return None
    with as_file(sound) as path:
        return Reading(Path(path), _sha256(Path(path)), note.engine, note.voice)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _of_track(track: Track) -> Reading:
    return Reading(Path(track.path), track.sha256, track.engine, track.voice, track.draft, track.trouble)
