"""One incoming message -> one call into the record -> one reply. Knows no chat library.

What is refused is said in Vietnamese and written down; what is not understood changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from airlog import access, deliveries, dialogs, duties, people, sessions
from airlog.access import NotAllowed
from airlog.campaigns import BadCampaign
from airlog.db import Session
from airlog.models import Address
from bot import admin_talk, enrolment, officer_talk, operator_talk, recall_talk
from bot.desk import Caller, Desk, KeptFile
from bot.replies import say
from content import messages
from content.wording import fold, nfc
from scheduler.channel import Answer, Incoming

_OFFICER_ACTS = ("list", "map", "table", "nudge")
_CONFIRMING = ("1", "da phat", "da phat roi", "phat roi", "da phat xong", "phat xong")
_POLITE = (" a", " nhe", " nha")


def handle(
    session: Session,
    incoming: Incoming,
    desk: Desk,
    now: datetime,
    kept: KeptFile | None = None,
    trouble: str | None = None,
) -> Answer:
    """Answer one update. `kept` is its file, stored; `trouble` says in Vietnamese why a file was not taken."""
    address = people.address_of(session, incoming.channel, incoming.bot, incoming.chat_id)
    if incoming.kind == "blocked":
        return _blocked(address, now)
    if not incoming.private:
        return say(messages.group_chat()) if incoming.kind != "other" else Answer()
    if address is not None:
        # Telegram carries nothing from a person who blocks us: whatever came, they are back.
        deliveries.reopen_blocked(session, address, now)
        people.back(address)
    command, rest = _split_command(incoming.text)
    if incoming.kind == "text" and command == "/start":
        return enrolment.start(session, incoming, rest, desk, now)
    if address is None:
        return _stranger(session, incoming, desk, now)
    caller = Caller(address.person, address, incoming, now, desk)
    try:
        return _known(session, caller, kept, trouble)
    except (NotAllowed, BadCampaign) as error:
        return say(str(error))


def _known(session: Session, caller: Caller, kept: KeptFile | None, trouble: str | None) -> Answer:
    match caller.incoming.kind:
        case "press":
            return _press(session, caller)
        case "file":
            return _file(session, caller, kept) if kept else say(trouble or messages.file_unreadable())
        case "text":
            return _text(session, caller, nfc(caller.incoming.text).strip())
        case _:
            return Answer()


def _press(session: Session, caller: Caller) -> Answer:
    """Button data: `act:duty[:extra]`, `act:week` for officers, `camp:…` for admins, `recall:…` under a recall."""
    act, _, rest = caller.incoming.text.partition(":")
    if act == "camp":
        return admin_talk.press(session, caller, rest)
    if act == "recall":
        return recall_talk.press(session, caller, rest)
    if act in _OFFICER_ACTS:
        return officer_talk.press(session, caller, act, rest)
    number, _, extra = rest.partition(":")
    known = number.isdecimal() and len(number) < 10
    duty = duties.by_id(session, int(number)) if known else None
    if duty is None:
        return say(messages.not_understood())
    return operator_talk.press(session, caller, act, duty, extra)


def _text(session: Session, caller: Caller, text: str) -> Answer:
    if text.startswith("/"):
        dialogs.close(session, caller.address)
        return _command(session, caller, *_split_command(text))
    question = dialogs.open_question(session, caller.address, caller.now)
    awaits = question.awaits if question is not None else ""
    duty = duties.by_id(session, question.duty_id) if question and question.duty_id else None
    if _says_aired(text) and awaits not in ("late_time", "own", "own_instead", "url"):
        return operator_talk.said_aired(session, caller, awaits, duty)
    if text and awaits not in ("", "proof", "proof_for"):
        return operator_talk.typed(session, caller, awaits, duty, text)
    return say(messages.not_understood())


def _split_command(text: str) -> tuple[str, str]:
    """“/xa@loaxa_bot  Đắk Wil” -> “/xa” and “Đắk Wil”."""
    command, *rest = text.split(maxsplit=1) or [""]
    return fold(command.partition("@")[0]), rest[0].strip() if rest else ""


def _says_aired(text: str) -> bool:
    words = fold(text).strip(" .,!")
    for ending in _POLITE:
        words = words.removesuffix(ending)
    return words in _CONFIRMING


def _command(session: Session, caller: Caller, command: str, rest: str) -> Answer:
    officer = access.holds(session, caller.person, access.OFFICERS, caller.now)
    admin = access.holds(session, caller.person, access.ADMINS, caller.now)
    operator = bool(access.stations_of(session, caller.person, caller.now))
    match command:
        case "/tuannay":
            return (
                officer_talk.this_week(session, caller, rest)
                if officer
                else operator_talk.this_week(session, caller)
            )
        case "/xa" if officer:
            return officer_talk.commune(session, caller, rest)
        case "/tincuadai" if operator:
            return operator_talk.start_own(session, caller)
        case "/chiendich":
            return admin_talk.start(session, caller)
        case "/dangnhap":
            token = sessions.new_link(session, caller.person, caller.now)
            return say(messages.login_link(f"{caller.desk.base_url}/m/{token}"))
        case _:
            return say(messages.help_for(officer, admin, operator))


def _file(session: Session, caller: Caller, kept: KeptFile) -> Answer:
    question = dialogs.open_question(session, caller.address, caller.now)
    awaited = None
    if question is not None and question.awaits == "proof" and question.duty_id:
        awaited = duties.by_id(session, question.duty_id)
    return operator_talk.take_file(session, caller, kept, awaited)


def _stranger(session: Session, incoming: Incoming, desk: Desk, now: datetime) -> Answer:
    """A chat that belongs to nobody: an invite code without the command is understood too."""
    code = incoming.text.strip()
    if incoming.kind == "text" and len(code) == 8 and code.isalnum():
        return enrolment.start(session, incoming, code, desk, now)
    return Answer() if incoming.kind == "other" else say(messages.need_code())


def _blocked(address: Address | None, now: datetime) -> Answer:
    if address is not None:
        deliveries.block(address, "người dùng đã chặn bot", now)
    return Answer()
