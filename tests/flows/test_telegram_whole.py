"""Whole conversations over Telegram, from the invite to the airing log, and what a crash leaves of them."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from airlog import airchecks
from airlog.models import Address, IncomingUpdate, Rundown
from airlog.types import AddressState
from bot.reception import Reception
from content import messages
from scheduler.channel import Channel
from scheduler.clock import HandClock
from tests.talk_world import give_sound
from tests.telegram_world import BINH, LAN, Line, build_app, line

__all__ = ["line"]


@pytest.fixture(autouse=True)
def sound_of_all_weeks(line: Line, tmp_path: Path) -> None:
    """At the end of a week the tick makes the next week's sound; these tests are about talking, not about voices."""
    with line.app.db.session() as session:
        for rundown in session.scalars(select(Rundown)).unique():
            give_sound(session, rundown, tmp_path, datetime.now(UTC))


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "#888").save(out, "JPEG")
    return out.getvalue()


def stored(line: Line) -> list[IncomingUpdate]:
    with line.app.db.session() as session:
        return list(session.scalars(select(IncomingUpdate).order_by(IncomingUpdate.id)))


async def test_from_the_invite_to_the_log(line: Line) -> None:
    line.poll()
    line.api.say(LAN, f"/start {line.code(LAN)}")
    assert "Chào anh/chị Trần Thị Lan" in (await line.reply(LAN)).text

    await line.send_week()
    item = await line.reply(LAN, 2)
    assert (item.method, item.params["duration"]) == ("sendAudio", "112")
    assert "Dài 1 phút 52 giây" in item.text and len(item.text) < 1024
    assert [label for label, _ in item.buttons] == [
        "Đã phát",
        "Chưa phát được",
        "Xem lời đọc",
        "Lãnh đạo xã đã duyệt",
    ]

    line.api.tap(LAN, messages.AIRED)
    assert "Tin phát lúc nào?" in (await line.reply(LAN, 3)).text
    line.api.tap(LAN, messages.JUST_NOW)
    assert "Cảm ơn anh/chị" in (await line.reply(LAN, 4)).text

    assert [entry.kind for entry in line.log()] == ["aired", "corrected"]
    assert [entry.channel for entry in line.log()] == ["telegram"] * 2


async def test_the_tapped_message_keeps_its_sound_and_shows_what_stands(line: Line) -> None:
    line.enrol(LAN)
    line.poll()
    await line.send_week()
    item = await line.reply(LAN)

    line.api.tap(LAN, messages.AIRED)
    await line.until(lambda: any(s.method == "editMessageCaption" for s in line.api.sent))

    message = line.api.messages[LAN, item.message_id]
    assert "audio" in message and "Đã phát · xác nhận lúc" in message["caption"]
    assert any(s.method == "answerCallbackQuery" for s in line.api.sent)


async def test_the_week_goes_out_once_though_the_tick_runs_twice(line: Line) -> None:
    line.enrol(LAN, BINH)

    await line.send_week()
    await line.send_week()

    assert [len(line.api.to(chat)) for chat in (LAN, BINH)] == [1, 1]
    assert line.api.upload_count == 1


async def test_ten_quick_taps_make_one_entry(line: Line) -> None:
    line.enrol(LAN)
    line.poll()
    await line.send_week()
    item = await line.reply(LAN)

    for _ in range(10):
        line.api.press(LAN, item.message_id, item.buttons[0][1])
    await line.until(lambda: len(line.api.to(LAN)) == 11)

    assert len(line.log()) == 1


async def test_two_operators_at_the_same_moment_make_one_entry(line: Line) -> None:
    line.enrol(LAN, BINH)
    line.poll()
    await line.send_week()
    data = (await line.reply(LAN)).buttons[0][1]

    line.api.press(LAN, 1, data)
    line.api.press(BINH, 1, data)
    await line.reply(LAN, 2)
    await line.reply(BINH, 2)

    assert len(line.log()) == 1
    assert sum("đã xác nhận" in line.api.to(chat)[-1].text for chat in (LAN, BINH)) == 1


async def test_a_tap_and_the_words_after_it_are_answered_in_their_order(line: Line) -> None:
    line.enrol(LAN)
    await line.send_week()
    item = await line.reply(LAN)
    line.api.latency_s = 0.05
    line.api.press(LAN, item.message_id, item.buttons[1][1])
    line.api.press(LAN, item.message_id, item.buttons[1][1].replace("cannot", "why") + ":other")
    line.api.say(LAN, "Chuột cắn dây loa")

    line.poll()
    await line.reply(LAN, 4)

    assert [entry.note for entry in line.log()] == ["Chuột cắn dây loa"]


async def test_a_tap_that_was_stored_before_a_crash_is_handled_once_after_it_with_its_own_time(
    line: Line,
) -> None:
    line.enrol(LAN)
    await line.send_week()
    item = await line.reply(LAN)
    line.api.press(LAN, item.message_id, item.buttons[0][1])
    two_hours_ago = datetime.now(UTC) - timedelta(hours=2)
    killed = build_app(line.api, line.folder, HandClock(two_hours_ago))
    assert killed.telegram is not None
    for raw in await killed.telegram.fetch(None, 0):
        await killed.reception.store(killed.telegram, str(raw.update_id), raw.body)
    await killed.close()

    line.poll()
    await line.reply(LAN, 2)
    await line.quiet()

    assert [entry.stated_at for entry in line.log()] == [two_hours_ago]
    assert len(line.api.to(LAN)) == 2


