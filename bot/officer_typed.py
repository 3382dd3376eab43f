"""What officers type in place of buttons: `nhắc`, `nhắc Đắk Wil`, `miễn Đắk Wil đến 15/12: mất điện`, `duyệt Đắk Wil`.

Each names its commune, so that nothing depends on what was asked last: a service without buttons does not tell which
message is being answered. With a slash in front they are commands of every chat.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from airlog import access, record
from airlog.db import Session
from airlog.models import Duty, Station
from bot import commune_talk, excuse_talk, officer_acts, officer_talk, review_talk
from bot.desk import Caller
from bot.officer_reads import week_of_label
from bot.replies import say, week_of
from content import excuse_messages, officer_messages, review_messages
from content.typed_week import parse_last_week
from content.week import BadWeek, Week
from content.wording import fold
from scheduler.channel import Answer
from scheduler.compose import short_place

_VERBS = {
    "danh sach": "list", "danhsach": "list", "nhac het": "all", "nhac": "nudge", "bo mien": "unexcuse",
    "bomien": "unexcuse", "mien": "excuse", "duyet": "accept", "hoi lai": "ask", "hoilai": "ask",
    "khong nhan": "reject", "khongnhan": "reject", "khong chap nhan": "reject", "xa": "commune", "phuong": "commune",
    "dac khu": "commune",
}  # fmt: skip
_LONGEST = 3
_WEEK = re.compile(r"(?:tuan\s+)?(\d{1,2}|\d{4}-w\d{1,2})")


@dataclass(frozen=True)
class Said:
    """A typed act. `name`: the commune, or a week; `words`: what stands after a colon."""

    act: str
    name: str = ""
    words: str = ""


def read(text: str) -> Said | None:
    """What the words mean; None for everything else."""
    head, _, words = text.partition(":")
    tokens = head.removeprefix("/").split()
    for length in range(min(_LONGEST, len(tokens)), 0, -1):
        act = _VERBS.get(fold(" ".join(tokens[:length])))
        if act is not None:
            return Said(act, " ".join(tokens[length:]), " ".join(words.split()))
    return None


def said(session: Session, caller: Caller, text: str) -> Answer | None:
    """Do what an officer typed; None when it is nothing of theirs, or they are no officer."""
    found = read(text)
    if found is None or not access.holds(session, caller.person, access.OFFICERS, caller.now):
        return None
    week = _week(caller, found.name)
    match found.act:
        case "list" | "nudge" | "all" | "accept" if week is not None:
            return _about_week(session, caller, found.act, week)
        case "list" | "all":
            return say(officer_messages.bad_week(found.name))
        case "commune":
            return commune_talk.commune(session, caller, found.name)
        case _:
            return _about_commune(session, caller, found)


def _about_week(session: Session, caller: Caller, act: str, week: Week) -> Answer:
    match act:
        case "list":
            return say(officer_talk.week_list(session, caller, week))
        case "nudge":
            return officer_acts.preview(session, caller, week)
        case "all":
            return officer_acts.nudge_all(session, caller, week, None)
        case _:
            return review_talk.queue(session, caller, week)


def _about_commune(session: Session, caller: Caller, asked: Said) -> Answer:
    name, until = _split_until(asked.name) if asked.act == "excuse" else (asked.name, "")
    if not name:
        return say(officer_messages.ASK_COMMUNE)
    station = commune_talk.find(session, caller, name)
    if isinstance(station, Answer):
        return station
    access.require_officer(session, caller.person, station, f"o.{asked.act}", caller.now)
    duty = _duty(session, caller, station, asked.act)
    if duty is None:
        return say(officer_messages.DUTY_GONE)
    match asked.act:
        case "nudge":
            return officer_acts.nudge_one(session, caller, duty)
        case "excuse":
            return _excuse(session, caller, duty, asked.words, until)
        case "unexcuse":
            return excuse_talk.take_back(session, caller, duty, "all")
        case _:
            return _review(session, caller, duty, asked)


def _duty(session: Session, caller: Caller, station: Station, act: str) -> Duty | None:
    """This week's; for a review the newest of this week and the last with a statement."""
    this = Week.of(caller.now)
    weeks = (this, this.shift(-1)) if act in ("accept", "ask", "reject") else (this,)
    found = [duty for week in weeks if (duty := commune_talk.neediest(session, caller, station, week))]
    stated = [duty for duty in found if record.standing_entry(session, duty)]
    return next(iter([*stated, *found]), None)


def _excuse(session: Session, caller: Caller, duty: Duty, words: str, until: str) -> Answer:
    place = short_place(duty.station.area.name)
    if not words:
        if caller.incoming.buttons and not until:
            return excuse_talk.ask(session, caller, duty)
        return say(excuse_messages.why_typed(place))
    last = None
    if until:
        try:
            last = parse_last_week(until, week_of(duty), caller.now)
        except BadWeek:
            return say(excuse_messages.bad_until(until))
        if last < week_of(duty):
            return say(excuse_messages.before_first(week_of(duty)))
    code = excuse_messages.reason_code(words)
    note = excuse_messages.reason_words(code) if code != "other" and len(words.split()) <= 2 else words
    return excuse_talk.give(session, caller, duty, code, note, last)


def _review(session: Session, caller: Caller, duty: Duty, asked: Said) -> Answer:
    place = short_place(duty.station.area.name)
    standing = record.standing_entry(session, duty)
    if standing is None:
        return review_talk.card(session, caller, duty)
    if asked.act == "accept":
        return review_talk.accept(session, caller, duty, standing.seq)
    if not asked.words:
        verb = "hỏi lại" if asked.act == "ask" else "không nhận"
        if caller.incoming.buttons:
            return review_talk.press(session, caller, asked.act, duty, str(standing.seq))
        return say(review_messages.words_needed(place, verb))
    done = review_talk.query if asked.act == "ask" else review_talk.reject
    return done(session, caller, duty, standing.seq, asked.words)


def _split_until(name: str) -> tuple[str, str]:
    """“Đắk Wil đến 15/12” -> the commune and the last day."""
    tokens = name.split()
    for place, token in enumerate(tokens):
        if place and fold(token) == "den":
            return " ".join(tokens[:place]), " ".join(tokens[place + 1 :])
    return name, ""


def _week(caller: Caller, name: str) -> Week | None:
    """This week when nothing is named; None when the name is that of a commune."""
    if not name:
        return Week.of(caller.now)
    found = _WEEK.fullmatch(fold(name))
    return week_of_label(caller, found[1].upper()) if found else None
