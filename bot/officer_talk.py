"""What an officer asks about a week in the chat: figures and names, the map, the list, the table."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from airlog import access, areas, inquiries, ledger, ledger_places, nudges, queries, reviews
from airlog.access import Sight
from airlog.db import Session
from airlog.ledger_places import ALL, Choice
from airlog.queries import Counts, DutyLine
from airlog.rules import Said, Sign, said_by
from bot import officer_acts
from bot.desk import Caller
from bot.officer_reads import detail, short_province, week_of_label
from bot.replies import in_pairs, say
from content import messages, officer_messages
from content.week import Week
from reports.ledger_xlsx import as_xlsx
from reports.picture import svg_to_png
from reports.signs import LOOKS
from reports.to_xlsx import week_view
from reports.week_map import MOST_ROWS, ROWS_OF_MANY, WEEKS, map_svgs, sorted_by_need
from scheduler.channel import Answer, Button, ButtonRows, Outgoing
from scheduler.compose import area_of, short_place

MOST_LISTED = 150
"""Rows of a list: two messages. More are read on the page."""
_LIST_CHARS = 1600
"""Where a message holds 2,000 characters and what to type is told as well."""
_NAMED = 200
_BY_NAME = 40
"""Names in one row; more are told by cluster."""
_CAPTION_CHARS = 1000
_PLACES = 12
_PART = re.compile(r"[0-9]{2,3}")
"""A province or a former district, as a button names it."""


def this_week(session: Session, caller: Caller, label: str = "") -> Answer:
    """/tuannay: figures, who is silent or broken, the map."""
    week = week_of_label(caller, label)
    if week is None:
        return say(officer_messages.bad_week(label))
    sight = access.sight(session, caller.person, caller.now)
    figures = ledger.counts(session, sight, ALL, str(week), caller.now)
    text = _week_text(session, caller, sight, week, figures)
    if not caller.incoming.buttons:
        return say(f"{text}\n{officer_messages.WEEK_TYPED}" if figures.total else text)
    buttons = _week_buttons(session, caller, sight, week, figures)
    maps = _maps(session, caller, week, most=1) if figures.total else ()
    if maps and len(text) <= _CAPTION_CHARS:
        return Answer((replace(maps[0], text=text, buttons=buttons),))
    return Answer((Outgoing(text, buttons), *maps))


def press(session: Session, caller: Caller, act: str, label: str) -> Answer:
    """A button under the officer's week. `label`: the week, for a map also the area that is chosen."""
    access.require(session, caller.person, access.OFFICERS, act, caller.now)
    label, _, scope = label.partition(":")
    week = week_of_label(caller, label)
    if week is None or (scope and not _PART.fullmatch(scope)):
        return say(messages.NOT_UNDERSTOOD)
    match act:
        case "list":
            return say(week_list(session, caller, week))
        case "map":
            return _map_answer(session, caller, week, scope)
        case "table":
            return _table(session, caller, week)
        case _:
            return officer_acts.preview(session, caller, week)


def week_list(session: Session, caller: Caller, week: Week) -> str:
    """Every station of the area, worst first, with the time or the reason."""
    sight = access.sight(session, caller.person, caller.now)
    total = ledger.counts(session, sight, ALL, str(week), caller.now).total
    if not total:
        return messages.nothing_this_week(week)
    ids = ledger.ids_by_need(session, sight, ALL, str(week), caller.now, limit=MOST_LISTED)
    lines = sorted_by_need(queries.duty_lines(session, caller.now, duty_ids=ids))
    rows = [f"{messages.cap(LOOKS[one.sign].word)}: {_place(one)}{detail(one)}" for one in lines]
    if not caller.incoming.buttons:
        rows = _within(rows, _LIST_CHARS)
    more = [officer_messages.more_rows(total - len(rows))] if total > len(rows) else []
    head = officer_messages.list_head(week, area_of(session, caller.person, caller.now))
    return "\n".join([head, *rows, *more])


