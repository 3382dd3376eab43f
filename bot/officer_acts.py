"""What an officer does with one tap: which act a button means, and the nudges.

Buttons carry `o:<act>:<what>[:<more>]`, `what` being a week, a commune's code, a station or a duty.
"""

from __future__ import annotations

from collections.abc import Sequence

from airlog import access, areas, dialogs, ledger, ledger_places, nudges, people, queries
from airlog.db import Session
from airlog.ledger_places import ALL
from airlog.models import Duty, Station
from airlog.rules import Said, Sign
from bot import commune_talk, excuse_talk, review_talk
from bot.desk import Caller
from bot.replies import say, week_of
from content import ladder_messages, messages, officer_messages
from content.week import BadWeek, Week
from content.wording import fold
from reports.signs import LOOKS
from scheduler.channel import Answer, Button
from scheduler.compose import place_name, short_place
from scheduler.plan import plan_nudges

AWAITS = ("o_reason", "o_until", "o_query", "o_reject")
"""Questions to an officer that are answered in words."""
_NO = ("thoi", "huy", "bo", "bo qua", "khong")
_UNANSWERED = (Sign.PENDING, Sign.SILENT)


def press(session: Session, caller: Caller, rest: str) -> Answer:
    """A button of an officer's. Who is none, or not of this area, is refused and the act written down."""
    act, _, what = rest.partition(":")
    about, _, more = what.partition(":")
    access.require(session, caller.person, access.OFFICERS, f"o.{act}"[:40], caller.now)
    match act:
        case "drop":
            dialogs.close(session, caller.address)
            return say(officer_messages.DROPPED)
        case "all" | "next":
            return _about_week(session, caller, act, about, more)
        case "xa":
            return commune_talk.by_code(session, caller, about)
        case "st":
            return _station(session, caller, about, more)
        case _:
            return _about_duty(session, caller, act, about, more)


def typed(session: Session, caller: Caller, awaits: str, duty: Duty | None, data: str, text: str) -> Answer:
    """Words in answer to a question that was put to an officer."""
    if duty is None:
        dialogs.close(session, caller.address)
        return say(messages.NOT_UNDERSTOOD)
    access.require_officer(session, caller.person, duty.station, awaits, caller.now)
    words = " ".join(text.split())
    if fold(words).strip(" .") in _NO:
        dialogs.close(session, caller.address)
        return say(officer_messages.DROPPED)
    match awaits:
        case "o_reason":
            return excuse_talk.give(session, caller, duty, "other", words)
        case "o_until":
            return excuse_talk.until_typed(session, caller, duty, words)
        case "o_query":
            return review_talk.query(session, caller, duty, int(data), words)
        case _:
            return review_talk.reject(session, caller, duty, int(data), words)


def forget(session: Session, caller: Caller) -> None:
    """Whoever taps another button has left the question: words typed later are not sent to a station."""
    question = dialogs.open_question(session, caller.address, caller.now)
    if question is not None and question.awaits in AWAITS:
        dialogs.close(session, caller.address)


def preview(session: Session, caller: Caller, week: Week) -> Answer:
    """Whom a nudge to all would reach, before it leaves; a single one goes at once."""
    if not week.starts_at <= caller.now < week.ends_at:
        return say(_not_running(week, caller))
    ready, done, silent = _silent(session, caller, week)
    if not (ready or done or silent):
        return say(officer_messages.all_answered(week))
    if len(ready) == 1 and not done and not silent:
        return nudge_all(session, caller, week, None)
    text = officer_messages.nudge_preview(
        week,
        list(ready.values()),
        list(done.values()),
        list(silent.values()),
        typed=not caller.incoming.buttons,
    )
    if not ready or not caller.incoming.buttons:
        return say(text)
    label = officer_messages.nudge_label(len(ready))
    buttons = (
        Button(label, f"o:all:{week}:{len(ready)}", "good"),
        Button(officer_messages.DROP, "o:drop"),
    )
    return say(text, (buttons,))


def nudge_all(session: Session, caller: Caller, week: Week, seen: int | None) -> Answer:
    """Ask all that have not answered and were not asked today. `seen`: how many the preview named."""
    if not week.starts_at <= caller.now < week.ends_at:
        return say(_not_running(week, caller))
    ready, _, _ = _silent(session, caller, week)
    done = _nudge(session, caller, week, list(ready))
    return _nudged(caller, week, [ready[one] for one in done], seen)


