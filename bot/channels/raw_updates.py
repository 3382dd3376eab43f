"""What comes from a service as it came: updates to be stored before anybody acts on them, and the files people send."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import httpx

from scheduler.channel import ChannelError, FileTooLarge


@dataclass(frozen=True)
class RawUpdate:
    """One update as the service sent it. Numbered only where the service knows an order of them."""

    update_id: int | str
    body: str


def as_text(update: object) -> str:
    """Readable where it can be; half of a split emoji has no UTF-8 and stays escaped, else no store would take it."""
    text = json.dumps(update, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(update)
    return text


async def download(
    client: httpx.AsyncClient,
    url: httpx.URL | str,
    max_bytes: int,
    service: str,
    within_s: float | None = None,
) -> bytes:
    """The bytes at an address; what is over max_bytes is not read to its end. Raises ChannelError and FileTooLarge."""
    received = bytearray()
    try:
        async with asyncio.timeout(within_s), client.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                raise ChannelError(f"Không tải được tệp từ {service} ({answer.status_code})")
            async for chunk in answer.aiter_bytes():
                received += chunk
                if len(received) > max_bytes:
                    raise FileTooLarge(f"over {max_bytes} bytes")
    except (httpx.HTTPError, TimeoutError) as error:
        raise ChannelError(f"Không tải được tệp từ {service} ({type(error).__name__})") from None
    return bytes(received)
