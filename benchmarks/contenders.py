"""The same broadcast by plain chat libraries, each in a process of its own (benchmarks/broadcast_peers.py starts them).

    python -m benchmarks.contenders ptb-paced --token ... --url ... --recipients 900 --pace-ms 38

Each sends one upload, then the file id, with a caption and two buttons. Nothing is stored: what they save in CPU
against Loa Xã is the plan, the claim and the record, and after a crash none of them knows who got it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import resource
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.rig import CLIP_BYTES, FIRST_CHAT

if TYPE_CHECKING:
    from aiogram import Bot as AiogramBot
    from telegram.ext import AIORateLimiter, ExtBot

WORKERS = 20
CAPTION = "Loa Xã, tuần 48/2026: VNeID là gì. Kính mong anh/chị phát vào buổi sáng và buổi chiều. " * 3
BUTTONS = (("Đã phát", "aired:{}"), ("Chưa phát được", "cannot:{}"))
AUDIO: dict[str, Any] = {"title": "Tuần 48: VNeID là gì", "performer": "Tỉnh Lâm Đồng", "duration": 180}


@dataclass(frozen=True)
class Job:
    token: str
    url: str
    chats: range
    pace_s: float


Send = Callable[[int, str | None], Awaitable[str]]
"""Send to one chat, by file id or (None) with the bytes; returns the file id. Raises when it gives up."""


async def ptb_paced(job: Job) -> int:
    from telegram.ext import AIORateLimiter

    return await _ptb(job, AIORateLimiter(overall_max_rate=1, overall_time_period=job.pace_s, max_retries=3))


async def ptb_default(job: Job) -> int:
    from telegram.ext import AIORateLimiter

    return await _ptb(job, AIORateLimiter())


async def _ptb(job: Job, limiter: AIORateLimiter) -> int:
    from telegram.ext import ExtBot
    from telegram.request import HTTPXRequest

    request = HTTPXRequest(connection_pool_size=32, pool_timeout=30, read_timeout=20, media_write_timeout=120)
    bot = ExtBot(job.token, base_url=job.url, request=request, rate_limiter=limiter)
    await bot.initialize()
    lost = await _in_parallel(job, _ptb_send(bot))
    await bot.shutdown()
    return lost


def _ptb_send(bot: ExtBot[int]) -> Send:
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup

    async def send(chat: int, file_id: str | None) -> str:
        row = [InlineKeyboardButton(label, callback_data=data.format(chat)) for label, data in BUTTONS]
        keyboard = InlineKeyboardMarkup([row])
        sent = await bot.send_audio(
            chat, file_id or bytes(CLIP_BYTES), caption=CAPTION, reply_markup=keyboard, **AUDIO
        )
        assert sent.audio
        return sent.audio.file_id

    return send


async def aiogram_paced(job: Job) -> int:
    """A fixed gap between two starts, as Loa Xã and the paced PTB have; refused sends wait and go again."""
    turn, due = asyncio.Lock(), time.perf_counter()

    async def wait() -> None:
        nonlocal due
        async with turn:
            due = max(due + job.pace_s, time.perf_counter())
            await asyncio.sleep(due - time.perf_counter())

    async with _aiogram_bot(job) as bot:
        return await _in_parallel(job, _aiogram_send(bot, wait))


async def aiogram_loop(job: Job) -> int:
    """The loop of its documentation: one after another, 50 ms of sleep behind each."""

    async def no_turn() -> None:
        return None

    async with _aiogram_bot(job) as bot:
        send = _aiogram_send(bot, no_turn)
        file_id, lost = await send(job.chats[0], None), 0
        for chat in job.chats[1:]:
            lost += await _failed(send, chat, file_id)
            await asyncio.sleep(0.05)
        return lost


def _aiogram_bot(job: Job) -> AiogramBot:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    server = TelegramAPIServer.from_base(job.url.removesuffix("/bot"))
    return Bot(job.token, session=AiohttpSession(api=server))


def _aiogram_send(bot: AiogramBot, turn: Callable[[], Awaitable[None]]) -> Send:
    from aiogram.exceptions import TelegramRetryAfter
    from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

    async def send(chat: int, file_id: str | None) -> str:
        row = [InlineKeyboardButton(text=label, callback_data=data.format(chat)) for label, data in BUTTONS]
        keyboard = InlineKeyboardMarkup(inline_keyboard=[row])
        audio = file_id or BufferedInputFile(bytes(CLIP_BYTES), "tuan.mp3")
        while True:
            await turn()
            try:
                sent = await bot.send_audio(chat, audio, caption=CAPTION, reply_markup=keyboard, **AUDIO)
            except TelegramRetryAfter as refused:
                await asyncio.sleep(refused.retry_after)
                continue
            assert sent.audio
            return sent.audio.file_id

    return send


async def _in_parallel(job: Job, send: Send) -> int:
    """The upload first, then twenty workers; returns how many sends were given up."""
    file_id = await send(job.chats[0], None)
    chats, lost = iter(job.chats[1:]), 0

    async def worker() -> None:
        nonlocal lost
        for chat in chats:
            lost += await _failed(send, chat, file_id)

    await asyncio.gather(*(worker() for _ in range(WORKERS)))
    return lost


async def _failed(send: Send, chat: int, file_id: str) -> int:
    try:
        await send(chat, file_id)
    except Exception:  # whatever the library gives up with
        return 1
    return 0


CONTENDERS = {
    "ptb-paced": ptb_paced,
    "ptb-default": ptb_default,
    "aiogram-paced": aiogram_paced,
    "aiogram-loop": aiogram_loop,
}


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=CONTENDERS)
    parser.add_argument("--token")
    parser.add_argument("--url")
    parser.add_argument("--recipients", type=int)
    parser.add_argument("--pace-ms", type=float)
    options = parser.parse_args()
    chats = range(FIRST_CHAT, FIRST_CHAT + options.recipients)
    job = Job(options.token, options.url, chats, options.pace_ms / 1000)
    logging.disable()  # a traceback for each message that is lost would count as CPU
    import_module("telegram.ext" if options.name.startswith("ptb") else "aiogram")
    began = time.process_time()  # the imports are not counted, as Loa Xã's are not
    given_up = asyncio.run(CONTENDERS[options.name](job))
    cpu_s = time.process_time() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"given_up": given_up, "cpu_s": cpu_s, "peak_mb": peak_mb}))


if __name__ == "__main__":
    _main()
