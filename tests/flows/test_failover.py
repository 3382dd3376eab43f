"""One service refuses for ten minutes: what is undelivered goes to the person's next address, and stays one duty."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pytest

from airlog import duties, people, record
from airlog.db import Session
from airlog.record import Source
from airlog.rules import Sign
from airlog.types import MissedReason
from bot.settling import Settling
from scheduler.channel import Abilities, ChannelError, Incoming, Outgoing
from scheduler.dispatch import Dispatcher
from scheduler.item import Wordings
from scheduler.jobs import AtOnce
from scheduler.tick import Tick
from tests.fakes import BLOCKED, NO_ANSWER, REFUSED, FakeChannel
from tests.world import CUC, DAK_SAK, DAK_WIL, HANH, LAN, SON, WEEK, World, chat, duty_of, person_of

TEN_TIMES = [REFUSED] * 10
BOT = "700800900"


class Editing(FakeChannel):
    """Keeps what its messages came to say."""

    def __init__(self) -> None:
        super().__init__()
        self.edited: dict[str, Outgoing] = {}

    async def edit(self, chat_id: str, message_ref: str, message: Outgoing) -> None:
        self.edited[message_ref] = message


@dataclass
class Two:
    """A world with two services: the first one edits its messages and has buttons, the second has words alone."""

    world: World
    first: Editing
    second: FakeChannel

    def also(self, phone: str) -> str:
        """A person's second address, made after the first; returns the chat."""
        there = f"zalo-{phone}"
        later = self.world.now + timedelta(hours=1)
        self.world.ask(lambda s: people.add_address(s, person_of(s, phone), "zalo", BOT, there, later))
        return there

    def start(self) -> None:
        lines = {"chat": self.first, f"zalo:{BOT}": self.second}
        self.dispatcher = Dispatcher(
            self.world.db, lines, self.world.clock, pages_at="https://loaxa.example.vn"
        )
        self.world.ticker = Tick(
            self.world.db, self.world.studio, AtOnce(self.dispatcher), self.world.ladder, ("chat", "zalo"),
            self.world.clock,
        )  # fmt: skip

    async def settle(self, phone: str, commune: str) -> None:
        """What a process does once a person's statement in the second chat is on record."""
        settling = Settling(
            self.world.db, {"chat": self.first, f"zalo:{BOT}": self.second}, {}, self.world.clock, Wordings()
        )
        spoken = Incoming("zalo", BOT, "u1", f"zalo-{phone}", "text", self.world.now, "1")
        duty_id = self.world.ask(lambda s: duty_of(s, commune).id)
        await settling.elsewhere([duty_id], spoken)

    async def minutes(self, count: int) -> None:
        for _ in range(count):
            await self.world.later(minutes=1)


@pytest.fixture
def two(world: World) -> Two:
    channel = Editing()
    found = Two(world, channel, FakeChannel("zalo", BOT))
    found.second.abilities = Abilities(sound=False, buttons=False, edits=False)
    world.channel = channel
    world.launch()
    found.start()
    return found


async def test_after_ten_minutes_of_refusals_the_item_goes_to_the_next_address(two: Two) -> None:
    there = two.also(HANH)
    two.first.fail(chat(HANH), *TEN_TIMES)
    await two.world.at(0, "07:30")
    await two.minutes(9)
    early = len(two.second.got(there))
    await two.minutes(2)

    assert (early, len(two.second.got(there))) == (0, 1)
    assert two.world.deliveries(HANH) == [("item", "cancelled"), ("item", "sent")]
    await two.minutes(25)
    assert len(two.second.got(there)) == 1, "the first service works again, and nothing comes twice"
    assert len([one for one in two.first.requests if one.chat_id == chat(HANH) and one.ref]) == 0


async def test_an_answer_at_the_next_address_meets_the_one_duty(two: Two) -> None:
    two.also(HANH)
    two.first.fail(chat(HANH), *TEN_TIMES)
    await two.world.at(0, "07:30")
    await two.minutes(12)
    two.world.says_aired(HANH, DAK_WIL)

    assert two.world.standing(DAK_WIL).sign is Sign.AIRED
    await two.world.at(3, "08:00")
    assert [rung for rung, _ in two.world.deliveries(HANH)] == ["item", "item"], "no reminder"


async def test_who_has_no_other_address_is_tried_on(two: Two) -> None:
    two.first.fail(chat(SON), *[REFUSED] * 5)
    await two.world.at(0, "07:30")
    await two.minutes(40)

    assert two.world.deliveries(SON) == [("item", "sent")]


async def test_what_may_have_arrived_is_asked_about_and_not_moved(two: Two) -> None:
    there = two.also(HANH)
    two.first.fail(chat(HANH), NO_ANSWER, *TEN_TIMES)
    await two.world.at(0, "07:30")
    await two.minutes(30)

    assert two.second.got(there) == []
    assert {rung for rung, _ in two.world.deliveries(HANH)} == {"item", "ask"}


