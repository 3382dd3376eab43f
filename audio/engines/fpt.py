"""FPT.AI: a licensed Vietnamese service with voices of three regions, for a customer with a key of their own.

The text goes up, the answer names an address where the mp3 appears some seconds later. Written from the provider's
page and public client code; never tried with a real key.
"""

import json
import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

import requests

from audio.clauses import in_pieces, passages
from audio.engines.online import Answer, Patience, ask
from audio.sound_file import SoundUnreadable, decode
from audio.speech import (
    Account,
    EngineFailed,
    EngineUnavailable,
    Means,
    Speech,
    SpeechEngine,
    implausible_length,
)

URL = "https://api.fpt.ai/hmi/tts/v5"
MAX_CHARS = 2000  # the service takes 5000, but a long text takes it minutes
FIRST_VOICE = "banmai"
# It promises the mp3 within five seconds to two minutes; somewhat longer than that it is given up.
POLLS, POLL_PAUSE_S = 50, 3.0
_SERVICE = "dịch vụ đọc FPT.AI"
_KEY = re.compile(r"[!-~]{8,200}")
_VOICE = re.compile(r"[a-z0-9_-]{1,40}")
_REFUSED: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "không nhận khóa LOAXA_FPT_API_KEY (401), cần kiểm tra lại khóa",
    HTTPStatus.PAYMENT_REQUIRED: "báo tài khoản hết tiền hoặc hết hạn mức (402), cần nạp thêm",
    HTTPStatus.FORBIDDEN: "từ chối khóa LOAXA_FPT_API_KEY (403), khóa bị khóa lại hoặc hết hạn mức",
}


def engine(means: Means) -> SpeechEngine:
    return Fpt(means.accounts.get("fpt", Account("")))


class Fpt:
    name = "fpt"
    version = "v5"
    needs_network = True
    draft = False

    def __init__(
        self,
        account: Account,
        url: str = URL,
        patience: Patience = Patience(),
        polls: int = POLLS,
        poll_pause_s: float = POLL_PAUSE_S,
    ) -> None:
        self.voice = account.voice or FIRST_VOICE
        self._key = account.key
        self._url = url
        self._patience = patience
        self._polls = polls
        self._poll_pause_s = poll_pause_s

    def check(self) -> None:
        """Raises EngineUnavailable. Whether the key is right only the service knows, and asking is billed."""
        if not self._key:
            raise EngineUnavailable("chưa đặt khóa LOAXA_FPT_API_KEY")
        if not _KEY.fullmatch(self._key):
            raise EngineUnavailable("khóa LOAXA_FPT_API_KEY có ký tự lạ, cần chép lại")
        if not _VOICE.fullmatch(self.voice):
            raise EngineUnavailable("LOAXA_FPT_VOICE cần tên giọng như banmai, lannhi, leminh")

    def synthesize(self, words: str, rate: float) -> Speech:
        self.check()
        with requests.Session() as session:
            return in_pieces(passages(words, MAX_CHARS), lambda text: self._read(session, text, rate))

    def _read(self, session: requests.Session, text: str, rate: float) -> Speech:
        headers = {"api-key": self._key, "voice": self.voice, "speed": str(_speed(rate))}
        request = requests.Request("POST", self._url, headers=headers, data=text.encode()).prepare()
        answer = self._ask(session, request)
        return _checked(self._polled(session, self._address(answer)), text)

    def _polled(self, session: requests.Session, address: str) -> bytes:
        """The file, as soon as it is there. The key is not shown to the place where it lies."""
        request = requests.Request("GET", address).prepare()
        for _ in range(self._polls):
            answer = self._ask(session, request)
            # Until the file is there its place says 404; storage that hides what is missing says 403.
            if answer.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.ACCEPTED):
                return _right(answer)
            time.sleep(self._poll_pause_s)
        raise EngineFailed(f"{_SERVICE} không trả bản đọc sau {self._polls * self._poll_pause_s:.0f} giây")

    def _ask(self, session: requests.Session, request: requests.PreparedRequest) -> Answer:
        return ask(session, request, _SERVICE, self._patience)

    def _address(self, answer: Answer) -> str:
        if refused := _REFUSED.get(answer.status):
            raise EngineFailed(f"{_SERVICE} {refused}")
        try:
            told = json.loads(_right(answer))
            error, address = told["error"], str(told.get("async", ""))
        except (ValueError, TypeError, KeyError, AttributeError) as wrong:
            raise EngineFailed(f"{_SERVICE} trả lời không đúng dạng") from wrong
        if error != 0:
            # Its message is left out: nobody promises that it does not repeat the key.
            number = error if isinstance(error, int) else "không rõ số"
            raise EngineFailed(f"{_SERVICE} báo lỗi {number}, có thể tài khoản đã hết hạn mức")
        if not self._trusted(address):
            raise EngineFailed(f"{_SERVICE} chỉ tới một địa chỉ không an toàn")
        return address

    def _trusted(self, address: str) -> bool:
        """Verified from end to end: the service itself keeps its files with others, so any host will do."""
        try:
            place, own = urlsplit(address), urlsplit(self._url)
        except ValueError:
            return False
        return bool(place.hostname) and (
            place.scheme == "https" or (place.scheme, place.netloc) == (own.scheme, own.netloc)
        )


def _right(answer: Answer) -> bytes:
    if answer.status != HTTPStatus.OK:
        raise EngineFailed(f"{_SERVICE} báo lỗi {answer.status}")
    return answer.content


def _speed(rate: float) -> int:
    """Steps of -3 (slowest) to 3; how much one step is, the provider does not say: a tenth is assumed."""
    return max(-3, min(3, round((rate - 1) * 10)))


def _checked(mp3: bytes, text: str) -> Speech:
    try:
        speech = decode(mp3)
    except SoundUnreadable as error:
        raise EngineFailed(f"{_SERVICE} trả về tệp không phải âm thanh") from error
    if reason := implausible_length(speech.seconds, text):
        raise EngineFailed(f"bản đọc tải về {reason}")
    return speech
