"""Outgoing messages as rows: planned once, claimed before the send, settled after it.

The unique key stops a second message; a claim is committed before the request leaves; what a crash leaves
`sending` becomes `unknown`, never sent again by the machine (docs/adr/0002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session, aliased, lazyload

from airlog import nodes
from airlog.crew import To
from airlog.db import Row, changed, in_parts, insert_new, rows_about
from airlog.models import UNSETTLED, Address, Delivery, Duty, Person, Upload
from airlog.types import AddressState, DeliveryState, Rung
from content.week import Week

OPEN = (DeliveryState.QUEUED, DeliveryState.RETRYING)
GONE = (DeliveryState.FAILED, DeliveryState.CANCELLED)
"""Did not arrive and will not."""
REMINDING = (Rung.QUESTION, Rung.REMINDER_1, Rung.REMINDER_2, Rung.NUDGE)
STALE = timedelta(minutes=3)
"""A row `sending` for longer than any time-out of a channel was left behind by a crash."""
ASK_AFTER = timedelta(minutes=5)
MAX_ATTEMPTS = 20
ANSWERABLE = (*REMINDING, Rung.ASK)
"""Questions to an operator that are idle once the duty was answered."""
URGENT_FIRST = case((Delivery.rung == Rung.RECALL, 0), else_=1)
LETTERS = (Rung.LEADER, Rung.ESCALATION, Rung.PROVINCE, Rung.DIGEST, Rung.LOST)
"""The letters of the ladder to leaders, officers and the province: one a day to each of them (docs/adr/0011)."""
REPEATED = (*LETTERS, Rung.ALERT, Rung.RECALL, Rung.REPLY)
"""To leaders, officers and admins, and the recall of a wrong item: repeated when their fate is unknown, and then they say so."""
REPEATS = 4
_PAUSES = (10, 30, 60, 180, 600, 1800)
_BY_MESSAGE = (  # asked twice for each press, so built once
    select(Delivery)
    .where(Delivery.address_id == bindparam("address"), Delivery.message_ref == bindparam("message"))
    .options(lazyload(Delivery.person))
)


@dataclass(frozen=True)
class Wanted:
    """A message that ought to exist: one rung towards one address."""

    rung: Rung
    address: Address | To
    period: str
    due_at: datetime
    duty_id: int | None = None
    about: str = ""
    """Tells messages apart that share all else: an officer's digest, the nudges of different days."""

    @property
    def key(self) -> str:
        return f"{self.duty_id or '-'}:{self.about}:{self.period}:{self.rung}:{self.address.id}"


def plan(session: Session, wanted: Sequence[Wanted]) -> int:
    """Insert the rows that are missing, and count them. Running it twice, or in two places, adds nothing."""
    keys = [one.key for one in wanted]
    known = {key for (key,) in rows_about(session, select(Delivery.key), Delivery.key, keys)}
    fresh = [one for one in wanted if one.key not in known]
    rows = [
        {"key": one.key, "duty_id": one.duty_id, "period": one.period, "rung": one.rung, "attempts": 0}
        | {"person_id": one.address.person_id, "address_id": one.address.id, **opened(one.due_at)}
        for one in fresh
    ]
    for part in in_parts(rows):
        insert_new(session, Delivery, part, ["key"])
    return len(rows) + _reopen(session, wanted)


def opened(due_at: datetime) -> Row:
    """What a row says that is to be sent, for the first time or again."""
    free = {"settled_at": None, "refused_since": None, "armed": False}
    return {"state": DeliveryState.QUEUED, "due_at": due_at, **free}


def _reopen(session: Session, wanted: Sequence[Wanted]) -> int:
    """A reminder that an answer cancelled is wanted again once the answer was taken back; an item that moved on to
    the next address, once that address is dead."""
    by_key = {w.key: w.due_at for w in wanted if w.rung in (*REMINDING, Rung.ITEM)}
    gone = select(Delivery.id, Delivery.key).where(_wanted_again())
    rows = list(rows_about(session, gone, Delivery.key, by_key))
    for id_, key in rows:
        session.execute(update(Delivery).where(Delivery.id == id_).values(opened(by_key[key])))
    return len(rows)


