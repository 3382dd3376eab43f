"""What the page of an item shows of people's own readings, read from the store in one look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from airlog import recording_clearing, recording_needs, recordings
from airlog.db import Session
from airlog.models import Item, ItemVersion, Person, Recording
from airlog.recordings import Standing
from content.languages import LANGUAGES, VIETNAMESE, language_vi
from content.messages import cap
from content.recording_messages import UNHEARD, WAITING
from web.making import Progress, Words
from web.there import item_of
from web.troubles import NotThere
from web.uploads import MOST_RECORDING_BYTES


@dataclass(frozen=True)
class Verdict:
    """What an approver said of a recording; `why` is given when it was sent back."""

    by: str
    at: datetime
    why: str = ""


@dataclass(frozen=True)
class RecordingLine:
    """One recording as the page shows it."""

    of: Recording
    page: str
    """Where it is heard beside its text, and judged."""
    url: str
    language: str
    sent_by: str
    seconds: int
    may_put_back: bool
    cleared: Verdict | None
    sent_back: Verdict | None
    is_own: bool
    """The person who looks sent or read it, and so may not clear it."""
    is_whole: bool


@dataclass(frozen=True)
class LanguageLine:
    """How the item stands in one language: what stations get, what waits to be heard, what was sent back."""

    name: str
    is_waiting: bool
    in_use: RecordingLine | None
    unheard: RecordingLine | None
    sent_back: RecordingLine | None


@dataclass(frozen=True)
class RecordingPage:
    """One recording beside the words it is a reading of."""

    slug: str
    title: str
    version: int
    line: RecordingLine
    paragraphs: tuple[str, ...]
    is_vietnamese: bool
    words_cleared: bool
    is_author: bool
    """The person who looks wrote the words: a Vietnamese reading of them is cleared by somebody else."""

    @property
    def may_judge(self) -> bool:
        """Whether anybody but its own people may say yes or no to it now."""
        ready = self.words_cleared and not self.is_author if self.is_vietnamese else True
        return ready and not self.line.is_own and self.line.of.withdrawn_at is None and self.line.is_whole


@dataclass(frozen=True)
class VersionRecordings:
    """The recordings of one version of the text."""

    id: int
    number: int
    is_latest: bool
    languages: tuple[LanguageLine, ...]
    others: tuple[RecordingLine, ...]
    """Withdrawn, sent back, or with a newer one in its place."""


@dataclass(frozen=True)
class RecordingsPage:
    """The section about recordings of an item: of its latest words, and of older ones that campaigns still air."""

    versions: tuple[VersionRecordings, ...]
    of_older_words: int
    """Recordings of words that are not aired any more."""
    intake: Progress | None
    typed: Words
    choices: tuple[tuple[str, str], ...]
    waiting_word: str = WAITING
    unheard_word: str = UNHEARD
    most_mb: int = MOST_RECORDING_BYTES // 1_000_000

    @property
    def is_busy(self) -> bool:
        return self.intake is not None and self.intake.failure is None


def recordings_page(
    session: Session, person: Person, now: datetime, slug: str, intake: Progress | None
) -> RecordingsPage:
    item = item_of(session, slug)
    shown = open_versions(session, item, now)
    ids = [one.id for one in shown]
    standing = {
        one: recordings.standing(session, one, recording_needs.required_of(session, one, now)) for one in ids
    }
    return RecordingsPage(
        versions=tuple(_version(session, person, one, standing[one.id], now) for one in shown),
        of_older_words=len(recordings.newest(session, [v.id for v in item.versions if v.id not in ids])),
        intake=intake,
        typed=intake.typed if intake else Words(),
        choices=_choices([line for lines in standing.values() for line in lines]),
    )


def recording_page(
    session: Session, person: Person, now: datetime, slug: str, recording_id: int
) -> RecordingPage:
    """Raises NotThere."""
    row = recording_of(session, slug, recording_id)
    version = session.get_one(ItemVersion, row.item_version_id)
    return RecordingPage(
        slug=slug,
        title=version.item.title,
        version=version.number,
        line=_line(session, person, row, slug, now),
        paragraphs=tuple(version.script.split("\n\n")),
        is_vietnamese=row.language == VIETNAMESE,
        words_cleared=version.cleared_at is not None,
        is_author=version.author_id == person.id,
    )


def recording_of(session: Session, slug: str, recording_id: int) -> Recording:
    """A recording of any version of an item. Raises NotThere."""
    row = session.get(Recording, recording_id)
    if row is None or row.item_version_id not in {v.id for v in item_of(session, slug).versions}:
        raise NotThere("Không có bản thu này. Anh/chị mở lại trang tin bài.")
    return row


def open_versions(session: Session, item: Item, now: datetime) -> list[ItemVersion]:
    """The latest first, cleared or not; then older ones that campaigns still air."""
    older = [one for one in reversed(item.versions[:-1]) if recording_needs.in_use(session, one, now)]
    return [item.latest, *older]


def _version(
    session: Session, person: Person, version: ItemVersion, standing: Sequence[Standing], now: datetime
) -> VersionRecordings:
    slug = version.item.slug

    def line(row: Recording | None) -> RecordingLine | None:
        return _line(session, person, row, slug, now) if row else None

    languages = tuple(
        LanguageLine(
            cap(language_vi(one.language)),
            one.is_waiting,
            line(one.in_use),
            line(one.unheard),
            line(one.sent_back),
        )
        for one in standing
    )
    held = {row.id for one in standing for row in (one.in_use, one.unheard, one.sent_back) if row}
    rest = [row for row in recordings.of_version(session, version.id) if row.id not in held]
    return VersionRecordings(
        id=version.id,
        number=version.number,
        is_latest=version is version.item.latest,
        languages=languages,
        others=tuple(_line(session, person, row, slug, now) for row in rest),
    )


def _choices(standing: Sequence[Standing]) -> tuple[tuple[str, str], ...]:
    """What waits comes first, so that it is not looked for."""
    waiting = [one.language for one in standing if one.is_waiting]
    codes = dict.fromkeys([*waiting, *LANGUAGES])
    return tuple(
        (code, cap(language_vi(code)) + (f", {WAITING}" if code in waiting else "")) for code in codes
    )


def _line(session: Session, person: Person, row: Recording, slug: str, now: datetime) -> RecordingLine:
    page = f"/items/{slug}/recordings/{row.id}"
    return RecordingLine(
        of=row,
        page=page,
        url=f"{page}.ogg",
        language=cap(language_vi(row.language)),
        sent_by=session.get_one(Person, row.by_id).name,
        seconds=round(row.duration_ms / 1000),
        may_put_back=recordings.may_put_back(row, now),
        cleared=_verdict(session, row.cleared_by_id, row.cleared_at) if row.rejected_at is None else None,
        sent_back=_verdict(session, row.rejected_by_id, row.rejected_at, row.rejected_why),
        is_own=recording_clearing.is_own(person, row),
        is_whole=recording_clearing.is_whole(row),
    )


def _verdict(session: Session, by: int | None, at: datetime | None, why: str | None = "") -> Verdict | None:
    return Verdict(session.get_one(Person, by).name, at, why or "") if by and at else None
