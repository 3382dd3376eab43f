"""Pieces that the operators' replies are made of: buttons that many of them share, and how things are named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from airlog.models import Duty, Station
from content import ladder_messages, messages
from content.week import Week
from scheduler.channel import Answer, Button, ButtonRows, Outgoing


def say(text: str, buttons: ButtonRows = ()) -> Answer:
    return Answer((Outgoing(text, buttons),))


def acknowledge(text: str, buttons: ButtonRows = ()) -> Answer:
    """What only says that something stands on record: the first that a bot gives up when its month runs low."""
    return Answer((Outgoing(text, buttons, weight="acknowledgement"),))


def lower_station(station: Station) -> str:
    """A station's name inside a sentence."""
    return station.name[:1].lower() + station.name[1:]


def week_of(duty: Duty) -> Week:
    """The week to name; a monthly duty is named by the week it begins in."""
    return Week.of(duty.starts_at)


def when_buttons(duty: Duty, usual_at: datetime | None = None) -> ButtonRows:
    """The times that answer “Tin phát lúc nào?”, and what else can be done about a fresh statement. `usual_at`: the
    station's own hour, where it was not long ago."""
    when = [
        *(
            [Button(ladder_messages.usual_time(usual_at), f"when:{duty.id}:usual", "good")]
            if usual_at
            else []
        ),
        Button(messages.JUST_NOW, f"when:{duty.id}:now", "good"),
        Button(messages.THIS_MORNING, f"when:{duty.id}:morning"),
        Button(messages.YESTERDAY, f"when:{duty.id}:yesterday"),
        Button(messages.OTHER_TIME, f"when:{duty.id}:other"),
    ]
    return (*in_pairs(when), (*proof_row(duty), Button(messages.UNDO, f"undo:{duty.id}")))


def change_row(duty: Duty) -> tuple[Button, ...]:
    """What can still be done about a statement."""
    return (
        Button(messages.OTHER_TIME, f"when:{duty.id}:other"),
        Button(messages.UNDO, f"undo:{duty.id}"),
    )


def proof_row(duty: Duty) -> tuple[Button, ...]:
    return (Button(messages.PROOF, f"proof:{duty.id}"),)


def station_buttons(owed: Sequence[Duty], data: str) -> ButtonRows:
    """One button for each duty, named by its station; `data` has a gap for the duty's number."""
    return tuple((Button(messages.cap(lower_station(d.station)), data.format(d.id)),) for d in owed)


def in_pairs(buttons: Sequence[Button]) -> ButtonRows:
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
