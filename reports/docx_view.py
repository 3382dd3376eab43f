"""What the Word template may show. Sentences stand in the template, so that an office can change them in Word;
here are only figures, already written the Vietnamese way, and names.
"""

from __future__ import annotations

from dataclasses import dataclass

from airlog.queries import Counts
from content.week import LOCAL
from content.wording import number_vi
from reports.figures import AreaRow, Coverage, Figures, share
from reports.titles import Office, period_name, report_title
from reports.words import as_of_line, official_date, official_day_line, reason_word, share_word


@dataclass(frozen=True)
class Row:
    """A row of a table of results."""

    number: int
    name: str
    stations: str
    owed: str
    aired: str
    late: str
    part: str
    excused: str
    cannot: str
    silent: str
    pending: str
    met: str
    share: str


@dataclass(frozen=True)
class CoverageRow:
    """A row of a table of contents aired."""

    number: int
    name: str
    airings: str
    items: str
    stations: str


@dataclass(frozen=True)
class MandateView:
    name: str
    source: str
    count: str
    per: str


@dataclass(frozen=True)
class ReportView:
    """The variable `bc` of the template."""

    title: str
    office: Office
    day_line: str
    period_name: str
    period_dates: str
    as_of: str
    place: str
    mandates: tuple[MandateView, ...]
    has_duties: bool
    is_commune: bool
    communes: str
    total: Row
    by_cluster: tuple[Row, ...]
    by_commune: tuple[Row, ...]
    by_month: tuple[Row, ...]
    reasons: str
    airings: str
    own: CoverageRow
    unnamed: int
    unnamed_airings: str
    topics: tuple[CoverageRow, ...]
    topics_covered: str
    messages: tuple[CoverageRow, ...]
    messages_covered: str
    proof_files: str
    proof_duties: str
    log_lines: str
    last_hash: str


def view(figures: Figures, office: Office) -> ReportView:
    day = figures.as_of.astimezone(LOCAL).date()
    period, log = figures.period, figures.log
    return ReportView(
        title=report_title(figures),
        office=office,
        day_line=official_day_line(day),
        period_name=period_name(period),
        period_dates=f"từ ngày {official_date(period.starts_on)} đến ngày {official_date(period.last_day)}",
        as_of=". ".join([as_of_line(figures.as_of), *(note.rstrip(".") for note in figures.area_notes)]),
        place=figures.place,
        mandates=tuple(
            MandateView(m.name, m.source, f"{m.count:02d}", "tuần" if m.per == "week" else "tháng")
            for m in figures.mandates
        ),
        has_duties=figures.totals.total > 0,
        is_commune=figures.scope.kind == "commune",
        communes=number_vi(len(figures.by_commune)),
        total=_row(0, "Cộng", figures.stations, figures.totals),
        by_cluster=_area_rows(figures.by_cluster),
        by_commune=_area_rows(figures.by_commune),
        by_month=tuple(
            _row(number, f"Tháng {row.month}/{row.year}", 0, row.counts)
            for number, row in enumerate(figures.by_month, 1)
        ),
        reasons=_reasons(figures),
        airings=number_vi(figures.airings),
        own=_coverage_row(0, "Tin do đài tự làm", figures.own),
        unnamed=figures.unnamed_airings,
        unnamed_airings=number_vi(figures.unnamed_airings),
        topics=tuple(
            _coverage_row(number, row.topic.title, row.coverage)
            for number, row in enumerate(figures.by_topic, 1)
        ),
        topics_covered=_covered([row.coverage for row in figures.by_topic]),
        messages=tuple(_coverage_row(row.number, row.text, row.coverage) for row in figures.by_message),
        messages_covered=_covered([row.coverage for row in figures.by_message]),
        proof_files=number_vi(figures.proofs.files),
        proof_duties=number_vi(figures.proofs.duties),
        log_lines=number_vi(len(log)),
        last_hash=log[-1].hash if log else "",
    )


def _row(number: int, name: str, stations: int, tally: Counts) -> Row:
    return Row(
        number=number,
        name=name,
        stations=number_vi(stations),
        owed=number_vi(tally.total),
        aired=number_vi(tally.aired),
        late=number_vi(tally.late),
        part=number_vi(tally.part),
        excused=number_vi(tally.excused),
        cannot=number_vi(tally.cannot),
        silent=number_vi(tally.silent),
        pending=number_vi(tally.pending),
        met=number_vi(tally.met),
        share=share_word(share(tally)),
    )


def _area_rows(rows: tuple[AreaRow, ...]) -> tuple[Row, ...]:
    """Communes, or clusters; those without a former district stand together."""
    return tuple(
        _row(number, row.name or "Không thuộc huyện cũ", row.stations, row.counts)
        for number, row in enumerate(rows, 1)
    )


def _coverage_row(number: int, name: str, coverage: Coverage) -> CoverageRow:
    return CoverageRow(
        number,
        name,
        number_vi(coverage.airings),
        number_vi(coverage.items),
        number_vi(coverage.stations),
    )


def _covered(parts: list[Coverage]) -> str:
    return f"{sum(part.airings > 0 for part in parts)}/{len(parts)}"


def _reasons(figures: Figures) -> str:
    """“mất điện (3 việc), hỏng loa, máy (1 việc)”."""
    return "; ".join(
        f"{(reason_word(row.reason) or 'không rõ lý do').lower()} ({number_vi(row.count)} việc)"
        for row in figures.reasons
    )
