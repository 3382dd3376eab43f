"""The only writers of the airing log: append, chain by hash, verify.

A line is what a person said, when, on which channel, about which duty. Lines are never changed; a correction
or withdrawal is a new line that names the old one. Repeating a statement adds nothing (ten taps, one entry).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from airlog import ledger_kept
from airlog.db import lock_log
from airlog.models import Duty, LogEntry, Person
from airlog.rules import EntryFacts, live_entries
from airlog.types import AIRING, EntryKind, MissedReason

GENESIS = "0" * 64
# Asked for each statement, so built once.
_LOG_OF = select(LogEntry).where(LogEntry.duty_id == bindparam("duty")).order_by(LogEntry.seq)
_LAST = select(LogEntry.seq, LogEntry.hash).order_by(LogEntry.seq.desc()).limit(1)
_WRITTEN = "lines of the log written in it"
_HASHED = (
    "seq", "kind", "duty_id", "station_id", "mandate_id", "period", "person_id", "item_version_id", "own_title",
    "language", "url", "reason", "verdict", "note", "supersedes", "channel", "message_ref", "aired_at",
    "stated_at", "recorded_at",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """Where a statement came from: the channel, its id of the message, and when the person sent it."""

    channel: str
    message_ref: str
    stated_at: datetime


@dataclass(frozen=True)
class Broken:
    """The first line of the log that does not fit its hash or the line before it."""

    seq: int
    reason: str


_STATEMENTS = (*AIRING, EntryKind.NOT_AIRED)
"""What an operator says of an airing, and can take back. An officer's excuse or review is not theirs."""


class NothingToChange(Exception):
    """A correction, withdrawal or review without a statement to refer to."""


def aired(
    session: Session,
    person: Person,
    duty: Duty,
    source: Source,
    now: datetime,
    *,
    aired_at: datetime | None = None,
    own_title: str | None = None,
    language: str = "vie",
    url: str | None = None,
    note: str | None = None,
    again: bool = False,
    version_id: int | None = None,
) -> tuple[LogEntry, bool]:
    """Record that the person says the duty was aired. Returns (entry, whether it is new).

    A second statement about the same item returns the first one, unless `again` says it was another airing.
    `version_id` names words other than those that stand for the duty now: a recalled version that went on air.
    """
    lines = _locked_log(session, duty)  # before the words are read: a recall that has the log may change them
    version = version_id or (duty.rundown.item_version_id if duty.rundown else None)
    version = version if own_title is None else None
    same = [e for e in live(lines) if e.kind in AIRING and e.own_title == own_title]
    same = [e for e in same if version is None or e.item_version_id in (None, version)]
    before = next((e for e in reversed(same) if e.language == language), None)
    if before is not None and not again:
        return before, False
    said = {
        "item_version_id": version,
        "own_title": own_title,
        "url": url,
        "aired_at": aired_at,
        "note": note,
    }
    return _add(session, lines, EntryKind.AIRED, person, duty, source, now, language=language, **said), True


def correct(
    session: Session,
    person: Person,
    duty: Duty,
    before: LogEntry,
    source: Source,
    now: datetime,
    *,
    aired_at: datetime | None,
    note: str | None = None,
) -> tuple[LogEntry, bool]:
    """Replace the time of an airing statement. The same time again adds nothing.

    Raises NothingToChange when `before` was itself corrected or withdrawn meanwhile.
    """
    lines = _locked_log(session, duty)
    if before.seq not in {line.seq for line in live(lines)}:
        raise NothingToChange
    if before.aired_at == aired_at and note is None:
        return before, False
    said = {name: getattr(before, name) for name in ("item_version_id", "own_title", "language", "url")}
    said |= {"supersedes": before.seq, "aired_at": aired_at, "note": note}
    return _add(session, lines, EntryKind.CORRECTED, person, duty, source, now, **said), True


def not_aired(
    session: Session,
    person: Person,
    duty: Duty,
    reason: MissedReason,
    source: Source,
    now: datetime,
    *,
    note: str | None = None,
) -> tuple[LogEntry, bool]:
    """Record why the item could not be aired. The same reason and words again (or no words) add nothing."""
    said = {"reason": reason} if note is None else {"reason": reason, "note": note}
    lines = _locked_log(session, duty)
    return _say(session, lines, EntryKind.NOT_AIRED, person, duty, source, now, **said)


