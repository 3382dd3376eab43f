"""The Zalo channel keeps the contract, with words in place of what Zalo does not have."""

from __future__ import annotations

import asyncio
import unicodedata
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.channels.text_parts import utf16_units
from bot.channels.zalo import MOST_CHARS, NoSuchBot, ZaloChannel
from bot.channels.zalo_text import Around
from scheduler.channel import Button, ChannelError, FileTooLarge, Outgoing, Sound
from tests.channels.contract import BUTTONS, ChannelContract, Seen, sound
from tests.channels.zalo_rig import LAN, ZaloRig, rig, send_and_fail

__all__ = ["rig", "sound"]
NOTICE = Outgoing(
    "Tin tuần 48",
    (
        (Button("Đã phát", "aired:7", "good"), Button("Chưa phát được", "cannot:7", "bad")),
        (Button("Xem lời đọc", "script:7"), Button("Lãnh đạo xã đã duyệt", "leader:7")),
    ),
)
SAID = "Tin tuần 48\nGõ 1 khi đã phát, gõ 2 khi chưa phát được.\nGõ 3: Xem lời đọc"


class TestZaloKeepsTheContract(ChannelContract):
    """Where Zalo lacks an ability, the test says what a person gets in its place."""

    async def test_buttons_stand_under_the_message_in_order(self, rig: ZaloRig) -> None:
        await rig.channel.send(rig.chat_id, NOTICE)

        assert rig.screen() == [Seen(SAID, (), False)]

    async def test_a_sound_carries_its_text_and_buttons_in_one_message(
        self, rig: ZaloRig, sound: Sound
    ) -> None:
        await rig.channel.send(rig.chat_id, replace(NOTICE, sound=sound))

        assert rig.screen() == [Seen(SAID, (), False)]

    async def test_a_sound_is_uploaded_once_and_then_sent_by_its_reference(
        self, rig: ZaloRig, sound: Sound
    ) -> None:
        """There is nothing to upload, and no file has to be there."""
        gone = replace(sound, path=Path("gone.mp3"))

        receipt = await rig.channel.send(rig.chat_id, Outgoing("Tin", sound=gone))

        assert (receipt.file_ref, rig.channel.abilities.sound) == (None, False)

    async def test_an_edit_replaces_text_and_buttons_of_a_text(self, rig: ZaloRig) -> None:
        """What was sent stays: whoever asks `abilities` does not even try."""
        receipt = await rig.channel.send(rig.chat_id, Outgoing("Tin tuần 48", BUTTONS))

        with pytest.raises(ChannelError) as failure:
            await rig.channel.edit(rig.chat_id, receipt.message_ref, Outgoing("khác"))

        assert (failure.value.permanent, rig.channel.abilities.edits) == (False, False)
        assert rig.screen() == [Seen("Tin tuần 48", (), False)]

    async def test_an_edit_under_a_sound_keeps_the_sound(self, rig: ZaloRig, sound: Sound) -> None:
        pytest.skip("nothing is edited")

    async def test_an_edit_that_changes_nothing_is_no_error(self, rig: ZaloRig) -> None:
        pytest.skip("nothing is edited")


async def test_an_answer_that_is_cut_after_the_first_part_may_have_arrived(rig: ZaloRig) -> None:
    long = Outgoing("chữ " * 1000)
    sends = rig.channel._client.send_message

    async def second_is_refused(chat_id: str, text: str) -> object:
        if rig.api.sent:
            rig.api.fail("429")
        return await sends(chat_id, text)

    rig.channel._client.send_message = second_is_refused  # type: ignore[method-assign,assignment]
    failure = await send_and_fail(rig, long)

    assert (failure.maybe_delivered, failure.permanent, len(rig.api.sent)) == (True, False, 1)


@pytest.mark.parametrize("code", ["400", "404"])
async def test_words_that_are_refused_do_not_turn_the_address_off(rig: ZaloRig, code: str) -> None:
    rig.api.fail(code)  # type: ignore[arg-type]

    failure = await send_and_fail(rig)

    assert (failure.permanent, failure.maybe_delivered) == (False, False)
    assert rig.api.calls[-1][0] == "sendChatAction"


@pytest.mark.parametrize("code", ["401", "403", "408", "429", "500", "ok_false", "html", "html_after"])
async def test_nothing_else_turns_an_address_off_however_often_it_comes(rig: ZaloRig, code: str) -> None:
    rig.api.fail(code, times=5)  # type: ignore[arg-type]

    assert [(await send_and_fail(rig)).permanent for _ in range(5)] == [False] * 5
    assert not any(method == "sendChatAction" for method, _ in rig.api.calls)


async def test_a_dead_chat_behind_a_server_in_trouble_is_not_given_up(rig: ZaloRig) -> None:
    rig.leave()
    rig.api.fail("500", method="sendChatAction")

    assert not (await send_and_fail(rig)).permanent


