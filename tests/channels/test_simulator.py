"""The simulator keeps the channel contract: what is tried on it holds for a real messenger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from airlog import phone
from airlog.db import Database
from bot.channels.simulator import SimulatorChannel, rows_from_json
from bot.desk import Desk
from bot.phone import NoSuchButton, Phone
from bot.reception import Reception
from scheduler.channel import ChannelError, Outgoing, Sound
from scheduler.clock import HandClock
from tests.channels.contract import BUTTONS, LABELS, ChannelContract, Seen, sound
from tests.talk_world import LAN, TUESDAY, Talk, talk

__all__ = ["sound", "talk"]
CHAT = "p1"


@dataclass
class SimulatorRig:
    channel: SimulatorChannel
    db: Database
    chat_id: str = CHAT

    def screen(self) -> list[Seen]:
        with self.db.reading() as session:
            return [
                Seen(
                    row.text,
                    tuple(button.label for line in rows_from_json(row.buttons) for button in line),
                    row.media_kind == "audio",
                )
                for row in phone.chat(session, CHAT)
            ]

    def uploads(self) -> int:
        return 1

    def leave(self) -> None:
        pytest.skip("nobody can block the simulator")

    def refuse_next(self) -> None:
        pytest.skip("the simulator refuses nobody")

    def swallow_next_answer(self) -> None:
        pytest.skip("the simulator has no line that could be cut")

    def file_from_person(self, body: bytes) -> str:
        return self.channel.keep_upload("loa.jpg", body)


@pytest.fixture
def rig(bare_store: Database, tmp_path: Path) -> SimulatorRig:
    return SimulatorRig(SimulatorChannel(bare_store, HandClock(TUESDAY), tmp_path / "phone"), bare_store)


class TestTheSimulatorKeepsTheContract(ChannelContract):
    async def test_a_sound_is_uploaded_once_and_then_sent_by_its_reference(
        self, rig: SimulatorRig, sound: Sound
    ) -> None:
        """Here nothing is uploaded: the reference only has to be there."""
        receipt = await rig.channel.send(rig.chat_id, Outgoing("Tin", sound=sound))

        assert receipt.file_ref == sound.sha256


async def test_a_message_that_is_not_in_the_chat_is_not_edited(rig: SimulatorRig) -> None:
    receipt = await rig.channel.send(CHAT, Outgoing("Tin", BUTTONS))

    for chat, ref in (("p2", receipt.message_ref), (CHAT, "999"), (CHAT, "x")):
        with pytest.raises(ChannelError):
            await rig.channel.edit(chat, ref, Outgoing("khác"))

    assert rig.screen() == [Seen("Tin", LABELS, False)]


@pytest.mark.parametrize("name", ["../../loaxa.db", "/etc/passwd"])
async def test_an_upload_stays_in_its_folder(rig: SimulatorRig, tmp_path: Path, name: str) -> None:
    ref = rig.channel.keep_upload(name, b"x")

    assert rig.channel.upload_path(ref).parent == tmp_path / "phone"
    assert await rig.channel.fetch_file(ref, 10) == b"x"


async def test_nothing_outside_the_folder_of_uploads_is_handed_over(rig: SimulatorRig) -> None:
    with pytest.raises(ChannelError):
        await rig.channel.fetch_file("../loaxa.db", 10_000_000)


async def test_a_button_that_is_gone_cannot_be_pressed(talk: Talk, tmp_path: Path) -> None:
    clock = HandClock(TUESDAY)
    channel = SimulatorChannel(talk.db, clock, tmp_path / "phone")
    reception = Reception(talk.db, Desk(("simulator",), "", tmp_path), clock)
    hand = Phone(talk.db, channel, reception, clock)
    receipt = await channel.send(LAN, Outgoing("Tin", BUTTONS))

    for chat, number, data in (
        (LAN, int(receipt.message_ref), "nope"),
        ("p9", int(receipt.message_ref), "d:7:done"),
    ):
        with pytest.raises(NoSuchButton):
            await hand.press(chat, number, data)
    with pytest.raises(NoSuchButton):
        await hand.press(LAN, 10**6, "d:7:done")
