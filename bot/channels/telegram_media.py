"""Buttons and files for Telegram; a sound is uploaded once and then sent by its id."""

from __future__ import annotations

import asyncio
from pathlib import Path

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message
from telegram.constants import KeyboardButtonStyle
from telegram.error import BadRequest

from scheduler.channel import ButtonRows, ChannelError, Sound

Keyboard = InlineKeyboardMarkup | None

_STYLES = {"plain": None, "good": KeyboardButtonStyle.SUCCESS, "bad": KeyboardButtonStyle.DANGER}


def keyboard_of(rows: ButtonRows) -> Keyboard:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(b.label, callback_data=b.data, style=_STYLES[b.tone]) for b in row]
            for row in rows
        ]
    )


async def input_file(path: Path) -> InputFile:
    """The file to upload. Raises ChannelError when it cannot be read: nothing was sent then."""
    try:
        return InputFile(await asyncio.to_thread(path.read_bytes), path.name)
    except OSError as error:
        raise ChannelError(f"Không đọc được tệp {path.name}") from error


class SoundSender:
    """Sends sounds: by the id the caller knows, or the one learned from the first upload of this process.

    Of many that want to send the same new sound at once, one uploads and the others wait for its id.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._file_ids: dict[str, str] = {}
        self._uploads: dict[str, asyncio.Lock] = {}

    async def send(self, chat_id: str, sound: Sound, text: str, keyboard: Keyboard) -> Message:
        known = sound.file_ref or self._file_ids.get(sound.sha256)
        if known:
            try:
                return await self._send_audio(chat_id, sound, known, text, keyboard)
            except BadRequest as error:
                # The id of another bot, from before the token was changed: nothing was sent, so upload.
                if "file identifier" not in error.message.casefold():
                    raise
        async with self._uploads.setdefault(sound.sha256, asyncio.Lock()):
            learned = self._file_ids.get(sound.sha256)
            if learned is None or learned == known:
                return await self._upload(chat_id, sound, text, keyboard)
        return await self._send_audio(chat_id, sound, learned, text, keyboard)

    async def _upload(self, chat_id: str, sound: Sound, text: str, keyboard: Keyboard) -> Message:
        sent = await self._send_audio(chat_id, sound, await input_file(sound.path), text, keyboard)
        if sent.audio:
            self._file_ids[sound.sha256] = sent.audio.file_id
        return sent

    async def _send_audio(
        self, chat_id: str, sound: Sound, audio: str | InputFile, text: str, keyboard: Keyboard
    ) -> Message:
        return await self._bot.send_audio(
            chat_id,
            audio,
            caption=text,
            title=sound.title,
            performer=sound.performer,
            duration=sound.duration_s,
            reply_markup=keyboard,
        )
