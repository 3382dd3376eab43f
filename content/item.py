"""One item of the library: a script to be read aloud, and what it is about."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from content.season import Season
from content.topics import TopicCode
from content.wording import nfc

SHORTEST, LONGEST = 120, 250  # words a good script has
FEWEST, MOST = 30, 600  # outside of these a text is refused: half a minute and five minutes are no item
LONGEST_SENTENCE = 20  # words one breath carries; the official quote may be longer

_END_OF_SENTENCE = re.compile(r"(?<=[.?!…])[”\"’)]*\s+|\n+")
_ENDS = '.?!…:;”"'
_FOR_THE_EYE = re.compile(r"^\s*(#|[*+•-]\s)|https?://|www\.", re.MULTILINE)


class BrokenItem(Exception):
    """An item that cannot be taken; the message is Vietnamese: which file, which line or key, what to do."""


@dataclass(frozen=True)
class LibraryItem:
    slug: str
    title: str
    topic: TopicCode
    message: int | None
    """Number of the official message, 1 to 9; None for an item that carries none of the nine."""
    quote: str | None
    """Official words, verbatim; they stand exactly once in the script."""
    source: str
    season: Season | None
    language: str
    """ISO 639-3."""
    keywords: tuple[str, ...]
    script: str
    """NFC, paragraphs parted by one empty line, no line breaks within them."""


def clean_script(text: str, name: str) -> str:
    """Bring a pasted or uploaded text into the form of `LibraryItem.script`.

    Raises BrokenItem for fewer than 30 or more than 600 words. `name` is what the person knows the text by.
    """
    script = "\n\n".join(_paragraphs(nfc(text)))
    words = word_count(script)
    if words < FEWEST:
        raise BrokenItem(f"Lời đọc trong “{name}” chỉ có {words} tiếng. Anh/chị viết ít nhất {FEWEST} tiếng.")
    if words > MOST:
        raise BrokenItem(
            f"Lời đọc trong “{name}” dài {words} tiếng. Anh/chị chia thành các tin không quá {MOST} tiếng."
        )
    return script


def _paragraphs(text: str) -> list[str]:
    """Word puts a paragraph on one line, mail wraps it: a line is carried on only if it plainly goes on."""
    paragraphs = [""]
    for line in (" ".join(raw.split()) for raw in text.splitlines()):
        last = paragraphs[-1]
        if last and line[:1].islower() and last[-1] not in _ENDS:
            paragraphs[-1] = f"{last} {line}"
        else:
            paragraphs.append(line)
    return [paragraph for paragraph in paragraphs if paragraph]


def text_hash(script: str) -> str:
    """SHA-256 (hex) of the NFC text with every run of white space as one space: the identity of a version."""
    return hashlib.sha256(" ".join(nfc(script).split()).encode()).hexdigest()


def word_count(text: str) -> int:
    """Syllables as Vietnamese is written: parted by spaces. A lone dash is none."""
    return sum(any(sign.isalnum() for sign in word) for word in text.split())


def sentences(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in _END_OF_SENTENCE.split(text) if word_count(one))


def warnings(item: LibraryItem) -> tuple[str, ...]:
    """What an editor should look at again, in Vietnamese. None of it stops the item."""
    notes = [_too_long(one) for one in sentences(without_quote(item)) if word_count(one) > LONGEST_SENTENCE]
    words = word_count(item.script)
    if words < SHORTEST:
        notes.append(f"Lời đọc ngắn, mới có {words} tiếng. Nên viết từ {SHORTEST} đến {LONGEST} tiếng.")
    if words > LONGEST:
        notes.append(
            f"Lời đọc dài {words} tiếng, người nghe khó nhớ. Nên viết từ {SHORTEST} đến {LONGEST} tiếng."
        )
    if seen := _FOR_THE_EYE.search(item.script):
        notes.append(f"Lời đọc có “{seen[0].strip()}”, chỉ nhìn mới hiểu. Nên viết thành câu để đọc được.")
    return tuple(notes)


def without_quote(item: LibraryItem) -> str:
    """The script with the official quote taken out: its length is not ours to change."""
    return item.script.replace(item.quote, "…", 1) if item.quote else item.script


def _too_long(sentence: str) -> str:
    start = " ".join(sentence.split()[:6])
    return f"Câu “{start}…” dài {word_count(sentence)} tiếng. Nên tách thành câu không quá {LONGEST_SENTENCE} tiếng."
