"""sanotts: the neural voice that speaks without a network. pip brings the code, its voice file comes separately."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from sanotts.engine import Synthesizer
from sanotts.vi_g2p import ViG2PError, phonemize_to_espeak_ipa

from audio.clauses import clauses, in_pieces
from audio.engines.sanotts_files import BadVoice, fetch, find_voice, verify, voices
from audio.speech import (
    EngineFailed,
    EngineUnavailable,
    Means,
    Speech,
    SpeechEngine,
    UnreadWords,
    implausible_length,
)

# Taught on at most 333 tokens, about 27 syllables; longer pieces lose their rhythm and cost memory.
MAX_SYLLABLES = 22
# 3.5 syllables a second: slower than the voice's own 1.16, for horns that answer each other across a valley.
LENGTH_SCALE = 1.3


def engine(means: Means) -> SpeechEngine:
    return SanoTts(means.voice_dirs, means.may_fetch)


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
            raise EngineUnavailable(
                f"chưa có tệp giọng đọc sanotts trong {places}, chạy “loaxa voice install” hoặc “loaxa voice import”"
            )

    def synthesize(self, words: str, rate: float) -> Speech:
        voice = self._loaded()
        pieces = clauses(words, MAX_SYLLABLES)
        if unread := _unread([piece.text for piece in pieces]):
            raise UnreadWords(unread)
        return in_pieces(pieces, lambda text: _say(voice, text, LENGTH_SCALE / rate))

    def _loaded(self) -> Synthesizer:
        with self._lock:
            if self._synthesizer is None:
                self.check()
                self._synthesizer = Synthesizer(voice_dir=self._folder())
        return self._synthesizer

    def _folder(self) -> Path:
        """The first voice that is whole, else one that is fetched now."""
        broken: BadVoice | None = None
        try:
            for folder in voices(self._voice_dirs):
                try:
                    verify(folder)
                except BadVoice as error:
                    broken = broken or error
                else:
                    return folder
            if broken is None or self._may_fetch:
                return fetch(self._voice_dirs[-1])  # checked before it is put there
            raise broken
        except BadVoice as error:
            raise EngineFailed(str(error)) from error
        except OSError as error:
            raise EngineFailed("không đọc hoặc ghi được thư mục giọng đọc sanotts") from error


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
