"""What every channel promises to the rest of the program. Each channel's test file subclasses ChannelContract
and gives a fixture `rig`: the channel, one reachable person, and ways to look at what that person got.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from scheduler.channel import Button, Channel, ChannelError, FileTooLarge, Outgoing, Sound

BUTTONS = (
    (Button("Đã phát", "d:7:done", "good"), Button("Chưa phát được", "d:7:not", "bad")),
    (Button("Xem lời đọc", "d:7:script"),),
)
LABELS = ("Đã phát", "Chưa phát được", "Xem lời đọc")


@dataclass(frozen=True)
class Seen:
    """A message as it stands on the person's screen now."""

    text: str
    labels: tuple[str, ...]
    has_sound: bool


class Rig(Protocol):
    """What a channel's test file builds for the contract."""

    channel: Channel
    chat_id: str

    def screen(self) -> list[Seen]:
        """All messages the person sees, oldest first, edits applied."""
        ...

    def uploads(self) -> int:
        """How often the bytes of a sound went out."""
        ...

    def leave(self) -> None:
        """The person blocks the bot, leaves, or is deleted: for good."""
        ...

    def refuse_next(self) -> None:
        """The service refuses the next send for now."""
        ...

    def swallow_next_answer(self) -> None:
        """The next send arrives, but we never learn of it."""
        ...

    def file_from_person(self, body: bytes) -> str:
        """The person sent this file. Returns its file_ref."""
        ...


class ChannelContract:
    async def test_a_person_the_service_refuses_for_good_is_reported_as_permanent(self, rig: Rig) -> None:
        rig.leave()

        with pytest.raises(ChannelError) as failure:
            await rig.channel.send(rig.chat_id, Outgoing("Tin tuần 48"))

        assert (failure.value.permanent, failure.value.maybe_delivered) == (True, False)

    async def test_a_send_refused_for_now_did_not_arrive_and_works_later(self, rig: Rig) -> None:
        rig.refuse_next()

        with pytest.raises(ChannelError) as failure:
            await rig.channel.send(rig.chat_id, Outgoing("Tin tuần 48"))
        await rig.channel.send(rig.chat_id, Outgoing("Tin tuần 48"))

        assert (failure.value.permanent, failure.value.maybe_delivered) == (False, False)
        assert [seen.text for seen in rig.screen()] == ["Tin tuần 48"]

    async def test_a_send_without_an_answer_is_reported_as_maybe_delivered(self, rig: Rig) -> None:
        rig.swallow_next_answer()

        with pytest.raises(ChannelError) as failure:
            await rig.channel.send(rig.chat_id, Outgoing("Tin tuần 48"))

        assert (failure.value.permanent, failure.value.maybe_delivered) == (False, True)
        assert [seen.text for seen in rig.screen()] == ["Tin tuần 48"]

    async def test_a_file_over_the_limit_is_not_handed_over(self, rig: Rig) -> None:
        file_ref = rig.file_from_person(b"x" * 5001)

        with pytest.raises(FileTooLarge):
            await rig.channel.fetch_file(file_ref, max_bytes=5000)

    async def test_a_file_that_does_not_exist_is_a_channel_error(self, rig: Rig) -> None:
        with pytest.raises(ChannelError):
            await rig.channel.fetch_file("no-such-file", max_bytes=5000)

    async def test_a_file_of_exactly_the_limit_arrives_whole(self, rig: Rig) -> None:
        body = bytes(range(250)) * 20
        file_ref = rig.file_from_person(body)

        assert await rig.channel.fetch_file(file_ref, max_bytes=5000) == body

    async def test_a_text_arrives_as_it_was_written_markup_signs_too(self, rig: Rig) -> None:
        text = "Bà con <b>xem</b> *kỹ* _nhé_ & đừng [bấm](http://vi.du) 📣"

        await rig.channel.send(rig.chat_id, Outgoing(text))

        assert rig.screen() == [Seen(text, (), False)]

    async def test_buttons_stand_under_the_message_in_order(self, rig: Rig) -> None:
        await rig.channel.send(rig.chat_id, Outgoing("Tin tuần 48", BUTTONS))

        assert rig.screen()[0].labels == LABELS

    async def test_a_sound_carries_its_text_and_buttons_in_one_message(self, rig: Rig, sound: Sound) -> None:
        await rig.channel.send(rig.chat_id, Outgoing("Tin tuần 48", BUTTONS, sound=sound))

        assert rig.screen() == [Seen("Tin tuần 48", LABELS, True)]

    async def test_a_sound_is_uploaded_once_and_then_sent_by_its_reference(
        self, rig: Rig, sound: Sound
    ) -> None:
        first = await rig.channel.send(rig.chat_id, Outgoing("một", sound=sound))
        known = Sound(Path("gone.mp3"), "t", "p", 3, sound.sha256, file_ref=first.file_ref)

        await rig.channel.send(rig.chat_id, Outgoing("hai", sound=known))

        assert first.file_ref
        assert rig.uploads() == 1
        assert [seen.has_sound for seen in rig.screen()] == [True, True]

    async def test_an_edit_replaces_text_and_buttons_of_a_text(self, rig: Rig) -> None:
        receipt = await rig.channel.send(rig.chat_id, Outgoing("Tin tuần 48", BUTTONS))

        await rig.channel.edit(rig.chat_id, receipt.message_ref, Outgoing("Đã ghi: phát lúc 17:15"))

        assert rig.screen() == [Seen("Đã ghi: phát lúc 17:15", (), False)]

    async def test_an_edit_under_a_sound_keeps_the_sound(self, rig: Rig, sound: Sound) -> None:
        receipt = await rig.channel.send(rig.chat_id, Outgoing("Tin tuần 48", BUTTONS, sound=sound))

        await rig.channel.edit(rig.chat_id, receipt.message_ref, Outgoing("Đã ghi", BUTTONS[:1]))

        assert rig.screen() == [Seen("Đã ghi", LABELS[:2], True)]

    async def test_an_edit_that_changes_nothing_is_no_error(self, rig: Rig) -> None:
        message = Outgoing("Tin tuần 48", BUTTONS)
        receipt = await rig.channel.send(rig.chat_id, message)

        await rig.channel.edit(rig.chat_id, receipt.message_ref, message)

        assert rig.screen() == [Seen("Tin tuần 48", LABELS, False)]

    async def test_references_of_two_messages_differ(self, rig: Rig) -> None:
        first = await rig.channel.send(rig.chat_id, Outgoing("một"))
        second = await rig.channel.send(rig.chat_id, Outgoing("hai"))

        assert first.message_ref != second.message_ref


@pytest.fixture
def sound(tmp_path: Path) -> Sound:
    """A small file with bytes that a careless form parser would spoil."""
    path = tmp_path / "tuan-48.mp3"
    path.write_bytes(b"ID3\x04\r\n\r\n--\xff\xfb\x90\x00" * 200)
    return Sound(path, "VNeID là gì", "Loa Xã, tuần 48/2026", duration_s=180, sha256="a" * 64)
