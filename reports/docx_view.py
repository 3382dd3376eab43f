"""What the Word template shows beside the figures. Sentences stand in the template, so that an office can change them in
Word; here is only what has to be worked out first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from content.week import LOCAL
from content.wording import number_vi
from reports.figures import Figures, MessageRow, TopicRow
from reports.titles import Office, office_for, period_name, report_title
from reports.words import as_of_line, official_date, official_day_line, reason_word


@dataclass(frozen=True)
class ReportView:
    """The variable `bc` of the template."""

    title: str
    office: Office
    day_line: str
    period_name: str
    period_dates: str
    as_of: str
    reasons: str
    topics_covered: str
    messages_covered: str


def view(figures: Figures) -> ReportView:
    period = figures.period
    return ReportView(
        title=report_title(figures),
        office=office_for(figures),
        day_line=official_day_line(figures.as_of.astimezone(LOCAL).date()),
        period_name=period_name(period),
        period_dates=f"từ ngày {official_date(period.starts_on)} đến ngày {official_date(period.last_day)}",
        as_of=". ".join([as_of_line(figures.as_of), *(note.rstrip(".") for note in figures.area_notes)]),
        reasons=_reasons(figures),
        topics_covered=_covered(figures.by_topic),
        messages_covered=_covered(figures.by_message),
    )


def _covered(rows: Sequence[TopicRow | MessageRow]) -> str:
    return f"{sum(row.coverage.airings > 0 for row in rows)}/{len(rows)}"


def _reasons(figures: Figures) -> str:
    """“mất điện (3 việc), hỏng loa, máy (1 việc)”."""
    return "; ".join(
        f"{(reason_word(row.reason) or 'không rõ lý do').lower()} ({number_vi(row.count)} việc)"
        for row in figures.reasons
    )
