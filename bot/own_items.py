"""What a station aired or posted besides the week's item: items of its own making, and posts proven by a URL."""

from __future__ import annotations

from collections.abc import Sequence

from airlog import deliveries, dialogs, duties, record
from airlog.db import Session
from airlog.models import Duty
from airlog.rules import MAKE_GOOD
from airlog.types import MandateKind
from bot.confirming import item_entry
from bot.desk import Caller
from bot.replies import lower_station, proof_row, say, station_buttons, week_of
from content import messages
from content.typed_moment import split_title
from content.week import Week
from scheduler.channel import Answer


def start_own(session: Session, caller: Caller, owed: Sequence[Duty]) -> Answer:
    """/tincuadai: of which station, then title and time."""
    aired = [duty for duty in owed if duty.mandate.kind is MandateKind.AIR]
    if not aired:
        return say(messages.nothing_this_week(Week.of(caller.now)))
    if len(aired) == 1:
        return ask_own(session, caller, aired[0], "start")
    return say(messages.WHICH_STATION, station_buttons(aired, "own:{}:start"))


def ask_own(session: Session, caller: Caller, duty: Duty, extra: str) -> Answer:
    """Ask for title and time; `instead`: it was aired in place of the week's item, which was confirmed by mistake."""
    awaits = "own_instead" if extra == "instead" else "own"
    dialogs.ask(session, caller.address, awaits, caller.now, duty)
    return say(messages.ASK_OWN_TITLE)


def own_item(session: Session, caller: Caller, duty: Duty, text: str, *, instead: bool = False) -> Answer:
    """An item of the station's own making meets the duty of the week in which it was aired. Raises BadTime."""
    title, aired_at = split_title(text, caller.now)
    title = title[:200]
    if aired_at > caller.now:
        return say(messages.future_time(aired_at))
    same_week = duties.of_station(session, duty.station, str(Week.of(aired_at)))
    about = next((d for d in same_week if d.mandate_id == duty.mandate_id), duty)
    if not about.starts_at <= aired_at < about.due_at + MAKE_GOOD:
        return say(messages.not_that_week(aired_at, week_of(about)))
    if instead:
        _take_back_item(session, caller, duty)
    live = record.live_log(session, about)
    if not any((line.own_title, line.aired_at) == (title, aired_at) for line in live):
        record.aired(
            session, caller.person, about, caller.source, caller.now,
            aired_at=aired_at, own_title=title, again=True,
        )  # fmt: skip
    deliveries.cancel_reminders(session, about, caller.now)
    dialogs.close(session, caller.address)
    return say(messages.own_recorded(title, aired_at, lower_station(duty.station)), (proof_row(about),))


def post(session: Session, caller: Caller, duty: Duty, text: str) -> Answer:
    """A duty of kind post is proven by its address on the web. Another address is another post."""
    url = text.split()[0]
    if not url.lower().startswith(("http://", "https://")) or "." not in url or len(url) > 500:
        return say(messages.ASK_URL)
    if not any(line.url == url for line in record.live_log(session, duty)):
        record.aired(session, caller.person, duty, caller.source, caller.now, url=url, again=True)
    deliveries.cancel_reminders(session, duty, caller.now)
    dialogs.close(session, caller.address)
    return say(messages.post_recorded(url))


def _take_back_item(session: Session, caller: Caller, duty: Duty) -> None:
    """The tap on “Đã phát” meant another item: it must not count for the week's one as well."""
    entry = item_entry(session, duty)
    if entry is not None and entry.aired_at is None:
        record.withdraw(session, caller.person, duty, caller.source, caller.now)
