"""Withdrawing an item that was, or is about to be, sent (“thu hồi tin”): asked for by one person, confirmed by another.

Confirming is one transaction: what has not left is cancelled, the replacement takes the item's place, and it is on
record who did it, when and why. Notices to those who have the old item are planned by every tick
(scheduler/recalls.py), so that a message in flight at that moment gets its notice too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from airlog import access, area_rights, deliveries, ledger_kept, withdrawn
from airlog.db import Refused, insert_new, lock_log
from airlog.models import Delivery, Duty, ItemVersion, Person, Recall, RecallAck, Rundown
from airlog.types import CampaignState, DeliveryState, RoleKind, Rung
from content.week import Week

ASKERS = (RoleKind.EDITOR, RoleKind.APPROVER, RoleKind.ADMIN)
CONFIRMERS = access.APPROVERS
MOST_REASON = 300
_STOPPED = (Rung.ITEM, *deliveries.ANSWERABLE)
"""The item, and whatever asks about it."""
_MAY_HAVE_IT = (DeliveryState.SENT, DeliveryState.UNKNOWN)


class BadRecall(Refused):
    """A recall that cannot be asked for, confirmed or dropped; the message is Vietnamese and says what to do."""


def ask(
    session: Session,
    person: Person,
    rundown: Rundown,
    reason: str,
    replacement: ItemVersion | None,
    now: datetime,
) -> Recall:
    """Ask for the item of a week to be withdrawn; nothing is stopped yet. The same again returns the open request.

    Raises NotAllowed and BadRecall.
    """
    area_rights.require_area(session, person, ASKERS, rundown.campaign.scope, "recall.ask", now)
    _lock(session, rundown)
    reason = " ".join(reason.split())
    waiting = open_request(session, rundown)
    wanted = replacement.id if replacement else None
    if waiting is not None:
        if (waiting.asked_by_id, waiting.reason, waiting.replacement_id) == (person.id, reason, wanted):
            return waiting
        raise BadRecall(
            "Tin này đã có một yêu cầu thu hồi đang chờ xác nhận. Anh/chị mở yêu cầu đó, hoặc hủy nó rồi lập lại."
        )
    _check(session, rundown, reason, replacement, now)
    recall = Recall(rundown_id=rundown.id, item_version_id=rundown.item_version_id, replacement_id=wanted)
    recall.reason, recall.asked_by_id, recall.asked_at = reason, person.id, now
    session.add(recall)
    session.flush()
    access.note(session, person, "recall.ask", f"rundown {rundown.id}", now, detail=reason)
    return recall


def confirm(session: Session, person: Person, recall: Recall, now: datetime) -> Recall:
    """Withdraw the item, in one act. Safe to repeat. Raises NotAllowed and BadRecall."""
    rundown = session.get_one(Rundown, recall.rundown_id)
    area_rights.require_area(session, person, CONFIRMERS, rundown.campaign.scope, "recall.confirm", now)
    _lock(session, rundown)
    lock_log(session)  # before any delivery: whoever states something holds the log first too
    session.refresh(recall)
    if recall.asked_by_id == person.id:
        access.refuse(session, person, "recall.confirm", f"recall {recall.id}", now)
        raise access.NotAllowed(
            "Người yêu cầu không tự xác nhận thu hồi. Chưa có gì bị dừng. Anh/chị nhờ người duyệt hoặc quản trị khác."
        )
    if recall.confirmed_at is not None:
        return recall
    if recall.dropped_at is not None:
        raise BadRecall("Yêu cầu này đã được hủy nên không thu hồi gì. Nếu vẫn cần, anh/chị lập yêu cầu mới.")
    new = session.get_one(ItemVersion, recall.replacement_id) if recall.replacement_id else None
    _check(session, rundown, recall.reason, new, now)
    stopped = deliveries.cancel_week(session, [rundown.id], _STOPPED, now)
    recall.confirmed_by_id, recall.confirmed_at = person.id, now
    if recall.replacement_id is not None:
        rundown.item_version_id = recall.replacement_id
    _cancel_alerts(session, recall, now)
    session.flush()
    session.expire(rundown, ["version"])
    ledger_kept.recompute(session, Duty.rundown_id == rundown.id, Duty.said_seq.is_not(None))
    detail = (
        f"version {recall.item_version_id} -> {recall.replacement_id}, {stopped} stopped: {recall.reason}"
    )
    access.note(session, person, "recall.confirm", f"recall {recall.id}", now, detail=detail)
    return recall


def drop(session: Session, person: Person, recall: Recall, now: datetime) -> Recall:
    """Take a request back before anybody confirmed it. Safe to repeat. Raises NotAllowed and BadRecall."""
    rundown = session.get_one(Rundown, recall.rundown_id)
    roles = ASKERS if recall.asked_by_id == person.id else CONFIRMERS
    area_rights.require_area(session, person, roles, rundown.campaign.scope, "recall.drop", now)
    _lock(session, rundown)
    session.refresh(recall)
    if recall.confirmed_at is not None:
        raise BadRecall("Tin này đã thu hồi rồi nên không hủy được yêu cầu nữa.")
    if recall.dropped_at is None:
        recall.dropped_at = now
        _cancel_alerts(session, recall, now)
        access.note(session, person, "recall.drop", f"recall {recall.id}", now)
    return recall


def acknowledge(session: Session, recall: Recall, person: Person, now: datetime) -> tuple[datetime, bool]:
    """The person says that they know of a recall: when they first did, and whether that was now. Raises NotAllowed."""
    if recall.confirmed_at is None or not was_told(session, recall, person):
        access.refuse(session, person, "recall.acknowledge", f"recall {recall.id}", now)
        raise access.NotAllowed("Tin thu hồi này không gửi cho anh/chị nên Loa Xã chưa ghi gì.")
    return knows(session, recall, person, now)


def knows(session: Session, recall: Recall, person: Person, now: datetime) -> tuple[datetime, bool]:
    """The same for somebody who read of it elsewhere, on the page of a station that has the item: the caller has
    seen to that."""
    known = known_since(session, recall, person)
    if known is not None:
        return known, False
    row: dict[str, object] = {"recall_id": recall.id, "person_id": person.id, "at": now}
    insert_new(session, RecallAck, [row], ["recall_id", "person_id"])
    return session.get_one(RecallAck, (recall.id, person.id)).at, True


def known_since(session: Session, recall: Recall, person: Person) -> datetime | None:
    """When a person said that they know of a recall; None while they have not."""
    known = session.get(RecallAck, (recall.id, person.id))
    return known.at if known else None


_LAST_OF_DUTY = (
    select(Recall.rundown_id, Recall.replacement_id)
    .join(Duty, Duty.rundown_id == Recall.rundown_id)
    .where(Duty.id == bindparam("duty"), Recall.confirmed_at.is_not(None))
    .order_by(Recall.id.desc())
    .limit(1)
)


def is_withdrawn(session: Session, row: Delivery) -> bool:
    """Whether a row must not leave: an item that was recalled, or a reminder of one.

    One indexed query while nothing was recalled. Ask it last in the transaction that claims the row: whatever was
    confirmed before that moment is seen, whichever words the message was made of.
    """
    if row.duty_id is None or row.rung not in _STOPPED:
        return False
    last = session.execute(_LAST_OF_DUTY, {"duty": row.duty_id}).first()
    if last is None:
        return False
    keys = [row.key] if row.rung is Rung.ITEM else _items_at_hand(session, row)
    return not any(withdrawn.names(key, *last) for key in keys)


def open_request(session: Session, rundown: Rundown) -> Recall | None:
    """The request that waits for its second person."""
    query = select(Recall).where(Recall.rundown_id == rundown.id)
    return session.scalar(query.where(Recall.confirmed_at.is_(None), Recall.dropped_at.is_(None)))


def was_told(session: Session, recall: Recall, person: Person) -> bool:
    """Whether the person got the recalled item, or the notice of its recall."""
    mine = select(Delivery.key, Delivery.rung).where(Delivery.person_id == person.id)
    about = select(Duty.id).where(Duty.rundown_id == recall.rundown_id)
    items = mine.where(Delivery.rung == Rung.ITEM, Delivery.duty_id.in_(about))
    notices = mine.where(Delivery.rung == Rung.RECALL, Delivery.key.startswith(f"-:{about_of(recall)}:"))
    return session.execute(items.limit(1)).first() is not None or session.execute(notices).first() is not None


def about_of(recall: Recall) -> str:
    """What the keys of a recall's own messages carry."""
    return f"recall{recall.id}"


