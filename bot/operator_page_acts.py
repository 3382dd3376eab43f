"""What a form of the operator's page says: the same statements as in a chat, on the channel “page”.

A form carries a mark drawn when the page was made. The same form again (a double tap, a reload, a retry after the
network came back) is the same message, and adds nothing to the log.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from airlog import access, page_links, recalls, record, withdrawn
from airlog.airchecks import KeptFile
from airlog.db import Refused, Session
from airlog.models import Duty, PageLink
from airlog.types import MandateKind, MissedReason
from bot import answer_talk, confirming, operator_talk, own_items, proofs, recall_talk
from bot.desk import Caller, Desk
from bot.replies import number_of, say
from content import messages, page_messages
from content.typed_time import BadTime, parse_time_vi
from content.week import local
from content.wording import nfc
from scheduler.channel import Answer, Incoming

CHANNEL = "page"
LONGEST_WAIT = timedelta(days=14)
"""A tap kept for longer than a link lives is not believed."""
_MARK = re.compile(r"[A-Za-z0-9_-]{8,32}")
ACTS = frozenset(
    ("aired", "aired_at", "when", "time", "missed", "undo", "known", "old", "own", "url", "leader", "proof")
)
_OF_A_KIND = ("aired", "aired_at", "when", "time", "own", "url")
"""What is said of an airing, and what of a post."""
_ABOUT_WORDS = {"aired": "aired", "aired_at": "aired", "missed": "cannot"}
"""Acts about the words on the page, as the chats name them: asked back when those were recalled meanwhile."""


class NotOnThePage(Refused):
    """A form that the page never shows, or that came too late; the message is Vietnamese."""


@dataclass(frozen=True)
class Said:
    """A form as it was sent. `ago` is how long before it came the button was tapped: the script counts that itself,
    since the clock of a phone may be wrong."""

    act: str
    duty_id: int
    mark: str
    about: str = ""
    extra: str = ""
    day: str = ""
    clock: str = ""
    words: str = ""
    insisted: bool = False
    ago: timedelta = timedelta(0)

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Said:
        """Read a form; what is not a number where one belongs means nothing."""
        mark = form.get("mark", "")
        return cls(
            act=form["act"] if form.get("act") in ACTS else "other",
            duty_id=number_of(form.get("duty", "")) or 0,
            mark=mark if _MARK.fullmatch(mark) else new_mark(),
            about=form.get("about", ""),
            extra=form.get("extra", ""),
            day=form.get("day", ""),
            clock=nfc(form.get("clock", "")).strip(),
            words=" ".join(nfc(form.get("words", "")).replace("\0", " ").split())[:300],
            insisted=form.get("insisted") == "1",
            ago=_ago(form.get("ago_s", "")),
        )

    @property
    def ref(self) -> str:
        """The message, for the log: the page's mark and what exactly was said on it."""
        said = repr(replace(self, mark="", ago=timedelta(0)))
        return f"{self.mark}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"

    def moment(self) -> datetime:
        """The day and time that were chosen. Raises BadTime."""
        clock = parse_time_vi(self.clock)
        try:
            return local(date.fromisoformat(self.day), clock)
        except (ValueError, OverflowError) as error:
            raise BadTime(f"{self.clock} {self.day}") from error


@dataclass(frozen=True)
class Outcome:
    """What came of a form. `da` names it for the page that follows; else `told` says why nothing was recorded."""

    da: str = ""
    told: str = ""
    duty_id: int = 0
    answered: tuple[int, ...] = ()
    """Duties about which there is a new line in the log."""
    may_insist: bool = False
    status: int = 409
    act: str = ""
    """What was refused: its form is open on the page that says so."""


def new_mark() -> str:
    return secrets.token_urlsafe(12)


def act(session: Session, token: str, said: Said, now: datetime, desk: Desk) -> Outcome:
    """Do what a form says, in one transaction. Raises DeadPageLink and NotAllowed; both are kept on record."""
    link = page_links.living(session, token, now)
    try:
        caller = caller_of(link, said, now, desk)
        duty = session.get(Duty, said.duty_id)
        if duty is None:
            raise NotOnThePage(page_messages.NOT_UNDERSTOOD)
        access.require_operator(session, caller.person, duty.station, f"page.{said.act}", now)
        if said.act == "known":
            return _knows(session, caller, duty)
        before = record.said_before(session, duty, caller.source)
        if before is not None:
            return Outcome(da=str(before.seq), duty_id=before.duty_id)
        answer = _do(session, caller, duty, said)
        answer_talk.pass_on(session, caller)
    except NotOnThePage as error:
        access.refuse(session, link.person, f"page.{said.act}", f"link {link.id}", now)
        return Outcome(told=str(error), duty_id=said.duty_id, status=422)
    except BadTime:
        told = messages.bad_own(said.words) if said.act == "own" else messages.bad_time(said.clock[:40])
        return Outcome(told=told, duty_id=said.duty_id, status=422)
    new = record.written(session)
    if new:
        answered = tuple(dict.fromkeys(entry.duty_id for entry in new))
        return Outcome(da=str(new[-1].seq), duty_id=new[-1].duty_id, answered=answered)
    keep = any(b.data.startswith("keep:") for one in answer.messages for row in one.buttons for b in row)
    told = "\n".join(one.text for one in answer.messages)
    return Outcome(told=told, duty_id=duty.id, may_insist=keep)