async def test_rows_that_never_had_their_turn_leave_a_silent_bot_too(two: Two) -> None:
    hanh, lan = two.also(HANH), two.also(LAN)
    long = ChannelError("máy chủ bận", retry_after=timedelta(hours=1))
    two.first.fail(chat(HANH), long, long)
    two.first.fail(chat(SON), long, long)
    two.first.fail(chat(LAN), long, long, long)
    await two.world.at(0, "07:30")
    await two.minutes(12)

    assert two.first.requests and len(two.first.requests) < 5, "the first refusals silence the whole bot"
    assert (len(two.second.got(hanh)), len(two.second.got(lan))) == (1, 2)


async def test_when_both_services_refuse_the_first_one_that_takes_it_gets_it_alone(two: Two) -> None:
    there = two.also(HANH)
    two.first.fail(chat(HANH), *TEN_TIMES)
    two.second.fail(there, *TEN_TIMES)
    await two.world.at(0, "07:30")
    await two.minutes(60)

    assert sorted(state for _, state in two.world.deliveries(HANH)) == ["cancelled", "sent"]
    taken = [one for channel in (two.first, two.second) for one in channel.requests if one.ref]
    assert len([one for one in taken if one.chat_id in (chat(HANH), there)]) == 1


async def test_when_the_next_address_is_dead_the_first_is_tried_again(two: Two) -> None:
    there = two.also(HANH)
    two.first.fail(chat(HANH), *[REFUSED] * 5)
    two.second.fail(there, BLOCKED)
    await two.world.at(0, "07:30")
    await two.minutes(30)

    assert sorted(two.world.deliveries(HANH)) == [("item", "failed"), ("item", "sent")]
    assert [one.ref is not None for one in two.first.requests if one.chat_id == chat(HANH)] == [False] * 5 + [
        True
    ]


async def test_who_is_silent_is_reminded_at_the_next_address_too(two: Two) -> None:
    there = two.also(HANH)
    await two.world.at(0, "07:30")
    assert two.second.got(there) == []
    await two.world.at(3, "08:00")

    (reminder,) = two.second.got(there)
    assert "tuần 48" in reminder.text
    assert two.world.deliveries(HANH) == [("item", "sent"), ("reminder_1", "sent"), ("reminder_1", "sent")]
    await two.minutes(60)
    assert len(two.second.got(there)) == 1, "nobody is pestered"


async def test_a_reminder_carries_the_way_to_the_persons_page_and_the_item_does_not(two: Two) -> None:
    await two.world.at(0, "07:30")
    await two.world.at(3, "08:00")

    item, reminder = (one.text for one in two.first.got(chat(HANH)))
    assert "/o/" not in item and "https://loaxa.example.vn/o/" in reminder


