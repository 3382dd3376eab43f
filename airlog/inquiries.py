"""What an officer says of a statement on its way to the operator, and the operator's answer on its way back.

No state of its own: a question is a line of the log (a review that queries or rejects), an answer is a line too (words,
or the statement put right or taken back) or a proof. Both ways go as deliveries, planned in the
transaction of the line, one for each line and person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from airlog import access, airchecks, deliveries, record
from airlog.access import Sight
from airlog.db import rows_about
from airlog.deliveries import Wanted
from airlog.models import Address, Aircheck, Delivery, Duty, LogEntry, Person, Station
from airlog.record import Source
from airlog.types import AddressState, EntryKind, Rung
from content.week import LOCAL, Week

QUERIED, REJECTED = "queried", "rejected"
MOST_ANSWER = 300
REACHES_BACK = 8
"""Weeks for which an open question is still shown."""
_REVIEW, _ANSWER = "review", "answer"
_SAID = (
    EntryKind.ANSWERED, EntryKind.AIRED, EntryKind.CORRECTED, EntryKind.WITHDRAWN, EntryKind.NOT_AIRED,
)  # fmt: skip
_QUIET_FROM, _QUIET_TO = time(21), time(6)
"""Nobody is asked at night; the settings move the hours of reminders, not these."""


@dataclass(frozen=True)
class Inquiry:
    """An officer's last question about a duty. `answer`: what the station said since; `proofs`: what it sent since."""

    duty: Duty
    review: LogEntry
    about: LogEntry | None
    answer: LogEntry | None
    proofs: tuple[Aircheck, ...]

    @property
    def is_answered(self) -> bool:
        return self.answer is not None or bool(self.proofs)


def of_duty(session: Session, duty: Duty) -> Inquiry | None:
    """The question that the last review of a duty asks; None when that decided something, or there is none."""
    lines = record.log_of(session, duty)
    review = next((line for line in reversed(lines) if line.kind is EntryKind.REVIEWED), None)
    return _inquiry(session, duty, review, lines) if review and review.verdict == QUERIED else None


def of_duties(session: Session, duty_ids: Sequence[int]) -> dict[int, Inquiry]:
    """The same for some duties, by id; those about which nothing was asked are left out."""
    query = select(LogEntry.duty_id).where(LogEntry.kind == EntryKind.REVIEWED, LogEntry.verdict == QUERIED)
    asked = {id_ for (id_,) in rows_about(session, query, LogEntry.duty_id, duty_ids)}
    found = {id_: of_duty(session, session.get_one(Duty, id_)) for id_ in sorted(asked)}
    return {id_: one for id_, one in found.items() if one is not None}


def by_review(session: Session, review: LogEntry) -> Inquiry:
    """The question (or refusal) of one line, with what was said since."""
    duty = session.get_one(Duty, review.duty_id)
    return _inquiry(session, duty, review, record.log_of(session, duty))


def _inquiry(session: Session, duty: Duty, review: LogEntry, lines: Sequence[LogEntry]) -> Inquiry:
    since = [line for line in lines if line.seq > review.seq]
    answer = next(
        (line for line in reversed(since) if line.kind in _SAID and not _unexcuses(line, lines)), None
    )
    about = next((line for line in lines if line.seq == review.supersedes), None)
    proofs = [one for one in airchecks.of_duty(session, duty.id) if one.received_at > review.recorded_at]
    return Inquiry(duty, review, about, answer, tuple(proofs))


def open_of_person(session: Session, person: Person, now: datetime) -> list[Inquiry]:
    """The questions that wait for an operator's answer, oldest first."""
    ids = [station.id for station in access.stations_of(session, person, now)]
    return _unanswered(session, select(Duty).where(Duty.station_id.in_(ids)), now)


def open_of_area(session: Session, sight: Sight, now: datetime) -> list[Inquiry]:
    """The questions of somebody's area to which no station has answered, oldest first."""
    mine = select(Duty).join(Duty.station).join(Station.area).where(sight.clause)
    return _unanswered(session, mine, now)


