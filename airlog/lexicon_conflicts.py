"""What cannot stand in the lexicon, told so that it can be mended, and edits that somebody else overtook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from airlog.db import Refused
from airlog.lexicon import Entry, Row, entry_of
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


def refuse_if_newer(standing: Row | None, based_on: int) -> None:
    """Raises EntryChanged when what stands is not what a form was based on; a word that was taken out is free."""
    if standing is None:
        return
    row, _ = standing
    if row.id != based_on and not (based_on == 0 and row.reads is None):
        raise EntryChanged(entry_of(*standing))


def checked(rows: Iterable[Wanted], place: Callable[[int, str], str]) -> tuple[list[Wanted], list[str]]:
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
