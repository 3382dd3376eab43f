"""People's own readings of an item: kept as they came, mastered beside, one standing for each language.

A language other than Vietnamese is read by a person or not at all: no voice of ours speaks it, so a required one without
a recording waits. A recording belongs to one version, that is to its exact words, and is aired once somebody else heard
and cleared it (airlog/recording_clearing.py).
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access, recording_clearing
from airlog.db import Refused
from airlog.files import keep_file
from airlog.models import ItemVersion, Person, Recording, Rundown
from audio.clip import Tags
from audio.gate import Fitting
from audio.render import master_upload, spoken_words
from audio.speech import syllables
from content.languages import VIETNAMESE, codes_of, is_language, language_vi
from content.wording import nfc

PUT_BACK_WITHIN = timedelta(days=1)
_LONGEST_READER, _LONGEST_CONSENT = 120, 500
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")
_ONE_AT_A_TIME = threading.Lock()
"""Fifteen minutes of sound take 160 MB a step: a second one waits."""


class NoRecording(Refused):
    """What was given cannot stand as a recording, or there is no such recording; the message is Vietnamese."""


@dataclass(frozen=True)
class Received:
    """A file somebody sent, as it came and as it will be aired."""

    original_name: str
    original_path: Path
    original_sha256: str
    path: Path
    sha256: str
    duration_ms: int


@dataclass(frozen=True)
class Standing:
    """How a version stands in one language.

    `in_use`: what stations get, heard and cleared. `unheard`: a newer take that nobody has judged. `sent_back`: the
    newest take, when an approver sent it back. Each is None where there is none.
    """

    language: str
    is_required: bool
    in_use: Recording | None = None
    unheard: Recording | None = None
    sent_back: Recording | None = None

    @property
    def is_waiting(self) -> bool:
        """Must be recorded by a person and is not. Vietnamese never waits: a voice can read it."""
        return self.is_required and not (self.in_use or self.unheard) and self.language != VIETNAMESE


def receive(folder: Path, data: bytes, name: str, title: str, language: str, script: str) -> Received:
    """Master a file and keep it with its original under `folder`, named by hash; what is refused is not kept.

    `script` is the Vietnamese text: a recording whose length cannot be a reading of it is refused.
    Takes seconds and no database: call it in a thread, outside any transaction. Raises ClipRefused.
    """
    bare = PurePath(name.replace("\\", "/")).name
    beside = folder / hashlib.sha256(data).hexdigest()[:2]
    tags = Tags(title=f"{title} ({language_vi(language)})", language=language)
    fitting = Fitting(syllables(spoken_words(script)), is_vietnamese=language == VIETNAMESE)
    with _ONE_AT_A_TIME:
        clip = master_upload(data, beside, tags, fitting=fitting)
    suffix = PurePath(bare).suffix.lower()
    original = keep_file(folder, data, suffix if _SUFFIX.fullmatch(suffix) else "")
    return Received(
        bare[-120:] or "ghi-am", original.path, original.sha256, clip.path, clip.sha256, clip.duration_ms
    )


def check_words(language: str, reader: str, consent: str) -> tuple[str, str]:
    """The reader's name and the note of consent, cleaned. Raises NoRecording before any file is looked at."""
    reader, consent = " ".join(nfc(reader).split()), " ".join(nfc(consent).split())
    if not is_language(language):
        raise NoRecording("Chưa chọn ngôn ngữ của bản thu. Anh/chị chọn một ngôn ngữ trong danh sách.")
    if len(reader) < 2 or not any(sign.isalpha() for sign in reader):
        raise NoRecording("Chưa có tên người đọc. Anh/chị ghi họ tên, ví dụ: H'Len Niê.")
    if len(consent) < 2:
        raise NoRecording(
            "Chưa ghi người đọc đồng ý cho phát ra sao. Anh/chị ghi ngắn gọn, ví dụ: đồng ý qua điện thoại 24/11."
        )
    if len(reader) > _LONGEST_READER or len(consent) > _LONGEST_CONSENT:
        raise NoRecording(
            f"Tên người đọc dài nhất {_LONGEST_READER} chữ, ghi chú dài nhất {_LONGEST_CONSENT} chữ. "
            "Anh/chị ghi ngắn lại."
        )
    return reader, consent


