"""Reads Zalo's updates: one stored JSON text in, one Incoming out. Webhook and polling share it.

Documentation and live captures differ in the outer shape and in a field's name; both are read, and what a message is
follows from the fields that are there as much as from the event's name. Unknown fields are ignored.
"""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import UTC, datetime

from pydantic import JsonValue, ValidationError

from bot.channels.zalo_answers import Told
from content.wording import nfc
from scheduler.channel import Incoming, IncomingFile

log = logging.getLogger(__name__)
NAME = "zalo"
_LONGEST_ID = 64
_MILLISECONDS_FROM = 10**12
"""A smaller `date` counts seconds."""


class _Person(Told):
    id: str = ""
    is_bot: bool | None = None


class _Chat(Told):
    id: str
    chat_type: str | None = None


class _Message(Told):
    message_id: str | None = None
    date: float | None = None
    sender: _Person | None = None
    chat: _Chat
    text: str | None = None
    caption: str | None = None
    photo_url: str | None = None
    photo: JsonValue = None
    voice_url: str | None = None


class _Update(Told):
    message: _Message


def update_id(body: str) -> str:
    """The id under which an update is kept: its message's, else a hash of the body. A repetition has the same."""
    message = _inner(body).get("message")
    found = message.get("message_id") if isinstance(message, dict) else None
    if isinstance(found, (str, int)) and not isinstance(found, bool):
        text = str(found)
        if 0 < len(text) <= _LONGEST_ID and text.isprintable():
            return text
    return "h" + hashlib.sha256(body.encode()).hexdigest()[: _LONGEST_ID - 1]


def parse_update(body: str, bot: str, fetched_at: datetime) -> Incoming | None:
    """What a stored update means; None when it is nothing for us. The same body gives the same answer.

    A message without anything we read (a sticker, a link that Zalo keeps back, a protected sender) is an empty text:
    it states nothing, and the person may be told how to answer. `fetched_at` stands for a missing or broken date.
    """
    update = _read(body)
    if update is None:
        return None
    message = update.message
    if message.sender is not None and message.sender.is_bot:
        return None
    file = _file(message)
    text = message.text or message.caption or ""
    return Incoming(
        channel=NAME,
        bot=bot,
        update_id=update_id(body),
        chat_id=message.chat.id,
        kind="file" if file else "text",
        sent_at=_moment(message.date, fetched_at),
        text=_clean(text),
        message_ref=message.message_id or "",
        file=file,
        private=_private(message),
        buttons=False,
    )


def _read(body: str) -> _Update | None:
    found = dict(_inner(body))
    message = found.get("message")
    if isinstance(message, dict) and "from" in message:
        found["message"] = {**message, "sender": message["from"]}
    try:
        return _Update.model_validate(found)
    except ValidationError as error:
        # Stored anyway; the values stay out of the log, they are people's words.
        where = ",".join(".".join(str(part) for part in one["loc"]) for one in error.errors()[:5])
        log.warning("zalo_update unreadable fields=%s length=%d", where, len(body))
        return None


def _inner(body: str) -> dict[str, JsonValue]:
    """The update itself: flat, as captured live, or wrapped in `ok` and `result`, as documented."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    result = found.get("result")
    return result if found.get("ok") is True and isinstance(result, dict) else found


def _file(message: _Message) -> IncomingFile | None:
    photo = message.photo_url or message.photo
    if isinstance(photo, str) and photo:
        return IncomingFile("photo", photo)
    return IncomingFile("voice", message.voice_url) if message.voice_url else None


def _private(message: _Message) -> bool:
    """In a chat of one person the chat has the person's own id."""
    if message.chat.chat_type:
        return message.chat.chat_type.upper() == "PRIVATE"
    return message.sender is not None and message.sender.id == message.chat.id


def _moment(date: float | None, otherwise: datetime) -> datetime:
    if date is None:
        return otherwise
    try:
        return datetime.fromtimestamp(date / 1000 if date >= _MILLISECONDS_FROM else date, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise


def _clean(text: str) -> str:
    """NFC, without what no store takes: NUL, and halves of split letters."""
    whole = text.encode("utf-8", "ignore").decode().replace("\x00", "")
    return nfc(whole)
