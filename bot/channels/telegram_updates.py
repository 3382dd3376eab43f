"""Reads Telegram updates: one stored JSON text in, one Incoming out."""

from __future__ import annotations

import json
import logging
import unicodedata
from datetime import datetime

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from scheduler.channel import Incoming, IncomingFile

log = logging.getLogger(__name__)

WANTED = ("message", "callback_query", "my_chat_member")
"""What is asked of Telegram (`allowed_updates`). An edited message changes nothing on record: not asked for."""

_GONE = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)


def parse_update(body: str, bot: str, fetched_at: datetime) -> Incoming | None:
    """What a stored update means, or None when it is nothing for us. The same body gives the same answer.

    fetched_at: when the update reached us. Telegram does not say when a button was pressed, so that stands
    for it; keep it beside the stored body and hand it in again when the update is handled again.
    """
    update = _read(body)
    if update is None:
        return None
    update_id = str(update.update_id)
    if update.callback_query is not None:
        return _press(update.callback_query, bot, update_id, fetched_at)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, bot, update_id)
    if update.message is not None:
        return _message(update.message, bot, update_id)
    return None


def ref_of(message: Message) -> str:
    """Our reference to a message: "c:5" has a caption to edit, "t:5" a text. Opaque to everybody else."""
    captioned = message.effective_attachment is not None
    return f"{'c' if captioned else 't'}:{message.message_id}"


def _read(body: str) -> Update | None:
    try:
        return Update.de_json(json.loads(body), None)
    except (ValueError, TypeError, KeyError, AttributeError):
        # Stored anyway: one update that nobody understands must not hold up those behind it.
        log.warning("telegram_update unreadable=1 length=%d", len(body))
        return None


def _message(message: Message, bot: str, update_id: str) -> Incoming:
    file = _file(message)
    text = message.text or message.caption or ""
    return Incoming(
        channel="telegram",
        bot=bot,
        update_id=update_id,
        chat_id=str(message.chat.id),
        kind="file" if file else "text" if message.text else "other",
        sent_at=message.date,
        text=_nfc(text),
        message_ref=ref_of(message),
        file=file,
        display_name=_nfc((message.from_user or message.chat).full_name or ""),
        private=message.chat.type == ChatType.PRIVATE,
    )


def _file(message: Message) -> IncomingFile | None:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return IncomingFile("photo", largest.file_id, largest.file_size)
    if message.voice:
        return IncomingFile("voice", message.voice.file_id, message.voice.file_size)
    if message.audio:
        audio = message.audio
        return IncomingFile("audio", audio.file_id, audio.file_size, audio.file_name)
    if message.video:
        video = message.video
        return IncomingFile("video", video.file_id, video.file_size, video.file_name)
    if message.video_note:
        return IncomingFile("video", message.video_note.file_id, message.video_note.file_size)
    if message.document:
        document = message.document
        return IncomingFile("file", document.file_id, document.file_size, document.file_name)
    return None


def _press(query: CallbackQuery, bot: str, update_id: str, fetched_at: datetime) -> Incoming | None:
    message = query.message
    if message is None:
        return None
    # An old message arrives without its content; `edit` tries both kinds, so guessing is harmless.
    ref = ref_of(message) if isinstance(message, Message) else f"t:{message.message_id}"
    return Incoming(
        channel="telegram",
        bot=bot,
        update_id=update_id,
        chat_id=str(message.chat.id),
        kind="press",
        sent_at=fetched_at,
        text=query.data or "",
        message_ref=ref,
        press_ref=query.id,
        display_name=_nfc(query.from_user.full_name),
        private=message.chat.type == ChatType.PRIVATE,
    )


def _membership(change: ChatMemberUpdated, bot: str, update_id: str) -> Incoming:
    return Incoming(
        channel="telegram",
        bot=bot,
        update_id=update_id,
        chat_id=str(change.chat.id),
        kind="blocked" if change.new_chat_member.status in _GONE else "other",
        sent_at=change.date,
        display_name=_nfc(change.from_user.full_name),
        private=change.chat.type == ChatType.PRIVATE,
    )


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
