"""/xa TÊN: which commune is meant, and all an officer needs about it on one screen."""

from __future__ import annotations

import re
from collections.abc import Sequence

from airlog import access, area_reads, areas, excuses, inquiries, nudges, people, queries, record
from airlog.db import Session
from airlog.ledger_places import Place
from airlog.models import Duty, Station
from airlog.queries import DutyLine
from airlog.rules import NEED, Sign
from airlog.scope import lower_kind
from airlog.types import EntryKind
from bot.desk import Caller
from bot.officer_reads import detail, places_of, short_province, week_of_label
from bot.replies import in_pairs, say
from content import excuse_messages, messages, officer_messages
from content.typed_place import find_places, place_key
from content.week import Week
from content.wording import week_vi
from reports.signs import LOOKS
from reports.words import VERDICTS
from scheduler.channel import Answer, Button, ButtonRows, Outgoing
from scheduler.compose import short_place
from scheduler.inquiries import review_buttons

WEEKS = 8
MOST_CHOICES = 8
TEXT_SIGNS = {
    Sign.AIRED: "●", Sign.LATE: "◐", Sign.PART: "◎", Sign.CANNOT: "✕", Sign.SILENT: "○", Sign.EXCUSED: "–",
    Sign.PENDING: "□",
}  # fmt: skip
"""The shapes of reports/signs.py as letters, for a text."""
_OWED_NOTHING = "·"
_WEEK = re.compile(r"(.*\S)\s+tu[aầ]n\s+(\d{1,2}|\d{4}-[Ww]\d{1,2})", re.IGNORECASE)


def commune(session: Session, caller: Caller, typed: str) -> Answer:
    """The sheet of the commune that was typed, of this week or of “… tuần 47”."""
    if not place_key(typed):
        return say(officer_messages.ASK_COMMUNE)
    asked = _WEEK.fullmatch(typed)
    week = week_of_label(caller, asked[2]) if asked else Week.of(caller.now)
    if week is None:
        return say(officer_messages.bad_week(typed))
    found = find(session, caller, asked[1] if asked else typed)
    return found if isinstance(found, Answer) else sheet(session, caller, found, week)


def find(session: Session, caller: Caller, typed: str) -> Station | Answer:
    """The one station that is meant, or what has to be asked or refused. Only the own area is searched."""
    name, _, where = typed.partition(",")
    mine = [one for one in places_of(session, caller) if _lies(one, where)]
    by_code = {one.code: one for one in mine}
    codes = list(by_code)
    match = find_places(name, [by_code[code].name for code in codes])
    found = [by_code[codes[number]] for number in match.found]
    kept = [one for one in mine if _called(one) == place_key(name) != place_key(one.name)]
    if len(kept) == 1 and (not found or match.is_slip or kept[0].code in {one.code for one in found}):
        return session.get_one(Station, kept[0].station_id)
    if not found or match.is_slip:
        heirs = area_reads.heirs_of_name(session, name)
        if now := [by_code[code] for code in heirs if code in by_code]:
            return say(officer_messages.now_is(heirs[now[0].code], _labels(now)), _choice(now))
        refused = _outside(session, caller, name, set(codes))
        if refused:
            near = found or [by_code[codes[number]] for number in match.nearest]
            return say(officer_messages.not_your_area(refused, _labels(near[:3])), _choice(near[:3]))
    if not found:
        near = [by_code[codes[number]] for number in match.nearest]
        return say(officer_messages.no_such_commune(name, _labels(near)), _choice(near))
    if len(found) > 1:
        return _which(caller, found)
    stations = [one for one in mine if one.code == found[0].code]
    if len(stations) > 1:
        return which_station(stations)
    return session.get_one(Station, stations[0].station_id)


def by_code(session: Session, caller: Caller, code: str) -> Answer:
    """A button that names a commune."""
    here = [one for one in places_of(session, caller) if one.code == code]
    if not here:
        access.refuse(session, caller.person, "o.xa", f"area {code[:40]}", caller.now)
        return say("Đài này không thuộc khu vực anh/chị phụ trách.")
    if len(here) > 1:
        return which_station(here)
    return sheet(session, caller, session.get_one(Station, here[0].station_id), Week.of(caller.now))


