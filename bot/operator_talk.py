"""What an operator can say, and what it does to the record. Knows no chat library.

Every act checks the right to the station first; every reply says what now stands.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from airlog import access, airchecks, deliveries, dialogs, duties, queries, record
from airlog.db import Session
from airlog.models import Duty, Station
from airlog.rules import MAKE_GOOD
from airlog.types import MandateKind, MissedReason
from bot.desk import Caller, KeptFile
from content import messages
from content.typed_moment import parse_moment_vi, slot_on, split_title
from content.typed_time import BadTime
from content.week import LOCAL, Week
from scheduler.channel import Answer, Button, ButtonRows, Outgoing
from scheduler.compose import compose, duty_buttons, item_letter

SAME_MOMENT = timedelta(minutes=10)


def press(session: Session, caller: Caller, act: str, duty: Duty, extra: str) -> Answer:
    """A button under a message about a duty."""
    access.require_operator(session, caller.person, duty.station, act, caller.now)
    deliveries.proven(session, caller.address, caller.incoming.message_ref, caller.now)
    match act:
        case "aired":
            return confirm(session, caller, duty)
        case "when" | "keep" | "own":
            return say_when(session, caller, duty, act, extra)
        case "cannot":
            return cannot(session, caller, duty)
        case "why":
            return say_why(session, caller, duty, extra)
        case "undo":
            return undo(session, caller, duty)
        case "leader":
            record.leader_cleared(
                session, caller.person, duty, caller.source, caller.now, leader="lãnh đạo xã"
            )
            return say(messages.leader_cleared(_week(duty)), duty_buttons(duty)[:1])
        case "script":
            return script(session, duty, caller.now)
        case "files":
            return files(duty)
        case "proof":
            dialogs.ask(session, caller.address, "proof", caller.now, duty)
            return say(messages.ask_proof())
        case "proofof":
            return keep_waiting_proof(session, caller, duty)
        case "got":
            deliveries.got_it(session, duty, caller.address, caller.now)
            return say(messages.thanks_received(_week(duty)), duty_buttons(duty))
        case "again":
            deliveries.resend(session, duty, caller.address, caller.now)
            return say(messages.sending_again(_week(duty)))
        case _:
            return say(messages.not_understood())


def confirm(session: Session, caller: Caller, duty: Duty) -> Answer:
    """“Đã phát”: the tap is the statement; when it aired is asked next."""
    if caller.now >= duty.due_at + MAKE_GOOD:
        dialogs.ask(session, caller.address, "late_time", caller.now, duty)
        return say(messages.too_late(_week(duty)))
    if duty.mandate.kind is MandateKind.POST:
        dialogs.ask(session, caller.address, "url", caller.now, duty)
        return say(messages.ask_url())
    entry, fresh = record.aired(session, caller.person, duty, caller.source, caller.now)
    if not fresh:
        mine = entry.person_id == caller.person.id
        told = (
            messages.already(entry.stated_at)
            if mine
            else messages.already_by(entry.person.name, entry.stated_at)
        )
        return Answer((Outgoing(told, (_change_row(duty),)),), toast=messages.ALREADY)
    deliveries.cancel_reminders(session, duty, caller.now)
    dialogs.close(session, caller.address)
    text = messages.recorded(entry.stated_at, lower_station(duty.station), _week(duty))
    return Answer(
        (Outgoing(text, when_buttons(duty)),),
        edit=_marked(session, caller, duty, messages.stands_aired(entry.stated_at)),
        toast=messages.NOTED,
    )


def say_when(session: Session, caller: Caller, duty: Duty, act: str, extra: str) -> Answer:
    """One of the times offered, or a time that was questioned and is kept."""
    if extra == "other":
        dialogs.ask(session, caller.address, "time", caller.now, duty)
        return say(messages.ask_time())
    if act == "own":
        dialogs.ask(session, caller.address, "own", caller.now, duty)
        return say(messages.ask_own_title())
    if act == "keep":
        moment = datetime.fromtimestamp(int(extra) * 60, tz=caller.now.tzinfo)
        return set_time(session, caller, duty, moment, insisted=True)
    today = caller.now.astimezone(LOCAL).date()
    moments = {
        "now": caller.incoming.sent_at.replace(second=0, microsecond=0),
        "morning": slot_on(today, duty.station.airing_hours, True),
        "yesterday": slot_on(today - timedelta(days=1), duty.station.airing_hours, False),
    }
    if extra not in moments:
        return say(messages.not_understood())
    return set_time(session, caller, duty, moments[extra])


def set_time(
    session: Session, caller: Caller, duty: Duty, aired_at: datetime, *, insisted: bool = False
) -> Answer:
    """Put the claimed time on record, unless it lies ahead or before the item was sent."""
    entry = record.standing_entry(session, duty)
    if entry is None:
        return say(messages.nothing_to_time(), duty_buttons(duty)[:1])
    if aired_at > caller.now:
        dialogs.ask(session, caller.address, "time", caller.now, duty)
        return say(messages.future_time(aired_at))
    sent_at = deliveries.item_sent_at(session, duty)
    if sent_at and aired_at < sent_at and entry.own_title is None and not insisted:
        return say(messages.before_sent(aired_at, sent_at), _question_buttons(duty, aired_at))
    if entry.aired_at is None or abs(entry.aired_at - aired_at) >= SAME_MOMENT:
        note = messages.INSISTED if insisted else None
        entry, _ = record.correct(
            session, caller.person, duty, entry, caller.source, caller.now, aired_at=aired_at, note=note
        )
    dialogs.close(session, caller.address)
    assert entry.aired_at is not None
    text = messages.time_recorded(entry.aired_at, lower_station(duty.station), _week(duty))
    return Answer((Outgoing(text, (_change_row(duty), _proof_row(duty))),), toast=messages.NOTED)


def cannot(session: Session, caller: Caller, duty: Duty) -> Answer:
    entry = record.standing_entry(session, duty)
    if entry is not None:
        return say(messages.aired_stands(entry.stated_at), (_change_row(duty),))
    buttons = [Button(label, f"why:{duty.id}:{code}") for code, label in messages.REASONS.items()]
    return say(messages.ask_reason(), _in_pairs(buttons))


def say_why(session: Session, caller: Caller, duty: Duty, code: str) -> Answer:
    entry = record.standing_entry(session, duty)
    if entry is not None:
        return say(messages.aired_stands(entry.stated_at), (_change_row(duty),))
    if code == MissedReason.OTHER:
        dialogs.ask(session, caller.address, "reason", caller.now, duty)
        return say(messages.ask_other_reason())
    if code not in list(MissedReason):
        return say(messages.not_understood())
    return _missed(session, caller, duty, MissedReason(code), None)


def undo(session: Session, caller: Caller, duty: Duty) -> Answer:
    try:
        record.withdraw(session, caller.person, duty, caller.source, caller.now)
    except record.NothingToChange:
        return say(messages.nothing_to_undo())
    dialogs.close(session, caller.address)
    return say(messages.withdrawn(lower_station(duty.station), _week(duty)), duty_buttons(duty))


def script(session: Session, duty: Duty, now: datetime) -> Answer:
    """The words to be read, under their title."""
    if duty.rundown is None:
        return say(messages.no_item(_week(duty)))
    version = duty.rundown.version
    open_duty = duty.id not in queries.answered(session, [duty.id])
    return say(f"{version.item.title}\n\n{version.script}", duty_buttons(duty)[:1] if open_duty else ())


def files(duty: Duty) -> Answer:
    """The banner, handbook or directive that travels with the item."""
    attached = duty.rundown.version.item.attachments if duty.rundown else []
    if not attached:
        return say(messages.no_files())
    return Answer(tuple(_attachment(Path(one.path), one.name, one.mime) for one in attached))


def typed(session: Session, caller: Caller, awaits: str, duty: Duty | None, text: str) -> Answer:
    """Words in answer to a question."""
    if duty is None:
        dialogs.close(session, caller.address)
        return say(messages.not_understood())
    access.require_operator(session, caller.person, duty.station, awaits, caller.now)
    try:
        match awaits:
            case "time":
                return set_time(session, caller, duty, parse_moment_vi(text, caller.now))
            case "late_time":
                return _late(session, caller, duty, parse_moment_vi(text, caller.now))
            case "own":
                return own_item(session, caller, duty, text)
            case "reason":
                return _missed(session, caller, duty, MissedReason.OTHER, " ".join(text.split())[:300])
            case "url":
                return post(session, caller, duty, text)
            case _:
                return say(messages.not_understood())
    except BadTime:
        return say(messages.bad_own(text) if awaits == "own" else messages.bad_time(text[:40]))


def own_item(session: Session, caller: Caller, duty: Duty, text: str) -> Answer:
    """An item of the station's own making meets the duty of the week in which it was aired."""
    title, aired_at = split_title(text, caller.now)
    if aired_at > caller.now:
        return say(messages.future_time(aired_at))
    same_week = duties.of_station(session, duty.station, str(Week.of(aired_at)))
    about = next((d for d in same_week if d.mandate_id == duty.mandate_id), duty)
    record.aired(
        session, caller.person, about, caller.source, caller.now, aired_at=aired_at, own_title=title[:200]
    )
    deliveries.cancel_reminders(session, about, caller.now)
    dialogs.close(session, caller.address)
    return say(
        messages.own_recorded(title[:200], aired_at, lower_station(duty.station)), (_proof_row(about),)
    )


