"""`loaxa report`: make a report and send it where the mandate says."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from airlog import campaigns
from airlog.scope import Scope, require_scope
from bot import console
from bot.app import mail_of
from bot.settings import Settings
from reports.figures import gather
from reports.outbox import letter, mail_report, report_key
from reports.period import six_months_ending
from reports.write import ReportPaths, write_figures


def six_months(
    settings: Settings, scope: Scope, last_day: date, out: Path, email: bool, now: datetime
) -> tuple[ReportPaths, str | None]:
    """Make the half-year report and e-mail it if asked: its files, and the address they went to. Raises CommandFailed,
    BadScope, AlreadySent, MailFailed."""
    with console.opened() as db:
        with db.reading() as session:
            require_scope(session, scope.text)
            figures = gather(session, scope, six_months_ending(last_day), now)
            mandate = campaigns.mandate_about(session, scope)
        paths = write_figures(figures, out)
        if not email:
            return paths, None
        mail = mail_of(settings)
        if mail is None:
            raise console.CommandFailed("Chưa đặt LOAXA_SMTP_HOST nên chưa gửi được thư. Tệp đã làm vẫn giữ.")
        if mandate is None or not mandate.report_email:
            raise console.CommandFailed("Chỉ tiêu chưa có địa chỉ nhận báo cáo. Tệp đã làm vẫn giữ.")
        key = report_key(figures, mandate.id)
        folder = settings.var_dir.resolve() / "reports"
        mail_report(db, mail, key, letter(figures, mandate.report_email), paths, folder, now)
        return paths, mandate.report_email
