"""Pictures and recordings that people send by Zalo: public addresses, fetched only from where Zalo keeps them."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from bot.channels.raw_updates import download
from bot.channels.zalo_client import tls_context
from scheduler.channel import ChannelError

MEDIA_HOSTS = ("zdn.vn",)
"""Seen live. The address comes from outside: without a list it could name a machine of our own network."""
_LARGEST_BYTES = 10 * 1024 * 1024
_WITHIN_S = 60


class ZaloMedia:
    """Fetches by https from the hosts given and their sub-domains, follows no redirect, and stops at the limit."""

    def __init__(self, hosts: Sequence[str], transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._hosts = tuple(hosts)
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(20, connect=10),
            headers={"Accept-Encoding": "identity"},
            transport=transport or httpx.AsyncHTTPTransport(verify=tls_context()),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def fetch(self, address: str, max_bytes: int) -> bytes:
        """Raises FileTooLarge, or ChannelError for an address that is none of Zalo's or does not answer."""
        most = min(max_bytes, _LARGEST_BYTES)
        return await download(self._http, self._checked(address), most, "Zalo", _WITHIN_S)

    def _checked(self, address: str) -> httpx.URL:
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, ValueError):
            raise ChannelError("Địa chỉ tệp của Zalo không đọc được") from None
        known = any(url.host == host or url.host.endswith(f".{host}") for host in self._hosts)
        if url.scheme != "https" or not known or url.port not in (None, 443) or url.userinfo:
            raise ChannelError(f"Không tải tệp từ nơi lạ ({url.host[:60]})")
        return url
