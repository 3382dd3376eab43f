"""`loaxa report`: make a report and send it where the mandate says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from airlog import campaigns
from airlog.db import Database
from airlog.scope import Scope, require_scope
from bot import console
from bot.app import mail_of
from bot.settings import Settings
from reports.figures import gather
from reports.outbox import letter, mail_report, report_key
from reports.period import six_months_ending
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
    """Make the half-year report and e-mail it if asked. Raises CommandFailed, BadScope, AlreadySent, MailFailed."""
    db = Database(settings.store_url)
    console.need_tables(db)
    with db.reading() as session:
        require_scope(session, scope.text)
        figures = gather(session, scope, six_months_ending(last_day), now)
        mandate = campaigns.mandate_about(session, scope)
    paths = write_figures(figures, out)
    if not email:
        return Made(paths.docx, paths.xlsx)
    mail = mail_of(settings)
    if mail is None:
        raise console.CommandFailed("Chưa đặt LOAXA_SMTP_HOST nên chưa gửi được thư. Tệp đã làm vẫn giữ.")
    if mandate is None or not mandate.report_email:
        raise console.CommandFailed("Chỉ tiêu chưa có địa chỉ nhận báo cáo. Tệp đã làm vẫn giữ.")
    key = report_key(figures, mandate.id)
    folder = settings.var_dir.resolve() / "reports"
    mail_report(db, mail, key, letter(figures, mandate.report_email), paths, folder, now)
    db.close()
    return Made(paths.docx, paths.xlsx, mandate.report_email)