async def test_text_typed_in_pieces_leaves_in_one(rig: ZaloRig) -> None:
    await rig.channel.send(LAN, Outgoing(unicodedata.normalize("NFD", "Đã phát ở xã Đắk Wil")))

    assert rig.api.sent[-1].text == "Đã phát ở xã Đắk Wil"
    assert "parse_mode" not in rig.api.sent[-1].params


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ă" * 2000, 1),
        ("ă" * 2001, 2),
        ("📣" * 1000, 1),
        ("📣" * 1001, 2),
        ("ắ" * 1990 + "\n\n" + "x" * 50, 2),
    ],
)
async def test_a_long_text_goes_as_several_none_over_the_limit(rig: ZaloRig, text: str, parts: int) -> None:
    await rig.channel.send(LAN, Outgoing(text))

    sent = [one.text for one in rig.api.sent]
    assert len(sent) == parts
    assert max(utf16_units(one) for one in sent) <= MOST_CHARS
    assert "".join(sent) == text.replace("\n\n", "")


async def test_decomposed_letters_count_as_they_leave(rig: ZaloRig) -> None:
    await rig.channel.send(LAN, Outgoing(unicodedata.normalize("NFD", "ặ" * 2000)))

    assert len(rig.api.sent) == 1


async def test_what_stands_around_a_message_is_asked_for_its_chat_and_bot(rig: ZaloRig) -> None:
    async def around(bot: str, chat_id: str) -> Around:
        assert (bot, chat_id) == ("700800900", LAN)
        return Around((7, 8), "https://loaxa.example.vn/o/abc")

    rig.channel._around = around
    await rig.channel.send(LAN, NOTICE)

    assert "trên trang của anh/chị: https://loaxa.example.vn/o/abc" in rig.api.sent[-1].text
    assert "Gõ 1 A9 khi đã phát, gõ 2 A9 khi chưa phát được." in rig.api.sent[-1].text


async def test_a_store_that_is_away_leaves_the_message_unsent(rig: ZaloRig) -> None:
    async def away(bot: str, chat_id: str) -> Around:
        raise OSError("the store is away")

    rig.channel._around = away
    failure = await send_and_fail(rig)

    assert (failure.permanent, failure.maybe_delivered, rig.api.calls) == (False, False, [])


async def test_one_request_of_a_bot_is_under_way_at_a_time(rig: ZaloRig) -> None:
    at_once, most = 0, 0
    sends = rig.channel._client.send_message

    async def counted(chat_id: str, text: str) -> object:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        try:
            return await sends(chat_id, text)
        finally:
            at_once -= 1

    rig.channel._client.send_message = counted  # type: ignore[method-assign,assignment]
    await asyncio.gather(*(rig.channel.send(LAN, Outgoing(f"{n}")) for n in range(5)))

    assert (most, len(rig.api.sent)) == (1, 5)


async def test_the_link_opens_the_chat_with_the_bot(rig: ZaloRig) -> None:
    assert rig.channel.link() == ""
    await rig.channel.start()

    assert rig.channel.link() == "https://zalo.me/bot.700800900"


@pytest.mark.parametrize(
    "url",
    [
        "http://f1.zdn.vn/a.jpg", "https://evil.example/a.jpg", "https://zdn.vn.evil.example/a.jpg",
        "https://xzdn.vn/a.jpg", "https://zdn.vn@evil.example/a.jpg", "https://u:p@f1.zdn.vn/a.jpg",
        "https://f1.zdn.vn:8443/a.jpg", "file:///etc/passwd", "https://127.0.0.1/a.jpg", "", "https://[::1",
    ],
)  # fmt: skip
async def test_nothing_is_fetched_from_a_place_that_is_not_zalos(rig: ZaloRig, url: str) -> None:
    with pytest.raises(ChannelError):
        await rig.channel.fetch_file(url, 5000)

    assert rig.media.asked == []


async def test_a_redirect_is_not_followed(rig: ZaloRig) -> None:
    async def elsewhere(request: httpx.Request) -> httpx.Response:
        rig.media.asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "https://evil.example/"})

    channel = ZaloChannel(rig.api.token, media_transport=httpx.MockTransport(elsewhere))
    with pytest.raises(ChannelError, match="302"):
        await channel.fetch_file("https://f1.zdn.vn/a.jpg", 5000)

    assert rig.media.asked == ["https://f1.zdn.vn/a.jpg"]
    await channel.close()


async def test_a_file_over_ten_megabytes_is_not_taken_whatever_the_limit(rig: ZaloRig) -> None:
    url = rig.file_from_person(b"x" * (10 * 1024 * 1024 + 1))

    with pytest.raises(FileTooLarge):
        await rig.channel.fetch_file(url, 50 * 1024 * 1024)


async def test_a_bot_that_is_not_set_here_holds_its_messages_back() -> None:
    with pytest.raises(ChannelError) as failure:
        await NoSuchBot().send(LAN, NOTICE)

    assert (failure.value.permanent, failure.value.maybe_delivered) == (False, False)