def tell_operator(session: Session, review: LogEntry, now: datetime) -> int:
    """Plan the notice of a query or refusal; returns to how many. Repeatable.

    It goes to whoever made the statement, in the chat it came from; if they can be written to no more, to each
    operator of the station.
    """
    duty = session.get_one(Duty, review.duty_id)
    about = session.get(LogEntry, review.supersedes) if review.supersedes else None
    crew = access.operators_of(session, duty.station, now)
    mine = _chat(about.person, about.channel) if about and about.person in crew else None
    chats = [mine] if mine else [chat for one in crew if (chat := _chat(one, about.channel if about else ""))]
    due_at, key = _after_quiet(now), f"{_REVIEW}{review.seq}"
    deliveries.plan(session, [Wanted(Rung.REVIEW, chat, _week(duty), due_at, duty.id, key) for chat in chats])
    return len(chats)


def told_at(session: Session, review: LogEntry) -> tuple[int, datetime | None]:
    """To how many a review goes, and when the first of them is (or was) due."""
    told = Delivery.rung == Rung.REVIEW, Delivery.key.contains(f":{_REVIEW}{review.seq}:")
    query = select(func.count(), func.min(Delivery.due_at)).where(*told)
    number, due_at = session.execute(query.where(Delivery.duty_id == review.duty_id)).one()
    return number, due_at


def answer(
    session: Session, person: Person, asked: Inquiry, words: str, source: Source, now: datetime
) -> LogEntry:
    """The operator's answer in words. The same words again add nothing. Raises NotYourStation."""
    access.require_operator(session, person, asked.duty.station, "answer", now)
    words = " ".join(words.split())[:MOST_ANSWER]
    return record.answered(session, person, asked.duty, asked.review, words, source, now)


def pass_on(session: Session, duty: Duty, now: datetime) -> bool:
    """Plan the notice to the officer who asked, once something was answered; one for each question. Repeatable."""
    asked = of_duty(session, duty)
    if asked is None or not asked.is_answered:
        return False
    officer = asked.review.person
    if not access.looks_after(session, officer, duty.station, now):
        officer = next(iter(reversed(access.officers_of(session, duty.station, now))), officer)
    chat = _chat(officer, asked.review.channel)
    if chat is None:
        return False
    about = f"{_ANSWER}{asked.review.seq}"
    deliveries.plan(session, [Wanted(Rung.REPLY, chat, _week(duty), now, duty.id, about)])
    return True


def review_of(session: Session, row: Delivery) -> LogEntry:
    """The line that a notice of either way is about: its number stands in the key."""
    about = row.key.split(":")[1]
    return session.get_one(LogEntry, int(about.removeprefix(_REVIEW).removeprefix(_ANSWER)))


def _week(duty: Duty) -> str:
    """A message belongs to a week, also one about a month's duty: to that in which it begins."""
    return str(Week.of(duty.starts_at))


def _unanswered(session: Session, mine: Select[Duty], now: datetime) -> list[Inquiry]:
    since = Week.of(now).shift(-REACHES_BACK).starts_at
    query = mine.where(Duty.verdict == QUERIED, Duty.starts_at >= since)
    asked = session.scalars(query.order_by(Duty.starts_at, Duty.id)).all()
    return [one for duty in asked if (one := of_duty(session, duty)) and not one.is_answered]


def _unexcuses(line: LogEntry, lines: Sequence[LogEntry]) -> bool:
    """An officer's own withdrawal of an excuse is nobody's answer."""
    gone = next((one for one in lines if one.seq == line.supersedes), None)
    return line.kind is EntryKind.WITHDRAWN and gone is not None and gone.kind is EntryKind.EXCUSED


def _chat(person: Person, channel: str) -> Address | None:
    """A working chat of a person: on the channel that was spoken on, else the first in their order."""
    chats = [one for one in person.addresses if one.state is AddressState.ACTIVE]
    return next((one for one in chats if one.channel == channel), chats[0] if chats else None)


def _after_quiet(now: datetime) -> datetime:
    clock = now.astimezone(LOCAL)
    if _QUIET_TO <= clock.time() < _QUIET_FROM:
        return now
    morning = clock.replace(hour=_QUIET_TO.hour, minute=0, second=0, microsecond=0)
    return (morning if morning > clock else morning + timedelta(days=1)).astimezone(now.tzinfo)
