"""The library that ships with the program: its items in airing order, and their finished recordings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from content.item import LibraryItem, text_hash
from content.item_file import parse_item

RECORDINGS = "recordings.json"
ORDER = "order.txt"
GREETING = "Kính mời bà con nghe chương trình phát thanh Chuyển đổi số."
"""Spoken before every programme, the same each week so that people know it from the road."""


@dataclass(frozen=True)
class RecordingNote:
    """What a recording was made from. It fits its item as long as `text_hash` does."""

    text_hash: str
    engine: str
    voice: str
    words_hash: str
    """`text_hash` of the spoken words, so that better reading rules show which recordings to make again."""


def folder() -> Traversable:
    return files("content") / "library"


@cache
def library() -> tuple[LibraryItem, ...]:
    """Every item in the order an editor would air them (`order.txt`). Raises BrokenItem for a bad file."""
    names = (folder() / ORDER).read_text(encoding="utf-8").split()
    return tuple(
        parse_item((folder() / f"{name}.md").read_text(encoding="utf-8"), f"{name}.md") for name in names
    )


def item(slug: str) -> LibraryItem | None:
    return next((one for one in library() if one.slug == slug), None)


def recording(slug: str) -> Traversable | None:
    """The shipped Ogg/Opus of the item read once, or None where there is none."""
    sound = folder() / f"{slug}.ogg"
    return sound if sound.is_file() else None


def recording_notes() -> dict[str, RecordingNote]:
    notes = folder() / RECORDINGS
    if not notes.is_file():
        return {}
    return {
        slug: RecordingNote(**note) for slug, note in json.loads(notes.read_text(encoding="utf-8")).items()
    }


def notes_as_json(notes: Mapping[str, RecordingNote]) -> str:
    """The text of `recordings.json`, for the script that makes the recordings."""
    return (
        json.dumps({slug: asdict(notes[slug]) for slug in sorted(notes)}, indent=2, ensure_ascii=False) + "\n"
    )


def stale_recordings() -> tuple[str, ...]:
    """Slugs whose recording is missing or was made from another text."""
    made_of = {slug: note.text_hash for slug, note in recording_notes().items() if recording(slug)}
    return tuple(one.slug for one in library() if made_of.get(one.slug) != text_hash(one.script))
