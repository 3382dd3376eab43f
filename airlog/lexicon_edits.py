"""Changing how words are read, by one word or by a list. Rows are only added: what stood before is the history.
What cannot stand is told so that it can be mended; an edit that somebody else overtook is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access, area_rights
from airlog.access import EDITORS
from airlog.db import Refused
from airlog.lexicon import (
    Entry,
    Layer,
    Lower,
    Row,
    entry_of,
    key_of,
    lower_layers,
    newest_of,
    newest_row,
    replaced,
    rows_of,
)
from airlog.models import Area, Person, Pronunciation, Station
from content.wording import nfc

MOST_WORD_CHARS = 80
MOST_READING_CHARS = 200
MOST_NOTE_CHARS = 200
MOST_ROWS = 2000
_MOST_ERRORS = 50


class BadEntry(Refused):
    """Entries refused as a whole; `errors` are Vietnamese and name row and column where there are rows."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("Chưa ghi gì. " + " ".join(errors[:3]))
        self.errors = tuple(errors[:_MOST_ERRORS])


class EntryChanged(Refused):
    """Somebody was quicker: `newest` is what stands there now."""

    def __init__(self, newest: Entry) -> None:
        stands = f"đọc là “{newest.reading}”" if newest.reading else "đã được bỏ"
        super().__init__(
            f"Chưa ghi: từ “{newest.word}” lúc này {stands} ({newest.by or 'người khác'} ghi), khác với khi anh/chị "
            "mở trang. Nội dung anh/chị gõ vẫn còn bên dưới; anh/chị xem lại, nếu vẫn muốn thay thì lưu lần nữa."
        )
        self.newest = newest


class ListOutdated(Refused):
    """The layer changed between the look at a list and its saving."""


@dataclass(frozen=True)
class Wanted:
    """A row of somebody's list, as typed; `line` is its number there."""

    line: int
    word: str
    reading: str
    note: str = ""


@dataclass(frozen=True)
class Change:
    """What saving a row would do; `before` is the layer's reading so far."""

    kind: Literal["new", "changed", "same"]
    word: str
    reading: str
    note: str
    before: str
    instead_of: str


def set_entry(
    session: Session, person: Person, layer: Layer, wanted: Wanted, based_on: int, now: datetime
) -> Entry:
    """Read a word so from now on. `based_on` is the row the form showed, 0 for a new word. Safe to repeat.

    Raises NotAllowed, BadEntry, EntryChanged.
    """
    _enter(session, person, layer, "lexicon.set", now)
    clean, errors = _checked([wanted], lambda _line, field: f"Ô {field}")
    if errors:
        raise BadEntry(errors)
    (one,) = clean
    standing = _standing(session, layer, one.word)
    if standing and (standing[0].reads, standing[0].note) == (one.reading, one.note):
        return entry_of(*standing)
    _refuse_if_newer(standing, based_on)
    row = _write(session, person, layer, one, now)
    access.note(session, person, "lexicon.set", layer.text, now, detail=f"{row.word}: {row.reads}")
    return entry_of(row, person.name)


def take_out(session: Session, person: Person, layer: Layer, word: str, based_on: int, now: datetime) -> None:
    """The word is read again as the layers below have it. Raises NotAllowed, EntryChanged. Safe to repeat."""
    _enter(session, person, layer, "lexicon.remove", now)
    standing = _standing(session, layer, word)
    if standing is None or standing[0].reads is None:
        return
    _refuse_if_newer(standing, based_on)
    row, _ = standing
    out = Pronunciation(layer=layer.text, word=row.word, reads=None, note="", by_id=person.id, at=now)
    session.add(out)
    access.note(session, person, "lexicon.remove", layer.text, now, detail=row.word)
    session.flush()


def changes(session: Session, layer: Layer, rows: Sequence[Wanted]) -> list[Change]:
    """What taking in a list would do. Raises BadEntry, which names every bad row and column."""
    clean, errors = _checked(rows, lambda line, field: f"Dòng {line}, cột {field}")
    if len(rows) > MOST_ROWS:
        errors.insert(0, f"Danh sách có hơn {MOST_ROWS} dòng. Anh/chị chia thành nhiều tệp.")
    if not clean and not errors:
        errors.append("Tệp không có dòng nào dưới dòng tiêu đề.")
    if errors:
        raise BadEntry(errors)
    held = {key: row for key, (row, _) in newest_of(rows_of(session, layer)).items()}
    lower = lower_layers(session, layer)
    return [_change(one, held.get(key_of(one.word)), lower) for one in clean]


