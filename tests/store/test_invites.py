"""Invite codes: one chat, one person, once; whatever else is typed gets a sentence that says what to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest

from airlog import people
from airlog.models import Address
from airlog.people import ChatTaken, ExpiredInvite, InviteRefused, UnknownInvite, UsedInvite
from tests.world import HANH, SON, World, chat, person_of


def code_for(world: World, phone: str) -> str:
    return world.ask(lambda s: people.invite(s, person_of(s, phone), world.now).code)


def bind(world: World, code: str, chat_id: str = "máy mới") -> Address:
    return world.ask(lambda s: people.bind(s, code, "chat", "bot", chat_id, world.now))


def test_a_code_ties_a_chat_to_its_person_however_it_is_typed(world: World) -> None:
    address = bind(world, f" {code_for(world, HANH).lower()} ")
    assert world.ask(lambda s: s.get_one(Address, address.id).person.phone) == people.phone_e164(HANH)


def test_an_unknown_code_says_whom_to_ask(world: World) -> None:
    with pytest.raises(UnknownInvite, match="xin mã mới của người phụ trách"):
        bind(world, "KHONGCO1")


def test_a_used_code_binds_no_second_chat(world: World) -> None:
    code = code_for(world, HANH)
    bind(world, code, "máy một")
    world.clock.forward_to(world.now + timedelta(hours=1))

    with pytest.raises(UsedInvite) as error:
        bind(world, code, "máy hai")

    assert error.value.used_at == world.now - timedelta(hours=1)


def test_pressing_start_again_in_the_same_chat_changes_nothing(world: World) -> None:
    code = code_for(world, HANH)
    assert bind(world, code).id == bind(world, code).id


def test_a_code_lives_thirty_days(world: World) -> None:
    code = code_for(world, HANH)
    world.clock.forward_to(world.now + timedelta(days=30))

    with pytest.raises(ExpiredInvite, match="quá 30 ngày"):
        bind(world, code)
    assert code_for(world, HANH) != code


def test_a_chat_of_somebody_else_is_not_taken_over(world: World) -> None:
    code = code_for(world, HANH)

    with pytest.raises(ChatTaken, match="Lê Văn Sơn"):
        bind(world, code, chat(SON))

    assert bind(world, code).chat_id == "máy mới"


def test_five_wrong_codes_shut_the_chat_for_an_hour_even_for_a_good_one(world: World) -> None:
    code = code_for(world, HANH)
    for number in range(5):
        with pytest.raises(UnknownInvite):
            bind(world, f"SAI{number}")

    with pytest.raises(UnknownInvite, match="thử lại sau một giờ"):
        bind(world, code)

    world.clock.forward_to(world.now + timedelta(hours=1, seconds=1))
    assert bind(world, code).chat_id == "máy mới"


def test_wrong_codes_of_one_chat_do_not_shut_another(world: World) -> None:
    for number in range(5):
        with pytest.raises(UnknownInvite):
            bind(world, f"SAI{number}", "kẻ dò mã")

    assert bind(world, code_for(world, HANH)).chat_id == "máy mới"


def test_of_two_chats_that_type_one_code_at_once_one_gets_it(world: World) -> None:
    code = code_for(world, HANH)

    def tries(chat_id: str) -> bool:
        try:
            bind(world, code, chat_id)
        except InviteRefused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(tries, ("máy một", "máy hai"))) == 1


def test_of_two_codes_typed_in_one_chat_at_once_the_first_has_it(world: World) -> None:
    first, second = code_for(world, HANH), code_for(world, SON)

    with ThreadPoolExecutor(1) as pool:
        with world.db.session() as session:
            people.bind(session, first, "chat", "bot", "máy mới", world.now)
            late = pool.submit(bind, world, second)
            wait([late], timeout=0.5)  # it stands behind the first, or has not begun: the same to it
        with pytest.raises(ChatTaken, match="Trần Thị Hạnh"):
            late.result(30)

    assert bind(world, second, "máy khác").person_id == world.person(SON).id


def test_start_pressed_twice_at_once_binds_once(world: World) -> None:
    code = code_for(world, HANH)

    with ThreadPoolExecutor(4) as pool:
        bound = list(pool.map(lambda _: bind(world, code).id, range(4)))

    assert len(set(bound)) == 1


def test_the_list_of_invites_leaves_out_who_has_a_chat_and_keeps_its_codes(world: World) -> None:
    fresh = "ho_ten,dien_thoai,vai_tro,ma_don_vi\nNgô Thị Mới,0987654321,operator,24616".encode()
    world.ask(lambda s: people.import_people(s, fresh, world.now))

    first = world.ask(lambda s: people.invites(s, world.now))
    again = world.ask(lambda s: people.invites(s, world.now))

    assert [(line.person, line.station) for line in first] == [
        ("Ngô Thị Mới", "Đài truyền thanh xã Quảng Sơn")
    ]
    assert first == again
