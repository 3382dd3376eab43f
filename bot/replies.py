"""Pieces that the operators' replies are made of: buttons that many of them share, and how things are named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from airlog.models import Duty, Station
from content import ladder_messages, messages
from content.typed_moment import slot_on
from content.week import LOCAL, Week
from scheduler.channel import Answer, Button, ButtonRows, Outgoing


def say(text: str, buttons: ButtonRows = ()) -> Answer:
    return Answer((Outgoing(text, buttons),))


def acknowledge(text: str, buttons: ButtonRows = (), edit: Outgoing | None = None) -> Answer:
    """What only says that something stands on record: the first that a bot gives up when its month runs low."""
    return Answer((Outgoing(text, buttons, weight="acknowledgement"),), edit)


def number_of(text: str) -> int | None:
    """A row's number as buttons and forms carry it; None for what is none, or larger than any row's."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def lower_station(station: Station) -> str:
    """A station's name inside a sentence."""
    return station.name[:1].lower() + station.name[1:]


def week_of(duty: Duty) -> Week:
    """The week to name; a monthly duty is named by the week it begins in."""
    return Week.of(duty.starts_at)


def named_moments(duty: Duty, now: datetime) -> dict[str, datetime]:
    """What “Sáng nay” and “Chiều qua” mean for a station, by the button's word: the start of a slot of its own."""
    today, hours = now.astimezone(LOCAL).date(), duty.station.airing_hours
    return {
        "morning": slot_on(today, hours, True),
        "yesterday": slot_on(today - timedelta(days=1), hours, False),
    }


def when_buttons(duty: Duty, now: datetime, usual_at: datetime | None = None) -> ButtonRows:
    """The times that answer “Tin phát lúc nào?”, and what else can be done about a fresh statement. `usual_at`: the
    station's own hour, where it was not long ago. No time before the item was out is offered."""
    since = duty.rundown.send_at if duty.rundown else duty.starts_at
    labels = {"morning": messages.THIS_MORNING, "yesterday": messages.YESTERDAY}
    moments = {word: at for word, at in named_moments(duty, now).items() if since <= at <= now}
    when = [
        *(
            [Button(ladder_messages.usual_time(usual_at), f"when:{duty.id}:usual", "good")]
            if usual_at
            else []
        ),
        Button(messages.JUST_NOW, f"when:{duty.id}:now", "good"),
        *(Button(labels[word], f"when:{duty.id}:{word}") for word in moments),
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
