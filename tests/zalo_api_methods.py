"""The methods of the Zalo stand-in: what it checks, keeps and answers."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.zalo_api_webhook import post_update

Json = dict[str, Any]
SENDS = ("sendMessage", "sendPhoto", "sendSticker", "sendVoice")
FaultKind = Literal[
    "400", "401", "403", "404", "408", "426", "429", "500", "html", "html_after", "ok_false", "no_code",
    "camel", "cut_before", "cut_after", "half", "hang",
]  # fmt: skip
"""What can go wrong with one call. Numbers: refused with that code as HTTP status and in the envelope. ok_false:
refused with HTTP 200. no_code: a bare `ok: false`. camel: the code spelt `errorCode`. html: a web page with status 200,
nothing accepted. cut_before: the line is cut and nothing was accepted. cut_after: accepted, then cut. half: accepted,
half of the answer. html_after: accepted, and a gateway answers 502. hang: accepted, no answer until the server closes."""


@dataclass(frozen=True)
class Sent:
    """One accepted send, with its parameters as they came."""

    token: str
    method: str
    chat_id: str
    params: dict[str, str]
    message_id: str
    at: float

    @property
    def text(self) -> str:
        return self.params.get("text") or self.params.get("caption") or ""


class Refused(Exception):
    """Zalo says no."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code, self.description = code, description


@dataclass
class Fault:
    kind: FaultKind
    left: int
    method: str | None
    text: str


@dataclass
class Hook:
    url: str
    secret: str
    updated_at: int


@dataclass
class Bot:
    """One bot of the server."""

    account_name: str
    people: set[str] = field(default_factory=set)
    """Chats that have written to it: nobody else can be written to."""
    inbox: list[Json] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    webhook: Hook | None = None
    month_count: int = 0
    polls: list[float] = field(default_factory=list)
    """When it was polled, by time.monotonic()."""


@dataclass
class ZaloMethods:
    """What the server knows. Tests use ZaloApi, which adds people, faults and HTTP."""

    tokens: tuple[str, ...] = ("700800900:demo-Secret_1",)
    port: int = 0
    replay: bool = False
    """True: a consumed update is answered again on later polls, as was seen live."""
    idle_s: float = 0.2
    """The longest that a poll waits, whatever it asks for."""
    month_limit: int = 3000
    tests_left: int = 3
    """Calls of testWebhook before 426."""

    def __post_init__(self) -> None:
        self.bots = {token: Bot(f"bot.{token.partition(':')[0]}") for token in self.tokens}
        self.sent: list[Sent] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.media: dict[str, bytes] = {}
        self.closing = asyncio.Event()
        self._numbers = itertools.count(1)

    def new_id(self) -> str:
        return f"{next(self._numbers):020x}"

    def now_ms(self) -> int:
        return int(time.time() * 1000)

    def keep_media(self, body: bytes, suffix: str) -> str:
        name = f"{self.new_id()}.{suffix}"
        self.media[name] = body
        return f"https://f1-zpc.zdn.vn/media/{name}"

    def to(self, chat: str) -> list[Sent]:
        return [one for one in self.sent if one.chat_id == chat]

    async def call(self, token: str, method: str, params: dict[str, str]) -> Json | None:
        """Carry out one call. Raises Refused."""
        self.calls.append((method, params))
        bot = self.bots[token]
        match method:
            case "getMe":
                me = {"id": token.partition(":")[0], "account_name": bot.account_name}
                return {**me, "account_type": "BASIC", "can_join_groups": False, "display_name": "Bot Loa Xã"}
            case "getUpdates":
                return await self._poll(bot, params)
            case "setWebhook":
                return await self._set_webhook(bot, params)
            case "getWebhookInfo":
                if bot.webhook is None:
                    raise Refused(404, "Not Found")
                return {"url": bot.webhook.url, "updated_at": bot.webhook.updated_at}
            case "deleteWebhook":
                bot.webhook = None
                return {"url": "", "updated_at": self.now_ms()}
            case "testWebhook":
                return await self._test_webhook(bot)
            case "sendChatAction":
                _known(bot, params)
                return None
            case name if name in SENDS:
                return self._send(token, bot, method, params)
        raise Refused(400, "Bad Request: unknown method")

    def _send(self, token: str, bot: Bot, method: str, params: dict[str, str]) -> Json:
        chat = _known(bot, params)
        _check(method, params)
        if bot.month_count >= self.month_limit:
            raise Refused(429, "Quota exceeded")
        bot.month_count += 1
        message_id = self.new_id()
        self.sent.append(Sent(token, method, chat, params, message_id, time.monotonic()))
        return {"message_id": message_id, "date": self.now_ms()}

    async def _poll(self, bot: Bot, params: dict[str, str]) -> Json:
        if bot.webhook is not None:
            raise Refused(400, "Bad Request: webhook is set")
        bot.polls.append(time.monotonic())
        wait_s = min(float(params.get("timeout", "30")), self.idle_s)
        if not bot.inbox:
            bot.news.clear()
            try:
                await asyncio.wait_for(bot.news.wait(), wait_s)
            except TimeoutError:
                raise Refused(408, "Request timeout") from None
        found = bot.inbox.pop(0)
        if self.replay:
            bot.inbox.append(found)
        return found

    async def _set_webhook(self, bot: Bot, params: dict[str, str]) -> Json:
        url, secret = params.get("url", ""), params.get("secret_token", "")
        if not 8 <= len(secret) <= 256:
            raise Refused(400, "Bad Request: secret_token must have 8 to 256 characters")
        if urlsplit(url).scheme not in ("https", "http"):
            raise Refused(400, "Bad Request: url")
        bot.webhook = Hook(url, secret, self.now_ms())
        return {
            "url": url,
            "updated_at": bot.webhook.updated_at,
            "verification": await _verified(bot.webhook),
        }

    async def _test_webhook(self, bot: Bot) -> Json:
        if self.tests_left <= 0:
            raise Refused(426, "Upgrade Required")
        self.tests_left -= 1
        if bot.webhook is None:
            raise Refused(404, "Not Found")
        return await _verified(bot.webhook)


async def _verified(hook: Hook) -> Json:
    """Call the address with an empty object and the secret, and say what was met."""
    status = await post_update(hook.url, b"{}", hook.secret)
    outcome = (
        "webhook.ok" if 200 <= status < 300 else "webhook.err.conn" if not status else "webhook.http.other"
    )
    if status in (403, 404):
        outcome = f"webhook.http.{status}"
    elif status >= 500:
        outcome = "webhook.http.5xx"
    return {"ok": outcome == "webhook.ok", "url": hook.url, "outcome": outcome, "hint": ""}


def _known(bot: Bot, params: dict[str, str]) -> str:
    chat = params.get("chat_id", "")
    if chat not in bot.people:
        raise Refused(400, "Bad Request: chat_id")
    return chat


def _check(method: str, params: dict[str, str]) -> None:
    text = {"sendMessage": params.get("text", ""), "sendPhoto": params.get("caption", "x")}.get(method, "x")
    if not 1 <= len(text.encode("utf-16-le")) // 2 <= 2000:
        raise Refused(400, "Bad Request: text must have 1 to 2000 characters")
    if method == "sendPhoto" and not params.get("photo", "").startswith(("http://", "https://")):
        raise Refused(400, "Bad Request: photo")
    if method == "sendVoice" and not params.get("voice_url", "").endswith(".aac"):
        raise Refused(400, "Bad Request: voice_url must end in .aac")
