"""What was done on the operator's page a moment ago, in the words of the chats, as the record says it now."""

from __future__ import annotations

from datetime import datetime

from airlog import access, record, withdrawn
from airlog.db import Session
from airlog.models import Duty, LogEntry, Person
from airlog.types import EntryKind
from bot.operator_page_view import reason_of
from bot.replies import lower_station, number_of, week_of
from content import messages, page_messages, recall_messages

_DONE = {"ro": page_messages.KNOWS, "tep": page_messages.FILES_KEPT}


def banner(session: Session, person: Person, da: str, now: datetime) -> str:
    """What was done a moment ago, as the record says it now; empty when something newer stands."""
    if da in _DONE:
        return _DONE[da]
    entry = session.get(LogEntry, number_of(da) or 0)
    duty = session.get(Duty, entry.duty_id) if entry else None
    if entry is None or duty is None or not access.serves(session, person, duty.station, now):
        return ""
    if record.log_of(session, duty)[-1].seq != entry.seq:
        return ""
    return _told(session, duty, entry)


def _told(session: Session, duty: Duty, entry: LogEntry) -> str:
    station, week = lower_station(duty.station), week_of(duty)
    recalled = withdrawn.of_rundown(session, duty.rundown_id)
    match entry.kind:
        case EntryKind.AIRED | EntryKind.CORRECTED if entry.own_title and entry.aired_at:
            return messages.own_recorded(entry.own_title, entry.aired_at, station)
        case EntryKind.AIRED if entry.url:
            return messages.post_recorded(entry.url)
        case EntryKind.AIRED | EntryKind.CORRECTED if entry.aired_at:
            return messages.time_recorded(entry.aired_at, station, week)
        case EntryKind.AIRED if entry.item_version_id in {one.item_version_id for one in recalled}:
            has_new = not withdrawn.has_no_item(recalled)
            return recall_messages.old_recorded(entry.stated_at, station, week, has_new)
        case EntryKind.AIRED:
            return messages.recorded(entry.stated_at, station, week)
        case EntryKind.NOT_AIRED:
            return messages.reason_recorded(reason_of(entry), station, week)
        case EntryKind.WITHDRAWN:
            return messages.withdrawn(station, week)
        case EntryKind.LEADER_CLEARED:
            return messages.leader_cleared(week)
        case _:
            return ""
