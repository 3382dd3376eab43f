"""Items in the store: the shipped library, scripts of one's own, and clearing by another person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access, recording_clearing
from airlog.db import Refused
from airlog.models import Attachment, Item, ItemVersion, Person
from content.item import LibraryItem, clean_script, text_hash
from content.season import Season
from content.topics import OFFICIAL_MESSAGES, TopicCode
from content.wording import fold


class SameAuthor(Refused):
    """An item is cleared by another person than the one who wrote it."""


class ItemTaken(Refused):
    """Another item has this name."""


def load_library(session: Session, shelf: Iterable[LibraryItem], now: datetime) -> int:
    """Bring the shipped items in, cleared as shipped, with their recordings. A text that changed in a release is a new
    version."""
    from airlog.readings import shipped_reading  # brings the decoders: most commands do without

    fresh = 0
    for piece in shelf:
        item = item_by_slug(session, piece.slug)
        if item is None:
            item = Item(slug=piece.slug, from_library=True, created_at=now)
            item.versions, item.attachments = [], []
            session.add(item)
        elif item.latest.text_hash == text_hash(piece.script) or not item.from_library:
            continue
        item.title, item.topic, item.source = piece.title, str(piece.topic), piece.source
        item.season = str(piece.season) if piece.season else None
        item.message = piece.message
        version = _version(item, piece.script, None, now)
        heard = shipped_reading(piece.slug, version.text_hash)
        version.cleared_at, version.cleared_sha256 = now, heard.sha256 if heard else None
        fresh += 1
    session.flush()
    return fresh


def add_item(
    session: Session,
    author: Person | None,
    *,
    title: str,
    topic: str,
    source: str,
    script: str,
    now: datetime,
    slug: str = "",
    season: str | None = None,
) -> Item:
    """A new item of somebody's own, not cleared yet. Raises content.item.BrokenItem and ItemTaken."""
    script = clean_script(script, title)
    item = Item(slug=_slug(session, slug or title, bool(slug)), from_library=False, created_at=now)
    item.title, item.topic, item.source, item.season = title.strip(), str(TopicCode(topic)), source, season
    item.author_id = author.id if author else None
    item.versions, item.attachments = [], []
    session.add(item)
    _version(item, script, author, now)
    session.flush()
    access.note(session, author, "item.add", item.slug, now)
    return item


def rewrite(session: Session, author: Person, item: Item, script: str, now: datetime) -> ItemVersion:
    """A new version of the text; it must be cleared again. The same text returns the version there is."""
    script = clean_script(script, item.title)
    if item.latest.text_hash == text_hash(script):
        return item.latest
    item.from_library = False
    version = _version(item, script, author, now)
    session.flush()
    access.note(session, author, "item.rewrite", f"{item.slug} {version.number}", now)
    return version


def clear(
    session: Session, item: Item, person: Person, now: datetime, heard: str | None = None
) -> ItemVersion:
    """Allow the latest version to be aired. Raises NotAllowed (role, or their own recording) and SameAuthor. Safe to
    repeat.

    `heard` is the hash of the reading that the person listened to: the programme is made of those bytes and no others
    (airlog/readings.py). None clears the words alone. A version that is cleared already is bound to another reading.
    """
    access.require(session, person, access.APPROVERS, "item.clear", now)
    if item.latest.cleared_at is not None and heard in (None, item.latest.cleared_sha256):
        return item.latest
    version = may_clear(session, item, person, now)
    if heard is not None:
        recording_clearing.heard_with_item(session, person, version, heard, now)
    version.cleared_at = version.cleared_at or now
    version.cleared_by_id, version.cleared_sha256 = person.id, heard
    subject = f"{item.slug} {version.number}"
    access.note(session, person, "item.clear", subject, now, detail=heard or "words")
    return version


def may_clear(session: Session, item: Item, person: Person, now: datetime) -> ItemVersion:
    """The version that this person may clear. Raises NotAllowed (role) and SameAuthor."""
    access.require(session, person, access.APPROVERS, "item.clear", now)
    version = item.latest
    if version.author_id == person.id:
        access.refuse(session, person, "item.clear", item.slug, now)
        raise SameAuthor("Người viết không tự duyệt tin của mình. Anh/chị nhờ người khác nghe và duyệt.")
    return version


def cleared_version(item: Item) -> ItemVersion | None:
    """The newest version that may be sent."""
    return next((v for v in reversed(item.versions) if v.cleared_at is not None), None)


def item_by_slug(session: Session, slug: str) -> Item | None:
    return session.scalar(select(Item).where(Item.slug == slug))


def all_items(session: Session) -> list[Item]:
    """The library in its order, then own items, newest last."""
    return list(session.scalars(select(Item).order_by(Item.from_library.desc(), Item.id)))


def attach(
    session: Session, item: Item, *, name: str, mime: str, sha256: str, path: str, size_bytes: int
) -> Attachment:
    """A file that travels with the item. The same bytes again add nothing."""
    for known in item.attachments:
        if known.sha256 == sha256:
            return known
    row = Attachment(item_id=item.id, name=name, mime=mime, sha256=sha256, path=path, size_bytes=size_bytes)
    item.attachments.append(row)
    session.flush()
    return row


def as_library_item(item: Item) -> LibraryItem:
    """The item as the planner of rundowns (content) sees it."""
    return LibraryItem(
        slug=item.slug,
        title=item.title,
        topic=TopicCode(item.topic),
        message=item.message,
        quote=OFFICIAL_MESSAGES[item.message - 1] if item.message else None,
        source=item.source,
        season=Season.parse(item.season) if item.season else None,
        language="vie",
        keywords=(),
        script=item.latest.script,
    )


def _version(item: Item, script: str, author: Person | None, now: datetime) -> ItemVersion:
    version = ItemVersion(
        number=len(item.versions) + 1,
        script=script,
        text_hash=text_hash(script),
        author_id=author.id if author else None,
        created_at=now,
    )
    item.versions.append(version)
    return version


def _slug(session: Session, text: str, exact: bool) -> str:
    """A short ASCII name; a title that is taken gets a number, a name asked for is refused."""
    stem = re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:60] or "tin"
    slug, number = stem, 1
    while item_by_slug(session, slug) is not None:
        if exact:
            raise ItemTaken(f"Đã có tin mang tên “{slug}”. Anh/chị đặt tên khác.")
        number += 1
        slug = f"{stem}-{number}"
    return slug
