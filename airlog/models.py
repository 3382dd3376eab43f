"""The tables. Names and limits of every word: docs/architecture.md; states: airlog/types.py.

Two databases hold them alike (SQLite, PostgreSQL), so: no type, default or clause that only one knows.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Date, Float, ForeignKey, Index, MetaData, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship

from airlog.rules import Said
from airlog.types import (
    AddressState,
    AreaChangeKind,
    CampaignState,
    Closed,
    DeliveryState,
    Digest,
    EntryKind,
    MandateKind,
    MissedReason,
    Packed,
    RoleKind,
    Rung,
    UtcDateTime,
)

Id = Mapped[int]
_UNSETTLED = "state IN ('queued', 'retrying', 'sending', 'unknown')"
UNSETTLED = text(f"delivery.{_UNSETTLED}")
"""Say it in a query to make it use the small index."""
_OPEN = "state IN ('queued', 'retrying')"
_UNARMED = f"NOT armed AND {_OPEN}"
UNARMED = text(f"NOT delivery.armed AND delivery.{_OPEN}")
"""The same for open rows without a job: in a broadcast of thousands there are few."""
_CLOSED = (
    RoleKind, MandateKind, DeliveryState, Rung, EntryKind, MissedReason, AddressState, CampaignState, AreaChangeKind, Said,
)  # fmt: skip
_BEFORE_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def _partial(name: str, where: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Base(DeclarativeBase):
    """A table is named as its class. Constraint names are fixed so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime, date: Date, str: Text, float: Float} | {
        kind: Closed(kind) for kind in _CLOSED
    }

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return _BEFORE_CAPITAL.sub("_", cls.__name__).lower()


class Fact(Base):
    """Facts about this database itself: whether it is a trial one, the instant of its frozen start."""

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str]


