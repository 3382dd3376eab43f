"""Typed answers where there are no buttons: which notice a number is about, then the same act as a press. Knows no
chat library, and never guesses: what can mean several notices is asked back with their codes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from airlog import dialogs, page_links, people, withdrawn
from airlog.db import Session
from airlog.models import Duty, Person, Recall
from bot import answer_talk, operator_talk, recall_talk
from bot.channels.zalo_replies import Reply, with_code
from bot.channels.zalo_text import Around
from bot.confirming import counting_entry
from bot.desk import Caller
from bot.replies import say, station_buttons
from content import messages, zalo_messages
from content.week import Week
from scheduler.channel import Answer, Incoming

_ABOUT_RECALLED = ("known", "old", "notold", "new")
_ABOUT_OPEN = ("aired", "cannot", "why")
_ABOUT_SAID = ("when", "undo", "own", "proofof")
_ABOUT_ASKED = "reply"
"""An officer's question, which may be about an older week."""


def said(session: Session, caller: Caller, reply: Reply, asked: Duty | None) -> Answer:
    """Do what was typed. `asked`: the duty that was being talked of, meant where it can be and nothing else is named."""
    this_week = operator_talk.duties_now(session, caller)
    if reply.act in _ABOUT_RECALLED:
        return _about_recalled(session, caller, reply, this_week)
    if reply.code:
        return _about_code(session, caller, reply, this_week)
    if reply.act == _ABOUT_ASKED:
        return _about_question(session, caller, reply, asked)
    candidates = [duty for duty in this_week if _fits(session, reply.act, duty)]
    if asked is not None and _fits(session, reply.act, asked):
        candidates = [asked]
    if len(candidates) == 1:
        return _do(session, caller, reply, candidates[0])
    if candidates:
        return say(messages.WHICH_STATION, station_buttons(candidates, _data(reply)))
    if (reply.act, reply.extra) == ("when", "now"):  # “vừa phát xong” before anything was confirmed
        return operator_talk.said_aired(session, caller, "", None)
    return operator_talk.this_week(session, caller)


def not_understood(session: Session, incoming: Incoming, person: Person | None, now: datetime) -> Answer:
    """The usual answer; where there are no buttons, how to answer, and that once a day."""
    if incoming.buttons:
        return say(messages.NOT_UNDERSTOOD)
    return seldom(session, incoming, person, now, zalo_messages.HINT)


def seldom(
    session: Session,
    incoming: Incoming,
    person: Person | None,
    now: datetime,
    text: str,
    every: timedelta = timedelta(days=1),
) -> Answer:
    """What nobody needs to hear again so soon, where each message is counted."""
    chat = f"{incoming.channel}:{incoming.bot}:{incoming.chat_id}"
    if not incoming.buttons and not dialogs.may_hint(session, chat, person, now, every):
        return Answer()
    return say(text)


def around(
    session: Session, channel: str, bot: str, chat_id: str, now: datetime, base_url: str = ""
) -> Around:
    """What a message to a chat needs to know beside itself. With a `base_url` that phones can reach, who owes
    something gets the link of their page, and the transaction must be one that writes."""
    address = people.address_of(session, channel, bot, chat_id)
    if address is None:
        return Around()
    owed = operator_talk.duties_in(session, address.person, Week.of(now), now)
    link = page_links.url_for(session, address.person, base_url, now) if base_url and owed else ""
    return Around(tuple(duty.id for duty in owed if _fits(session, "aired", duty)), link)


def _fits(session: Session, act: str, duty: Duty) -> bool:
    """Whether an act can be about a duty as it stands."""
    if act in _ABOUT_SAID:
        return counting_entry(session, duty) is not None
    if duty.rundown_id is None:
        return False
    return act not in _ABOUT_OPEN or counting_entry(session, duty) is None


def _about_question(session: Session, caller: Caller, reply: Reply, asked: Duty | None) -> Answer:
    """“trả lời”, or “gửi” and “thôi” about words that look like an answer."""
    waiting = answer_talk.waiting_duties(session, caller)
    if reply.extra and asked is not None:
        waiting = [asked]
    if len(waiting) == 1:
        return _do(session, caller, reply, waiting[0])
    if waiting:
        return say(messages.WHICH_STATION, station_buttons(waiting, _data(reply)))
    return not_understood(session, caller.incoming, caller.person, caller.now)


def _about_code(session: Session, caller: Caller, reply: Reply, this_week: Sequence[Duty]) -> Answer:
    """A code means its duty, answered or not; a photo may be of last week's."""
    known = {duty.id: duty for duty in [*this_week, *_lately(session, caller, reply)]}
    found = [known[one] for one in with_code(reply.code, known)]
    if not found:
        return say(zalo_messages.no_such_code(reply.code))
    if len(found) > 1:
        return say(messages.WHICH_STATION, station_buttons(found, _data(reply)))
    return _do(session, caller, reply, found[0])


def _lately(session: Session, caller: Caller, reply: Reply) -> list[Duty]:
    if reply.act == _ABOUT_ASKED:
        return answer_talk.waiting_duties(session, caller)
    if reply.act != "proofof":
        return []
    return operator_talk.duties_in(session, caller.person, Week.of(caller.now).shift(-1), caller.now)


def _do(session: Session, caller: Caller, reply: Reply, duty: Duty) -> Answer:
    act, extra = reply.act, reply.extra
    if act == "aired":
        act = "said"
    recalled = withdrawn.of_rundown(session, duty.rundown_id)
    if act in ("cannot", "script") and recalled and recalled[-1].replacement_id:
        extra = str(recalled[-1].replacement_id)  # about the words that stand now
    return operator_talk.press(session, caller, act, duty, extra)


def _about_recalled(session: Session, caller: Caller, reply: Reply, this_week: Sequence[Duty]) -> Answer:
    recalled = {
        duty.id: (duty, found[-1])
        for duty in this_week
        if (found := withdrawn.of_rundown(session, duty.rundown_id))
    }
    meant = [recalled[one] for one in (with_code(reply.code, recalled) if reply.code else recalled)]
    if not meant:
        return say(zalo_messages.NOTHING_RECALLED)
    if reply.act == "known":
        return recall_talk.press(session, caller, str(max(recall.id for _, recall in meant)))
    data = _RECALLED[reply.act]
    if len(meant) > 1:
        rows = [station_buttons([duty], data(recall)) for duty, recall in meant]
        return say(messages.WHICH_STATION, tuple(row for one in rows for row in one))
    duty, recall = meant[0]
    act, _, extra = data(recall).partition(":{}:")
    return operator_talk.press(session, caller, act, duty, extra)


def _data(reply: Reply) -> str:
    """Button data with a gap for the duty's number."""
    act = "said" if reply.act == "aired" else reply.act
    return f"{act}:{{}}:{reply.extra}" if reply.extra else f"{act}:{{}}"


_RECALLED: dict[str, Callable[[Recall], str]] = {
    "old": lambda recall: f"old:{{}}:{recall.item_version_id}",
    "notold": lambda recall: f"notold:{{}}:{recall.item_version_id}",
    "new": lambda recall: f"aired:{{}}:{recall.replacement_id or ''}",
}