def import_list(
    session: Session, person: Person, layer: Layer, rows: Sequence[Wanted], seen: int, now: datetime
) -> int:
    """Store a list: all or nothing, safe to repeat; words that are not in it stay as they are. Returns how many changed.

    `seen` is `newest_row` of the look at the list. Raises NotAllowed, BadEntry, ListOutdated.
    """
    _enter(session, person, layer, "lexicon.import", now)
    fresh = [one for one in changes(session, layer, rows) if one.kind != "same"]
    if fresh and newest_row(session, layer) != seen:
        raise ListOutdated(
            "Có người vừa sửa từ điển này nên Loa Xã chưa ghi gì. Anh/chị xem lại các thay đổi rồi lưu lần nữa."
        )
    for one in fresh:
        _write(session, person, layer, Wanted(0, one.word, one.reading, one.note), now)
    access.note(session, person, "lexicon.import", layer.text, now, detail=f"{len(fresh)} words")
    return len(fresh)


def _enter(session: Session, person: Person, layer: Layer, act: str, now: datetime) -> None:
    """See that the person may, then let one writer at a time into the layer (a file store has but one anyway)."""
    area_rights.require_area(session, person, EDITORS, layer.scope, act, now)
    place = (
        select(Area.code).where(Area.code == layer.key)
        if layer.kind == "province"
        else select(Station.area_code).where(Station.id == int(layer.key))
    )
    session.execute(place.with_for_update(key_share=True))


def _standing(session: Session, layer: Layer, word: str) -> Row | None:
    """The newest row of a word."""
    return newest_of(rows_of(session, layer)).get(key_of(word))


def _write(session: Session, person: Person, layer: Layer, clean: Wanted, now: datetime) -> Pronunciation:
    row = Pronunciation(layer=layer.text, word=clean.word, reads=clean.reading, note=clean.note, at=now)
    row.by_id = person.id
    session.add(row)
    session.flush()
    return row


def _change(clean: Wanted, held: Pronunciation | None, lower: Lower) -> Change:
    before = (held.reads or "") if held else ""
    kind: Literal["new", "changed", "same"] = "changed" if before else "new"
    if before and held and (held.reads, held.note) == (clean.reading, clean.note):
        kind = "same"
    instead_of = replaced(key_of(clean.word), clean.reading, lower)
    return Change(kind, clean.word, clean.reading, clean.note, before, instead_of)


def _refuse_if_newer(standing: Row | None, based_on: int) -> None:
    """Raises EntryChanged when what stands is not what a form was based on; a word that was taken out is free."""
    if standing is None:
        return
    row, _ = standing
    if row.id != based_on and not (based_on == 0 and row.reads is None):
        raise EntryChanged(entry_of(*standing))


def _checked(rows: Iterable[Wanted], place: Callable[[int, str], str]) -> tuple[list[Wanted], list[str]]:
    """Rows in their one form, each word once, and what is wrong with the others; `place` names row and column."""
    clean: dict[str, Wanted] = {}
    errors: list[str] = []
    for row in rows:
        one = _cleaned(row)
        found = [(f"{place(row.line, field)}: {what}.") for field, what in _troubles(one)]
        earlier = clean.setdefault(one.word.lower(), one) if not found else one
        if earlier.reading != one.reading:
            found.append(
                f"{place(row.line, 'Cách đọc')}: từ “{one.word}” đã có ở dòng {earlier.line}, đọc là "
                f"“{earlier.reading}”, ở đây đọc là “{one.reading}”. Anh/chị giữ lại một dòng."
            )
        errors += found
    return list(clean.values()), errors


def _cleaned(row: Wanted) -> Wanted:
    from audio.speech_text.respelling import clean_reading, clean_word

    return Wanted(row.line, clean_word(row.word), clean_reading(row.reading), " ".join(nfc(row.note).split()))


def _troubles(row: Wanted) -> Iterator[tuple[str, str]]:
    """(column, what is wrong) of a cleaned row."""
    from audio.speech_text.respelling import reading_trouble, word_trouble

    if trouble := word_trouble(row.word, MOST_WORD_CHARS):
        yield "Từ", trouble
    if trouble := reading_trouble(row.reading, MOST_READING_CHARS):
        yield "Cách đọc", trouble
    if len(row.note) > MOST_NOTE_CHARS:
        yield "Ghi chú", f"dài {len(row.note)} ký tự, tối đa {MOST_NOTE_CHARS}"