class Area(Base):
    """A province or commune, dated: an abolished one points to its successor and keeps its history.

    `valid_to` is set on the day itself: a unit with one is no more. Of several successors (AreaStep) `successor_code` is
    the one that took over what had no place of its own.
    """

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(12))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    former_district_code: Mapped[str | None] = mapped_column(String(3), index=True)
    former_district: Mapped[str | None]
    former_province: Mapped[str | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    area_km2: Mapped[float | None]
    search_key: Mapped[str]
    """The name without accents and kind, for typed input."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    successor_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))


class AreaChange(Base):
    """A merge, split, move or rename of communes, in force from a date (docs/adr/0012). One that lies ahead waits here;
    of one in force this row is the reason, and the rows that name it are what it did."""

    __table_args__ = (UniqueConstraint("batch", "number"),)
    id: Id = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(String(32))
    """Drawn when it was shown for a look: a second confirmation of the same look finds it here."""
    number: Mapped[int]
    kind: Mapped[AreaChangeKind]
    effective_on: Mapped[date] = mapped_column(index=True)
    document: Mapped[str] = mapped_column(String(120))
    document_on: Mapped[date | None]
    asked: Mapped[str]
    """What was asked for: JSON of airlog/area_orders.py."""
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    enacted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    trouble: Mapped[str] = mapped_column(default="")
    """Why it could not take effect on its day; Vietnamese."""
    by: Mapped[Person] = relationship(foreign_keys=[by_id])


class AreaStep(Base):
    """From which unit to which a change leads: the family tree of areas. A unit that goes on leads to itself."""

    change_id: Mapped[int] = mapped_column(ForeignKey("area_change.id"), primary_key=True)
    old_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    new_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True, index=True)


class AreaPast(Base):
    """What a unit that kept its code was called, and where it belonged, until a day (which is not included)."""

    change_id: Mapped[int] = mapped_column(ForeignKey("area_change.id"), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    until: Mapped[date] = mapped_column(index=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(12))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    former_district_code: Mapped[str | None] = mapped_column(String(3))
    former_district: Mapped[str | None]
    former_province: Mapped[str | None]


class StationPast(Base):
    """In which commune a station lay until a day (which is not included). Its present one stands on the station."""

    change_id: Mapped[int] = mapped_column(ForeignKey("area_change.id"), primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True)
    until: Mapped[date] = mapped_column(index=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))


class Station(Base):
    """A commune-level radio station. A merged commune may have several."""

    __table_args__ = (UniqueConstraint("area_code", "name"),)
    id: Id = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), index=True)
    name: Mapped[str]
    airing_days: Mapped[str] = mapped_column(String(7))
    """Days on which it usually airs: digits 1 (Monday) to 7."""
    airing_hours: Mapped[str]
    """Usual local slots, such as `05:00-06:00,17:00-18:00`."""
    hours_known: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Somebody gave days and hours; otherwise they are what is usual in the country, and nobody's word."""
    active_from: Mapped[date]
    active_to: Mapped[date | None]
    own_ident: Mapped[bool] = mapped_column(default=False)
    """Its programme names the station itself, and so is made for it alone."""
    readings: Mapped[int] = mapped_column(default=2)
    """How often each item is read: 1 or 2."""
    slow: Mapped[bool] = mapped_column(default=False)
    jingle_path: Mapped[str | None]
    """A mastered sound of its own in place of the chime."""
    jingle_sha256: Mapped[str | None] = mapped_column(String(64))
    area: Mapped[Area] = relationship(lazy="joined")


class Person(Base):
    """Somebody we know by name and phone. What they may do stands in grants."""

    id: Id = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(String(16), unique=True)
    """E.164."""
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    grants: Mapped[list[Grant]] = relationship(back_populates="person", order_by="Grant.id")
    addresses: Mapped[list[Address]] = relationship(
        back_populates="person", order_by="(Address.rank, Address.id)"
    )

    def has_left(self, now: datetime) -> bool:
        return self.left_at is not None and self.left_at <= now


class Grant(Base):
    """A role over an area (airlog/scope.py) or one station, dated."""

    __tablename__ = "grant_of_role"
    __table_args__ = (UniqueConstraint("person_id", "role", "scope", "station_id"),)
    id: Id = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[RoleKind]
    scope: Mapped[str] = mapped_column(String(80))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"), index=True)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    person: Mapped[Person] = relationship(back_populates="grants")

    def holds(self, now: datetime) -> bool:
        return self.valid_from <= now and (self.valid_to is None or self.valid_to > now)


class Address(Base):
    """Where a person can be written to: a chat of one bot. `rank` is the person's order of preference."""

    __table_args__ = (UniqueConstraint("channel", "bot", "chat_id"),)
    id: Id = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    bot: Mapped[str] = mapped_column(String(32))
    chat_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[AddressState] = mapped_column(default=AddressState.ACTIVE)
    reason: Mapped[str | None]
    blocked_at: Mapped[datetime | None]
    rank: Mapped[int] = mapped_column(default=0)
    bound_at: Mapped[datetime]
    person: Mapped[Person] = relationship(back_populates="addresses")


class Invite(Base):
    """A one-time code that ties a chat to a person."""

    id: Id = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by_address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"))
    person: Mapped[Person] = relationship()


class Item(Base):
    """One script with its metadata. Each change of its text is a new version."""

    id: Id = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str]
    topic: Mapped[str] = mapped_column(String(40))
    source: Mapped[str]
    season: Mapped[str | None] = mapped_column(String(16))
    message: Mapped[int | None]
    from_library: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    versions: Mapped[list[ItemVersion]] = relationship(
        back_populates="item", order_by="ItemVersion.number", lazy="selectin"
    )
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id", lazy="selectin")

    @property
    def latest(self) -> ItemVersion:
        return self.versions[-1]


class ItemVersion(Base):
    """The words of an item at one time. Only a cleared version is sent."""

    __table_args__ = (UniqueConstraint("item_id", "number"),)
    id: Id = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    number: Mapped[int]
    script: Mapped[str]
    text_hash: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
    cleared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cleared_sha256: Mapped[str | None] = mapped_column(String(64))
    """The reading that was heard when it was cleared: the programme is made of these bytes and no others."""
    item: Mapped[Item] = relationship(back_populates="versions")
    tracks: Mapped[list[Track]] = relationship(back_populates="version", order_by="Track.id")


class Track(Base):
    """Audio of one script version in one language and voice; the file lies under the var folder."""

    __table_args__ = (
        UniqueConstraint("item_version_id", "sha256"),
        # Asked for each message; among thousands of stations' own tracks of one version it would take 6 ms (measured).
        _partial("ix_track_own", "station_id IS NOT NULL", "station_id", "item_version_id"),
    )
    id: Id = mapped_column(primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), index=True)
    language: Mapped[str] = mapped_column(String(8), default="vie")
    purpose: Mapped[str] = mapped_column(String(80))
    """What it was made for: week and province, such as `2026-W48/68`."""
    engine: Mapped[str] = mapped_column(String(24))
    voice: Mapped[str] = mapped_column(String(64))
    draft: Mapped[bool]
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    duration_ms: Mapped[int]
    size_bytes: Mapped[int]
    loudness_lufs: Mapped[float]
    true_peak_dbtp: Mapped[float]
    trouble: Mapped[str] = mapped_column(default="")
    """Which voices stood before this one in the order and could not read, and why; Vietnamese."""
    timeline: Mapped[str] = mapped_column(default="[]")
    """What is said when: JSON, a list of [start in ms, words]."""
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    """Made for one station alone, with its own ident, jingle or manner of reading."""
    created_at: Mapped[datetime]
    version: Mapped[ItemVersion] = relationship(back_populates="tracks")


