"""What an operator can say, and which part of the program answers. Knows no chat library.

Every act checks the right to the station first; every reply says what now stands.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from airlog import access, deliveries, dialogs, duties, queries, record, rundowns, withdrawn
from airlog.airchecks import KeptFile
from airlog.db import Session
from airlog.models import Address, Attachment, Duty, Person
from airlog.types import MissedReason
from bot import answer_talk, own_items, proofs, recall_talk
from bot.confirming import (
    cannot,
    confirm,
    confirm_long_gone,
    counting_entry,
    keep_time,
    missed,
    say_when,
    say_why,
    set_time,
    undo,
)
from bot.desk import Caller
from bot.replies import acknowledge, change_row, lower_station, proof_row, say, station_buttons, week_of
from content import messages
from content.typed_moment import parse_moment_vi
from content.typed_time import BadTime
from content.week import Week
from scheduler.channel import Answer, Outgoing
from scheduler.item import duty_buttons, item_letter


def press(session: Session, caller: Caller, act: str, duty: Duty, extra: str) -> Answer:
    """A button under a message about a duty."""
    access.require_operator(session, caller.person, duty.station, act, caller.now)
    if (
        caller.address is not None and act != "again"
    ):  # “Chưa, gửi lại” says the opposite of what a press proves
        deliveries.proven(session, caller.address, caller.incoming.message_ref, caller.now, duty=duty)
    told = recall_talk.about_withdrawn(session, caller, act, duty, extra)
    if told is not None:
        return told
    match act:
        case "aired":
            return confirm(session, caller, duty)
        case "said":
            return recall_talk.typed_aired(session, duty) or confirm(session, caller, duty)
        case "old":
            return recall_talk.old_aired(session, caller, duty, extra)
        case "notold":
            return recall_talk.old_not_aired(session, caller, duty, extra)
        case "when":
            return say_when(session, caller, duty, extra)
        case "keep":
            return keep_time(session, caller, duty, extra)
        case "own":
            return own_items.ask_own(session, caller, duty, extra)
        case "cannot":
            return cannot(session, duty)
        case "why":
            return say_why(session, caller, duty, extra)
        case "undo":
            return undo(session, caller, duty)
        case "leader":
            return leader(session, caller, duty)
        case "script":
            return script(session, duty)
        case "files":
            return files(duty)
        case "proof":
            return proofs.ask_proof(session, caller, duty)
        case "proofof":
            return proofs.waiting_proof(session, caller, duty)
        case "reply":
            return answer_talk.press(session, caller, duty, extra)
        case "got" if caller.address is not None:
            deliveries.got_it(session, duty, caller.address, caller.now)
            return acknowledge(messages.thanks_received(week_of(duty)), duty_buttons(session, duty))
        case "again" if caller.address is not None:
            return again(session, caller, duty, caller.address)
        case _:
            return say(messages.NOT_UNDERSTOOD)


def typed(session: Session, caller: Caller, awaits: str, duty: Duty | None, text: str) -> Answer:
    """Words in answer to a question."""
    if duty is None:
        dialogs.close(session, caller.address)
        return say(messages.NOT_UNDERSTOOD)
    access.require_operator(session, caller.person, duty.station, awaits, caller.now)
    try:
        match awaits:
            case "time" | "when":
                return set_time(session, caller, duty, parse_moment_vi(text, caller.now))
            case "late_time":
                return confirm_long_gone(session, caller, duty, parse_moment_vi(text, caller.now))
            case "own" | "own_instead":
                return own_items.own_item(session, caller, duty, text, instead=awaits == "own_instead")
            case "reason":
                return missed(session, caller, duty, MissedReason.OTHER, " ".join(text.split())[:300])
            case "url":
                return own_items.post(session, caller, duty, text)
            case "answer":
                return answer_talk.typed(session, caller, duty, text)
            case _:
                return say(messages.NOT_UNDERSTOOD)
    except BadTime:
        # After a tap nobody had to type a time: the words may answer an officer's question.
        told = answer_talk.unasked(session, caller, text) if awaits == "when" else None
        return told or say(_no_time(awaits, text))


def said_aired(session: Session, caller: Caller, awaits: str, duty: Duty | None) -> Answer:
    """“Đã phát” in words: about the duty that was being talked of, else about the only open one; else asked, never
    guessed."""
    if duty is not None and awaits in ("when", "time", "reason"):
        access.require_operator(session, caller.person, duty.station, "aired", caller.now)
        return recall_talk.typed_aired(session, duty) or confirm(session, caller, duty)
    open_duties = [d for d in duties_now(session, caller) if d.rundown and not counting_entry(session, d)]
    if len(open_duties) == 1:
        (duty,) = open_duties
        return recall_talk.typed_aired(session, duty) or confirm(session, caller, duty)
    if not open_duties:
        return this_week(session, caller)
    return say(messages.WHICH_STATION, station_buttons(open_duties, "said:{}"))


def this_week(session: Session, caller: Caller) -> Answer:
    """The operator's own week: each station's message again, or how it stands."""
    answers: list[Outgoing] = []
    for duty in duties_now(session, caller):
        entry = counting_entry(session, duty)
        told = recall_talk.no_item(session, duty)
        if entry is not None:
            text = messages.stands(
                lower_station(duty.station), week_of(duty), entry.stated_at, entry.aired_at
            )
            answers.append(Outgoing(text, (change_row(duty), proof_row(duty))))
        elif told is not None:
            answers.append(Outgoing(told, duty_buttons(session, duty)))
        elif duty.rundown is not None and withdrawn.item_sent_at(session, duty):
            answers.append(_letter(session, caller, duty))
    return Answer(tuple(answers)) if answers else say(messages.nothing_this_week(Week.of(caller.now)))


def take_file(session: Session, caller: Caller, kept: KeptFile, awaited: Duty | None) -> Answer:
    """A photo or recording; unasked ones can be about this week or the last."""
    if awaited is not None:
        access.require_operator(session, caller.person, awaited.station, "proof", caller.now)
    last_week = Week.of(caller.now).shift(-1)
    lately = [*duties_now(session, caller), *duties_in(session, caller.person, last_week, caller.now)]
    return proofs.take_file(session, caller, kept, awaited, lately)


def leader(session: Session, caller: Caller, duty: Duty) -> Answer:
    record.leader_cleared(session, caller.person, duty, caller.source, caller.now, leader="lãnh đạo xã")
    return say(messages.leader_cleared(week_of(duty)), duty_buttons(session, duty)[:1])


def script(session: Session, duty: Duty) -> Answer:
    """The words to be read, each item's under its title."""
    if duty.rundown is None:
        return say(messages.no_item(week_of(duty)))
    versions = [duty.rundown.version, *rundowns.extras(session, duty.rundown)]
    open_duty = duty.id not in queries.answered(session, [duty.id])
    return say(
        "\n\n".join(f"{one.item.title}\n\n{one.script}" for one in versions),
        duty_buttons(session, duty)[:1] if open_duty else (),
    )


