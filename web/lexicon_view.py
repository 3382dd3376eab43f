"""What the pages of the lexicon show, and who may look at which layer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from airlog import lexicon
from airlog.db import Session
from airlog.lexicon import Entry, Layer
from airlog.models import Person
from audio.render import spoken_words
from content.wording import fold
from web.hearing import READERS
from web.troubles import NotThere

NATIONAL = "national"
"""What the layer of the list that ships with the voice is called in addresses."""
NATIONAL_NAME = "cả nước, theo chương trình"
MOST_SHOWN = 300


@dataclass(frozen=True)
class LexiconPage:
    """One layer. `provinces` and `stations` are the layers to choose from, as (layer, name)."""

    layer: str
    name: str
    may_edit: bool
    asked: str
    found: int
    entries: tuple[Entry, ...]
    provinces: tuple[tuple[str, str], ...]
    stations: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class WordPage:
    """One word of a layer: `held` is its entry, None when it has none. `otherwise`: how it is read without one."""

    layer: str
    name: str
    may_edit: bool
    word: str
    held: Entry | None
    instead_of: str
    otherwise: str
    history: tuple[Entry, ...]

    @property
    def based_on(self) -> int:
        """The row a form stands on, so that nobody overwrites what somebody else just wrote."""
        return self.history[0].row_id if self.history else 0


def lexicon_page(session: Session, person: Person, now: datetime, layer_text: str, asked: str) -> LexiconPage:
    """Raises NotThere for a layer that does not exist or lies outside the person's areas."""
    provinces = lexicon.provinces_of(session, person, READERS, now)
    text = layer_text or (provinces[0][0] if len(provinces) == 1 else NATIONAL)
    layer = None if text == NATIONAL else visible_layer(session, person, now, text)
    entries = lexicon.entries(session, layer) if layer else lexicon.national_entries()
    found = [one for one in entries if _fits(one, fold(asked))]
    near = layer.province_code if layer else (provinces[0][0].partition(":")[2] if provinces else "")
    return LexiconPage(
        layer=text,
        name=layer.name if layer else NATIONAL_NAME,
        may_edit=layer is not None and lexicon.may_edit(session, person, layer, now),
        asked=asked,
        found=len(found),
        entries=tuple(found[:MOST_SHOWN]),
        provinces=tuple(provinces),
        stations=tuple(lexicon.stations_of(session, person, READERS, near, now)),
    )


def word_page(session: Session, person: Person, now: datetime, layer_text: str, word: str) -> WordPage:
    """An empty word asks for a new entry. Raises NotThere."""
    layer = visible_layer(session, person, now, layer_text)
    history = tuple(lexicon.history(session, layer, word)) if word.strip() else ()
    held = history[0] if history and history[0].reading else None
    return WordPage(
        layer=layer.text,
        name=layer.name,
        may_edit=lexicon.may_edit(session, person, layer, now),
        word=history[0].word if history else word,
        held=held,
        instead_of=lexicon.instead_of(session, layer, word, held.reading or "") if held else "",
        otherwise=spoken_words(word, _below(session, layer)).lower() if history else "",
        history=history,
    )


def visible_layer(session: Session, person: Person, now: datetime, text: str) -> Layer:
    """Raises NotThere."""
    layer = lexicon.layer_of(session, text)
    mine = (
        lexicon.provinces_of(session, person, READERS, now)
        if layer.kind == "province"
        else lexicon.stations_of(session, person, READERS, layer.province_code, now)
    )
    if layer.text not in dict(mine):
        raise NotThere("Không có từ điển này. Anh/chị chọn lại tỉnh hoặc đài.")
    return layer


def _below(session: Session, layer: Layer) -> dict[str, str]:
    """The readings a layer stands on, but for the national list, which is always there."""
    if layer.kind == "province":
        return {}
    return lexicon.merged(session, province_code=layer.province_code, station_id=None)


def _fits(entry: Entry, wanted: str) -> bool:
    return not wanted or wanted in fold(f"{entry.word}\n{entry.reading}\n{entry.note}")
