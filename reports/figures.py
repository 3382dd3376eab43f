"""The numbers of a report: counted once, checked against each other, shown alike in every document."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from fractions import Fraction

from airlog import report_reads
from airlog.db import Session
from airlog.queries import Counts, DutyLine, counts
from airlog.report_reads import CommuneFact, LogLine, MandateFact, Proofs
from airlog.rules import Sign
from airlog.scope import Scope, scope_name
from airlog.types import MissedReason
from content.topics import OFFICIAL_MESSAGES, TOPICS, Topic
from content.week import LOCAL
from reports.period import ReportPeriod


class FiguresDisagree(Exception):
    """Two sums that must be equal are not; the report is not written."""


@dataclass(frozen=True)
class AreaRow:
    """A commune or a cluster of communes."""

    code: str
    name: str
    cluster: str
    stations: int
    counts: Counts


@dataclass(frozen=True)
class MonthRow:
    """A calendar month: of each duty the month in which its week begins."""

    year: int
    month: int
    counts: Counts


@dataclass(frozen=True)
class Coverage:
    """How far a topic or message was aired: standing airing statements, different items, different stations."""

    airings: int
    items: int
    stations: int


@dataclass(frozen=True)
class TopicRow:
    topic: Topic
    coverage: Coverage


@dataclass(frozen=True)
class MessageRow:
    number: int
    text: str
    coverage: Coverage


@dataclass(frozen=True)
class ReasonRow:
    reason: MissedReason | None
    count: int


@dataclass(frozen=True)
class Figures:
    """Everything a report says. `place` is as in a sentence (“tỉnh Lâm Đồng”); `province` empty for the country."""

    scope: Scope
    place: str
    province: str
    period: ReportPeriod
    as_of: datetime
    mandates: tuple[MandateFact, ...]
    stations: int
    totals: Counts
    by_commune: tuple[AreaRow, ...]
    by_cluster: tuple[AreaRow, ...]
    by_month: tuple[MonthRow, ...]
    reasons: tuple[ReasonRow, ...]
    by_topic: tuple[TopicRow, ...]
    by_message: tuple[MessageRow, ...]
    airings: int
    own: Coverage
    unnamed_airings: int
    """Statements about a duty to which no item was tied."""
    proofs: Proofs
    lines: tuple[DutyLine, ...]
    log: tuple[LogLine, ...]
    area_notes: tuple[str, ...] = ()
    """What is to be known of communes that merged, split, moved or were renamed within the period or since."""


def gather(
    session: Session, scope: Scope, period: ReportPeriod, now: datetime, mandate_id: int | None = None
) -> Figures:
    """Count one area over one period, as it stands at `now`, for one mandate or all. Raises FiguresDisagree.

    Only an existing scope makes sense: see airlog.scope.require_scope.
    """
    days = period.starts_on, period.last_day
    rolled = report_reads.rolled(session, now, period.bounds, days, scope, mandate_id)
    lines = rolled.lines
    duty_ids = [line.duty_id for line in lines]
    log = report_reads.log_lines(session, duty_ids, rolled.then)
    owed = {line.mandate_id for line in lines} or ({mandate_id} if mandate_id else set())
    codes = sorted({line.area_code for line in lines})
    communes = report_reads.communes_by_code(session, codes, rolled.then)
    airings = [line for line in log if line.is_airing]
    own = [line for line in airings if line.own]
    figures = Figures(
        scope=scope,
        place=scope_name(session, scope),
        province=report_reads.province_name(session, scope),
        period=period,
        as_of=now,
        mandates=tuple(report_reads.mandates(session, sorted(owed))),
        stations=_stations(lines),
        totals=counts(lines),
        by_commune=_by_commune(lines, communes),
        by_cluster=_by_cluster(lines, communes),
        by_month=_by_month(lines),
        reasons=_reasons(lines),
        by_topic=tuple(TopicRow(t, _coverage([a for a in airings if a.topic == t.code])) for t in TOPICS),
        by_message=tuple(
            MessageRow(number, text, _coverage([a for a in airings if a.message == number]))
            for number, text in enumerate(OFFICIAL_MESSAGES, 1)
        ),
        airings=len(airings),
        own=_coverage(own),
        unnamed_airings=sum(not a.own and a.item_slug is None for a in airings),
        proofs=report_reads.proofs(session, duty_ids),
        lines=tuple(lines),
        log=tuple(log),
        area_notes=rolled.notes,
    )
    check(figures)
    return figures


def share(tally: Counts) -> Fraction | None:
    """Met duties among those owed: what was excused, and what may still be met, is owed no more or not yet."""
    owed = tally.total - tally.excused - tally.pending
    return Fraction(tally.met, owed) if owed else None


def check(figures: Figures) -> None:
    """See that every sum agrees with every other. Raises FiguresDisagree with the names of the two."""
    totals = figures.totals
    _same("duties", totals.total, "duty lines", len(figures.lines))
    for name, rows in (
        ("communes", [row.counts for row in figures.by_commune]),
        ("clusters", [row.counts for row in figures.by_cluster]),
        ("months", [row.counts for row in figures.by_month]),
    ):
        for sign in fields(Counts):
            summed = sum(getattr(row, sign.name) for row in rows)
            _same(f"total {sign.name}", getattr(totals, sign.name), f"{name} {sign.name}", summed)
    _same("stations", figures.stations, "communes", sum(row.stations for row in figures.by_commune))
    _same("cannot air", totals.cannot, "reasons", sum(row.count for row in figures.reasons))
    by_topic = sum(row.coverage.airings for row in figures.by_topic)
    _same("airings", figures.airings, "topics, own", by_topic + figures.own.airings + figures.unnamed_airings)
    _same("airings", figures.airings, "log", sum(line.is_airing for line in figures.log))
    aired = {line.duty_id for line in figures.log if line.is_airing}
    met = {line.duty_id for line in figures.lines if line.sign in (Sign.AIRED, Sign.LATE, Sign.PART)}
    _same("met duties", len(met), "met duties with a statement", len(met & aired))


def _same(one: str, first: int, other: str, second: int) -> None:
    if first != second:
        raise FiguresDisagree(f"{one} {first} != {other} {second}")


def _stations(lines: Sequence[DutyLine]) -> int:
    return len({line.station_id for line in lines})


def _by_commune(lines: Sequence[DutyLine], communes: Sequence[CommuneFact]) -> tuple[AreaRow, ...]:
    mine = _grouped(lines, lambda line: line.area_code)
    return tuple(
        AreaRow(c.code, c.name, c.cluster, _stations(mine[c.code]), counts(mine[c.code])) for c in communes
    )


def _by_cluster(lines: Sequence[DutyLine], communes: Sequence[CommuneFact]) -> tuple[AreaRow, ...]:
    cluster_of = {commune.code: commune.cluster for commune in communes}
    mine = _grouped(lines, lambda line: cluster_of[line.area_code])
    names = dict.fromkeys(commune.cluster for commune in communes)
    return tuple(AreaRow("", name, name, _stations(mine[name]), counts(mine[name])) for name in names)


def _by_month(lines: Sequence[DutyLine]) -> tuple[MonthRow, ...]:
    mine = _grouped(lines, lambda line: f"{line.starts_at.astimezone(LOCAL):%Y-%m}")
    return tuple(MonthRow(int(key[:4]), int(key[5:]), counts(mine[key])) for key in sorted(mine))


def _grouped(lines: Sequence[DutyLine], key: Callable[[DutyLine], str]) -> dict[str, list[DutyLine]]:
    groups: dict[str, list[DutyLine]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return groups


def _reasons(lines: Sequence[DutyLine]) -> tuple[ReasonRow, ...]:
    """The reasons that were given, most frequent first."""
    tally = Counter(line.standing.reason for line in lines if line.sign is Sign.CANNOT)
    order = list(MissedReason)
    ranked = sorted(tally.items(), key=lambda pair: (-pair[1], order.index(pair[0]) if pair[0] else 99))
    return tuple(ReasonRow(reason, count) for reason, count in ranked)


def _coverage(airings: Sequence[LogLine]) -> Coverage:
    names = {line.title.casefold() if line.own else line.item_slug for line in airings}
    return Coverage(len(airings), len(names), len({line.station_id for line in airings}))
