"""What people do in Telegram arrives once, in order, and means the same when it is read again."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.channels.telegram import TelegramChannel
from scheduler.channel import Button, ChannelError, Incoming, IncomingFile, Outgoing
from tests.bot_api import BotApi

CHAT = 1001
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[TelegramChannel]:
    made = TelegramChannel(api.token, base_url=api.url, base_file_url=api.file_url)
    yield made
    await made.close()


async def arrive(channel: TelegramChannel) -> list[Incoming | None]:
    return [channel.parse(update.body, NOW) for update in await channel.fetch(None, 5)]


async def arrive_one(channel: TelegramChannel) -> Incoming:
    (incoming,) = await arrive(channel)
    assert incoming
    return incoming


@pytest.mark.parametrize(
    "body", ["", "{", "null", "[]", "{}", '{"update_id": 5, "message": {"chat": 3}}', '{"update_id": "x"}']
)
def test_an_update_nobody_understands_is_nothing_and_no_crash(body: str) -> None:
    channel = TelegramChannel("123456:secret")

    assert channel.parse(body, NOW) is None


async def test_an_unreadable_update_does_not_hold_up_those_behind_it(
    api: BotApi, channel: TelegramChannel
) -> None:
    api.tell_raw({"message": {"surprise": True}})
    api.say(CHAT, "xin chào")

    broken, fine = await arrive(channel)

    assert broken is None
    assert fine and fine.text == "xin chào"


async def test_a_second_program_with_the_same_token_is_told_so(api: BotApi, channel: TelegramChannel) -> None:
    other = TelegramChannel(api.token, base_url=api.url)
    first = asyncio.create_task(channel.fetch(None, 30))
    await api.polled.wait()
    second = asyncio.create_task(other.fetch(None, 30))

    with pytest.raises(ChannelError, match="Một chương trình khác đang nhận tin"):
        await first
    second.cancel()
    await other.close()


async def test_polling_is_refused_under_a_webhook_until_it_is_taken_away(
    api: BotApi, channel: TelegramChannel
) -> None:
    await channel.set_webhook("https://loaxa.vn/telegram", "secret")
    with pytest.raises(ChannelError, match="webhook"):
        await channel.fetch(None, 0)

    await channel.start_polling()

    assert await channel.fetch(None, 0) == ()


async def test_updates_come_again_until_the_offset_moves(api: BotApi, channel: TelegramChannel) -> None:
    api.say(CHAT, "một")
    api.say(CHAT, "hai")

    first = await channel.fetch(None, 5)
    again = await channel.fetch(None, 5)
    after = await channel.fetch(first[0].update_id + 1, 5)

    assert first == again
    assert [json.loads(update.body)["message"]["text"] for update in after] == ["hai"]


async def test_a_message_ends_the_wait_at_once(api: BotApi, channel: TelegramChannel) -> None:
    waiting = asyncio.create_task(channel.fetch(None, 30))
    await api.polled.wait()

    api.say(CHAT, "xin chào")

    assert len(await asyncio.wait_for(waiting, 5)) == 1


async def test_an_invite_code_arrives_as_it_was_typed(api: BotApi, channel: TelegramChannel) -> None:
    message_id = api.say(CHAT, "/start K7TN-2Q")

    incoming = await arrive_one(channel)

    assert (incoming.kind, incoming.text, incoming.chat_id) == ("text", "/start K7TN-2Q", str(CHAT))
    assert (incoming.channel, incoming.bot, incoming.private) == ("telegram", "123456", True)
    assert incoming.message_ref == f"t:{message_id}"
    assert incoming.sent_at.tzinfo == UTC


async def test_text_typed_on_a_phone_that_decomposes_letters_is_composed(
    api: BotApi, channel: TelegramChannel
) -> None:
    api.say(CHAT, unicodedata.normalize("NFD", "Tuần này chưa phát được"))

    assert (await arrive_one(channel)).text == "Tuần này chưa phát được"


async def test_a_press_names_the_message_and_the_moment_of_fetching(
    api: BotApi, channel: TelegramChannel
) -> None:
    receipt = await channel.send(str(CHAT), Outgoing("Tin", ((Button("Đã phát", "d:7"),),)))
    press = api.tap(CHAT, "Đã phát")

    incoming = await arrive_one(channel)

    assert (incoming.kind, incoming.text, incoming.press_ref) == ("press", "d:7", press)
    assert (incoming.message_ref, incoming.sent_at) == (receipt.message_ref, NOW)


async def test_a_press_on_a_message_too_old_to_be_shown_still_counts(
    api: BotApi, channel: TelegramChannel
) -> None:
    api.press(CHAT, 424242, "d:7")

    incoming = await arrive_one(channel)

    assert (incoming.kind, incoming.text, incoming.chat_id) == ("press", "d:7", str(CHAT))
    assert (incoming.message_ref, incoming.sent_at) == ("t:424242", NOW)


async def test_of_a_photo_the_largest_size_is_taken(api: BotApi, channel: TelegramChannel) -> None:
    api.send_photo(CHAT, b"x" * 1000, caption="Loa thôn 3")

    incoming = await arrive_one(channel)

    assert incoming.file and api.files[incoming.file.file_ref] == b"x" * 1000
    assert (incoming.kind, incoming.file.kind, incoming.text) == ("file", "photo", "Loa thôn 3")


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("voice", "voice"),
        ("audio", "audio"),
        ("video", "video"),
        ("video_note", "video"),
        ("document", "file"),
    ],
)
def test_every_kind_of_file_is_known(field: str, kind: str) -> None:
    about = {"file_id": "F1", "file_unique_id": "u", "file_size": 9, "duration": 2}
    about |= {"width": 1, "height": 1, "length": 1}
    body = {"message_id": 3, "date": 1_760_000_000, "chat": {"id": CHAT, "type": "private"}, field: about}

    incoming = TelegramChannel("123456:secret").parse(json.dumps({"update_id": 1, "message": body}), NOW)

    assert incoming and incoming.file == IncomingFile(kind, "F1", 9)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content", [{"sticker": {}}, {"location": {"latitude": 12.0, "longitude": 107.7}}, {}]
)
def test_what_we_have_no_use_for_is_other(content: dict[str, object]) -> None:
    if "sticker" in content:
        content = {"sticker": {"file_id": "s", "file_unique_id": "u", "width": 1, "height": 1} | STICKER}
    body = {"message_id": 3, "date": 1_760_000_000, "chat": {"id": CHAT, "type": "private"}, **content}

    incoming = TelegramChannel("123456:secret").parse(json.dumps({"update_id": 1, "message": body}), NOW)

    assert incoming and (incoming.kind, incoming.file) == ("other", None)


STICKER = {"is_animated": False, "is_video": False, "type": "regular"}


async def test_a_group_is_marked_so_that_nothing_is_recorded_from_it(
    api: BotApi, channel: TelegramChannel
) -> None:
    api.say(-200, "/start K7TN-2Q", group=True)

    assert not (await arrive_one(channel)).private


async def test_blocking_and_coming_back_are_told_apart(api: BotApi, channel: TelegramChannel) -> None:
    api.block(CHAT)
    api.unblock(CHAT)

    blocked, back = await arrive(channel)

    assert blocked and back
    assert (blocked.kind, back.kind) == ("blocked", "other")
    assert blocked.chat_id == str(CHAT)


async def test_an_edited_message_changes_nothing(api: BotApi, channel: TelegramChannel) -> None:
    edited = {"message_id": 3, "date": 1_760_000_000, "edit_date": 1_760_000_001, "text": "khác"}
    update = {"update_id": 9, "edited_message": {**edited, "chat": {"id": CHAT, "type": "private"}}}
    api.tell_raw({"edited_message": update["edited_message"]})

    assert await channel.fetch(None, 0) == ()
    assert channel.parse(json.dumps(update), NOW) is None


async def test_an_update_read_again_after_a_crash_means_the_same(
    api: BotApi, channel: TelegramChannel
) -> None:
    api.press(CHAT, 5, "d:7")
    (update,) = await channel.fetch(None, 5)

    restarted = TelegramChannel(api.token, base_url=api.url)

    assert restarted.parse(update.body, NOW) == channel.parse(update.body, NOW)
    await restarted.close()
