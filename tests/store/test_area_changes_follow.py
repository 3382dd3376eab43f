"""What follows a change of communes: rights, the running week, its day, reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from airlog import (
    access,
    area_changes,
    area_past,
    area_reads,
    area_rights,
    areas,
    duties,
    people,
    record,
)
from airlog.access import NotAllowed
from airlog.area_changes import NotWithdrawn
from airlog.area_orders import Order
from airlog.db import Session
from airlog.models import (
    Area,
    AreaStep,
    Audit,
    Delivery,
    Duty,
    Grant,
    Mandate,
    MandateArea,
    Station,
)
from airlog.people import BadList
from airlog.rules import Sign
from airlog.scope import BadScope, Scope, require_living
from airlog.types import DeliveryState, MandateKind, RoleKind
from content.week import Week
from reports.figures import gather
from reports.period import ReportPeriod
from tests.area_world import (
    NEW,
    OTHER,
    WEDNESDAY,
    area,
    counted,
    do,
    look,
    mandates_of,
    merge,
    move,
    nationwide,
    notes,
    officer_of,
    rename,
    sign_of,
    split,
    stations,
)
from tests.world import CUC, DAK_SAK, DAK_WIL, HANH, LAN, MINH, SON, THUAN_AN, WEEK, World, person_of
from tests.world import order as campaign


class TestRights:
    def test_an_operator_keeps_the_own_station_and_gets_no_other(self, world: World) -> None:
        do(world, merge(date(2026, 11, 20)))

        served = world.ask(lambda s: [x.name for x in access.stations_of(s, person_of(s, HANH), world.now)])

        assert served == ["Đài truyền thanh xã Đắk Wil"]

    def test_who_served_one_of_two_merged_communes_still_serves_the_third(self, world: World) -> None:
        do(world, merge(date(2026, 11, 20)))

        served = world.ask(lambda s: [x.name for x in access.stations_of(s, person_of(s, LAN), world.now)])

        assert served == ["Đài truyền thanh xã Thuận An", "Đài truyền thanh xã Đắk Sắk"]

    def test_nobody_gains_or_loses_when_stations_stay(self, world: World) -> None:
        (effects,) = look(world, merge()).effects

        assert [s for s in effects.gains + effects.losses if s.who.kind == "person"] == []

    def test_what_a_person_loses_with_a_closed_station_is_shown(self, world: World) -> None:
        (effects,) = look(world, replace(merge(), stations="close")).effects

        lost = {(s.who.name, s.who.role, s.station) for s in effects.losses}
        assert ("Trần Thị Hạnh", RoleKind.OPERATOR, "Đài truyền thanh xã Đắk Wil") in lost
        gained = {(s.who.name, s.who.role, s.station) for s in effects.gains}
        assert ("Phan Thị Thu Cúc", RoleKind.OFFICER, "Đài truyền thanh xã Đắk Mới") in gained

    def test_a_new_station_without_an_operator_is_said_to_be(self, world: World) -> None:
        (closed,) = look(world, replace(merge(), stations="close")).effects
        (kept,) = look(world, merge()).effects

        assert (closed.unmanned, kept.unmanned) == (("Đài truyền thanh xã Đắk Mới",), ())

    def test_an_officer_of_both_old_communes_has_the_whole_new_one(self, world: World) -> None:
        def give(session: Session) -> None:
            for code in (DAK_WIL, DAK_SAK):
                session.add(Grant(person_id=person_of(session, SON).id, role=RoleKind.OFFICER, scope=code,
                                  valid_from=world.now))  # fmt: skip

        world.ask(give)
        do(world, merge(date(2026, 11, 20)))

        assert officer_of(world, SON, NEW)

    def test_an_officer_of_one_of_them_looks_after_that_station_alone(self, world: World) -> None:
        world.ask(
            lambda s: s.add(
                Grant(
                    person_id=person_of(s, SON).id, role=RoleKind.OFFICER, scope=DAK_WIL, valid_from=world.now
                )
            )
        )
        do(world, merge(date(2026, 11, 20)))

        def seen(session: Session) -> list[str]:
            found = access.stations_of(session, person_of(session, SON), world.now, (RoleKind.OFFICER,))
            return [station.name for station in found]

        assert world.ask(seen) == ["Đài truyền thanh xã Đắk Wil"]

    def test_old_rights_end_and_are_not_deleted(self, world: World) -> None:
        do(world, merge(date(2026, 11, 20)))

        query = select(Grant).where(Grant.scope == DAK_WIL)
        assert [g.valid_to for g in world.ask(lambda s: list(s.scalars(query)))] == [world.now]

    def test_an_officer_of_a_commune_that_splits_keeps_both_parts(self, world: World) -> None:
        world.ask(
            lambda s: s.add(
                Grant(
                    person_id=person_of(s, SON).id, role=RoleKind.OFFICER, scope=DAK_WIL, valid_from=world.now
                )
            )
        )
        do(world, split(date(2026, 11, 20)))

        for code in (NEW, OTHER):
            assert officer_of(world, SON, code)

    def test_a_move_shows_who_loses_the_commune(self, world: World) -> None:
        nationwide(world)

        (effects,) = look(world, move()).effects

        assert ("Phan Thị Thu Cúc", RoleKind.OFFICER) in {(s.who.name, s.who.role) for s in effects.losses}

    def test_a_mandate_that_named_an_old_commune_names_the_new_one(self, world: World) -> None:
        def own(session: Session) -> None:
            session.add(Mandate(name="Riêng", kind=MandateKind.AIR, count=1, per="month", source="CV 1",
                                valid_from=date(2026, 1, 1), areas=[MandateArea(scope=DAK_WIL)]))  # fmt: skip

        world.ask(own)
        (effects,) = look(world, merge(date(2026, 11, 20))).effects
        do(world, merge(date(2026, 11, 20)))

        query = select(MandateArea.scope).join(Mandate).where(Mandate.name == "Riêng")
        assert world.ask(lambda s: list(s.scalars(query))) == [NEW]
        assert ("Riêng", "Đài truyền thanh xã Đắk Sắk") in {(x.who.name, x.station) for x in effects.gains}

    def test_a_campaign_of_one_old_commune_goes_on_in_the_new_one(self, world: World) -> None:
        made = world.launch(campaign(scope=DAK_WIL))
        do(world, merge(date(2026, 11, 20)))

        assert world.ask(lambda s: s.get_one(type(made), made.id).scope) == NEW

    def test_nobody_is_entered_under_a_unit_that_is_no_more(self, world: World) -> None:
        do(world, merge(date(2026, 11, 20)))
        text = f"ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai\nA Mới,0987654321,operator,{DAK_WIL},\n"

        with pytest.raises(BadList, match=f"nay là xã Đắk Mới. Anh/chị dùng mã {NEW}"):
            world.ask(lambda s: people.read_list(s, text.encode()))
        with pytest.raises(BadScope):
            world.ask(lambda s: require_living(s, DAK_WIL))


class TestTheRunningWeek:
    async def test_a_station_kept_in_mid_week_goes_on_owing_and_gets_nothing_twice(
        self, world: World
    ) -> None:
        world.launch()
        await world.at(0, "07:30")
        sent = world.arrived(HANH)
        duty = world.duties()[DAK_WIL]
        do(world, merge())

        await world.at(2, "00:05")
        await world.at(2, "09:00")

        mine = world.ask(lambda s: duties.of_station(s, s.get_one(Station, duty.station_id), str(WEEK)))
        assert [d.id for d in mine] == [duty.id]
        assert world.arrived(HANH) == sent
        assert sign_of(world, duty) is Sign.PENDING

    async def test_a_station_closed_in_mid_week_owes_nothing_and_is_not_reminded(self, world: World) -> None:
        world.launch()
        await world.at(0, "07:30")
        duty = world.duties()[DAK_WIL]
        do(world, replace(merge(), stations="close"))

        await world.at(2, "00:05")
        await world.at(3, "08:00")
        await world.at(4, "14:00")

        assert sign_of(world, duty) is Sign.EXCUSED
        assert "reminder_1" not in world.arrived(HANH)

    async def test_what_a_closed_station_had_aired_counts(self, world: World) -> None:
        world.launch()
        await world.at(0, "07:30")
        await world.at(0, "17:30")
        world.says_aired(HANH, DAK_WIL)
        duty = world.duties()[DAK_WIL]
        do(world, replace(merge(), stations="close"))

        await world.at(2, "00:05")

        assert sign_of(world, duty) is Sign.AIRED

    async def test_the_new_station_owes_the_week_it_is_founded_in(self, world: World) -> None:
        world.launch()
        await world.at(0, "07:30")
        do(world, replace(merge(), stations="close"))

        await world.at(2, "00:05")

        (fresh,) = [s for s in stations(world, NEW) if s.active_to is None]
        assert fresh.active_from == WEDNESDAY
        (duty,) = world.ask(lambda s: duties.of_station(s, fresh, str(WEEK)))
        assert duty.due_at == WEEK.ends_at

    async def test_a_station_whose_province_changes_in_mid_week_owes_that_week_once(
        self, world: World
    ) -> None:
        nationwide(world)
        world.ask(lambda s: areas.weekly_mandate(s, Scope.parse("66")))
        world.ask(lambda s: duties.make(s, WEEK, world.now))
        do(world, move())

        await world.at(2, "00:05")
        await world.at(7, "00:05")

        (station,) = stations(world, DAK_WIL)
        owed = [world.ask(partial(mandates_of, station=station, week=week)) for week in (WEEK, WEEK.next())]
        assert [len(one) for one in owed] == [1, 1]
        assert "Đắk Nông" in owed[0][0] and "Đắk Lắk" in owed[1][0]

    async def test_open_messages_of_a_closed_station_are_cancelled(self, world: World) -> None:
        world.launch()
        await world.at(0, "07:30")
        duty = world.duties()[DAK_WIL]

        def reopen(session: Session) -> None:
            for row in session.scalars(select(Delivery).where(Delivery.duty_id == duty.id)).unique():
                row.state, row.settled_at = DeliveryState.RETRYING, None

        world.ask(reopen)
        do(world, replace(merge(date(2026, 11, 23)), stations="close"))

        assert {state for _, state in world.deliveries(HANH)} == {"cancelled"}

    async def test_a_change_on_new_years_day_leaves_week_53_whole(self, world: World) -> None:
        """1 January 2027 is the Friday of 2026-W53."""
        last = Week.parse("2026-W53")
        world.clock.forward_to(last.starts_at)
        world.ask(lambda s: duties.make(s, last, world.now))
        old = world.duties(last)[DAK_WIL]
        do(world, replace(merge(date(2027, 1, 1)), stations="close"))

        await world.at(4, "00:05", last)

        assert sign_of(world, old) is Sign.EXCUSED
        (fresh,) = [s for s in stations(world, NEW) if s.active_to is None]
        assert len(world.ask(lambda s: duties.of_station(s, fresh, str(last)))) == 1
        assert counted(world, "68", date(2026, 12, 5), date(2026, 12, 31)).get(NEW) == 1


class TestItsDay:
    async def test_it_takes_effect_by_itself_and_once(self, world: World) -> None:
        do(world, merge())
        assert area(world, DAK_WIL).valid_to is None

        await world.at(1, "23:50")
        before = area(world, DAK_WIL).valid_to
        await world.at(2, "00:00")
        await world.at(2, "00:01")

        assert before is None and area(world, DAK_WIL).valid_to == WEDNESDAY
        assert world.ask(lambda s: s.scalar(select(func.count()).select_from(AreaStep))) == 2
        (line,) = world.ask(lambda s: list(s.scalars(select(Audit).where(Audit.act == "areas.enact"))))
        assert line.at == world.now - timedelta(minutes=1)

    async def test_after_a_week_of_darkness_it_still_counts_from_its_day(self, world: World) -> None:
        do(world, merge())

        await world.at(9, "10:00")

        assert area(world, NEW).valid_from == WEDNESDAY

    def test_two_processes_do_it_once(self, world: World) -> None:
        (change,) = do(world, merge())
        world.clock.forward_to(WEEK.at(3, WEEK.starts_at.time()))

        done = [world.ask(lambda s: area_changes.take_effect(s, change.id, world.now)) for _ in range(2)]

        assert done == [True, False]

    async def test_what_stands_in_its_way_by_then_is_kept_for_a_person(self, world: World) -> None:
        do(world, merge())
        world.ask(lambda s: s.add(Area(code="24999", name="Xã Đắk Mới", kind="xã", parent_code="68",
                                       search_key="dak moi", valid_from=date(2026, 11, 24))))  # fmt: skip

        await world.at(2, "00:05")

        (line,) = world.ask(lambda s: area_reads.waiting(s, ["68"]))
        assert line.state == "trouble" and "đã có Xã Đắk Mới" in line.trouble
        assert area(world, DAK_WIL).valid_to is None

    async def test_a_withdrawn_change_never_comes(self, world: World) -> None:
        (change,) = do(world, merge())
        world.ask(lambda s: area_changes.withdraw(s, person_of(s, MINH), change.id, world.now))

        await world.at(2, "00:05")

        assert area(world, DAK_WIL).valid_to is None
        assert world.ask(lambda s: s.get(Area, NEW)) is None

    def test_what_is_in_force_is_not_withdrawn(self, world: World) -> None:
        (change,) = do(world, merge(date(2026, 11, 20)))

        with pytest.raises(NotWithdrawn, match="thay đổi ngược lại"):
            world.ask(lambda s: area_changes.withdraw(s, person_of(s, MINH), change.id, world.now))

    def test_an_officer_withdraws_nothing(self, world: World) -> None:
        (change,) = do(world, merge())

        with pytest.raises(NotAllowed):
            world.ask(lambda s: area_changes.withdraw(s, person_of(s, CUC), change.id, world.now))


class TestReports:
    """Weeks 46 to 48 are planned; the change is on the Wednesday of week 48, and it is its Sunday."""

    FIRST, LAST_BEFORE, TODAY = date(2026, 11, 9), date(2026, 11, 22), date(2026, 11, 29)

    @pytest.fixture
    def past(self, world: World) -> World:
        def long_there(session: Session) -> None:
            for station in session.scalars(select(Station)).unique():
                station.active_from = date(2026, 1, 1)

        world.ask(long_there)
        for back in (2, 1, 0):
            world.ask(partial(duties.make, week=WEEK.shift(-back), now=world.now))
        return world

    def after(self, world: World, *orders: Order) -> None:
        world.clock.forward_to(WEEK.at(6, WEEK.starts_at.time()))
        do(world, *orders)

    @pytest.mark.parametrize("fate", ["keep", "close"])
    def test_a_period_before_shows_the_old_units_and_one_across_rolls_up(
        self, past: World, fate: str
    ) -> None:
        self.after(past, replace(merge(), stations="close" if fate == "close" else "keep"))

        before = counted(past, "68", self.FIRST, self.LAST_BEFORE)
        across = counted(past, "68", self.FIRST, self.TODAY)

        assert before == {DAK_WIL: 2, DAK_SAK: 2, THUAN_AN: 2}
        assert across == {NEW: 6, THUAN_AN: 3}

    def test_the_old_unit_can_be_asked_for_by_its_code(self, past: World) -> None:
        self.after(past, merge())

        assert counted(past, DAK_WIL, self.FIRST, self.LAST_BEFORE) == {DAK_WIL: 2}
        assert counted(past, NEW, self.FIRST, self.LAST_BEFORE) == {}
        assert past.ask(
            lambda s: area_rights.covers(s, person_of(s, MINH), (RoleKind.ADMIN,), DAK_WIL, past.now)
        )

    def test_both_kinds_of_period_say_what_changed(self, past: World) -> None:
        self.after(past, merge())

        assert "Sau kỳ này, từ 25/11/2026: Xã Đắk Wil và xã Đắk Sắk gộp thành xã Đắk Mới" in notes(
            past, self.FIRST, self.LAST_BEFORE
        )
        assert "Trong kỳ, từ 25/11/2026" in notes(past, self.FIRST, self.TODAY)

    def test_a_commune_that_moved_away_stays_in_the_old_provinces_earlier_reports(self, past: World) -> None:
        nationwide(past)
        self.after(past, move())

        assert counted(past, "68", self.FIRST, self.LAST_BEFORE)[DAK_WIL] == 2
        assert DAK_WIL not in counted(past, "66", self.FIRST, self.LAST_BEFORE)
        assert counted(past, "66", self.FIRST, self.TODAY)[DAK_WIL] == 3
        assert DAK_WIL not in counted(past, "68", self.FIRST, self.TODAY)

    def test_a_renamed_commune_has_its_old_name_in_earlier_reports(self, past: World) -> None:
        self.after(past, rename())

        def named(last: date) -> str:
            period = ReportPeriod(self.FIRST, last + timedelta(days=1))
            found = past.ask(lambda s: gather(s, Scope.parse("68"), period, past.now))
            return next(row.name for row in found.by_commune if row.code == DAK_WIL)

        assert (named(self.LAST_BEFORE), named(self.TODAY)) == ("Xã Đắk Wil", "Phường Đắk Wil")
        assert stations(past, DAK_WIL)[0].name == "Đài truyền thanh phường Đắk Wil"

    def test_two_changes_one_after_the_other_are_each_seen_in_their_time(self, past: World) -> None:
        past.clock.forward_to(WEEK.at(6, WEEK.starts_at.time()))
        do(past, rename(date(2026, 11, 18)))
        do(past, merge(), batch="lan-2")

        then = past.ask(lambda s: area_past.then(s, date(2026, 11, 17)))
        later = past.ask(lambda s: area_past.then(s, date(2026, 11, 20)))

        assert then.units[DAK_WIL].name == "Xã Đắk Wil" and later.units[DAK_WIL].name == "Phường Đắk Wil"
        assert counted(past, "68", self.FIRST, self.TODAY)[NEW] == 6

    def test_a_split_leaves_the_past_of_the_station_with_its_part(self, past: World) -> None:
        self.after(past, split())

        assert counted(past, "68", self.FIRST, self.LAST_BEFORE)[DAK_WIL] == 2
        assert counted(past, "68", self.FIRST, self.TODAY)[NEW] == 3

    def test_past_duties_and_the_log_are_not_touched(self, past: World) -> None:
        past.says_aired(HANH, DAK_WIL)
        before = past.ask(
            lambda s: [
                (d.id, d.station_id, d.period) for d in s.scalars(select(Duty).order_by(Duty.id)).unique()
            ]
        )
        self.after(past, merge())

        after = past.ask(
            lambda s: [
                (d.id, d.station_id, d.period) for d in s.scalars(select(Duty).order_by(Duty.id)).unique()
            ]
        )
        assert after == before
        assert past.ask(record.verify) is None
