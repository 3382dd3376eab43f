"""Looking at statements in the chat: accept, ask back, refuse, see the proofs; one after the other if wished."""

from __future__ import annotations

from pathlib import Path

from airlog import access, airchecks, dialogs, inquiries, queries, record, reviews
from airlog.access import NotAllowed
from airlog.db import Refused, Session
from airlog.inquiries import QUERIED, REJECTED
from airlog.ledger_places import ALL
from airlog.models import Aircheck, Duty, LogEntry, Person
from airlog.record import NothingToChange
from airlog.reviews import ACCEPTED
from airlog.types import EntryKind
from bot.desk import Caller
from bot.replies import in_pairs, say, week_of
from content import messages, officer_messages, review_messages
from content.week import Week
from reports.words import VERDICTS
from scheduler.channel import Answer, Button, ButtonRows, Outgoing
from scheduler.compose import place_name
from scheduler.inquiries import STATES, review_buttons

MOST_PROOFS = 5
_IN_TURN = "q"
"""A button that came with “one after the other”: the next one follows the decision."""


def press(session: Session, caller: Caller, act: str, duty: Duty, more: str) -> Answer:
    """`more`: the line that was seen, then a choice. The right to the area was checked."""
    number, _, choice = more.partition(":")
    seen = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
    match act:
        case "card":
            return card(session, caller, duty)
        case "proofs":
            return proofs(session, caller, duty)
        case "accept":
            return accept(session, caller, duty, seen, in_turn=choice == _IN_TURN)
        case "ask" | "reject":
            return _ask_words(session, caller, act, duty, seen)
        case "asked" if choice.isdecimal() and int(choice) < len(review_messages.QUESTIONS):
            return query(session, caller, duty, seen, review_messages.QUESTIONS[int(choice)])
        case "refused" if choice.isdecimal() and int(choice) < len(review_messages.REFUSALS):
            return reject(session, caller, duty, seen, review_messages.REFUSALS[int(choice)])
        case _:
            return say(messages.NOT_UNDERSTOOD)


def queue(session: Session, caller: Caller, week: Week) -> Answer:
    """/duyet: what waits of a week; with nothing there, of the week before, whose statements come in late."""
    sight = access.sight(session, caller.person, caller.now)
    for one in (week, week.shift(-1)):
        if reviews.queue(session, sight, ALL, str(one), frozenset()):
            return next_one(session, caller, one)
    return say(review_messages.none_left(week))


def next_one(session: Session, caller: Caller, week: Week, after: int = 0, head: str = "") -> Answer:
    """The next statement of a week that nobody has looked at, those of the drawn sample first."""
    sight = access.sight(session, caller.person, caller.now)
    draw = reviews.draw(session, sight, str(week), caller.now)
    sample = draw.chosen if draw else frozenset()
    waiting = reviews.queue(session, sight, ALL, str(week), sample)
    left = waiting[waiting.index(after) + 1 :] if after in waiting else waiting
    if not left:
        return say("\n".join(part for part in (head, review_messages.none_left(week)) if part))
    duty = session.get_one(Duty, left[0])
    heads = [head, review_messages.left_to_review(len(left))]
    heads += [review_messages.IN_SAMPLE] if duty.id in sample else []
    return card(session, caller, duty, "\n".join(part for part in heads if part), in_turn=True)


def card(session: Session, caller: Caller, duty: Duty, head: str = "", *, in_turn: bool = False) -> Answer:
    """One statement and what can be decided about it."""
    standing = record.standing_entry(session, duty)
    place = place_name(duty.station)
    if standing is None:
        return say(review_messages.gone_meanwhile(place))
    title = queries.duty_lines(session, caller.now, duty_ids=[duty.id])[0].title
    text = review_messages.card(
        place,
        week_of(duty),
        standing.person.name,
        review_messages.claimed(standing.aired_at, standing.stated_at),
        len(airchecks.of_duty(session, duty.id)),
        standing.own_title or title,
    )
    buttons = review_buttons(session, duty, standing)
    if in_turn:
        skip = Button(review_messages.SKIP, f"o:next:{week_of(duty)}:{duty.id}")
        buttons = (*_turning(buttons), (skip,))
    return say(f"{head}\n{text}" if head else text, buttons)


def accept(session: Session, caller: Caller, duty: Duty, seen: int, *, in_turn: bool = False) -> Answer:
    stale = _stale(session, caller, duty, seen, ACCEPTED)
    if isinstance(stale, Answer):
        return stale
    entry = stale or _decide(session, caller, duty, seen, ACCEPTED, "")
    text = review_messages.accepted(
        place_name(duty.station), week_of(duty), entry.person.name, entry.stated_at
    )
    if in_turn:
        return next_one(session, caller, week_of(duty), head=text)
    return say(text, _more(session, caller, week_of(duty)))


def query(session: Session, caller: Caller, duty: Duty, seen: int, words: str) -> Answer:
    """Ask the operator back, in their own chat."""
    stale = _stale(session, caller, duty, seen, QUERIED)
    if isinstance(stale, Answer):
        return stale
    before = inquiries.of_duty(session, duty)
    if before is not None and before.is_answered and before.review.note == words:
        words = f"{words} (hỏi lại)"  # the same words are another question once they were answered
    entry = _decide(session, caller, duty, seen, QUERIED, words)
    dialogs.close(session, caller.address)
    chats, due_at = inquiries.told_at(session, entry)
    text = review_messages.question_recorded(
        place_name(duty.station), entry.note or "", chats, due_at, caller.now
    )
    return say(text, _more(session, caller, week_of(duty)))