async def test_a_link_that_cannot_be_made_holds_up_no_reminder(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("no link today")

    monkeypatch.setattr("airlog.page_links.url_for", fail)
    await two.world.at(0, "07:30")
    await two.world.at(3, "08:00")

    assert two.world.deliveries(HANH) == [("item", "sent"), ("reminder_1", "sent")]


async def test_an_officer_is_told_at_the_next_address(two: Two) -> None:
    there = two.also(CUC)
    await two.world.at(0, "07:30")
    two.first.fail(chat(CUC), *TEN_TIMES)
    await two.world.at(5, "08:00")
    await two.minutes(12)

    assert ["đài" in one.text for one in two.second.got(there)] == [True]


async def test_an_answer_in_one_chat_shows_on_the_messages_of_the_others(two: Two) -> None:
    two.also(LAN)
    await two.world.at(0, "07:30")
    two.world.says_aired(LAN, DAK_SAK)
    await two.settle(LAN, DAK_SAK)

    edited = list(two.first.edited.values())
    assert len(edited) == 2, "Lan's own message, and Sơn's, who serves the same station"
    mine = next(one for one in edited if "Phạm Thị Lan" not in one.text)
    his = next(one for one in edited if "Phạm Thị Lan" in one.text)
    assert "Đã phát · xác nhận lúc" in mine.text and "Đã phát · Phạm Thị Lan xác nhận lúc" in his.text
    assert all(one.sound is None and "Đã phát" not in labels(one) for one in edited)


async def test_a_chat_that_cannot_edit_is_told_once_and_not_where_the_answer_came_from(two: Two) -> None:
    hanh = two.also(HANH)
    two.first.fail(chat(HANH), *TEN_TIMES)
    await two.world.at(0, "07:30")
    await two.minutes(12)
    two.world.says_aired(HANH, DAK_WIL)
    await two.settle(HANH, DAK_WIL)
    assert len(two.second.got(hanh)) == 1, "that chat has its own reply"

    settling = Settling(two.world.db, {f"zalo:{BOT}": two.second}, {}, two.world.clock, Wordings())
    duty_id = two.world.ask(lambda s: duty_of(s, DAK_WIL).id)
    await settling.elsewhere([duty_id])  # said on a page

    (_, told) = two.second.got(hanh)
    assert "không cần báo lại" in told.text and told.weight == "acknowledgement"


async def test_an_answer_taken_back_gives_the_other_messages_their_buttons_again(two: Two) -> None:
    two.also(LAN)
    await two.world.at(0, "07:30")
    two.world.says_aired(LAN, DAK_SAK)
    await two.settle(LAN, DAK_SAK)
    two.world.ask(
        lambda s: record.withdraw(
            s, person_of(s, LAN), duty_of(s, DAK_SAK), Source("zalo", "x/1", two.world.now), two.world.now
        )
    )
    await two.settle(LAN, DAK_SAK)

    assert all(
        "xác nhận lúc" not in one.text and "Đã phát" in labels(one) for one in two.first.edited.values()
    )


async def test_an_answer_taken_back_at_once_stays_so_on_messages_that_are_slow_to_edit(two: Two) -> None:
    at_work, quick, edit = asyncio.Event(), asyncio.Event(), two.first.edit

    async def slow(chat_id: str, message_ref: str, message: Outgoing) -> None:
        at_work.set()
        if "xác nhận lúc" in message.text:
            await quick.wait()
        await edit(chat_id, message_ref, message)

    two.first.edit = slow  # type: ignore[method-assign]
    settling = Settling(two.world.db, {"chat": two.first}, {}, two.world.clock, Wordings())
    await two.world.at(0, "07:30")
    two.world.says_aired(LAN, DAK_SAK)
    duty, source = two.world.ask(lambda s: duty_of(s, DAK_SAK)), Source("page", "x/1", two.world.now)
    said = asyncio.create_task(settling.elsewhere([duty.id]))
    await at_work.wait()
    two.world.ask(
        lambda s: record.withdraw(s, person_of(s, LAN), s.merge(duty), source, two.world.now),
    )
    taken_back = asyncio.create_task(settling.elsewhere([duty.id]))
    await asyncio.wait([taken_back], timeout=0.3)
    quick.set()
    await asyncio.gather(said, taken_back)

    assert two.first.edited and all("xác nhận lúc" not in one.text for one in two.first.edited.values())
    assert not settling.turns, "nothing is kept of duties that are settled"


async def test_an_excuse_shows_on_the_operators_messages_and_costs_nobody_a_new_one(two: Two) -> None:
    lan = two.also(LAN)
    await two.world.at(0, "07:30")
    source = Source("web", "x/1", two.world.now)
    duty = two.world.ask(lambda s: duty_of(s, DAK_SAK))

    def excused(session: Session) -> None:
        cuc = person_of(session, CUC)
        mine, why = session.merge(duty), MissedReason.NO_POWER
        record.excuse(session, cuc, mine, why, source, two.world.now, note="mất điện")

    two.world.ask(excused)
    await two.settle(LAN, DAK_SAK)
    shown = list(two.first.edited.values())
    two.world.ask(
        lambda s: record.withdraw_excuse(s, person_of(s, CUC), s.merge(duty), source, two.world.now)
    )
    await two.settle(LAN, DAK_SAK)

    assert shown and all("đài được miễn, lý do: mất điện" in one.text for one in shown)
    assert all("Đã phát" in labels(one) for one in shown), "it may be aired all the same"
    assert all("miễn" not in one.text for one in two.first.edited.values())
    assert two.second.got(lan) == []


async def test_a_week_excused_before_it_begins_says_so_in_its_item(two: Two) -> None:
    def excused(session: Session) -> None:
        duties.make(session, WEEK, two.world.now)
        duty, cuc = duty_of(session, DAK_SAK), person_of(session, CUC)
        record.excuse(
            session, cuc, duty, MissedReason.BROKEN, Source("web", "x/1", two.world.now), two.world.now,
            note="cột loa đổ",
        )  # fmt: skip

    two.world.ask(excused)
    await two.world.at(0, "07:30")

    told = [item.text for item in two.first.got(chat(LAN))]
    other, excused_one = sorted(told, key=lambda text: "Đắk Sắk" in text)
    assert "Đắk Sắk" in excused_one and excused_one.startswith(
        "Tuần 48 (23-29/11) đài được miễn, lý do: cột loa đổ"
    )
    assert "miễn" not in other


async def test_a_chat_that_refuses_the_edit_changes_nothing_else(two: Two) -> None:
    async def refuse(*_: object) -> None:
        raise ChannelError("tin quá cũ")

    two.first.edit = refuse  # type: ignore[method-assign]
    await two.world.at(0, "07:30")
    two.world.says_aired(LAN, DAK_SAK)
    await two.settle(LAN, DAK_SAK)

    assert two.world.standing(DAK_SAK).sign is Sign.AIRED


def labels(message: Outgoing) -> list[str]:
    return [button.label for row in message.buttons for button in row]
