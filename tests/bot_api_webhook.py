"""Delivery by webhook, as the Bot API does it: a POST for each update until it is answered with 2xx.

The updates of one chat go one after the other, those of different chats beside each other; one that is refused is
tried again after `webhook_retry_s`, and getWebhookInfo tells the last refusal. Only addresses on loopback are called.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

Json = dict[str, Any]
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_PORTS = (443, 80, 88, 8443)


def refusal_of(url: str) -> str | None:
    """Why Telegram's own servers do not take this address; a Bot API server of one's own is not so strict."""
    address = urlsplit(url)
    if address.scheme != "https":
        return "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    if (address.port or 443) not in _PORTS:
        return "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
    return None


@dataclass
class WebhookPosts:
    """The sending side. `updates` is the server's own queue: what was taken is removed from it."""

    updates: list[Json]
    retry_s: float
    params: dict[str, str] = field(default_factory=dict)
    """As setWebhook was called; empty: no webhook."""
    last_error: str = ""
    last_error_at: int = 0
    statuses: list[int] = field(default_factory=list)
    """What each POST was answered with, in order; 0: not at all."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """To be set when an update or a webhook is new."""

    def info(self) -> Json:
        """The result of getWebhookInfo."""
        told: Json = {
            "url": self.params.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }
        if self.last_error:
            told |= {"last_error_date": self.last_error_at, "last_error_message": self.last_error}
        return told

    async def run(self) -> None:
        """Until cancelled."""
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client, asyncio.TaskGroup() as group:
            busy: set[int] = set()
            while True:
                self.news.clear()
                for update in list(self.updates) if self.params.get("url") else []:
                    chat = _chat_of(update)
                    if chat not in busy and len(busy) < int(self.params.get("max_connections", "40")):
                        busy.add(chat)
                        group.create_task(self._post(client, update, busy, chat))
                await self.news.wait()

    async def _post(self, client: httpx.AsyncClient, update: Json, busy: set[int], chat: int) -> None:
        wanted = json.loads(self.params.get("allowed_updates", "[]"))
        if wanted and not any(kind in update for kind in wanted):
            self.updates.remove(update)
        else:
            problem = await self._try(client, update)
            if problem:
                self.last_error, self.last_error_at = problem, int(time.time())
                await asyncio.sleep(self.retry_s)
            elif update in self.updates:
                self.updates.remove(update)
        busy.remove(chat)
        self.news.set()

    async def _try(self, client: httpx.AsyncClient, update: Json) -> str | None:
        """What went wrong, or None."""
        url = self.params["url"]
        if urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
            return "Failed to resolve host: Name or service not known"
        headers = {"Content-Type": "application/json"}
        if "secret_token" in self.params:
            headers[SECRET_HEADER] = self.params["secret_token"]
        try:
            answer = await client.post(url, content=json.dumps(update), headers=headers)
        except httpx.HTTPError as error:
            self.statuses.append(0)
            return f"Connection failed: {type(error).__name__}"
        self.statuses.append(answer.status_code)
        if answer.is_success:
            return None
        return f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"


def _chat_of(update: Json) -> int:
    content: Json = next((value for key, value in update.items() if key != "update_id"), {})
    chat = content.get("chat") or content.get("message", {}).get("chat") or {}
    return int(chat.get("id", 0))