def reject(session: Session, caller: Caller, duty: Duty, seen: int, words: str) -> Answer:
    """Not accepted: the statement stays in the log and counts no more; the operator is told why."""
    stale = _stale(session, caller, duty, seen, REJECTED)
    if isinstance(stale, Answer):
        return stale
    entry = stale or _decide(session, caller, duty, seen, REJECTED, words)
    dialogs.close(session, caller.address)
    chats, due_at = inquiries.told_at(session, entry)
    state = STATES[queries.duty_standing(session, duty, caller.now).sign]
    place = place_name(duty.station)
    text = review_messages.rejection_recorded(place, entry.note or "", state, chats, due_at, caller.now)
    return say(text, _more(session, caller, week_of(duty)))


def proofs(session: Session, caller: Caller, duty: Duty) -> Answer:
    """The newest photos and recordings themselves."""
    found = airchecks.of_duty(session, duty.id)
    place = place_name(duty.station)
    if not found:
        return say(review_messages.no_proofs(place))
    if not caller.incoming.buttons:
        return say(review_messages.more_proofs(len(found)))
    shown = found[-MOST_PROOFS:]
    sent = [_proof(session, duty, one) for one in shown]
    if len(found) > len(shown):
        sent.append(Outgoing(review_messages.more_proofs(len(found) - len(shown))))
    return Answer(tuple(sent))


def _ask_words(session: Session, caller: Caller, act: str, duty: Duty, seen: int) -> Answer:
    """What to ask, or why not: some to tap, or words."""
    stale = _stale(session, caller, duty, seen, QUERIED if act == "ask" else REJECTED)
    if stale is not None:
        return stale if isinstance(stale, Answer) else say(_decided(stale))
    awaits, done, choices = (
        ("o_query", "asked", review_messages.QUESTIONS)
        if act == "ask"
        else ("o_reject", "refused", review_messages.REFUSALS)
    )
    dialogs.ask(session, caller.address, awaits, caller.now, duty, data=str(seen))
    place, week = place_name(duty.station), week_of(duty)
    text = review_messages.ask_what(place, week) if act == "ask" else review_messages.why_reject(place, week)
    buttons = [Button(label, f"o:{done}:{duty.id}:{seen}:{n}") for n, label in enumerate(choices)]
    return say(text, (*in_pairs(buttons), (Button(officer_messages.DROP, "o:drop"),)))


def _stale(session: Session, caller: Caller, duty: Duty, seen: int, verdict: str) -> Answer | LogEntry | None:
    """An answer when the statement that was seen does not stand any more; the line that said the very same before
    (a double tap); None when the decision can be written."""
    standing = record.standing_entry(session, duty)
    last = record.last_entry(session, duty, EntryKind.REVIEWED)
    if last is not None and last.supersedes == seen and last.verdict == verdict and verdict != QUERIED:
        return last
    if standing is not None and standing.seq == seen:
        return None
    dialogs.close(session, caller.address)
    place = place_name(duty.station)
    if standing is None:
        before = f" {_decided(last)}" if last is not None and last.supersedes == seen else ""
        return say(review_messages.gone_meanwhile(place) + before)
    return card(session, caller, duty, review_messages.changed_meanwhile(place))


def _decided(review: LogEntry) -> str:
    words = VERDICTS.get(review.verdict or "", "")
    return review_messages.decided_before(review.person.name, words, review.stated_at)


def _decide(session: Session, caller: Caller, duty: Duty, seen: int, verdict: str, words: str) -> LogEntry:
    try:
        return reviews.decide(session, caller.person, duty, seen, verdict, words, caller.source, caller.now)
    except NothingToChange as error:  # withdrawn in this very moment
        raise NotAllowed(review_messages.gone_meanwhile(place_name(duty.station))) from error
    except NotAllowed:
        raise
    except Refused as error:
        raise NotAllowed(str(error)) from error


def _more(session: Session, caller: Caller, week: Week) -> ButtonRows:
    """On to the next statement of the week, where one waits."""
    sight = access.sight(session, caller.person, caller.now)
    if not caller.incoming.buttons or not reviews.queue(session, sight, ALL, str(week), frozenset()):
        return ()
    return ((Button(review_messages.NEXT, f"o:next:{week}"),),)


def _turning(rows: ButtonRows) -> ButtonRows:
    """The same buttons; accepting leads on to the next one."""
    return tuple(
        tuple(
            Button(one.label, f"{one.data}:{_IN_TURN}", one.tone) if one.data.startswith("o:accept:") else one
            for one in row
        )
        for row in rows
    )


def _proof(session: Session, duty: Duty, check: Aircheck) -> Outgoing:
    person = session.get_one(Person, check.person_id)
    text = review_messages.proof_of(place_name(duty.station), week_of(duty), person.name, check.received_at)
    path = Path(check.path)
    if not path.is_file():
        return Outgoing(f"{text}\n{review_messages.LOST_FILE}")
    return Outgoing(text, picture=path) if check.mime.startswith("image/") else Outgoing(text, document=path)
