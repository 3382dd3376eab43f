"""The one call that makes a report: count once, write both documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from airlog.db import Session
from airlog.scope import Scope
from reports.figures import Figures, gather
from reports.period import ReportPeriod
from reports.titles import Office, office_for
from reports.to_docx import report_docx
from reports.to_xlsx import report_xlsx
from reports.words import ascii_name


@dataclass(frozen=True)
class ReportPaths:
    docx: Path
    xlsx: Path


def write_report(
    session: Session,
    scope: Scope,
    period: ReportPeriod,
    out_dir: Path,
    now: datetime,
    *,
    mandate_id: int | None = None,
    office: Office | None = None,
    template: Path | None = None,
) -> ReportPaths:
    """Count and write; see `gather` and `write_figures` for what they raise."""
    figures = gather(session, scope, period, now, mandate_id)
    return write_figures(figures, out_dir, office=office, template=template)


def write_figures(
    figures: Figures, out_dir: Path, *, office: Office | None = None, template: Path | None = None
) -> ReportPaths:
    """Write both documents into `out_dir` (made if missing), replacing older ones. Raises BrokenTemplate.

    Takes a second or so for a province: call it in a thread, with no transaction open.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    stem = file_stem(figures.scope, figures.period)
    return ReportPaths(
        docx=report_docx(figures, office or office_for(figures), out_dir / f"{stem}.docx", template),
        xlsx=report_xlsx(figures, out_dir / f"{stem}.xlsx"),
    )


def file_stem(scope: Scope, period: ReportPeriod) -> str:
    """`bao-cao-6-thang-68-2025-12-05_2026-06-04`; ASCII, for mail gateways and memory sticks."""
    return f"bao-cao-{period.slug}-{ascii_name(scope.text)}-{period.starts_on}_{period.last_day}"
