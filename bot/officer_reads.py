"""Small readings that all talk with officers shares: which week is meant, and why or when about a duty."""

from __future__ import annotations

from airlog import access, ledger_places
from airlog.db import Session
from airlog.ledger_places import ALL, Place
from airlog.queries import DutyLine
from bot.desk import Caller
from content import messages
from content.week import LOCAL, BadWeek, Week
from reports.words import reason_word


def week_of_label(caller: Caller, label: str) -> Week | None:
    """A label as `2026-W48` or just a number, the last such week; this week when empty."""
    this = Week.of(caller.now)
    if not label:
        return this
    try:
        if not (label.isascii() and label.isdecimal()):
            return Week.parse(label)
        week = Week.parse(f"{this.year}-W{label:0>2}")
        return week if week <= this.next() else Week.parse(f"{this.year - 1}-W{label:0>2}")
    except BadWeek:
        return None


def detail(line: DutyLine) -> str:
    """The reason, or when it was aired, in brackets."""
    how = line.standing
    if how.reason is not None:
        return f" ({line.note or reason_word(how.reason).lower()})"
    moment = how.aired_at or how.stated_at
    return f" ({messages.at(moment)})" if moment else ""


def short_province(name: str) -> str:
    """“Tỉnh Lâm Đồng” -> “Lâm Đồng”, for lists and buttons."""
    return name.removeprefix("Tỉnh ").removeprefix("Thành phố ")


def places_of(session: Session, caller: Caller) -> list[Place]:
    """Where the stations lie that an officer looks after today, by code of the commune."""
    sight = access.sight(session, caller.person, caller.now)
    ids = ledger_places.codes(session, sight, ALL, caller.now.astimezone(LOCAL).date())
    found = ledger_places.places(session, list(ids)).values()
    return sorted(found, key=lambda one: (one.code, one.station_id))
