"""What a change of communes would do, in words for the page that asks before it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from airlog.area_changes import Preview
from airlog.area_effects import Effects, Shift
from airlog.area_follow import Reach
from airlog.area_orders import Order
from airlog.areas import province_name
from airlog.db import Session
from content import area_messages as words
from web.pages import ROLE_WORDS

MOST_NAMED = 4
_UNITS = {"ended": "chấm dứt", "founded": "thành lập", "changed": "đổi", "stays": "giữ nguyên"}
_STATIONS = {
    "moved": "thành điểm của",
    "closed": "đóng cửa, hồ sơ chuyển về",
    "founded": "lập mới ở",
    "renamed": "đổi tên, vẫn ở",
}


@dataclass(frozen=True)
class ChangeView:
    """One change in words. `starts_now` says that its day has come already."""

    what: str
    on: date
    document: str
    starts_now: bool
    units: tuple[tuple[str, str, str], ...]
    """Code, names, fate."""
    stations: tuple[tuple[str, str], ...]
    gains: tuple[tuple[str, str], ...]
    losses: tuple[tuple[str, str], ...]
    excused: str
    owing: str
    unmanned: str


def change_views(session: Session, found: Preview, today: date) -> list[ChangeView]:
    return [
        _view(session, order, effects, today)
        for order, effects in zip(found.orders, found.effects, strict=True)
    ]


def _view(session: Session, order: Order, effects: Effects, today: date) -> ChangeView:
    names = {line.code: line for line in effects.units}
    olds = [names[code].before for code in order.olds]
    news = [names[unit.code].after for unit in order.news]
    to = province_name(session, order.news[0].province) if order.news[0].province else ""
    return ChangeView(
        words.sentence(order.kind, olds, news, same_names=olds == news, province=to),
        order.on,
        order.document,
        order.on <= today,
        tuple((u.code, _arrow(u.before, u.after), _UNITS[u.fate]) for u in effects.units),
        tuple((s.name, f"{_STATIONS[s.fate]} {words.inside(s.unit)}") for s in effects.stations),
        _by_who(effects.gains),
        _by_who(effects.losses),
        "; ".join(effects.excused),
        "; ".join(effects.owing),
        "; ".join(effects.unmanned),
    )


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}" if before and after and before != after else before or after


def _by_who(shifts: Sequence[Shift]) -> tuple[tuple[str, str], ...]:
    """Each person, mandate and campaign once, with its stations."""
    found: defaultdict[Reach, list[str]] = defaultdict(list)
    for shift in shifts:
        found[shift.who].append(shift.station)
    people_first = sorted(found.items(), key=lambda pair: (pair[0].kind != "person", str(pair[0])))
    return tuple((_who(who), _some(stations)) for who, stations in people_first)


def _who(who: Reach) -> str:
    match who.kind:
        case "person":
            return f"{who.name}, {ROLE_WORDS[who.role]}" if who.role else who.name
        case "mandate":
            return f"Chỉ tiêu “{who.name}”"
        case _:
            return f"Chiến dịch “{who.name}”"


def _some(names: Sequence[str]) -> str:
    shown = "; ".join(names[:MOST_NAMED])
    return f"{shown} và {len(names) - MOST_NAMED} đài nữa" if len(names) > MOST_NAMED else shown
