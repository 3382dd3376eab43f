"""/start: a chat is tied to a person by an invite code."""

from __future__ import annotations

from datetime import datetime

from airlog import access, people
from airlog.db import Session
from airlog.models import Person
from airlog.scope import Scope, scope_name
from airlog.types import RoleKind
from bot.desk import Desk
from content import messages
from scheduler.channel import Answer, Incoming, Outgoing


def start(session: Session, incoming: Incoming, code: str, desk: Desk, now: datetime) -> Answer:
    """Bind the chat, or say why not and what to do. Pressing start again changes nothing."""
    known = people.address_of(session, incoming.channel, incoming.bot, incoming.chat_id)
    if not code and known is None:
        return _say(messages.need_code())
    if code:
        try:
            known = people.bind(session, code, incoming.channel, incoming.bot, incoming.chat_id, now)
        except people.UsedInvite as error:
            return _say(messages.used_code(error.used_at))
        except people.InviteRefused as error:
            return _say(str(error))
        access.note(session, known.person, "address.bind", f"{incoming.channel}:{known.id}", now)
    assert known is not None
    people.back(known)
    return _say(messages.welcome(known.person.name, places(session, known.person, now)))


def places(session: Session, person: Person, now: datetime) -> list[str]:
    """What a person serves or looks after, in words."""
    found = [station.name for station in access.stations_of(session, person, now)]
    for grant in access.grants_of(session, person, now):
        if grant.role is not RoleKind.OPERATOR:
            found.append(f"{messages.ROLES[grant.role]} {scope_name(session, Scope.parse(grant.scope))}")
    return found or ["chưa được giao đài nào"]


def _say(text: str) -> Answer:
    return Answer((Outgoing(text),))