def post(session: Session, caller: Caller, duty: Duty, text: str) -> Answer:
    """A duty of kind post is proven by its address on the web."""
    url = text.strip().split()[0]
    if not url.lower().startswith(("http://", "https://")) or "." not in url or len(url) > 500:
        return say(messages.ask_url())
    record.aired(session, caller.person, duty, caller.source, caller.now, url=url)
    dialogs.close(session, caller.address)
    return say(messages.post_recorded(url))


def this_week(session: Session, caller: Caller) -> Answer:
    """The operator's own week: each station's message again, or how it stands."""
    answers: list[Outgoing] = []
    for duty in _duties_now(session, caller):
        entry = record.standing_entry(session, duty)
        if entry is not None:
            answers.append(
                Outgoing(
                    messages.stands(
                        lower_station(duty.station), _week(duty), entry.stated_at, entry.aired_at
                    ),
                    (_change_row(duty), _proof_row(duty)),
                )
            )
        elif duty.rundown is not None and deliveries.item_sent_at(session, duty):
            letter = item_letter(
                session, duty, caller.person, caller.now, caller.address.channel, caller.address.bot
            )
            answers.append(letter.message)
    return Answer(tuple(answers)) if answers else say(messages.nothing_this_week(Week.of(caller.now)))


def short_answer(session: Session, caller: Caller) -> Answer | None:
    """“Đã phát” typed instead of tapped: understood when only one duty is open; else asked, never guessed."""
    open_duties = [
        d for d in _duties_now(session, caller) if d.rundown and not record.standing_entry(session, d)
    ]
    if len(open_duties) == 1:
        return confirm(session, caller, open_duties[0])
    if not open_duties:
        return this_week(session, caller)
    buttons = [Button(messages.cap(lower_station(d.station)), f"aired:{d.id}") for d in open_duties]
    return say(messages.which_station(), tuple((button,) for button in buttons))