def add(
    session: Session,
    person: Person,
    version_id: int,
    language: str,
    reader: str,
    consent: str,
    received: Received,
    now: datetime,
) -> Recording:
    """Put a recording on record; once it is cleared it takes the place of the one before it. Editors and admins.

    The same file for the same language, still standing, adds nothing. Raises NotAllowed, NoRecording.
    """
    access.require(session, person, access.EDITORS, "recording.add", now)
    reader, consent = check_words(language, reader, consent)
    version = session.get(ItemVersion, version_id)
    if version is None:
        raise NoRecording("Không có tin bài này. Anh/chị xem lại danh sách tin bài.")
    before = newest(session, [version_id]).get((version_id, language))
    if before and (before.original_sha256, before.reader) == (received.original_sha256, reader):
        return before
    row = Recording(item_version_id=version_id, language=language, reader=reader, consent=consent)
    row.original_name, row.original_path = received.original_name, str(received.original_path)
    row.original_sha256, row.path = received.original_sha256, str(received.path)
    row.sha256, row.duration_ms = received.sha256, received.duration_ms
    row.by_id, row.at = person.id, now
    session.add(row)
    session.flush()
    subject = f"{version.item.slug} {version.number} {language}"
    access.note(session, person, "recording.add", subject, now, detail=f"{reader}; {consent}")
    return row


def of_version(session: Session, version_id: int) -> list[Recording]:
    """Every recording of a version, the withdrawn ones too, newest first."""
    query = select(Recording).where(Recording.item_version_id == version_id)
    return list(session.scalars(query.order_by(Recording.id.desc())))


def withdraw(session: Session, person: Person, recording: Recording, now: datetime) -> None:
    """Take a recording out of use; the row and the files stay. Safe to repeat. Raises NotAllowed."""
    access.require(session, person, access.EDITORS, "recording.withdraw", now)
    if recording.withdrawn_at is None:
        recording.withdrawn_at = now
        access.note(session, person, "recording.withdraw", str(recording.id), now, detail=recording.reader)


def may_put_back(recording: Recording, now: datetime) -> bool:
    """A slip is undone within a day; after that the reader is asked, and records, anew."""
    return recording.withdrawn_at is not None and now <= recording.withdrawn_at + PUT_BACK_WITHIN


def put_back(session: Session, person: Person, recording: Recording, now: datetime) -> None:
    """Undo a withdrawal. Raises NotAllowed, NoRecording."""
    access.require(session, person, access.EDITORS, "recording.put_back", now)
    if recording.withdrawn_at is None:
        return
    if not may_put_back(recording, now):
        raise NoRecording(
            "Bản thu này đã bỏ quá một ngày nên không dùng lại được. Tệp gốc vẫn giữ nguyên. "
            "Anh/chị hỏi lại người đọc rồi gửi bản thu mới."
        )
    recording.withdrawn_at = None
    access.note(session, person, "recording.put_back", str(recording.id), now, detail=recording.reader)


def following(session: Session, rundown: Rundown, version_id: int) -> list[Recording]:
    """What is heard after the Vietnamese reading: people's recordings in the mandate's other languages, in its order.

    One that is cleared after the week's hour waits for another week: half of the stations would have a different
    programme.
    """
    found = recording_clearing.usable(session, [version_id], before=rundown.send_at)
    codes = [code for code in codes_of(rundown.campaign.mandate.languages) if code != VIETNAMESE]
    return [found[version_id, code] for code in codes if (version_id, code) in found]


def standing(session: Session, version_id: int, required: Collection[str]) -> list[Standing]:
    """One line a language: what is in use, what waits to be heard, and what of the required ones waits for its reader.
    Vietnamese first."""
    takes: dict[str, list[Recording]] = {}
    for row in of_version(session, version_id):
        if row.withdrawn_at is None and recording_clearing.is_whole(row):
            takes.setdefault(row.language, []).append(row)
    codes = sorted({*takes, *required}, key=lambda code: (code != VIETNAMESE, code not in required, code))
    return [_standing(code, code in required, takes.get(code, [])) for code in codes]


def newest(session: Session, version_ids: Iterable[int]) -> dict[tuple[int, str], Recording]:
    """By version and language: the newest that stands, cleared or not, and whose file is whole."""
    query = select(Recording).where(Recording.item_version_id.in_(list(version_ids)))
    rows = (row for row in session.scalars(query.order_by(Recording.id)) if recording_clearing.stands(row))
    return {(row.item_version_id, row.language): row for row in rows if recording_clearing.is_whole(row)}


def _standing(language: str, is_required: bool, takes: list[Recording]) -> Standing:
    """`takes` are newest first, without those that were withdrawn. What is older than the one in use is history."""
    in_use = next((one for one in takes if recording_clearing.is_usable(one)), None)
    newer = takes[: takes.index(in_use)] if in_use else takes
    unheard = next((one for one in newer if one.rejected_at is None), None)
    sent_back = newer[0] if newer and newer[0].rejected_at is not None else None
    return Standing(language, is_required, in_use, unheard, sent_back)