class Upload(Base):
    """A track already given to one bot, with the id by which that bot can send it again."""

    track_id: Mapped[int] = mapped_column(ForeignKey("track.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    bot: Mapped[str] = mapped_column(String(32), primary_key=True)
    file_ref: Mapped[str]


class Recording(Base):
    """A person's reading of a version in one language. The original is kept, so that it can be mastered again."""

    id: Id = mapped_column(primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    """ISO 639-3."""
    reader: Mapped[str] = mapped_column(String(120))
    consent: Mapped[str]
    """How the reader agreed to be broadcast."""
    original_name: Mapped[str] = mapped_column(String(120))
    original_path: Mapped[str]
    original_sha256: Mapped[str] = mapped_column(String(64))
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    duration_ms: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    cleared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who heard these very bytes (`sha256`) and let them be aired; another person than who read or sent them."""
    cleared_at: Mapped[datetime | None]
    rejected_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    rejected_at: Mapped[datetime | None]
    """Heard and sent back; a clearing before it no longer counts."""
    rejected_why: Mapped[str | None]


class Pronunciation(Base):
    """How a word is read in a layer (`province:68`, `station:12`). The newest row of a word holds; the others are its
    history. `reads` is empty when the entry was taken out."""

    __table_args__ = (Index("ix_pronunciation_layer", "layer", "word"),)
    id: Id = mapped_column(primary_key=True)
    layer: Mapped[str] = mapped_column(String(24))
    word: Mapped[str] = mapped_column(String(80))
    reads: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Attachment(Base):
    """A banner, handbook or directive that travels with an item. Named by hash under the var folder."""

    id: Id = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    name: Mapped[str]
    mime: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    path: Mapped[str]
    size_bytes: Mapped[int]


class Mandate(Base):
    """Who owes what how often, by which letter, and when it is reported on."""

    id: Id = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[MandateKind] = mapped_column(default=MandateKind.AIR)
    count: Mapped[int] = mapped_column(default=1)
    per: Mapped[str] = mapped_column(String(8), default="week")
    """`week` or `month`."""
    languages: Mapped[str] = mapped_column(String(80), default="")
    """ISO 639-3 codes of languages that must be aired too, comma separated."""
    source: Mapped[str]
    report_due_days: Mapped[str] = mapped_column(String(80), default="")
    """Last good days of its reports, `month-day` each: `06-04,12-04`."""
    report_email: Mapped[str] = mapped_column(String(120), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    areas: Mapped[list[MandateArea]] = relationship(lazy="selectin", order_by="MandateArea.scope")


class MandateArea(Base):
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"), primary_key=True)
    scope: Mapped[str] = mapped_column(String(80), primary_key=True)


class Campaign(Base):
    """Items with a purpose, weeks and an area."""

    id: Id = mapped_column(primary_key=True)
    name: Mapped[str]
    scope: Mapped[str] = mapped_column(String(80))
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"))
    state: Mapped[CampaignState] = mapped_column(default=CampaignState.PLANNED)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    launched_at: Mapped[datetime | None]
    mandate: Mapped[Mandate] = relationship(lazy="joined")
    rundowns: Mapped[list[Rundown]] = relationship(back_populates="campaign", order_by="Rundown.send_at")


class Rundown(Base):
    """What one week of a campaign airs, and when it goes out."""

    __table_args__ = (UniqueConstraint("campaign_id", "week"),)
    id: Id = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    week: Mapped[str] = mapped_column(String(8), index=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    send_at: Mapped[datetime] = mapped_column(index=True)
    campaign: Mapped[Campaign] = relationship(back_populates="rundowns", lazy="joined")
    version: Mapped[ItemVersion] = relationship(lazy="joined")


class RundownExtra(Base):
    """A further item of a week, read after the rundown's own; `position` is 1 and up."""

    rundown_id: Mapped[int] = mapped_column(ForeignKey("rundown.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))


class Duty(Base):
    """One station, one period (a broadcast week, or a month for a monthly mandate), one mandate. The plan."""

    __table_args__ = (
        UniqueConstraint("station_id", "mandate_id", "period"),
        # Two years of a country are counted from this index alone (benchmarks/ledger.py).
        Index("ix_duty_glance", "period", "said", "station_id"),
    )
    id: Id = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"))
    period: Mapped[str] = mapped_column(String(8))
    """`2026-W48`, or `2026-11` for a monthly mandate."""
    required: Mapped[int]
    languages: Mapped[str] = mapped_column(String(80), default="")
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    rundown_id: Mapped[int | None] = mapped_column(ForeignKey("rundown.id"))
    # What the log says of it, kept for counting by airlog/ledger_kept.py alone (docs/adr/0010). Deferred: who has a
    # duty in hand asks the log.
    said: Mapped[Said] = mapped_column(default=Said.OPEN, server_default=Said.OPEN, deferred=True)
    said_seq: Mapped[int | None] = mapped_column(deferred=True)
    said_languages: Mapped[str] = mapped_column(String(80), default="", server_default="", deferred=True)
    verdict: Mapped[str | None] = mapped_column(String(12), deferred=True)
    station: Mapped[Station] = relationship(lazy="joined")
    mandate: Mapped[Mandate] = relationship()
    rundown: Mapped[Rundown | None] = relationship()


class Delivery(Base):
    """One outgoing message to one address. `key` is what stops a second one."""

    __table_args__ = (
        # Few rows of a year are not at an end: an index of those alone stays small.
        _partial("ix_delivery_due", _UNSETTLED, "state", "due_at"),
        _partial("ix_delivery_unarmed", _UNARMED, "due_at"),
    )
    id: Id = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duty.id"), index=True)
    period: Mapped[str] = mapped_column(String(8), index=True)
    rung: Mapped[Rung]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), index=True)
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.QUEUED)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    """The node token of the process that claimed it."""
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    refused_since: Mapped[datetime | None]
    """When the service first refused it, for as long as it does."""
    message_ref: Mapped[str | None] = mapped_column(String(64))
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    item_version_id: Mapped[int | None] = mapped_column(ForeignKey("item_version.id"))
    """The words that went out with it, as they stood when it was claimed."""
    error: Mapped[str | None]
    jobs: Mapped[int] = mapped_column(default=0)
    """How many jobs of the engine were made for it; the number is part of the id of the next."""
    armed: Mapped[bool] = mapped_column(default=False)
    """Whether the last of these jobs is on its way. Whoever opens a row again clears it."""
    address: Mapped[Address] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")
    duty: Mapped[Duty | None] = relationship()


class BotPace(Base):
    """When a bot may send next, shared by every process that sends for it. Instants are seconds since 1970."""

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    bot: Mapped[str] = mapped_column(String(32), primary_key=True)
    next_at_s: Mapped[float] = mapped_column(default=0.0)
    paused_until_s: Mapped[float] = mapped_column(default=0.0)
    slowness: Mapped[float] = mapped_column(default=1.0)
    """The gap is this many times the set one: grows when the service refuses, shrinks with each message taken."""


class BotMonth(Base):
    """How many messages a bot sent in a local month: the free plan of Zalo allows 3,000."""

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    bot: Mapped[str] = mapped_column(String(32), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    """`2026-11`."""
    sent: Mapped[int] = mapped_column(default=0)


class LinkCode(Base):
    """A one-time code that ties a Zalo chat to a person: made by staff, for one bot, good for minutes."""

    id: Id = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    bot: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(8))
    """Shown again to the staff who wait with the person; emptied once it was used or replaced."""
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by_address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"))
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class LinkTries(Base):
    """Wrong codes typed in one chat of a bot within an hour: one row that all processes share."""

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    bot: Mapped[str] = mapped_column(String(32), primary_key=True)
    chat_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime]
    """When the first of them was typed."""
    wrong: Mapped[int] = mapped_column(default=0)


class PageLink(Base):
    """A person's own link to their page. The token itself stands nowhere, only its SHA-256."""

    id: Id = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """A link in a message lives 14 days; a printed one until it is revoked."""
    revoked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    """When it was last opened."""
    person: Mapped[Person] = relationship()


class Node(Base):
    """A process that works on this store, and when it was last alive (seconds since 1970, the store's clock)."""

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    token: Mapped[str] = mapped_column(String(32))
    """Drawn at each start: tells two processes of one name apart."""
    role: Mapped[str] = mapped_column(String(8))
    host: Mapped[str] = mapped_column(String(64))
    pid: Mapped[int]
    started_at: Mapped[datetime]
    seen_at_s: Mapped[float]
    left: Mapped[bool] = mapped_column(default=False)
    """It stopped in good order: nothing of its work is left."""


class Lease(Base):
    """A task that one node at a time may do, such as fetching a bot's updates; renewed, or taken when it ran out."""

    task: Mapped[str] = mapped_column(String(80), primary_key=True)
    node: Mapped[str] = mapped_column(String(64))
    until_s: Mapped[float]


class Recall(Base):
    """An item withdrawn after it was sent: asked for by one person, confirmed by another."""

    id: Id = mapped_column(primary_key=True)
    rundown_id: Mapped[int] = mapped_column(ForeignKey("rundown.id"), index=True)
    item_version_id: Mapped[int] = mapped_column(ForeignKey("item_version.id"))
    """The wrong words."""
    replacement_id: Mapped[int | None] = mapped_column(ForeignKey("item_version.id"))
    reason: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    """The request was taken back before anybody confirmed it."""


class RecallAck(Base):
    """A person pressed that they know of a recall."""

    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime]


