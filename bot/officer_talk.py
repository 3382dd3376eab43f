"""What an officer can ask and do in the chat: the week, its map and table, one commune, a nudge."""

from __future__ import annotations

import hashlib
from pathlib import Path

from airlog import access, people, queries
from airlog.areas import search_key
from airlog.db import Session
from airlog.queries import DutyLine
from airlog.rules import Sign
from bot.desk import Caller
from bot.replies import say
from content import messages
from content.week import BadWeek, Week
from content.wording import week_vi
from reports.picture import svg_to_png
from reports.signs import LOOKS
from reports.to_xlsx import week_xlsx
from reports.week_map import map_svgs, sorted_by_need
from scheduler.channel import Answer, Outgoing
from scheduler.compose import area_of, officer_week, short_place
from scheduler.plan import plan_nudges


def this_week(session: Session, caller: Caller, label: str = "") -> Answer:
    """/tuannay: figures and names, then the map."""
    week = _week(caller, label)
    if week is None:
        return say(messages.bad_week(label))
    text = officer_week(session, caller.person, week, caller.now)
    return Answer((text, *_maps(session, caller, week)))


def press(session: Session, caller: Caller, act: str, label: str) -> Answer:
    """A button under the officer's week."""
    access.require(session, caller.person, access.OFFICERS, act, caller.now)
    week = _week(caller, label)
    if week is None:
        return say(messages.not_understood())
    match act:
        case "list":
            return say(week_list(session, caller, week))
        case "map":
            return Answer(_maps(session, caller, week))
        case "table":
            lines = _lines(session, caller, week)
            path = _file(caller, f"tuan-{week}-{caller.person.id}.xlsx")
            week_xlsx(lines, week, area_of(session, caller.person, caller.now), caller.now, path)
            return Answer((Outgoing(messages.table_of(week), document=path),))
        case _:
            return nudge(session, caller, week)


def nudge(session: Session, caller: Caller, week: Week) -> Answer:
    """Ask all that have not answered; at most once a day each, and only while the week runs."""
    if caller.now >= week.ends_at:
        return say(messages.week_over(week))
    waiting = [d for d in _lines(session, caller, week) if d.sign in (Sign.SILENT, Sign.PENDING)]
    sent = plan_nudges(session, week, [d.duty_id for d in waiting], caller.desk.channels, caller.now)
    access.note(session, caller.person, "nudge", str(week), caller.now, detail=str(sent))
    return say(messages.nudged(sent, len(waiting)))


def week_list(session: Session, caller: Caller, week: Week) -> str:
    """Every station of the area, worst first, with the time or the reason."""
    lines = sorted_by_need(_lines(session, caller, week))
    if not lines:
        return messages.nothing_this_week(week)
    rows = [
        f"{messages.cap(LOOKS[line.sign].word)}: {short_place(line.area)}{_detail(line)}" for line in lines
    ]
    return messages.list_head(week, area_of(session, caller.person, caller.now)) + "\n" + "\n".join(rows)


def commune(session: Session, caller: Caller, typed: str) -> Answer:
    """/xa TÊN: the last weeks of one commune's stations, and whom to call."""
    key = search_key(typed)
    stations = access.stations_of(session, caller.person, caller.now, access.OFFICERS)
    found = [s for s in stations if key and key in s.area.search_key]
    if not found:
        return say(messages.no_such_commune(typed))
    if len({s.area_code for s in found}) > 1:
        exact = [s for s in found if s.area.search_key == key]
        if not exact:
            return say(messages.several_communes(list(dict.fromkeys(s.area.name for s in found))))
        found = exact
    week = Week.of(caller.now)
    span = (week.shift(-7).starts_at, week.ends_at)
    lines = queries.duty_lines(session, caller.now, between=span, stations=[s.id for s in found])
    several = len(found) > 1
    history = [
        f"{messages.cap(week_vi(Week.of(line.starts_at)))}{', ' + line.station if several else ''}: "
        f"{LOOKS[line.sign].word}{_detail(line)}"
        for line in lines
    ]
    contacts = [
        f"{person.name}, {people.phone_local(person.phone)}"
        for station in found
        for person in access.operators_of(session, station, caller.now)
    ]
    return say(messages.commune_sheet(found[0].area.name, history, contacts))


def _lines(session: Session, caller: Caller, week: Week) -> list[DutyLine]:
    stations = access.stations_of(session, caller.person, caller.now, access.OFFICERS)
    return queries.duty_lines(session, caller.now, period=str(week), stations=[s.id for s in stations])


def _maps(session: Session, caller: Caller, week: Week) -> tuple[Outgoing, ...]:
    stations = [s.id for s in access.stations_of(session, caller.person, caller.now, access.OFFICERS)]
    area = area_of(session, caller.person, caller.now)
    svgs = map_svgs(session, stations, week, area, caller.now)
    return tuple(Outgoing(messages.map_of(week), picture=_picture(caller, svg)) for svg in svgs)


def _picture(caller: Caller, svg: str) -> Path:
    path = _file(caller, f"map-{hashlib.sha256(svg.encode()).hexdigest()[:16]}.png")
    if not path.exists():
        path.write_bytes(svg_to_png(svg, 1080))
    return path


def _file(caller: Caller, name: str) -> Path:
    folder = caller.desk.var_dir / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def _week(caller: Caller, label: str) -> Week | None:
    """A label as `2026-W48` or just a number, the last such week; this week when empty."""
    this = Week.of(caller.now)
    if not label:
        return this
    try:
        if not label.isdecimal():
            return Week.parse(label)
        week = Week.parse(f"{this.year}-W{label:0>2}")
        return week if week <= this.next() else Week.parse(f"{this.year - 1}-W{label:0>2}")
    except BadWeek:
        return None


def _detail(line: DutyLine) -> str:
    how = line.standing
    if how.reason is not None:
        return f" ({line.note or messages.REASONS[how.reason].lower()})"
    moment = how.aired_at or how.stated_at
    return f" ({messages.at(moment)})" if moment else ""
