"""Recalls in conversation: “tôi đã rõ”, and what is said about words that were withdrawn. Knows no chat library.

A press under a message with withdrawn words is never taken for a statement about the words that took their place: it
is asked whether the old ones went on air, and a yes is written down as just that.
"""

from __future__ import annotations

from airlog import deliveries, dialogs, recall_reads, recalls, record, sessions, withdrawn
from airlog.db import Session
from airlog.models import Delivery, Duty, Recall
from airlog.types import Rung
from bot.desk import Caller
from bot.replies import lower_station, number_of, say, station_buttons, week_of, when_buttons
from content import messages, recall_messages
from scheduler.channel import Answer, Button, Outgoing
from scheduler.recalls import old_text

_ABOUT_WORDS = ("aired", "cannot", "script", "files", "leader")
"""Buttons that are about the words of their message; the others are about what was said of them."""


def press(session: Session, caller: Caller, rest: str) -> Answer:
    """A button under a notice or an alert: `recall:<id>[:old|:open]`."""
    number, _, what = rest.partition(":")
    recall = session.get(Recall, number_of(number) or 0)
    if recall is None:
        return say(recall_messages.NO_SUCH_RECALL)
    match what:
        case "":
            when, fresh = recalls.acknowledge(session, recall, caller.person, caller.now)
            told = recall_messages.acknowledged if fresh else recall_messages.already_acknowledged
            return say(told(when))
        case "old":
            return _which_station(session, caller, recall)
        case "open":
            return _open_page(session, caller, recall)
        case _:
            return say(messages.NOT_UNDERSTOOD)


def about_withdrawn(session: Session, caller: Caller, act: str, duty: Duty, extra: str) -> Answer | None:
    """The answer to a press on words that were recalled; None when the words stand. `extra` may name the version."""
    recalled = withdrawn.of_rundown(session, duty.rundown_id)
    if act not in _ABOUT_WORDS or not recalled:
        return None
    version_id = number_of(extra) or recalled[0].item_version_id
    by = next((one for one in recalled if one.item_version_id == version_id), None)
    if by is None:
        return None if version_id == recalled[-1].replacement_id else say(messages.NOT_UNDERSTOOD)
    return Answer((_was_it_aired(session, duty, by),), edit=_marked(session, caller, by))


def typed_aired(session: Session, duty: Duty) -> Answer | None:
    """“Đã phát” in words about a duty whose item was recalled: which one is asked. None when nothing was."""
    recalled = withdrawn.of_rundown(session, duty.rundown_id)
    if not recalled:
        return None
    last = recalled[-1]
    if last.replacement_id is None:
        return Answer((_was_it_aired(session, duty, last),))
    new = recall_reads.words(session, last.replacement_id)
    buttons = (
        (Button(recall_messages.NEW_AIRED, f"aired:{duty.id}:{new.version_id}", "good"),),
        (Button(recall_messages.OLD_AIRED, f"old:{duty.id}:{last.item_version_id}"),),
    )
    return say(recall_messages.which_was_aired(week_of(duty), new.title), buttons)


def old_aired(session: Session, caller: Caller, duty: Duty, extra: str) -> Answer:
    """[Đã phát bản cũ]: on record as an airing of those very words."""
    recall = _recall_of(session, duty, extra)
    if recall is None:
        return say(messages.NOT_UNDERSTOOD)
    _knows(session, caller, recall)
    entry, fresh = record.aired(
        session, caller.person, duty, caller.source, caller.now, version_id=recall.item_version_id
    )
    if not fresh:
        return say(recall_messages.old_already(entry.stated_at))
    has_new = not withdrawn.has_no_item(withdrawn.of_rundown(session, duty.rundown_id))
    if not has_new:
        deliveries.cancel_reminders(session, duty, caller.now)
    dialogs.ask(session, caller.address, "when", caller.now, duty)
    text = recall_messages.old_recorded(
        entry.stated_at, lower_station(duty.station), week_of(duty), has_new=has_new
    )
    return say(text, when_buttons(duty, caller.now))


def old_not_aired(session: Session, caller: Caller, duty: Duty, extra: str) -> Answer:
    """[Chưa phát]: nothing for the log, but the person knows now."""
    recall = _recall_of(session, duty, extra)
    if recall is None:
        return say(messages.NOT_UNDERSTOOD)
    _knows(session, caller, recall)
    has_new = not withdrawn.has_no_item(withdrawn.of_rundown(session, duty.rundown_id))
    return say(recall_messages.old_not_aired(week_of(duty), has_new))


