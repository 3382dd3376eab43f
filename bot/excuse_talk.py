"""Excusing a station from its week in the chat: a reason, how long, taking it back. The first tap on a reason counts
for the one week; more weeks are added after it."""

from __future__ import annotations

from airlog import dialogs, excuses, ledger_excuses, queries
from airlog.access import NotAllowed
from airlog.db import Refused, Session
from airlog.models import Duty
from airlog.rules import Sign
from airlog.types import DutyState
from bot.desk import Caller
from bot.replies import in_pairs, say, week_of
from content import excuse_messages, messages, officer_messages
from content.excuses import EXCUSES, MOST_WEEKS
from content.typed_week import parse_last_week
from content.week import BadWeek, Week
from reports.signs import LOOKS
from reports.words import reason_word
from scheduler.channel import Answer, Button, ButtonRows
from scheduler.compose import place_name

MOST_WORDS = 300
_AHEAD = (1, 3)
"""How many weeks more are offered on buttons."""


def ask(session: Session, caller: Caller, duty: Duty) -> Answer:
    """Why? With the reasons to tap; what stands already is said first."""
    told = _needless(session, caller, duty)
    if told is not None:
        return told
    standing = excuses.standing(session, duty)
    place = place_name(duty.station)
    if standing is not None:
        reason = standing.note or reason_word(standing.reason).lower()
        text = excuse_messages.excused_already(
            place, week_of(duty), reason, standing.person.name, standing.stated_at
        )
        again = Button(excuse_messages.OTHER_REASON, f"o:why:{duty.id}:again")
        return say(text, ((Button(excuse_messages.UNEXCUSE, f"o:unexcuse:{duty.id}"), again),))
    return _reasons(duty)


def because(session: Session, caller: Caller, duty: Duty, code: str) -> Answer:
    """A reason was tapped."""
    if code == "again":
        return _reasons(duty)
    if code not in EXCUSES:
        return say(messages.NOT_UNDERSTOOD)
    if code == "other":
        dialogs.ask(session, caller.address, "o_reason", caller.now, duty)
        return say(excuse_messages.ask_reason_words(place_name(duty.station)))
    return give(session, caller, duty, code, excuse_messages.reason_words(code))


def give(
    session: Session, caller: Caller, duty: Duty, code: str, words: str, last: Week | None = None
) -> Answer:
    """Put it on record, up to week `last`. The same again adds nothing, and says what stands."""
    told = _needless(session, caller, duty)
    if told is not None:
        return told
    try:
        ledger_excuses.excuse(
            session, caller.person, duty, last, code, words[:MOST_WORDS], caller.source, caller.now
        )
    except NotAllowed:
        raise
    except Refused as error:
        return say(str(error))
    dialogs.close(session, caller.address)
    return _stands(session, caller, duty)


def until(session: Session, caller: Caller, duty: Duty, label: str) -> Answer:
    """More weeks: one that was offered, or the question for a day."""
    if excuses.standing(session, duty) is None:
        return say(excuse_messages.not_excused(place_name(duty.station), week_of(duty)))
    if label == "day":
        dialogs.ask(session, caller.address, "o_until", caller.now, duty)
        return say(excuse_messages.ask_until(place_name(duty.station)))
    try:
        return _reach(session, caller, duty, Week.parse(label))
    except BadWeek:
        return say(messages.NOT_UNDERSTOOD)


def until_typed(session: Session, caller: Caller, duty: Duty, text: str) -> Answer:
    """A day or week in words; what is not clear keeps the question open."""
    try:
        return _reach(session, caller, duty, parse_last_week(text, week_of(duty), caller.now))
    except BadWeek:
        return say(excuse_messages.bad_until(text))


