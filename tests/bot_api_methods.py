"""The methods of the Bot API stand-in: what it checks, keeps and answers, as Telegram would."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.bot_api_http import Request, Upload
from tests.bot_api_webhook import WebhookPosts, refusal_of

MEDIA = {"sendAudio": "audio", "sendPhoto": "photo", "sendDocument": "document", "sendVoice": "voice"}
SENDS = ("sendMessage", *MEDIA)
EDITS = ("editMessageText", "editMessageCaption", "editMessageReplyMarkup")
_DOWNLOAD_LIMIT_BYTES = 20 * 1024 * 1024

Json = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """One accepted send, edit or answer to a press, with its parameters as they came over the wire."""

    method: str
    chat_id: int
    params: Mapping[str, str]
    at: float
    """time.monotonic() of acceptance, for the rate in any sliding second."""
    message_id: int
    uploaded_bytes: int = 0

    @property
    def text(self) -> str:
        return self.params.get("text") or self.params.get("caption") or ""

    @property
    def buttons(self) -> tuple[tuple[str, str], ...]:
        """(label, data) of every button, row after row."""
        rows = json.loads(self.params.get("reply_markup", "{}")).get("inline_keyboard", [])
        return tuple((button["text"], button.get("callback_data", "")) for row in rows for button in row)

    @property
    def key(self) -> tuple[int, str]:
        """Equal for two sends of the same thing to the same person: the first button's data, else the text."""
        return self.chat_id, self.buttons[0][1] if self.buttons else self.text


class Refused(Exception):
    """The Bot API says no."""

    def __init__(self, code: int, description: str, retry_after_s: int | None = None) -> None:
        super().__init__(description)
        self.body: Json = {"ok": False, "error_code": code, "description": description}
        if retry_after_s is not None:
            self.body["parameters"] = {"retry_after": retry_after_s}