def no_item(session: Session, duty: Duty) -> str | None:
    """What is said in place of an item that was withdrawn with nothing in its place; None when there is one."""
    recalled = withdrawn.of_rundown(session, duty.rundown_id)
    if not withdrawn.has_no_item(recalled) or recalled[-1].confirmed_at is None:
        return None
    return recall_messages.no_item_any_more(week_of(duty), recalled[-1].confirmed_at)


def old_did_not_come(session: Session, caller: Caller, duty: Duty) -> Answer | None:
    """“Chưa, gửi lại” about an item that was recalled meanwhile; None when it was not."""
    recalled = withdrawn.of_rundown(session, duty.rundown_id)
    asked = caller.tapped(session)
    if not recalled or recalled[-1].confirmed_at is None or (asked and withdrawn.replacing(asked.key)):
        return None
    told = no_item(session, duty)
    return say(told or recall_messages.new_item_follows(week_of(duty), recalled[-1].confirmed_at))


def marked(session: Session, row: Delivery) -> Outgoing | None:
    """What the message of a delivery says once its words were recalled; None while they stand."""
    recalled = withdrawn.of_rundown(session, row.duty.rundown_id if row.duty else None)
    if row.rung is not Rung.ITEM or not recalled or withdrawn.is_current(row.key, recalled):
        return None
    version_id = withdrawn.version_of(row.key, recalled)
    by = next((one for one in recalled if one.item_version_id == version_id), recalled[-1])
    return Outgoing(old_text(session, by))


def _which_station(session: Session, caller: Caller, recall: Recall) -> Answer:
    """[Đã phát bản cũ] under the notice: at which station, if the person has the item for several."""
    rows = recall_reads.items_of_person(session, recall, caller.person.id)
    owed = list({row.duty.id: row.duty for row in rows if row.duty}.values())
    if not owed:
        recalls.acknowledge(session, recall, caller.person, caller.now)  # refuses strangers
        return say(messages.NOT_UNDERSTOOD)
    if len(owed) > 1:
        return say(messages.WHICH_STATION, station_buttons(owed, f"old:{{}}:{recall.item_version_id}"))
    return old_aired(session, caller, owed[0], str(recall.item_version_id))


def _open_page(session: Session, caller: Caller, recall: Recall) -> Answer:
    """[Mở trang xác nhận]: a link to sign in with, and the page's own. The page asks for the right to act."""
    if recall.confirmed_at is not None or recall.dropped_at is not None:
        return say(recall_messages.SETTLED_REQUEST)
    base = caller.desk.base_url
    token = sessions.new_link(session, caller.person, caller.now)
    return say(recall_messages.page_link(f"{base}/m/{token}", f"{base}/recalls/{recall.id}"))


def _was_it_aired(session: Session, duty: Duty, recall: Recall) -> Outgoing:
    told = recall_reads.line(session, recall)
    assert told.confirmed_at is not None
    text = recall_messages.was_it_aired(week_of(duty), told.old.title, told.confirmed_at, told.reason)
    buttons = (
        Button(recall_messages.OLD_AIRED, f"old:{duty.id}:{recall.item_version_id}"),
        Button(recall_messages.OLD_NOT_AIRED, f"notold:{duty.id}:{recall.item_version_id}"),
    )
    return Outgoing(text, (buttons,))


def _marked(session: Session, caller: Caller, recall: Recall) -> Outgoing | None:
    """The pressed message as withdrawn, if it is the one that carries the item."""
    row = caller.tapped(session)
    return Outgoing(old_text(session, recall)) if row and row.rung is Rung.ITEM else None


def _recall_of(session: Session, duty: Duty, extra: str) -> Recall | None:
    recalled = withdrawn.of_rundown(session, duty.rundown_id)
    return next((one for one in recalled if one.item_version_id == number_of(extra)), None)


def _knows(session: Session, caller: Caller, recall: Recall) -> None:
    """Whoever answers the question has read that the item was recalled."""
    if recalls.was_told(session, recall, caller.person):
        recalls.acknowledge(session, recall, caller.person, caller.now)
