"""What every command shares: settings, the store, `--now`, output as text or JSON, failure in one sentence."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from airlog.areas import province_code
from airlog.campaigns import BadCampaign
from airlog.db import Database, Refused, Session, StoreUnreachable, Unstorable
from airlog.models import Person
from airlog.people import BadList, BadPhone, person_by_phone
from airlog.scope import BadScope, Scope, require_scope
from airlog.transfer_file import CannotMove
from audio.clip import ClipRefused
from audio.speech import UnreadWords
from audio.voices import NoVoice
from bot.logs import quiet_secrets
from bot.settings import BadSetting, Settings, load
from content.item import BrokenItem
from content.messages import cap
from content.week import LOCAL, BadWeek
from reports.mail import MailFailed
from reports.outbox import AlreadySent
from scheduler.clock import Clock, HandClock, SystemClock

Json = Annotated[bool, typer.Option("--json", help="In ra JSON, khóa tiếng Anh cố định (docs/cli.md)")]
Now = Annotated[
    str, typer.Option("--now", help="Coi như bây giờ là lúc này, dạng ISO, ví dụ 2026-11-23T08:00")
]
SHOWABLE = (
    Refused, StoreUnreachable, Unstorable, BadScope, BadWeek, BadList, BadPhone, BadSetting, BrokenItem, CannotMove,
    BadCampaign, ClipRefused, UnreadWords, NoVoice, MailFailed, AlreadySent,
)  # fmt: skip
"""Errors whose message is one Vietnamese sentence or two, meant for people."""


class CommandFailed(Exception):
    """A command that cannot do what was asked; the message is Vietnamese."""


def settings() -> Settings:
    """The settings, and logs that hold no secret."""
    quiet_secrets()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    return load()


def clock(now: str) -> Clock:
    """The machine's clock, or one that stands at `--now` (local time when no offset is given)."""
    return HandClock(moment(now)) if now else SystemClock()


def moment(text: str) -> datetime:
    """An ISO instant as UTC. Raises CommandFailed."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandFailed(f"Thời điểm “{text}” không đúng dạng, ví dụ 2026-11-23T08:00.") from error
    if not 2000 <= found.year < 3000:  # the calendar itself ends soon after: a week more would overflow
        raise CommandFailed(f"Thời điểm “{text}” nằm ngoài lịch phát. Anh/chị kiểm tra lại năm.")
    return (found if found.tzinfo else found.replace(tzinfo=LOCAL)).astimezone(UTC)


@contextmanager
def opened(*, may_be_empty: bool = False) -> Iterator[Database]:
    """The store. Refuses, with what to do, while there are no tables."""
    try:
        db = Database(settings().store_url)
    except ModuleNotFoundError as error:
        raise CommandFailed(
            'Máy này chưa cài phần PostgreSQL. Anh/chị chạy: pip install "loaxa[postgres]" (README).'
        ) from error
    try:
        if not may_be_empty:
            need_tables(db)
        yield db
    finally:
        db.close()


@contextmanager
def store(*, write: bool = False) -> Iterator[Session]:
    """The store in one transaction. Refuses as `opened` does."""
    with opened() as db, db.session() if write else db.reading() as session:
        yield session


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, told (done, of how many); none when nobody watches."""
    with typer.progressbar(length=1000, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda done, total: bar.update((1000 * done // total if total else 1000) - bar.pos)


def need_tables(db: Database) -> None:
    if db.is_empty():
        raise CommandFailed("Chưa có cơ sở dữ liệu. Anh/chị chạy “loaxa db init” trước.")


def area(session: Session, province: str, former: str = "") -> Scope:
    """A province by code or name, or the part of it that was a former province. Raises BadScope."""
    code = province_code(session, province)
    return require_scope(session, f"{code}/{former}" if former else code)


def person(session: Session, phone: str) -> Person:
    try:
        found = person_by_phone(session, phone)
    except BadPhone as error:
        raise CommandFailed(f"{cap(str(error))}. Anh/chị gõ như 0912345678.") from error
    if found is None:
        raise CommandFailed(f"Không có ai dùng số {phone}. Anh/chị nhập danh sách người trước.")
    return found


def show(data: object, as_json: bool, lines: Sequence[str]) -> None:
    """Print `data` as JSON, or the lines for people."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False, indent=2, default=plain))
    else:
        print("\n".join(lines))


def plain(value: object) -> object:
    """Instants as ISO 8601 with Viet Nam's offset, days as ISO, the rest as text."""
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum | Path) else repr(value)


def fail(message: str, code: int = 1) -> NoReturn:
    """One Vietnamese sentence on standard error, and a status other than nought."""
    print(message, file=sys.stderr)
    raise SystemExit(code)