@dataclass
class Methods:
    """What the server knows, and its methods. Tests use BotApi, which adds people, faults and HTTP."""

    token: str = "123456:AAStandInTokenOfTheTests_notASecret0"
    port: int = 0
    latency_s: float = 0.0
    jitter_s: float = 0.0
    limit_per_second: int | None = None
    """At most so many sends and edits in any sliding second, else 429 with `retry_after_s`."""
    retry_after_s: int = 1
    username: str = "loaxa_test_bot"
    cloud: bool = False
    """True: webhooks only by https on four ports, as Telegram's own servers. False: as a server of one's own."""
    webhook_retry_s: float = 0.1
    on_sent: Callable[[Sent], None] | None = None

    sent: list[Sent] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Descriptions of the refusals given, in order."""
    upload_count: int = 0
    messages: dict[tuple[int, int], Json] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    sizes_told: dict[str, int] = field(default_factory=dict)
    """What getFile says of a file's size when it is not the truth."""
    polled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as soon as the bot asked for updates and found none."""

    def __post_init__(self) -> None:
        self._closed_chats: dict[int, tuple[int, str]] = {}
        self._updates: list[Json] = []
        self.posts = WebhookPosts(self._updates, self.webhook_retry_s)
        self._news = asyncio.Event()
        self._poller = 0
        self._open_presses: dict[str, int] = {}
        self._accepted_at: deque[float] = deque()
        self._ids = itertools.count(1)

    async def _call(self, method: str, request: Request) -> object:
        """The `result` of one method. Raises Refused."""
        params, uploads = request.params, request.uploads
        match method:
            case "getMe":
                number = int(self.token.partition(":")[0])
                return {"id": number, "is_bot": True, "first_name": "Loa Xã", "username": self.username}
            case "getUpdates":
                return await self._get_updates(params)
            case "setWebhook":
                return self._set_webhook(params)
            case "deleteWebhook":
                return self._set_webhook({**params, "url": ""})
            case "getWebhookInfo":
                return self.posts.info()
            case "getFile":
                return self._get_file(params["file_id"])
            case "answerCallbackQuery":
                return self._answer(params)
            case _ if method in SENDS:
                return self._send(method, params, uploads)
            case _ if method in EDITS:
                return self._edit(method, params)
        raise Refused(404, "Not Found")

    @property
    def webhook(self) -> dict[str, str]:
        """As it was set last; empty: none is set."""
        return self.posts.params

    @property
    def pending(self) -> list[Json]:
        """The updates that the bot has not taken yet."""
        return list(self._updates)

    def _set_webhook(self, params: Mapping[str, str]) -> bool:
        url = params.get("url", "")
        if url and self.cloud and (words := refusal_of(url)):
            raise Refused(400, words)
        if params.get("drop_pending_updates") == "true":
            self._updates.clear()
        self.posts.params = dict(params) if url else {}
        self.posts.news.set()
        self._news.set()
        return True

    def _answer(self, params: dict[str, str]) -> bool:
        chat_id = self._open_presses.pop(params["callback_query_id"], None)
        if chat_id is None:
            words = "query is too old and response timeout expired or query ID is invalid"
            raise Refused(400, f"Bad Request: {words}")
        self._record("answerCallbackQuery", chat_id, params, 0)
        return True

    def _get_file(self, file_id: str) -> Json:
        body = self._known_file(file_id)
        if len(body) > _DOWNLOAD_LIMIT_BYTES:
            raise Refused(400, "Bad Request: file is too big")
        about = {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": self.sizes_told.get(file_id, len(body)),
        }
        return {**about, "file_path": f"files/{file_id}"}

    def _send(self, method: str, params: dict[str, str], uploads: tuple[Upload, ...]) -> Json:
        chat_id = self._open_chat(params)
        message_id = next(self._ids)
        message = {"message_id": message_id, "date": int(time.time()), "chat": chat_of(chat_id)}
        message |= self._media(MEDIA[method], params, uploads) if method in MEDIA else {}
        _check_lengths(method, params)
        self._pace()
        self.messages[chat_id, message_id] = message | _content(params)
        self._record(method, chat_id, params, message_id, sum(len(upload.body) for upload in uploads))
        return self.messages[chat_id, message_id]

    def _media(self, kind: str, params: dict[str, str], uploads: tuple[Upload, ...]) -> Json:
        if not uploads:
            self._known_file(params.get(kind, ""), kind)
            about = {"file_id": params[kind], "file_unique_id": f"u{params[kind]}"}
        else:
            self.upload_count += 1
            about = self._file(kind, uploads[0].body, file_name=uploads[0].name)
        if kind == "photo":
            return {"photo": [{**about, "width": 1280, "height": 720}]}
        extra = {name: params[name] for name in ("title", "performer") if name in params}
        return {kind: {**about, **extra, "duration": int(params.get("duration", "0"))}}

    def _edit(self, method: str, params: dict[str, str]) -> Json:
        chat_id, message_id = self._open_chat(params), int(params["message_id"])
        old = self.messages.get((chat_id, message_id))
        if old is None:
            raise Refused(400, "Bad Request: message to edit not found")
        if method == "editMessageText" and "text" not in old:
            raise Refused(400, "Bad Request: there is no text in the message to edit")
        if method == "editMessageCaption" and not any(kind in old for kind in MEDIA.values()):
            raise Refused(400, "Bad Request: there is no caption in the message to edit")
        _check_lengths(method, params)
        kept = {key: value for key, value in old.items() if key != "reply_markup"}
        new = kept | _content(params)
        if new == old:
            words = "specified new message content and reply markup are exactly the same"
            raise Refused(400, f"Bad Request: message is not modified: {words}")
        self._pace()
        self.messages[chat_id, message_id] = new
        self._record(method, chat_id, params, message_id)
        return new

    def _open_chat(self, params: dict[str, str]) -> int:
        try:
            chat_id = int(params["chat_id"])
        except (KeyError, ValueError):
            raise Refused(400, "Bad Request: chat not found") from None
        if chat_id in self._closed_chats:
            raise Refused(*self._closed_chats[chat_id])
        return chat_id

    def _pace(self) -> None:
        now = time.monotonic()
        while self._accepted_at and now - self._accepted_at[0] >= 1.0:
            self._accepted_at.popleft()
        if self.limit_per_second is not None and len(self._accepted_at) >= self.limit_per_second:
            words = f"Too Many Requests: retry after {self.retry_after_s}"
            raise Refused(429, words, self.retry_after_s)
        self._accepted_at.append(now)

    def _record(
        self, method: str, chat_id: int, params: dict[str, str], message_id: int, uploaded: int = 0
    ) -> None:
        sent = Sent(method, chat_id, params, time.monotonic(), message_id, uploaded)
        self.sent.append(sent)
        if self.on_sent:
            self.on_sent(sent)

    def _file(self, kind: str, body: bytes, **about: object) -> Json:
        """Issue an id for a file, bound to its kind as Telegram's are."""
        file_id = f"{kind}-{next(self._ids)}-{hashlib.sha256(body).hexdigest()[:8]}"
        self.files[file_id] = body
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(body), **about}

    def _known_file(self, file_id: str, kind: str = "") -> bytes:
        if file_id not in self.files:
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        if kind and not file_id.startswith(f"{kind}-"):
            raise Refused(400, "Bad Request: can't use file of another type")
        return self.files[file_id]

    async def _get_updates(self, params: Mapping[str, str]) -> list[Json]:
        if self.webhook.get("url"):
            words = (
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
            )
            raise Refused(409, f"Conflict: {words}")
        self._poller = me = self._poller + 1
        self._news.set()
        wanted = json.loads(params.get("allowed_updates", "[]"))
        offset = int(params.get("offset", "0"))
        self._updates[:] = [u for u in self._updates if u["update_id"] >= offset and _is_wanted(u, wanted)]
        deadline = time.monotonic() + float(params.get("timeout", "0"))
        while not self._updates and (left := deadline - time.monotonic()) > 0:
            self._news.clear()
            self.polled.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), left)
            self._updates[:] = [u for u in self._updates if _is_wanted(u, wanted)]
            if self.webhook:
                raise Refused(409, "Conflict: terminated by setWebhook request")
            if me != self._poller:
                words = (
                    "terminated by other getUpdates request; make sure that only one bot instance is running"
                )
                raise Refused(409, f"Conflict: {words}")
        return self._updates[: int(params.get("limit", "100"))]