def due(session: Session, now: datetime, channels: Sequence[str], most: int = 500) -> list[tuple[int, str]]:
    """Rows whose time has come on channels that run here, oldest first: (id, channel)."""
    query = (
        select(Delivery.id, Address.channel)
        .join(Delivery.address)
        .where(func.coalesce(Address.channel, "").in_(channels))  # as in jobs.arm
        .where(UNSETTLED, Delivery.state.in_(OPEN), Delivery.due_at <= now)
        .order_by(URGENT_FIRST, Delivery.due_at, Delivery.id)
        .limit(most)
    )
    return [(row_id, channel) for row_id, channel in session.execute(query)]


def sent(session: Session, delivery_id: int, message_ref: str, now: datetime) -> None:
    """The service took it. Also settles a row that was given up as unknown meanwhile."""
    _settle(session, delivery_id, DeliveryState.SENT, now, message_ref=message_ref, sent_at=now, error=None)


def unknown(session: Session, delivery_id: int, reason: str, now: datetime) -> None:
    """The request can have arrived: nobody knows. A press on the message proves it later.

    What goes to officers and admins is sent again instead, and says that it may be a repetition: they had rather
    hear twice than not at all.
    """
    _settle(session, delivery_id, DeliveryState.UNKNOWN, now, error=reason)
    _repeat(session, now, Delivery.id == delivery_id)


def failed(session: Session, delivery_id: int, reason: str, now: datetime, *, blocked: bool = False) -> None:
    """It did not arrive and will not. `blocked` also turns the address off."""
    _settle(session, delivery_id, DeliveryState.FAILED, now, error=reason)
    if blocked:
        row = session.get_one(Delivery, delivery_id)
        block(row.address, reason, now)


def block(address: Address, reason: str, now: datetime) -> None:
    """Nothing arrives here any more, until the person writes again."""
    address.state, address.reason, address.blocked_at = AddressState.BLOCKED, reason, now


def retry(session: Session, delivery_id: int, reason: str, now: datetime, after: timedelta | None) -> None:
    """It certainly did not arrive: try again after the service's pause, or a growing one of ours."""
    row = session.get_one(Delivery, delivery_id, populate_existing=True)
    if row.state not in (DeliveryState.SENDING, DeliveryState.UNKNOWN):
        return  # settled meanwhile: the person said that it came, or the week is over
    if row.attempts >= MAX_ATTEMPTS:
        failed(session, delivery_id, reason, now)
        return
    pause = after or timedelta(seconds=_PAUSES[min(row.attempts, len(_PAUSES)) - 1])
    row.state, row.due_at, row.error, row.armed = DeliveryState.RETRYING, now + pause, reason, False
    row.refused_since = row.refused_since or now


def put_back(session: Session, delivery_id: int, until: datetime) -> None:
    """Undo a claim whose request never left (the bot is pausing, the process is stopping)."""
    row = session.get_one(Delivery, delivery_id)
    row.state, row.due_at, row.attempts = DeliveryState.QUEUED, until, max(row.attempts - 1, 0)
    row.armed = False


def sweep(session: Session, now: datetime) -> int:
    """Rows that a crash left `sending` become unknown: at once when the node that claimed them is gone, else after
    a while. Returns how many."""
    orphan = Delivery.claimed_by.is_not(None) & Delivery.claimed_by.not_in(nodes.live_tokens(session))
    lost = UNSETTLED, Delivery.state == DeliveryState.SENDING, or_(Delivery.claimed_at < now - STALE, orphan)
    doubtful = {"state": DeliveryState.UNKNOWN, "settled_at": now, "error": "gián đoạn khi đang gửi"}
    count = changed(session, update(Delivery).where(*lost).values(doubtful))
    if count:
        _repeat(session, now)
    return count