def withdraw(session: Session, person: Person, duty: Duty, source: Source, now: datetime) -> LogEntry:
    """Take back the operators' last standing statement about a duty (“bấm nhầm”). Raises NothingToChange."""
    lines = _locked_log(session, duty)
    mine = [e for e in live(lines) if e.kind in _STATEMENTS]
    if not mine:
        raise NothingToChange
    return _add(session, lines, EntryKind.WITHDRAWN, person, duty, source, now, supersedes=mine[-1].seq)


def leader_cleared(
    session: Session, person: Person, duty: Duty, source: Source, now: datetime, *, leader: str
) -> tuple[LogEntry, bool]:
    """Record that the commune leader allowed the item (optional step). Once per duty."""
    lines = _locked_log(session, duty)
    before = _last_of(lines, EntryKind.LEADER_CLEARED)
    if before is not None:
        return before, False
    return _add(session, lines, EntryKind.LEADER_CLEARED, person, duty, source, now, note=leader), True


def excuse(
    session: Session,
    person: Person,
    duty: Duty,
    reason: MissedReason,
    source: Source,
    now: datetime,
    *,
    note: str,
) -> tuple[LogEntry, bool]:
    """An officer excuses the duty, with a reason. The same again adds nothing."""
    lines = _locked_log(session, duty)
    return _say(session, lines, EntryKind.EXCUSED, person, duty, source, now, reason=reason, note=note)


def withdraw_excuse(session: Session, person: Person, duty: Duty, source: Source, now: datetime) -> LogEntry:
    """An officer takes back the last excuse that stands. Raises NothingToChange."""
    lines = _locked_log(session, duty)
    standing = _last_of(lines, EntryKind.EXCUSED)
    if standing is None:
        raise NothingToChange
    said = {"supersedes": standing.seq, "note": "bỏ miễn"}
    return _add(session, lines, EntryKind.WITHDRAWN, person, duty, source, now, **said)


def review(
    session: Session,
    person: Person,
    duty: Duty,
    verdict: str,
    source: Source,
    now: datetime,
    *,
    note: str = "",
) -> tuple[LogEntry, bool]:
    """An officer accepts, queries or rejects the standing statement. The same again adds nothing.

    Raises NothingToChange when no statement stands.
    """
    lines = _locked_log(session, duty)
    about = next((line for line in reversed(live(lines)) if line.kind in AIRING), None)
    if about is None:
        raise NothingToChange
    said = {"verdict": verdict, "supersedes": about.seq, "note": note or None}
    return _say(session, lines, EntryKind.REVIEWED, person, duty, source, now, **said)


def answered(
    session: Session,
    person: Person,
    duty: Duty,
    question: LogEntry,
    words: str,
    source: Source,
    now: datetime,
) -> LogEntry:
    """The station's words to an officer's question. The same words again add nothing."""
    lines, said = _locked_log(session, duty), {"supersedes": question.seq, "note": words}
    return _say(session, lines, EntryKind.ANSWERED, person, duty, source, now, **said)[0]


def _locked_log(session: Session, duty: Duty) -> list[LogEntry]:
    """All lines about a duty so far; nobody else adds one before this transaction ends."""
    lock_log(session)
    return log_of(session, duty)


def _say(
    session: Session,
    lines: Sequence[LogEntry],
    kind: EntryKind,
    person: Person,
    duty: Duty,
    source: Source,
    now: datetime,
    **said: object,
) -> tuple[LogEntry, bool]:
    """Add a line, unless the last of its kind that stands says the same."""
    before = _last_of(lines, kind)
    if before is not None and all(getattr(before, name) == value for name, value in said.items()):
        return before, False
    return _add(session, lines, kind, person, duty, source, now, **said), True


def _add(
    session: Session,
    lines: Sequence[LogEntry],
    kind: EntryKind,
    person: Person,
    duty: Duty,
    source: Source,
    now: datetime,
    **said: object,
) -> LogEntry:
    """Put a line about a duty at the end of the chain. Every line of the log passes here.

    `lines`: all about the duty so far, read under the lock of the log. In the same transaction the duty's row notes
    what its log says now (airlog/ledger_kept.py).
    """
    last = session.execute(_LAST).first()
    entry = LogEntry(
        seq=last.seq + 1 if last else 1,
        prev_hash=last.hash if last else GENESIS,
        kind=kind,
        duty_id=duty.id,
        station_id=duty.station_id,
        mandate_id=duty.mandate_id,
        period=duty.period,
        person_id=person.id,
        person=person,
        channel=source.channel,
        message_ref=source.message_ref,
        stated_at=source.stated_at,
        recorded_at=now,
        **{"language": "vie", **said},
    )
    entry.hash = line_hash(entry)
    session.add(entry)
    session.flush()
    session.info.setdefault(_WRITTEN, []).append(entry)
    ledger_kept.keep(session, duty, [facts(line) for line in (*lines, entry)])
    return entry


