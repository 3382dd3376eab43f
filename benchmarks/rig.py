"""What the benchmarks share: a server process, a store full of people, the real program as a child, and tables.

The program is always `python bot.py run --role ...` with settings from the environment, as an admin would start it;
nothing in it is replaced. CPU and memory are those that Linux counts for its process (/proc).
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.engine import make_url

from airlog import areas, campaigns, items, tracks
from airlog.campaigns import Order
from airlog.db import Database, Session
from airlog.models import Address, Area, Delivery, Grant, Person, Station
from airlog.scope import COUNTRY, Scope
from airlog.types import DeliveryState, RoleKind
from audio.clip import Clip
from content import shelf
from content.week import Week

ROOT = Path(__file__).resolve().parent.parent
BOT = "123456"
"""Number of the stand-in's token."""
LIMIT_PER_SECOND = 30
FIRST_CHAT = 1_000_001
CLIP_BYTES = 3_000_000
OPEN = (DeliveryState.QUEUED, DeliveryState.RETRYING, DeliveryState.SENDING)


# ---- the service ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """The Bot API stand-in in its own process."""

    token: str
    url: str
    pid: int

    def page(self, path: str) -> Any:
        with urllib.request.urlopen(self.url.removesuffix("/bot") + path, timeout=30) as answer:
            return json.load(answer)


@contextmanager
def server(latency_s: float = 0.2, jitter_s: float = 0.1, limit: int = LIMIT_PER_SECOND) -> Iterator[Server]:
    command = [sys.executable, "-m", "benchmarks.bot_api_server"]
    command += [f"--latency={latency_s}", f"--jitter={jitter_s}", f"--limit={limit}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        token, url = process.stdout.readline().split()
        try:
            yield Server(token, url, process.pid)
        finally:
            process.kill()


# ---- the store --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Store:
    """A database and the var folder beside it."""

    url: str
    folder: Path
    db: Database

    def states(self) -> dict[str, int]:
        """Deliveries by state."""
        query = select(Delivery.state, func.count()).group_by(Delivery.state)
        with self.db.reading() as session:
            return {str(state): count for state, count in session.execute(query)}

    def open_rows(self) -> int:
        states = self.states()
        return sum(states.get(str(state), 0) for state in OPEN)


@contextmanager
def store(postgres: str | None = None) -> Iterator[Store]:
    """An empty, migrated store: a new database on the server `postgres` names, else an SQLite file."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loaxa-bench-")))
        url = stack.enter_context(_database(postgres)) if postgres else f"sqlite:///{folder / 'loaxa.db'}"
        db = Database(url)
        db.migrate()
        stack.callback(db.close)
        yield Store(url, folder, db)


@contextmanager
def _database(postgres: str) -> Iterator[str]:
    name = f"loaxa_bench_{secrets.token_hex(4)}"
    url = make_url(postgres).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


@contextmanager
def postgres_server(url: str | None = None) -> Iterator[str]:
    """The URL that was given, else a throw-away server from Debian's binaries."""
    if url:
        yield url
        return
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    if binaries is None:
        raise SystemExit("no PostgreSQL here: apt install postgresql, or give --database-url")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="loaxa-pg-") as folder:
        base, port = Path(folder), _free_port()
        base.chmod(0o755)
        if as_user:
            subprocess.run(["chown", "postgres", folder], check=True)

        def run(*command: str) -> None:
            subprocess.run([*as_user, *command], check=True, stdout=subprocess.DEVNULL)

        run(f"{binaries}/initdb", "-D", f"{base}/data", "-A", "trust", "-U", "loaxa")
        options = f"-p {port} -k {base} -c listen_addresses=127.0.0.1"
        ctl = [f"{binaries}/pg_ctl", "-D", f"{base}/data", "-w"]
        run(*ctl, "-l", f"{base}/log", "-o", options, "start")
        try:
            yield f"postgresql://loaxa@127.0.0.1:{port}/postgres"
        finally:
            run(*ctl, "-m", "immediate", "stop")


def fill(store: Store, recipients: int, now: datetime | None = None, weeks: int = 1) -> None:
    """So many stations over all communes, one operator with a Telegram chat each, and a launched campaign.

    Its first week is that of `now`. The clips of the running week, due since its Monday 00:00, and of the next exist.
    """
    running = Week.of(datetime.now(UTC))
    now = now or datetime.now(UTC)
    week = Week.of(now)
    with store.db.session() as session:
        areas.load_areas(session)
        areas.weekly_mandate(session, Scope.parse(COUNTRY))
        items.load_library(session, shelf.library(), week.starts_at)
        _people(session, recipients, week.starts_at)
        order = Order("Mỗi tuần một tin", COUNTRY, week, weeks, 0, clock_time(0))
        campaign = campaigns.plan_campaign(session, order, None, now)
        campaigns.launch(session, campaign, None, now)
        for rundown in campaign.rundowns:
            if rundown.week in (str(running), str(running.next())):
                purpose = tracks.purpose_of(session, rundown)
                tracks.keep(session, rundown.item_version_id, purpose, _clip(store), now)


