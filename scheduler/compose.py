"""A planned row becomes a message, at the moment it leaves: figures and names are those of that moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from airlog import access, contact_cap, deliveries, excuses, people, queries, reach, recalls, tracks
from airlog.db import Session
from airlog.models import Delivery, Duty, Person, Rundown, Station
from airlog.rules import Said, Sign
from airlog.scope import Scope, lower_kind, scope_name
from airlog.types import Rung
from content import excuse_messages, ladder_messages, messages, notice_messages
from content.week import Week
from scheduler.budget import budget_alert, is_budget_alert
from scheduler.channel import Button, Outgoing
from scheduler.inquiries import reply_notice, review_notice
from scheduler.item import Letter, Wordings, duty_buttons, item_letter
from scheduler.letters import LOST_WITHIN, TELLS_LOST, silent_for
from scheduler.recalls import recall_alert, recall_notice


def compose(session: Session, row: Delivery, now: datetime, wordings: Wordings | None = None) -> Letter:
    """The message of one delivery row. What may have gone out before, to an officer or admin, says so."""
    letter = _letter(session, row, now, wordings)
    if row.rung in deliveries.REPEATED and row.attempts:  # it is composed before the claim that counts
        return letter.saying(f"{notice_messages.MAYBE_REPEATED}\n\n{letter.message.text}")
    return letter


def _letter(session: Session, row: Delivery, now: datetime, wordings: Wordings | None) -> Letter:
    week = Week.parse(row.period)
    match row.rung:
        case Rung.ITEM:
            assert row.duty is not None
            named = access.serves_several(session, row.person_id, now)
            letter = item_letter(
                session, row.duty, row.address.channel, row.address.bot, named=named, wordings=wordings
            )
            return _with_excuse(session, row.duty, letter)
        case Rung.QUESTION | Rung.REMINDER_1 | Rung.REMINDER_2 | Rung.NUDGE:
            assert row.duty is not None
            text = _reminder(session, row, row.duty, week, now)
            asked = Letter(Outgoing(text, duty_buttons(session, row.duty), weight="reminder"))
            return _with_excuse(session, row.duty, asked)
        case Rung.ASK:
            buttons = (
                Button("Đã nhận", f"got:{row.duty_id}", "good"),
                Button("Chưa, gửi lại", f"again:{row.duty_id}"),
            )
            return Letter(Outgoing(notice_messages.ask_received(week), (buttons,)))
        case Rung.ALERT:
            return Letter(_alert(session, row, week))
        case Rung.RECALL:
            return Letter(recall_notice(session, row))
        case Rung.LOST:
            return Letter(Outgoing(_lost_words(_lost(session, row, now))))
        case Rung.REVIEW:
            return Letter(review_notice(session, row, now))
        case Rung.REPLY:
            return Letter(reply_notice(session, row))
        case Rung.ESCALATION | Rung.DIGEST:
            return Letter(_officer_letter(session, row, week, now))
        case Rung.LEADER | Rung.PROVINCE:
            return Letter(_silent_letter(session, row, week, now))


def excuse_of(session: Session, duty: Duty) -> str:
    """That an officer excused the station, for the operator; empty where none did, or it was aired after all."""
    excuse = excuses.standing(session, duty) if duty.said is Said.EXCUSED else None
    if excuse is None:
        return ""
    reason = excuse.note or excuse_messages.reason_words(str(excuse.reason))
    return excuse_messages.item_excused(
        Week.of(duty.starts_at), reason, excuse.person.name, excuse.stated_at, messages.AIRED
    )


def _with_excuse(session: Session, duty: Duty, letter: Letter) -> Letter:
    excuse = excuse_of(session, duty)
    return letter.saying(f"{excuse}\n\n{letter.message.text}") if excuse else letter


def officer_week(session: Session, person: Person, week: Week, now: datetime) -> Outgoing:
    """How the officer's area stands: one sentence of figures and names, and what can be done about it."""
    stations = access.stations_of(session, person, now, access.OFFICERS)
    lines = queries.duty_lines(session, now, period=str(week), stations=[s.id for s in stations])
    figures = queries.counts(lines)
    waiting = [line for line in lines if line.sign in (Sign.SILENT, Sign.PENDING)]
    text = notice_messages.digest(
        week,
        area_of(session, person, now),
        (figures.aired, figures.late, figures.cannot + figures.part, len(waiting), figures.total),
        [short_place(line.area) for line in waiting],
    )
    left_out = contact_cap.left_out(session, [s.id for s in stations], str(week))
    if left_out:
        text += f"\n{ladder_messages.left_out(left_out)}"
    buttons = (
        Button("Xem danh sách", f"list:{week}"),
        Button("Bản đồ nhiệt", f"map:{week}"),
        Button("Tải bảng", f"table:{week}"),
    )
    if not waiting or now >= week.ends_at:
        return Outgoing(text, (buttons,))
    nudge = Button(f"Nhắc {len(waiting)} đài", f"nudge:{week}", "good")
    return Outgoing(text, ((nudge,), buttons))


