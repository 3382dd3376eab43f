"""One-time codes for Zalo: one chat, one person, once; nothing is overwritten, and guessing is shut out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from airlog import linking, people
from airlog.db import Session
from airlog.linking import (
    ChatTaken,
    CodeExpired,
    CodeOfAnotherBot,
    CodeUsed,
    NotLinked,
    PersonLeft,
    PersonTaken,
    TooManyWrong,
    WrongCode,
)
from airlog.models import Address, Audit, LinkCode
from airlog.pool import Limits, PoolFull
from airlog.types import AddressState
from tests.world import CUC, HANH, LAN, SON, World, person_of

FIRST, SECOND = "700800900", "700800901"
CHAT = "31f0a9c2be47d5508e1a"


def begin(world: World, phone: str = HANH, bots: tuple[str, ...] = (FIRST,), most: int = 50) -> str:
    def work(session: Session) -> str:
        limits = Limits(people=most)
        return linking.begin(session, person_of(session, phone), bots, limits, world.now).code

    return world.ask(work)


def bind(world: World, code: str, chat: str = CHAT, bot: str = FIRST) -> Address:
    return world.ask(lambda s: linking.bind(s, code, bot, chat, world.now))


def refused(world: World, code: str, chat: str = CHAT, bot: str = FIRST) -> NotLinked:
    with pytest.raises(NotLinked) as error:
        bind(world, code, chat, bot)
    return error.value


def leave(world: World, phone: str) -> None:
    world.ask(lambda s: setattr(person_of(s, phone), "left_at", world.now))


def codes(world: World) -> int:
    return world.ask(lambda s: s.scalar(select(func.count(LinkCode.id)))) or 0


def test_five_wrong_codes_shut_the_chat_for_an_hour_even_for_the_right_one(world: World) -> None:
    code = begin(world)
    tries = [refused(world, "CCCCCCC2") for _ in range(5)]
    left = [error.left for error in tries if isinstance(error, WrongCode)]

    shut = refused(world, code)
    assert left == [4, 3, 2, 1] and isinstance(tries[-1], TooManyWrong) and tries[-1].is_news
    assert isinstance(shut, TooManyWrong) and not shut.is_news
    assert shut.until == world.now + timedelta(hours=1)

    world.clock.forward_to(shut.until)
    assert bind(world, begin(world)).chat_id == CHAT


def test_the_hour_begins_with_the_first_wrong_code(world: World) -> None:
    for _ in range(4):
        refused(world, "CCCCCCC2")
        world.clock.forward_to(world.now + timedelta(minutes=20))

    last = refused(world, "CCCCCCC2")
    assert isinstance(last, WrongCode) and last.left == 3


def test_wrong_codes_are_counted_for_each_chat_of_each_bot(world: World) -> None:
    for _ in range(5):
        refused(world, "CCCCCCC2", "kẻ dò mã")

    assert isinstance(refused(world, "CCCCCCC2", "kẻ dò mã", SECOND), WrongCode)
    assert bind(world, begin(world)).bot == FIRST


def test_wrong_codes_of_several_processes_at_once_are_all_counted(world: World) -> None:
    with ThreadPoolExecutor(4) as pool:
        errors = list(pool.map(lambda _: refused(world, "CCCCCCC2"), range(8)))

    assert sum(isinstance(error, WrongCode) for error in errors) == 4
    assert world.ask(lambda s: s.scalar(select(func.count(Audit.id)).where(Audit.act == "link"))) == 5


def test_a_code_lives_a_quarter_of_an_hour(world: World) -> None:
    code = begin(world)
    world.clock.forward_to(world.now + timedelta(minutes=15))

    assert isinstance(refused(world, code), CodeExpired)


def test_a_newer_code_makes_the_older_one_void(world: World) -> None:
    first, second = begin(world), begin(world)

    assert isinstance(refused(world, first), CodeExpired)
    assert bind(world, second).chat_id == CHAT


def test_a_code_is_typed_at_its_own_bot_and_stays_good_when_it_was_not(world: World) -> None:
    code = begin(world, bots=(SECOND,))

    for _ in range(6):
        assert isinstance(refused(world, code), CodeOfAnotherBot)
    assert bind(world, code, bot=SECOND).bot == SECOND


def test_a_used_code_binds_no_second_chat(world: World) -> None:
    code = begin(world)
    bind(world, code)
    world.clock.forward_to(world.now + timedelta(minutes=3))

    error = refused(world, code, "máy lạ")
    assert isinstance(error, CodeUsed) and error.used_at == world.now - timedelta(minutes=3)


def test_the_same_code_again_in_the_same_chat_changes_nothing(world: World) -> None:
    code = begin(world)

    assert bind(world, code).id == bind(world, code).id


def test_of_two_chats_that_type_one_code_at_once_one_gets_it(world: World) -> None:
    code = begin(world)

    def tries(chat: str) -> bool:
        try:
            bind(world, code, chat)
        except NotLinked:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(tries, ("máy một", "máy hai"))) == 1


def test_two_operators_cannot_take_one_chat_however_close_they_are(world: World) -> None:
    both = [begin(world, phone) for phone in (HANH, SON)]

    def tries(code: str) -> str:
        try:
            return bind(world, code).person.name
        except ChatTaken as error:
            return f"đã có {error.owner}"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(tries, both))

    (winner,) = [name for name in told if not name.startswith("đã có")]
    assert told[1:] == [f"đã có {winner}"] or told[:1] == [f"đã có {winner}"]


def test_a_person_with_a_chat_gets_no_code_until_it_is_released(world: World) -> None:
    bind(world, begin(world))

    with pytest.raises(PersonTaken) as error:
        begin(world)
    assert (error.value.name, error.value.since) == ("Trần Thị Hạnh", world.now)


def test_a_person_tied_meanwhile_is_not_moved_by_an_old_code(world: World) -> None:
    code = begin(world)

    def tie(session: Session) -> None:
        people.add_address(session, person_of(session, HANH), "zalo", SECOND, "máy cũ", world.now)

    world.ask(tie)

    assert isinstance(refused(world, code), PersonTaken)


def test_a_released_chat_is_free_and_its_old_messages_stay_on_record(world: World) -> None:
    old = bind(world, begin(world))

    def release(session: Session) -> None:
        linking.release(session, session.get_one(Address, old.id), person_of(session, CUC), world.now)

    world.ask(release)
    new = bind(world, begin(world, SON))

    kept = world.ask(lambda s: s.get_one(Address, old.id))
    assert (new.chat_id, new.person_id) == (CHAT, world.person(SON).id)
    assert (kept.state, kept.person_id, kept.blocked_at) == (AddressState.BLOCKED, old.person_id, None)
    assert begin(world, HANH)


def test_who_left_gets_no_code_and_a_code_from_before_binds_nothing(world: World) -> None:
    code = begin(world)
    leave(world, HANH)

    assert isinstance(refused(world, code), PersonLeft)
    with pytest.raises(PersonLeft):
        begin(world)


def test_the_chat_of_somebody_who_left_can_be_taken_over_and_that_is_written_down(world: World) -> None:
    bind(world, begin(world, SON))
    leave(world, SON)

    assert bind(world, begin(world)).person_id == world.person(HANH).id
    acts = world.ask(lambda s: list(s.scalars(select(Audit.act).where(Audit.act == "address.release"))))
    assert acts == ["address.release"]


def test_a_full_pool_makes_no_code_and_leaves_the_older_one_good(world: World) -> None:
    code = begin(world, most=1)
    before = codes(world)

    with pytest.raises(PoolFull):
        begin(world, SON, most=1)

    assert codes(world) == before
    assert bind(world, code).chat_id == CHAT


def test_the_last_place_is_given_to_one_of_two_who_ask_at_once(world: World) -> None:
    def tries(phone: str) -> bool:
        try:
            begin(world, phone, most=1)
        except PoolFull:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(tries, (HANH, SON, LAN))) == 1


@pytest.mark.parametrize(
    "spell", [str.lower, lambda c: f" {c[:4]} {c[4:]} ", lambda c: "-".join(c), "{}.".format]
)
def test_a_code_is_understood_however_it_is_spaced(world: World, spell: object) -> None:
    code = begin(world)

    assert bind(world, spell(code)).chat_id == CHAT  # type: ignore[operator]


@pytest.mark.parametrize("pair", ["0O", "0Q", "0D", "1I", "1L", "2Z", "5S", "8B", "UV", "VW"])
def test_no_two_signs_of_a_code_look_alike(pair: str) -> None:
    assert not set(pair) <= set(linking.ALPHABET)


def test_a_vietnamese_keyboard_changes_no_sign_of_a_code(world: World) -> None:
    """Telex and VNI act on vowels, on D and on W."""
    assert not set("AEIOUYDW") & set(linking.ALPHABET)
    assert all(linking.looks_like_code(begin(world)) for _ in range(20))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "đã phát",
        "phát rồi ạ",
        "chào anh",
        "21 A7",
        "0912345678",
        "22/11/2026",
        "CCCCCCC",
        "CFGHJKLMN",
    ],
)
def test_nothing_else_is_taken_for_a_code(text: str) -> None:
    assert not linking.looks_like_code(text)


def test_only_the_hash_of_a_code_outlives_its_use(world: World) -> None:
    code = begin(world)
    bind(world, code)

    row = world.ask(lambda s: s.scalars(select(LinkCode)).one())
    assert row.code == "" and code not in row.code_hash
