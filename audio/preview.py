"""Ten seconds of a text, at once: what an editor hears while writing. Never the sound that is aired."""

from collections.abc import Mapping
from datetime import datetime
from itertools import accumulate
from pathlib import Path

import numpy as np

from audio.clip import Clip, Tags
from audio.render import read, render_reading, spoken_words
from audio.sound_file import MP3
from audio.speech import Speech, syllables
from audio.voices import Take, Voices, engines_from

PREVIEW_S = 10.0
_ENOUGH_SYLLABLES = 40  # at 3.5 to 4 a second ten seconds and a little more
_FADE_S = 0.25


def preview(
    text: str, voices: Voices, now: datetime, out_dir: Path, lexicon: Mapping[str, str] | None = None
) -> Clip:
    """The beginning of a text by a voice that needs no network, cut after ten seconds.

    Marked as draft when only the draft voice is here. Raises ClipRefused, UnreadWords, NoVoice.
    """
    here = [engine for engine in voices.engines if not engine.needs_network]
    offline = Voices(here or engines_from(("espeak",), (), False))
    take = read(_beginning(text, lexicon), offline, now, lexicon=lexicon)
    heard = Take(_cut(take.speech), take.engine, take.voice, take.draft, take.failures)
    return render_reading(heard, Tags("Nghe thử 10 giây"), out_dir, MP3)


def _beginning(text: str, lexicon: Mapping[str, str] | None) -> str:
    """Whole lines of writing, cut inside one at a blank: a number of six figures is ten syllables long."""
    tokens = text.split(" ")[:_ENOUGH_SYLLABLES]
    spoken = accumulate(syllables(spoken_words(token, lexicon)) for token in tokens)
    kept = sum(total <= _ENOUGH_SYLLABLES for total in spoken)
    return " ".join(tokens[: max(kept, 1)])


def _cut(speech: Speech) -> Speech:
    length = round(PREVIEW_S * speech.rate_hz)
    if len(speech.samples) <= length:
        return speech
    samples = speech.samples[:length].copy()
    fade = round(_FADE_S * speech.rate_hz)
    samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return Speech(samples, speech.rate_hz)
