"""“Đã phát”, when, why not, and taking it back: what an operator states about a duty.

Every function here answers with what now stands; none of them unmakes what was said about a week long gone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airlog import deliveries, dialogs, record, withdrawn
from airlog.db import Session, lock_log
from airlog.models import Duty, LogEntry
from airlog.rules import MAKE_GOOD
from airlog.types import EntryKind, MandateKind, MissedReason
from bot import recall_talk
from bot.desk import Caller
from bot.replies import (
    acknowledge,
    change_row,
    in_pairs,
    lower_station,
    named_moments,
    number_of,
    proof_row,
    say,
    week_of,
    when_buttons,
)
from content import messages
from scheduler.channel import Answer, Button, ButtonRows, Outgoing
from scheduler.compose import compose
from scheduler.item import duty_buttons
from scheduler.reminders import usual_time

SAME_MOMENT = timedelta(minutes=10)


def confirm(session: Session, caller: Caller, duty: Duty) -> Answer:
    """“Đã phát”: the tap is the statement; when it aired is asked next."""
    if duty.mandate.kind is MandateKind.POST:
        dialogs.ask(session, caller.address, "url", caller.now, duty)
        return say(messages.ASK_URL)
    known = item_entry(session, duty)
    if known is not None:
        return _already(caller, duty, known)
    if long_gone(duty, caller.now):
        dialogs.ask(session, caller.address, "late_time", caller.now, duty)
        return say(messages.too_late(week_of(duty)))
    entry, _ = record.aired(session, caller.person, duty, caller.source, caller.now, again=True)
    deliveries.cancel_reminders(session, duty, caller.now)
    dialogs.ask(session, caller.address, "when", caller.now, duty)
    usual_at = usual_time(session, duty, caller.now)
    text = messages.recorded(entry.stated_at, lower_station(duty.station), week_of(duty))
    edit = _marked(session, caller, duty, messages.stands_aired(entry.stated_at))
    return acknowledge(text, when_buttons(duty, caller.now, usual_at), edit)


def confirm_at(
    session: Session, caller: Caller, duty: Duty, aired_at: datetime, *, insisted: bool = False
) -> Answer:
    """“Đã phát” together with its time, as one statement; about what is confirmed already, the time alone."""
    if item_entry(session, duty) is not None:
        return set_time(session, caller, duty, aired_at, insisted=insisted)
    if long_gone(duty, caller.now):
        return confirm_long_gone(session, caller, duty, aired_at)
    doubt = _doubt(session, caller, duty, None, aired_at, insisted)
    if doubt is not None:
        return doubt
    note = messages.INSISTED if insisted else None
    entry, _ = record.aired(
        session, caller.person, duty, caller.source, caller.now, aired_at=aired_at, note=note, again=True
    )
    deliveries.cancel_reminders(session, duty, caller.now)
    dialogs.close(session, caller.address)
    text = messages.time_recorded(aired_at, lower_station(duty.station), week_of(duty))
    edit = _marked(session, caller, duty, messages.stands_aired(entry.stated_at))
    return acknowledge(text, (change_row(duty), proof_row(duty)), edit)


def confirm_long_gone(session: Session, caller: Caller, duty: Duty, aired_at: datetime) -> Answer:
    """A statement about a week long gone counts only with its day, and only if that day lies in the week."""
    if not _in_reach(duty, aired_at) or aired_at > caller.now:
        return say(messages.not_that_week(aired_at, week_of(duty)))
    known = item_entry(session, duty)
    if known is not None:
        return _already(caller, duty, known)
    record.aired(session, caller.person, duty, caller.source, caller.now, aired_at=aired_at, again=True)
    dialogs.close(session, caller.address)
    return acknowledge(messages.time_recorded(aired_at, lower_station(duty.station), week_of(duty)))


def say_when(session: Session, caller: Caller, duty: Duty, extra: str) -> Answer:
    """One of the times offered under “Tin phát lúc nào?”."""
    if extra == "other":
        dialogs.ask(session, caller.address, "time", caller.now, duty)
        return say(messages.ASK_TIME)
    now = caller.source.stated_at.replace(second=0, microsecond=0)
    moments = {"now": now, **named_moments(duty, caller.now)}
    moment = usual_time(session, duty, caller.now) if extra == "usual" else moments.get(extra)
    if moment is None:
        return say(messages.NOT_UNDERSTOOD)
    return set_time(session, caller, duty, moment)


def keep_time(session: Session, caller: Caller, duty: Duty, minutes: str) -> Answer:
    """A time that was questioned and is kept; `minutes` counts from 1970, as the button carries it."""
    known = number_of(minutes)
    if known is None:
        return say(messages.NOT_UNDERSTOOD)
    moment = datetime.fromtimestamp(known * 60, tz=UTC)
    return set_time(session, caller, duty, moment, insisted=True)


def set_time(
    session: Session, caller: Caller, duty: Duty, aired_at: datetime, *, insisted: bool = False
) -> Answer:
    """Put the claimed time on record, unless it lies ahead, before the item was sent, or outside the week."""
    entry = record.standing_entry(session, duty)
    if entry is None:
        return say(messages.NOTHING_TO_TIME, duty_buttons(session, duty)[:1])
    doubt = _doubt(session, caller, duty, entry, aired_at, insisted)
    if doubt is not None:
        dialogs.ask(session, caller.address, "time", caller.now, duty)
        return doubt
    if entry.aired_at is None or abs(entry.aired_at - aired_at) >= SAME_MOMENT:
        note = messages.INSISTED if insisted else None
        try:
            entry, _ = record.correct(
                session, caller.person, duty, entry, caller.source, caller.now, aired_at=aired_at, note=note
            )
        except record.NothingToChange:  # somebody else corrected or withdrew it in the same moment
            return say(messages.NOTHING_TO_TIME, duty_buttons(session, duty)[:1])
    dialogs.close(session, caller.address)
    assert entry.aired_at is not None
    text = messages.time_recorded(entry.aired_at, lower_station(duty.station), week_of(duty))
    return acknowledge(text, (change_row(duty), proof_row(duty)))


def cannot(session: Session, duty: Duty) -> Answer:
    entry = counting_entry(session, duty)
    if entry is not None:
        return say(messages.aired_stands(entry.stated_at), (change_row(duty),))
    buttons = [Button(label, f"why:{duty.id}:{code}") for code, label in messages.REASONS.items()]
    return say(messages.ASK_REASON, in_pairs(buttons))


def say_why(session: Session, caller: Caller, duty: Duty, code: str) -> Answer:
    entry = counting_entry(session, duty)
    if entry is not None:
        return say(messages.aired_stands(entry.stated_at), (change_row(duty),))
    if code == MissedReason.OTHER:
        dialogs.ask(session, caller.address, "reason", caller.now, duty)
        return say(messages.ASK_OTHER_REASON)
    if code not in messages.REASONS:
        return say(messages.NOT_UNDERSTOOD)
    return missed(session, caller, duty, MissedReason(code), None)


def missed(session: Session, caller: Caller, duty: Duty, reason: MissedReason, note: str | None) -> Answer:
    """Why it could not be aired; somebody else's “đã phát” meanwhile stands."""
    entry = counting_entry(session, duty)
    if entry is not None:
        return say(messages.aired_stands(entry.stated_at), (change_row(duty),))
    record.not_aired(session, caller.person, duty, reason, caller.source, caller.now, note=note)
    deliveries.cancel_reminders(session, duty, caller.now)
    dialogs.close(session, caller.address)
    label = note or messages.REASONS[reason].lower()
    text = messages.reason_recorded(label, lower_station(duty.station), week_of(duty))
    buttons = (*duty_buttons(session, duty)[0][:1], Button(messages.UNDO, f"undo:{duty.id}"))
    return acknowledge(text, (buttons,))


