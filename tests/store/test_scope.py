"""Areas as people write them, over all communes of 2026."""

from __future__ import annotations

import unicodedata

import pytest

from airlog import areas
from airlog.db import Session
from airlog.models import Area, Duty, Mandate, Station
from airlog.scope import BadScope, Scope, communes, require_scope, scope_name
from content.week import Week, month_bounds
from scheduler.plan import plan_duties
from tests.world import AREA, WEEK, World

TODAY = WEEK.monday


@pytest.mark.parametrize(
    ("text", "count", "name"),
    [
        ("*", 3321, "cả nước"),
        ("68", 124, "tỉnh Lâm Đồng"),
        ("663", 4, "khu vực Đắk Mil cũ"),
        ("772", 4, "khu vực Quận 11 cũ"),  # a bare number would read like a count
        ("644", 3, "khu vực Buôn Hồ cũ"),  # the list has it as “Thị Xã Buôn Hồ”
        ("24646", 1, "xã Đắk Wil"),
        (AREA, 28, "khu vực Đắk Nông cũ"),
        (f"  {unicodedata.normalize('NFD', AREA)} ", 28, "khu vực Đắk Nông cũ"),
    ],
)
def test_an_area_is_written_in_one_of_five_ways(world: World, text: str, count: int, name: str) -> None:
    found = world.ask(
        lambda s: (len(communes(s, require_scope(s, text), TODAY)), scope_name(s, Scope.parse(text)))
    )
    assert found == (count, name)


@pytest.mark.parametrize("text", ["", "6", "1234", "246460", "Đắk Wil", "68/", "6a", "**", "68 / x\n"])
def test_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(BadScope, match="không đúng dạng"):
        Scope.parse(text)


@pytest.mark.parametrize("text", ["99", "999", "99999", "68/Tỉnh Đắk Lắk", "01/Tỉnh Đắk Nông"])
def test_an_area_that_does_not_exist_is_refused(world: World, text: str) -> None:
    with pytest.raises(BadScope, match="Không có xã, phường nào"):
        world.ask(lambda s: require_scope(s, text))


def test_the_whole_country_is_loaded_once(world: World) -> None:
    counts = world.ask(
        lambda s: (
            s.query(Area).filter_by(kind="province").count(),
            s.query(Area).filter(Area.kind != "province").count(),
        )
    )
    assert counts == (34, 3321)
    assert world.ask(areas.load_areas) == 0


def test_loading_an_area_gives_each_commune_a_station_and_one_mandate(world: World) -> None:
    first = world.ask(lambda s: areas.load_stations(s, AREA, TODAY))
    again = world.ask(lambda s: areas.load_stations(s, AREA, TODAY))

    assert (first.stations, first.communes) == (25, 28)  # three are there already
    assert (again.stations, again.areas) == (0, 0)
    assert world.ask(lambda s: s.query(Mandate).count()) == 1


def test_an_unknown_area_loads_no_station(world: World) -> None:
    with pytest.raises(BadScope):
        world.ask(lambda s: areas.load_stations(s, "99", TODAY))
    assert world.ask(lambda s: s.query(Station).count()) == 3


@pytest.mark.parametrize("text", ["68", "Lâm Đồng", "tỉnh lâm đồng", "LAM DONG"])
def test_a_province_is_found_by_code_or_name(world: World, text: str) -> None:
    assert world.ask(lambda s: areas.province_code(s, text)) == "68"


def test_every_station_of_the_mandate_owes_the_week_once(world: World) -> None:
    made = [world.ask(lambda s: plan_duties(s, WEEK, world.now)) for _ in range(2)]
    assert made == [3, 0]


def test_a_station_that_opened_this_week_owes_this_week_and_none_before(world: World) -> None:
    before = world.ask(lambda s: plan_duties(s, WEEK.shift(-1), world.now))
    assert (before, world.ask(lambda s: plan_duties(s, WEEK, world.now))) == (0, 3)


def test_a_closed_station_owes_nothing_from_its_last_day_on(world: World) -> None:
    world.ask(lambda s: setattr(s.query(Station).first(), "active_to", WEEK.monday))
    assert world.ask(lambda s: plan_duties(s, WEEK, world.now)) == 2


def test_a_monthly_mandate_owes_a_month_once_though_several_weeks_begin_in_it(world: World) -> None:
    def monthly(session: Session) -> None:
        mandate = session.query(Mandate).one()
        mandate.per, mandate.count = "month", 2

    world.ask(monthly)
    weeks = [Week.parse(f"2026-W{number}") for number in (50, 51, 52, 53)]

    made = [world.ask(lambda s, week=week: plan_duties(s, week, world.now)) for week in weeks]

    assert made == [3, 0, 0, 0]
    duty = world.ask(lambda s: s.query(Duty).first())
    assert duty is not None
    assert (duty.period, duty.required, duty.due_at) == ("2026-12", 2, month_bounds(weeks[0].monday)[1])


def test_a_station_that_opened_on_sunday_owes_that_week(world: World) -> None:
    world.ask(lambda s: setattr(s.query(Station).first(), "active_from", WEEK.shift(-1).sunday))
    assert world.ask(lambda s: plan_duties(s, WEEK.shift(-1), world.now)) == 1