def start_own(session: Session, caller: Caller) -> Answer:
    found = _duties_now(session, caller)
    if not found:
        return say(messages.nothing_this_week(Week.of(caller.now)))
    if len(found) == 1:
        dialogs.ask(session, caller.address, "own", caller.now, found[0])
        return say(messages.ask_own_title())
    buttons = [Button(messages.cap(lower_station(d.station)), f"own:{d.id}:start") for d in found]
    return say(messages.which_station(), tuple((button,) for button in buttons))


def take_file(session: Session, caller: Caller, kept: KeptFile, awaited: Duty | None) -> Answer:
    """A photo or recording: proof of the duty that was asked about, or of the one it can only mean."""
    if awaited is not None:
        return _attach(session, caller, kept, awaited)
    confirmed = [d for d in _duties_lately(session, caller) if record.standing_entry(session, d)]
    if not confirmed:
        return say(messages.proof_of_nothing())
    dialogs.ask(
        session,
        caller.address,
        "proof_for",
        caller.now,
        data=airchecks.as_text(kept.kind, kept.mime, kept.path, kept.size_bytes),
    )
    buttons = [
        Button(f"Tuần {_week(d).number}, {d.station.area.name}", f"proofof:{d.id}") for d in confirmed[:6]
    ]
    return say(messages.proof_for_which(), tuple((button,) for button in buttons))


def keep_waiting_proof(session: Session, caller: Caller, duty: Duty) -> Answer:
    """The operator has said what the file is proof of."""
    question = dialogs.open_question(session, caller.address, caller.now)
    if question is None or question.awaits != "proof_for":
        return say(messages.ask_proof())
    kind, mime, path, size = airchecks.from_text(question.data)
    return _attach(session, caller, KeptFile(kind, mime, path.stem, path, size), duty)


def when_buttons(duty: Duty) -> ButtonRows:
    when = [
        Button(messages.JUST_NOW, f"when:{duty.id}:now", "good"),
        Button(messages.THIS_MORNING, f"when:{duty.id}:morning"),
        Button(messages.YESTERDAY, f"when:{duty.id}:yesterday"),
        Button(messages.OTHER_TIME, f"when:{duty.id}:other"),
    ]
    return (
        *_in_pairs(when),
        (Button(messages.PROOF, f"proof:{duty.id}"), Button(messages.UNDO, f"undo:{duty.id}")),
    )


