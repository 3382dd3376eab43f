"""espeak-ng, carried by pip: sounds everywhere, understood nowhere near well enough to air. Drafts only."""

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_short, c_uint, c_void_p
from functools import cache
from importlib.metadata import version
from threading import Lock

import espeakng_loader
import numpy as np

from audio.clauses import clauses, in_pieces
from audio.speech import EngineFailed, EngineUnavailable, Means, Speech, SpeechEngine

_SYNCHRONOUS = 2
_NO_EXIT = 0x8000  # without it the library ends the whole process when its data is missing
_UTF8 = 1
_SPEED = 1
_WORDS_A_MINUTE = 145

_Callback = CFUNCTYPE(c_int, POINTER(c_short), c_int, c_void_p)


class _Library:
    """The C library, which keeps one global state: one call at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._parts: list[bytes] = []
        self._c = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.rate_hz: int = self._c.espeak_Initialize(_SYNCHRONOUS, 0, data, _NO_EXIT)
        if self.rate_hz <= 0 or self._c.espeak_SetVoiceByName(b"vi") != 0:
            raise OSError("espeak-ng gave no Vietnamese voice")
        self._c.espeak_Synth.argtypes = [
            c_char_p, ctypes.c_size_t, c_uint, c_int, c_uint, c_uint, c_void_p, c_void_p,
        ]  # fmt: skip
        # Kept on the object: the library calls it long after this line.
        self._callback = _Callback(self._collect)
        self._c.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: "ctypes._Pointer[c_short] | None", count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._parts.append(ctypes.string_at(samples, count * 2))
        return 0

    def say(self, text: str, words_a_minute: int) -> Speech:
        data = text.encode()
        with self._lock:
            self._parts = []
            self._c.espeak_SetParameter(_SPEED, words_a_minute, 0)
            failed = self._c.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
            pcm = b"".join(self._parts)
        if failed or not pcm:
            raise EngineFailed("espeak không tạo ra âm thanh nào")
        return Speech(np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768), self.rate_hz)


@cache
def _library() -> _Library:
    return _Library()


def engine(means: Means) -> SpeechEngine:
    return Espeak()


class Espeak:
    name = "espeak"
    voice = "vi"
    needs_network = False
    draft = True

    def __init__(self) -> None:
        self.version = version("espeakng-loader")

    def check(self) -> None:
        try:
            _library()
        except (OSError, RuntimeError) as error:
            raise EngineUnavailable(f"không nạp được thư viện espeak ({error})") from error

    def synthesize(self, words: str, rate: float) -> Speech:
        self.check()
        speed = round(_WORDS_A_MINUTE * rate)
        return in_pieces(clauses(words, max_syllables=60), lambda text: _library().say(text, speed))