def _week_text(session: Session, caller: Caller, sight: Sight, week: Week, figures: Counts) -> str:
    area = area_of(session, caller.person, caller.now)
    parts = [officer_messages.nothing_owed(week, area)]
    if figures.total:
        parts = _figures(session, caller, sight, week, figures)
    asked = inquiries.open_of_area(session, sight, caller.now)
    if asked:
        found = [
            (
                short_place(areas.called(one.duty.station.name, one.duty.station.area.name)),
                Week.of(one.duty.starts_at),
            )
            for one in asked
        ]
        parts.append(officer_messages.waiting_answers(found))
    return "\n".join(parts)


def _figures(session: Session, caller: Caller, sight: Sight, week: Week, figures: Counts) -> list[str]:
    """The sentence of figures, then who is broken and who is silent."""
    area, waiting = area_of(session, caller.person, caller.now), figures.silent + figures.pending
    told = (
        (figures.part, "phát thiếu"), (figures.cannot, "chưa phát được"), (figures.excused, "được miễn"),
        (waiting, "chưa trả lời"),
    )  # fmt: skip
    parts = [officer_messages.sentence(week, area, figures.met, figures.late, figures.total, told)]
    if figures.cannot:
        parts.append(_names(session, caller, sight, week, Sign.CANNOT, figures.cannot))
    if waiting:
        sign = Sign.SILENT if figures.silent else Sign.PENDING
        parts.append(_names(session, caller, sight, week, sign, waiting))
    return parts


def _names(session: Session, caller: Caller, sight: Sight, week: Week, sign: Sign, total: int) -> str:
    head = messages.cap(LOOKS[Sign.SILENT if sign is Sign.PENDING else sign].word)
    if total > _NAMED:
        return officer_messages.numbers(head, _by_province(session, caller, sight, week, sign), total)
    ids = ledger.ids_by_need(session, sight, Choice(sign), str(week), caller.now, limit=_NAMED)
    lines = queries.duty_lines(session, caller.now, duty_ids=ids)
    most = 600 if not caller.incoming.buttons else 2500
    if total <= _BY_NAME:
        if sign is Sign.CANNOT:
            return officer_messages.by_reason(head, _by_reason(lines), total)
        return officer_messages.names(head, [_place(one) for one in lines], total, most)
    return officer_messages.grouped(head, _by_place(session, lines), total, most)


def _by_province(
    session: Session, caller: Caller, sight: Sight, week: Week, sign: Sign
) -> list[tuple[str, int]]:
    """How many stations bear a sign in each province, most first."""
    said = said_by(sign, over=caller.now >= week.ends_at)
    ids = [station for _, station, *_ in ledger.told(session, sight, ALL, str(week), said)]
    where = ledger_places.places(session, ids)
    found = Counter(short_province(where[one].province) for one in ids)
    return found.most_common()


def _place(line: DutyLine) -> str:
    return short_place(areas.called(line.station, line.area))


