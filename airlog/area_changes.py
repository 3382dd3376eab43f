"""Changes of communes: shown first, then entered all or none, in force on their day, exactly once (docs/adr/0012)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access, area_checks, area_rights
from airlog.area_effects import Effects, effects_of
from airlog.area_enact import enact
from airlog.area_orders import BadChange, Order, packed, unpacked
from airlog.db import Refused, lock_log
from airlog.models import Area, AreaChange, Person
from airlog.types import AreaChangeKind
from content import area_messages as words
from content.week import LOCAL

_WAITS = (AreaChange.enacted_at.is_(None), AreaChange.withdrawn_at.is_(None))


class ChangedMeanwhile(Refused):
    """What would happen is no longer what was shown; nothing was written."""


class NotWithdrawn(Refused):
    """A change that cannot be taken back; the message is Vietnamese."""


@dataclass(frozen=True)
class Preview:
    """What orders would do, each in turn. `seen` is handed back when they are confirmed."""

    orders: tuple[Order, ...]
    effects: tuple[Effects, ...]
    seen: str


def preview(session: Session, person: Person, orders: Sequence[Order], now: datetime) -> Preview:
    """Do it all and take it back. Raises BadChange and NotAllowed (which is written down)."""
    _require(session, person, orders, now)
    trial = session.begin_nested()
    try:
        rows = _rows(session, person, orders, "-", now)
        effects = effects_of(session, rows, orders, now)
    finally:
        trial.rollback()
    digest = hashlib.sha256(repr((orders, effects)).encode()).hexdigest()
    return Preview(tuple(orders), effects, digest[:16])


def confirm(
    session: Session, person: Person, orders: Sequence[Order], batch: str, seen: str, now: datetime
) -> list[AreaChange]:
    """Enter them all or none; those whose day has come take effect at once. A second time it changes nothing.

    Raises BadChange, NotAllowed, and ChangedMeanwhile when it is no longer what was seen.
    """
    lock_log(session)  # of two clicks at once the second finds what the first wrote
    before = _of_batch(session, batch)
    if before:
        return before
    if preview(session, person, orders, now).seen != seen:
        raise ChangedMeanwhile(words.CHANGED_MEANWHILE)
    rows = _rows(session, person, orders, batch, now)
    today = now.astimezone(LOCAL).date()
    for row, order in zip(rows, orders, strict=True):
        if order.on <= today:
            enact(session, row, order, now)
        detail = f"{order.kind} {','.join(order.olds)} > {','.join(u.code for u in order.news)} {order.on}"
        access.note(session, person, "areas.change", f"change {row.id}", now, detail=detail)
    return rows


def due(session: Session, now: datetime) -> list[int]:
    """Changes whose day has come and that wait. One that failed on its day waits for a person, not for the next look."""
    query = select(AreaChange.id).where(
        AreaChange.effective_on <= now.astimezone(LOCAL).date(), *_WAITS, AreaChange.trouble == ""
    )
    return list(session.scalars(query.order_by(AreaChange.effective_on, AreaChange.id)))


def take_effect(session: Session, change_id: int, now: datetime) -> bool:
    """The day has come. Whether something was done: once only, whoever asks and how often.

    What stands in the way by now is kept on the change for admins to see, and nothing else is written.
    """
    lock_log(session)
    change = session.get(AreaChange, change_id, populate_existing=True)
    if change is None or change.enacted_at is not None or change.withdrawn_at is not None or change.trouble:
        return False
    try:
        (order,) = unpacked(change.asked)
        area_checks.check(session, [order], now.astimezone(LOCAL).date(), but=change.id)
        enact(session, change, order, now)
    except BadChange as error:
        change.trouble = str(error)
    access.note(session, None, "areas.enact", f"change {change.id}", now, detail=change.trouble)
    return not change.trouble


def withdraw(session: Session, person: Person, change_id: int, now: datetime) -> AreaChange:
    """Take back a change whose day lies ahead, alone of its batch. Raises NotWithdrawn and NotAllowed."""
    lock_log(session)
    change = session.get(AreaChange, change_id, populate_existing=True)
    if change is None:
        raise NotWithdrawn("Không có thay đổi này. Anh/chị tải lại trang.")
    _require_area(session, person, unpacked(change.asked), now)
    if change.enacted_at is not None:
        raise NotWithdrawn(words.ALREADY_IN_FORCE)
    if change.withdrawn_at is not None:
        raise NotWithdrawn(words.ALREADY_WITHDRAWN)
    change.withdrawn_at, change.withdrawn_by_id = now, person.id
    access.note(session, person, "areas.withdraw", f"change {change.id}", now)
    return change


def waiting(session: Session) -> list[AreaChange]:
    """Changes whose day lies ahead, or that could not take effect, soonest first."""
    query = select(AreaChange).where(*_WAITS).order_by(AreaChange.effective_on, AreaChange.id)
    return list(session.scalars(query))


def _require(session: Session, person: Person, orders: Sequence[Order], now: datetime) -> None:
    if not orders:
        raise BadChange(["Chưa có thay đổi nào."])
    access.require(session, person, access.ADMINS, "areas.change", now)
    area_checks.check(session, orders, now.astimezone(LOCAL).date())
    _require_area(session, person, orders, now)


def _require_area(session: Session, person: Person, orders: Sequence[Order], now: datetime) -> None:
    """All that is touched lies in the areas of an admin, on both sides of the arrow. Asked by province first: a list
    may name hundreds of communes."""
    codes = sorted({code for order in orders for code in order.codes})
    to = {u.province for o in orders if o.kind is AreaChangeKind.MOVE for u in o.news if u.province}
    parents = dict[str, str]()
    for start in range(0, len(codes), 500):
        query = select(Area.code, Area.parent_code).where(Area.code.in_(codes[start : start + 500]))
        parents |= {code: parent for code, parent in session.execute(query) if parent}
    whole = {
        code
        for code in {*to, *parents.values()}
        if area_rights.covers(session, person, access.ADMINS, code, now)
    }
    asked = sorted(to - whole) + [code for code in codes if code in parents and parents[code] not in whole]
    for code in asked:
        area_rights.require_area(session, person, access.ADMINS, code, "areas.change", now)


def _rows(
    session: Session, person: Person, orders: Sequence[Order], batch: str, now: datetime
) -> list[AreaChange]:
    rows = [
        AreaChange(
            batch=batch, number=number, kind=order.kind, effective_on=order.on, document=order.document.strip(),
            document_on=order.document_on, asked=packed([order]), by_id=person.id, made_at=now,
        )
        for number, order in enumerate(orders, 1)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return rows


def _of_batch(session: Session, batch: str) -> list[AreaChange]:
    query = select(AreaChange).where(AreaChange.batch == batch).order_by(AreaChange.number)
    return list(session.scalars(query))
