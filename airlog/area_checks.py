"""Whether changes of communes can be made: every bad place is named, and one bad order refuses all."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog.area_orders import BadChange, Order, Unit, unpacked
from airlog.models import Area, AreaChange, AreaStep, Station
from airlog.types import AreaChangeKind
from content import area_messages as words
from content.wording import nfc

FURTHEST = timedelta(days=3 * 366)
MOST_NAME = 80
_NAME = re.compile(r"(xã|phường|đặc khu) \S", re.IGNORECASE)
_COLUMNS = {
    "old": ("Mã cũ", "ma_cu"),
    "new": ("Mã mới", "ma_moi"),
    "name": ("Tên mới", "ten_moi"),
    "province": ("Tỉnh mới", "ma_tinh_moi"),
    "cluster": ("Cụm mới", "cum_moi"),
    "on": ("Ngày hiệu lực", "ngay_hieu_luc"),
    "document": ("Số văn bản", "so_van_ban"),
    "document_on": ("Ngày ký", "ngay_van_ban"),
    "stations": ("Đài", "dai"),
}
"""Each field as the form names it, and as the file does."""
Fault = tuple[str, str, str]
"""A field, the code it is about, and what is wrong."""


@dataclass(frozen=True)
class Known:
    """What the record says about the units of some orders."""

    areas: dict[str, Area]
    heirs: dict[str, tuple[str, ...]]
    last: dict[str, date]
    waiting: dict[str, AreaChange]
    taken: dict[tuple[str, str], str]
    """Living names by province, caseless, with the code; without units that these orders end or rename."""
    clusters: dict[tuple[str, str], str]


def check(session: Session, orders: Sequence[Order], today: date, but: int | None = None) -> None:
    """Raises BadChange. `but` is the change whose own turn has come: it is no obstacle to itself."""
    known = _known(session, orders, but)
    errors = [_said(order, fault) for order in orders for fault in _faults(order, known, today)]
    counted = Counter(code for order in orders for code in order.codes)
    for order in orders:
        twice = [code for code in order.codes if counted[code] > 1]
        errors += [_said(order, ("old", code, words.in_two(code))) for code in twice]
    names = Counter(_key_of(order, unit, known) for order in orders for unit in order.news if unit.name)
    for order in orders:
        for unit in order.news:
            if unit.name and names[key := _key_of(order, unit, known)] > 1 and key[1]:
                errors.append(_said(order, ("name", unit.code, words.name_taken(unit.name, unit.code))))
    if errors:
        raise BadChange(list(dict.fromkeys(errors)))


def clean_name(text: str) -> str:
    """NFC, single spaces, the kind with a capital: “xã  đắk wil” -> “Xã đắk wil”."""
    name = " ".join(nfc(text).split())
    return name[:1].upper() + name[1:]


def kind_of(name: str) -> str:
    """`xã`, `phường` or `đặc khu`; empty when the name has none of them in front."""
    found = _NAME.match(name)
    return found[1].lower() if found else ""


def where(line: int | None, field: str) -> str:
    """“Dòng 6, cột ma_cu” in a file, “Mã cũ” in a form."""
    form, column = _COLUMNS[field]
    return f"Dòng {line}, cột {column}" if line is not None else form


def _said(order: Order, fault: Fault) -> str:
    field, code, what = fault
    return f"{where(order.line_of(code), field)}: {what}"


def _faults(order: Order, known: Known, today: date) -> Iterator[Fault]:
    first = order.olds[0] if order.olds else ""
    if not order.document.strip():
        yield "document", first, words.NO_DOCUMENT
    if len(order.document) > 120:
        yield "document", first, words.LONG_DOCUMENT
    if order.document_on is not None and order.document_on > order.on:
        yield "document_on", first, words.document_later(order.on)
    if order.on > today + FURTHEST:
        yield "on", first, words.too_far(today + FURTHEST)
    if order.stations == "close" and order.kind is not AreaChangeKind.MERGE:
        yield "stations", first, words.CLOSING_ALONE
    yield from _old_faults(order, known)
    yield from _shape_faults(order, known)
    for unit in order.news:
        yield from _new_faults(order, unit, known)


def _old_faults(order: Order, known: Known) -> Iterator[Fault]:
    for code, times in Counter(order.olds).items():
        if times > 1:
            yield "old", code, words.TWICE_IN_ONE
        area = known.areas.get(code)
        if not re.fullmatch(r"\d{5}", code):
            yield "old", code, words.bad_code(code)
        elif area is None or area.kind == "province":
            yield "old", code, words.no_such(code)
        else:
            yield from _unit_faults("old", order, area, known)


def _unit_faults(field: str, order: Order, area: Area, known: Known) -> Iterator[Fault]:
    """Of a unit that stands in the record, on either side of the arrow."""
    if area.valid_to is not None:
        yield field, area.code, words.ended(area.name, area.code, area.valid_to, known.heirs[area.code])
    elif area.code in known.waiting:
        waiting = known.waiting[area.code]
        yield field, area.code, words.waits(area.name, waiting.effective_on, waiting.document)
    elif order.on <= (last := max(area.valid_from, known.last.get(area.code, area.valid_from))):
        yield "on", area.code, words.too_early(area.name, last)


def _shape_faults(order: Order, known: Known) -> Iterator[Fault]:
    first = order.olds[0] if order.olds else ""
    news = [unit.code for unit in order.news]
    match order.kind:
        case AreaChangeKind.MERGE:
            if len({*order.olds, *(code for code in news if code in known.areas)}) < 2:
                yield "old", first, words.OWN_SUCCESSOR if news == [first] else words.ONE_OLD_TO_MERGE
        case AreaChangeKind.SPLIT:
            if len(set(news)) < 2:
                yield "new", first, words.ONE_NEW_TO_SPLIT
        case _:
            if len(order.olds) != 1 or news != [first]:
                yield "new", first, words.ONE_OF_EACH
    if (order.kind is AreaChangeKind.MERGE and len(news) != 1) or len(news) != len(set(news)):
        yield "new", first, words.TWICE_IN_ONE
    parents = {known.areas[code].parent_code for code in order.codes if code in known.areas} - {None}
    if len(parents) > 1:
        yield "old", first, words.CROSSES
    homes = {code for _, code in order.homes} - set(news)
    if homes:
        yield "stations", first, words.no_home("Một đài")


def _new_faults(order: Order, unit: Unit, known: Known) -> Iterator[Fault]:
    code, area = unit.code, known.areas.get(unit.code)
    if not re.fullmatch(r"\d{5}", code):
        yield "new", code, words.bad_code(code)
    elif area is None and code in known.waiting:
        waiting = known.waiting[code]
        yield "new", code, words.waits(code, waiting.effective_on, waiting.document)
    elif area is not None and code not in order.olds:
        yield from _unit_faults("new", order, area, known)
        if unit.name and unit.name.casefold() != area.name.casefold():
            yield "new", code, words.code_taken(code, area.name)
    if (unit.name or area is None) and (not kind_of(unit.name) or len(unit.name) > MOST_NAME):
        yield "name", code, words.bad_name(unit.name)
    elif unit.name and (other := known.taken.get(_key_of(order, unit, known), code)) != code:
        yield "name", code, words.name_taken(unit.name, other)
    yield from _place_faults(order, unit, known)
    if order.kind is AreaChangeKind.RENAME and area is not None and unit.name == area.name:
        yield "name", code, words.NOTHING_RENAMED


def _place_faults(order: Order, unit: Unit, known: Known) -> Iterator[Fault]:
    old = known.areas.get(order.olds[0]) if order.olds else None
    province = known.areas.get(unit.province) if unit.province else None
    if unit.province and (province is None or province.kind != "province"):
        yield "province", unit.code, words.no_province(unit.province)
        return
    if old is None or old.parent_code is None:
        return
    parent = unit.province or old.parent_code
    if parent != old.parent_code and order.kind is not AreaChangeKind.MOVE:
        yield "province", unit.code, words.CROSSES
    if unit.cluster and (parent, unit.cluster) not in known.clusters:
        name = known.areas[parent].name if parent in known.areas else parent
        yield "cluster", unit.code, words.no_cluster(unit.cluster, name)
    same_cluster = not unit.cluster or unit.cluster == old.former_district_code
    if order.kind is AreaChangeKind.MOVE and parent == old.parent_code and same_cluster:
        yield "province", unit.code, words.NOTHING_MOVES


def _key_of(order: Order, unit: Unit, known: Known) -> tuple[str, str]:
    old = known.areas.get(order.olds[0]) if order.olds else None
    return (unit.province or (old.parent_code if old else "") or "", unit.name.casefold())


def _known(session: Session, orders: Sequence[Order], but: int | None) -> Known:
    codes = {code for order in orders for code in order.codes}
    codes |= {unit.province for order in orders for unit in order.news if unit.province}
    areas = areas_by_code(session, codes)
    parents = {area.parent_code for area in areas.values() if area.parent_code} | {
        unit.province for order in orders for unit in order.news if unit.province
    }
    areas |= areas_by_code(session, parents)
    ending = {code for order in orders for code in order.ending}
    ending |= {unit.code for order in orders for unit in order.news if unit.name}  # their names fall free
    taken, clusters = _neighbours(session, parents, ending)
    return Known(areas, _heirs(session, areas), _last(session, codes), waiting(session, but), taken, clusters)


def waiting(session: Session, but: int | None = None) -> dict[str, AreaChange]:
    """The change that waits for its day, by every code it touches."""
    query = select(AreaChange).where(AreaChange.enacted_at.is_(None), AreaChange.withdrawn_at.is_(None))
    return {
        code: change
        for change in session.scalars(query)
        if change.id != but
        for order in unpacked(change.asked)
        for code in order.codes
    }


def stations_of(session: Session, codes: Collection[str]) -> list[Station]:
    """The stations that lie in some communes, closed ones too, by commune."""
    query = select(Station).where(Station.area_code.in_(sorted(codes)))
    return list(session.scalars(query.order_by(Station.area_code, Station.id)).unique())


def areas_by_code(session: Session, codes: Collection[str]) -> dict[str, Area]:
    """Those that stand in the record, provinces too."""
    wanted, found = sorted(set(codes)), dict[str, Area]()
    for start in range(0, len(wanted), 500):
        query = select(Area).where(Area.code.in_(wanted[start : start + 500]))
        found |= {area.code: area for area in session.scalars(query)}
    return found


def _heirs(session: Session, areas: dict[str, Area]) -> dict[str, tuple[str, ...]]:
    """The names of the successors of units that ended."""
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    ended = [code for code, area in areas.items() if area.valid_to is not None]
    query = select(AreaStep.old_code, Area.name).join(Area, AreaStep.new_code == Area.code)
    for start in range(0, len(ended), 500):
        rows = query.where(
            AreaStep.old_code.in_(ended[start : start + 500]), AreaStep.new_code != AreaStep.old_code
        )
        for old, name in session.execute(rows.order_by(AreaStep.change_id, AreaStep.new_code)):
            found[old] += (name,)
    return found


def _last(session: Session, codes: Collection[str]) -> dict[str, date]:
    """The day of the last change of each unit."""
    wanted, found = sorted(codes), dict[str, date]()
    for column in (AreaStep.old_code, AreaStep.new_code):
        for start in range(0, len(wanted), 500):
            query = (
                select(column, func.max(AreaChange.effective_on))
                .join(AreaChange, AreaStep.change_id == AreaChange.id)
                .where(column.in_(wanted[start : start + 500]))
                .group_by(column)
            )
            for code, on in session.execute(query):
                found[code] = max(on, found.get(code, on))
    return found


def _neighbours(
    session: Session, provinces: Collection[str], ending: Collection[str]
) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """Names and clusters that stand in some provinces."""
    query = select(
        Area.parent_code, Area.code, Area.name, Area.former_district_code, Area.former_district
    ).where(Area.parent_code.in_(sorted(provinces)), Area.valid_to.is_(None))
    taken, clusters = dict[tuple[str, str], str](), dict[tuple[str, str], str]()
    for parent, code, name, cluster_code, cluster in session.execute(query):
        if code not in ending:
            taken[parent or "", name.casefold()] = code
        if cluster_code:
            clusters[parent or "", cluster_code] = cluster or cluster_code
    return taken, clusters
