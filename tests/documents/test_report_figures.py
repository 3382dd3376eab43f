from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from airlog.queries import Counts
from airlog.types import MissedReason
from content.week import Week
from reports.figures import Figures, FiguresDisagree, check, gather, share
from reports.period import ReportPeriod, six_months_ending
from tests.report_world import FIRST, NOW, World, busy_world, empty_world, fill, plan
from tests.stores import Stores

HALF_YEAR = six_months_ending(date(2026, 6, 4))


@pytest.fixture(scope="module")
def busy(stores: Stores, store_kind: str) -> Iterator[World]:
    world = busy_world(stores.filled(store_kind, fill))
    yield world
    world.database.close()


@pytest.fixture
def empty(stores: Stores, store_kind: str) -> Iterator[World]:
    """The stations and the library; nobody owes anything yet."""
    world = empty_world(stores.filled(store_kind, fill))
    yield world
    world.database.close()


def figures_of(world: World, period: ReportPeriod = HALF_YEAR) -> Figures:
    with world.database.reading() as session:
        return gather(session, world.scope, period, NOW)


def test_an_area_without_duties_has_figures_of_nought(empty: World) -> None:
    figures = figures_of(empty)

    assert (figures.totals, figures.by_commune, figures.log) == (Counts(), (), ())
    assert share(figures.totals) is None


def test_sums_that_disagree_stop_the_report(busy: World) -> None:
    figures = figures_of(busy)
    wrong = replace(figures, totals=replace(figures.totals, aired=figures.totals.aired + 1))

    with pytest.raises(FiguresDisagree, match="duties"):
        check(wrong)


def test_an_airing_that_the_log_does_not_hold_stops_the_report(busy: World) -> None:
    figures = figures_of(busy)

    with pytest.raises(FiguresDisagree, match="airings"):
        check(replace(figures, log=tuple(line for line in figures.log if not line.own)))


def test_each_week_counts_one_in_time_one_late_one_unable_and_the_rest_silent(busy: World) -> None:
    figures = figures_of(busy)
    stations = figures.stations

    assert figures.totals == Counts(aired=3, late=3, excused=1, cannot=2, silent=3 * (stations - 3))
    assert [(row.reason, row.count) for row in figures.reasons] == [(MissedReason.NO_POWER, 2)]


def test_excused_duties_are_owed_no_more(busy: World) -> None:
    totals = figures_of(busy).totals

    assert share(totals) == Fraction(6, totals.total - 1)


def test_a_corrected_and_an_own_airing_count_once_each_and_a_withdrawal_counts_nothing(busy: World) -> None:
    figures = figures_of(busy)

    assert (figures.airings, figures.own.airings, figures.own.stations) == (7, 1, 1)
    assert sum(row.coverage.airings for row in figures.by_topic) == 6
    assert (figures.proofs.files, figures.proofs.duties) == (1, 1)


def test_a_week_belongs_to_the_report_in_which_its_monday_lies(empty: World) -> None:
    across = Week.parse("2026-W27")  # 29 June to 5 July
    with empty.database.session() as session:
        plan(empty, session, across, 2)
    june, july = (
        ReportPeriod(date(2026, 1, 1), date(2026, 7, 1)),
        ReportPeriod(date(2026, 7, 1), date(2027, 1, 1)),
    )

    assert {line.period for line in figures_of(empty, june).lines} == {"2026-W27"}
    assert {line.period for line in figures_of(empty, july).lines} == {"2026-W28"}


def test_week_53_is_counted_in_the_year_its_monday_lies_in(empty: World) -> None:
    with empty.database.session() as session:
        plan(empty, session, Week.parse("2026-W53"), 1)  # 28 December 2026 to 3 January 2027
    year = ReportPeriod(date(2026, 1, 1), date(2027, 1, 1))

    figures = figures_of(empty, year)

    assert [(row.year, row.month) for row in figures.by_month] == [(2026, 12)]
    assert figures.totals.total == figures.stations


def test_a_wider_area_reports_the_same_stations(busy: World) -> None:
    with busy.database.reading() as session:
        province = gather(session, type(busy.scope).parse("68"), HALF_YEAR, NOW)

    assert province.totals == figures_of(busy).totals
    assert province.place == "tỉnh Lâm Đồng"


def test_the_log_is_whole_and_in_order(busy: World) -> None:
    log = figures_of(busy).log

    assert [line.seq for line in log] == list(range(1, len(log) + 1))
    assert {line.period for line in log} == {str(FIRST.shift(n)) for n in range(3)}
