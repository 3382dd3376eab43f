"""How words are read: the entries of a province or of one station, over the national list of the voice.

In whatever case, Unicode form or place of its tone mark, a word is one word; its newest row in a layer holds, the older
ones are its history. A station's entry wins over its province's, and both win over the national list
(audio/speech_text/voice_lexicon.tsv); of entries that overlap in a text the longest wins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog import access, area_rights
from airlog.access import EDITORS
from airlog.db import Refused
from airlog.models import Area, Person, Pronunciation, Station
from airlog.scope import any_of, lower_kind
from airlog.types import RoleKind
from content.wording import fold, nfc

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


class UnknownLayer(Refused):
    """No such province or station."""


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
class Layer:
    """A province or a station. `scope` is the area whose editors may change its entries."""

    kind: Literal["province", "station"]
    key: str
    name: str
    scope: str
    province_code: str

    @property
    def text(self) -> str:
        return f"{self.kind}:{self.key}"


@dataclass(frozen=True)
class Entry:
    """A row of a word. `reading` None: taken out. `instead_of` says whose reading it replaces, in Vietnamese.

    An entry of the national list has no row (0), no writer and no time.
    """

    row_id: int
    word: str
    reading: str | None
    note: str
    by: str
    at: datetime | None
    instead_of: str = ""


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


def layer_of(session: Session, text: str) -> Layer:
    """A layer by its text: `province:68`, `station:12`. Raises UnknownLayer."""
    kind, _, key = text.partition(":")
    if kind == "province":
        area = session.get(Area, key)
        if area is not None and area.kind == "province":
            return Layer("province", key, lower_kind(area.name), key, key)
    if kind == "station" and key.isdecimal() and len(key) < 10:
        station = session.get(Station, int(key))
        if station is not None:
            code = station.area.parent_code or ""
            return Layer("station", str(station.id), lower_kind(station.name), station.area_code, code)
    raise UnknownLayer("Không có từ điển này. Anh/chị chọn lại tỉnh hoặc đài.")


def provinces_of(
    session: Session, person: Person, roles: Collection[RoleKind], now: datetime
) -> list[tuple[str, str]]:
    """Provinces that a person's areas lie in, as (layer, name)."""
    mine = any_of(area_rights.scopes_of(session, person, roles, now))
    codes = select(Area.parent_code).where(Area.kind != "province", mine)
    query = select(Area).where(Area.kind == "province", Area.code.in_(codes)).order_by(Area.code)
    return [(f"province:{area.code}", area.name) for area in session.scalars(query)]


def stations_of(
    session: Session, person: Person, roles: Collection[RoleKind], province_code: str, now: datetime
) -> list[tuple[str, str]]:
    """A person's stations in one province, as (layer, name)."""
    stations = access.stations_of(session, person, now, roles)
    return [(f"station:{s.id}", s.name) for s in stations if s.area.parent_code == province_code]


def may_edit(session: Session, person: Person, layer: Layer, now: datetime) -> bool:
    """Whether the person's areas as editor or admin hold the whole layer."""
    return area_rights.covers(session, person, EDITORS, layer.scope, now)


def national_entries() -> list[Entry]:
    """The list that ships with the voice; it changes with a release only."""
    from audio.speech_text.respelling import NATIONAL

    found = (Entry(0, word, reading, "", "", None) for word, reading in NATIONAL.items())
    return sorted(found, key=lambda one: (fold(one.word), one.word))


def entries(session: Session, layer: Layer) -> list[Entry]:
    """What holds now, in the order of a dictionary."""
    rows = _newest(_rows(session, layer))
    lower = _lower_layers(session, layer)
    found = [
        _entry(row, name, _replaced(key, row.reads, lower)) for key, (row, name) in rows.items() if row.reads
    ]
    return sorted(found, key=lambda one: (fold(one.word), one.word))


def history(session: Session, layer: Layer, word: str) -> list[Entry]:
    """Every row of a word, newest first."""
    key = _key(word)
    rows = [(row, name) for row, name in _rows(session, layer) if row.word.lower() == key]
    return [_entry(row, name) for row, name in reversed(rows)]


def instead_of(session: Session, layer: Layer, word: str, reading: str) -> str:
    """Whose reading of a word this one would replace, in Vietnamese; empty when nobody's."""
    return _replaced(_key(word), reading, _lower_layers(session, layer))


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
        return _entry(*standing)
    _refuse_if_newer(standing, based_on)
    row = _write(session, person, layer, one, now)
    access.note(session, person, "lexicon.set", layer.text, now, detail=f"{row.word}: {row.reads}")
    return _entry(row, person.name)


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
    held = {key: row for key, (row, _) in _newest(_rows(session, layer)).items()}
    lower = _lower_layers(session, layer)
    return [_change(one, held.get(_key(one.word)), lower) for one in clean]


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


