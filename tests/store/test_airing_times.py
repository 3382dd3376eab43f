"""Hours of stations: put on record by the list of people, and read from what was stated."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from airlog import access, airing_times, people, record
from airlog.airing_times import Hours
from airlog.areas import USUAL_DAYS, USUAL_HOURS
from airlog.db import Session
from airlog.models import Station
from airlog.types import RoleKind
from tests.world import CUC, DAK_SAK, DAK_WIL, HANH, LAN, SON, WEEK, World, duty_of, person_of

HEADER = "ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai,ngay_phat,gio_phat"
LEADER = "0912000011"
PERIODS = [str(WEEK)]


def station(session: Session, commune: str) -> Station:
    return session.scalars(select(Station).where(Station.area_code == commune)).unique().one()


def hours(world: World, commune: str) -> Hours:
    found = world.ask(lambda s: airing_times.hours_of(s, [station(s, commune).id]))
    return next(iter(found.values()))


def listed(world: World, row: str, header: str = HEADER) -> None:
    world.ask(lambda s: people.import_people(s, f"{header}\n{row}".encode(), world.now))


def stated(world: World, commune: str = DAK_WIL) -> list[object]:
    found = world.ask(lambda s: airing_times.stated_times(s, [station(s, commune).id], PERIODS))
    return [moment for times in found.values() for moment in times]


def test_a_station_has_the_usual_hours_and_they_are_nobodys_word(world: World) -> None:
    assert hours(world, DAK_WIL) == Hours(USUAL_DAYS, USUAL_HOURS, False)


def test_the_list_of_people_puts_hours_on_record(world: World) -> None:
    listed(world, f'Trần Thị Hạnh,{HANH},operator,{DAK_WIL},,"2,4,6","5h-5h30, 17:00-17:30"')

    assert hours(world, DAK_WIL) == Hours("135", "05:00-05:30,17:00-17:30", True)
    assert hours(world, DAK_SAK).known is False


def test_a_list_without_hours_leaves_them_as_they_are(world: World) -> None:
    listed(world, f"Trần Thị Hạnh,{HANH},operator,{DAK_WIL},,2-7,17:00-17:30")

    listed(world, f"Trần Thị Hạnh,{HANH},operator,{DAK_WIL},,,")
    listed(world, f"Trần Thị Hạnh,{HANH},operator,{DAK_WIL},", HEADER.removesuffix(",ngay_phat,gio_phat"))

    assert hours(world, DAK_WIL) == Hours("123456", "17:00-17:30", True)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (f"Trần Thị Hạnh,{HANH},operator,{DAK_WIL},,2-7,chiều", "Chưa đọc được giờ phát “chiều”"),
        (f"Trần Thị Hạnh,{HANH},operator,{DAK_WIL},,hôm nào rảnh,17:00-18:00", "Chưa đọc được ngày phát"),
        (f"Trần Thị Hạnh,{HANH},operator,{DAK_WIL},,2-7,", "Chưa đọc được giờ phát"),
        (f"Phan Thị Thu Cúc,{CUC},officer,68,,2-7,17:00-18:00", "chỉ ghi ở dòng của cán bộ truyền thanh"),
    ],
)
def test_a_list_with_hours_that_are_none_is_refused_with_its_line(world: World, row: str, wrong: str) -> None:
    with pytest.raises(people.BadList, match="Dòng 2") as refused:
        listed(world, row)

    assert wrong in str(refused.value)
    assert hours(world, DAK_WIL).known is False


def test_a_commune_leader_is_listed_like_others_and_may_do_nothing(world: World) -> None:
    listed(world, f"Bùi Văn Lãnh,{LEADER},leader,{DAK_SAK},,,")

    held = [
        role
        for role in RoleKind
        if world.ask(lambda s, r=role: access.holds(s, person_of(s, LEADER), (r,), world.now))
    ]
    assert held == [RoleKind.LEADER]
    assert world.ask(lambda s: access.stations_of(s, person_of(s, LEADER), world.now)) == []


async def test_only_statements_that_stand_and_name_a_time_tell_when_a_station_airs(world: World) -> None:
    world.launch()
    await world.at(0, "07:30")
    await world.at(2, "20:00")
    right, wrong = WEEK.at(2, time(17, 5)), WEEK.at(2, time(5))
    entry, _ = world.says_aired(HANH, DAK_WIL, aired_at=wrong)
    world.ask(
        lambda s: record.correct(
            s, person_of(s, HANH), duty_of(s, DAK_WIL), entry, world.source(), world.now, aired_at=right
        )
    )
    world.says_aired(LAN, DAK_SAK)
    assert (stated(world), stated(world, DAK_SAK)) == ([right], []), "“đã phát” alone names none"

    world.ask(
        lambda s: record.withdraw(s, person_of(s, HANH), duty_of(s, DAK_WIL), world.source(), world.now)
    )

    assert stated(world) == []


async def test_just_now_tells_the_hour_when_nobody_had_asked(world: World) -> None:
    world.launch()
    await world.at(0, "07:30")
    await world.at(2, "17:35")

    world.says_aired(SON, DAK_SAK, aired_at=world.now - timedelta(seconds=40))

    assert stated(world, DAK_SAK) == [world.now - timedelta(seconds=40)]
