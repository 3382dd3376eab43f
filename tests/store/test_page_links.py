"""Personal links: whose page a token opens, when it no longer does, and that it stands nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import pytest
from sqlalchemy import select, text

from airlog import page_links
from airlog.models import Audit, Base, PageLink
from airlog.page_links import DeadPageLink
from tests.world import CUC, HANH, SON, World, person_of

BASE = "https://loaxa.example.vn"


def url(world: World, phone: str = HANH) -> str:
    return world.ask(lambda s: page_links.url_for(s, person_of(s, phone), BASE, world.now))


def printed(world: World, phone: str = HANH) -> str:
    return world.ask(
        lambda s: page_links.printed_url(s, person_of(s, CUC), person_of(s, phone), BASE, world.now)
    )


def owner(world: World, address: str) -> str:
    token = address.rpartition("/")[2]
    return world.ask(lambda s: page_links.living(s, token, world.now).person.name)


def revoke(world: World, phone: str = HANH, link_id: int | None = None) -> int:
    return world.ask(
        lambda s: page_links.revoke(s, person_of(s, CUC), person_of(s, phone), world.now, link_id)
    )


def links(world: World) -> list[PageLink]:
    return world.ask(lambda s: list(s.scalars(select(PageLink).order_by(PageLink.id))))


def forward(world: World, **by: float) -> None:
    world.clock.forward_to(world.now + timedelta(**by))


def test_a_link_opens_the_page_of_its_person(world: World) -> None:
    address = url(world)

    assert address.startswith(f"{BASE}/o/") and len(address.rpartition("/")[2]) == 22
    assert owner(world, address) == "Trần Thị Hạnh"
    assert owner(world, url(world, SON)) == "Lê Văn Sơn"


def test_a_message_put_together_twice_carries_the_same_link(world: World) -> None:
    assert url(world) == url(world)
    assert len(links(world)) == 1


def test_a_message_of_another_day_carries_another_link_and_the_first_still_works(world: World) -> None:
    first = url(world)
    forward(world, days=1)

    assert url(world) != first and owner(world, first) == "Trần Thị Hạnh"


def test_a_link_that_was_never_committed_is_made_again(world: World) -> None:
    with pytest.raises(RuntimeError), world.db.session() as session:
        address = page_links.url_for(session, person_of(session, HANH), BASE, world.now)
        raise RuntimeError
    assert url(world) == address and owner(world, address) == "Trần Thị Hạnh"


def test_a_link_in_a_message_ends_after_two_weeks_and_one_on_paper_does_not(world: World) -> None:
    message, paper = url(world), printed(world)
    forward(world, days=13, hours=23)
    assert owner(world, message) == owner(world, paper) == "Trần Thị Hạnh"
    forward(world, hours=1)

    with pytest.raises(DeadPageLink, match="đã quá 14 ngày"):
        owner(world, message)
    assert owner(world, paper) == "Trần Thị Hạnh"


def test_a_revoked_link_opens_nothing_and_the_next_message_has_a_working_one(world: World) -> None:
    first = url(world)
    assert revoke(world) == 1 and revoke(world) == 0

    with pytest.raises(DeadPageLink, match="đã bị thu hồi lúc 00 giờ, thứ Hai 23/11"):
        owner(world, first)
    assert owner(world, url(world)) == "Trần Thị Hạnh"


def test_one_paper_is_revoked_and_the_others_stay(world: World) -> None:
    first = printed(world)
    forward(world, days=1)
    second = printed(world)
    (one, _) = world.ask(lambda s: page_links.printed(s, person_of(s, HANH)))

    revoke(world, link_id=one.id)

    assert owner(world, second) == "Trần Thị Hạnh"
    with pytest.raises(DeadPageLink):
        owner(world, first)


def test_nobody_revokes_the_link_of_somebody_else_by_its_number(world: World) -> None:
    url(world)
    (link,) = links(world)

    assert revoke(world, SON, link.id) == 0
    assert links(world)[0].revoked_at is None


def test_the_link_of_one_who_left_opens_nothing(world: World) -> None:
    address = url(world)
    world.ask(lambda s: setattr(person_of(s, HANH), "left_at", world.now))

    with pytest.raises(DeadPageLink, match="không còn phụ trách đài"):
        owner(world, address)


@pytest.mark.parametrize("token", ["", "a", "A" * 22, "A" * 5000, "đường-dẫn", "' OR 1=1 --"])
def test_a_made_up_token_opens_nothing(world: World, token: str) -> None:
    url(world)
    with pytest.raises(DeadPageLink, match="không đúng"):
        world.ask(lambda s: page_links.living(s, token, world.now))


def test_a_token_stands_nowhere_in_the_store(world: World) -> None:
    tokens = [url(world).rpartition("/")[2], printed(world).rpartition("/")[2]]

    with world.db.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(text(f'SELECT * FROM "{table.name}"')):
                assert not any(token in str(value) for value in row for token in tokens)


@pytest.mark.parametrize("why", ["expired", "revoked", "left"])
def test_who_comes_with_a_dead_link_is_written_down(
    world: World, why: Literal["expired", "revoked", "left"]
) -> None:
    url(world)
    (link,) = links(world)

    world.ask(lambda s: page_links.refused(s, DeadPageLink(why, "…", s.merge(link)), world.now))

    (line,) = world.ask(lambda s: list(s.scalars(select(Audit).where(~Audit.allowed))))
    assert (line.act, line.subject, line.detail) == ("page.open", f"link {link.id}", why)


def test_a_hundred_made_up_tokens_are_one_line_a_minute(world: World) -> None:
    for _ in range(100):
        world.ask(lambda s: page_links.refused(s, DeadPageLink("forged", "…"), world.now))
        forward(world, seconds=1)

    lines = world.ask(lambda s: list(s.scalars(select(Audit).where(~Audit.allowed))))
    assert len(lines) == 2


def test_links_that_ended_long_ago_are_forgotten(world: World) -> None:
    url(world)
    forward(world, days=14 + 91)
    url(world)

    assert len(links(world)) == 1
