"""A wrong item withdrawn in the middle of its broadcast: three stations, from the request to the last answer.

Hạnh has the item, Sơn's was refused with a pause, Lan's two still wait.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from airlog import record
from airlog.models import BotPace, Delivery, LogEntry, Recall
from airlog.rules import Sign
from airlog.types import DeliveryState, Rung
from bot.desk import Desk
from bot.handlers import handle
from scheduler.channel import Abilities, Answer, ChannelError, Incoming, Outgoing
from scheduler.dispatch import Dispatcher
from scheduler.jobs import AtOnce
from scheduler.recalls import mark_old
from tests.fakes import NO_ANSWER
from tests.recall_world import WHY, ask, confirm, items_of, plan_notices, recall_item, refusals
from tests.world import CUC, DAK_WIL, DUYET, HANH, LAN, MINH, SON, THUAN_AN, WEEK, World, chat

WAIT = ChannelError("429", retry_after=timedelta(minutes=20))
SENT, CANCELLED = DeliveryState.SENT, DeliveryState.CANCELLED


@dataclass
class Chats:
    """Replies in the chats of a world, and what was edited there."""

    world: World
    edits: list[tuple[str, str, Outgoing]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(70_000))
    last: Answer = field(default_factory=Answer)

    def press(self, phone: str, data: str, ref: str = "r1") -> str:
        """Press a button with this data under a message; returns what was answered."""
        number = str(next(self._numbers))
        incoming = Incoming("chat", "bot", number, chat(phone), "press", self.world.now, data, ref, "p1")
        return self._tell(incoming)

    def say(self, phone: str, text: str) -> str:
        number = str(next(self._numbers))
        return self._tell(Incoming("chat", "bot", number, chat(phone), "text", self.world.now, text, number))

    def tap(self, phone: str, label: str, *, of: Rung | None = None) -> str:
        """Press the newest button of that name that the program sent, of one rung if named; or of the last reply."""
        replied = {b.label: b.data for one in self.last.messages for row in one.buttons for b in row}
        if of is None and label in replied:
            return self.press(phone, replied[label])
        for sending in reversed(self.world.channel.requests):
            row = next((r for r in self.world.rows(phone) if r.message_ref == sending.ref), None)
            for button in (b for line in sending.message.buttons for b in line):
                if (
                    sending.chat_id == chat(phone)
                    and button.label == label
                    and row
                    and of in (None, row.rung)
                ):
                    return self.press(phone, button.data, sending.ref or "")
        raise LookupError(label)

    async def edit(self, chat_id: str, message_ref: str, message: Outgoing) -> None:
        self.edits.append((chat_id, message_ref, message))

    def _tell(self, incoming: Incoming) -> str:
        desk = Desk(("chat",), "http://127.0.0.1:8080", Path())
        self.last = self.world.ask(lambda s: handle(s, incoming, desk, self.world.now))
        return "\n".join(message.text for message in self.last.messages)


@pytest.fixture
async def chats(world: World, monkeypatch: pytest.MonkeyPatch) -> Chats:
    """Monday 07:30: one item arrived, the bot was told to pause, the rest waits."""
    found = Chats(world)
    monkeypatch.setattr(world.channel, "edit", found.edit)
    monkeypatch.setattr("scheduler.dispatch.IN_FLIGHT", 1)
    world.launch()
    world.channel.fail(chat(SON), WAIT)
    await world.at(0, "07:30")
    return found


async def later(world: World, **by: float) -> None:
    """Some minutes on, a tick with recalls in it. The bot's pause, kept by the store's own clock, is over."""
    world.clock.forward_to(world.now + timedelta(**by))
    world.ask(lambda s: s.execute(update(BotPace).values(paused_until_s=0.0)) and None)
    plan_notices(world)
    await world.ticker.run()


def titles(world: World, phone: str) -> list[str]:
    return [one.sound.title for one in world.channel.got(chat(phone)) if one.sound]


def texts(world: World, phone: str) -> list[str]:
    return [one.text for one in world.channel.got(chat(phone))]


def entries(world: World) -> list[tuple[str, int | None]]:
    rows = world.ask(lambda s: list(s.scalars(select(LogEntry).order_by(LogEntry.seq))))
    return [(str(row.kind), row.item_version_id) for row in rows]


def change(world: World, number: int, state: DeliveryState) -> None:
    """Put a row back into an earlier state, as a crash or another machine would leave it."""
    values = {"state": state, "due_at": world.now, "claimed_at": world.now, "settled_at": None}
    world.ask(lambda s: s.execute(update(Delivery).where(Delivery.id == number).values(values)) and None)


def recall(world: World, number: int) -> Recall:
    return world.ask(lambda s: s.get_one(Recall, number))


async def test_the_morning_stands_as_told(world: World, chats: Chats) -> None:
    states = {phone: [state for _, state in items_of(world, phone)] for phone in (HANH, SON, LAN)}
    assert states[HANH] == [SENT]
    assert states[SON] == [DeliveryState.RETRYING]
    assert set(states[LAN]) <= {DeliveryState.QUEUED, DeliveryState.RETRYING}


async def test_nothing_old_leaves_after_the_recall_and_everybody_gets_the_corrected_item(
    world: World, chats: Chats
) -> None:
    before = {phone: len(titles(world, phone)) for phone in (HANH, SON, LAN)}
    recall_item(world)

    for _ in range(4):
        await later(world, minutes=20)

    for phone in (SON, LAN):
        assert all("bản thay thế" in title for title in titles(world, phone)[before[phone] :])
    assert [state for _, state in items_of(world, SON)] == [CANCELLED, SENT]
    assert [state for _, state in items_of(world, LAN)] == [CANCELLED, CANCELLED, SENT, SENT]
    assert ["bản thay thế" in title for title in titles(world, HANH)] == [False, True]


async def test_without_a_replacement_nothing_follows_and_nobody_is_reminded(
    world: World, chats: Chats
) -> None:
    recall_item(world, replaced=False)
    await later(world, minutes=30)

    for day, hour in ((1, "08:00"), (3, "08:30"), (4, "14:30"), (5, "09:00")):
        await world.at(day, hour)

    assert world.arrived(HANH) == ["item", "recall"]
    assert [one for one in world.arrived(SON) if one != "?"] == []
    assert titles(world, LAN) == []


async def test_a_process_that_dies_with_an_old_item_in_its_hand_does_not_send_it_again(
    world: World, chats: Chats
) -> None:
    """The claim is on record, the recall comes, the process starts anew: the row is in doubt and its owner is told."""
    await later(world, minutes=21)
    change(world, world.rows(SON)[0].id, DeliveryState.SENDING)
    had = len(titles(world, SON))
    recall_item(world)

    world.start()
    await later(world, minutes=4)
    await later(world, minutes=6)

    assert all("bản thay thế" in title for title in titles(world, SON)[had:])
    assert [one.state for one in world.rows(SON) if one.rung is Rung.RECALL] == [SENT]


async def test_the_notice_says_what_why_and_what_now(world: World, chats: Chats) -> None:
    recall_item(world)
    await later(world, minutes=21)

    (text,) = [one for one in texts(world, HANH) if one.startswith("Thu hồi")]
    assert "tuần 48 (23-29/11)" in text and WHY in text and "tin thay thế" in text
    rows = next(one for one in world.channel.got(chat(HANH)) if one.text == text).buttons
    assert [button.label for row in rows for button in row] == ["Tôi đã rõ", "Đã phát bản cũ"]


async def test_a_recall_wakes_people_up(world: World, chats: Chats) -> None:
    await later(world, minutes=21)
    world.clock.forward_to(WEEK.at(0, world.ladder.quiet_from) + timedelta(hours=1))
    recall_item(world)

    await later(world, minutes=1)

    assert "recall" in world.arrived(HANH)


async def test_of_unknown_fate_counts_as_having_it(world: World, chats: Chats) -> None:
    world.channel.fail(chat(SON), NO_ANSWER)
    await later(world, minutes=21)
    assert [state for _, state in items_of(world, SON)] == [DeliveryState.UNKNOWN]

    recall_item(world)
    await later(world, minutes=10)

    assert [one.rung for one in world.rows(SON)].count(Rung.RECALL) == 1
    assert Rung.ASK not in [one.rung for one in world.rows(SON)], "nobody is asked whether the old one came"


async def test_two_stations_one_notice_that_names_them(world: World, chats: Chats) -> None:
    await later(world, minutes=21)
    done = recall_item(world)
    await later(world, minutes=1)

    (notice,) = [text for text in texts(world, LAN) if text.startswith("Thu hồi")]
    assert notice.lower().count("đài truyền thanh") == 2
    answer = chats.press(LAN, f"recall:{done}:old")
    assert "xin chọn một đài" in answer
    chats.tap(LAN, chats.last.messages[0].buttons[1][0].label)
    assert entries(world) == [("aired", recall(world, done).item_version_id)]
    assert (
        world.ask(lambda s: s.scalars(select(LogEntry)).one().station_id)
        == world.duties()[THUAN_AN].station_id
    )


async def test_the_old_message_is_marked_once_its_notice_left(world: World, chats: Chats) -> None:
    recall_item(world)
    await later(world, minutes=21)
    chats.edits.clear()
    notice = next(one for one in world.rows(HANH) if one.rung is Rung.RECALL)

    await mark_old(world.channel, world.db, notice.id)

    (edited,) = chats.edits
    assert edited[:2] == (chat(HANH), world.rows(HANH)[0].message_ref)
    assert "Đã thu hồi" in edited[2].text and edited[2].buttons == ()


async def test_a_channel_without_edits_or_one_that_refuses_them_stops_nothing(
    world: World, chats: Chats, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall_item(world)
    await later(world, minutes=21)
    notice = next(one for one in world.rows(HANH) if one.rung is Rung.RECALL)
    chats.edits.clear()

    async def refuse(chat_id: str, message_ref: str, message: Outgoing) -> None:
        raise ChannelError("message can't be edited")

    monkeypatch.setattr(world.channel, "edit", refuse)
    await mark_old(world.channel, world.db, notice.id)
    monkeypatch.setattr(world.channel, "edit", chats.edit)
    monkeypatch.setattr(world.channel, "abilities", Abilities(edits=False))
    await mark_old(world.channel, world.db, notice.id)

    assert chats.edits == []


async def test_i_know_is_written_down_once(world: World, chats: Chats) -> None:
    recall_item(world)
    await later(world, minutes=21)

    assert "anh/chị đã biết" in chats.tap(HANH, "Tôi đã rõ")
    assert "Không cần bấm lại" in chats.tap(HANH, "Tôi đã rõ")


@pytest.mark.parametrize("data", ["recall:999", "recall:x", "recall:", "recall:1:nothing"])
async def test_a_button_nobody_made_changes_nothing(world: World, chats: Chats, data: str) -> None:
    recall_item(world)
    await later(world, minutes=21)

    assert "chưa ghi gì" in chats.press(HANH, data)
    assert entries(world) == []


async def test_somebody_who_never_had_the_item_cannot_acknowledge(world: World, chats: Chats) -> None:
    done = recall_item(world)
    await later(world, minutes=21)

    assert "không gửi cho anh/chị" in chats.press(CUC, f"recall:{done}")
    assert refusals(world) == ["recall.acknowledge"]


@pytest.mark.parametrize("label", ["Đã phát", "Chưa phát được", "Xem lời đọc", "Lãnh đạo xã đã duyệt"])
async def test_a_press_on_the_old_message_is_answered_and_counts_for_nothing(
    world: World, chats: Chats, label: str
) -> None:
    recall_item(world)
    await later(world, minutes=21)
    old = world.rows(HANH)[0].message_ref or ""
    data = next(
        button.data
        for row in world.channel.got(chat(HANH))[0].buttons
        for button in row
        if button.label == label
    )

    answer = chats.press(HANH, data, old)

    assert "đã thu hồi lúc" in answer and "Bản cũ này đài đã phát chưa?" in answer
    assert chats.last.edit is not None and chats.last.edit.buttons == ()
    assert entries(world) == []
    assert world.standing(DAK_WIL).sign is Sign.PENDING


async def test_the_old_one_aired_then_the_corrected_one_are_two_lines(world: World, chats: Chats) -> None:
    done = recall(world, recall_item(world))
    await later(world, minutes=21)

    told = chats.tap(HANH, "Đã phát bản cũ", of=Rung.RECALL)
    assert "đã phát bản cũ của tin tuần 48" in told and "để đính chính" in told
    assert world.standing(DAK_WIL).sign is Sign.PENDING
    assert "Không cần bấm lại" in chats.tap(HANH, "Đã phát bản cũ", of=Rung.RECALL)
    assert "báo đã phát tin tuần 48" in chats.tap(HANH, "Đã phát", of=Rung.ITEM)

    assert entries(world) == [("aired", done.item_version_id), ("aired", done.replacement_id)]
    assert world.standing(DAK_WIL).sign is Sign.AIRED
    assert world.ask(record.verify) is None


async def test_the_time_told_for_the_old_one_keeps_its_words(world: World, chats: Chats) -> None:
    done = recall(world, recall_item(world))
    await later(world, minutes=21)

    chats.tap(HANH, "Đã phát bản cũ", of=Rung.RECALL)
    chats.tap(HANH, "Vừa phát xong")

    assert entries(world) == [("aired", done.item_version_id), ("corrected", done.item_version_id)]


async def test_who_stated_the_old_one_before_the_recall_keeps_that_line(world: World, chats: Chats) -> None:
    chats.tap(HANH, "Đã phát", of=Rung.ITEM)
    done = recall(world, recall_item(world))
    await later(world, minutes=21)
    assert world.standing(DAK_WIL).sign is Sign.PENDING

    assert "Không cần bấm lại" in chats.tap(HANH, "Đã phát bản cũ", of=Rung.RECALL)
    chats.tap(HANH, "Đã phát", of=Rung.ITEM)

    assert entries(world) == [("aired", done.item_version_id), ("aired", done.replacement_id)]


async def test_an_airing_of_the_corrected_item_before_it_came_is_doubted(world: World, chats: Chats) -> None:
    recall_item(world)
    await later(world, hours=3)

    chats.tap(HANH, "Đã phát", of=Rung.ITEM)
    assert "sau giờ anh/chị vừa chọn" in chats.say(HANH, "8:00")


async def test_not_aired_yet_is_thanked_and_counts_as_knowing(world: World, chats: Chats) -> None:
    done = recall_item(world)
    await later(world, minutes=21)
    duty, old = world.duties()[DAK_WIL].id, recall(world, done).item_version_id

    assert "Xin không phát bản cũ" in chats.press(HANH, f"notold:{duty}:{old}")
    assert "Anh/chị đã báo biết" in chats.tap(HANH, "Tôi đã rõ", of=Rung.RECALL)
    assert entries(world) == []


async def test_a_typed_yes_after_a_recall_is_asked_about(world: World, chats: Chats) -> None:
    done = recall(world, recall_item(world))
    await later(world, minutes=21)

    assert "Đài đã phát bản nào?" in chats.say(HANH, "đã phát")
    assert entries(world) == []
    chats.tap(HANH, "Đã phát tin thay thế")
    assert entries(world) == [("aired", done.replacement_id)]


async def test_cannot_air_the_corrected_item_after_the_old_one_was_aired(world: World, chats: Chats) -> None:
    recall_item(world)
    await later(world, minutes=21)
    chats.tap(HANH, "Đã phát bản cũ", of=Rung.RECALL)

    assert "Vì sao chưa phát được?" in chats.tap(HANH, "Chưa phát được", of=Rung.ITEM)
    chats.tap(HANH, "Mất điện")
    assert world.standing(DAK_WIL).sign is Sign.CANNOT
    chats.tap(HANH, "Đã phát")

    assert world.standing(DAK_WIL).sign is Sign.AIRED


async def test_with_nothing_instead_the_station_may_air_its_own(world: World, chats: Chats) -> None:
    recall_item(world, replaced=False)
    await later(world, minutes=21)

    assert "không có tin thay thế" in chats.say(HANH, "/tuannay")
    assert "Bản cũ này đài đã phát chưa?" in chats.say(HANH, "đã phát")
    chats.tap(HANH, "Đã phát bản cũ")
    assert world.standing(DAK_WIL).sign is Sign.AIRED, "aired in good faith, and nothing stands against it"


async def test_taking_back_a_press_on_the_old_message_does_not_dress_it_as_the_new(
    world: World, chats: Chats
) -> None:
    chats.tap(HANH, "Đã phát", of=Rung.ITEM)
    recall_item(world)
    await later(world, minutes=21)
    first = world.rows(HANH)[0]

    chats.press(HANH, f"undo:{first.duty_id}", first.message_ref or "")

    assert chats.last.edit is not None and "Đã thu hồi" in chats.last.edit.text
    assert [kind for kind, _ in entries(world)] == ["aired", "withdrawn"]


async def test_reminders_go_on_about_the_corrected_item(world: World, chats: Chats) -> None:
    chats.tap(HANH, "Đã phát", of=Rung.ITEM)
    recall_item(world)
    await later(world, minutes=30)

    await world.at(3, "08:00")

    assert world.arrived(HANH)[-1] == "reminder_1", "what was said about the old item is no answer"
    assert world.arrived(SON)[-1] == "reminder_1"


async def test_an_officer_nudges_nobody_about_an_item_that_is_gone(world: World, chats: Chats) -> None:
    await later(world, minutes=21)
    recall_item(world, replaced=False)
    await later(world, minutes=1)

    chats.press(CUC, f"nudge:{WEEK}")

    assert all(row.rung is not Rung.NUDGE for phone in (HANH, SON, LAN) for row in world.rows(phone))


async def test_the_second_person_hears_of_the_request_at_once_and_finds_the_page(
    world: World, chats: Chats
) -> None:
    waiting = ask(world)
    await later(world, minutes=21)

    assert texts(world, CUC) == []
    (alert,) = texts(world, DUYET)
    assert WHY in alert and "Chưa có gì bị dừng" in alert
    assert f"/recalls/{waiting}" in chats.tap(DUYET, "Mở trang xác nhận")
    confirm(world, waiting)
    assert "đã được xử lý" in chats.press(MINH, f"recall:{waiting}:open")


async def test_did_not_come_send_again_after_the_recall_sends_the_corrected_one_only(
    world: World, chats: Chats
) -> None:
    world.channel.fail(chat(SON), NO_ANSWER)
    await later(world, minutes=21)
    await later(world, minutes=6)
    question = next(one for one in world.rows(SON) if one.rung is Rung.ASK)
    had = len(titles(world, SON))
    recall_item(world)

    answer = chats.press(SON, f"again:{question.duty_id}", question.message_ref or "")
    await later(world, minutes=1)

    assert "không gửi lại" in answer
    assert len(titles(world, SON)) == had + 1 and "bản thay thế" in titles(world, SON)[-1]


async def test_the_claim_itself_refuses_an_old_row(world: World, chats: Chats) -> None:
    """Whatever opens an old row again: it is cancelled where it would have left."""
    recall_item(world)
    old = world.rows(SON)[0].id
    change(world, old, DeliveryState.QUEUED)
    had = len(titles(world, SON))

    await later(world, minutes=21)

    assert world.rows(SON)[0].state is CANCELLED
    assert ["bản thay thế" in title for title in titles(world, SON)[had:]] == [True]


async def test_a_claim_that_waited_for_an_upload_does_not_outlive_the_recall(
    world: World, chats: Chats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claimed before the recall, but its request had not left yet: it does not leave any more."""
    monkeypatch.setattr("scheduler.dispatch._FRESH_S", -1.0)
    before = len(world.channel.got(chat(SON)))
    reached: list[str] = []

    def recalled_meanwhile(moment: str, delivery_id: int) -> None:
        if moment == "claimed" and not reached:
            reached.append(moment)
            recall_item(world)

    world.ask(lambda s: s.execute(update(BotPace).values(paused_until_s=0.0)) and None)
    world.clock.forward_to(world.now + timedelta(minutes=20))
    world.ticker.jobs = AtOnce(
        Dispatcher(world.db, {"chat": world.channel}, world.clock, reached=recalled_meanwhile)
    )
    await world.ticker.run()

    assert reached == ["claimed"]
    assert all("bản thay thế" in title for title in titles(world, SON)[before:])


async def test_a_notice_that_may_not_have_come_is_sent_again_and_says_so(world: World, chats: Chats) -> None:
    world.channel.fail(chat(HANH), NO_ANSWER)
    recall_item(world)
    await later(world, minutes=1)
    await later(world, minutes=5)

    notices = [m.text for m in world.channel.got(chat(HANH)) if "không phát tin này nữa" in m.text]
    assert len(notices) == 2 and notices[1].startswith("(Tin này có thể đã tới")
