"""gTTS against a stand-in of Google's server on this machine: what it says, and what may not reach a loudspeaker."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from audio.clip import Tags
from audio.engines.gtts import Gtts
from audio.engines.online import Patience
from audio.mastering import measure
from audio.sound_file import MP3, encode
from audio.speech import EngineBusy, EngineFailed, syllables
from tests.fakes import buzz

WORDS = "Xin chào bà con trong xã. Hôm nay, đài xin nói về an toàn khi dùng mạng, mời bà con cùng nghe."
CERTIFICATE = Path(__file__).parent / "untrusted.pem"  # made for these tests, signed by nobody


class Google(ThreadingHTTPServer):
    """Answers like the translate service, or fails in the manner of `fault`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = ""
        self.headers: dict[str, str] = {}
        self.answers_left = 1_000_000
        """After so many answers it refuses."""
        self.asked: list[str] = []
        self.closing = threading.Event()

    def url(self, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Google

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        (call,) = json.loads(parse_qs(body)["f.req"][0])[0]
        text = json.loads(call[1])[0]
        self.server.asked.append(text)
        self.server.answers_left -= 1
        match "429" if self.server.answers_left < 0 else self.server.fault:
            case "429" | "500" as status:
                self.send_response_only(int(status))  # the usual way adds a date
                for name, value in self.server.headers.items():
                    self.send_header(name, value)
                self.end_headers()
            case "dripping":
                self._drip()
            case "hang":
                self.server.closing.wait()
            case "html":
                self._answer("<html>Trước khi tiếp tục, hãy chấp nhận điều khoản</html>")
            case "redirect":
                self.send_response(302)
                self.send_header("Location", "http://192.0.2.1/consent")
                self.end_headers()
            case "broken off":
                self._answer(_spoken(text), claimed_bytes=1_000_000)
            case fault:
                self._answer(_spoken(text, keep=0.1 if fault == "cut" else 1.0))

    def _answer(self, text: str, claimed_bytes: int | None = None) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(claimed_bytes or len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _drip(self) -> None:
        """A byte now and then, so that no time-out between two of them ever strikes."""
        self.send_response(200)
        self.end_headers()
        while not self.server.closing.wait(0.02):
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def _spoken(text: str, keep: float = 1.0) -> str:
    mp3 = encode(buzz(syllables(text) * 0.25), MP3, Tags("x"))
    kept = mp3[: int(len(mp3) * keep)]
    audio = base64.b64encode(kept).decode()
    return json.dumps([["wrb.fr", "jQ1olc", json.dumps([audio]), None, "generic"]], separators=(",", ":"))


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    with Google() as server:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr("gtts.tts._translate_url", lambda tld="com", path="": server.url() + path)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.closing.set()
        server.shutdown()


def engine() -> Gtts:
    return Gtts(Patience(1, 0.5, 1), chunk_pause_s=0)


def test_the_whole_text_is_asked_in_few_pieces_of_a_hundred_letters_and_comes_back_as_sound(
    google: Google,
) -> None:
    speech = engine().synthesize(WORDS, rate=1.0)

    assert " ".join(google.asked) == WORDS
    assert max(map(len, google.asked)) <= 100
    assert speech.seconds == pytest.approx(syllables(WORDS) * 0.25, abs=1.5)
    assert measure(speech).integrated_lufs > -30


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("429", "429.*cần chờ"),
        ("500", "báo lỗi 500"),
        ("hang", "quá thời gian chờ"),
        ("dripping", "quá thời gian chờ"),
        ("html", "không có âm thanh"),
        ("redirect", "báo lỗi 302"),
        ("cut", "cắt ngang ở câu “Xin chào bà con trong xã.”"),
        ("broken off", "mạng bị ngắt"),
    ],
)
def test_a_bad_answer_is_a_named_failure_and_the_rest_is_not_asked(
    google: Google, fault: str, told: str
) -> None:
    google.fault = fault

    with pytest.raises(EngineFailed, match=told):
        engine().synthesize(WORDS, rate=1.0)

    assert len(google.asked) == 1


@pytest.mark.parametrize(
    ("headers", "rest"),
    [
        ({}, None),
        ({"Retry-After": "120"}, timedelta(minutes=2)),
        ({"Retry-After": "9" * 30}, timedelta(seconds=10**7)),
        ({"Retry-After": "Sun, 22 Nov 2099 10:00:00 GMT"}, None),
        ({"Retry-After": "chốc nữa".encode().decode("latin-1")}, None),
    ],
    ids=["says nothing", "seconds", "for ever", "a date without the service's own", "nonsense"],
)
def test_a_refusal_says_for_how_long_when_the_service_does(
    google: Google, headers: dict[str, str], rest: timedelta | None
) -> None:
    google.fault, google.headers = "429", headers

    with pytest.raises(EngineBusy) as refused:
        engine().synthesize(WORDS, rate=1.0)

    assert refused.value.retry_after == rest


def test_a_date_is_counted_from_the_date_of_the_service(google: Google) -> None:
    google.fault = "429"
    google.headers = {
        "Date": "Sun, 22 Nov 2026 09:58:00 GMT",
        "Retry-After": "Sun, 22 Nov 2026 10:00:00 GMT",
    }

    with pytest.raises(EngineBusy) as refused:
        engine().synthesize(WORDS, rate=1.0)

    assert refused.value.retry_after == timedelta(minutes=2)


def test_after_a_refusal_in_the_middle_only_the_rest_is_asked_for(google: Google) -> None:
    voice = engine()
    google.answers_left = 2
    with pytest.raises(EngineBusy):
        voice.synthesize(WORDS, rate=1.0)
    google.asked.clear()
    google.answers_left = 100

    speech = voice.synthesize(WORDS, rate=1.0)

    assert " ".join(google.asked) == "mời bà con cùng nghe." or len(google.asked) < 4
    assert google.asked[0] not in ("Xin chào bà con trong xã.", "Hôm nay,")
    assert speech.seconds == pytest.approx(syllables(WORDS) * 0.25, abs=1.5)


def test_no_server_at_all_is_a_named_failure(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gtts.tts._translate_url", lambda tld="com", path="": f"http://127.0.0.1:1/{path}")

    with pytest.raises(EngineFailed, match="mạng bị ngắt hoặc bị chặn"):
        engine().synthesize(WORDS, rate=1.0)


@pytest.fixture
def https(google: Google, monkeypatch: pytest.MonkeyPatch) -> Google:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    google.socket = context.wrap_socket(google.socket, server_side=True)
    monkeypatch.setattr("gtts.tts._translate_url", lambda tld="com", path="": google.url("https") + path)
    return google


def test_a_server_with_an_untrusted_certificate_is_refused(https: Google) -> None:
    with pytest.raises(EngineFailed, match="chứng chỉ không đáng tin"):
        engine().synthesize(WORDS, rate=1.0)

    assert https.asked == []


def test_the_same_server_is_heard_once_its_certificate_is_trusted(
    https: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))

    assert engine().synthesize("Xin chào bà con.", rate=1.0).seconds > 0.5
