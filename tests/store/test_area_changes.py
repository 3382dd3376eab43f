"""Communes merge, split, move and take other names: nothing is lost, nothing is counted twice, nobody is surprised."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from airlog import (
    area_changes,
    area_past,
    area_reads,
    areas,
)
from airlog.access import NotAllowed
from airlog.area_changes import ChangedMeanwhile
from airlog.area_orders import BadChange, Order, Unit, packed, unpacked
from airlog.db import Database, Session
from airlog.models import (
    Area,
    AreaChange,
    Audit,
    Grant,
    Station,
)
from airlog.transfer import export, load
from airlog.types import RoleKind
from tests.area_world import (
    NEW,
    NEXT_MONTH,
    OTHER,
    PAPER,
    area,
    do,
    look,
    merge,
    move,
    nationwide,
    refused,
    rename,
    split,
    stations,
)
from tests.conftest import STORES, Stores
from tests.world import CUC, DAK_SAK, DAK_WIL, HANH, MINH, THUAN_AN, WEEK, World, person_of


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("order", "said"),
        [
            (merge(olds=(DAK_WIL, "99999")), "không có xã, phường nào mang mã 99999"),
            (merge(olds=(DAK_WIL, "2464")), "“2464” không đúng dạng"),
            (merge(olds=(DAK_WIL, "68")), "không đúng dạng"),
            (merge(olds=(DAK_WIL, DAK_WIL)), "ghi hai lần"),
            (merge(olds=(DAK_WIL,)), "ít nhất hai đơn vị"),
            (merge(olds=(DAK_WIL,), new=DAK_WIL), "gộp vào chính nó"),
            (merge(olds=(DAK_WIL, "00004")), "hai tỉnh khác nhau"),
            (merge(on=date(2025, 7, 1)), "thay đổi gần nhất ngày 1/7/2025"),
            (merge(on=date(2099, 1, 1)), "quá xa"),
            (replace(merge(), document=" "), "chưa có số văn bản"),
            (replace(merge(), document_on=date(2026, 12, 1)), "ký sau ngày hiệu lực"),
            (replace(merge(), news=(Unit(NEW, "Đắk Mới"),)), "bắt đầu bằng Xã, Phường hoặc Đặc khu"),
            (replace(merge(), news=(Unit(NEW, "Xã Thuận An"),)), "đã có Xã Thuận An"),
            (replace(merge(), news=(Unit(NEW, "Xã Đắk Mới", "", "999"),)), "không có cụm"),
            (replace(merge(), news=(Unit("68", "Xã Đắk Mới"),)), "“68” không đúng dạng"),
            (replace(merge(), news=(Unit("24991", "Xã Đắk Mới"),)), "mã 24991 đang là của Xã Tà Hine"),
            (split(news=(Unit(NEW, "Xã Đắk Tây"),)), "ít nhất hai đơn vị sau khi chia"),
            (split(news=(Unit(NEW, "Xã Đắk Tây"), Unit(NEW, "Xã Đắk Đông"))), "ghi hai lần"),
            (rename(name="Xã Đắk Wil"), "tên mới giống tên cũ"),
            (replace(rename(), news=(Unit(NEW, "Xã Đắk Mới"),)), "từng đơn vị một"),
            (move(province="68"), "không có gì để chuyển"),
            (move(province="00"), "không có tỉnh, thành phố nào mang mã “00”"),
        ],
    )
    def test_an_order_that_cannot_be_is_refused_with_the_field_named(
        self, world: World, order: Order, said: str
    ) -> None:
        assert said in refused(world, order)

    def test_a_unit_that_ended_is_named_with_what_it_is_today(self, world: World) -> None:
        do(world, merge(date(2026, 11, 20)))

        assert "nay là Xã Đắk Mới" in refused(world, rename())

    def test_a_code_that_was_used_does_not_come_back_so_no_circle_can_form(self, world: World) -> None:
        do(world, merge(date(2026, 11, 20)))

        again = refused(world, merge(date(2026, 11, 26), (NEW, THUAN_AN), DAK_WIL))

        assert "đã chấm dứt" in again

    def test_two_changes_of_one_unit_at_once_are_refused(self, world: World) -> None:
        assert "hai thay đổi" in refused(world, merge(), rename())

    def test_a_unit_whose_change_waits_takes_no_second_one(self, world: World) -> None:
        do(world, merge(NEXT_MONTH))

        assert f"chờ hiệu lực ngày 23/12/2026 ({PAPER})" in refused(world, rename())
        assert "chờ hiệu lực" in refused(world, merge(olds=(THUAN_AN, "24664"), new=NEW))

    def test_a_day_before_an_earlier_change_is_refused(self, world: World) -> None:
        do(world, rename(date(2026, 11, 20)))

        assert "phải sau ngày đó" in refused(world, merge(date(2026, 11, 20)))

    def test_a_list_that_makes_two_units_of_one_name_is_refused(self, world: World) -> None:
        other = replace(merge(olds=(THUAN_AN, "24664")), news=(Unit(OTHER, "Xã Đắk Mới"),))

        assert "tên không trùng nhau" in refused(world, merge(), other)

    def test_one_bad_order_keeps_the_whole_list_out(self, world: World) -> None:
        refused(world, rename(), merge(olds=(DAK_SAK, "99999")))

        assert area(world, DAK_WIL).name == "Xã Đắk Wil"
        assert world.ask(lambda s: s.scalar(select(func.count(AreaChange.id)))) == 0

    def test_what_was_written_by_another_program_is_no_order(self) -> None:
        for text in ("", "{}", "[[1]]", '[["merge"]]', "[null]"):
            with pytest.raises(BadChange):
                unpacked(text)


class TestWhoMay:
    @pytest.mark.parametrize("phone", [CUC, HANH])
    def test_only_admins_and_the_refusal_is_written_down(self, world: World, phone: str) -> None:
        with pytest.raises(NotAllowed):
            look(world, merge(), by=phone)

        query = select(Audit).where(Audit.act == "areas.change", ~Audit.allowed)
        assert len(world.ask(lambda s: list(s.scalars(query)))) == 1

    def test_a_move_needs_an_admin_of_both_provinces(self, world: World) -> None:
        with pytest.raises(NotAllowed):
            look(world, move())

        nationwide(world)

        assert look(world, move()).effects[0].units[0].fate == "changed"

    def test_an_admin_of_one_commune_cannot_merge_it_with_another(self, world: World) -> None:
        world.ask(
            lambda s: s.add(
                Grant(
                    person_id=person_of(s, CUC).id, role=RoleKind.ADMIN, scope=DAK_WIL, valid_from=world.now
                )
            )
        )

        with pytest.raises(NotAllowed):
            look(world, merge(), by=CUC)


class TestTheLookAhead:
    def test_it_changes_nothing(self, world: World) -> None:
        before = world.ask(lambda s: {a.code: (a.name, a.valid_to) for a in s.scalars(select(Area))})

        look(world, merge(), rename(code=THUAN_AN, name="Phường Thuận An"))

        assert world.ask(lambda s: {a.code: (a.name, a.valid_to) for a in s.scalars(select(Area))}) == before
        assert len(stations(world, DAK_WIL)) == 1

    def test_what_is_no_longer_as_it_was_shown_is_not_done(self, world: World) -> None:
        seen = look(world, merge()).seen
        world.ask(lambda s: s.add(Station(area_code=DAK_WIL, name="Đài thôn 5", airing_days="1",
                                          airing_hours="05:00-06:00", active_from=date(2026, 1, 1))))  # fmt: skip

        with pytest.raises(ChangedMeanwhile):
            world.ask(
                lambda s: area_changes.confirm(s, person_of(s, MINH), (merge(),), "lan-1", seen, world.now)
            )

        assert area(world, DAK_WIL).valid_to is None

    def test_a_second_click_changes_nothing(self, world: World) -> None:
        first = do(world, rename(date(2026, 11, 20)))

        second = world.ask(
            lambda s: area_changes.confirm(
                s, person_of(s, MINH), (rename(date(2026, 11, 20)),), "lan-1", "x", world.now
            )
        )

        assert [c.id for c in second] == [c.id for c in first]


class TestUnits:
    def test_the_family_tree_reaches_back_and_forward(self, world: World) -> None:
        world.clock.forward_to(WEEK.at(6, WEEK.starts_at.time()))
        do(world, merge())
        do(world, merge(date(2026, 11, 27), (NEW, THUAN_AN), THUAN_AN), batch="lan-2")

        for code in (DAK_WIL, NEW, THUAN_AN):
            lines = world.ask(partial(area_reads.changes_of, code=code))
            assert [line.what for line in lines] == [
                "Xã Đắk Wil và xã Đắk Sắk gộp thành xã Đắk Mới",
                "Xã Đắk Mới gộp vào xã Thuận An",
            ]

    @pytest.mark.parametrize("typed", ["dak wil", "Đắk Wil", "ĐẮK WIL", DAK_WIL])
    def test_it_is_found_by_its_former_name_with_or_without_accents(self, world: World, typed: str) -> None:
        do(world, rename(date(2026, 11, 20), name="Xã Hoa Sim"))

        found = world.ask(lambda s: area_reads.search(s, ["68"], typed))

        assert [row.code for row in found.rows] == [DAK_WIL]

    def test_a_merge_into_a_unit_that_stays_keeps_its_code(self, world: World) -> None:
        do(world, merge(date(2026, 11, 20), (DAK_WIL, DAK_SAK), DAK_SAK))

        assert area(world, DAK_WIL).successor_code == DAK_SAK and area(world, DAK_SAK).valid_to is None
        assert len(stations(world, DAK_SAK)) == 2

    def test_two_stations_of_one_name_are_told_apart(self, world: World) -> None:
        def same(session: Session) -> None:
            for station in session.scalars(
                select(Station).where(Station.area_code.in_((DAK_WIL, DAK_SAK)))
            ).unique():
                station.name = "Đài xã"

        world.ask(same)
        do(world, merge(date(2026, 11, 20)))

        assert len({s.name for s in stations(world, NEW)}) == 2

    def test_a_new_unit_counts_once_in_its_province(self, world: World) -> None:
        do(world, merge(date(2026, 11, 20)))

        lines = {line.code: line for line in world.ask(areas.province_lines)}
        assert (lines["68"].communes, lines["68"].stations) == (123, 3)

    def test_what_is_asked_survives_a_form(self) -> None:
        orders = (merge(), replace(split(), homes=((3, NEW),), lines=((DAK_WIL, 2),)), move(), rename())

        assert unpacked(packed(orders)) == orders


def test_changes_travel_to_another_database(
    world: World, stores: Stores, store_kind: str, tmp_path: Path
) -> None:
    do(world, merge(date(2026, 11, 20)), rename(date(2026, 11, 20), THUAN_AN, "Phường Thuận An"))
    new = Database(stores.empty(next((kind for kind in STORES if kind != store_kind), store_kind)))

    export(world.db, tmp_path / "a.zip", tmp_path, world.now, lambda done, total: None)
    load(new, tmp_path / "a.zip", tmp_path, world.now, lambda done, total: None)

    with new.reading() as session:
        assert len(area_reads.changes_of(session, NEW)) == 1
        assert area_past.then(session, date(2026, 11, 19)).units[THUAN_AN].name == "Xã Thuận An"
    new.close()
