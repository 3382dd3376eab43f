"""A chat is tied to a person: by /start and an invite, or, where a bot has few places, by a one-time code."""

from __future__ import annotations

from datetime import datetime, timedelta

from airlog import access, linking, people
from airlog.db import Session
from airlog.linking import CHANNEL as ZALO
from airlog.linking import NotLinked
from airlog.models import Address, Person
from airlog.scope import Scope, scope_name
from airlog.types import RoleKind
from bot import typed_talk
from bot.replies import say
from content import messages, zalo_messages
from scheduler.channel import Answer, Incoming

_SHUT_TOLD_EVERY = timedelta(minutes=10)


def code_in(incoming: Incoming, known: bool) -> str | None:
    """A code that was typed without the command; None when the text is something else. In a chat that belongs to
    somebody (`known`) only what can be nothing else is taken for one."""
    code = incoming.text.strip()
    if incoming.kind != "text":
        return None
    if incoming.channel == ZALO and linking.looks_like_code(code):
        return code
    return code if not known and len(code) == linking.CODE_CHARS and code.isalnum() else None


def need_code(incoming: Incoming) -> str:
    return zalo_messages.NEED_LINK_CODE if incoming.channel == ZALO else messages.NEED_CODE


def start(session: Session, incoming: Incoming, code: str, now: datetime) -> Answer:
    """Bind the chat, or say why not and what to do. Pressing start again changes nothing."""
    known = people.address_of(session, incoming.channel, incoming.bot, incoming.chat_id)
    if not code and known is None:
        return say(need_code(incoming))
    if code:
        bound = _bind(session, incoming, code, now)
        if isinstance(bound, Answer):
            return bound
        known = bound
        access.note(session, known.person, "address.bind", f"{incoming.channel}:{known.id}", now)
    assert known is not None
    people.back(known)
    return say(messages.welcome(known.person.name, places(session, known.person, now)))


def places(session: Session, person: Person, now: datetime) -> list[str]:
    """What a person serves or looks after, in words."""
    found = [station.name for station in access.stations_of(session, person, now)]
    for grant in access.grants_of(session, person, now):
        if grant.role is not RoleKind.OPERATOR:
            found.append(f"{messages.ROLES[grant.role]} {scope_name(session, Scope.parse(grant.scope))}")
    return found or ["chưa được giao đài nào"]


def _bind(session: Session, incoming: Incoming, code: str, now: datetime) -> Address | Answer:
    """The chat's address, or what is said instead. An invite binds no Zalo chat: it keeps no place at a bot."""
    try:
        if incoming.channel == ZALO:
            return linking.bind(session, code, incoming.bot, incoming.chat_id, now)
        return people.bind(session, code, incoming.channel, incoming.bot, incoming.chat_id, now)
    except linking.TooManyWrong as error:
        told = zalo_messages.too_many_wrong(error.until)
        every = timedelta(0) if error.is_news else _SHUT_TOLD_EVERY
        return typed_talk.seldom(session, incoming, None, now, told, every)
    except NotLinked as error:
        return say(_not_linked(error))
    except people.UsedInvite as error:
        return say(messages.used_code(error.used_at))
    except people.InviteRefused as error:
        return say(str(error))


def _not_linked(error: NotLinked) -> str:
    match error:
        case linking.WrongCode(left=left):
            return zalo_messages.wrong_link_code(left)
        case linking.CodeUsed(used_at=used_at):
            return zalo_messages.link_code_used(used_at)
        case linking.CodeOfAnotherBot():
            return zalo_messages.LINK_CODE_OF_ANOTHER_BOT
        case linking.ChatTaken(owner=owner):
            return zalo_messages.link_chat_taken(owner)
        case linking.PersonTaken(name=name, since=since):
            return zalo_messages.link_person_taken(name, since)
        case linking.PersonLeft():
            return zalo_messages.LINK_PERSON_LEFT
        case _:
            return zalo_messages.LINK_CODE_EXPIRED
