"""Google Translate's voice through the gTTS package: online, unofficial, and never the only engine.

gTTS prepares the requests and reads no answer here: its own code waits for ever, does not verify certificates
(anybody on the line could speak over the loudspeakers) and writes an empty file when a web page comes back.
"""

import base64
import binascii
import re
import time
from importlib.metadata import version
from threading import Lock

import requests
from gtts import gTTS

from audio.clauses import clauses, in_pieces
from audio.engines.online import Patience, ask
from audio.sound_file import SoundUnreadable, decode
from audio.speech import (
    FASTEST_SYLLABLES_PER_S,
    EngineFailed,
    Means,
    Speech,
    SpeechEngine,
    implausible_length,
    syllables,
)

MAX_CHARS = gTTS.GOOGLE_TTS_MAX_CHARS
_MAX_SYLLABLES = 22
_SLOW_BELOW = 0.9
_AUDIO = re.compile(r'jQ1olc","\[\\"([^"\\]+)\\"]')
_SERVICE = "dịch vụ đọc của Google"
_ONE_JOB_AT_A_TIME = Lock()  # the service counts requests per address, so per machine
_MAX_HEARD = 200  # pieces kept of jobs that broke off: a few megabytes


def engine(means: Means) -> SpeechEngine:
    return Gtts()


class Gtts:
    name = "gtts"
    voice = "vi"
    needs_network = True
    draft = False

    def __init__(self, patience: Patience = Patience(), chunk_pause_s: float = 1.0) -> None:
        """`chunk_pause_s`: between requests, so that 429 stays rare."""
        self.version = version("gTTS")
        self._patience = patience
        self._chunk_pause_s = chunk_pause_s
        self._heard: dict[tuple[str, bool], bytes] = {}
        """Pieces of a job that broke off: after a 429 only the rest is asked for."""

    def check(self) -> None:
        """Always passes: only asking the service would tell, and asking is what it counts."""

    def synthesize(self, words: str, rate: float) -> Speech:
        pieces = clauses(words, _MAX_SYLLABLES, MAX_CHARS)
        slow = rate < _SLOW_BELOW
        with _ONE_JOB_AT_A_TIME, requests.Session() as session:
            mp3s = self._gathered(session, [piece.text for piece in pieces], slow)
        speech = in_pieces(pieces, lambda text: decode(mp3s[text]))
        if reason := implausible_length(speech.seconds, words):
            raise EngineFailed(f"bản đọc tải về {reason}")
        return speech

    def _gathered(self, session: requests.Session, texts: list[str], slow: bool) -> dict[str, bytes]:
        if len(self._heard) > _MAX_HEARD:
            self._heard.clear()
        wanted = dict.fromkeys(texts)
        missing = [text for text in wanted if (text, slow) not in self._heard]
        for number, text in enumerate(missing):
            if number:
                time.sleep(self._chunk_pause_s)
            self._heard[text, slow] = self._asked(session, text, slow)
        return {text: self._heard.pop((text, slow)) for text in wanted}

    def _asked(self, session: requests.Session, text: str, slow: bool) -> bytes:
        """An mp3 that was decoded and is long enough."""
        prepared = gTTS(text, lang="vi", slow=slow, lang_check=False, pre_processor_funcs=[])
        (request,) = prepared._prepare_requests()
        answer = ask(session, request, _SERVICE, self._patience)
        if answer.status != requests.codes.ok:
            raise EngineFailed(f"{_SERVICE} báo lỗi {answer.status}")
        return _checked(answer.content.decode("utf-8", "replace"), text)


def _checked(answer: str, words: str) -> bytes:
    found = _AUDIO.search(answer)
    if found is None:
        raise EngineFailed("Google trả về một trang không có âm thanh")
    try:
        mp3 = base64.b64decode(found.group(1), validate=True)
        seconds = decode(mp3).seconds
    except (binascii.Error, SoundUnreadable) as error:
        raise EngineFailed("âm thanh tải về bị hỏng") from error
    if seconds < syllables(words) / FASTEST_SYLLABLES_PER_S:
        raise EngineFailed(f"âm thanh tải về bị cắt ngang ở câu “{words}”")
    return mp3
