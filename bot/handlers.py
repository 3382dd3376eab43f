"""One incoming message -> one call into the record -> one reply. Knows no chat library.

What is refused is said in Vietnamese and written down; what is not understood changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airlog import access, deliveries, dialogs, people, sessions
from airlog.access import NotAllowed
from airlog.campaigns import BadCampaign
from airlog.db import Session
from airlog.models import Address, Duty
from airlog.recordings import Received
from bot import (
    admin_talk,
    answer_talk,
    commune_talk,
    enrolment,
    officer_acts,
    officer_talk,
    officer_typed,
    operator_talk,
    own_items,
    recall_talk,
    recording_talk,
    typed_talk,
)
from bot.channels.zalo_replies import Reply, read_reply
from bot.desk import Caller, Desk, Sent
from bot.replies import number_of, say
from content import messages, officer_messages, recording_messages
from content.wording import fold, nfc
from scheduler.channel import Answer, Incoming

_OFFICER_ACTS = ("list", "map", "table", "nudge")
_IN_OWN_WORDS = ("late_time", "own", "own_instead", "url", *officer_acts.AWAITS)
"""Questions to which a number is no answer of the list (bot/channels/zalo_replies.py)."""
_STRANGERS_EVERY = timedelta(minutes=5)


def handle(
    session: Session, incoming: Incoming, desk: Desk, now: datetime, sent: Sent | None = None
) -> Answer:
    """Answer one update. `sent`: what became of its file."""
    address = people.address_of(session, incoming.channel, incoming.bot, incoming.chat_id)
    if incoming.kind == "blocked":
        return _blocked(address, now)
    if not incoming.private:
        told = messages.GROUP_CHAT
        return typed_talk.seldom(session, incoming, None, now, told) if incoming.kind != "other" else Answer()
    if address is not None:
        # Telegram carries nothing from a person who blocks us: whatever came, they are back.
        deliveries.reopen_blocked(session, address, now)
        people.back(address)
    command, rest = _split_command(incoming.text)
    if incoming.kind == "text" and command == "/start":
        return enrolment.start(session, incoming, rest, now)
    code = enrolment.code_in(incoming, known=address is not None)
    if code is not None:
        return enrolment.start(session, incoming, code, now)
    if address is None:
        return _stranger(session, incoming, now)
    caller = Caller(address.person, address, incoming, now, desk)
    try:
        answer = _known(session, caller, sent)
        answer_talk.pass_on(session, caller)
        return answer
    except (NotAllowed, BadCampaign) as error:
        return say(str(error))


def _known(session: Session, caller: Caller, sent: Sent | None) -> Answer:
    match caller.incoming.kind:
        case "press":
            return _press(session, caller)
        case "file":
            return _file(session, caller, sent or messages.FILE_UNREADABLE)
        case "text":
            return _text(session, caller, nfc(caller.incoming.text).strip())
        case _:
            return Answer()


def _press(session: Session, caller: Caller) -> Answer:
    """Button data: `act:duty[:extra]`, `act:week` and `o:…` for officers, `camp:…` for admins, `recall:…` under a
    recall, `rec:…` for recordings."""
    act, _, rest = caller.incoming.text.partition(":")
    if act == "camp":
        return admin_talk.press(session, caller, rest)
    if act == "recall":
        return recall_talk.press(session, caller, rest)
    if act == "rec":
        return recording_talk.press(session, caller, rest)
    if act == "o" or act in _OFFICER_ACTS:
        officer_acts.forget(session, caller)
    if act == "o":
        return officer_acts.press(session, caller, rest)
    if act in _OFFICER_ACTS:
        return officer_talk.press(session, caller, act, rest)
    number, _, extra = rest.partition(":")
    duty = session.get(Duty, number_of(number) or 0)
    if duty is None:
        return say(messages.NOT_UNDERSTOOD)
    return operator_talk.press(session, caller, act, duty, extra)


def _text(session: Session, caller: Caller, text: str) -> Answer:
    if text.startswith("/"):
        dialogs.close(session, caller.address)
        return _command(session, caller, *_split_command(text))
    question = dialogs.open_question(session, caller.address, caller.now)
    awaits = question.awaits if question is not None else ""
    duty = session.get(Duty, question.duty_id) if question and question.duty_id else None
    own_words = awaits in _IN_OWN_WORDS or (awaits == "answer" and not text[:1].isdecimal())
    reply = read_reply(text) if not own_words or answer_talk.is_send(text, question) else None
    if reply == Reply("aired"):
        return operator_talk.said_aired(session, caller, awaits, duty)
    if reply is not None and awaits not in recording_talk.STEPS:
        return typed_talk.said(session, caller, reply, duty)
    if text and awaits in recording_talk.STEPS:
        return recording_talk.typed(session, caller, awaits, text)
    if text and awaits in officer_acts.AWAITS:
        return officer_acts.typed(session, caller, awaits, duty, question.data if question else "", text)
    told = answer_talk.in_one_line(session, caller, text) if awaits not in _IN_OWN_WORDS else None
    if told is None and awaits in ("", "proof"):
        told = officer_typed.said(session, caller, text)
    if told is not None:
        return told
    if text and awaits not in ("", "proof", "proof_for"):
        return operator_talk.typed(session, caller, awaits, duty, text)
    told = answer_talk.unasked(session, caller, text)
    return told or typed_talk.not_understood(session, caller.incoming, caller.person, caller.now)


def _split_command(text: str) -> tuple[str, str]:
    """“/xa@loaxa_bot  Đắk Wil” -> “/xa” and “Đắk Wil”."""
    command, *rest = text.split(maxsplit=1) or [""]
    return fold(command.partition("@")[0]), rest[0].strip() if rest else ""


def _command(session: Session, caller: Caller, command: str, rest: str) -> Answer:
    officer = access.holds(session, caller.person, access.OFFICERS, caller.now)
    admin = access.holds(session, caller.person, access.ADMINS, caller.now)
    operator = bool(access.stations_of(session, caller.person, caller.now))
    match command:
        case "/tuannay":
            if officer:
                return officer_talk.this_week(session, caller, rest)
            return operator_talk.this_week(session, caller)
        case "/xa" if officer:
            return commune_talk.commune(session, caller, rest)
        case "/tincuadai" if operator:
            return own_items.start_own(session, caller, operator_talk.duties_now(session, caller))
        case "/chiendich":
            return admin_talk.start(session, caller)
        case "/thuam":
            return recording_talk.start(session, caller)
        case "/dangnhap":
            token = sessions.new_link(session, caller.person, caller.now)
            return say(messages.login_link(f"{caller.desk.base_url}/m/{token}"))
        case _:
            told = officer_typed.said(session, caller, f"{command} {rest}") if officer else None
            if told is not None:
                return told
            editor = access.holds(session, caller.person, access.EDITORS, caller.now)
            more = f"\n{recording_messages.HELP}" if editor else ""
            more += f"\n{officer_messages.HELP}" if officer else ""
            return say(messages.help_for(officer, admin, operator) + more)


def _file(session: Session, caller: Caller, sent: Sent) -> Answer:
    if isinstance(sent, Received):
        return recording_talk.take_file(session, caller, sent)
    if isinstance(sent, str):
        return recording_talk.file_refused(session, caller, sent) or say(sent)
    question = dialogs.open_question(session, caller.address, caller.now)
    awaited = None
    if question is not None and question.awaits == "proof" and question.duty_id:
        awaited = session.get(Duty, question.duty_id)
    return operator_talk.take_file(session, caller, sent, awaited)


def _stranger(session: Session, incoming: Incoming, now: datetime) -> Answer:
    """A chat that belongs to nobody."""
    if incoming.kind == "other":
        return Answer()
    return typed_talk.seldom(session, incoming, None, now, enrolment.need_code(incoming), _STRANGERS_EVERY)


def _blocked(address: Address | None, now: datetime) -> Answer:
    if address is not None:
        deliveries.block(address, "người dùng đã chặn bot", now)
    return Answer()
