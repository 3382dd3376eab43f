"""Communes and their changes as pages and reports show them: search, the family tree of a unit, notes of a period."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from airlog.area_orders import Order, unpacked
from airlog.areas import search_key
from airlog.models import Area, AreaChange, AreaPast, AreaStep, Person, Station
from airlog.scope import any_of
from airlog.types import AreaChangeKind
from content import area_messages as words
from content.typed_place import place_key

State = Literal["enacted", "waiting", "trouble", "withdrawn"]


@dataclass(frozen=True)
class UnitRow:
    """A commune in a list. `heirs` are names of what it went into, for one that is no more."""

    code: str
    name: str
    province: str
    cluster: str
    stations: int
    ended_on: date | None
    heirs: tuple[str, ...] = ()
    once: str = ""
    """A former name that the search found it by."""


@dataclass(frozen=True)
class ChangeLine:
    """A change in one sentence. `olds` and `news` are (code, name) as they were called at that time."""

    change_id: int
    kind: AreaChangeKind
    on: date
    what: str
    document: str
    document_on: date | None
    by: str
    made_at: datetime
    state: State
    trouble: str
    olds: tuple[tuple[str, str], ...]
    news: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Found:
    rows: tuple[UnitRow, ...]
    total: int


def search(session: Session, scopes: list[str], typed: str) -> Found:
    """Communes of some areas by name or code, accents or not, those that are no more and former names too; with nothing
    typed the first few that exist."""
    key = search_key(typed)
    most = 50 if key else 10
    past = session.execute(select(AreaPast.code, AreaPast.name)).all() if key else []
    once = {code: name for code, name in past if key in search_key(name)}
    # A unit that ended lies in the same province as before, so that the same scopes hold it.
    match = or_(
        Area.search_key.contains(key, autoescape=True),
        Area.code.startswith(typed.strip(), autoescape=True),
        Area.code.in_(sorted(once)),
    )
    where = [Area.kind != "province", any_of(scopes), *([match] if key else [])]
    if not key:
        where.append(Area.valid_to.is_(None))
    rows = list(session.scalars(select(Area).where(*where).order_by(Area.search_key, Area.code).limit(most)))
    total = session.scalar(select(func.count()).select_from(Area).where(*where)) or 0
    return Found(tuple(_unit_rows(session, rows, once)), total)


def heirs_of_name(session: Session, typed: str) -> dict[str, str]:
    """Units of today by code, for a name, accents and kind aside, that they or a unit before them bore: with that name."""
    wanted = place_key(typed)
    gone = session.execute(
        select(Area.code, Area.name).where(Area.kind != "province", Area.valid_to.is_not(None))
    )
    past = session.execute(select(AreaPast.code, AreaPast.name))
    left = {code: name for code, name in [*past, *gone] if wanted and place_key(name) == wanted}
    found, seen = dict[str, str](), set[str]()
    while left:
        ended = select(Area.code).where(Area.code.in_(list(left)), Area.valid_to.is_not(None))
        over = set(session.scalars(ended))
        found |= {code: name for code, name in left.items() if code not in over}
        steps = select(AreaStep.new_code, AreaStep.old_code).where(AreaStep.old_code.in_(sorted(over)))
        seen |= set(left)
        left = {new: left[old] for new, old in session.execute(steps) if new not in seen}
    return dict(sorted(found.items()))


def unit(session: Session, code: str) -> UnitRow | None:
    area = session.get(Area, code)
    if area is None or area.kind == "province":
        return None
    return _unit_rows(session, [area], {})[0]


def changes_of(session: Session, code: str) -> list[ChangeLine]:
    """The family tree of a unit, oldest first: its own changes, those of its forebears and of its successors."""
    found: set[int] = set()
    for this, other in ((AreaStep.old_code, AreaStep.new_code), (AreaStep.new_code, AreaStep.old_code)):
        seen, open_ = set[str](), {code}
        while open_:
            seen |= open_
            steps = session.execute(select(AreaStep.change_id, other).where(this.in_(sorted(open_)))).all()
            found |= {change_id for change_id, _ in steps}
            open_ = {relative for _, relative in steps} - seen
    rows = list(session.scalars(select(AreaChange).where(AreaChange.id.in_(sorted(found)))))
    rows += [row for row in _not_enacted(session) if code in _order(row).codes and row.withdrawn_at is None]
    return _lines(session, sorted(rows, key=lambda row: (row.effective_on, row.id)))


def waiting(session: Session, scopes: list[str]) -> list[ChangeLine]:
    """Changes in some areas whose day lies ahead, or that could not take effect, soonest first."""
    rows = [row for row in _not_enacted(session) if row.withdrawn_at is None]
    return _lines(session, _within(session, rows, scopes))


def recent(session: Session, scopes: list[str], most: int = 20) -> list[ChangeLine]:
    """The newest changes in some areas that are in force, and those that were withdrawn."""
    query = select(AreaChange).where(
        or_(AreaChange.enacted_at.is_not(None), AreaChange.withdrawn_at.is_not(None))
    )
    rows = session.scalars(query.order_by(AreaChange.id.desc()).limit(50 * most)).all()
    return _lines(session, _within(session, rows, scopes)[:most])


def _within(session: Session, rows: Sequence[AreaChange], scopes: list[str]) -> list[AreaChange]:
    mine = set(session.scalars(select(Area.code).where(Area.kind != "province", any_of(scopes))))
    return [row for row in rows if mine & set(_order(row).codes)]


def notes(session: Session, codes: Collection[str], first: date, last: date, today: date) -> tuple[str, ...]:
    """What a report over a period says of changes of the communes in it; empty where nothing changed."""
    mine = set(codes)
    query = select(AreaChange).where(AreaChange.enacted_at.is_not(None), AreaChange.effective_on > first)
    rows = session.scalars(query.order_by(AreaChange.effective_on, AreaChange.id))
    found = []
    for line in _lines(session, [row for row in rows if mine & set(_order(row).codes)]):
        say = words.changed_within if line.on <= last else words.changed_since
        found.append(say(line.on, line.what, line.document))
    return (words.units_as_of(min(last, today)), *found) if found else ()


def _not_enacted(session: Session) -> list[AreaChange]:
    query = select(AreaChange).where(AreaChange.enacted_at.is_(None))
    return list(session.scalars(query.order_by(AreaChange.effective_on, AreaChange.id)))


def _order(row: AreaChange) -> Order:
    return unpacked(row.asked)[0]


def _lines(session: Session, rows: Sequence[AreaChange]) -> list[ChangeLine]:
    orders = {row.id: _order(row) for row in rows}
    codes = {code for order in orders.values() for code in order.codes}
    codes |= {unit.province for order in orders.values() for unit in order.news if unit.province}
    names = _Names(session, codes)
    people = _people(session, {row.by_id for row in rows})
    return [_line(row, orders[row.id], names, people[row.by_id]) for row in rows]


def _line(row: AreaChange, order: Order, names: _Names, by: str) -> ChangeLine:
    olds = tuple((code, names.before(code, row)) for code in order.olds)
    news = tuple((unit.code, names.after(unit.code, row) or unit.name) for unit in order.news)
    if order.kind is AreaChangeKind.MERGE and row.enacted_at is None and order.news[0].name:
        news = ((order.news[0].code, order.news[0].name),)
    province = order.news[0].province if order.kind is AreaChangeKind.MOVE else ""
    what = words.sentence(
        order.kind, [name for _, name in olds], [order_name(order, code, name) for code, name in news],
        same_names=[n for _, n in olds] == [n for _, n in news],
        province=names.after(province, row) if province else "",
    )  # fmt: skip
    return ChangeLine(
        row.id, row.kind, row.effective_on, what, row.document, row.document_on, by, row.made_at, _state(row),
        row.trouble, olds, news,
    )  # fmt: skip


def order_name(order: Order, code: str, name: str) -> str:
    """The name that an order gives, or else the one it has."""
    return next((unit.name for unit in order.news if unit.code == code and unit.name), name)


def _state(row: AreaChange) -> State:
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.enacted_at is not None:
        return "enacted"
    return "trouble" if row.trouble else "waiting"


class _Names:
    """What units were called before and after a change."""

    def __init__(self, session: Session, codes: Collection[str]) -> None:
        wanted = sorted(codes)
        self._now: dict[str, str] = {}
        self._past: list[AreaPast] = []
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            self._now |= dict(session.execute(select(Area.code, Area.name).where(Area.code.in_(part))).all())
            self._past += session.scalars(select(AreaPast).where(AreaPast.code.in_(part)))
        self._past.sort(key=lambda past: past.until)

    def before(self, code: str, row: AreaChange) -> str:
        return self._on(code, row.effective_on, inside=True)

    def after(self, code: str, row: AreaChange) -> str:
        return self._on(code, row.effective_on, inside=False)

    def _on(self, code: str, day: date, *, inside: bool) -> str:
        later = (
            p.name for p in self._past if p.code == code and (p.until > day or (inside and p.until == day))
        )
        return next(later, self._now.get(code, code if inside else ""))


def _people(session: Session, ids: Collection[int]) -> dict[int, str]:
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(sorted(ids)))).all())


def _unit_rows(session: Session, areas: Sequence[Area], once: dict[str, str]) -> list[UnitRow]:
    codes = [area.code for area in areas]
    provinces = dict(session.execute(select(Area.code, Area.name).where(Area.kind == "province")).all())
    stations = dict(
        session.execute(
            select(Station.area_code, func.count())
            .where(Station.area_code.in_(codes), Station.active_to.is_(None))
            .group_by(Station.area_code)
        ).all()
    )
    heirs = dict[str, tuple[str, ...]]()
    steps = select(AreaStep.old_code, Area.name).join(Area, AreaStep.new_code == Area.code)
    steps = steps.where(AreaStep.old_code.in_([a.code for a in areas if a.valid_to is not None]))
    for code, name in session.execute(steps.order_by(AreaStep.change_id, AreaStep.new_code)):
        heirs[code] = (*heirs.get(code, ()), name)
    return [
        UnitRow(
            area.code, area.name, provinces.get(area.parent_code or "", ""), area.former_district or "",
            stations.get(area.code, 0), area.valid_to, heirs.get(area.code, ()), once.get(area.code, ""),
        )
        for area in areas
    ]  # fmt: skip
