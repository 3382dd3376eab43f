"""The way to the page stands in every message that asks for something where there are no buttons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from airlog import page_links, people
from bot import typed_talk
from bot.channels.zalo_text import Around, plain_text
from scheduler.channel import Button, Outgoing
from tests.operator_page_world import BASE, OperatorPage, build_page, fill_page
from tests.page_world import OFFICER, OPERATOR, person_of
from tests.stores import Stores

BOT, CHAT = "700800900", "31f0a9c2be47d5508e1a"


@pytest.fixture
def page(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[OperatorPage]:
    found = build_page(stores.filled(store_kind, fill_page), tmp_path)
    yield found
    found.world.db.close()


def around(page: OperatorPage, phone: str, base_url: str = BASE) -> Around:
    now = page.world.clock.now()
    page.world.ask(lambda s: people.add_address(s, person_of(s, phone), "zalo", BOT, CHAT, now))
    return page.world.ask(lambda s: typed_talk.around(s, "zalo", BOT, CHAT, now, base_url))


def test_a_zalo_message_carries_the_persons_own_link(page: OperatorPage) -> None:
    found = around(page, OPERATOR)
    notice = Outgoing("Tin tuần 48", ((Button("Đã phát", f"aired:{found.open_duties[0]}", "good"),),))
    told = plain_text(notice, found)

    token = found.page_url.removeprefix(f"{BASE}/o/")
    owner = page.world.ask(lambda s: page_links.living(s, token, page.world.clock.now()).person.phone)
    assert owner == OPERATOR and f"{BASE}/o/{token}" in told


def test_without_an_address_that_phones_can_reach_there_is_no_link(page: OperatorPage) -> None:
    assert around(page, OPERATOR, "").page_url == ""


def test_who_owes_nothing_gets_no_link(page: OperatorPage) -> None:
    assert around(page, OFFICER).page_url == ""
