"""Changing how words are read, by one word or by a list. Rows are only added: what stood before is the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access, area_rights
from airlog.access import EDITORS
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
from airlog.lexicon_conflicts import MOST_ROWS, BadEntry, ListOutdated, Wanted, checked, refuse_if_newer
from airlog.models import Area, Person, Pronunciation, Station


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
    clean, errors = checked([wanted], lambda _line, field: f"Ô {field}")
    if errors:
        raise BadEntry(errors)
    (one,) = clean
    standing = _standing(session, layer, one.word)
    if standing and (standing[0].reads, standing[0].note) == (one.reading, one.note):
        return entry_of(*standing)
    refuse_if_newer(standing, based_on)
    row = _write(session, person, layer, one, now)
    access.note(session, person, "lexicon.set", layer.text, now, detail=f"{row.word}: {row.reads}")
    return entry_of(row, person.name)


def take_out(session: Session, person: Person, layer: Layer, word: str, based_on: int, now: datetime) -> None:
    """The word is read again as the layers below have it. Raises NotAllowed, EntryChanged. Safe to repeat."""
    _enter(session, person, layer, "lexicon.remove", now)
    standing = _standing(session, layer, word)
    if standing is None or standing[0].reads is None:
        return
    refuse_if_newer(standing, based_on)
    row, _ = standing
    out = Pronunciation(layer=layer.text, word=row.word, reads=None, note="", by_id=person.id, at=now)
    session.add(out)
    access.note(session, person, "lexicon.remove", layer.text, now, detail=row.word)
    session.flush()


def changes(session: Session, layer: Layer, rows: Sequence[Wanted]) -> list[Change]:
    """What taking in a list would do. Raises BadEntry, which names every bad row and column."""
    clean, errors = checked(rows, lambda line, field: f"Dòng {line}, cột {field}")
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