def undo(session: Session, caller: Caller, duty: Duty) -> Answer:
    """Take back the last statement, and give the tapped message its first buttons again."""
    if long_gone(duty, caller.now):
        return say(messages.old_week_stands(week_of(duty)))
    try:
        record.withdraw(session, caller.person, duty, caller.source, caller.now)
    except record.NothingToChange:
        return say(messages.NOTHING_TO_UNDO)
    dialogs.close(session, caller.address)
    text = messages.withdrawn(lower_station(duty.station), week_of(duty))
    return Answer((Outgoing(text, duty_buttons(session, duty)),), edit=_tapped(session, caller, duty))


def item_entry(session: Session, duty: Duty) -> LogEntry | None:
    """The standing statement about the week's item itself: one about an own item is another airing, and so is one
    about words that were recalled and replaced.

    Read under the lock of the log, since a statement follows from it: two of one station may tap at once.
    """
    lock_log(session)
    kinds = (EntryKind.AIRED, EntryKind.CORRECTED)
    gone = withdrawn.replaced(withdrawn.of_rundown(session, duty.rundown_id))
    return next(
        (
            line
            for line in reversed(record.live_log(session, duty))
            if line.kind in kinds and line.own_title is None and line.item_version_id not in gone
        ),
        None,
    )


def counting_entry(session: Session, duty: Duty) -> LogEntry | None:
    """The last standing airing that can meet the duty."""
    gone = withdrawn.replaced(withdrawn.of_rundown(session, duty.rundown_id))
    return record.standing_entry(session, duty, without=gone)