def unsettled_items(session: Session, now: datetime) -> list[Delivery]:
    """Items of unknown fate whose week still runs, some minutes after it happened."""
    doubtful = UNSETTLED, Delivery.rung == Rung.ITEM, Delivery.state == DeliveryState.UNKNOWN
    query = select(Delivery).join(Delivery.duty).where(*doubtful, Duty.due_at > now)
    return list(session.scalars(query.where(Delivery.settled_at < now - ASK_AFTER)))


def resend(session: Session, duty: Duty, address: Address, now: datetime) -> None:
    """The person says it never came: the one case in which an unknown item goes out again."""
    mine = Delivery.duty_id == duty.id, Delivery.address_id == address.id, Delivery.rung == Rung.ITEM
    rows = update(Delivery).where(*mine, Delivery.state == DeliveryState.UNKNOWN)
    session.execute(rows.values(opened(now)))


def reopen_blocked(session: Session, address: Address, now: datetime) -> None:
    """The person is back at this address: the item of a running week that failed there is due again, unless it
    went to another address meanwhile. Call it before the address is marked as working."""
    if address.state is AddressState.ACTIVE:
        return
    running = select(Duty.id).where(Duty.due_at > now)
    other = aliased(Delivery)
    elsewhere = (
        select(other.id)
        .where(other.duty_id == Delivery.duty_id, other.person_id == Delivery.person_id)
        .where(other.rung == Rung.ITEM, other.state.not_in(GONE))
    )
    session.execute(
        update(Delivery)
        .where(Delivery.address_id == address.id, Delivery.rung == Rung.ITEM, Delivery.duty_id.in_(running))
        .where(Delivery.state == DeliveryState.FAILED, ~elsewhere.exists())
        .values(opened(now))
        .execution_options(synchronize_session=False)
    )


def item_addresses(session: Session, duty_ids: Sequence[int], about: str) -> dict[tuple[int, int], int]:
    """By (duty, person): the address at which the item is, may be, or is about to be."""
    query = select(Delivery.duty_id, Delivery.person_id, Delivery.address_id).where(
        Delivery.rung == Rung.ITEM, Delivery.key.contains(f":{about}:"), Delivery.state.not_in(GONE)
    )
    rows = rows_about(session, query, Delivery.duty_id, duty_ids)
    return {(duty_id or 0, person_id): address_id for duty_id, person_id, address_id in rows}


def bring_forward(session: Session, rundown_id: int, now: datetime) -> None:
    """Make the items of a rundown due now that were planned for later."""
    mine = select(Duty.id).where(Duty.rundown_id == rundown_id)
    later = Delivery.rung == Rung.ITEM, Delivery.state.in_(OPEN), Delivery.due_at > now
    rows = update(Delivery).where(Delivery.duty_id.in_(mine), *later)
    session.execute(rows.values(due_at=now, armed=False))


def close_week(session: Session, now: datetime) -> int:
    """Past its deadline an item that never went out, or whose fate stayed unknown, has failed for good."""
    # For each row that is still open, not from the list of all duties that were ever due.
    over = select(Duty.id).where(Duty.id == Delivery.duty_id, Duty.due_at <= now).exists()
    late = update(Delivery).where(UNSETTLED, over, Delivery.rung.in_((Rung.ITEM, *ANSWERABLE)))
    over_now = {"state": DeliveryState.FAILED, "settled_at": now, "error": "hết tuần mà chưa gửi được"}
    return changed(session, late.where(Delivery.state.in_((*OPEN, DeliveryState.UNKNOWN))).values(over_now))


def cancel(session: Session, delivery_id: int, now: datetime) -> None:
    """Claimed, but not to be sent after all."""
    _settle(session, delivery_id, DeliveryState.CANCELLED, now)


