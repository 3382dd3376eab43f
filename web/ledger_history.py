"""What a station did, week by week: how it stood, what was said, with the proofs and the sound that was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from airlog import files, ledger, queries, recall_reads, record, withdrawn
from airlog.db import Session
from airlog.models import Aircheck, LogEntry, Recall, Station
from airlog.queries import Counts, DutyLine
from airlog.rules import Sign
from airlog.types import EntryKind
from content.excuses import EXCUSES, MOST_WEEKS
from content.recall_messages import NEW_WORDS, OLD_WORDS
from content.week import Week
from content.wording import date_vi
from reports.ledger_xlsx import View, duties_view
from reports.words import KINDS, VERDICTS, channel_word, reason_word

SHOWN = 26
STRIP = 52
_OPEN = (Sign.PENDING, Sign.SILENT, Sign.CANNOT, Sign.PART)


@dataclass(frozen=True)
class Statement:
    """A line of the airing log in words."""

    kind: str
    by: str
    channel: str
    stated_at: datetime
    aired_at: datetime | None
    detail: str
    proofs: Sequence[Aircheck]


@dataclass(frozen=True)
class WeekOfStation:
    """`track_id`: the sound that was sent, if one was. `until`: the weeks an excuse may reach to, as (label, words);
    empty where there is nothing to excuse."""

    line: DutyLine
    statements: tuple[Statement, ...]
    track_id: int | None
    until: tuple[tuple[str, str], ...]
    is_excused: bool
    """By an officer, who may take it back; what a closed station no longer owes is excused by itself."""


@dataclass(frozen=True)
class History:
    """`strip`: the signs of the last weeks, oldest first. `skip`: how many newer ones the reader has passed."""

    weeks: tuple[WeekOfStation, ...]
    counts: Counts
    strip: tuple[DutyLine, ...]
    skip: int
    has_older: bool


def history_of(session: Session, here: Station, now: datetime, skip: int = 0) -> History:
    """The newest weeks, or those before them; weeks to come only where something was said of them (an excuse)."""
    known = [
        line
        for line in queries.duty_lines(session, now, stations=[here.id])
        if line.starts_at <= now or line.sign is not Sign.PENDING
    ]
    newest_first = sorted(known, key=lambda line: (line.starts_at, line.duty_id), reverse=True)
    shown = newest_first[skip : skip + SHOWN]
    ids = [line.duty_id for line in shown]
    proofs = files.airchecks_of(session, here)
    recalled, tracks = withdrawn.by_duty(session, ids), ledger.tracks_sent(session, ids)
    said: dict[int, list[LogEntry]] = {}
    for entry in queries.entries(session, duty_ids=ids):
        said.setdefault(entry.duty_id, []).append(entry)
    over = [line for line in newest_first if line.starts_at <= now]
    return History(
        weeks=tuple(
            WeekOfStation(
                line,
                tuple(
                    _statement(session, entry, recalled.get(line.duty_id, []), proofs)
                    for entry in said.get(line.duty_id, [])
                ),
                tracks.get(line.duty_id),
                _until(line, now) if line.sign in _OPEN else (),
                line.sign is Sign.EXCUSED and _has_excuse(said.get(line.duty_id, [])),
            )
            for line in shown
        ),
        counts=queries.counts(over),
        strip=tuple(reversed(over[:STRIP])),
        skip=skip,
        has_older=len(newest_first) > skip + SHOWN,
    )


def history_view(session: Session, here: Station, now: datetime) -> View:
    lines = [line for line in queries.duty_lines(session, now, stations=[here.id]) if line.starts_at <= now]
    clusters = {here.id: here.area.former_district or ""}
    return duties_view(f"dai-{here.area_code}-{here.id}", f"{here.name}, các tuần", lines, clusters)


def _has_excuse(entries: Sequence[LogEntry]) -> bool:
    return any(entry.kind is EntryKind.EXCUSED for entry in record.live(entries))


def _until(line: DutyLine, now: datetime) -> tuple[tuple[str, str], ...]:
    """How far an excuse may reach: a past week is excused alone, the running one with the weeks to come."""
    if "W" not in line.period:
        return (("", "Chỉ tháng này"),)
    week = Week.parse(line.period)
    last = week.shift(MOST_WEEKS - 1) if week == Week.of(now) else week
    ahead = [week.shift(by) for by in range(1, (last.monday - week.monday).days // 7 + 1)]
    return (
        ("", f"Chỉ tuần này, hết {date_vi(week.sunday)}"),
        *((str(one), f"Đến hết Chủ nhật {date_vi(one.sunday)}") for one in ahead),
    )


def _statement(
    session: Session, entry: LogEntry, recalls: Sequence[Recall], proofs: Mapping[int, Sequence[Aircheck]]
) -> Statement:
    why = EXCUSES[str(entry.reason)] if entry.kind is EntryKind.EXCUSED else reason_word(entry.reason)
    parts = [
        entry.own_title or _which_words(session, entry, recalls),
        why,
        VERDICTS.get(entry.verdict or "", ""),
        "" if (entry.note or "").lower() == why.lower() else entry.note or "",
        entry.url or "",
    ]
    return Statement(
        KINDS[entry.kind],
        entry.person.name,
        channel_word(entry.channel),
        entry.stated_at,
        entry.aired_at,
        " · ".join(part for part in parts if part),
        proofs.get(entry.seq, ()),
    )


def _which_words(session: Session, entry: LogEntry, recalls: Sequence[Recall]) -> str:
    """Which item a statement is about, told only where one was recalled: elsewhere there is but one."""
    if not recalls or entry.item_version_id is None:
        return ""
    title = recall_reads.words(session, entry.item_version_id).title
    is_old = entry.item_version_id in {one.item_version_id for one in recalls}
    return f"{OLD_WORDS if is_old else NEW_WORDS}: {title}"
