"""Acting on a phone of the simulator: typing, pressing, sending a file. The page and the demo both come through here."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from typing import Literal

from airlog import phone
from airlog.db import Database
from airlog.models import SimMessage
from bot.channels.simulator import SimulatorChannel, rows_from_json
from bot.reception import Reception
from scheduler.channel import Answer, FileKind, Incoming, IncomingFile
from scheduler.clock import Clock

_KINDS: dict[str, FileKind] = {"image": "photo", "audio": "audio", "video": "video"}


class NoSuchButton(Exception):
    """The message is gone, or has no such button any more."""


class Phone:
    """What people do on the simulated phones, turned into stored updates like a service's."""

    def __init__(self, db: Database, channel: SimulatorChannel, reception: Reception, clock: Clock) -> None:
        self._db, self._channel, self._reception, self._clock = db, channel, reception, clock

    async def say(self, chat_id: str, text: str) -> Answer:
        """Type a text."""
        bubble = SimMessage(chat_id=chat_id, from_person=True, text=text, sent_at=self._clock.now())
        row = await self._db.run(phone.add, bubble)
        return await self._arrive(chat_id, "text", str(row.id), text)

    async def press(self, chat_id: str, message_id: int, data: str) -> Answer:
        """Press a button that the message has now. Raises NoSuchButton."""
        row = await self._db.read(phone.message, message_id)
        if row is None or row.chat_id != chat_id:
            raise NoSuchButton
        if not any(button.data == data for line in rows_from_json(row.buttons) for button in line):
            raise NoSuchButton
        return await self._arrive(chat_id, "press", str(message_id), data, press_ref="1")

    async def send_file(self, chat_id: str, name: str, mime: str, data: bytes) -> Answer:
        """Send a photo, recording or other file."""
        ref = self._channel.keep_upload(f"{uuid.uuid4().hex}{_suffix(name)}", data)
        kind: FileKind = _KINDS.get(mime.partition("/")[0], "file")
        bubble = SimMessage(
            chat_id=chat_id, from_person=True, text="", media_title=name, sent_at=self._clock.now()
        )
        bubble.media_kind = "photo" if kind == "photo" else "audio" if kind == "audio" else "document"
        bubble.media_path = str(self._channel.upload_path(ref))
        row = await self._db.run(phone.add, bubble)
        return await self._arrive(chat_id, "file", str(row.id), file=IncomingFile(kind, ref, len(data), name))

    async def _arrive(
        self,
        chat_id: str,
        kind: Literal["text", "press", "file"],
        message_ref: str,
        text: str = "",
        *,
        press_ref: str = "",
        file: IncomingFile | None = None,
    ) -> Answer:
        name, update_id, now = self._channel.name, uuid.uuid4().hex, self._clock.now()
        incoming = Incoming(name, name, update_id, chat_id, kind, now, text, message_ref, press_ref, file)
        body = json.dumps(asdict(incoming), default=str, ensure_ascii=False)
        row_id = await self._reception.store(self._channel, update_id, body)
        return await self._reception.take(self._channel, row_id, incoming) if row_id else Answer()


def _suffix(name: str) -> str:
    dot, suffix = name.rpartition(".")[1:]
    return f".{suffix[:5].lower()}" if dot and suffix.isalnum() else ""