class IncomingUpdate(Base):
    """Every update of a chat service, stored before it is acted on, handled once."""

    __table_args__ = (UniqueConstraint("channel", "bot", "update_id"),)
    id: Id = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    bot: Mapped[str] = mapped_column(String(32))
    update_id: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Packed)
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None] = mapped_column(index=True)
    error: Mapped[str | None]


class LogEntry(Base):
    """A line of the airing log. Only ever inserted (triggers refuse the rest), chained by hash."""

    __table_args__ = (Index("ix_log_entry_station_period", "station_id", "period"),)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[EntryKind]
    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id"), index=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"))
    period: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """Who says so. For whom it is said: the station."""
    item_version_id: Mapped[int | None] = mapped_column(ForeignKey("item_version.id"))
    own_title: Mapped[str | None]
    """Title of an item of the station's own making; then no item version."""
    language: Mapped[str] = mapped_column(String(8), default="vie")
    url: Mapped[str | None]
    """Proof of a post, for mandates of kind post."""
    reason: Mapped[MissedReason | None]
    verdict: Mapped[str | None] = mapped_column(String(12))
    """Of a review: accepted, queried, rejected."""
    note: Mapped[str | None]
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("log_entry.seq"))
    channel: Mapped[str] = mapped_column(String(16))
    message_ref: Mapped[str] = mapped_column(String(80))
    """The message or request it came from, as the channel names it."""
    aired_at: Mapped[datetime | None]
    stated_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    prev_hash: Mapped[str] = mapped_column(Digest)
    hash: Mapped[str] = mapped_column(Digest)
    person: Mapped[Person] = relationship(lazy="joined")