def id_in(key: str) -> int | None:
    """The recall that a message is about, by its key."""
    about = key.split(":")[1]
    number = about.removeprefix("recall")
    return int(number) if about != number and number.isdecimal() else None


def _lock(session: Session, rundown: Rundown) -> None:
    """One recall of a week at a time; the lock leaves messages that merely name the week alone."""
    session.refresh(rundown, with_for_update={"of": Rundown, "key_share": True})


def _check(
    session: Session, rundown: Rundown, reason: str, replacement: ItemVersion | None, now: datetime
) -> None:
    if rundown.campaign.state is CampaignState.PLANNED:
        raise BadRecall(
            "Chiến dịch chưa khởi chạy nên chưa có gì để thu hồi. Anh/chị sửa ở trang Chiến dịch."
        )
    if now >= Week.parse(rundown.week).ends_at:
        raise BadRecall(
            "Tuần này đã hết nên không thu hồi được nữa. Anh/chị gọi cho các đài nếu cần đính chính."
        )
    if withdrawn.has_no_item(withdrawn.of_rundown(session, rundown.id)):
        raise BadRecall("Tin này đã thu hồi rồi, không còn tin nào đang gửi.")
    if not reason:
        raise BadRecall("Chưa có lý do thu hồi. Các đài cần biết vì sao, anh/chị ghi một câu ngắn.")
    if len(reason) > MOST_REASON:
        raise BadRecall(f"Lý do dài quá {MOST_REASON} chữ cái. Anh/chị ghi ngắn hơn.")
    if replacement is not None:
        _check_replacement(session, rundown, replacement)


