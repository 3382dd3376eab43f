"""sanotts: the neural voice that speaks without a network. pip brings the code, its voice file comes separately."""

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from sanotts.engine import Synthesizer
from sanotts.vi_g2p import ViG2PError, phonemize_to_espeak_ipa
from sanotts.voicepack import VoicePackError, load_voice

from audio.clauses import clauses, joined
from audio.speech import EngineFailed, EngineUnavailable, Speech, UnreadWords, implausible_length

# Taught on at most 333 tokens, about 27 syllables; longer pieces lose their rhythm and cost memory.
MAX_SYLLABLES = 22
# 3.5 syllables a second: slower than the voice's own 1.16, for horns that answer each other across a valley.
LENGTH_SCALE = 1.3
_VOICE = "vi"
_FORMAT = "roota.raw-fp16.v1"


class SanoTts:
    name = "sanotts"
    voice = "vi-vais1000"
    needs_network = False
    draft = False

    def __init__(self, voice_dirs: Sequence[Path], may_fetch: bool) -> None:
        """`voice_dirs`: voice folders, or folders of them, searched in order; a fetched voice is put into the last."""
        self.version = version("sanotts")
        self._voice_dirs = tuple(voice_dirs)
        self._may_fetch = may_fetch and bool(voice_dirs)
        self._synthesizer: Synthesizer | None = None
        self._lock = Lock()

    def check(self) -> None:
        """Raises EngineUnavailable when no voice file is here and none may be fetched."""
        if self._synthesizer is None and not self._may_fetch and find_voice(self._voice_dirs) is None:
            places = ", ".join(str(folder) for folder in self._voice_dirs) or "(chưa chọn thư mục)"
            raise EngineUnavailable(f"chưa có tệp giọng đọc sanotts trong {places}")

    def synthesize(self, words: str, rate: float) -> Speech:
        voice = self._loaded()
        pieces = clauses(words, MAX_SYLLABLES)
        if not pieces:
            raise EngineFailed("lời đọc không có tiếng nào")
        if unread := _unread([piece.text for piece in pieces]):
            raise UnreadWords(unread)
        return joined([(_say(voice, piece.text, LENGTH_SCALE / rate), piece.pause_s) for piece in pieces])

    def _loaded(self) -> Synthesizer:
        with self._lock:
            if self._synthesizer is None:
                self.check()
                folder = find_voice(self._voice_dirs) or self._fetched()
                _verify(folder)
                self._synthesizer = Synthesizer(voice_dir=folder)
        return self._synthesizer

    def _fetched(self) -> Path:
        try:
            return Path(load_voice(_VOICE, cache_dir=self._voice_dirs[-1]).directory)
        except (VoicePackError, OSError) as error:
            raise EngineFailed(f"không tải được tệp giọng đọc sanotts ({error})") from error


def find_voice(voice_dirs: Sequence[Path]) -> Path | None:
    """The first folder that holds a voice of this engine; None when there is none."""
    for folder in voice_dirs:
        for candidate in (folder, *sorted(path for path in folder.glob("*") if path.is_dir())):
            if _manifest(candidate).get("format") == _FORMAT:
                return candidate
    return None


def _manifest(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _verify(folder: Path) -> None:
    """The library checks the sum only if the manifest has one; a half-copied voice would speak noise."""
    manifest = _manifest(folder)
    weights = folder / str(manifest.get("weights_file"))
    expected = manifest.get("weights_sha256")
    if not weights.is_file() or hashlib.sha256(weights.read_bytes()).hexdigest() != expected:
        raise EngineFailed(f"tệp giọng đọc trong {folder} bị thiếu hoặc hỏng, cần chép lại")


def _unread(texts: Sequence[str]) -> tuple[str, ...]:
    """Words the voice would spell as letters, once each, in order."""
    found: dict[str, None] = {}
    for text in texts:
        try:
            found |= dict.fromkeys(phonemize_to_espeak_ipa(text)[1].split())
        except ViG2PError:
            found[text] = None
    return tuple(found)


def _say(voice: Synthesizer, text: str, length_scale: float) -> Speech:
    result = voice.synthesize(text, duration_length_scale=length_scale)
    speech = Speech(result.audio, result.sample_rate)
    if reason := implausible_length(speech.seconds, text):
        raise EngineFailed(f"câu “{text}” {reason}")
    return speech
