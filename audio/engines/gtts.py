"""Google Translate's voice through the gTTS package: online, unofficial, and never the only engine.

gTTS prepares the requests and reads no answer here: its own code waits for ever, does not verify certificates
(anybody on the line could speak over the loudspeakers) and writes an empty file when a web page comes back.
"""

import base64
import binascii
import re
import time
from collections.abc import Iterator
from importlib.metadata import version
from threading import Lock

import requests
from gtts import gTTS

from audio.clauses import Clause, clauses, joined
from audio.mastering import SoundUnreadable, decode
from audio.speech import FASTEST_SYLLABLES_PER_S, EngineFailed, Speech, implausible_length, syllables

MAX_CHARS = gTTS.GOOGLE_TTS_MAX_CHARS
_MAX_SYLLABLES = 22
_SLOW_BELOW = 0.9
_AUDIO = re.compile(r'jQ1olc","\[\\"([^"\\]+)\\"]')
_ONE_JOB_AT_A_TIME = Lock()  # the service counts requests per address, so per machine


class Gtts:
    name = "gtts"
    voice = "vi"
    needs_network = True
    draft = False

    def __init__(self, timeout_s: tuple[float, float] = (5, 20), chunk_pause_s: float = 1.0) -> None:
        """`timeout_s`: to connect, to answer. `chunk_pause_s`: between requests, so that 429 stays rare."""
        self.version = version("gTTS")
        self._timeout_s = timeout_s
        self._chunk_pause_s = chunk_pause_s

    def check(self) -> None:
        """Always passes: only asking the service would tell, and asking is what it counts."""

    def synthesize(self, words: str, rate: float) -> Speech:
        pieces = clauses(words, _MAX_SYLLABLES, MAX_CHARS)
        if not pieces:
            raise EngineFailed("lời đọc không có tiếng nào")
        with _ONE_JOB_AT_A_TIME, requests.Session() as session:
            sounds = [self._asked(session, piece, slow=rate < _SLOW_BELOW) for piece in self._paced(pieces)]
        speech = joined(list(zip(sounds, [piece.pause_s for piece in pieces], strict=True)))
        if reason := implausible_length(speech.seconds, words):
            raise EngineFailed(f"bản đọc tải về {reason}")
        return speech

    def _paced(self, pieces: list[Clause]) -> Iterator[Clause]:
        for number, piece in enumerate(pieces):
            if number:
                time.sleep(self._chunk_pause_s)
            yield piece

    def _asked(self, session: requests.Session, piece: Clause, slow: bool) -> Speech:
        prepared = gTTS(piece.text, lang="vi", slow=slow, lang_check=False, pre_processor_funcs=[])
        (request,) = prepared._prepare_requests()
        # Proxy and company certificates come from the environment; verification can't be turned off from there.
        line = session.merge_environment_settings(request.url, {}, None, True, None)
        try:
            # A redirect leads to a consent or captcha page: not followed.
            answer = session.send(request, timeout=self._timeout_s, allow_redirects=False, **line)
        except requests.RequestException as error:
            raise EngineFailed(f"không kết nối được dịch vụ đọc của Google ({_cause(error)})") from error
        if answer.status_code == requests.codes.too_many_requests:
            raise EngineFailed("Google tạm từ chối vì nhận quá nhiều yêu cầu (429), cần chờ rồi thử lại")
        if answer.status_code != requests.codes.ok:
            raise EngineFailed(f"dịch vụ đọc của Google báo lỗi {answer.status_code}")
        return _decoded(answer.text, piece.text)


def _cause(error: requests.RequestException) -> str:
    match error:
        case requests.exceptions.SSLError():
            return "chứng chỉ không đáng tin"
        case requests.Timeout():
            return "quá thời gian chờ"
        case _:
            return "mạng bị ngắt hoặc bị chặn"


def _decoded(answer: str, words: str) -> Speech:
    found = _AUDIO.search(answer)
    if found is None:
        raise EngineFailed("Google trả về một trang không có âm thanh")
    try:
        speech = decode(base64.b64decode(found.group(1), validate=True))
    except (binascii.Error, SoundUnreadable) as error:
        raise EngineFailed("âm thanh tải về bị hỏng") from error
    if speech.seconds < syllables(words) / FASTEST_SYLLABLES_PER_S:
        raise EngineFailed(f"âm thanh tải về bị cắt ngang ở câu “{words}”")
    return speech
