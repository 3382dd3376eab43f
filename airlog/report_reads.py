"""What reports read beside the duties: the log with its words resolved, proofs, mandates, communes, names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog import area_past, area_reads
from airlog.area_past import Then
from airlog.db import rows_about
from airlog.models import Aircheck, Area, Item, ItemVersion, LogEntry, Mandate, Station
from airlog.queries import DutyLine, duty_lines
from airlog.record import facts
from airlog.rules import live_entries
from airlog.scope import Scope
from airlog.types import AIRING, EntryKind, MandateKind, MissedReason
from content.week import LOCAL


@dataclass(frozen=True)
class LogLine:
    """A line of the airing log as a reader needs it. `stands` is False once it was replaced, withdrawn or rejected."""

    seq: int
    kind: EntryKind
    stands: bool
    duty_id: int
    period: str
    area_code: str
    area: str
    station_id: int
    station: str
    item_slug: str | None
    title: str
    own: bool
    topic: str | None
    message: int | None
    language: str
    url: str
    reason: MissedReason | None
    verdict: str | None
    note: str
    supersedes: int | None
    person: str
    channel: str
    message_ref: str
    aired_at: datetime | None
    stated_at: datetime
    recorded_at: datetime
    hash: str

    @property
    def is_airing(self) -> bool:
        """Whether it is a standing statement that something went on air."""
        return self.stands and self.kind in AIRING


Line = TypeVar("Line", DutyLine, LogLine)


@dataclass(frozen=True)
class MandateFact:
    """What is owed: `count` items per `per` (`week` or `month`), by which letter."""

    mandate_id: int
    name: str
    kind: MandateKind
    count: int
    per: str
    source: str


@dataclass(frozen=True)
class CommuneFact:
    """A commune of the record. `cluster` is its former district, empty where it had none."""

    code: str
    name: str
    cluster: str


@dataclass(frozen=True)
class Proofs:
    """Airchecks: how many files, about how many duties."""

    files: int
    duties: int


@dataclass(frozen=True)
class Rolled:
    """The duties of an area over a period, each once, under the commune in which its station lay on the period's last
    day (today's, while the period runs): old units before a change, the new ones after it or across it."""

    lines: list[DutyLine]
    then: Then
    notes: tuple[str, ...]
    """Vietnamese: which communes changed within the period or since; empty where none did."""


def rolled(
    session: Session,
    now: datetime,
    between: tuple[datetime, datetime],
    days: tuple[date, date],
    scope: Scope,
    mandate_id: int | None,
) -> Rolled:
    """`between`: the period's bounds, half open; `days`: its first and last day."""
    today = now.astimezone(LOCAL).date()
    then = area_past.then(session, min(days[1], today))
    found = duty_lines(
        session, now, between=between, scope=area_past.scope_then(scope, then), mandate_id=mandate_id
    )
    if then.stations or then.units:
        found = sorted(
            _moved_back(found, then),
            key=lambda line: (line.area_code, line.station_id, line.starts_at, line.duty_id),
        )
    notes = area_reads.notes(session, {line.area_code for line in found}, *days, today)
    return Rolled(found, then, notes)


def log_lines(session: Session, duty_ids: Sequence[int], then: Then | None = None) -> list[LogLine]:
    """Every line of the log about some duties, in the order of the log; under the communes of today, or as they were."""
    query = (
        select(LogEntry, Station, Area).join(Station, LogEntry.station_id == Station.id).join(Station.area)
    )
    rows = sorted(rows_about(session, query, LogEntry.duty_id, duty_ids), key=lambda row: row[0].seq)
    standing = _standing([entry for entry, _, _ in rows])
    versions = {entry.item_version_id for entry, _, _ in rows if entry.item_version_id}
    titled = select(ItemVersion.id, Item).join(ItemVersion.item)
    items = dict(rows_about(session, titled, ItemVersion.id, versions))
    lines = [_line(*row, items.get(row[0].item_version_id or 0), row[0].seq in standing) for row in rows]
    return _moved_back(lines, then) if then else lines


def mandates(session: Session, mandate_ids: Sequence[int]) -> list[MandateFact]:
    query = select(Mandate).where(Mandate.id.in_(list(mandate_ids))).order_by(Mandate.id)
    return [
        MandateFact(row.id, row.name, row.kind, row.count, row.per, row.source)
        for row in session.scalars(query)
    ]


def due_days(session: Session) -> set[str]:
    """The last good days for reports that mandates name, as `06-04`."""
    named = session.scalars(select(Mandate.report_due_days).distinct())
    return {day for days in named for day in days.split(",") if day}


def communes_by_code(session: Session, codes: Sequence[str], then: Then | None = None) -> list[CommuneFact]:
    """By former district, then code, so that neighbours stand together; as they are today, or as they were."""
    known = then.units if then else {}
    rows = rows_about(session, select(Area), Area.code, codes)
    found = [known.get(row.code) or area_past.unit_then(row) for (row,) in rows]
    found.sort(key=lambda unit: (unit.cluster_code, unit.code))
    return [CommuneFact(unit.code, unit.name, unit.cluster) for unit in found]


def proofs(session: Session, duty_ids: Sequence[int]) -> Proofs:
    query = select(LogEntry.duty_id, func.count(Aircheck.id)).group_by(LogEntry.duty_id)
    query = query.join(LogEntry, Aircheck.entry_seq == LogEntry.seq)
    files = [count for _, count in rows_about(session, query, LogEntry.duty_id, duty_ids)]
    return Proofs(sum(files), len(files))


def province_name(session: Session, scope: Scope) -> str:
    """“Tỉnh Lâm Đồng”, or empty for the whole country."""
    query = (
        select(Area.parent_code).where(Area.kind != "province", Area.parent_code.is_not(None), scope.clause())
    ).distinct()
    codes = list(session.scalars(query.limit(2)))
    return session.get_one(Area, codes[0]).name if len(codes) == 1 and codes[0] else ""


def _moved_back(lines: list[Line], then: Then) -> list[Line]:
    """Under the communes in which their stations lay then."""
    if not (then.stations or then.units):
        return lines
    places = [then.place(line.station_id, line.area_code, line.area) for line in lines]
    return [
        replace(line, area_code=code, area=name) for line, (code, name) in zip(lines, places, strict=True)
    ]


def _standing(entries: Sequence[LogEntry]) -> set[int]:
    by_duty: dict[int, list[LogEntry]] = defaultdict(list)
    for entry in entries:
        by_duty[entry.duty_id].append(entry)
    return {fact.seq for group in by_duty.values() for fact in live_entries([facts(e) for e in group])}


def _line(entry: LogEntry, station: Station, area: Area, item: Item | None, stands: bool) -> LogLine:
    return LogLine(
        seq=entry.seq,
        kind=entry.kind,
        stands=stands,
        duty_id=entry.duty_id,
        period=entry.period,
        area_code=area.code,
        area=area.name,
        station_id=station.id,
        station=station.name,
        item_slug=item.slug if item else None,
        title=entry.own_title or (item.title if item else ""),
        own=entry.own_title is not None,
        topic=item.topic if item else None,
        message=item.message if item else None,
        language=entry.language,
        url=entry.url or "",
        reason=entry.reason,
        verdict=entry.verdict,
        note=entry.note or "",
        supersedes=entry.supersedes,
        person=entry.person.name,
        channel=entry.channel,
        message_ref=entry.message_ref,
        aired_at=entry.aired_at,
        stated_at=entry.stated_at,
        recorded_at=entry.recorded_at,
        hash=entry.hash,
    )