async def test_after_a_crash_an_update_that_was_answered_is_not_answered_again(line: Line) -> None:
    line.enrol(LAN)
    line.api.say(LAN, "/trogiup")
    first = build_app(line.api, line.folder)
    assert first.telegram is not None
    (raw,) = await first.telegram.fetch(None, 0)
    row_id = await first.reception.store(first.telegram, str(raw.update_id), raw.body)
    assert row_id is not None
    await first.reception.take(first.telegram, row_id, first.telegram.parse(raw.body, datetime.now(UTC)))
    await first.close()

    line.poll()
    await line.quiet()

    assert len(line.api.to(LAN)) == 1


async def test_the_same_update_given_twice_at_once_is_handled_once(line: Line) -> None:
    line.enrol(LAN)
    await line.send_week()
    item = await line.reply(LAN)
    line.api.press(LAN, item.message_id, item.buttons[0][1])
    telegram, reception = line.app.telegram, line.app.reception
    assert telegram is not None
    (raw,) = await telegram.fetch(None, 0)
    rows = [await reception.store(telegram, str(raw.update_id), raw.body) for _ in range(2)]
    incoming = telegram.parse(raw.body, datetime.now(UTC))

    await asyncio.gather(*(reception.take(telegram, row, incoming) for row in rows if row))

    assert (len(set(rows)), len(line.log()), len(line.api.to(LAN))) == (1, 1, 2)


async def test_an_update_nobody_understands_does_not_hold_up_the_next(line: Line) -> None:
    line.enrol(LAN)
    line.api.tell_raw({"message": {"message_id": "x"}})
    line.api.tell_raw({"poll": {}})
    line.api.say(LAN, "/trogiup")

    line.poll()
    await line.reply(LAN)

    await line.quiet()
    assert all(update.handled_at is not None for update in stored(line))


async def test_what_cannot_be_stored_is_not_confirmed_and_comes_again(line: Line) -> None:
    class Stumbling(Reception):
        failed = False

        async def store(self, channel: Channel, update_id: str, body: str) -> int | None:
            if not self.failed:
                self.failed = True
                raise OSError("no space left")
            return await super().store(channel, update_id, body)

    line.enrol(LAN)
    line.api.say(LAN, "/trogiup")

    line.poll(Stumbling(line.app.db, line.app.desk, line.app.clock))

    assert "/tuannay" in (await line.reply(LAN)).text


async def test_a_service_that_is_down_at_the_start_is_waited_for(line: Line) -> None:
    line.enrol(LAN)
    line.api.fail("500", method="getMe")
    line.api.say(LAN, "/trogiup")

    line.poll()

    assert "/tuannay" in (await line.reply(LAN)).text


async def test_a_reply_that_does_not_leave_changes_nothing_on_record(line: Line) -> None:
    line.enrol(LAN)
    line.poll()
    await line.send_week()
    await line.reply(LAN)
    line.api.fail("500", method="sendMessage")

    line.api.tap(LAN, messages.AIRED)
    await line.until(lambda: len(line.log()) == 1)
    line.api.say(LAN, "/tuannay")

    assert "đã báo phát tin" in (await line.reply(LAN, 2)).text


async def test_a_photo_becomes_proof_without_its_hidden_data(line: Line, tmp_path: Path) -> None:
    line.enrol(LAN)
    line.poll()
    await line.send_week()
    await line.reply(LAN)
    line.api.tap(LAN, messages.AIRED)
    await line.reply(LAN, 2)

    line.api.send_photo(LAN, photo())

    assert "Đã nhận ảnh" in (await line.reply(LAN, 3)).text
    with line.app.db.session() as session:
        (proof,) = airchecks.of_duty(session, line.log()[0].duty_id)
    assert Path(proof.path).parent == tmp_path / "airchecks"


@pytest.mark.parametrize(
    ("body", "name", "told"),
    [
        (b"x" * 1_100_000, "loa.jpg", messages.file_too_large(1)),
        ("không phải ảnh".encode() * 50, "loa.jpg", messages.FILE_UNREADABLE),
        (b"%PDF-1.7\n" + b"0" * 500, "bien-ban.pdf", messages.FILE_UNREADABLE),
        (b"", "rong.jpg", messages.FILE_UNREADABLE),
    ],
)
async def test_a_file_that_is_no_proof_is_refused_in_words(
    line: Line, body: bytes, name: str, told: str
) -> None:
    line.enrol(LAN)
    line.poll()

    line.api.send_document(LAN, body, name)

    assert (await line.reply(LAN)).text == told


async def test_a_failure_of_ours_is_said_and_the_update_is_kept(line: Line, tmp_path: Path) -> None:
    (tmp_path / "airchecks").write_text("a file where the folder should be")
    line.enrol(LAN)
    line.poll()

    line.api.send_photo(LAN, photo())

    assert (await line.reply(LAN)).text == messages.OUR_FAULT
    (update,) = stored(line)
    assert update.error and json.loads(update.body)["message"]["photo"]


async def test_a_stranger_a_group_and_a_used_code_get_one_clear_sentence(line: Line) -> None:
    code = line.code(LAN)
    line.poll()
    line.api.say(LAN, f"/start {code}")
    await line.reply(LAN)

    line.api.say(4004, f"/start {code}")
    line.api.say(4005, "xin chào")
    line.api.say(-77, f"/start {code}", group=True)

    assert "Mã mời này đã dùng lúc" in (await line.reply(4004)).text
    assert (await line.reply(4005)).text == messages.NEED_CODE
    assert (await line.reply(-77)).text == messages.GROUP_CHAT


async def test_whoever_blocks_the_bot_is_marked_and_is_back_with_the_next_word(line: Line) -> None:
    line.enrol(LAN)
    line.poll()

    def state() -> AddressState:
        with line.app.db.session() as session:
            return session.scalars(select(Address.state)).one()

    line.api.block(LAN)
    await line.until(lambda: state() is AddressState.BLOCKED)
    line.api.unblock(LAN)

    await line.until(lambda: state() is AddressState.ACTIVE)