class Aircheck(Base):
    """A photo or recording given as proof, kept outside the database and named by hash."""

    id: Id = mapped_column(primary_key=True)
    entry_seq: Mapped[int] = mapped_column(ForeignKey("log_entry.seq"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(8))
    mime: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    path: Mapped[str]
    size_bytes: Mapped[int]
    received_at: Mapped[datetime]


class Audit(Base):
    """Who did, or was refused, what; apart from the airing log."""

    id: Id = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    allowed: Mapped[bool] = mapped_column(default=True)
    detail: Mapped[str] = mapped_column(default="")


class Dialog(Base):
    """What a chat was asked last and has not answered yet (a time, a reason, a photo). One per address."""

    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), primary_key=True)
    awaits: Mapped[str] = mapped_column(String(24))
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duty.id"))
    data: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]


class LoginLink(Base):
    """A one-time link to the pages. Only its hash is kept."""

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser. Only the hash of its cookie is kept."""

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    agent: Mapped[str] = mapped_column(String(200), default="")


class SimMessage(Base):
    """A message of the phone simulator: what a chat service would keep on its own servers."""

    id: Id = mapped_column(primary_key=True)
    chat_id: Mapped[str] = mapped_column(String(64), index=True)
    from_person: Mapped[bool]
    text: Mapped[str]
    buttons: Mapped[str] = mapped_column(default="[]")
    """JSON rows of {label, data, tone}."""
    media_kind: Mapped[str | None] = mapped_column(String(8))
    media_path: Mapped[str | None]
    media_title: Mapped[str | None]
    duration_s: Mapped[int | None]
    sent_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class ReportFile(Base):
    """A report as it was made or sent: the exact bytes stay under the var folder."""

    id: Id = mapped_column(primary_key=True)
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"))
    scope: Mapped[str] = mapped_column(String(80))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """Half open: the day after the last."""
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    path: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    sent_to: Mapped[str | None]
    sent_at: Mapped[datetime | None]
