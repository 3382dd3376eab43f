"""The notices of a review: to the operator who made the statement, and the answer to the officer who asked."""

from __future__ import annotations

from datetime import datetime

from airlog import airchecks, inquiries, people, queries, record
from airlog.db import Session
from airlog.inquiries import REJECTED, Inquiry
from airlog.models import Delivery, Duty, LogEntry
from airlog.rules import Sign
from airlog.scope import lower_kind
from airlog.types import EntryKind
from content import messages, review_messages
from content.excuses import EXCUSES
from content.week import Week
from scheduler.channel import Button, ButtonRows, Outgoing
from scheduler.item import duty_buttons

STATES = {
    Sign.AIRED: "đã phát",
    Sign.LATE: "phát bù",
    Sign.PART: "phát thiếu",
    Sign.EXCUSED: "được miễn",
    Sign.CANNOT: "chưa phát được",
    Sign.SILENT: "chưa trả lời",
    Sign.PENDING: "đang chờ xác nhận",
}


def review_notice(session: Session, row: Delivery, now: datetime) -> Outgoing:
    """What the operator gets: a question with ways to answer, or that the statement was not accepted."""
    review = inquiries.review_of(session, row)
    asked = inquiries.by_review(session, review)
    officer, week, words = review.person, Week.of(asked.duty.starts_at), review.note or ""
    station = lower_kind(asked.duty.station.name)
    if review.verdict == REJECTED:
        stands = STATES[queries.duty_standing(session, asked.duty, now).sign]
        phone = people.phone_local(officer.phone)
        text = review_messages.rejected(officer.name, phone, week, station, words, stands)
        return Outgoing(text, duty_buttons(session, asked.duty)[:1])
    standing = record.standing_entry(session, asked.duty)
    if asked.is_answered or standing is None:
        return Outgoing(review_messages.question_settled(officer.name, week, station, words))
    stands = review_messages.claimed(standing.aired_at, standing.stated_at)
    text = review_messages.question(officer.name, week, station, words, stands)
    return Outgoing(text, question_buttons(asked.duty))


def reply_notice(session: Session, row: Delivery) -> Outgoing:
    """What the officer gets: the answer, with the ways to decide."""
    asked = inquiries.by_review(session, inquiries.review_of(session, row))
    duty = asked.duty
    week, words = Week.of(duty.starts_at), asked.review.note or ""
    text = review_messages.reply(lower_kind(duty.station.name), week, words, said(asked))
    standing = record.standing_entry(session, duty)
    return Outgoing(text, review_buttons(session, duty, standing) if standing else ())


def said(asked: Inquiry) -> str:
    """An answer in a sentence or two."""
    parts = [_said(asked.answer, asked.about)] if asked.answer else []
    if asked.proofs:
        parts.append(review_messages.sent_proofs(len(asked.proofs)))
    return ". ".join(parts)


def question_buttons(duty: Duty) -> ButtonRows:
    """How an operator answers."""
    return (
        (
            Button(review_messages.ANSWER, f"reply:{duty.id}", "good"),
            Button(messages.OTHER_TIME, f"when:{duty.id}:other"),
        ),
        (Button(messages.PROOF, f"proof:{duty.id}"), Button(messages.UNDO, f"undo:{duty.id}")),
    )


def review_buttons(session: Session, duty: Duty, standing: LogEntry) -> ButtonRows:
    """How an officer decides about a statement; each names the line that was seen."""
    about = f"{duty.id}:{standing.seq}"
    rows: list[tuple[Button, ...]] = [
        (
            Button(review_messages.ACCEPT, f"o:accept:{about}", "good"),
            Button(review_messages.ASK, f"o:ask:{about}"),
        ),
        (Button(review_messages.REJECT, f"o:reject:{about}", "bad"),),
    ]
    proofs = len(airchecks.of_duty(session, duty.id))
    if proofs:
        rows.append((Button(review_messages.proofs_label(proofs), f"o:proofs:{duty.id}"),))
    return tuple(rows)


def _said(answer: LogEntry, about: LogEntry | None) -> str:
    name = answer.person.name
    match answer.kind:
        case EntryKind.WITHDRAWN:
            return review_messages.said_withdrawn(name)
        case EntryKind.NOT_AIRED:
            labels = EXCUSES | messages.REASONS
            return review_messages.said_cannot(name, answer.note or labels[str(answer.reason)].lower())
        case EntryKind.ANSWERED:
            return review_messages.said_words(name, answer.note or "")
        case _ if answer.aired_at and (about is None or answer.aired_at != about.aired_at):
            return review_messages.said_time(name, answer.aired_at)
        case _:
            return review_messages.said_again(name)