def line_hash(entry: LogEntry) -> str:
    """SHA-256 over the line before it and every field, in a fixed order and form (instants in UTC)."""
    fields = [entry.prev_hash, *(_plain(getattr(entry, name)) for name in _HASHED)]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()


def verify(session: Session) -> Broken | None:
    """Walk the whole chain. None when every line fits; else the first one that does not."""
    try:
        return _first_broken(_lines(session, None))
    except (ValueError, TypeError):
        # Somebody wrote what no line of ours can hold, so it cannot even be read.
        unreadable = _first_unreadable(session)
        before = _first_broken(_lines(session, unreadable))
        return before or Broken(unreadable, "nội dung đã bị sửa")


def _first_broken(lines: Iterator[LogEntry]) -> Broken | None:
    previous, expected = GENESIS, 1
    for entry in lines:
        if entry.seq != expected:
            return Broken(expected, "thiếu dòng này")
        if entry.prev_hash != previous:
            return Broken(entry.seq, "không nối với dòng trước")
        if line_hash(entry) != entry.hash:
            return Broken(entry.seq, "nội dung đã bị sửa")
        previous, expected = entry.hash, entry.seq + 1
    return None


def facts(entry: LogEntry) -> EntryFacts:
    """A line as the rules see it."""
    said = entry.aired_at, entry.language, entry.reason, entry.verdict, entry.supersedes
    return EntryFacts(entry.seq, entry.kind, entry.stated_at, *said, entry.item_version_id)


def log_of(session: Session, duty: Duty) -> list[LogEntry]:
    """All lines about a duty, in order."""
    return list(session.scalars(_LOG_OF, {"duty": duty.id}))


def live_log(session: Session, duty: Duty) -> list[LogEntry]:
    """The lines about a duty that still stand."""
    return live(log_of(session, duty))


def live(lines: Sequence[LogEntry]) -> list[LogEntry]:
    """Those of all lines about one duty that still stand."""
    standing = {fact.seq for fact in live_entries([facts(line) for line in lines])}
    return [line for line in lines if line.seq in standing]


def standing_entry(
    session: Session,
    duty: Duty,
    *,
    own_title: str | None = None,
    language: str | None = None,
    without: Collection[int] = (),
) -> LogEntry | None:
    """The last standing airing statement about a duty (about that own item or language, if named).

    `without`: versions that do not count, because they were recalled and replaced.
    """
    for line in reversed(live_log(session, duty)):
        if line.kind not in AIRING or (own_title is not None and line.own_title != own_title):
            continue
        if line.item_version_id in without:
            continue
        if language is None or line.language == language:
            return line
    return None


def said_before(session: Session, duty: Duty, source: Source) -> LogEntry | None:
    """The last line that this very message made at the duty's station: a form that comes twice says nothing new.

    Holds the log until the transaction ends, so that the second of two at once sees the first.
    """
    lock_log(session)
    query = select(LogEntry).where(LogEntry.station_id == duty.station_id, LogEntry.channel == source.channel)
    mine = query.where(LogEntry.message_ref == source.message_ref).order_by(LogEntry.seq.desc())
    return session.scalars(mine.limit(1)).first()


def written(session: Session) -> list[LogEntry]:
    """The lines that this session has added so far, in order."""
    return list(session.info.get(_WRITTEN, ()))


def last_entry(session: Session, duty: Duty, kind: EntryKind) -> LogEntry | None:
    """The last standing line of one kind about a duty."""
    return _last_of(log_of(session, duty), kind)


def _last_of(lines: Sequence[LogEntry], kind: EntryKind) -> LogEntry | None:
    return next((line for line in reversed(live(lines)) if line.kind is kind), None)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, EntryKind | MissedReason) else value


def _lines(session: Session, below: int | None) -> Iterator[LogEntry]:
    query = select(LogEntry).order_by(LogEntry.seq).execution_options(yield_per=1000)
    yield from session.scalars(query if below is None else query.where(LogEntry.seq < below))


def _first_unreadable(session: Session) -> int:
    seqs = list(session.scalars(select(LogEntry.seq).order_by(LogEntry.seq)))
    for seq in seqs:
        try:
            session.get(LogEntry, seq)
        except (ValueError, TypeError):
            return seq
    raise AssertionError("every line can be read")
