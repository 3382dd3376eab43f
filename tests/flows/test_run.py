"""`loaxa run` as a process of its own: where it listens, how it stops, what it never prints."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from airlog.db import Session
from tests.stores import Stores
from tests.talk_world import LONG_AGO, settle

ROOT = Path(__file__).parents[2]
TOKEN = "123456:AAStandInTokenOfTheTests_notASecret0"
LONGEST_S = 90

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter on Windows")


@dataclass
class Program:
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    started: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if "Dừng: Ctrl-C" in line:
                self.started.set()
        self.started.set()

    @property
    def out(self) -> str:
        return "".join(self.lines)

    @property
    def address(self) -> str:
        found = re.search(r"Mở trình duyệt: (http://\S+)", self.out)
        assert found, self.out
        return found[1]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONGEST_S)


Start = Callable[..., Program]


@pytest.fixture
def start(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[Start]:
    place: dict[str, str] = {}
    if store_kind == "postgresql":
        place["LOAXA_DATABASE_URL"] = stores.filled(store_kind, _no_campaign)
    else:
        stores.copy_to(tmp_path / "loaxa.db", _no_campaign)
    running: list[Program] = []

    def run(*words: str, **settings: str) -> Program:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LOAXA_")}
        ours = {"LOAXA_VAR_DIR": str(tmp_path), "LOAXA_VOICES": "espeak", "LOAXA_HTTP_PORT": "0"}
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "bot.py"), "run", *words],
            cwd=tmp_path, env=clean | ours | place | settings, text=True, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        program = Program(process)
        threading.Thread(target=program.read, daemon=True).start()
        running.append(program)
        assert program.started.wait(LONGEST_S), program.out
        assert process.poll() is None, f"ended with {process.returncode}: {program.out}"
        return program

    yield run
    for program in running:
        if program.process.poll() is None:
            program.process.kill()
        program.process.wait(10)


@contextmanager
def busy_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        yield holder.getsockname()[1]


def test_a_busy_port_is_left_alone_and_the_next_one_is_named(start: Start) -> None:
    with busy_port() as port:
        program = start("--port", str(port))

    taken = int(program.address.rpartition(":")[2])
    assert port < taken <= port + 50
    assert f"Cổng {port} đang bận nên Loa Xã dùng cổng {taken}" in program.out
    assert httpx.get(program.address, follow_redirects=True).status_code == 200


def test_it_stops_cleanly_while_a_request_is_in_flight(start: Start) -> None:
    program = start()
    host, _, port = program.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf of it")

        assert program.stop() == 0
    assert "Traceback" not in program.out


def test_a_dead_telegram_server_does_not_take_the_pages_down_and_the_token_stays_secret(start: Start) -> None:
    with busy_port() as port:
        pass
    program = start(
        LOAXA_TELEGRAM_TOKEN=TOKEN,
        LOAXA_TELEGRAM_BASE_URL=f"http://127.0.0.1:{port}/bot",
        LOAXA_TICK_SECONDS="0.2",
    )

    answer = httpx.get(program.address, follow_redirects=True)

    assert answer.status_code == 200
    assert program.stop() == 0
    assert "telegram:" in program.out
    assert TOKEN not in program.out and TOKEN.partition(":")[2] not in program.out + answer.text
    assert "bot số 123456" in program.out


def test_a_worker_takes_no_port(start: Start) -> None:
    with busy_port() as port:
        program = start("--role", "worker", "--port", str(port))

    assert "không có trang web" in program.out and "đang bận" not in program.out
    assert program.stop() == 0


def _no_campaign(session: Session) -> None:
    settle(session, LONG_AGO.starts_at)
