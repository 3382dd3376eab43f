"""What the log says of each duty, kept on the duty's own row, so that two years of a country can be counted for a page.

Never the truth: it is written together with each line of the log, in its transaction, by one statement, and can be
worked out anew from the log at any time (docs/adr/0010). Nothing in it depends on the hour (rules.Said), so that no
sweep is due at a deadline: a silent station is missed at the next look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from airlog import withdrawn
from airlog.db import Database, lock_log
from airlog.models import Duty, LogEntry, Station
from airlog.rules import DutyFacts, EntryFacts, Glance, glance
from content.week import LOCAL

_CHUNK = 2000
_table = Duty.__table__.c
_KEEP = (  # asked with each line of the log, so built once
    update(Duty.__table__)  # type: ignore[arg-type]
    .where(_table.id == bindparam("duty"))
    .values(
        said=bindparam("now_said"),
        said_seq=bindparam("now_seq"),
        said_languages=bindparam("now_languages"),
        verdict=bindparam("now_verdict"),
    )
)
_FACTS = (
    Duty.id, Duty.starts_at, Duty.due_at, Duty.required, Duty.languages, Duty.said, Duty.said_seq,
    Duty.said_languages, Duty.verdict, Station.active_to,
)  # fmt: skip
ENTRY_FACTS = (
    LogEntry.duty_id, LogEntry.seq, LogEntry.kind, LogEntry.stated_at, LogEntry.aired_at, LogEntry.language,
    LogEntry.reason, LogEntry.verdict, LogEntry.supersedes, LogEntry.item_version_id,
)  # fmt: skip
"""The columns that `entry_facts` needs."""


def keep(session: Session, duty: Duty, entries: Sequence[EntryFacts]) -> None:
    """Note what all lines about a duty, the newest included, say of it. One statement, but after a recall."""
    owed = duty_facts(
        duty.starts_at,
        duty.due_at,
        duty.required,
        duty.languages,
        duty.station.active_to,
        _replaced(session, duty, entries),
    )
    session.execute(_KEEP, _values(duty.id, glance(owed, entries)))


def recompute(session: Session, *where: ColumnElement[bool]) -> int:
    """Work it out anew from the log, for all duties or some; returns how many were kept wrongly. Repeatable.

    Whoever calls this while others write holds the lock of the log (airlog.db.lock_log).
    """
    changed, last = 0, 0
    while part := _some(session, last, where):
        last = part[-1].id
        log = _log(session, part[0].id, last, {row.id for row in part})
        recalls = withdrawn.by_duty(session, [row.id for row in part])
        wrong = []
        for row in part:
            replaced = withdrawn.replaced(recalls.get(row.id, []))
            owed = duty_facts(row.starts_at, row.due_at, row.required, row.languages, row.active_to, replaced)
            found = glance(owed, log[row.id])
            if found != Glance(row.said, row.said_seq, row.said_languages, row.verdict):
                wrong.append(_values(row.id, found))
        if wrong:
            session.execute(_KEEP, wrong)
        changed += len(wrong)
    return changed


def recompute_all(db: Database, tell: Callable[[int, int], None]) -> tuple[int, int]:
    """All duties, while others work: each week or month in a transaction of its own, under the lock of the log.
    `tell` is told (done, of how many). Returns how many duties there are, and how many were kept wrongly."""
    with db.reading() as session:
        numbers = session.execute(select(Duty.period, func.count()).group_by(Duty.period)).all()
    total, done, changed = sum(number for _, number in numbers), 0, 0
    for period, number in numbers:
        with db.session() as session:
            lock_log(session)
            changed += recompute(session, Duty.period == period)
        done += number
        tell(done, total)
    return total, changed


def duty_facts(
    starts_at: datetime,
    due_at: datetime,
    required: int,
    languages: str,
    active_to: date | None,
    replaced: frozenset[int] = frozenset(),
) -> DutyFacts:
    """What the rules need of a duty. `active_to`: the first day on which its station is no more."""
    last_day = (due_at - timedelta(microseconds=1)).astimezone(LOCAL).date()
    wanted = frozenset(code for code in languages.split(",") if code)
    gone = active_to is not None and active_to <= last_day
    return DutyFacts(starts_at, due_at, required, wanted, replaced, gone)


def entry_facts(row: Row[*tuple[Any, ...]]) -> EntryFacts:
    """A row of ENTRY_FACTS as the rules see it."""
    _, seq, kind, stated_at, aired_at, language, reason, verdict, supersedes, version_id = row[:10]
    return EntryFacts(seq, kind, stated_at, aired_at, language, reason, verdict, supersedes, version_id)


def _replaced(session: Session, duty: Duty, entries: Sequence[EntryFacts]) -> frozenset[int]:
    """Asked only when a line is about other words than those that stand now, which were never recalled themselves."""
    named = {e.version_id for e in entries} - {None}
    if not named or (duty.rundown and named == {duty.rundown.item_version_id}):
        return frozenset()
    return withdrawn.replaced(withdrawn.of_rundown(session, duty.rundown_id))


def _some(
    session: Session, after: int, where: Sequence[ColumnElement[bool]]
) -> Sequence[Row[*tuple[Any, ...]]]:
    query = select(*_FACTS).join(Station, Duty.station_id == Station.id).where(Duty.id > after, *where)
    return session.execute(query.order_by(Duty.id).limit(_CHUNK)).all()


def _log(session: Session, first: int, last: int, ids: set[int]) -> defaultdict[int, list[EntryFacts]]:
    """The lines about some duties. They are asked for by span where the span is full, else by their numbers."""
    found: defaultdict[int, list[EntryFacts]] = defaultdict(list)
    for where in _spans(first, last, ids):
        for row in session.execute(select(*ENTRY_FACTS).where(where).order_by(LogEntry.seq)):
            found[row.duty_id].append(entry_facts(row))
    return found


def _spans(first: int, last: int, ids: set[int]) -> Iterator[ColumnElement[bool]]:
    if last - first < 2 * len(ids):
        yield LogEntry.duty_id.between(first, last)
        return
    ordered = sorted(ids)
    for start in range(0, len(ordered), 500):
        yield LogEntry.duty_id.in_(ordered[start : start + 500])


def _values(duty_id: int, kept: Glance) -> dict[str, object]:
    return {
        "duty": duty_id,
        "now_said": kept.said,
        "now_seq": kept.last_seq,
        "now_languages": kept.languages,
        "now_verdict": kept.verdict,
    }
