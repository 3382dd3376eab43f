"""Both documents of a report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from airlog.scope import Scope
from reports.figures import Figures
from reports.period import ReportPeriod
from reports.to_docx import report_docx
from reports.to_xlsx import report_xlsx
from reports.words import ascii_name


@dataclass(frozen=True)
class ReportPaths:
    docx: Path
    xlsx: Path


def write_figures(figures: Figures, out_dir: Path) -> ReportPaths:
    """Write both documents into `out_dir` (made if missing), replacing older ones.

    Takes a second or so for a province: call it in a thread, with no transaction open.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    stem = file_stem(figures.scope, figures.period)
    return ReportPaths(
        docx=report_docx(figures, out_dir / f"{stem}.docx"),
        xlsx=report_xlsx(figures, out_dir / f"{stem}.xlsx"),
    )


def file_stem(scope: Scope, period: ReportPeriod) -> str:
    """`bao-cao-6-thang-68-2025-12-05_2026-06-04`; ASCII, for mail gateways and memory sticks."""
    return f"bao-cao-{period.slug}-{ascii_name(scope.text)}-{period.starts_on}_{period.last_day}"
