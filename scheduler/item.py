"""The week's item as a message. All of it but the station is the same for everybody, and is kept between messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from airlog import deliveries, rundowns, tracks, withdrawn
from airlog.db import Session
from airlog.models import Duty, ItemVersion, Recall, Rundown, Station, Track
from airlog.rundowns import Basis
from content import messages, notice_messages, recall_messages
from content.week import Week
from scheduler.channel import Button, ButtonRows, Outgoing, Sound


@dataclass(frozen=True)
class Letter:
    """A message ready to leave; the track in it (its upload is remembered per bot) and the words of an item."""

    message: Outgoing
    track_id: int | None = None
    version_id: int | None = None

    def saying(self, text: str) -> Letter:
        return replace(self, message=replace(self.message, text=text))

    def sounding(self, sound: Sound | None) -> Letter:
        return replace(self, message=replace(self.message, sound=sound))


@dataclass(frozen=True)
class Wording:
    """What a week's item says to everybody whom one bot writes to."""

    version_id: int
    title: str
    attachments: int
    script: str | None
    """Only when there is no sound: the operator then reads it."""
    track_id: int | None
    sound: Sound | None
    recalls: Sequence[Recall]
    more: tuple[str, ...] = ()
    """Titles of the further items."""
    readings: int = 2

    def letter(self, duty_id: int, week: Week, station: str | None) -> Letter:
        """The message to one station; its name only for people who serve several."""
        seconds = self.sound.duration_s if self.sound else None
        text = notice_messages.item_notice(
            week, self.title, seconds, station, self.attachments, self.script, self.more, self.readings
        )
        if self.recalls and self.recalls[-1].confirmed_at:
            text = recall_messages.replaces(text, self.recalls[-1].confirmed_at)
        buttons = item_buttons(duty_id, self.recalls, attachments=self.attachments)
        return Letter(Outgoing(text, buttons, sound=self.sound), self.track_id, self.version_id)


class Wordings:
    """Wordings by week, bot and station's own track. Each use asks the store whether what it was made of still stands."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str, str, int | None], tuple[Basis, Wording]] = {}

    def of(self, session: Session, rundown_id: int, channel: str, bot: str, station_id: int) -> Wording:
        """The wording that holds at this moment for a station: with its own track, where it has one."""
        basis = rundowns.basis(session, rundown_id, station_id)
        key = (rundown_id, channel, bot, basis.own_track_id)
        kept = self._kept.get(key)
        if kept and kept[0] == basis:
            return kept[1]
        own = station_id if basis.own_track_id else None
        wording = _made(session, session.get_one(Rundown, rundown_id), channel, bot, own)
        if wording.sound is None or wording.sound.file_ref:  # until it is uploaded, each message looks again
            self._kept[key] = basis, wording
        return wording


def item_letter(
    session: Session, duty: Duty, channel: str, bot: str, *, named: bool, wordings: Wordings | None = None
) -> Letter:
    """The weekly message of a duty; `named` says whether the station's name stands in it."""
    assert duty.rundown_id is not None
    wording = (wordings or Wordings()).of(session, duty.rundown_id, channel, bot, duty.station_id)
    return wording.letter(duty.id, Week.parse(duty.period), duty.station.name if named else None)


def duty_buttons(session: Session, duty: Duty) -> ButtonRows:
    """What an operator can do about a duty that nobody has answered.

    Once an item was recalled, the buttons name the words they are about: those of an older message do not, and so
    a press on it never counts for the words that took their place.
    """
    attachments = len(duty.rundown.version.item.attachments) if duty.rundown else 0
    return item_buttons(duty.id, withdrawn.of_rundown(session, duty.rundown_id), attachments=attachments)


def item_buttons(duty_id: int, recalled: Sequence[Recall], *, attachments: int) -> ButtonRows:
    """The buttons under an item and under what is said about it."""
    if withdrawn.has_no_item(recalled):
        return ((Button(recall_messages.OWN_ITEM, f"own:{duty_id}:start"),),)
    about = f"{duty_id}:{recalled[-1].replacement_id}" if recalled else f"{duty_id}"
    rows: list[tuple[Button, ...]] = [
        (Button(messages.AIRED, f"aired:{about}", "good"), Button(messages.CANNOT, f"cannot:{about}", "bad")),
        (Button(messages.SCRIPT, f"script:{about}"), Button(messages.LEADER, f"leader:{about}")),
    ]
    if attachments:
        rows.append((Button(messages.FILES, f"files:{about}"),))
    return tuple(rows)


def _made(session: Session, rundown: Rundown, channel: str, bot: str, station_id: int | None) -> Wording:
    version, recalled = rundown.version, withdrawn.of_rundown(session, rundown.id)
    more = rundowns.extras(session, rundown)
    track = tracks.to_send(session, rundown, station_id)
    sound = _sound(session, track, rundown, channel, bot) if track else None
    if sound and recalled:
        sound = replace(sound, title=f"{sound.title} ({recall_messages.REPLACEMENT})")
    return Wording(
        version_id=version.id,
        title=version.item.title,
        attachments=len(version.item.attachments),
        script=None if track else _script(version, more),
        track_id=track.id if track else None,
        sound=sound,
        recalls=recalled,
        more=tuple(one.item.title for one in more),
        readings=session.get_one(Station, track.station_id).readings if track and track.station_id else 2,
    )


def _script(version: ItemVersion, more: Sequence[ItemVersion]) -> str:
    """What an operator reads out when there is no sound; further items under their titles."""
    return "\n\n".join([version.script, *(f"{one.item.title}\n\n{one.script}" for one in more)])


def _sound(session: Session, track: Track, rundown: Rundown, channel: str, bot: str) -> Sound:
    return Sound(
        path=Path(track.path),
        title=f"Tuần {Week.parse(rundown.week).number}: {rundown.version.item.title}",
        performer=tracks.place_of(session, rundown),
        duration_s=round(track.duration_ms / 1000),
        sha256=track.sha256,
        file_ref=deliveries.upload_of(session, track.id, channel, bot),
    )
