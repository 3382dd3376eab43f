"""Telegram keeps the channel contract, and what is Telegram's own beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.channels.telegram import TelegramChannel
from bot.channels.text_parts import utf16_units
from scheduler.channel import Button, ChannelError, FileTooLarge, Outgoing, Sound
from tests.channels.contract import BUTTONS, LABELS, ChannelContract, sound
from tests.channels.telegram_rig import CHAT, TelegramRig, rig, send_and_fail

__all__ = ["rig", "sound"]


class TestTelegramKeepsTheContract(ChannelContract):
    pass


async def test_a_missing_sound_file_is_named_and_nothing_left(rig: TelegramRig) -> None:
    gone = Sound(Path("không-có.mp3"), "t", "p", 3, "b" * 64)

    failure = await send_and_fail(rig, Outgoing("Tin", sound=gone))

    assert "không-có.mp3" in failure.reason and not failure.maybe_delivered
    assert rig.api.sent == []


async def test_many_sends_of_a_new_sound_upload_it_once(rig: TelegramRig, sound: Sound) -> None:
    rig.api.latency_s = 0.02

    await asyncio.gather(*(rig.channel.send(str(n), Outgoing("Tin", sound=sound)) for n in range(1, 21)))

    assert (rig.api.upload_count, len(rig.api.sent)) == (1, 20)


async def test_a_sound_reference_of_another_bot_is_replaced_by_an_upload(
    rig: TelegramRig, sound: Sound
) -> None:
    foreign = Sound(sound.path, "t", "p", 3, sound.sha256, file_ref="audio-of-another-bot")

    receipt = await rig.channel.send(rig.chat_id, Outgoing("Tin", sound=foreign))

    assert receipt.file_ref in rig.api.files
    assert rig.api.files[receipt.file_ref] == sound.path.read_bytes()


async def test_a_sound_shows_its_title_and_length_in_the_player(rig: TelegramRig, sound: Sound) -> None:
    await rig.channel.send(rig.chat_id, Outgoing("Tin", sound=sound))

    params = rig.api.sent[0].params
    assert (params["title"], params["performer"], params["duration"]) == (sound.title, sound.performer, "180")


async def test_a_failed_upload_does_not_hold_up_the_next(rig: TelegramRig, sound: Sound) -> None:
    rig.api.fail("429")
    await send_and_fail(rig, Outgoing("Tin", sound=sound))

    receipt = await rig.channel.send(rig.chat_id, Outgoing("Tin", sound=sound))

    assert receipt.file_ref


async def test_a_picture_and_a_document_carry_text_and_buttons(rig: TelegramRig, tmp_path: Path) -> None:
    path = tmp_path / "bieu-ngu.bin"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")

    await rig.channel.send(rig.chat_id, Outgoing("Biểu ngữ", BUTTONS, picture=path))
    await rig.channel.send(rig.chat_id, Outgoing("Văn bản", BUTTONS, document=path))

    assert [seen.text for seen in rig.screen()] == ["Biểu ngữ", "Văn bản"]
    assert [seen.labels for seen in rig.screen()] == [LABELS, LABELS]
    assert list(rig.api.files.values()) == [path.read_bytes()] * 2


async def test_good_and_bad_buttons_are_coloured(rig: TelegramRig) -> None:
    await rig.channel.send(rig.chat_id, Outgoing("Tin", BUTTONS))

    rows = rig.api.messages[CHAT, 1]["reply_markup"]["inline_keyboard"]
    assert [[button.get("style") for button in row] for row in rows] == [["success", "danger"], [None]]


async def test_a_long_text_goes_in_parts_cut_between_words_the_buttons_under_the_last(
    rig: TelegramRig,
) -> None:
    text = "📣 Bà con chú ý nghe đài. " * 400

    receipt = await rig.channel.send(rig.chat_id, Outgoing(text, BUTTONS))

    parts = rig.api.to(CHAT)
    assert len(parts) == 3
    assert all(utf16_units(part.text) <= 4096 for part in parts)
    assert " ".join(part.text for part in parts).split() == text.split()
    assert [bool(part.buttons) for part in parts] == [False, False, True]
    assert receipt.message_ref == f"t:{parts[-1].message_id}"


async def test_a_caption_too_long_for_a_sound_goes_on_as_text(rig: TelegramRig, sound: Sound) -> None:
    receipt = await rig.channel.send(rig.chat_id, Outgoing("lời đọc " * 300, BUTTONS, sound=sound))

    first, second = rig.api.to(CHAT)
    assert (first.method, second.method) == ("sendAudio", "sendMessage")
    assert not first.buttons and second.buttons
    assert receipt.file_ref


async def test_a_refusal_after_the_first_part_must_not_be_sent_again(rig: TelegramRig, sound: Sound) -> None:
    rig.api.fail("429", method="sendMessage")

    failure = await send_and_fail(rig, Outgoing("lời đọc " * 300, sound=sound))

    assert failure.maybe_delivered and failure.retry_after


async def test_an_edit_that_is_too_long_is_cut_and_says_so(rig: TelegramRig, sound: Sound) -> None:
    receipt = await rig.channel.send(rig.chat_id, Outgoing("Tin", sound=sound))

    await rig.channel.edit(rig.chat_id, receipt.message_ref, Outgoing("lời đọc " * 300))

    assert rig.screen()[0].text.endswith("đọc…")


async def test_an_edit_finds_the_caption_when_the_kind_was_guessed_wrong(
    rig: TelegramRig, sound: Sound
) -> None:
    receipt = await rig.channel.send(rig.chat_id, Outgoing("Tin", sound=sound))

    await rig.channel.edit(rig.chat_id, receipt.message_ref.replace("c:", "t:"), Outgoing("Đã ghi"))

    assert rig.screen()[0].text == "Đã ghi"


async def test_an_edit_of_a_deleted_message_is_an_error_of_that_message_only(rig: TelegramRig) -> None:
    with pytest.raises(ChannelError) as failure:
        await rig.channel.edit(rig.chat_id, "t:99999", Outgoing("Đã ghi"))

    assert not failure.value.permanent


async def test_a_press_is_acknowledged_and_a_late_second_time_is_no_error(rig: TelegramRig) -> None:
    await rig.channel.send(rig.chat_id, Outgoing("Tin", ((Button("Đã phát", "x"),),)))
    press = rig.api.tap(CHAT, "Đã phát")

    await rig.channel.acknowledge(press)
    await rig.channel.acknowledge(press)

    answers = [sent for sent in rig.api.sent if sent.method == "answerCallbackQuery"]
    assert len(answers) == 1


async def test_a_file_telegram_itself_refuses_as_too_big_is_too_large(rig: TelegramRig) -> None:
    file_ref = rig.file_from_person(b"x" * (20 * 1024 * 1024 + 1))

    with pytest.raises(FileTooLarge):
        await rig.channel.fetch_file(file_ref, max_bytes=50 * 1024 * 1024)


async def test_a_file_that_lies_about_its_size_is_cut_off_while_it_comes(rig: TelegramRig) -> None:
    file_ref = rig.file_from_person(b"x" * 100)
    rig.api.sizes_told[file_ref] = 10

    with pytest.raises(FileTooLarge):
        await rig.channel.fetch_file(file_ref, max_bytes=50)


async def test_the_invite_link_names_the_bot(rig: TelegramRig) -> None:
    await rig.channel.start()

    assert rig.channel.link("K7TN-2Q") == "https://t.me/loaxa_test_bot?start=K7TN-2Q"


@pytest.mark.parametrize("token", ["", "123456", "abc:secret", "123456:", ":x"])
def test_a_malformed_token_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(ValueError, match="Telegram token") as failure:
        TelegramChannel(token)

    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("ending", ["", "/", "/bot", "/bot/"])
async def test_the_base_url_works_with_and_without_its_ending(rig: TelegramRig, ending: str) -> None:
    channel = TelegramChannel(rig.api.token, base_url=f"http://127.0.0.1:{rig.api.port}{ending}")
    file_ref = rig.file_from_person(b"OggS")

    assert await channel.fetch_file(file_ref, 100)
    await channel.close()
