"""Large areas in the chat: 124 communes of one province, and several provinces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from airlog import areas, duties, people, record
from airlog.db import Database, Session
from airlog.models import Grant
from airlog.record import Source
from airlog.types import MissedReason, RoleKind
from bot.desk import Desk
from content.week import Week
from scheduler.channel import Outgoing
from tests.stores import Stores
from tests.talk_world import BOT, OFFICER, TUESDAY, WEEK, Talk

LIST = "ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai\nĐỗ Thị Cúc,0912000005,officer,{},\n"


def fill(session: Session, *provinces: str) -> None:
    for province in provinces:
        areas.load_stations(session, province, WEEK.monday)
    before = WEEK.shift(-1).starts_at
    people.import_people(session, LIST.format(provinces[0]).encode(), before)
    officer = people.person_by_phone(session, "0912000005")
    assert officer is not None
    people.add_address(session, officer, "telegram", BOT, OFFICER, before)
    for province in provinces[1:]:
        session.add(Grant(person_id=officer.id, role=RoleKind.OFFICER, scope=province, valid_from=before))
    session.flush()
    duties.make(session, WEEK, WEEK.starts_at)
    for number, duty in enumerate(duties.of_period(session, str(WEEK))):
        said = Source("telegram", f"t:{number}", TUESDAY)
        if number % 10 == 0:
            record.aired(session, officer, duty, said, TUESDAY)
        elif number % 10 == 1:
            reason = MissedReason.NO_POWER if number % 20 == 1 else MissedReason.BROKEN
            record.not_aired(session, officer, duty, reason, said, TUESDAY)


def lam_dong(session: Session) -> None:
    fill(session, "68")


def two_provinces(session: Session) -> None:
    fill(session, "01", "38")


def talk_in(url: str, folder: Path) -> Talk:
    return Talk(Database(url), Desk(("telegram",), "http://127.0.0.1:8080", folder))


@pytest.fixture
def province(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[Talk]:
    world = talk_in(stores.filled(store_kind, lam_dong), tmp_path)
    yield world
    world.db.close()


@pytest.fixture
def provinces(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[Talk]:
    world = talk_in(stores.filled(store_kind, two_provinces), tmp_path)
    yield world
    world.db.close()


def shown(talk: Talk) -> list[Outgoing]:
    return [message for _, message in talk.screens[OFFICER]]


def test_of_124_communes_the_silent_are_named_by_former_district(province: Talk) -> None:
    reply = province.say(OFFICER, "/tuannay")

    assert "tỉnh Lâm Đồng: 13/124 đài đã phát, 13 đài chưa phát được, 98 đài chưa trả lời" in reply
    assert "Chưa phát được (13): mất điện (" in reply and "hỏng loa, máy (" in reply
    assert "Chưa trả lời (98):\n• " in reply and "Huyện Di Linh: " in reply
    assert len(reply) < 4096


def test_the_first_picture_comes_with_the_week_and_all_with_a_tap(province: Talk) -> None:
    province.say(OFFICER, "/tuannay")
    first = [message for message in shown(province) if message.picture]
    province.tap(OFFICER, "Bản đồ nhiệt")

    pictures = [message.picture for message in shown(province)[-4:] if message.picture]
    assert len(first) == 1 and len(pictures) == 4 and len(set(pictures)) == 4
    for path in pictures:
        with Image.open(path) as image:
            assert image.width == 1080 and image.height < 2700  # at most 40 rows


def test_a_ward_that_is_a_number_keeps_its_kind_in_lists(province: Talk) -> None:
    reply = province.press(OFFICER, f"list:{WEEK}")

    assert "Phường 1 Bảo Lộc" in reply and ": 1 Bảo Lộc" not in reply


def test_a_list_of_124_has_them_all(province: Talk) -> None:
    assert len(province.press(OFFICER, f"list:{WEEK}").splitlines()) == 125


def test_of_several_provinces_numbers_stand_in_place_of_names(provinces: Talk) -> None:
    reply = provinces.say(OFFICER, "/tuannay")

    assert "Chưa trả lời (232): Thanh Hóa 132, Hà Nội 100." in reply
    assert "đài khác" not in reply.partition("Chưa trả lời")[2]


def test_a_map_of_several_provinces_shows_the_neediest_and_lets_one_choose(provinces: Talk) -> None:
    told = provinces.press(OFFICER, f"map:{WEEK}")
    before = len(shown(provinces))
    provinces.tap(OFFICER, "Hà Nội")

    assert "chỉ vẽ 40 đài cần giúp nhất" in told
    pictures = [message.picture for message in shown(provinces)[before:] if message.picture]
    assert len(pictures) == 4


def test_the_list_of_several_provinces_ends_with_how_many_more_there_are(provinces: Talk) -> None:
    reply = provinces.press(OFFICER, f"list:{WEEK}")

    assert reply.endswith("và 142 đài khác. Xem đủ ở trang Loa Xã, gõ /dangnhap.")


@pytest.mark.parametrize("label", ["2026-W48:99", "2026-W48:x", "2026-W48:01/Tỉnh"])
def test_a_map_of_an_area_that_is_none_is_answered(provinces: Talk, label: str) -> None:
    assert provinces.press(OFFICER, f"map:{label}")


def test_a_map_of_a_foreign_province_shows_no_station_of_it(provinces: Talk) -> None:
    provinces.press(OFFICER, f"map:{WEEK}:68")

    (picture,) = [message.picture for message in shown(provinces) if message.picture]
    with Image.open(picture) as image:
        assert image.height < 400  # the empty one
    assert Week.of(provinces.now) == WEEK
