"""A messenger without a messenger: chats live in our own store and are shown by the phone page.

It keeps what a real service keeps (messages, edits, files), so the same conversation runs on it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from airlog import phone
from airlog.db import Database, Session
from airlog.models import SimMessage
from scheduler.channel import Abilities, Button, ButtonRows, ChannelError, FileTooLarge, Outgoing, Receipt
from scheduler.clock import Clock


class SimulatorChannel:
    """The Channel to the phones of the simulator."""

    name = phone.CHANNEL
    bot = phone.CHANNEL

    def __init__(self, db: Database, clock: Clock, folder: Path) -> None:
        self._db, self._clock, self._folder = db, clock, folder
        self.abilities = Abilities()
        self.pace = timedelta(0)

    async def send(self, chat_id: str, message: Outgoing) -> Receipt:
        """Put a message into the chat. Raises ChannelError when the store does not take it."""
        row = await self._db.run(self._store, chat_id, message)
        return Receipt(str(row.id), message.sound.sha256 if message.sound else None)

    async def edit(self, chat_id: str, message_ref: str, message: Outgoing) -> None:
        """Replace a message's text and buttons; its sound stays."""
        await self._db.run(self._change, chat_id, message_ref, message)

    async def fetch_file(self, file_ref: str, max_bytes: int) -> bytes:
        """A file that was uploaded on the phone page. Raises FileTooLarge."""
        path = self._folder / Path(file_ref).name
        if not path.is_file():
            raise ChannelError("tệp không còn")
        if path.stat().st_size > max_bytes:
            raise FileTooLarge
        return path.read_bytes()

    async def acknowledge(self, press_ref: str) -> None:
        """Nothing spins here."""

    def keep_upload(self, name: str, data: bytes) -> str:
        """Store what a person uploads, as a service would; returns its reference."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / Path(name).name
        path.write_bytes(data)
        return path.name

    def upload_path(self, file_ref: str) -> Path:
        """Where an uploaded file lies."""
        return self._folder / Path(file_ref).name

    def _store(self, session: Session, chat_id: str, message: Outgoing) -> SimMessage:
        row = SimMessage(chat_id=chat_id, from_person=False, text=message.text, sent_at=self._clock.now())
        row.buttons = rows_to_json(message.buttons)
        if message.sound:
            row.media_kind, row.media_path = "audio", str(message.sound.path)
            row.media_title, row.duration_s = message.sound.title, message.sound.duration_s
        elif message.picture:
            row.media_kind, row.media_path = "photo", str(message.picture)
        elif message.document:
            row.media_kind, row.media_path = "document", str(message.document)
            row.media_title = message.document.name
        return phone.add(session, row)

    def _change(self, session: Session, chat_id: str, message_ref: str, message: Outgoing) -> None:
        row = phone.message(session, int(message_ref)) if message_ref.isdigit() else None
        if row is None or row.chat_id != chat_id:
            raise ChannelError("không có tin này để sửa")
        row.text, row.buttons, row.edited_at = message.text, rows_to_json(message.buttons), self._clock.now()


def rows_to_json(rows: ButtonRows) -> str:
    return json.dumps([[asdict(button) for button in row] for row in rows], ensure_ascii=False)


def rows_from_json(text: str) -> ButtonRows:
    return tuple(tuple(Button(**button) for button in row) for row in json.loads(text))
