"""What the pages of items show, read from the store in one look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from airlog import items, readings, recording_clearing, tracks
from airlog.db import Session
from airlog.models import Attachment, Item, ItemVersion, Person, Track
from audio.speech_text import Doubt, read
from content.item import warnings, word_count
from content.season import Season
from content.topics import TopicCode, topic
from web import hear_view
from web.there import item_of

_WORDS_A_MINUTE = 200
"""How fast the voices read, counted in written syllables; only for the estimate beside the text."""


@dataclass(frozen=True)
class ItemLine:
    """One row of the list."""

    of: Item
    topic: str
    season: str
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
    of: ItemVersion
    author: str
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
    files: Sequence[Attachment]
    is_cleared: bool
    is_own: bool
    """The person who looks wrote the latest version, and so may not clear it."""


def item_lines(session: Session, person: Person, now: datetime) -> list[ItemLine]:
    names, unheard = _names(session), recording_clearing.unheard_by_item(session)
    return [_line(item, names, unheard.get(item.id, 0)) for item in items.all_items(session)]


def item_page(session: Session, person: Person, now: datetime, slug: str) -> ItemPage:
    """Raises NotThere."""
    item = item_of(session, slug)
    version, names = item.latest, _names(session)
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
        files=item.attachments,
        is_cleared=version.cleared_at is not None,
        is_own=version.author_id == person.id,
    )


def sounds(session: Session, person: Person, now: datetime, slug: str) -> list[SoundLine]:
    """What can be heard of the latest version: its shipped recording first, then clips, newest first."""
    item = item_of(session, slug)
    found = [_track_line(slug, track) for track in tracks.of_version(session, item.latest.id)]
    shipped = readings.shipped_reading(slug, item.latest.text_hash)
    if shipped is not None:
        url, label = f"/items/{slug}/recording", "Bản âm thanh của thư viện"
        return [SoundLine(url, label, None, False, shipped.voice, hear=f"/items/{slug}/nghe"), *found]
    return found


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


def _names(session: Session) -> Callable[[int | None], str]:
    """Names of the people in a list, each asked for once."""
    return cache(lambda person_id: session.get_one(Person, person_id).name if person_id else "")


def _line(item: Item, names: Callable[[int | None], str], unheard: int) -> ItemLine:
    return ItemLine(
        of=item,
        topic=topic(TopicCode(item.topic)).title,
        season=season_vi(item.season),
        is_cleared=item.latest.cleared_at is not None,
        has_cleared=items.cleared_version(item) is not None,
        author=names(item.latest.author_id),
        unheard=unheard,
    )


def _version(version: ItemVersion, names: Callable[[int | None], str]) -> VersionLine:
    shipped = "thư viện có sẵn"
    return VersionLine(version, names(version.author_id) or shipped, names(version.cleared_by_id) or shipped)


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
