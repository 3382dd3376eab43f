"""An operator's answer to an officer's question: tapped and typed, typed at once, or just written without being asked
how. Nothing is passed on that the person did not mean to send."""

from __future__ import annotations

from airlog import dialogs, inquiries, record
from airlog.db import Session
from airlog.inquiries import Inquiry
from airlog.models import Dialog, Duty
from airlog.types import EntryKind
from bot.channels.zalo_replies import with_code
from bot.desk import Caller
from bot.replies import acknowledge, say, station_buttons
from content import messages, review_messages
from content.wording import fold
from scheduler.channel import Answer, Button

_SAYS = "tra loi"
_ABOUT_WORDS = ("gui", "thoi")
_YES = ("co", "vang", "da", "u", "ok", "dung", "dung roi", "gui di")
_STATED = (
    EntryKind.AIRED, EntryKind.CORRECTED, EntryKind.NOT_AIRED, EntryKind.WITHDRAWN, EntryKind.ANSWERED,
)  # fmt: skip


def press(session: Session, caller: Caller, duty: Duty, extra: str) -> Answer:
    """[Trả lời] under a question, or [Gửi] and [Thôi] under words that look like an answer."""
    asked = inquiries.of_duty(session, duty)
    if asked is None:
        dialogs.close(session, caller.address)
        return say(review_messages.NOTHING_ASKED)
    waiting = dialogs.open_question(session, caller.address, caller.now)
    if extra == "send" and waiting is not None and waiting.awaits == "answer" and waiting.data:
        return give(session, caller, asked, waiting.data)
    if extra == "drop":
        dialogs.close(session, caller.address)
        return say(review_messages.NOT_SENT)
    dialogs.ask(session, caller.address, "answer", caller.now, duty)
    return say(review_messages.ask_answer(asked.review.person.name, asked.review.note or ""))


def typed(session: Session, caller: Caller, duty: Duty, text: str) -> Answer:
    """Words after [Trả lời], or about words that wait to be sent: then only a yes sends those."""
    asked = inquiries.of_duty(session, duty)
    waiting = dialogs.open_question(session, caller.address, caller.now)
    if asked is None:
        dialogs.close(session, caller.address)
        return say(review_messages.NOTHING_ASKED)
    if waiting is None or not waiting.data:
        return give(session, caller, asked, text)
    if fold(text).strip(" .") in _YES:
        return give(session, caller, asked, waiting.data)
    return unasked(session, caller, text) or say(messages.NOT_UNDERSTOOD)


def is_send(text: str, waiting: Dialog | None) -> bool:
    """“gửi” or “thôi” typed about words that wait to be sent: no answer in themselves."""
    return bool(waiting and waiting.data) and fold(text).strip(" .") in _ABOUT_WORDS


def give(session: Session, caller: Caller, asked: Inquiry, words: str) -> Answer:
    entry = inquiries.answer(session, caller.person, asked, words, caller.source, caller.now)
    dialogs.close(session, caller.address)
    return acknowledge(review_messages.answered(asked.review.person.name, entry.note or ""))


def in_one_line(session: Session, caller: Caller, text: str) -> Answer | None:
    """“trả lời: đài phát lúc 17 giờ”, with the code of a notice where several wait. None for other words."""
    if not fold(text).startswith(f"{_SAYS} ") and not fold(text).startswith(f"{_SAYS}:"):
        return None
    waiting = inquiries.open_of_person(session, caller.person, caller.now)
    words = " ".join(text.split()[2:]) if not fold(text).startswith(f"{_SAYS}:") else text.partition(":")[2]
    words = words.lstrip(" :").strip()
    if not waiting or not words:
        return say(review_messages.NOTHING_ASKED) if not waiting else None
    first, _, rest = words.partition(" ")
    named = with_code(first.strip(" :.,").upper(), [one.duty.id for one in waiting])
    if named and rest.strip(" :"):
        waiting, words = [one for one in waiting if one.duty.id in named], rest.strip(" :")
    if len(waiting) > 1:
        return say(messages.WHICH_STATION, station_buttons([one.duty for one in waiting], "reply:{}"))
    return give(session, caller, waiting[0], words)


def unasked(session: Session, caller: Caller, text: str) -> Answer | None:
    """Words that mean nothing else, while one question waits: are they its answer?"""
    if len(text.split()) < 2:
        return None
    waiting = inquiries.open_of_person(session, caller.person, caller.now)
    if len(waiting) != 1:
        return None
    asked, words = waiting[0], " ".join(text.split())[: inquiries.MOST_ANSWER]
    dialogs.ask(session, caller.address, "answer", caller.now, asked.duty, data=words)
    buttons = (
        Button(review_messages.SEND_ANSWER, f"reply:{asked.duty.id}:send", "good"),
        Button(review_messages.KEEP_QUIET, f"reply:{asked.duty.id}:drop"),
    )
    return say(review_messages.is_it_an_answer(words, asked.review.person.name), (buttons,))


def waiting_duties(session: Session, caller: Caller) -> list[Duty]:
    """The duties about which the person owes an officer an answer."""
    return [one.duty for one in inquiries.open_of_person(session, caller.person, caller.now)]


def pass_on(session: Session, caller: Caller) -> None:
    """Whatever was just said may be the answer that an officer waits for."""
    said = {line.duty_id for line in record.written(session) if line.kind in _STATED}
    for duty_id in sorted(said):
        duty = session.get(Duty, duty_id)
        if duty is not None:
            inquiries.pass_on(session, duty, caller.now)
