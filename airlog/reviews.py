"""Reviews: statements that no officer has looked at yet, the sample that is asked for more proof, the decision.

The sample of a week is drawn by nobody: its seed is the week's label and the hash of the last line that the log held
when the week ended, so that no one knows it before, no one can choose it, and whoever has the log can draw it again.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog import access, inquiries, ledger, queries, record
from airlog.access import Sight
from airlog.db import Refused, lock_log, rows_about
from airlog.inquiries import QUERIED, REJECTED
from airlog.ledger_places import Choice
from airlog.models import Aircheck, Duty, LogEntry, Person
from airlog.record import GENESIS, NothingToChange, Source
from airlog.rules import Said
from airlog.types import AIRING

ACCEPTED = "accepted"
VERDICTS = (ACCEPTED, QUERIED, REJECTED)
SHARE = Fraction(1, 20)
"""Of the statements of a week, in the area of whoever looks; at least one."""
MORE_PROOF = "Đề nghị gửi bằng chứng"
MOST_NOTE = 300
_STATED = (Said.AIRED, Said.LATE, Said.PART, Said.RECALLED)


@dataclass(frozen=True)
class Draw:
    """The sample of one period. `seed` is hexadecimal; `line` the number of the line of the log it was made from."""

    seed: str
    line: int
    pool: int
    chosen: frozenset[int]


@dataclass(frozen=True)
class Statement:
    """The statement of a duty that stands, to be looked at. `proofs`: airchecks given with it or with an earlier one."""

    duty_id: int
    seq: int
    person: str
    channel: str
    aired_at: datetime | None
    stated_at: datetime
    language: str
    url: str
    proofs: tuple[tuple[int, str], ...]


def draw(session: Session, sight: Sight, period: str, now: datetime) -> Draw | None:
    """The sample among all statements of a period in somebody's area; None while the period runs."""
    ends_at = ledger.ends_at(period)
    if now < ends_at:
        return None
    line, link = _last_before(session, ends_at)
    seed = seed_of(period, link)
    stated = ledger.told(session, sight, Choice(), period, _STATED)
    pool = {id_: f"{station}/{mandate}" for id_, station, mandate, _ in stated}
    return Draw(seed, line, len(pool), frozenset(drawn(seed, pool.items())))


def seed_of(period: str, link: str) -> str:
    """SHA-256 over `2026-W48:` and the hash of the last line before the period's end (64 noughts before the first)."""
    return hashlib.sha256(f"{period}:{link}".encode()).hexdigest()


def drawn(seed: str, pool: Iterable[tuple[int, str]]) -> list[int]:
    """The ids whose keys rank first by SHA-256 over seed and key: the same for the same pool, whatever its order."""
    ranked = sorted(pool, key=lambda one: hashlib.sha256(f"{seed}:{one[1]}".encode()).digest())
    return [id_ for id_, _ in ranked[: math.ceil(len(ranked) * SHARE)]]


def queue(session: Session, sight: Sight, choice: Choice, period: str, sample: frozenset[int]) -> list[int]:
    """Duties of a period whose statement nobody has looked at (or, with a verdict chosen, about which that was said):
    those of the sample first, then by commune."""
    asked = Choice(None, choice.area, choice.language, choice.words, choice.verdict or "none")
    found = [id_ for id_, *_ in ledger.told(session, sight, asked, period, _STATED)]
    return [*(id_ for id_ in found if id_ in sample), *(id_ for id_ in found if id_ not in sample)]


def statements(session: Session, duty_ids: Sequence[int]) -> dict[int, Statement]:
    """The last standing statement of each duty, with all proofs that were given about the duty."""
    lines: defaultdict[int, list[LogEntry]] = defaultdict(list)
    for line in queries.entries(session, duty_ids=duty_ids):
        lines[line.duty_id].append(line)
    proofs: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    given = select(LogEntry.duty_id, Aircheck.id, Aircheck.kind).order_by(Aircheck.id)
    given = given.join(LogEntry, Aircheck.entry_seq == LogEntry.seq)
    for duty_id, id_, kind in rows_about(session, given, LogEntry.duty_id, duty_ids):
        proofs[duty_id].append((id_, kind))
    found = {}
    for duty_id, told in lines.items():
        last = next((line for line in reversed(record.live(told)) if line.kind in AIRING), None)
        if last is not None:
            found[duty_id] = _statement(last, proofs[duty_id])
    return found


def decide(
    session: Session,
    person: Person,
    duty: Duty,
    seen_seq: int,
    verdict: str,
    note: str,
    source: Source,
    now: datetime,
) -> LogEntry:
    """Accept, query or reject the statement that the officer has seen. The same again adds nothing.

    Raises NotAllowed, Refused (no reason given, or another statement stands by now) and NothingToChange.
    """
    access.require_officer(session, person, duty.station, "review", now)
    note = " ".join(note.split())[:MOST_NOTE]
    if verdict not in VERDICTS:
        raise Refused("Chưa rõ anh/chị chấp nhận, hỏi lại hay không chấp nhận. Chưa ghi gì vào nhật ký.")
    if verdict != ACCEPTED and not note:
        raise Refused("Cần ghi vài chữ vì sao hỏi lại hoặc không chấp nhận. Chưa ghi gì vào nhật ký.")
    lock_log(session)
    standing = record.standing_entry(session, duty)
    if standing is None:
        raise NothingToChange
    if standing.seq != seen_seq:
        raise Refused(
            "Đài vừa đổi xác nhận sau khi anh/chị mở trang này. Chưa ghi gì vào nhật ký; anh/chị xem lại rồi bấm."
        )
    entry, is_new = record.review(session, person, duty, verdict, source, now, note=note)
    if is_new and verdict != ACCEPTED:
        inquiries.tell_operator(session, entry, now)
    return entry


def _last_before(session: Session, moment: datetime) -> tuple[int, str]:
    """The newest line recorded before an instant, by halving: lines are recorded in the order of their numbers."""
    low, high = 0, session.scalar(select(func.max(LogEntry.seq))) or 0
    while low < high:
        middle = (low + high + 1) // 2
        recorded_at = session.scalar(select(LogEntry.recorded_at).where(LogEntry.seq == middle))
        if recorded_at is not None and recorded_at < moment:
            low = middle
        else:
            high = middle - 1
    return low, (session.scalar(select(LogEntry.hash).where(LogEntry.seq == low)) or GENESIS)


def _statement(line: LogEntry, proofs: Sequence[tuple[int, str]]) -> Statement:
    return Statement(
        duty_id=line.duty_id,
        seq=line.seq,
        person=line.person.name,
        channel=line.channel,
        aired_at=line.aired_at,
        stated_at=line.stated_at,
        language=line.language,
        url=line.url or "",
        proofs=tuple(proofs),
    )
