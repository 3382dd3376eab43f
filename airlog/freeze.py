"""Frozen start: a store that went back in time sends nothing until somebody has looked.

A restored backup has forgotten what was sent since. So each process counts its beats in the store, and keeps the
count it saw last in a small file beside the store (the witness). A count in the store that is behind the witness
means an older store: from then on nothing is planned, claimed or sent (`is_frozen`), while pages and chats go on.
`thaw` turns what may have been sent in the gap to unknown, which is asked about and never sent again by the machine.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from airlog import access, facts
from airlog.db import Database, changed, insert_new
from airlog.deliveries import OPEN
from airlog.models import Campaign, Delivery, Fact, Rundown
from airlog.types import CampaignState, DeliveryState, Rung

log = logging.getLogger("loaxa.freeze")
MARK = "mark"
FROZEN = "frozen_at"
WITNESS = "last-seen.json"
BEAT_EVERY = timedelta(seconds=2)
AFTER_LAST_BEAT = timedelta(minutes=2)
"""A process may have sent for this long after the last beat that its witness holds."""
ONCE = (Rung.ITEM, Rung.QUESTION, Rung.REMINDER_1, Rung.REMINDER_2, Rung.NUDGE)
"""What is never sent twice. The rest (questions, notes to officers and admins) had rather come twice than not at all."""


@dataclass(frozen=True, order=True)
class Mark:
    """How far a store has come: `thaws` before `beats`, so that a store that was thawed is ahead of all it ever was."""

    thaws: int
    beats: int
    seen_at: datetime
    store: str
    """Drawn once for each store: another one in the same folder is no older one."""


@dataclass(frozen=True)
class Frozen:
    """Since when the store is frozen, and the gap of which it knows nothing."""

    at: datetime
    gap_from: datetime
    gap_to: datetime
    beyond: int
    """The highest `thaws` that a witness has seen."""


@dataclass(frozen=True)
class Thawed:
    """Rows that became unknown: `items` are asked about, `reminders` dropped. `repeated`: go out (perhaps again).

    `later`: open rows due after the gap, untouched.
    """

    items: int
    reminders: int
    repeated: int
    later: int


def is_frozen(session: Session) -> bool:
    """One look by primary key: asked before a tick plans."""
    return bool(session.scalar(select(frozen())))


def frozen() -> ColumnElement[bool]:
    """The same as a condition: asked by the statement that claims a row."""
    return select(Fact.name).where(Fact.name == FROZEN).exists()


def state(session: Session) -> Frozen | None:
    """The gap of a frozen store; None when it is not frozen."""
    text = facts.get(session, FROZEN)
    if text is None:
        return None
    found = json.loads(text)
    at, gap_from, gap_to = (_instant(found[name]) for name in ("at", "gap_from", "gap_to"))
    return Frozen(at, gap_from, gap_to, int(found["beyond"]))


class Witness:
    """What this machine saw last of the store, in a file of the var folder. One per process."""

    def __init__(self, db: Database, var_dir: Path) -> None:
        self._db, self._file = db, var_dir / WITNESS
        self._last: datetime | None = None

    def beat(self, now: datetime) -> bool:
        """Compare, count, remember; True while the store is frozen. Blocks for a short transaction.

        Call it at the start before anything is sent, and with each heartbeat: more often than BEAT_EVERY is no work.
        The file is written after the commit, so a crash leaves it behind the store, never ahead of it.
        """
        if self._last is not None and timedelta(0) <= now - self._last < BEAT_EVERY:
            with self._db.reading() as session:
                return is_frozen(session)
        self._last = now
        seen = _read(self._file)
        with self._db.session() as session:
            mark, frozen = _compare(session, seen, now)
        if not frozen:
            _write(self._file, mark)
        return frozen


def freeze(session: Session, gap_from: datetime | None, gap_to: datetime, now: datetime) -> Frozen:
    """Stop sending, by hand. `gap_from` None: the last moment this store knows of. A second gap widens the first."""
    return _freeze(session, gap_from or _mark(session, now).seen_at, gap_to, 0, now)


def lost_rundowns(session: Session, gap: Frozen, early: Collection[str] = ()) -> list[Rundown]:
    """Launched weeks that may have gone out in the gap: their rows may be missing.

    Those whose send time was past when it ended, and the weeks `early` that people remember sending ahead of time.
    """
    in_gap = and_(Rundown.send_at <= gap.gap_to, Rundown.send_at > gap.gap_from - timedelta(days=7))
    query = select(Rundown).join(Rundown.campaign).where(or_(in_gap, Rundown.week.in_(early)))
    launched = query.where(Campaign.state == CampaignState.LAUNCHED)
    return list(session.scalars(launched.order_by(Rundown.send_at, Rundown.id)))


def newest_row(session: Session) -> int:
    """The highest delivery id there is: rows planned after this call are those the backup did not know."""
    return session.scalar(select(Delivery.id).order_by(Delivery.id.desc()).limit(1)) or 0


def thaw(session: Session, gap: Frozen, last_known: int, now: datetime) -> Thawed:
    """Let sending go on. Call it in one transaction with the planning of `lost_rundowns`.

    1. what may have left in the gap becomes unknown: every row on its way or due by the gap's end, whenever it was
       due first, and every row with an id above `last_known`; 2. what had rather be repeated says that it may be;
    3. no open row relies on a job of the old store; 4. the store is ahead of every witness.
    """
    may_have_left = or_(Delivery.due_at <= gap.gap_to, Delivery.id > last_known)
    under_way = Delivery.state == DeliveryState.SENDING
    waits = and_(Delivery.state.in_(OPEN), may_have_left)
    doubtful = and_(Delivery.rung.in_(ONCE), or_(under_way, waits))
    items = _unknown(session, and_(doubtful, Delivery.rung == Rung.ITEM), now)
    reminders = _unknown(session, doubtful, now)
    repeat = and_(Delivery.rung.not_in(ONCE), or_(under_way, waits))
    again = {"state": DeliveryState.RETRYING, "attempts": Delivery.attempts + 1, "settled_at": None}
    repeated = _update(session, repeat, again)
    later = _update(session, Delivery.state.in_(OPEN), {"armed": False}) - repeated
    session.expire_all()
    mark = _mark(session, now)
    ahead = replace(mark, thaws=max(mark.thaws, gap.beyond) + 1, beats=0, seen_at=now)
    facts.put(session, MARK, _text(ahead))
    session.delete(session.get_one(Fact, FROZEN))
    done = Thawed(items, reminders, repeated, later)
    access.note(session, None, "store.unfreeze", _span(gap), now, detail=json.dumps(asdict(done)))
    return done


def _compare(session: Session, seen: Mark | None, now: datetime) -> tuple[Mark, bool]:
    """Count one beat, unless the witness is ahead of the store: then the store freezes."""
    mark = _mark(session, now)
    if seen is not None and seen.store == mark.store and (seen.thaws, seen.beats) > (mark.thaws, mark.beats):
        _freeze(session, mark.seen_at, seen.seen_at + AFTER_LAST_BEAT, seen.thaws, now)
    if is_frozen(session):
        return mark, True
    mark = replace(mark, beats=mark.beats + 1, seen_at=now)
    facts.put(session, MARK, _text(mark))
    return mark, False


def _freeze(session: Session, gap_from: datetime, gap_to: datetime, beyond: int, now: datetime) -> Frozen:
    before = state(session)
    old = before or Frozen(now, gap_to, gap_to, beyond)
    first, last = min(old.gap_from, gap_from), max(old.gap_to, gap_to)
    found = Frozen(old.at, first, last, max(old.beyond, beyond))
    if before is None:
        log.error("store frozen: it knows nothing of %s to %s", found.gap_from, found.gap_to)
    if found != before:
        access.note(session, None, "store.freeze", _span(found), now)
        facts.put(session, FROZEN, _text(found))
    return found


def _unknown(session: Session, where: ColumnElement[bool], now: datetime) -> int:
    values = {"state": DeliveryState.UNKNOWN, "settled_at": now, "error": "có thể đã gửi trước khi khôi phục"}
    return _update(session, where, values)


def _update(session: Session, where: ColumnElement[bool], values: dict[str, object]) -> int:
    rows = update(Delivery).where(where).values(values)
    return changed(session, rows.execution_options(synchronize_session=False))


def _mark(session: Session, now: datetime) -> Mark:
    """How far the store has come, held against other processes until the transaction ends."""
    first = _text(Mark(0, 0, now, uuid4().hex))
    insert_new(session, Fact, [{"name": MARK, "value": first}], ["name"])
    return _parse(session.get_one(Fact, MARK, with_for_update=True, populate_existing=True).value)


def _read(file: Path) -> Mark | None:
    """What the witness says. One that cannot be read knows nothing."""
    try:
        return _parse(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("witness %s cannot be read: %r", file, error)
        return None


def _write(file: Path, mark: Mark) -> None:
    """Whole or not at all. A witness that cannot be written stays behind: it may miss a restore, never invent one."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_text(_text(mark), encoding="utf-8")
        part.replace(file)
    except OSError as error:
        log.warning("witness %s cannot be written: %r", file, error)


def _parse(text: str) -> Mark:
    found = json.loads(text)
    return Mark(int(found["thaws"]), int(found["beats"]), _instant(found["seen_at"]), str(found["store"]))


def _text(kept: Mark | Frozen) -> str:
    return json.dumps(asdict(kept), default=str)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _span(gap: Frozen) -> str:
    return f"{gap.gap_from:%Y-%m-%dT%H:%MZ} {gap.gap_to:%Y-%m-%dT%H:%MZ}"