def say(text: str, buttons: ButtonRows = ()) -> Answer:
    return Answer((Outgoing(text, buttons),))


def lower_station(station: Station) -> str:
    """A station's name inside a sentence."""
    return station.name[:1].lower() + station.name[1:]


def _late(session: Session, caller: Caller, duty: Duty, aired_at: datetime) -> Answer:
    """A statement about a week long gone counts only with its day, and only if that day lies in the week."""
    if not duty.starts_at <= aired_at < duty.due_at + MAKE_GOOD or aired_at > caller.now:
        return say(messages.not_that_week(aired_at, _week(duty)))
    record.aired(session, caller.person, duty, caller.source, caller.now, aired_at=aired_at)
    dialogs.close(session, caller.address)
    return say(messages.time_recorded(aired_at, lower_station(duty.station), _week(duty)))


def _missed(session: Session, caller: Caller, duty: Duty, reason: MissedReason, note: str | None) -> Answer:
    record.not_aired(session, caller.person, duty, reason, caller.source, caller.now, note=note)
    deliveries.cancel_reminders(session, duty, caller.now)
    dialogs.close(session, caller.address)
    label = note or messages.REASONS[reason].lower()
    text = messages.reason_recorded(label, lower_station(duty.station), _week(duty))
    buttons = (Button(messages.AIRED, f"aired:{duty.id}", "good"), Button(messages.UNDO, f"undo:{duty.id}"))
    return Answer((Outgoing(text, (buttons,)),), toast=messages.NOTED)


def _attach(session: Session, caller: Caller, kept: KeptFile, duty: Duty) -> Answer:
    entry = record.standing_entry(session, duty)
    if entry is None:
        return say(messages.proof_of_nothing())
    airchecks.keep(
        session, entry, caller.person, kept.kind, kept.mime, kept.path, kept.size_bytes, caller.now
    )
    dialogs.close(session, caller.address)
    return say(messages.proof_kept(messages.FILE_KINDS[kept.kind], _week(duty)))


def _marked(session: Session, caller: Caller, duty: Duty, stands: str) -> Outgoing | None:
    """The message that was tapped, saying what now stands in place of its first buttons."""
    row = deliveries.by_message(session, caller.address, caller.incoming.message_ref)
    if row is None or row.duty_id != duty.id:
        return None
    text = compose(session, row, caller.now).message.text
    return Outgoing(f"{text}\n\n{stands}", (*duty_buttons(duty)[1:2], _change_row(duty)))


def _change_row(duty: Duty) -> tuple[Button, ...]:
    return (
        Button(messages.OTHER_TIME, f"when:{duty.id}:other"),
        Button(messages.UNDO, f"undo:{duty.id}"),
    )


def _proof_row(duty: Duty) -> tuple[Button, ...]:
    return (Button(messages.PROOF, f"proof:{duty.id}"),)


def _question_buttons(duty: Duty, aired_at: datetime) -> ButtonRows:
    minutes = int(aired_at.timestamp() // 60)
    return (
        (
            Button(messages.OTHER_TIME, f"when:{duty.id}:other"),
            Button(messages.OWN_ITEM, f"own:{duty.id}:start"),
        ),
        (Button(messages.KEEP_TIME, f"keep:{duty.id}:{minutes}"),),
    )


def _in_pairs(buttons: list[Button]) -> ButtonRows:
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))


def _attachment(path: Path, name: str, mime: str) -> Outgoing:
    if mime.startswith("image/"):
        return Outgoing(name, picture=path)
    return Outgoing(name, document=path)


def _duties_now(session: Session, caller: Caller) -> list[Duty]:
    week = str(Week.of(caller.now))
    stations = access.stations_of(session, caller.person, caller.now)
    return [duty for station in stations for duty in duties.of_station(session, station, week)]


def _duties_lately(session: Session, caller: Caller) -> list[Duty]:
    """This week's duties and last week's, newest first."""
    week = Week.of(caller.now)
    stations = access.stations_of(session, caller.person, caller.now)
    periods = (str(week), str(week.shift(-1)))
    return [
        d for period in periods for station in stations for d in duties.of_station(session, station, period)
    ]


def _week(duty: Duty) -> Week:
    """The week to name; a monthly duty is named by the week it begins in."""
    return Week.of(duty.starts_at)