def files(duty: Duty) -> Answer:
    """The banner, handbook or directive that travels with the item."""
    attached = duty.rundown.version.item.attachments if duty.rundown else []
    if not attached:
        return say(messages.NO_FILES)
    return Answer(tuple(_attachment(one) for one in attached))


def again(session: Session, caller: Caller, duty: Duty, address: Address) -> Answer:
    """“Chưa, gửi lại”: a message of unknown fate goes out again; one known to have come is shown at once."""
    told = recall_talk.old_did_not_come(session, caller, duty)
    if told is not None:
        return told
    if duty.rundown is not None and withdrawn.item_sent_at(session, duty):
        deliveries.got_it(session, duty, address, caller.now)
        return Answer((_letter(session, caller, duty),))
    deliveries.resend(session, duty, address, caller.now)
    return say(messages.sending_again(week_of(duty)))


def duties_now(session: Session, caller: Caller) -> list[Duty]:
    """This week's duties of the stations that the person serves."""
    return duties_in(session, caller.person, Week.of(caller.now), caller.now)


def duties_in(session: Session, person: Person, week: Week, now: datetime) -> list[Duty]:
    stations = access.stations_of(session, person, now)
    return [duty for station in stations for duty in duties.of_station(session, station, str(week))]


def _letter(session: Session, caller: Caller, duty: Duty) -> Outgoing:
    channel, bot = (caller.address.channel, caller.address.bot) if caller.address else ("", "")
    named = access.serves_several(session, caller.person.id, caller.now)
    return item_letter(session, duty, channel, bot, named=named).message


def _no_time(awaits: str, text: str) -> str:
    """What is said to words that hold no time; after a tap nobody had to type one at all."""
    if awaits in ("own", "own_instead"):
        return messages.bad_own(text)
    return messages.NOT_UNDERSTOOD if awaits == "when" else messages.bad_time(text[:40])


def _attachment(one: Attachment) -> Outgoing:
    path, is_picture = Path(one.path), one.mime.startswith("image/")
    return Outgoing(one.name, picture=path) if is_picture else Outgoing(one.name, document=path)