def cancel_open(session: Session, *where: ColumnElement[bool], now: datetime) -> int:
    """What has not left of some messages, and only that: a row that a worker claimed meanwhile is in flight. How many."""
    rows = update(Delivery).where(*where, Delivery.state.in_(OPEN))
    gone = {"state": DeliveryState.CANCELLED, "settled_at": now, "refused_since": None}
    return changed(session, rows.values(gone))


def cancel_reminders(session: Session, duty: Duty, now: datetime) -> int:
    """A duty that was answered needs no reminder."""
    return cancel_open(session, Delivery.duty_id == duty.id, Delivery.rung.in_(ANSWERABLE), now=now)


def cancel_first_questions(session: Session, duty_ids: Sequence[int], now: datetime) -> None:
    """The second reminder overtakes what has not left of the steps before it."""
    before = Delivery.rung.in_((Rung.QUESTION, Rung.REMINDER_1))
    cancel_open(session, Delivery.duty_id.in_(list(duty_ids)), before, now=now)


def cancel_week(session: Session, rundown_ids: Sequence[int], rungs: Sequence[Rung], now: datetime) -> int:
    """What has not gone out of the weeks of campaigns that were stopped or recalled. How many."""
    mine = select(Duty.id).where(Duty.rundown_id.in_(list(rundown_ids)))
    return cancel_open(session, Delivery.duty_id.in_(mine), Delivery.rung.in_(rungs), now=now)


def proven(
    session: Session, address: Address, message_ref: str, now: datetime, *, duty: Duty | None = None
) -> None:
    """A press on a message proves that it arrived, whatever we believed.

    A message of unknown fate has no id in our row, since the service's answer never came. So a press on a message
    that no row knows, about a `duty` whose item is unknown, is a press on that item.
    """
    if duty is not None and by_message(session, address, message_ref) is None:
        got_it(session, duty, address, now)
    _arrived(session, Delivery.address_id == address.id, Delivery.message_ref == message_ref, now=now)


def got_it(session: Session, duty: Duty, address: Address, now: datetime) -> None:
    """The person answers that the item arrived: when it was sent, then, is when it was claimed."""
    mine = (Delivery.duty_id == duty.id, Delivery.address_id == address.id, Delivery.rung == Rung.ITEM)
    _arrived(session, *mine, now=now)


def by_message(session: Session, address: Address, message_ref: str) -> Delivery | None:
    """The delivery that put a message into a chat."""
    values = {"address": address.id, "message": message_ref}
    return session.scalars(_BY_MESSAGE, values).unique().first()


def letters_since(session: Session, since: datetime) -> list[tuple[int, datetime, str]]:
    """The ladder's letters that are due since an instant and went out, or will: (person, due, key)."""
    weeks = [str(Week.of(since).shift(by)) for by in (-2, -1, 0, 1)]
    query = select(Delivery.person_id, Delivery.due_at, Delivery.key).where(
        Delivery.period.in_(weeks), Delivery.rung.in_(LETTERS), Delivery.due_at >= since
    )
    rows = session.execute(query.where(Delivery.state.not_in(GONE)))
    return [(person_id, due_at, key) for person_id, due_at, key in rows]


def last_letter(
    session: Session, person_id: int, rungs: Sequence[Rung], before_id: int | None = None
) -> Delivery | None:
    """The newest message of some rungs to a person (or the newest before another) that did not fail."""
    letters = Delivery.person_id == person_id, Delivery.rung.in_(list(rungs)), Delivery.state.not_in(GONE)
    query = select(Delivery).where(*letters).order_by(Delivery.id.desc())
    if before_id is not None:
        query = query.where(Delivery.id < before_id)
    return session.scalars(query.limit(1)).first()


def was_told(session: Session, person: Person, rung: Rung, about: str) -> bool:
    """Whether a person has a message of a rung whose key begins so, whatever became of it."""
    query = select(Delivery.id).where(Delivery.person_id == person.id, Delivery.rung == rung)
    return session.scalar(query.where(Delivery.key.startswith(about, autoescape=True)).limit(1)) is not None