def which_station(stations: Sequence[Place]) -> Answer:
    buttons = tuple((Button(one.station, f"o:st:{one.station_id}"),) for one in stations[:MOST_CHOICES])
    names = "" if len(stations) > MOST_CHOICES else " " + "; ".join(one.station for one in stations) + "."
    return say(officer_messages.which_station(lower_kind(stations[0].name)) + names, buttons)


def sheet(session: Session, caller: Caller, station: Station, week: Week) -> Answer:
    """One station: how it stands, what was sent and said, whom to call, its last weeks, what can be done."""
    span = (week.shift(1 - WEEKS).starts_at, week.ends_at)
    lines = queries.duty_lines(session, caller.now, between=span, stations=[station.id])
    now = sorted((one for one in lines if one.period == str(week)), key=lambda one: NEED.index(one.sign))
    parts = [_head(station)]
    parts += [_state(one, week, several=len(now) > 1) for one in now] or [officer_messages.DUTY_GONE]
    duty = session.get_one(Duty, now[0].duty_id) if now else None
    if duty is not None:
        parts += _about(session, caller, duty, now[0])
    parts += _crew(session, caller, station)
    parts.append(_history(lines, week))
    if duty is None:
        return say("\n".join(parts), _other_week(station, week, caller, lines))
    if not caller.incoming.buttons:
        can = _can(caller, now[0], week)
        return say("\n".join([*parts, officer_messages.sheet_typed(short_place(station.area.name), can)]))
    rows = (*_buttons(session, caller, duty, now[0], week), *_other_week(station, week, caller, lines))
    return Answer((Outgoing("\n".join(parts), rows),))


def neediest(session: Session, caller: Caller, station: Station, week: Week) -> Duty | None:
    """What a station owes in a week; of several the one that needs somebody most."""
    lines = queries.duty_lines(session, caller.now, period=str(week), stations=[station.id])
    first = min(lines, key=lambda one: NEED.index(one.sign), default=None)
    return session.get_one(Duty, first.duty_id) if first else None


def _called(place: Place) -> str:
    """What a station is called for: of stations that a merger brought into one commune each keeps its own name."""
    return place_key(areas.called(place.station, place.name))


def _lies(place: Place, where: str) -> bool:
    wanted = place_key(where)
    return not wanted or any(wanted in place_key(one) for one in (place.cluster, place.province))


def _outside(session: Session, caller: Caller, name: str, mine: set[str]) -> str:
    """The commune of another area whose very name this is; the refusal is written down."""
    others = [area for area in areas.spelt(session, name) if area.code not in mine]
    if not others:
        return ""
    access.refuse(session, caller.person, "o.xa", f"area {others[0].code}", caller.now)
    return lower_kind(others[0].name)


def _which(caller: Caller, found: Sequence[Place]) -> Answer:
    """Several fit: a button for each, told apart by where they lie."""
    labels = _labels(found[:MOST_CHOICES])
    text = officer_messages.which_commune(labels, len(found))
    if not caller.incoming.buttons:
        where = f", {short_province(found[0].province)}" if labels[0] != found[0].name else ""
        return say(f"{text} {officer_messages.which_typed(found[0].name + where)}")
    return say(text, _choice(found[:MOST_CHOICES]))


def _labels(found: Sequence[Place]) -> list[str]:
    """Names, with the province where one of them occurs twice."""
    same = len({place_key(one.name) for one in found}) < len(found)
    return [f"{one.name} ({short_province(one.province)})" if same else one.name for one in found]


def _choice(near: Sequence[Place]) -> ButtonRows:
    return tuple((Button(label, f"o:xa:{one.code}"),) for label, one in zip(_labels(near), near, strict=True))


def _head(station: Station) -> str:
    area = station.area
    where = [area.former_district] if area.former_district else []
    name = area.name + (f" ({where[0]} cũ)" if where else "")
    is_usual = station.name == f"Đài truyền thanh {lower_kind(area.name)}"
    return name if is_usual else f"{name}\n{station.name}"


def _state(line: DutyLine, week: Week, *, several: bool) -> str:
    what = f", {line.title}" if several and line.title else ""
    by = f", {line.person} ghi" if line.sign is Sign.EXCUSED and line.person else ""
    return f"{messages.cap(week_vi(week))}{what}: {LOOKS[line.sign].word}{detail(line)}{by}"


