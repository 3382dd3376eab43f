"""A list of people: all or nothing, each bad field named with its row, safe to repeat."""

from __future__ import annotations

import unicodedata

import pytest

from airlog import access, people
from airlog.db import Session
from airlog.models import Grant, Person, Station
from airlog.people import BadList, Imported
from airlog.types import RoleKind
from tests.world import DAK_WIL, HANH, World, person_of

HEADER = "ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai"
GOOD = "Ngô Thị Mới,0987654321,operator,24616,"
NEW = "0987654321"


def csv(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows)).encode()


def take(world: World, data: bytes) -> Imported:
    return world.ask(lambda s: people.import_people(s, data, world.now))


def refused(world: World, *rows: str) -> tuple[str, ...]:
    """The errors of a list, which must leave nothing behind."""
    before = world.ask(_size)
    with pytest.raises(BadList) as error:
        take(world, csv(*rows))
    assert world.ask(_size) == before
    return error.value.errors


def _size(session: Session) -> tuple[int, ...]:
    return tuple(session.query(table).count() for table in (Person, Grant, Station))


def stations(world: World, commune: str) -> list[str]:
    return world.ask(
        lambda s: [one.name for one in s.query(Station).filter_by(area_code=commune).order_by(Station.id)]
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (",0987654321,operator,24616,", "Dòng 2, cột ho_ten: chưa có họ tên."),
        ("Mới,,operator,24616,", "Dòng 2, cột dien_thoai: số điện thoại “” không đọc được."),
        ("Mới,abc,operator,24616,", "Dòng 2, cột dien_thoai: số điện thoại “abc” không đọc được."),
        ("Mới,02613544123,operator,24616,", "Dòng 2, cột dien_thoai: số điện thoại “02613544123” không phải số di động Việt Nam."),
        ("Mới,+14155552671,operator,24616,", "Dòng 2, cột dien_thoai: số điện thoại “+14155552671” không phải số di động Việt Nam."),
        ("Mới,0987654321,giám đốc,24616,", "Dòng 2, cột vai_tro: “giám đốc” không có trong operator, officer, editor, approver, admin, leader."),
        ("Mới,0987654321,operator,99999,", "Dòng 2, cột ma_don_vi: Không có xã, phường nào thuộc mã “99999”. Anh/chị kiểm tra lại mã đơn vị."),
        ("Mới,0987654321,officer,xã,", "Dòng 2, cột ma_don_vi: Mã đơn vị “xã” không đúng dạng. Dùng mã xã 5 số, mã huyện cũ 3 số, mã tỉnh 2 số, hoặc như 68/Tỉnh Đắk Nông."),
        ("Mới,0987654321,operator,663,Đài A", "Dòng 2, cột ten_dai: chỉ ghi tên đài khi ma_don_vi là mã xã 5 số."),
        (f"Người Khác,{HANH},operator,24616,", "Dòng 2, cột dien_thoai: số này đã là của Trần Thị Hạnh."),
    ],
    ids=["no name", "no phone", "not a phone", "a landline", "abroad", "role", "commune", "code", "station", "phone taken"],
)  # fmt: skip
def test_a_bad_field_is_named_with_its_row(world: World, row: str, told: str) -> None:
    assert refused(world, row) == (told,)


def test_every_bad_field_of_every_row_is_named_at_once(world: World) -> None:
    errors = refused(world, GOOD, ",x,vua,1,", "", "Hai,0987654322,operator,24616,", "Ba,1,operator,24616,")

    assert [error.split(":")[0] for error in errors] == [
        "Dòng 3, cột ho_ten",
        "Dòng 3, cột dien_thoai",
        "Dòng 3, cột vai_tro",
        "Dòng 3, cột ma_don_vi",
        "Dòng 6, cột dien_thoai",
    ]


def test_two_names_with_one_phone_in_the_same_list_are_refused(world: World) -> None:
    errors = refused(world, GOOD, f"Lý Văn Nhầm,{NEW},operator,24620,")
    assert errors == ("Dòng 3, cột dien_thoai: số này ở trên là của Ngô Thị Mới.",)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("họ tên\nMới".encode("utf-16"), "không phải UTF-8"),
        (csv(GOOD, header="ho_ten,dien_thoai,vai_tro"), "thiếu cột ma_don_vi"),
        (csv(), "không có dòng nào"),
        (b"", "thiếu cột ho_ten"),
        (csv(f'"{"x" * 200_000}",1,operator,24616,'), "không đọc được"),
    ],
    ids=["another encoding", "a column is missing", "only the header", "empty", "a cell without end"],
)
def test_a_file_that_is_no_list_is_refused(world: World, data: bytes, told: str) -> None:
    with pytest.raises(BadList, match=told):
        take(world, data)


def test_a_list_can_be_taken_again(world: World) -> None:
    first = take(world, csv(GOOD))
    again = take(world, csv(GOOD))

    assert (first, again) == (Imported(1, 1, 1), Imported(0, 0, 0))


def test_a_list_saved_by_a_spreadsheet_is_taken(world: World) -> None:
    name = unicodedata.normalize("NFD", "Nguyễn Thị Hường")
    row = f"{name}  ,987654321,OPERATOR,24616,{unicodedata.normalize('NFD', 'Đài Quảng Sơn')}"

    take(world, b"\xef\xbb\xbf" + csv(row).replace(b"\n", b"\r\n"))

    found = world.person(NEW)
    assert (found.name, found.phone) == ("Nguyễn Thị Hường", "+84987654321")
    assert stations(world, "24616") == ["Đài Quảng Sơn"]


@pytest.mark.parametrize("phone", ["0987654321", "987654321", "+84987654321", "84987654321", "0987 654.321"])
def test_a_phone_may_be_written_in_many_ways(phone: str) -> None:
    assert people.phone_e164(phone) == "+84987654321"
    assert people.phone_local("+84987654321") == "0987 654 321"


def test_an_operator_of_a_commune_without_a_station_brings_one(world: World) -> None:
    take(world, csv(GOOD))

    served = world.ask(lambda s: [x.name for x in access.stations_of(s, person_of(s, NEW), world.now)])

    assert served == ["Đài truyền thanh xã Quảng Sơn"]


def test_a_merged_commune_gets_a_second_station_by_its_name(world: World) -> None:
    take(world, csv(f"Ngô Thị Mới,{NEW},operator,{DAK_WIL},Đài Ea Pô"))

    assert stations(world, DAK_WIL) == ["Đài truyền thanh xã Đắk Wil", "Đài Ea Pô"]
    served = world.ask(lambda s: [x.name for x in access.stations_of(s, person_of(s, NEW), world.now)])
    assert served == ["Đài Ea Pô"]


def test_the_same_station_is_known_without_accents_and_case(world: World) -> None:
    take(
        world,
        csv(f"Một,0987654321,operator,{DAK_WIL},Đài Ea Pô", f"Hai,0987654322,operator,{DAK_WIL},đài ea pô"),
    )

    assert len(stations(world, DAK_WIL)) == 2


def test_one_person_may_hold_several_roles(world: World) -> None:
    made = take(world, csv(f"Trần Thị Hạnh,{HANH},officer,662,"))

    roles = world.ask(lambda s: [g.role for g in access.grants_of(s, person_of(s, HANH), world.now)])
    assert (made, roles) == (Imported(0, 1, 0), [RoleKind.OPERATOR, RoleKind.OFFICER])