def _by_reason(lines: Sequence[DutyLine]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        found.setdefault(detail(line)[2:-1], []).append(_place(line))
    return sorted(found.items(), key=lambda one: -len(one[1]))


def _by_place(session: Session, lines: Sequence[DutyLine]) -> list[tuple[str, list[str]]]:
    """Names by former district, those with most first; by province where the area holds several."""
    where = ledger_places.places(session, [line.station_id for line in lines])
    several = len({one.province_code for one in where.values()}) > 1
    found: dict[str, list[str]] = {}
    for line in lines:
        place = where[line.station_id]
        key = place.province if several else place.cluster or "Nơi khác"
        found.setdefault(key, []).append(_place(line))
    return sorted(found.items(), key=lambda one: -len(one[1]))


def _week_buttons(session: Session, caller: Caller, sight: Sight, week: Week, figures: Counts) -> ButtonRows:
    rows: list[tuple[Button, ...]] = []
    unasked = _unasked(session, caller, sight, week, figures)
    if unasked and week.starts_at <= caller.now < week.ends_at:
        rows.append((Button(officer_messages.nudge_label(unasked), f"nudge:{week}", "good"),))
    rows.append(
        (
            Button(officer_messages.LIST, f"list:{week}"),
            Button(officer_messages.MAP, f"map:{week}"),
            Button(officer_messages.TABLE, f"table:{week}"),
        )
    )
    unseen = len(reviews.queue(session, sight, ALL, str(week), frozenset()))
    if unseen:
        rows.append((Button(officer_messages.review_label(unseen), f"o:next:{week}"),))
    return tuple(rows) if figures.total else ()


def _unasked(session: Session, caller: Caller, sight: Sight, week: Week, figures: Counts) -> int:
    """How many wait that were not nudged today; of very many as many as wait."""
    waiting = figures.silent + figures.pending
    if not waiting or waiting > _NAMED:
        return waiting
    open_ = [id_ for id_, *_ in ledger.told(session, sight, ALL, str(week), (Said.OPEN, Said.RECALLED))]
    return len(open_) - len(nudges.nudged_today(session, open_, caller.now))


def _table(session: Session, caller: Caller, week: Week) -> Answer:
    if not caller.incoming.buttons:
        return say(officer_messages.NO_PICTURES)
    stations = access.stations_of(session, caller.person, caller.now, access.OFFICERS)
    ids = [station.id for station in stations]
    lines = queries.duty_lines(session, caller.now, period=str(week), stations=ids)
    path = _file(caller, f"tuan-{week}-{caller.person.id}.xlsx")
    view = week_view(lines, week, area_of(session, caller.person, caller.now))
    made = partial(_write, path, partial(as_xlsx, view, caller.now))
    return Answer((Outgoing(officer_messages.table_of(week), document=path, make=made),))


def _map_answer(session: Session, caller: Caller, week: Week, scope: str) -> Answer:
    if not caller.incoming.buttons:
        return say(officer_messages.NO_PICTURES)
    return Answer(_maps(session, caller, week, scope))


def _maps(
    session: Session, caller: Caller, week: Week, scope: str = "", most: int = 9
) -> tuple[Outgoing, ...]:
    """As many pictures as a phone can read, those first that need somebody; of a whole country these alone, and where
    to look further."""
    sight, choice = access.sight(session, caller.person, caller.now), Choice(area=scope)
    periods = [str(week.shift(by)) for by in range(1 - WEEKS, 1)]
    ids = ledger.stations_by_need(session, sight, choice, periods, caller.now)
    shown = ids if len(ids) <= MOST_ROWS else ids[:ROWS_OF_MANY]
    area = area_of(session, caller.person, caller.now)
    if scope and shown:
        first = ledger_places.places(session, shown[:1])[shown[0]]
        area = first.cluster if len(scope) == 3 else first.province
    svgs = map_svgs(session, shown, week, area, caller.now)
    pictures = [_picture(caller, week, svg) for svg in svgs[:most]]
    if len(shown) < len(ids) and most > 1:
        text = officer_messages.only_neediest(len(shown), len(ids))
        pictures.append(Outgoing(text, _where(session, sight, week)))
    return tuple(pictures)


def _where(session: Session, sight: Sight, week: Week) -> ButtonRows:
    """The parts of a large area: its provinces, or the former districts of its one province."""
    clusters = ledger_places.clusters(session, sight)
    provinces = dict.fromkeys((one.province_code, one.province) for one in clusters)
    parts = list(provinces) if len(provinces) > 1 else [(one.code, one.name) for one in clusters if one.code]
    return in_pairs(
        [Button(short_province(name), f"map:{week}:{code}") for code, name in parts[: 3 * _PLACES]]
    )


def _within(rows: Sequence[str], most_chars: int) -> list[str]:
    found: list[str] = []
    for row in rows:
        if sum(len(one) + 1 for one in found) + len(row) > most_chars:
            break
        found.append(row)
    return found


def _picture(caller: Caller, week: Week, svg: str) -> Outgoing:
    """A map under a name that says what is drawn: it is drawn once."""
    path = _file(caller, f"map-{hashlib.sha256(svg.encode()).hexdigest()[:16]}.png")
    made = None if path.exists() else partial(_write, path, partial(svg_to_png, svg, 1080))
    return Outgoing(officer_messages.map_of(week), picture=path, make=made)


def _write(path: Path, content: Callable[[], bytes]) -> None:
    """In one piece: another officer may be about to send the same file."""
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    draft.write_bytes(content())
    draft.replace(path)


def _file(caller: Caller, name: str) -> Path:
    folder = caller.desk.var_dir / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name
