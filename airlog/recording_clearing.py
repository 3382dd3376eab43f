"""A person's recording goes on air once a second person has heard it and cleared it, or back with the reason.

Clearing binds the bytes that were heard (`Recording.sha256`). A later take needs a clearing of its own; until then the
one that was cleared stays in use. A Vietnamese recording takes the place of the reading that was cleared with the item,
so that there is one answer to what stations get (`ItemVersion.cleared_sha256`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from airlog import access
from airlog.access import NotAllowed
from airlog.db import Refused
from airlog.files import sha256_of
from airlog.models import ItemVersion, Person, Recording
from content.languages import VIETNAMESE
from content.wording import fold, nfc

MOST_REASON = 300
USABLE = and_(
    Recording.withdrawn_at.is_(None), Recording.rejected_at.is_(None), Recording.cleared_at.is_not(None)
)


class BadVerdict(Refused):
    """A recording that cannot be cleared or sent back as asked; the message is Vietnamese."""


def is_usable(recording: Recording) -> bool:
    """Whether it may be aired, as long as its file is there."""
    return recording.cleared_at is not None and stands(recording)


def stands(recording: Recording) -> bool:
    """Neither withdrawn nor sent back."""
    return recording.withdrawn_at is None and recording.rejected_at is None


def is_whole(recording: Recording) -> bool:
    """Whether its file holds the bytes it stands for."""
    return sha256_of(Path(recording.path)) == recording.sha256


def is_own(person: Person, recording: Recording) -> bool:
    """Whether the person sent or read it, and so may not clear it."""
    return recording.by_id == person.id or fold(recording.reader) == fold(person.name)


def clear(session: Session, person: Person, recording: Recording, heard: str, now: datetime) -> None:
    """Let a recording be aired; `heard` is the hash of what the person listened to. Safe to repeat.

    Raises NotAllowed (role, or their own recording) and BadVerdict.
    """
    _must_judge(session, person, recording, "recording.clear", now)
    if recording.withdrawn_at is not None:
        raise BadVerdict("Bản thu này đã bỏ nên không duyệt được. Anh/chị chọn bản thu khác.")
    if heard != recording.sha256 or not is_whole(recording):
        raise BadVerdict(
            "Tệp của bản thu này không còn đúng như khi nhận nên Loa Xã chưa duyệt. Các bản khác vẫn giữ nguyên. "
            "Anh/chị nhờ người gửi gửi lại bản thu."
        )
    version = session.get_one(ItemVersion, recording.item_version_id)
    if recording.language == VIETNAMESE:
        _bind(session, person, version, recording, now)
    _cleared(session, person, version, recording, now)


def reject(session: Session, person: Person, recording: Recording, reason: str, now: datetime) -> None:
    """Send a recording back to who sent it; one that was cleared is out of use again. Safe to repeat.

    Raises NotAllowed and BadVerdict.
    """
    _must_judge(session, person, recording, "recording.reject", now)
    reason = " ".join(nfc(reason).split())
    if not 2 <= len(reason) <= MOST_REASON:
        raise BadVerdict(
            f"Chưa ghi vì sao bản thu chưa duyệt được. Anh/chị ghi một câu, từ 2 đến {MOST_REASON} ký tự, để người gửi "
            "biết cần thu lại chỗ nào."
        )
    if recording.rejected_at is not None and recording.rejected_why == reason:
        return
    recording.rejected_by_id, recording.rejected_at, recording.rejected_why = person.id, now, reason
    access.note(session, person, "recording.reject", str(recording.id), now, detail=reason)


def heard_with_item(
    session: Session, person: Person, version: ItemVersion, heard: str, now: datetime
) -> None:
    """An item is cleared by hearing a person's recording: that clears the recording too. Raises NotAllowed."""
    query = select(Recording).where(
        Recording.item_version_id == version.id, Recording.language == VIETNAMESE, Recording.sha256 == heard
    )
    takes = [one for one in session.scalars(query.order_by(Recording.id.desc())) if stands(one)]
    if takes:
        _must_judge(session, person, takes[0], "item.clear", now)
        _cleared(session, person, version, takes[0], now)


