"""Who may do what: role x area, dated; a refusal is written down even though the act raised."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from airlog import access, items
from airlog.access import ADMINS, APPROVERS, EDITORS, OFFICERS, NotAllowed, NotYourStation
from airlog.area_rights import covers
from airlog.db import Session
from airlog.items import SameAuthor
from airlog.models import Audit, Grant, Item, Person, Station
from airlog.types import RoleKind
from tests.world import (
    AREA,
    CHAU,
    CUC,
    DAK_SAK,
    DAK_WIL,
    DUYET,
    EVERYBODY,
    HANH,
    LAN,
    MINH,
    SON,
    THUAN_AN,
    WORDS,
    World,
    person_of,
)

MOMENT = timedelta(microseconds=1)


def station(session: Session, commune: str) -> Station:
    return session.query(Station).filter_by(area_code=commune).one()


def served(world: World, phone: str, roles: tuple[RoleKind, ...] = (RoleKind.OPERATOR,)) -> list[str]:
    return world.ask(
        lambda s: [x.area_code for x in access.stations_of(s, person_of(s, phone), world.now, roles)]
    )


def refusals(world: World) -> list[tuple[str, str]]:
    rows = world.ask(lambda s: s.query(Audit).filter_by(allowed=False).order_by(Audit.id).all())
    return [(row.act, row.subject) for row in rows]


@pytest.mark.parametrize(
    ("phone", "communes"),
    [(HANH, [DAK_WIL]), (SON, [DAK_SAK]), (LAN, [DAK_SAK, THUAN_AN]), (CUC, []), (MINH, [])],
)
def test_an_operator_serves_the_stations_they_were_given(
    world: World, phone: str, communes: list[str]
) -> None:
    assert served(world, phone) == communes


@pytest.mark.parametrize(
    ("phone", "commune", "does"),
    [(HANH, DAK_WIL, True), (HANH, DAK_SAK, False), (LAN, THUAN_AN, True), (CUC, DAK_WIL, False)],
)
def test_who_serves_a_station_may_act_for_it(world: World, phone: str, commune: str, does: bool) -> None:
    def asked(session: Session) -> bool:
        return access.serves(session, person_of(session, phone), station(session, commune), world.now)

    assert world.ask(asked) is does


@pytest.mark.parametrize("by_name", [True, False], ids=["the station", "its commune"])
def test_a_press_of_somebody_whose_role_names_the_place_asks_the_store_once(
    world: World, by_name: bool
) -> None:
    told: list[str] = []

    def press(session: Session) -> None:
        person, here = person_of(session, HANH), station(session, DAK_WIL)
        (grant,) = person.grants
        grant.station_id = here.id if by_name else None
        session.flush()
        event.listen(session.connection(), "before_cursor_execute", lambda *a: told.append(a[2]))
        access.require_operator(session, person, here, "aired", world.now)

    world.ask(press)

    assert len(told) == 1


def test_an_officer_and_an_admin_look_after_their_area(world: World) -> None:
    assert served(world, CUC, OFFICERS) == served(world, MINH, OFFICERS) == [DAK_WIL, DAK_SAK, THUAN_AN]
    assert served(world, HANH, OFFICERS) == []


def test_a_stranger_to_a_station_is_refused_and_the_refusal_is_kept(world: World) -> None:
    def act(session: Session) -> None:
        access.require_operator(
            session, person_of(session, HANH), station(session, DAK_SAK), "aired", world.now
        )

    with pytest.raises(NotYourStation, match="chưa ghi gì"):
        world.ask(act)

    ((act_name, subject),) = refusals(world)
    assert (act_name, subject.startswith("station ")) == ("aired", True)


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [(ADMINS, {MINH}), (EDITORS, {MINH, CHAU}), (APPROVERS, {MINH, DUYET}), (OFFICERS, {MINH, CUC})],
    ids=["admin", "editor", "approver", "officer"],
)
def test_each_role_may_do_its_own_and_admins_do_all(
    world: World, roles: tuple[RoleKind, ...], allowed: set[str]
) -> None:
    def may(phone: str) -> bool:
        try:
            world.ask(lambda s: access.require(s, person_of(s, phone), roles, "test", world.now))
        except NotAllowed:
            return False
        return True

    assert {phone for phone in EVERYBODY if may(phone)} == allowed
    assert len(refusals(world)) == len(EVERYBODY) - len(allowed)


def test_an_officer_of_another_area_is_refused(world: World) -> None:
    world.ask(lambda s: setattr(s.query(Grant).filter_by(role=RoleKind.OFFICER).one(), "scope", "662"))

    def excuse(commune: str) -> None:
        world.ask(
            lambda s: access.require_officer(s, person_of(s, CUC), station(s, commune), "excuse", world.now)
        )

    excuse(DAK_WIL)
    with pytest.raises(NotAllowed, match="không thuộc khu vực"):
        excuse(DAK_SAK)


@pytest.mark.parametrize(
    ("scope", "inside"),
    [("24646", True), ("663", True), (AREA, True), ("68", False), ("*", False), ("001", False)],
)
def test_an_area_is_covered_only_as_a_whole(world: World, scope: str, inside: bool) -> None:
    assert world.ask(lambda s: covers(s, person_of(s, CUC), OFFICERS, scope, world.now)) is inside


def test_a_role_holds_from_its_first_instant_to_before_its_last(world: World) -> None:
    start, end = world.now, world.now + timedelta(days=1)

    def dated(session: Session) -> list[bool]:
        person = person_of(session, CHAU)
        person.grants[0].valid_from, person.grants[0].valid_to = start, end
        session.flush()
        moments = (start - MOMENT, start, end - MOMENT, end)
        return [access.holds(session, person, EDITORS, moment) for moment in moments]

    assert world.ask(dated) == [False, True, True, False]


def test_somebody_who_left_serves_nothing_and_is_written_to_no_more(world: World) -> None:
    world.ask(lambda s: setattr(person_of(s, SON), "left_at", world.now))

    assert served(world, SON) == []
    crew = world.ask(lambda s: [p.name for p in access.operators_of(s, station(s, DAK_SAK), world.now)])
    assert crew == ["Phạm Thị Lan"]


def test_somebody_who_will_leave_tomorrow_still_serves_today(world: World) -> None:
    world.ask(lambda s: setattr(person_of(s, CUC), "left_at", world.now + timedelta(days=1)))
    found = world.ask(lambda s: access.people_with(s, (RoleKind.OFFICER,), world.now))
    assert [person.name for person in found] == ["Phan Thị Thu Cúc"]


def test_a_closed_station_is_nobodys(world: World) -> None:
    world.ask(lambda s: setattr(station(s, THUAN_AN), "active_to", world.now.date() - timedelta(days=1)))
    assert served(world, LAN) == [DAK_SAK]


def write(world: World, phone: str) -> Item:
    return world.ask(
        lambda s: items.add_item(
            s,
            person_of(s, phone),
            title="Tin của xã",
            topic="good-examples",
            source="xã",
            script=WORDS,
            now=world.now,
        )
    )


def clear(world: World, item: Item, phone: str) -> None:
    world.ask(lambda s: items.clear(s, s.get_one(Item, item.id), person_of(s, phone), world.now))


def test_an_item_is_cleared_by_another_person_than_its_author(world: World) -> None:
    item = write(world, DUYET)

    with pytest.raises(SameAuthor):
        clear(world, item, DUYET)
    assert refusals(world) == [("item.clear", item.slug)]
    assert world.ask(lambda s: items.cleared_version(s.get_one(Item, item.id))) is None

    clear(world, item, MINH)
    assert world.ask(lambda s: items.cleared_version(s.get_one(Item, item.id))) is not None


def test_an_editor_clears_nothing(world: World) -> None:
    with pytest.raises(NotAllowed):
        clear(world, write(world, DUYET), CHAU)


def test_a_new_text_must_be_cleared_again_and_the_old_one_stays_sendable(world: World) -> None:
    item = write(world, CHAU)
    clear(world, item, DUYET)

    def rewrite(session: Session) -> tuple[int, int | None]:
        here: Item = session.get_one(Item, item.id)
        author: Person = person_of(session, CHAU)
        items.rewrite(session, author, here, WORDS + " Bà con nhớ kỹ.", world.now)
        cleared = items.cleared_version(here)
        return here.latest.number, cleared.number if cleared else None

    assert world.ask(rewrite) == (2, 1)
