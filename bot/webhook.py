"""Telegram's and Zalo's updates by webhook: checked, stored, then answered with 200; handled after that.

The answer waits for the commit and for nothing else: whatever is not 2xx Telegram sends again, so a store in trouble
loses nothing. Whether Zalo does is not documented, so what could not be stored is also tried again from here. Like
polling (bot/polling.py) it hands stored updates to the reception.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging

from fastapi import APIRouter, Request, Response

from bot.channels.telegram import TelegramChannel
from bot.channels.zalo import ZaloChannel
from bot.channels.zalo_updates import update_id as zalo_update_id
from bot.reception import Reading, Reception
from scheduler.channel import ChannelError

log = logging.getLogger("loaxa.webhook")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
ZALO_SECRET_HEADER = "X-Bot-Api-Secret-Token"
MOST_BYTES = 1_000_000
_MOST_UPDATE_ID = 2**63
_PAUSES_S = (1, 2, 5, 15, 30)


def webhook_path(channel: TelegramChannel) -> str:
    return f"/telegram/{channel.bot}"


def webhook_router(channel: TelegramChannel, reception: Reception, secret: str) -> APIRouter:
    """The one route that Telegram calls. Whoever does not know the secret learns nothing, and stores nothing."""
    router = APIRouter()

    @router.post(webhook_path(channel))
    async def update(request: Request) -> Response:
        if not _knows(request, SECRET_HEADER, secret):
            return Response(status_code=401)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        update_id = _update_id(body)
        if update_id is None:
            return Response(status_code=400)
        return Response(status_code=await _receive(channel, reception, update_id, body.decode()))

    return router


def zalo_path(channel: ZaloChannel) -> str:
    return f"/zalo/{channel.bot}"


def zalo_router(channel: ZaloChannel, reception: Reception, secret: str) -> APIRouter:
    """The one route that Zalo calls for a bot. Whoever shows the secret gets 200 for whatever it sends, so that nothing
    is repeated or switched off for it; but for an update that the store did not take."""
    router = APIRouter()
    again: set[asyncio.Task[None]] = set()

    @router.post(zalo_path(channel))
    async def update(request: Request) -> Response:
        if not _knows(request, ZALO_SECRET_HEADER, secret):
            return Response(status_code=401)
        raw = await _body(request) or b""
        if not _object(raw):  # so Zalo tries an address
            log.info("bot=%s called without an update", channel.bot)
            return Response()
        body = raw.decode()
        update_id = zalo_update_id(body)
        status = await _receive(channel, reception, update_id, body)
        if status != 200:
            task = asyncio.create_task(_receive_later(channel, reception, update_id, body))
            again.add(task)
            task.add_done_callback(again.discard)
        return Response(status_code=status)

    return router


async def register(channel: TelegramChannel, base_url: str, secret: str) -> None:
    """Tell Telegram where to send updates, until it took it. Each process that serves the pages may do so at its start."""
    failures = 0
    while True:
        try:
            await channel.set_webhook(base_url.rstrip("/") + webhook_path(channel), secret)
        except ChannelError as error:
            log.warning("webhook not set: %s", error.reason)
            await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
            failures += 1
        else:
            log.info("webhook of bot=%s set", channel.bot)
            return


async def _receive_later(channel: Reading, reception: Reception, update_id: str, body: str) -> None:
    for pause_s in _PAUSES_S:
        await asyncio.sleep(pause_s)
        if await _receive(channel, reception, update_id, body) == 200:
            return
    log.error("update=%s of bot=%s lost: the store did not take it", update_id, channel.bot)


async def _receive(channel: Reading, reception: Reception, update_id: str, body: str) -> int:
    """Store one update and begin with it. Returns the status to answer."""
    try:
        kept = await reception.keep(channel, [(update_id, body)])
    except Exception as error:  # locked, full, away: all mean that it is not stored, so Telegram must keep it
        log.warning("update=%s not stored: %s", update_id, type(error).__name__)
        return 503
    for waiting in kept:
        reception.begin(channel, waiting)
    return 200


def _knows(request: Request, header: str, secret: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(request.headers.get(header, "").encode(), secret.encode())


async def _body(request: Request) -> bytes | None:
    """What was sent; None when it is more than any update is."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MOST_BYTES:
            return None
    return bytes(received)


def _object(body: bytes) -> dict[str, object]:
    """Empty for what is no JSON object."""
    try:
        found = json.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _update_id(body: bytes) -> str | None:
    """The id under which an update is stored. None: nothing that Telegram sends."""
    number = _object(body).get("update_id")
    known = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < _MOST_UPDATE_ID
    return str(number) if known else None