def usable(
    session: Session, version_ids: Iterable[int], before: datetime | None = None
) -> dict[tuple[int, str], Recording]:
    """By version and language: the newest that was cleared (`before` a moment, where one is given), whose file is whole."""
    query = select(Recording).where(Recording.item_version_id.in_(list(version_ids)), USABLE)
    if before is not None:
        query = query.where(Recording.cleared_at < before)
    rows = (row for row in session.scalars(query.order_by(Recording.id)) if is_whole(row))
    return {(row.item_version_id, row.language): row for row in rows}


def is_out_of_use(session: Session, version_id: int, sha256: str) -> bool:
    """Whether a reading, by its hash, is a person's recording that was withdrawn or sent back."""
    query = select(Recording).where(Recording.item_version_id == version_id, Recording.sha256 == sha256)
    takes = list(session.scalars(query))
    return bool(takes) and not any(stands(one) for one in takes)


def taken_out_since(session: Session, version_ids: Collection[int], since: datetime) -> bool:
    """Whether a recording that was in use was withdrawn or sent back since then: sound made before may hold it."""
    out = or_(Recording.withdrawn_at >= since, Recording.rejected_at >= since)
    query = select(Recording.id).where(
        Recording.item_version_id.in_(list(version_ids)), Recording.cleared_at.is_not(None), out
    )
    return session.scalar(query.limit(1)) is not None


def unheard_by_item(session: Session) -> dict[int, int]:
    """By item: in how many languages the newest recording of its latest words waits for somebody to hear it."""
    newest = select(func.max(Recording.id)).where(Recording.withdrawn_at.is_(None))
    newest = newest.group_by(Recording.item_version_id, Recording.language)
    latest = select(func.max(ItemVersion.id)).group_by(ItemVersion.item_id)
    query = (
        select(ItemVersion.item_id, func.count())
        .join(Recording, Recording.item_version_id == ItemVersion.id)
        .where(Recording.id.in_(newest), ItemVersion.id.in_(latest))
        .where(Recording.cleared_at.is_(None), Recording.rejected_at.is_(None))
        .group_by(ItemVersion.item_id)
    )
    return {row.item_id: row[1] for row in session.execute(query)}


def _must_judge(session: Session, person: Person, recording: Recording, act: str, now: datetime) -> None:
    access.require(session, person, access.APPROVERS, act, now)
    if is_own(person, recording):
        access.refuse(session, person, act, f"recording {recording.id}", now)
        raise NotAllowed(
            "Người gửi hoặc người đọc không tự duyệt bản thu của mình. Anh/chị nhờ người khác nghe và duyệt."
        )


def _bind(
    session: Session, person: Person, version: ItemVersion, recording: Recording, now: datetime
) -> None:
    """From now on the item is read by this recording."""
    if version.author_id == person.id:
        access.refuse(session, person, "recording.clear", f"recording {recording.id}", now)
        raise NotAllowed("Người viết tin không tự duyệt bản đọc. Anh/chị nhờ người khác nghe và duyệt.")
    if version.cleared_at is None:
        raise BadVerdict(
            "Lời đọc của tin này chưa duyệt. Anh/chị duyệt ở mục Duyệt của trang tin bài: bản thu này là bản được nghe "
            "ở đó."
        )
    if version.cleared_sha256 != recording.sha256 or version.cleared_by_id is None:
        version.cleared_by_id, version.cleared_sha256 = person.id, recording.sha256
        subject = f"{version.item.slug} {version.number}"
        access.note(session, person, "item.clear", subject, now, detail=recording.sha256)


def _cleared(
    session: Session, person: Person, version: ItemVersion, recording: Recording, now: datetime
) -> None:
    if is_usable(recording):
        return
    recording.cleared_by_id, recording.cleared_at = person.id, now
    recording.rejected_by_id = recording.rejected_at = recording.rejected_why = None
    subject = f"{version.item.slug} {version.number} {recording.language}"
    access.note(session, person, "recording.clear", subject, now, detail=recording.sha256)