def newest_row(session: Session, layer: Layer) -> int:
    """Grows with every change of a layer."""
    return session.scalar(select(func.max(Pronunciation.id)).where(Pronunciation.layer == layer.text)) or 0


def merged(session: Session, *, province_code: str | None, station_id: int | None) -> dict[str, str]:
    """Readings for one station (or for a whole province), by words in small letters; the station's own win.

    The national list is not in it: the voice's respelling knows it, after the rules, where it cannot harm an address
    or an abbreviation.
    """
    own: dict[str, str] = {}
    for layer in (f"province:{province_code}", f"station:{station_id}"):
        query = select(Pronunciation.word, Pronunciation.reads).where(Pronunciation.layer == layer)
        held = {word.lower(): reads for word, reads in session.execute(query.order_by(Pronunciation.id))}
        own |= {key: reads for key, reads in held.items() if reads is not None}
    return own


_Row = tuple[Pronunciation, str]
_Lower = Sequence[tuple[str, Mapping[str, str]]]
"""The layers below one, nearest first: what to call them, and their readings."""


def _enter(session: Session, person: Person, layer: Layer, act: str, now: datetime) -> None:
    """See that the person may, then let one writer at a time into the layer (a file store has but one anyway)."""
    area_rights.require_area(session, person, EDITORS, layer.scope, act, now)
    place = (
        select(Area.code).where(Area.code == layer.key)
        if layer.kind == "province"
        else select(Station.area_code).where(Station.id == int(layer.key))
    )
    session.execute(place.with_for_update(key_share=True))


def _standing(session: Session, layer: Layer, word: str) -> _Row | None:
    """The newest row of a word."""
    return _newest(_rows(session, layer)).get(_key(word))


def _refuse_if_newer(standing: _Row | None, based_on: int) -> None:
    """Raises EntryChanged when what stands is not what a form was based on; a word that was taken out is free."""
    if standing is None:
        return
    row, _ = standing
    if row.id != based_on and not (based_on == 0 and row.reads is None):
        raise EntryChanged(_entry(*standing))


def _write(session: Session, person: Person, layer: Layer, clean: Wanted, now: datetime) -> Pronunciation:
    row = Pronunciation(layer=layer.text, word=clean.word, reads=clean.reading, note=clean.note, at=now)
    row.by_id = person.id
    session.add(row)
    session.flush()
    return row


def _rows(session: Session, layer: Layer) -> list[_Row]:
    """Every row of a layer with the name of who wrote it, oldest first."""
    query = select(Pronunciation, Person.name).outerjoin(Person, Pronunciation.by_id == Person.id)
    found = session.execute(query.where(Pronunciation.layer == layer.text).order_by(Pronunciation.id))
    return [(row, name or "") for row, name in found]


def _newest(rows: Iterable[_Row]) -> dict[str, _Row]:
    return {row.word.lower(): (row, name) for row, name in rows}


def _entry(row: Pronunciation, name: str, instead: str = "") -> Entry:
    return Entry(row.id, row.word, row.reads, row.note, name, row.at, instead)


def _change(clean: Wanted, held: Pronunciation | None, lower: _Lower) -> Change:
    before = (held.reads or "") if held else ""
    kind: Literal["new", "changed", "same"] = "changed" if before else "new"
    if before and held and (held.reads, held.note) == (clean.reading, clean.note):
        kind = "same"
    replaced = _replaced(_key(clean.word), clean.reading, lower)
    return Change(kind, clean.word, clean.reading, clean.note, before, replaced)


def _lower_layers(session: Session, layer: Layer) -> _Lower:
    from audio.speech_text.respelling import NATIONAL

    if layer.kind == "province":
        return [("cách đọc chung", NATIONAL)]
    province = merged(session, province_code=layer.province_code, station_id=None)
    return [("cách đọc của tỉnh", province), ("cách đọc chung", NATIONAL)]


def _replaced(key: str, reading: str, lower: _Lower) -> str:
    """The nearest layer below that has the word decides what is replaced."""
    for name, held in lower:
        if key in held:
            return "" if held[key] == reading else f"thay cho {name}: {held[key]}"
    return ""


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


def _key(word: str) -> str:
    from audio.speech_text.respelling import (
        clean_word,
    )  # loads the lists of the reading rules: only when needed

    return clean_word(word).lower()
