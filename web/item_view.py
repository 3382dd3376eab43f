"""What the pages of items show, read from the store in one look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from airlog import items, recording_clearing, tracks
from airlog.db import Session
from airlog.models import Item, ItemVersion, Person, Track
from audio.speech_text import Doubt, read
from content import shelf
from content.item import text_hash, warnings, word_count
from content.season import Season
from content.topics import TopicCode, topic
from web import hear_view

_WORDS_A_MINUTE = 200
"""How fast the voices read, counted in written syllables; only for the estimate beside the text."""


@dataclass(frozen=True)
class ItemLine:
    """One row of the list."""

    slug: str
    title: str
    topic: str
    season: str
    from_library: bool
    version: int
    is_cleared: bool
    """The latest version may be sent."""
    has_cleared: bool
    """An earlier version may be sent meanwhile."""
    author: str
    unheard: int
    """Languages with a recording that nobody has heard and cleared."""


@dataclass(frozen=True)
class Span:
    """A piece of the script; `doubt` is why the reading of it is unsure."""

    text: str
    doubt: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Written words with the doubtful places marked, and the words a voice says."""

    written: tuple[Span, ...]
    spoken: str


@dataclass(frozen=True)
class VersionLine:
    number: int
    written_at: datetime
    author: str
    cleared_at: datetime | None
    cleared_by: str


@dataclass(frozen=True)
class SoundLine:
    """One clip that can be played here."""

    url: str
    label: str
    seconds: int | None
    draft: bool
    voice: str
    trouble: str = ""
    """Which voices could not read it, and why."""
    hear: str = ""
    """The page to listen closely."""


@dataclass(frozen=True)
class FileLine:
    id: int
    name: str
    mime: str
    size_bytes: int


@dataclass(frozen=True)
class ItemPage:
    """Everything about one item."""

    slug: str
    title: str
    topic: str
    source: str
    season: str
    message: int | None
    version_id: int
    script: str
    words: int
    seconds: int
    paragraphs: tuple[Paragraph, ...]
    doubts: int
    warnings: tuple[str, ...]
    versions: tuple[VersionLine, ...]
    files: tuple[FileLine, ...]
    is_cleared: bool
    is_own: bool
    """The person who looks wrote the latest version, and so may not clear it."""


def item_lines(session: Session, person: Person, now: datetime) -> list[ItemLine]:
    names, unheard = _Names(session), recording_clearing.unheard_by_item(session)
    return [_line(item, names, unheard.get(item.id, 0)) for item in items.all_items(session)]


def item_page(session: Session, person: Person, now: datetime, slug: str) -> ItemPage | None:
    item = items.item_by_slug(session, slug)
    if item is None:
        return None
    version, names = item.latest, _Names(session)
    paragraphs = tuple(_paragraph(text) for text in version.script.split("\n\n"))
    words = word_count(version.script)
    return ItemPage(
        slug=item.slug,
        title=item.title,
        topic=topic(TopicCode(item.topic)).title,
        source=item.source,
        season=season_vi(item.season),
        message=item.message,
        version_id=version.id,
        script=version.script,
        words=words,
        seconds=round(words / _WORDS_A_MINUTE * 60),
        paragraphs=paragraphs,
        doubts=sum(bool(span.doubt) for one in paragraphs for span in one.written),
        warnings=warnings(items.as_library_item(item)),
        versions=tuple(_version(v, names) for v in reversed(item.versions)),
        files=tuple(FileLine(a.id, a.name, a.mime, a.size_bytes) for a in item.attachments),
        is_cleared=version.cleared_at is not None,
        is_own=version.author_id == person.id,
    )


def sounds(session: Session, person: Person, now: datetime, slug: str) -> list[SoundLine]:
    """What can be heard of the latest version: its shipped recording first, then clips, newest first."""
    item = items.item_by_slug(session, slug)
    if item is None:
        return []
    found = [_track_line(slug, track) for track in tracks.of_version(session, item.latest.id)]
    note = shelf.recording_notes().get(slug)
    if has_recording(item) and note is not None:
        found.insert(
            0,
            SoundLine(
                f"/items/{slug}/recording",
                "Bản âm thanh của thư viện",
                None,
                False,
                note.voice,
                hear=f"/items/{slug}/nghe",
            ),
        )
    return found


def has_recording(item: Item) -> bool:
    """The shipped recording is of exactly the latest text."""
    note = shelf.recording_notes().get(item.slug)
    fits = note is not None and note.text_hash == text_hash(item.latest.script)
    return fits and shelf.recording(item.slug) is not None


def season_vi(text: str | None) -> str:
    """“01/10 đến 31/10”; empty for an item of every season."""
    if not text:
        return ""
    season = Season.parse(text)
    (month, day), (last_month, last_day) = season.start, season.end
    return f"{day:02d}/{month:02d} đến {last_day:02d}/{last_month:02d}"


def marked(text: str, doubts: tuple[Doubt, ...]) -> Iterator[Span]:
    """Cut a text at its doubtful places. Doubts that overlap one another keep the first."""
    place = 0
    for doubt in sorted(doubts, key=lambda one: one.start):
        if doubt.start < place:
            continue
        if doubt.start > place:
            yield Span(text[place : doubt.start])
        yield Span(text[doubt.start : doubt.end], doubt.reason)
        place = doubt.end
    if place < len(text):
        yield Span(text[place:])


def _paragraph(text: str) -> Paragraph:
    reading = read(text)
    return Paragraph(tuple(marked(text, reading.doubts)), reading.words)


class _Names:
    """Names of the people in a list, each asked for once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[int, str] = {}

    def of(self, person_id: int | None) -> str:
        if person_id is None:
            return ""
        if person_id not in self._known:
            self._known[person_id] = self._session.get_one(Person, person_id).name
        return self._known[person_id]


def _line(item: Item, names: _Names, unheard: int) -> ItemLine:
    return ItemLine(
        slug=item.slug,
        title=item.title,
        topic=topic(TopicCode(item.topic)).title,
        season=season_vi(item.season),
        from_library=item.from_library,
        version=item.latest.number,
        is_cleared=item.latest.cleared_at is not None,
        has_cleared=items.cleared_version(item) is not None,
        author=names.of(item.latest.author_id),
        unheard=unheard,
    )


def _version(version: ItemVersion, names: _Names) -> VersionLine:
    return VersionLine(
        version.number,
        version.created_at,
        names.of(version.author_id) or "thư viện có sẵn",
        version.cleared_at,
        names.of(version.cleared_by_id) or ("thư viện có sẵn" if version.cleared_at else ""),
    )


def _track_line(slug: str, track: Track) -> SoundLine:
    return SoundLine(
        hear_view.url_of(slug, track),
        hear_view.label_of(track),
        round(track.duration_ms / 1000),
        track.draft,
        track.voice,
        track.trouble,
        f"/items/{slug}/nghe?track={track.id}",
    )