def attach(
    session: Session, token: str, said: Said, files: Sequence[KeptFile], now: datetime, desk: Desk
) -> Outcome:
    """Tie files to what was said about a duty. Raises as `act` does."""
    link = page_links.living(session, token, now)
    duty = may_attach(session, link, said.duty_id, now)
    answer = proofs.attach(session, caller_of(link, said, now, desk), files, duty)
    if record.standing_entry(session, duty) is None:
        return Outcome(told=answer.messages[0].text, duty_id=duty.id)
    return Outcome(da="tep", duty_id=duty.id)


def may_attach(session: Session, link: PageLink, duty_id: int, now: datetime) -> Duty:
    """The duty that a file is about, before the file is looked at. Raises NotAllowed and NotOnThePage."""
    duty = session.get(Duty, duty_id)
    if duty is None:
        raise NotOnThePage(page_messages.NOT_UNDERSTOOD)
    access.require_operator(session, link.person, duty.station, "page.proof", now)
    return duty


def caller_of(link: PageLink, said: Said, now: datetime, desk: Desk) -> Caller:
    """Whose link it is, speaking now or at the moment of a tap that was kept. Raises NotOnThePage."""
    tapped_at = now - said.ago
    if not timedelta(0) <= said.ago <= LONGEST_WAIT or (said.ago and tapped_at < link.created_at):
        raise NotOnThePage(page_messages.TAP_TOO_OLD)
    incoming = Incoming(CHANNEL, "", str(link.id), "", "press", tapped_at, message_ref=said.ref)
    return Caller(link.person, None, incoming, now, desk)


def _do(session: Session, caller: Caller, duty: Duty, said: Said) -> Answer:
    """One act about one duty. Raises BadTime and NotOnThePage."""
    if (said.act == "url") is not (duty.mandate.kind is MandateKind.POST) and said.act in _OF_A_KIND:
        raise NotOnThePage(page_messages.NOT_UNDERSTOOD)
    if said.act in _ABOUT_WORDS:
        told = recall_talk.about_withdrawn(session, caller, _ABOUT_WORDS[said.act], duty, said.about)
        if told is not None:
            return told
    match said.act:
        case "aired":
            return confirming.confirm(session, caller, duty)
        case "aired_at":
            return confirming.confirm_at(session, caller, duty, said.moment(), insisted=said.insisted)
        case "when":
            return confirming.say_when(session, caller, duty, said.extra)
        case "time":
            return confirming.set_time(session, caller, duty, said.moment(), insisted=said.insisted)
        case "missed":
            return _missed(session, caller, duty, said)
        case "undo":
            return confirming.undo(session, caller, duty)
        case "old":
            return recall_talk.old_aired(session, caller, duty, said.extra)
        case "own":
            own = f"{said.words}, {said.clock} {_day_month(said.day)}"
            return own_items.own_item(session, caller, duty, own)
        case "url":
            return own_items.post(session, caller, duty, said.words or "-")
        case "leader":
            return operator_talk.leader(session, caller, duty)
        case _:
            raise NotOnThePage(page_messages.NOT_UNDERSTOOD)


def _missed(session: Session, caller: Caller, duty: Duty, said: Said) -> Answer:
    """A reason from the list, with words of one's own; “lý do khác” needs them."""
    if said.extra not in messages.REASONS:
        return say(messages.ASK_REASON)
    reason = MissedReason(said.extra)
    if reason is MissedReason.OTHER and not said.words:
        return say(messages.ASK_OTHER_REASON)
    return confirming.missed(session, caller, duty, reason, said.words or None)


def _knows(session: Session, caller: Caller, duty: Duty) -> Outcome:
    """[Tôi đã rõ]: they serve a station that had the item, so its recall concerns them."""
    recalled = withdrawn.of_rundown(session, duty.rundown_id)
    if not recalled:
        return Outcome(told=page_messages.NO_RECALL, duty_id=duty.id)
    recalls.knows(session, recalled[-1], caller.person, caller.now)
    return Outcome(da="ro", duty_id=duty.id)


def _day_month(day: str) -> str:
    """`2026-11-24` -> `24/11/2026`, as it would be typed. Raises BadTime."""
    try:
        found = date.fromisoformat(day)
    except ValueError as error:
        raise BadTime(day) from error
    return f"{found.day}/{found.month}/{found.year}"


def _ago(text: str) -> timedelta:
    """Seconds; what is no plain number, or a huge one, is a moment that nobody believes."""
    seconds = number_of(text or "0")
    return timedelta(seconds=seconds) if seconds is not None else -LONGEST_WAIT