def _is_wanted(update: Json, wanted: list[str]) -> bool:
    return not wanted or any(kind in update for kind in wanted)


def _content(params: dict[str, str]) -> Json:
    content: Json = {name: params[name] for name in ("text", "caption") if name in params}
    if "reply_markup" in params:
        content["reply_markup"] = json.loads(params["reply_markup"])
    return content


def _check_lengths(method: str, params: dict[str, str]) -> None:
    """Telegram counts UTF-16 units for texts and UTF-8 bytes for what a button carries."""
    text = params.get("text", "")
    if method in ("sendMessage", "editMessageText") and not text.strip():
        raise Refused(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > 4096:
        raise Refused(400, "Bad Request: message is too long")
    if len(params.get("caption", "").encode("utf-16-le")) // 2 > 1024:
        raise Refused(400, "Bad Request: message caption is too long")
    for row in json.loads(params.get("reply_markup", "{}")).get("inline_keyboard", []):
        if any(not 1 <= len(button["callback_data"].encode()) <= 64 for button in row):
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        if any(button.get("style") not in (None, "primary", "success", "danger") for button in row):
            raise Refused(400, "Bad Request: BUTTON_STYLE_INVALID")


def chat_of(chat_id: int, group: bool = False) -> Json:
    if group:
        return {"id": chat_id, "type": "group", "title": "Nhóm"}
    return {"id": chat_id, "type": "private", "first_name": f"Người {chat_id}"}


def person_of(chat_id: int) -> Json:
    return {"id": abs(chat_id), "is_bot": False, "first_name": f"Người {abs(chat_id)}"}
