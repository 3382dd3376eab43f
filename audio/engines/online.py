"""Asking a speech service over the network: what every online engine has to watch, in one place.

Certificates are verified: whoever sits on the line could speak over the loudspeakers. Redirects are not followed:
they lead to consent and captcha pages. An answer is bounded in size and in whole time: a time-out alone starts anew
with every byte that drips in.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
import urllib3

from audio.speech import EngineBusy, EngineFailed

MAX_BYTES = 16_000_000  # fifteen minutes at 128 kbit/s
_PART_BYTES = 65_536


@dataclass(frozen=True)
class Patience:
    """How long a service is waited for: to connect, in silence, and for one whole answer."""

    connect_s: float = 5.0
    silence_s: float = 20.0
    whole_s: float = 60.0


@dataclass(frozen=True)
class Answer:
    """What the service said, read to the end; any status but 429."""

    status: int
    content: bytes


def ask(
    session: requests.Session, request: requests.PreparedRequest, service: str, patience: Patience
) -> Answer:
    """One request. `service` is named in what is told. Raises EngineBusy (429) or EngineFailed."""
    # Proxy and company certificates come from the environment; verification can't be turned off from there.
    line = session.merge_environment_settings(request.url or "", {}, True, True, None)
    ends, timeout_s = time.monotonic() + patience.whole_s, (patience.connect_s, patience.silence_s)
    try:
        with session.send(request, timeout=timeout_s, allow_redirects=False, **line) as answer:
            if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
                raise EngineBusy(
                    f"{service} tạm từ chối vì nhận quá nhiều yêu cầu (429), cần chờ rồi thử lại",
                    _retry_after(answer),
                )
            return Answer(answer.status_code, _whole(answer, service, ends))
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise EngineFailed(f"không kết nối được {service} ({_cause(error)})") from error


def _whole(answer: requests.Response, service: str, ends: float) -> bytes:
    content = bytearray()
    # `read1` returns what has come; the usual ways wait for a full part, however slowly it drips.
    while part := answer.raw.read1(_PART_BYTES, decode_content=True):
        content += part
        if len(content) > MAX_BYTES:
            raise EngineFailed(f"{service} trả về tệp quá lớn")
        if time.monotonic() > ends:
            raise EngineFailed(f"không kết nối được {service} (quá thời gian chờ)")
    return bytes(content)


def _retry_after(answer: requests.Response) -> timedelta | None:
    """Seconds, or a date: that is counted from the service's own date, as clocks differ. None when it says nothing."""
    told = answer.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return timedelta(seconds=min(int(told), 10**7))
    try:
        return parsedate_to_datetime(told) - parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, TypeError, ValueError):
        return None


def _cause(error: Exception) -> str:
    """In Vietnamese, and without the library's own words: they may hold addresses and headers."""
    match error:
        case requests.exceptions.SSLError():
            return "chứng chỉ không đáng tin"
        case requests.Timeout() | urllib3.exceptions.TimeoutError():
            return "quá thời gian chờ"
        case _:
            return "mạng bị ngắt hoặc bị chặn"