def _check_replacement(session: Session, rundown: Rundown, replacement: ItemVersion) -> None:
    if replacement.cleared_at is None:
        raise BadRecall(
            "Tin thay thế chưa được duyệt nên chưa gửi được. Anh/chị nhờ duyệt trước, hoặc chọn tin khác."
        )
    if replacement.id == rundown.item_version_id:
        raise BadRecall("Tin thay thế chính là tin đang thu hồi. Anh/chị chọn tin khác hoặc bản đã sửa.")
    if withdrawn.any_of(session, [replacement.id]):
        raise BadRecall(
            "Bản này đã từng bị thu hồi nên không thay thế được. Anh/chị chọn tin khác hoặc bản đã sửa."
        )
    if rundown.campaign.state is CampaignState.STOPPED:
        raise BadRecall(
            "Chiến dịch đã dừng nên không gửi tin thay thế. Anh/chị thu hồi mà không chọn tin thay thế."
        )


def _cancel_alerts(session: Session, recall: Recall, now: datetime) -> None:
    """Nobody need be told any more that it waits for them."""
    about = Delivery.key.startswith(f"-:{about_of(recall)}:")
    deliveries.cancel_open(session, about, Delivery.rung == Rung.ALERT, now=now)


def _items_at_hand(session: Session, row: Delivery) -> Sequence[str]:
    """The keys of the duty's items that the person has, or may have."""
    query = select(Delivery.key).where(
        Delivery.duty_id == row.duty_id, Delivery.person_id == row.person_id, Delivery.rung == Rung.ITEM
    )
    return list(session.scalars(query.where(Delivery.state.in_(_MAY_HAVE_IT))))