def long_gone(duty: Duty, now: datetime) -> bool:
    """Past the week in which an airing can be made good."""
    return now >= duty.due_at + MAKE_GOOD


def _already(caller: Caller, duty: Duty, entry: LogEntry) -> Answer:
    mine = entry.person_id == caller.person.id
    told = (
        messages.already(entry.stated_at) if mine else messages.already_by(entry.person.name, entry.stated_at)
    )
    return acknowledge(told, (change_row(duty),))


def _doubt(
    session: Session, caller: Caller, duty: Duty, entry: LogEntry | None, aired_at: datetime, insisted: bool
) -> Answer | None:
    """Why a time is not recorded as it stands; None when nothing speaks against it. Without an entry it is about
    the words that stand for the duty."""
    if aired_at > caller.now:
        return say(messages.future_time(aired_at))
    standing = duty.rundown.item_version_id if duty.rundown else None
    version_id = entry.item_version_id if entry else standing
    own_item = entry is not None and entry.own_title is not None
    sent_at = withdrawn.item_sent_at(session, duty, version_id)
    # To the minute, as people see it: an item may arrive and be confirmed within one.
    early = sent_at is not None and aired_at < sent_at.replace(second=0, microsecond=0)
    if sent_at and early and not own_item and not insisted:
        return say(messages.before_sent(aired_at, sent_at), _question_buttons(duty, aired_at))
    if not _in_reach(duty, aired_at):
        return say(messages.not_that_week(aired_at, week_of(duty)))
    return None


def _in_reach(duty: Duty, aired_at: datetime) -> bool:
    """Inside the duty's period or the days after it in which an airing is made good."""
    return duty.starts_at <= aired_at < duty.due_at + MAKE_GOOD


def _marked(session: Session, caller: Caller, duty: Duty, stands: str) -> Outgoing | None:
    """The message that was tapped, saying what now stands in place of its first buttons."""
    tapped = _tapped(session, caller, duty)
    if tapped is None:
        return None
    return Outgoing(f"{tapped.text}\n\n{stands}", (*duty_buttons(session, duty)[1:2], change_row(duty)))


def _tapped(session: Session, caller: Caller, duty: Duty) -> Outgoing | None:
    """The message under which a button was tapped, as it was sent; None when it was one of our replies."""
    row = caller.tapped(session)
    if row is None or row.duty_id != duty.id:
        return None
    recalled = recall_talk.marked(session, row)
    if recalled is not None:
        return recalled
    return compose(session, row, caller.now, caller.desk.wordings).message


def _question_buttons(duty: Duty, aired_at: datetime) -> ButtonRows:
    minutes = int(aired_at.timestamp() // 60)
    return (
        (
            Button(messages.OTHER_TIME, f"when:{duty.id}:other"),
            Button(messages.OWN_ITEM, f"own:{duty.id}:instead"),
        ),
        (Button(messages.KEEP_TIME, f"keep:{duty.id}:{minutes}"),),
    )
