"""How it has been going: the share of duties met, week by week, as a line and as a table. The drawing is server-made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from html import escape

from markupsafe import Markup

from airlog import ledger
from airlog.access import Sight
from airlog.db import Session
from airlog.ledger_places import Choice
from airlog.queries import Counts
from content.week import Week
from content.wording import week_vi
from reports.figures import share
from reports.ledger_xlsx import View
from reports.sheet import Column
from reports.to_xlsx import COUNTED, counted
from reports.words import period_word, share_word
from web.heat_map import weeks_with_something

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 240, 76, 28, 18, 34


@dataclass(frozen=True)
class Point:
    """One week: how its duties stand, and the share met of what is owed by now; None where nothing is."""

    week: Week
    counts: Counts
    share: Fraction | None

    @property
    def told(self) -> str:
        return (
            f"{week_vi(self.week)}: {self.counts.met}/{self.counts.total} đã phát, {share_word(self.share)}"
        )


def trend_of(
    session: Session, sight: Sight, choice: Choice, until: Week, now: datetime, weeks: int
) -> tuple[Point, ...]:
    """The weeks that are over; a running one would always end the line in a fall."""
    span = [week for week in weeks_with_something(session, until, weeks) if week.ends_at <= now]
    if not span:
        return ()
    tallies = ledger.tally(session, sight, choice, [str(week) for week in span])
    points = []
    for week in span:
        counts = ledger.as_counts(tallies[str(week)], str(week), now)
        points.append(Point(week, counts, share(counts)))
    return tuple(points)


def trend_view(points: Sequence[Point], title: str) -> View:
    rows = [[period_word(str(point.week)), *counted(point.counts)] for point in points]
    return View("xu-huong", title, (Column("Tuần", 20), *COUNTED), rows)


def trend_svg(points: Sequence[Point]) -> Markup:
    """A line over the weeks, 0 to 100 %, broken where nothing was owed. The table beside it says the same in words."""
    drawn = [point for point in points if point.share is not None]
    if len(drawn) < 2:
        return Markup()
    label = f"Tỷ lệ đã phát từ {drawn[0].told} đến {drawn[-1].told}"
    body = "".join([*_scale(), *_months(points), *_lines(points), *_marks(points)])
    return Markup(
        f'<svg class="trend" role="img" aria-label="{escape(label)}" viewBox="0 0 {_WIDTH} {_HEIGHT}">{body}</svg>'
    )


def _scale() -> Iterator[str]:
    for percent in (0, 50, 100):
        y = _y(Fraction(percent, 100))
        yield f'<path class="line" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>'
        yield f'<text class="quiet" x="{_LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">{percent}%</text>'


def _months(points: Sequence[Point]) -> Iterator[str]:
    """The first week of a month names it, as many as there is room for."""
    firsts = [n for n, p in enumerate(points) if n and p.week.monday.month != points[n - 1].week.monday.month]
    step = -(-len(firsts) // 9)
    for number in firsts[:: max(1, step)]:
        day = points[number].week.monday
        x = _x(number, len(points))
        yield f'<path class="line" d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM + 5}"/>'
        yield f'<text class="quiet" x="{x:.1f}" y="{_HEIGHT - 10}" text-anchor="middle">{day.month}/{day:%y}</text>'


def _lines(points: Sequence[Point]) -> Iterator[str]:
    run: list[str] = []
    for number, point in enumerate(points):
        if point.share is not None:
            run.append(f"{_x(number, len(points)):.1f} {_y(point.share):.1f}")
        if run and (point.share is None or number == len(points) - 1):
            yield f'<path class="run" d="M{"L".join(run)}"/>'
            run = []


def _marks(points: Sequence[Point]) -> Iterator[str]:
    for number, point in enumerate(points):
        if point.share is not None:
            x, y = _x(number, len(points)), _y(point.share)
            radius = 4.5 if number == len(points) - 1 else 3 if len(points) <= 60 else 1.8
            yield f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"><title>{escape(point.told)}</title></circle>'


def _x(number: int, count: int) -> float:
    return _LEFT + number * (_WIDTH - _LEFT - _RIGHT) / max(1, count - 1)


def _y(value: Fraction) -> float:
    return _TOP + float(1 - value) * (_HEIGHT - _TOP - _BOTTOM)
