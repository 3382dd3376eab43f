"""What the operator's page shows, read at one moment: this week's items of all stations, the week before, and history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from airlog import (
    access,
    airchecks,
    duties,
    queries,
    recall_reads,
    recalls,
    record,
    recordings,
    rundowns,
    tracks,
    withdrawn,
)
from airlog.db import Session
from airlog.models import Attachment, Duty, ItemVersion, LogEntry, Person, Rundown, Station
from airlog.queries import DutyLine
from airlog.rules import MAKE_GOOD, Said, Sign
from airlog.types import EntryKind, MandateKind
from bot.confirming import counting_entry
from bot.replies import lower_station, week_of
from content import messages, notice_messages, page_messages
from content.languages import VIETNAMESE, codes_of
from content.messages import cap
from content.week import LOCAL, Week
from content.wording import week_vi
from reports.words import channel_word, reason_word
from scheduler.compose import excuse_of

WEEKS_OF_HISTORY = 12
Phase = Literal["open", "aired", "missed", "gone"]
"""Of a duty on the page: nobody has said anything, aired, not aired, or its item was withdrawn with none in its place."""


@dataclass(frozen=True)
class Sound:
    """A clip to hear and to download. `track_id` makes the address another one when the clip is another."""

    track_id: int
    name: str
    seconds: int
    size_bytes: int
    path: Path


@dataclass(frozen=True)
class Part:
    """An item's script."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class RecallNotice:
    id: int
    text: str
    known: str
    """Since when the person has known of it, in words; empty while they have not said so."""
    old_version_id: int
    old_stands: str
    """That the old words went on air, when that is on record."""


@dataclass(frozen=True)
class Day:
    value: str
    label: str


@dataclass(frozen=True)
class Card:
    """One duty with all that can be done about it. `about` is what a button in a chat would carry."""

    duty_id: int
    week: str
    station: str
    title: str
    phase: Phase
    sign: Sign
    stands: tuple[str, ...]
    asks_when: bool
    about: str
    is_post: bool
    sound: Sound | None
    no_sound: str
    parts: tuple[Part, ...]
    files: tuple[Attachment, ...]
    recall: RecallNotice | None
    days: tuple[Day, ...]
    proofs: str


@dataclass(frozen=True)
class PageView:
    """Everything on the page. `own_days`: days for an item of the station's own making."""

    person: str
    week: str
    cards: tuple[Card, ...]
    before: tuple[Card, ...]
    history: tuple[DutyLine, ...]
    several: bool
    nothing: str
    own_duties: tuple[tuple[int, str], ...]
    own_days: tuple[Day, ...]


def page_view(session: Session, person: Person, now: datetime) -> PageView:
    """The page of a person: it is theirs, whoever holds the link."""
    week, stations = Week.of(now), access.stations_of(session, person, now)
    this_week, last_week = _of_week(session, stations, week), _of_week(session, stations, week.shift(-1))
    shown = [duty for duty in this_week if _is_out(session, duty, now)]
    before = [duty for duty in last_week if _is_out(session, duty, now)]
    aired = [duty for duty in this_week if duty.mandate.kind is MandateKind.AIR]
    return PageView(
        person=person.name,
        week=cap(week_vi(week)),
        cards=tuple(_card(session, person, duty, now) for duty in shown),
        before=tuple(_card(session, person, duty, now) for duty in before),
        history=tuple(_history(session, stations, week, {duty.id for duty in before}, now)),
        several=len(stations) > 1,
        nothing="" if shown else page_messages.nothing_to_do(week, [lower_station(s) for s in stations]),
        own_duties=tuple((duty.id, cap(lower_station(duty.station))) for duty in aired),
        own_days=_days(now - timedelta(days=6), now),
    )


def sound_of(session: Session, duty: Duty) -> Sound | None:
    """What the station is to play, under a plain ASCII name; None when there is nothing that may be aired."""
    if duty.rundown is None or withdrawn.has_no_item(withdrawn.of_rundown(session, duty.rundown_id)):
        return None
    track = tracks.to_send(session, duty.rundown, duty.station_id)
    if track is None:
        return None
    name = f"tuan-{week_of(duty).number}.mp3"
    return Sound(track.id, name, round(track.duration_ms / 1000), track.size_bytes, Path(track.path))


def _of_week(session: Session, stations: Sequence[Station], week: Week) -> list[Duty]:
    return [duty for station in stations for duty in duties.of_station(session, station, str(week))]


def _is_out(session: Session, duty: Duty, now: datetime) -> bool:
    """Whether the week's hour has come: who has no chat is sent nothing, and must see the item all the same."""
    rundown = duty.rundown
    return rundown is not None and withdrawn.item_due_at(session, rundown) <= now


