"""FPT.AI against a stand-in on this machine: the answer, the wait for the file, and all that may not be aired."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from audio.clauses import PARAGRAPH_PAUSE_S, Clause, passages
from audio.clip import Tags
from audio.engines.fpt import Fpt
from audio.engines.online import Patience
from audio.sound_file import MP3, encode
from audio.speech import Account, EngineBusy, EngineFailed, EngineUnavailable, syllables
from tests.fakes import buzz

KEY = "khoa-bi-mat-0123456789"
WORDS = "Xin chào bà con trong xã. Hôm nay, đài xin nói về an toàn khi dùng mạng, mời bà con cùng nghe."


class Provider(ThreadingHTTPServer):
    """Takes a text, names a place, and puts the mp3 there after `late` looks; or fails in the manner of `fault`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = ""
        self.late = 2
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.looks: list[dict[str, str]] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hmi/tts/v5"

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((text, dict(self.headers)))
        place = f"http://127.0.0.1:{self.server.server_port}/{len(self.server.asked)}.mp3"
        match self.server.fault:
            case "401" | "402" | "403" | "429" | "500" as status:
                self._answer(json.dumps({"message": f"refused {KEY}"}).encode(), int(status))
            case "hang":
                self.server.closing.wait()
            case "page":
                self._answer("<html>Bảo trì hệ thống</html>".encode())
            case "list":
                self._answer(b"[]")
            case "no address":
                self._answer(b'{"error": 0}')
            case "quota":
                self._answer(json.dumps({"error": 4, "message": f"quota exceeded for {KEY}"}).encode())
            case "elsewhere":
                self._answer(json.dumps({"error": 0, "async": "http://192.0.2.1/a.mp3"}).encode())
            case "own disk":
                self._answer(json.dumps({"error": 0, "async": "file:///etc/hostname"}).encode())
            case _:
                self._answer(json.dumps({"error": 0, "async": place, "message": "soon"}).encode())

    def do_GET(self) -> None:
        self.server.looks.append(dict(self.headers))
        text = self.server.texts[int(self.path.strip("/").removesuffix(".mp3")) - 1]
        if len(self.server.looks) <= self.server.late or self.server.fault == "never":
            self._answer(b"not yet", 404)
            return
        mp3 = encode(buzz(syllables(text) * 0.25), MP3, Tags("x"))
        match self.server.fault:
            case "page in place of sound":
                self._answer("<html>Trước khi tiếp tục, hãy đăng nhập</html>".encode())
            case "redirect":
                self.send_response(302)
                self.send_header("Location", "http://192.0.2.1/login")
                self.end_headers()
            case "cut":
                self._answer(mp3[: len(mp3) // 10])
            case "broken off":
                self._answer(mp3, claimed_bytes=1_000_000)
            case "dripping":
                self._drip()
            case _:
                self._answer(mp3)

    def _answer(self, data: bytes, status: int = 200, claimed_bytes: int | None = None) -> None:
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "90")
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


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with Provider() as server:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.closing.set()
        server.shutdown()


def engine(provider: Provider) -> Fpt:
    patience_s = 0.3 if provider.fault in ("hang", "dripping") else 5.0
    return Fpt(
        Account(KEY, "lannhi"),
        provider.url,
        Patience(5, patience_s, patience_s),
        polls=6,
        poll_pause_s=0.01,
    )


def test_the_text_is_read_by_the_voice_of_the_account_once_its_file_appears(provider: Provider) -> None:
    speech = engine(provider).synthesize(WORDS, rate=0.8)

    ((text, headers),) = provider.asked
    assert text == WORDS
    assert (headers["api-key"], headers["voice"], headers["speed"]) == (KEY, "lannhi", "-2")
    assert speech.seconds == pytest.approx(syllables(WORDS) * 0.25, abs=1)
    assert len(provider.looks) == 3


def test_the_place_where_the_file_lies_never_sees_the_key(provider: Provider) -> None:
    engine(provider).synthesize(WORDS, rate=1.0)

    assert provider.looks and not any(KEY in str(headers) for headers in provider.looks)


def test_a_long_text_is_cut_at_clauses_and_paragraphs_within_the_limit(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audio.engines.fpt.MAX_CHARS", 150)
    provider.late = 0
    long = " ".join([WORDS] * 4)

    engine(provider).synthesize(f"{long}\n\nMời bà con nghe tiếp.", rate=1.0)

    assert 100 < max(map(len, provider.texts)) <= 150
    assert provider.texts[-1] == "Mời bà con nghe tiếp."
    assert " ".join(provider.texts[:-1]) == long
    assert all(text[-1] in ".,:;" for text in provider.texts)


def test_lines_of_a_list_get_the_marks_that_the_service_pauses_at() -> None:
    found = passages("Dòng một\nDòng hai\n\nĐoạn hai - đến đây", 100)

    assert found == [Clause("Dòng một. Dòng hai.", PARAGRAPH_PAUSE_S), Clause("Đoạn hai, đến đây", 0.0)]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("401", "không nhận khóa LOAXA_FPT_API_KEY"),
        ("402", "hết tiền hoặc hết hạn mức"),
        ("403", "từ chối khóa LOAXA_FPT_API_KEY"),
        ("429", "429.*cần chờ"),
        ("500", "báo lỗi 500"),
        ("hang", "quá thời gian chờ"),
        ("page", "trả lời không đúng dạng"),
        ("list", "trả lời không đúng dạng"),
        ("no address", "địa chỉ không an toàn"),
        ("quota", "báo lỗi 4, có thể tài khoản đã hết hạn mức"),
        ("elsewhere", "địa chỉ không an toàn"),
        ("own disk", "địa chỉ không an toàn"),
    ],
)
def test_a_refusal_is_a_named_failure_without_the_key_and_no_file_is_looked_for(
    provider: Provider, fault: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    provider.fault = fault

    with caplog.at_level(logging.DEBUG), pytest.raises(EngineFailed, match=told) as refused:
        engine(provider).synthesize(WORDS, rate=1.0)

    assert provider.looks == []
    assert KEY not in str(refused.value) + caplog.text


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("never", "không trả bản đọc"),
        ("page in place of sound", "không phải âm thanh"),
        ("redirect", "báo lỗi 302"),
        ("cut", "bị cắt mất một đoạn"),
        ("broken off", "mạng bị ngắt"),
        ("dripping", "quá thời gian chờ"),
    ],
)
def test_a_file_that_is_none_or_never_comes_is_a_named_failure(
    provider: Provider, fault: str, told: str
) -> None:
    provider.fault = fault

    with pytest.raises(EngineFailed, match=told):
        engine(provider).synthesize(WORDS, rate=1.0)

    assert 1 <= len(provider.looks) <= 6


def test_a_busy_service_says_for_how_long(provider: Provider) -> None:
    provider.fault = "429"

    with pytest.raises(EngineBusy) as busy:
        engine(provider).synthesize(WORDS, rate=1.0)

    assert busy.value.retry_after == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("account", "told"),
    [
        (Account(""), "chưa đặt khóa LOAXA_FPT_API_KEY"),
        (Account("khóa có dấu và\nxuống dòng"), "có ký tự lạ"),
        (Account(KEY, "ban mai\r\nx: y"), "LOAXA_FPT_VOICE"),
    ],
)
def test_an_account_that_cannot_work_is_told_without_asking_anybody(
    provider: Provider, account: Account, told: str
) -> None:
    with pytest.raises(EngineUnavailable, match=told) as missing:
        Fpt(account, provider.url).synthesize(WORDS, rate=1.0)

    assert provider.asked == []
    assert not account.key or account.key not in str(missing.value)
    assert not account.key or account.key not in repr(account)
