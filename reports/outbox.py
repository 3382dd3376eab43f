"""From a written report to the mandate's mailbox: kept, sent once, noted."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from airlog import report_files
from airlog.db import Database
from airlog.models import Person, ReportFile
from airlog.report_files import ReportKey
from content.messages import at
from reports.figures import Figures
from reports.mail import MailSettings, check_address, message_id, send_report
from reports.titles import report_title
from reports.words import as_of_line

if TYPE_CHECKING:  # the libraries of documents are slow to load
    from reports.write import ReportPaths


class AlreadySent(Exception):
    """The report went to this address before; the message is Vietnamese and says how to send it again."""

    def __init__(self, to: str, sent_at: datetime) -> None:
        super().__init__(f"Báo cáo kỳ này đã gửi tới {to} lúc {at(sent_at)} nên Loa Xã không gửi thêm.")
        self.sent_at = sent_at


@dataclass(frozen=True)
class Letter:
    """An e-mail to be: where to, and what it says above its attachments."""

    to: str
    subject: str
    body: str


def letter(figures: Figures, to: str) -> Letter:
    """The usual words. Raises MailFailed when `to` is no address."""
    title = report_title(figures)
    body = (
        f"Kính gửi quý cơ quan,\n\n{title}, gồm bản Word và bảng số liệu Excel trong tệp kèm theo. "
        f"{as_of_line(figures.as_of)}.\n\nTrân trọng.\n"
    )
    return Letter(check_address(to), title, body)


def report_key(figures: Figures, mandate_id: int) -> ReportKey:
    return ReportKey(mandate_id, figures.scope.text, figures.period.starts_on, figures.period.ends_on)


def mail_report(
    database: Database,
    settings: MailSettings,
    key: ReportKey,
    mail: Letter,
    paths: ReportPaths,
    folder: Path,
    now: datetime,
    *,
    person: Person | None = None,
    again: bool = False,
) -> None:
    """Keep the files under `folder`, send them, note it. Blocking. Raises AlreadySent (unless `again`) and MailFailed.

    1. keep and commit, so that what goes out is on disk; 2. send, with no transaction open; 3. note it. A crash
    between 2 and 3 leads to a second message with the same Message-ID when the same files are sent again.
    """
    with database.session() as session:
        before = report_files.sent_to(session, key, mail.to)
        if before is not None and not again:
            raise AlreadySent(mail.to, before)
        kept = report_files.keep(session, key, [paths.docx, paths.xlsx], folder, now, person)
    identity = message_id(settings.sender, mail.to, [row.sha256 for row in kept])
    with tempfile.TemporaryDirectory() as desk:
        # The kept bytes under the names that people know.
        named = [Path(shutil.copyfile(row.path, Path(desk) / row.name)) for row in kept]
        send_report(settings, mail.to, mail.subject, mail.body, named, identity, now)
    with database.session() as session:
        rows = [session.get_one(ReportFile, row.id) for row in kept]
        report_files.mark_sent(session, rows, mail.to, now, person)