def _card(session: Session, person: Person, duty: Duty, now: datetime) -> Card:
    rundown = duty.rundown
    assert rundown is not None
    aired = counting_entry(session, duty)
    missed = None if aired else record.last_entry(session, duty, EntryKind.NOT_AIRED)
    recalled = withdrawn.of_rundown(session, rundown.id)
    gone = withdrawn.has_no_item(recalled)
    versions = [] if gone else [rundown.version, *rundowns.extras(session, rundown)]
    sound = None if gone else sound_of(session, duty)
    return Card(
        duty_id=duty.id,
        week=cap(week_vi(week_of(duty))),
        station=cap(lower_station(duty.station)),
        title="" if gone else rundown.version.item.title,
        phase="aired" if aired else "gone" if gone else "missed" if missed else "open",
        sign=queries.duty_standing(session, duty, now).sign,
        stands=(*_stands(duty, aired, missed, now), *filter(None, [excuse_of(session, duty)])),
        asks_when=aired is not None and aired.aired_at is None and aired.url is None,
        about=str(recalled[-1].replacement_id or "") if recalled else "",
        is_post=duty.mandate.kind is MandateKind.POST,
        sound=sound,
        no_sound="" if gone else _no_sound(session, duty, rundown, sound),
        parts=tuple(_part(version) for version in versions),
        files=() if gone else tuple(rundown.version.item.attachments),
        recall=_recall(session, person, duty),
        days=_days(duty.starts_at, min(now, duty.due_at + MAKE_GOOD - timedelta(seconds=1))),
        proofs=page_messages.proofs_kept([check.kind for check in airchecks.of_duty(session, duty.id)]),
    )


def _stands(duty: Duty, aired: LogEntry | None, missed: LogEntry | None, now: datetime) -> Iterator[str]:
    """How the duty stands, whoever said so on whatever channel."""
    entry = aired or missed
    if aired is not None and aired.url:
        yield messages.post_recorded(aired.url)
    elif aired is not None:
        yield messages.stands(lower_station(duty.station), week_of(duty), aired.stated_at, aired.aired_at)
    elif missed is not None:
        yield page_messages.not_aired(reason_of(missed), missed.stated_at)
    elif duty.said is Said.EXCUSED:
        return  # what stands is the excuse
    elif now < duty.due_at:
        yield page_messages.open_still(week_of(duty))
    else:
        yield page_messages.OPEN_AFTER_ALL
    if entry is not None:
        yield page_messages.said_by(entry.person.name, channel_word(entry.channel))


def _recall(session: Session, person: Person, duty: Duty) -> RecallNotice | None:
    recalled = withdrawn.of_rundown(session, duty.rundown_id)
    last = recalled[-1] if recalled else None
    if last is None or last.confirmed_at is None:
        return None
    told = recall_reads.line(session, last)
    known = recalls.known_since(session, last, person)
    old = {one.item_version_id for one in recalled}
    said = next((e for e in reversed(record.live_log(session, duty)) if e.item_version_id in old), None)
    return RecallNotice(
        id=last.id,
        text=page_messages.recalled(
            told.old.title, last.confirmed_at, last.reason, told.new.title if told.new else None
        ),
        known=page_messages.known_since(known) if known else "",
        old_version_id=last.item_version_id,
        old_stands=page_messages.old_stands(said.stated_at) if said else "",
    )


def _no_sound(session: Session, duty: Duty, rundown: Rundown, sound: Sound | None) -> str:
    """What must be read by a person: all of it, or the languages that the clip has not."""
    if duty.mandate.kind is MandateKind.POST:
        return ""
    if sound is None:
        return notice_messages.NO_SOUND
    spoken = {one.language for one in recordings.following(session, rundown, rundown.item_version_id)}
    missing = [code for code in codes_of(duty.languages) if code not in {VIETNAMESE, *spoken}]
    return page_messages.missing_languages(missing) if missing else ""


def _part(version: ItemVersion) -> Part:
    paragraphs = tuple(part.strip() for part in version.script.split("\n\n") if part.strip())
    return Part(version.item.title, paragraphs)


def reason_of(entry: LogEntry) -> str:
    return entry.note or reason_word(entry.reason).lower()


def _days(first: datetime, last: datetime) -> tuple[Day, ...]:
    """Days to choose from, today first."""
    start, today = first.astimezone(LOCAL).date(), last.astimezone(LOCAL).date()
    days = [today - timedelta(days=back) for back in range((today - start).days + 1)]
    return tuple(Day(day.isoformat(), page_messages.day_choice(day, today)) for day in days)


def _history(
    session: Session, stations: Sequence[Station], week: Week, cards: set[int], now: datetime
) -> list[DutyLine]:
    """Past weeks, newest first, without those that are cards."""
    between = (week.shift(-WEEKS_OF_HISTORY).starts_at, week.starts_at)
    found = queries.duty_lines(session, now, between=between, stations=[one.id for one in stations])
    lines = [line for line in found if line.duty_id not in cards]
    return sorted(lines, key=lambda line: line.starts_at, reverse=True)
