"""`loaxa speak`: a text becomes a mastered file, by the same voices and chain as the weekly clip."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from audio.clip import Clip, Tags
from audio.render import read, render_programme, render_reading, saved_as
from audio.sound_file import MP3, OGG
from bot.app import studio_of
from bot.settings import Settings


def speak_to(settings: Settings, text: str, out: Path, title: str, programme: bool, now: datetime) -> Clip:
    """Read once, or as a programme with chime, ident and second reading. Raises ClipRefused, NoVoice, UnreadWords."""
    studio = studio_of(settings)
    kind = OGG if out.suffix.lower() in (".ogg", ".opus") else MP3
    reading = read(text.strip(), studio.voices, now)
    if programme:
        clip = render_programme([reading], Tags(title), studio.folder, ident=studio.ident(now), kind=kind)
    else:
        clip = render_reading(reading, Tags(title), studio.folder, kind)
    return saved_as(clip, out)
