"""How words are read: the entries of a province or of one station, over the national list of the voice.

In whatever case, Unicode form or place of its tone mark, a word is one word; its newest row in a layer holds, the older
ones are its history. A station's entry wins over its province's, and both win over the national list
(audio/speech_text/voice_lexicon.tsv); of entries that overlap in a text the longest wins.

Changing them: airlog/lexicon_edits.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from content.wording import fold

Row = tuple[Pronunciation, str]
"""A row with the name of who wrote it."""
Lower = Sequence[tuple[str, Mapping[str, str]]]
"""The layers below one, nearest first: what to call them, and their readings."""


class UnknownLayer(Refused):
    """No such province or station."""


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
    rows = newest_of(rows_of(session, layer))
    lower = lower_layers(session, layer)
    found = [
        entry_of(row, name, replaced(key, row.reads, lower)) for key, (row, name) in rows.items() if row.reads
    ]
    return sorted(found, key=lambda one: (fold(one.word), one.word))


def history(session: Session, layer: Layer, word: str) -> list[Entry]:
    """Every row of a word, newest first."""
    key = key_of(word)
    rows = [(row, name) for row, name in rows_of(session, layer) if row.word.lower() == key]
    return [entry_of(row, name) for row, name in reversed(rows)]


def instead_of(session: Session, layer: Layer, word: str, reading: str) -> str:
    """Whose reading of a word this one would replace, in Vietnamese; empty when nobody's."""
    return replaced(key_of(word), reading, lower_layers(session, layer))


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


def rows_of(session: Session, layer: Layer) -> list[Row]:
    """Every row of a layer with the name of who wrote it, oldest first."""
    query = select(Pronunciation, Person.name).outerjoin(Person, Pronunciation.by_id == Person.id)
    found = session.execute(query.where(Pronunciation.layer == layer.text).order_by(Pronunciation.id))
    return [(row, name or "") for row, name in found]


def newest_of(rows: Iterable[Row]) -> dict[str, Row]:
    """What stands of each word; `rows` are oldest first."""
    return {row.word.lower(): (row, name) for row, name in rows}


def entry_of(row: Pronunciation, name: str, instead: str = "") -> Entry:
    """A row as it is shown; `name` is who wrote it."""
    return Entry(row.id, row.word, row.reads, row.note, name, row.at, instead)


def lower_layers(session: Session, layer: Layer) -> Lower:
    """What an entry of a layer would replace."""
    from audio.speech_text.respelling import NATIONAL

    if layer.kind == "province":
        return [("cách đọc chung", NATIONAL)]
    province = merged(session, province_code=layer.province_code, station_id=None)
    return [("cách đọc của tỉnh", province), ("cách đọc chung", NATIONAL)]


def replaced(key: str, reading: str, lower: Lower) -> str:
    """The nearest layer below that has the word decides what is replaced."""
    for name, held in lower:
        if key in held:
            return "" if held[key] == reading else f"thay cho {name}: {held[key]}"
    return ""


def key_of(word: str) -> str:
    """One word in whatever case, Unicode form or place of its tone mark."""
    from audio.speech_text.respelling import clean_word  # loads the reading rules: only when needed

    return clean_word(word).lower()