@dataclass(frozen=True)
class Question:
    """The first thing that one person was, or will be, asked about one duty: the question after the station's own hour,
    or the first reminder (`is_reminder`)."""

    due_at: datetime
    sent_at: datetime | None
    is_reminder: bool


def questions(session: Session, period: str) -> dict[tuple[int, int], Question]:
    """By (duty, person). One that an answer cancelled is as if it was never planned: once the answer is taken back it is
    wanted again."""
    first = Delivery.rung.in_((Rung.QUESTION, Rung.REMINDER_1)), Delivery.state != DeliveryState.CANCELLED
    query = select(Delivery.duty_id, Delivery.person_id, Delivery.due_at, Delivery.sent_at, Delivery.rung)
    rows = session.execute(query.where(Delivery.period == period, *first))
    return {
        (duty_id or 0, person_id): Question(due_at, sent_at, rung is Rung.REMINDER_1)
        for duty_id, person_id, due_at, sent_at, rung in rows
    }


def shown(session: Session, duty_id: int) -> list[Delivery]:
    """The messages about a duty that stand in somebody's chat and ask for its answer, oldest first."""
    query = (
        select(Delivery)
        .join(Delivery.address)
        .where(Delivery.duty_id == duty_id, Delivery.state == DeliveryState.SENT)
        .where(Delivery.rung.in_((Rung.ITEM, *REMINDING)), Delivery.message_ref.is_not(None))
        .where(Address.state == AddressState.ACTIVE)
    )
    return list(session.scalars(query.order_by(Delivery.id)))


def upload_of(session: Session, track_id: int, channel: str, bot: str) -> str | None:
    """The id by which this bot can send a track again without its bytes."""
    row = session.get(Upload, (track_id, channel, bot))
    return row.file_ref if row else None


def keep_upload(session: Session, track_id: int, channel: str, bot: str, file_ref: str) -> None:
    row: dict[str, object] = {"track_id": track_id, "channel": channel, "bot": bot, "file_ref": file_ref}
    insert_new(session, Upload, [row], ["track_id", "channel", "bot"])


def _arrived(session: Session, *where: ColumnElement[bool], now: datetime) -> None:
    rows = update(Delivery).where(*where, Delivery.state == DeliveryState.UNKNOWN)
    session.execute(rows.values(state=DeliveryState.SENT, sent_at=Delivery.claimed_at, settled_at=now))


def _settle(
    session: Session, delivery_id: int, state: DeliveryState, now: datetime, **values: object
) -> None:
    row = update(Delivery).where(Delivery.id == delivery_id, Delivery.state != DeliveryState.SENT)
    session.execute(row.values(state=state, settled_at=now, **values))


def _repeat(session: Session, now: datetime, *where: ColumnElement[bool]) -> None:
    rows = update(Delivery).where(
        *where, Delivery.state == DeliveryState.UNKNOWN, Delivery.rung.in_(REPEATED)
    )
    again = {"state": DeliveryState.RETRYING, "due_at": now + timedelta(minutes=1)}
    more = rows.where(Delivery.attempts < REPEATS)
    session.execute(more.values(**again, armed=False, settled_at=None))
    session.execute(rows.values(state=DeliveryState.FAILED))


def missing(session: Session, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Those that are not planned yet, or were and are wanted again: what `plan` would do something about."""
    query = select(Delivery.key, _wanted_again())
    known = dict(rows_about(session, query, Delivery.key, [w.key for w in wanted]))
    return [w for w in wanted if known.get(w.key, True)]


def _wanted_again() -> ColumnElement[bool]:
    """Rows that `plan` opens again when they are wanted; a reminder that moved to another address is not."""
    reminds = and_(Delivery.rung.in_(REMINDING), Delivery.refused_since.is_(None))
    return and_(Delivery.state == DeliveryState.CANCELLED, or_(Delivery.rung == Rung.ITEM, reminds))