def _about(session: Session, caller: Caller, duty: Duty, line: DutyLine) -> list[str]:
    parts = [officer_messages.sent(line.title, line.sent_at)]
    if line.sign in (Sign.PENDING, Sign.SILENT):
        parts += _reminded(session, caller, duty)
    review = record.last_entry(session, duty, EntryKind.REVIEWED)
    if review is not None:
        words = VERDICTS.get(review.verdict or "", "")
        parts.append(officer_messages.verdict(words, review.person.name, review.stated_at, review.note or ""))
        asked = inquiries.of_duty(session, duty)
        if asked is not None and not asked.is_answered:
            parts.append(officer_messages.UNANSWERED)
    return parts


def _reminded(session: Session, caller: Caller, duty: Duty) -> list[str]:
    nudged = nudges.nudged_today(session, [duty.id], caller.now).get(duty.id)
    if nudged is not None:
        return [officer_messages.nudged_today(nudged, caller.now)]
    last = nudges.last_reminded(session, duty.id)
    return [officer_messages.reminded(last)] if last else []


def _crew(session: Session, caller: Caller, station: Station) -> list[str]:
    crew = access.operators_of(session, station, caller.now)[:3]
    told = officer_messages.crew([(one.name, people.phone_local(one.phone)) for one in crew])
    return [told, officer_messages.call([one.phone for one in crew])] if crew else [told]


def _history(lines: Sequence[DutyLine], week: Week) -> str:
    """The last weeks as signs, oldest first, with the words of those that occur."""
    signs: dict[str, Sign] = {}
    for line in lines:
        before = signs.get(line.period, line.sign)
        signs[line.period] = min(before, line.sign, key=NEED.index)
    weeks = [week.shift(by) for by in range(1 - WEEKS, 1)]
    if not any(str(one) in signs for one in weeks):
        return officer_messages.NO_WEEKS
    row = [TEXT_SIGNS[signs[str(one)]] if str(one) in signs else _OWED_NOTHING for one in weeks]
    seen = [sign for sign in TEXT_SIGNS if sign in signs.values()]
    legend = [f"{TEXT_SIGNS[sign]} {LOOKS[sign].word}" for sign in seen]
    return officer_messages.last_weeks(weeks[0], week, row, legend)


def _can(caller: Caller, line: DutyLine, week: Week) -> list[str]:
    """Which acts make sense about a duty as it stands."""
    runs = week.starts_at <= caller.now < week.ends_at
    match line.sign:
        case Sign.PENDING | Sign.SILENT:
            return ["nudge", "excuse"] if runs else ["excuse"]
        case Sign.EXCUSED:
            return ["unexcuse"]
        case Sign.CANNOT:
            return ["excuse"]
        case _:
            return ["accept", "ask", "reject"]


def _buttons(session: Session, caller: Caller, duty: Duty, line: DutyLine, week: Week) -> ButtonRows:
    can = _can(caller, line, week)
    label = excuse_messages.EXCUSE if week == Week.of(caller.now) else f"Miễn tuần {week.number}"
    nudged = duty.id in nudges.nudged_today(session, [duty.id], caller.now)
    may_nudge = "nudge" in can and not nudged
    row = [Button(officer_messages.NUDGE, f"o:nudge:{duty.id}", "good")] if may_nudge else []
    if "excuse" in can:
        row.append(Button(label, f"o:excuse:{duty.id}"))
    if "unexcuse" in can and excuses.standing(session, duty):
        row.append(Button(excuse_messages.UNEXCUSE, f"o:unexcuse:{duty.id}"))
    standing = record.standing_entry(session, duty)
    reviews = review_buttons(session, duty, standing) if standing else ()
    return (*(in_pairs(row) if row else ()), *reviews)


def _other_week(station: Station, week: Week, caller: Caller, lines: Sequence[DutyLine]) -> ButtonRows:
    """The week before, for what was left undone there; and back."""
    if not caller.incoming.buttons:
        return ()
    this, before = Week.of(caller.now), week.shift(-1)
    row = []
    if str(before) in {line.period for line in lines}:
        row.append(Button(f"Tuần {before.number}", f"o:st:{station.id}:{before}"))
    if week < this:
        row.append(Button(f"Tuần {week.next().number}", f"o:st:{station.id}:{week.next()}"))
    return (tuple(row),) if row else ()
