"""`loaxa report`: make a report, keep its exact bytes, send it where the mandate says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from airlog import campaigns, report_files
from airlog.db import Database
from airlog.scope import Scope, require_scope
from bot import console
from bot.app import mail_of
from bot.settings import Settings
from reports.figures import gather
from reports.mail import message_id, send_report
from reports.period import six_months_ending
from reports.titles import report_title
from reports.write import write_figures


@dataclass(frozen=True)
class Made:
    """The files of a report, and the address they went to."""

    docx: Path
    xlsx: Path
    sent_to: str | None = None


def six_months(
    settings: Settings, scope: Scope, last_day: date, out: Path, email: bool, now: datetime
) -> Made:
    """Make the half-year report, keep it, and e-mail it if asked. Raises CommandFailed, BadScope, MailFailed."""
    db = Database(settings.store_url)
    console.need_tables(db)
    with db.reading() as session:
        require_scope(session, scope.text)
        figures = gather(session, scope, six_months_ending(last_day), now)
        mandate = campaigns.mandate_about(session, scope)
    paths = write_figures(figures, out)
    sent_to = None
    if mandate is None and email:
        raise console.CommandFailed(
            "Khu vực này chưa có chỉ tiêu nên chưa biết gửi báo cáo cho ai. Tệp đã làm vẫn giữ."
        )
    if mandate is not None:
        key = report_files.ReportKey(mandate.id, scope.text, figures.period.starts_on, figures.period.ends_on)
        folder = settings.var_dir.resolve() / "reports"
        with db.session() as session:
            kept = report_files.keep(session, key, [paths.docx, paths.xlsx], folder, now)
            digests = [row.sha256 for row in kept]
        if email:
            sent_to = _mail(
                settings, mandate.report_email, report_title(figures), paths.docx, paths.xlsx, digests, now
            )
            with db.session() as session:
                report_files.mark_sent(session, report_files.files_of(session, key)[-2:], sent_to, now)
    db.close()
    return Made(paths.docx, paths.xlsx, sent_to)


def _mail(
    settings: Settings, to: str, title: str, docx: Path, xlsx: Path, digests: list[str], now: datetime
) -> str:
    mail = mail_of(settings)
    if mail is None:
        raise console.CommandFailed("Chưa đặt LOAXA_SMTP_HOST nên chưa gửi được thư. Tệp đã làm vẫn giữ.")
    if not to:
        raise console.CommandFailed("Chỉ tiêu chưa có địa chỉ nhận báo cáo. Tệp đã làm vẫn giữ.")
    send_report(mail, to, title, title, [docx, xlsx], message_id(mail.sender, to, digests), now)
    return to