def take_back(session: Session, caller: Caller, duty: Duty, how: str) -> Answer:
    """Withdraw the excuse of one week, or of all that were excused with it: asked when there are several."""
    place, owed = place_name(duty.station), excuses.series(session, duty)
    if not owed:
        return say(excuse_messages.not_excused(place, week_of(duty)))
    if len(owed) > 1 and how not in ("one", "all"):
        buttons = (
            Button(excuse_messages.one_week(week_of(duty)), f"o:unexcuse:{duty.id}:one"),
            Button(excuse_messages.all_weeks(len(owed)), f"o:unexcuse:{duty.id}:all"),
        )
        return say(excuse_messages.take_back_which(place, [week_of(one) for one in owed]), (buttons,))
    chosen = owed[:1] if how == "one" else owed
    excuses.take_back(session, caller.person, chosen, caller.source, caller.now)
    weeks = [week_of(one) for one in chosen]
    return say(excuse_messages.taken_back(place, weeks, caller.person.name, caller.now))


def _reach(session: Session, caller: Caller, duty: Duty, last: Week) -> Answer:
    first, this = week_of(duty), Week.of(caller.now)
    standing = excuses.standing(session, duty)
    if standing is None or standing.reason is None:
        return say(excuse_messages.not_excused(place_name(duty.station), first))
    if first < this:
        dialogs.close(session, caller.address)
        return say(excuse_messages.ONLY_THIS_RUNNING_WEEK)
    if last < first:
        return say(excuse_messages.before_first(first))
    if last >= max(first, this).shift(MOST_WEEKS):
        return say(excuse_messages.TOO_FAR)
    words = standing.note or reason_word(standing.reason).lower()
    return give(session, caller, duty, str(standing.reason), words, last)


def _needless(session: Session, caller: Caller, duty: Duty) -> Answer | None:
    """What is met, or owed by a station that is no more, needs no excuse."""
    how = queries.duty_standing(session, duty, caller.now)
    gone = how.state is DutyState.EXCUSED and excuses.standing(session, duty) is None
    if how.state not in (DutyState.MET, DutyState.MET_LATE) and not gone:
        return None
    dialogs.close(session, caller.address)
    word = LOOKS[Sign.EXCUSED if gone else how.sign].word
    return say(excuse_messages.no_need_to_excuse(place_name(duty.station), word))


def _reasons(duty: Duty) -> Answer:
    buttons = [Button(label, f"o:why:{duty.id}:{code}") for code, label in EXCUSES.items()]
    drop = (Button(officer_messages.DROP, "o:drop"),)
    text = excuse_messages.why_excuse(place_name(duty.station), week_of(duty))
    return say(text, (*in_pairs(buttons), drop))


def _stands(session: Session, caller: Caller, duty: Duty) -> Answer:
    standing = excuses.standing(session, duty)
    assert standing is not None
    owed = excuses.series(session, duty)
    reason = standing.note or reason_word(standing.reason).lower()
    text = excuse_messages.excused(
        place_name(duty.station),
        [week_of(one) for one in owed],
        reason,
        standing.person.name,
        standing.stated_at,
    )
    if not caller.incoming.buttons:
        return say(f"{text}\n{excuse_messages.until_typed(_bare(duty))}")
    return say(text, _further(duty, week_of(owed[-1]), caller))


def _further(duty: Duty, last: Week, caller: Caller) -> ButtonRows:
    undo = Button(excuse_messages.UNEXCUSE, f"o:unexcuse:{duty.id}")
    if week_of(duty) < Week.of(caller.now) or "W" not in duty.period:
        return ((undo,),)
    limit = max(week_of(duty), Week.of(caller.now)).shift(MOST_WEEKS - 1)
    offered = [last.shift(by) for by in _AHEAD if last.shift(by) <= limit]
    longer = tuple(Button(excuse_messages.longer(one), f"o:until:{duty.id}:{one}") for one in offered)
    rows = (longer,) if longer else ()
    return (*rows, (Button(excuse_messages.OTHER_DAY, f"o:until:{duty.id}:day"), undo))


def _bare(duty: Duty) -> str:
    return place_name(duty.station).partition(" ")[2]
