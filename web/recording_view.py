"""What the page of an item shows of people's own readings, read from the store in one look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from airlog import items, recording_needs, recordings
from airlog.db import Session
from airlog.models import Item, ItemVersion, Person, Recording
from airlog.recordings import Standing
from content.languages import LANGUAGES, language_vi
from content.messages import cap
from content.recording_messages import WAITING
from web.intakes import Intake, Words
from web.troubles import NotThere

MOST_BYTES = 25_000_000
"""Fifteen minutes as phones record them; a request may hold 26 MB (web/app.py)."""


@dataclass(frozen=True)
class RecordingLine:
    """One recording as the page shows it."""

    id: int
    url: str
    language: str
    reader: str
    consent: str
    sent_by: str
    at: datetime
    seconds: int
    withdrawn_at: datetime | None
    may_put_back: bool


@dataclass(frozen=True)
class LanguageLine:
    """How the item stands in one language; `recording` None: it waits for its reader."""

    name: str
    is_required: bool
    recording: RecordingLine | None


@dataclass(frozen=True)
class VersionRecordings:
    """The recordings of one version of the text."""

    id: int
    number: int
    is_latest: bool
    languages: tuple[LanguageLine, ...]
    others: tuple[RecordingLine, ...]
    """Withdrawn, or with a newer one in its place."""


@dataclass(frozen=True)
class RecordingsPage:
    """The section about recordings of an item: of its latest words, and of older ones that campaigns still air."""

    versions: tuple[VersionRecordings, ...]
    of_older_words: int
    """Recordings of words that are not aired any more."""
    intake: Intake | None
    typed: Words
    choices: tuple[tuple[str, str], ...]
    waiting_word: str = WAITING
    most_mb: int = MOST_BYTES // 1_000_000

    @property
    def is_busy(self) -> bool:
        return self.intake is not None and self.intake.failure is None


def recordings_page(
    session: Session, person: Person, now: datetime, slug: str, intake: Intake | None
) -> RecordingsPage:
    item = item_of(session, slug)
    shown = open_versions(session, item, now)
    ids = [one.id for one in shown]
    standing = {
        one: recordings.standing(session, one, recording_needs.required_of(session, one, now)) for one in ids
    }
    return RecordingsPage(
        versions=tuple(_version(session, one, standing[one.id], slug, now) for one in shown),
        of_older_words=len(recordings.newest(session, [v.id for v in item.versions if v.id not in ids])),
        intake=intake,
        typed=intake.words if intake else Words(),
        choices=_choices([line for lines in standing.values() for line in lines]),
    )


def open_versions(session: Session, item: Item, now: datetime) -> list[ItemVersion]:
    """The latest first, cleared or not; then older ones that campaigns still air."""
    older = [one for one in reversed(item.versions[:-1]) if recording_needs.in_use(session, one, now)]
    return [item.latest, *older]


def item_of(session: Session, slug: str) -> Item:
    item = items.item_by_slug(session, slug)
    if item is None:
        raise NotThere(f"Không có tin bài “{slug}”. Anh/chị xem lại danh sách tin bài.")
    return item


def _version(
    session: Session, version: ItemVersion, standing: Sequence[Standing], slug: str, now: datetime
) -> VersionRecordings:
    held = {one.recording.id for one in standing if one.recording}
    rest = [row for row in recordings.of_version(session, version.id) if row.id not in held]
    return VersionRecordings(
        id=version.id,
        number=version.number,
        is_latest=version is version.item.latest,
        languages=tuple(_language(session, one, slug, now) for one in standing),
        others=tuple(_line(session, row, slug, now) for row in rest),
    )


def _choices(standing: Sequence[Standing]) -> tuple[tuple[str, str], ...]:
    """What waits comes first, so that it is not looked for."""
    waiting = [one.language for one in standing if one.is_waiting]
    codes = dict.fromkeys([*waiting, *LANGUAGES])
    return tuple(
        (code, cap(language_vi(code)) + (f", {WAITING}" if code in waiting else "")) for code in codes
    )


def _language(session: Session, one: Standing, slug: str, now: datetime) -> LanguageLine:
    row = one.recording
    return LanguageLine(
        cap(language_vi(one.language)), one.is_required, _line(session, row, slug, now) if row else None
    )


def _line(session: Session, row: Recording, slug: str, now: datetime) -> RecordingLine:
    return RecordingLine(
        id=row.id,
        url=f"/items/{slug}/recordings/{row.id}.ogg",
        language=cap(language_vi(row.language)),
        reader=row.reader,
        consent=row.consent,
        sent_by=session.get_one(Person, row.by_id).name,
        at=row.at,
        seconds=round(row.duration_ms / 1000),
        withdrawn_at=row.withdrawn_at,
        may_put_back=recordings.may_put_back(row, now),
    )