def nudge_one(session: Session, caller: Caller, duty: Duty) -> Answer:
    week, place = week_of(duty), place_name(duty.station)
    if not week.starts_at <= caller.now < week.ends_at:
        return say(_not_running(week, caller))
    how = queries.duty_standing(session, duty, caller.now)
    if how.sign not in _UNANSWERED:
        return say(officer_messages.answered_already(place, LOOKS[how.sign].word))
    before = nudges.nudged_today(session, [duty.id], caller.now).get(duty.id)
    if before is not None:
        return say(officer_messages.nudged_before(place, before, caller.now))
    if not _nudge(session, caller, week, [duty.id]):
        crew = access.operators_of(session, duty.station, caller.now)
        numbers = [(one.name, people.phone_local(one.phone)) for one in crew[:3]]
        return say(officer_messages.no_chat(place, numbers))
    return _nudged(caller, week, [short_place(areas.called(duty.station.name, duty.station.area.name))], None)


def _nudged(caller: Caller, week: Week, done: Sequence[str], seen: int | None) -> Answer:
    """What was done, and that it waits for the morning when it is night."""
    told, ladder = officer_messages.nudged(week, done, seen), caller.desk.ladder
    if done and ladder.is_quiet(caller.now):
        told += f" {ladder_messages.nudge_held(ladder.after_quiet(caller.now))}"
    return say(told)


def _about_week(session: Session, caller: Caller, act: str, label: str, more: str) -> Answer:
    try:
        week = Week.parse(label)
    except BadWeek:
        return say(messages.NOT_UNDERSTOOD)
    if act == "next":
        return review_talk.next_one(session, caller, week, _number(more))
    return nudge_all(session, caller, week, _number(more) or None)


def _station(session: Session, caller: Caller, number: str, label: str) -> Answer:
    station = session.get(Station, _number(number))
    if station is None:
        return say(messages.NOT_UNDERSTOOD)
    access.require_officer(session, caller.person, station, "o.st", caller.now)
    try:
        week = Week.parse(label) if label else Week.of(caller.now)
    except BadWeek:
        return say(messages.NOT_UNDERSTOOD)
    return commune_talk.sheet(session, caller, station, week)


def _about_duty(session: Session, caller: Caller, act: str, number: str, more: str) -> Answer:
    duty = session.get(Duty, _number(number))
    if duty is None:
        return say(messages.NOT_UNDERSTOOD)
    access.require_officer(session, caller.person, duty.station, f"o.{act}"[:40], caller.now)
    match act:
        case "nudge":
            return nudge_one(session, caller, duty)
        case "excuse":
            return excuse_talk.ask(session, caller, duty)
        case "why":
            return excuse_talk.because(session, caller, duty, more)
        case "until":
            return excuse_talk.until(session, caller, duty, more)
        case "unexcuse":
            return excuse_talk.take_back(session, caller, duty, more)
        case _:
            return review_talk.press(session, caller, act, duty, more)


def _silent(
    session: Session, caller: Caller, week: Week
) -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """Duties that nobody has answered, by id with the place: to be nudged, nudged today, without any chat."""
    sight = access.sight(session, caller.person, caller.now)
    told = ledger.told(session, sight, ALL, str(week), (Said.OPEN, Said.RECALLED))
    where = ledger_places.places(session, [station for _, station, *_ in told])
    found = {
        id_: short_place(areas.called(where[station].station, where[station].name))
        for id_, station, *_ in told
    }
    today = nudges.nudged_today(session, list(found), caller.now)
    chats = nudges.reachable(session, str(week), list(found), caller.desk.channels, caller.now)
    ready = {id_: name for id_, name in found.items() if id_ in chats and id_ not in today}
    done = {id_: name for id_, name in found.items() if id_ in today}
    silent = {id_: name for id_, name in found.items() if id_ not in chats and id_ not in today}
    return ready, done, silent


def _nudge(session: Session, caller: Caller, week: Week, duty_ids: Sequence[int]) -> list[int]:
    """Plan the nudges; the duties about which somebody is asked now."""
    before = nudges.nudged_today(session, duty_ids, caller.now)
    sent = plan_nudges(session, week, list(duty_ids), caller.desk.channels, caller.now, caller.desk.ladder)
    access.note(session, caller.person, "nudge", str(week), caller.now, detail=f"{sent} messages")
    after = nudges.nudged_today(session, duty_ids, caller.now)
    return [id_ for id_ in duty_ids if id_ in after and id_ not in before]


def _not_running(week: Week, caller: Caller) -> str:
    if caller.now >= week.ends_at:
        return officer_messages.week_over(week)
    return officer_messages.week_not_begun(week)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