def _clip(store: Store) -> Clip:
    data = secrets.token_bytes(CLIP_BYTES)
    digest = hashlib.sha256(data).hexdigest()
    path = store.folder / f"{digest[:8]}.mp3"
    path.write_bytes(data)
    return Clip(path, digest, 180_000, -14.0, -1.0, CLIP_BYTES, "recording", "x", draft=False)


def _people(session: Session, count: int, since: datetime) -> None:
    """Rows in bulk, in the shape that an import and a bind leave: `Trần Thị Lan 7` of station 7 writes from chat 7."""
    communes = list(session.scalars(select(Area.code).where(Area.kind != "province").order_by(Area.code)))
    numbers = range(1, count + 1)
    hours = {"airing_days": areas.USUAL_DAYS, "airing_hours": areas.USUAL_HOURS, "active_from": areas.REFORM}
    tables: list[tuple[type[Any], list[dict[str, object]]]] = [
        (
            Station,
            [
                {"id": n, "area_code": communes[n % len(communes)], "name": f"Đài truyền thanh {n}", **hours}
                for n in numbers
            ],
        ),
        (
            Person,
            [
                {"id": n, "name": f"Trần Thị Lan {n}", "phone": f"+8490{n:07d}", "created_at": since}
                for n in numbers
            ],
        ),
        (
            Grant,
            [
                {"person_id": n, "role": RoleKind.OPERATOR, "scope": "", "station_id": n, "valid_from": since}
                for n in numbers
            ],
        ),
        (
            Address,
            [
                {
                    "person_id": n,
                    "channel": "telegram",
                    "bot": BOT,
                    "chat_id": str(FIRST_CHAT - 1 + n),
                    "bound_at": since,
                }
                for n in numbers
            ],
        ),
    ]
    for table, rows in tables:
        session.execute(insert(table), rows)


# ---- the program ------------------------------------------------------------------------------------------------


@dataclass
class Program:
    """One process of Loa Xã on a store and a service."""

    process: subprocess.Popen[bytes]
    log: Path
    log_before: int = 0
    """Bytes of the log that earlier processes of this node wrote."""

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_up(self) -> bool:
        """Whether it said that it runs."""
        return "Loa Xã đang chạy" in self.log.read_bytes()[self.log_before :].decode()

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> float:
        """SIGTERM; returns the seconds until it ended in good order."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
        return time.monotonic() - began

    def check(self) -> None:
        """Raises SystemExit with the end of its log when it ended by itself."""
        if self.process.poll() is not None:
            raise SystemExit(
                f"the program ended with {self.process.returncode}:\n{self.log.read_text()[-3000:]}"
            )


@dataclass
class Rig:
    """A store, a service, and the programs started on them; `with` ends whatever still runs."""

    store: Store
    server: Server
    pace_ms: float | None = None
    """None: the product's default."""
    extra: dict[str, str] = field(default_factory=dict)
    programs: list[Program] = field(default_factory=list)

    def __enter__(self) -> Rig:
        return self

    def __exit__(self, *_: object) -> None:
        for program in self.programs:
            if program.process.poll() is None:
                program.kill()

    def start(self, name: str = "node-1", role: str = "worker") -> Program:
        """Start one process under a node name. It is up some seconds later; `until` tells."""
        log = self.store.folder / f"{name}.log"
        log_before = log.stat().st_size if log.exists() else 0
        with log.open("ab") as file:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "bot.py"), "run", "--role", role],
                env=self.environment(name),
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=self.store.folder,
            )
        program = Program(process, log, log_before)
        self.programs.append(program)
        return program

    def until(self, condition: Callable[[], bool], within_s: float, every_s: float = 0.1) -> bool:
        """Whether the condition came true in time. Raises SystemExit when the newest program died by itself."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if condition():
                return True
            self.programs[-1].check()
            time.sleep(every_s)
        return False

    def items(self) -> int:
        return int(self.server.page("/count")["items"])

    def environment(self, name: str) -> dict[str, str]:
        mine = {
            "DATABASE_URL": self.store.url,
            "VAR_DIR": str(self.store.folder),
            "TELEGRAM_TOKEN": self.server.token,
            "TELEGRAM_BASE_URL": self.server.url,
            "TELEGRAM_BASE_FILE_URL": self.server.url.replace("/bot", "/file/bot"),
            "HTTP_PORT": "0",
            "VOICES": "espeak",
            "VOICE_FETCH": "false",
            "NODE_NAME": name,
            **({"TELEGRAM_PACE_MS": f"{self.pace_ms:g}"} if self.pace_ms else {}),
            **self.extra,
        }
        clean = {key: value for key, value in os.environ.items() if not key.startswith("LOAXA_")}
        ours = {f"LOAXA_{key}": value for key, value in mine.items()}
        return {**clean, "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", **ours}


def cpu_s(pid: int) -> float:
    """User and system seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    """The most memory that the process ever had resident."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


# ---- figures ----------------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print columns, the first to the left, the others to the right."""
    lines = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    for line in lines:
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True)),
        ]
        print("  ".join(cells).rstrip(), flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie; not a number when there are none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return str(value)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