def area_of(session: Session, person: Person, now: datetime) -> str:
    """What an officer looks after, in words."""
    grants = access.grants_of(session, person, now, access.OFFICERS)
    names = dict.fromkeys(scope_name(session, Scope.parse(g.scope)) for g in grants)
    return "; ".join(names) or "chưa có khu vực"


def short_place(area: str) -> str:
    """“Xã Đắk Wil” -> “Đắk Wil”, for lists; “Phường 1 Bảo Lộc” stays, a bare “1 Bảo Lộc” reads like a number of places."""
    for kind in ("Xã ", "Phường ", "Đặc khu "):
        bare = area.removeprefix(kind)
        if bare != area and not bare[0].isdecimal():
            return bare
    return area


def place_name(station: Station) -> str:
    return lower_kind(station.area.name)


def officer_contact(session: Session, station: Station, now: datetime) -> tuple[str, str] | None:
    """Whom an operator can call: the officer of the narrowest area."""
    found = access.officers_of(session, station, now)
    return (found[-1].name, people.phone_local(found[-1].phone)) if found else None


def _reminder(session: Session, row: Delivery, duty: Duty, week: Week, now: datetime) -> str:
    place = place_name(duty.station)
    match row.rung:
        case Rung.QUESTION:
            return ladder_messages.question(week, place)
        case Rung.REMINDER_1:
            return notice_messages.reminder_1(week, place)
        case Rung.REMINDER_2:
            return notice_messages.reminder_2(week, place, officer_contact(session, duty.station, now))
        case _:
            return notice_messages.nudge(week, place)


def _officer_letter(session: Session, row: Delivery, week: Week, now: datetime) -> Outgoing:
    """The officer's one letter of the day: the week, and whom a chat no longer reaches."""
    told, lost = officer_week(session, row.person, week, now), _lost(session, row, now)
    return replace(told, text=f"{told.text}\n\n{_lost_words(lost)}") if lost else told


def _silent_letter(session: Session, row: Delivery, week: Week, now: datetime) -> Outgoing:
    """To a commune leader or the province: their silent stations, and whom to call about each."""
    silent = silent_for(session, row, now)
    if not silent:
        return Outgoing(ladder_messages.all_answered(week))
    if row.rung is Rung.LEADER:
        called = [(lower_kind(line.area), _contacts(session, line.station_id, now)) for line in silent]
        return Outgoing(ladder_messages.leader(week, called))
    places = [(short_place(line.area), ()) for line in silent]
    return Outgoing(ladder_messages.province(week, area_of(session, row.person, now), places))


def _contacts(session: Session, station_id: int, now: datetime) -> list[str]:
    crew = access.operators_of(session, session.get_one(Station, station_id), now)
    return [f"{person.name}, {people.phone_local(person.phone)}" for person in crew]


def _lost_words(found: Sequence[reach.Lost]) -> str:
    lines = [(one.person, [short_place(name) for name in one.stations], one.other) for one in found]
    return notice_messages.lost_operators(lines)


def _lost(session: Session, row: Delivery, now: datetime) -> list[reach.Lost]:
    """Operators whom a chat no longer reaches, since the letter before, which told of the earlier ones."""
    before = deliveries.last_letter(session, row.person_id, TELLS_LOST, before_id=row.id)
    since = before.due_at if before else row.due_at - LOST_WITHIN - timedelta(days=1)
    return reach.lost(session, row.person, since, now)


def _alert(session: Session, row: Delivery, week: Week) -> Outgoing:
    """The key names what it is about: a recall that waits (`-:recall<id>:…`), a bot's budget (`-:month:…`), or a
    rundown (`-:track:<id>:…` has no sound, `-:voice:<id>:…` has it from another voice than was wished)."""
    if recalls.id_in(row.key) is not None:
        return recall_alert(session, row)
    if is_budget_alert(row):
        return budget_alert(session, row)
    _, about, rundown_id = row.key.split(":")[:3]
    rundown = session.get_one(Rundown, int(rundown_id))
    if about == "voice":
        trouble = tracks.trouble(session, rundown)
        return Outgoing(notice_messages.voice_alert(week, rundown.version.item.title, trouble))
    return Outgoing(notice_messages.no_track_alert(week, rundown.version.item.title))
