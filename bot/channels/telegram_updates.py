"""Reads Telegram updates: one stored JSON text in, one Incoming out."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import datetime
from typing import Literal

from telegram import Audio, CallbackQuery, Document, Message, Update, Video, VideoNote, Voice
from telegram.constants import ChatMemberStatus, ChatType

from content.wording import nfc
from scheduler.channel import FileKind, Incoming, IncomingFile

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
    chat = update.effective_chat if update is not None else None
    if update is None or chat is None:
        return None
    is_private = chat.type == ChatType.PRIVATE
    known = Incoming(
        "telegram", bot, str(update.update_id), str(chat.id), "other", fetched_at, private=is_private
    )
    if update.callback_query is not None:
        return _press(update.callback_query, known)
    if update.my_chat_member is not None:
        is_gone = update.my_chat_member.new_chat_member.status in _GONE
        return replace(known, kind="blocked" if is_gone else "other", sent_at=update.my_chat_member.date)
    return _message(update.message, known) if update.message is not None else None


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


def _press(query: CallbackQuery, known: Incoming) -> Incoming | None:
    message = query.message
    if message is None:
        return None
    # An old message arrives without its content; `edit` tries both kinds, so guessing is harmless.
    ref = ref_of(message) if isinstance(message, Message) else f"t:{message.message_id}"
    return replace(known, kind="press", text=query.data or "", message_ref=ref, press_ref=query.id)


def _message(message: Message, known: Incoming) -> Incoming:
    file, text = _file(message), nfc(message.text or message.caption or "")
    kind: Literal["file", "text", "other"] = "file" if file else "text" if message.text else "other"
    return replace(known, kind=kind, sent_at=message.date, text=text, message_ref=ref_of(message), file=file)


def _file(message: Message) -> IncomingFile | None:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return IncomingFile("photo", largest.file_id, largest.file_size)
    kinds: tuple[tuple[FileKind, Voice | Audio | Video | VideoNote | Document | None], ...] = (
        ("voice", message.voice),
        ("audio", message.audio),
        ("video", message.video or message.video_note),
        ("file", message.document),
    )
    for kind, found in kinds:
        if found is not None:
            return IncomingFile(kind, found.file_id, found.file_size, getattr(found, "file_name", None))
    return None
