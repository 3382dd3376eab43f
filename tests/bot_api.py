"""A stand-in of the Telegram Bot API: a real HTTP server on loopback that behaves, and misbehaves, on request.

In a test:

    async with BotApi() as api:
        channel = TelegramChannel(api.token, base_url=api.url, base_file_url=api.file_url)
        api.say(1001, "/start ABC")        # a person writes; waits until the bot fetches it
        ...
        api.tap(1001, "Đã phát")           # presses the newest button with that label
        assert api.sent[-1].text == "..."  # what the bot sent and the server accepted
        api.fail("cut_after")              # the next send is accepted, but its answer never comes

After setWebhook it posts what people do to that address instead (tests/bot_api_webhook.py).

By hand, to try the product as a chat without any account:

    python -m tests.bot_api_by_hand --port 8081

It checks what Telegram checks (lengths, 64 bytes of button data, kinds of messages that are edited, file ids),
and knows only what this product uses. Loopback only, one bot, everything in memory.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from dataclasses import dataclass
from typing import Literal

from tests.bot_api_http import HttpServer, Request, Response
from tests.bot_api_methods import EDITS, SENDS, Json, Methods, Refused, Sent, chat_of, person_of

__all__ = ["BotApi", "FaultKind", "Sent"]

FaultKind = Literal["429", "400", "403", "500", "html", "cut_before", "cut_after", "half", "hang"]
"""What can go wrong with one call. 4xx and 5xx: refused, nothing accepted. html: a web page with status 200.
cut_before: the line is cut and nothing was accepted. cut_after: accepted, then cut. half: accepted, half of the
answer. hang: accepted, no answer until the server closes."""

_REFUSALS = {
    "400": (400, "Bad Request: can't parse entities"),
    "403": (403, "Forbidden: bot was blocked by the user"),
    "429": (429, "Too Many Requests: retry after {}"),
    "500": (500, "Internal Server Error"),
}


@dataclass
class Fault:
    kind: FaultKind
    left: int
    method: str | None
    chat_id: int | None
    text: str | None
    retry_after_s: int


class BotApi(Methods):
    """The server. `url` and `file_url` are what the product's settings take; the fields are those of Methods."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._http = HttpServer(self._respond)
        self._closing = asyncio.Event()
        self._faults: list[Fault] = []
        self._update_ids = itertools.count(700_000_001)
        self._random = random.Random(7)

    async def __aenter__(self) -> BotApi:
        self.port = await self._http.start(self.port)
        self._posting = asyncio.create_task(self.posts.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        self._posting.cancel()
        await self._http.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def file_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file/bot"

    # ---- what people do ---------------------------------------------------------------------------------

    def say(self, chat_id: int, text: str, *, group: bool = False) -> int:
        """A person writes. Returns the id of the message."""
        return self._from_person(chat_id, {"text": text}, group=group)

    def send_photo(self, chat_id: int, body: bytes, caption: str = "") -> int:
        """A person sends a photo: it comes in two sizes, as from Telegram."""
        small = self._file("photo", body[: len(body) // 2], width=90, height=60)
        large = self._file("photo", body, width=1280, height=853)
        return self._from_person(chat_id, {"photo": [small, large], "caption": caption})

    def send_voice(self, chat_id: int, body: bytes) -> int:
        voice = self._file("voice", body, duration=3, mime_type="audio/ogg")
        return self._from_person(chat_id, {"voice": voice})

    def send_document(self, chat_id: int, body: bytes, name: str) -> int:
        return self._from_person(chat_id, {"document": self._file("document", body, file_name=name)})

    def press(self, chat_id: int, message_id: int, data: str) -> str:
        """A person presses a button; of a message the server does not know Telegram shows no content."""
        press_id = f"press{next(self._ids)}"
        unknown = {"message_id": message_id, "date": 0, "chat": chat_of(chat_id)}
        message = self.messages.get((chat_id, message_id), unknown)
        query = {"id": press_id, "from": person_of(chat_id), "message": message, "data": data}
        self._open_presses[press_id] = chat_id
        self._tell({"callback_query": {**query, "chat_instance": "1"}})
        return press_id

    def tap(self, chat_id: int, label: str) -> str:
        """Press the newest button that bears the label. Raises LookupError when this chat has none."""
        for (chat, message_id), message in reversed(self.messages.items()):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []) if chat == chat_id else []:
                for button in row:
                    if button["text"] == label:
                        return self.press(chat_id, message_id, button["callback_data"])
        raise LookupError(f"no button {label!r} in chat {chat_id}")

    def block(self, chat_id: int) -> None:
        """A person blocks the bot: it is told, and every further send is refused."""
        self.close_chat(chat_id, 403, "Forbidden: bot was blocked by the user")
        self._membership(chat_id, "member", "kicked")

    def unblock(self, chat_id: int) -> None:
        self._closed_chats.pop(chat_id, None)
        self._membership(chat_id, "kicked", "member")

    # ---- what goes wrong --------------------------------------------------------------------------------

    def close_chat(self, chat_id: int, code: int, description: str) -> None:
        """From now on refuse every send to this chat with these words."""
        self._closed_chats[chat_id] = (code, description)

    def fail(
        self,
        kind: FaultKind,
        *,
        times: int = 1,
        method: str | None = None,
        chat_id: int | None = None,
        text: str | None = None,
        retry_after_s: int = 1,
    ) -> Fault:
        """Script a fault for the next calls (any send, edit or answer; or of one method, or to one chat). The
        answer counts down how many are `left`."""
        self._faults.append(Fault(kind, times, method, chat_id, text, retry_after_s))
        return self._faults[-1]

    def end_hanging(self) -> None:
        """Cut the calls that hang; later ones are cut at once."""
        self._closing.set()

    # ---- what the tests ask -----------------------------------------------------------------------------

    def to(self, chat_id: int) -> list[Sent]:
        """What one chat got, edits and answers to presses not counted."""
        return [sent for sent in self.sent if sent.chat_id == chat_id and sent.method in SENDS]

    def busiest_second(self) -> int:
        """The most sends and edits accepted in any sliding second."""
        times = [sent.at for sent in self.sent if sent.method in (*SENDS, *EDITS)]
        most, start = 0, 0
        for end, at in enumerate(times):
            while at - times[start] >= 1.0:
                start += 1
            most = max(most, end - start + 1)
        return most

    def stats(self) -> dict[str, float]:
        """Served as JSON at /stats, for a stand-in in a process of its own."""
        times = [sent.at for sent in self.sent]
        return {
            "sent": len(self.sent),
            "refused": len(self.refused),
            "uploads": self.upload_count,
            "busiest_second": self.busiest_second(),
            "seconds": times[-1] - times[0] if times else 0.0,
        }

    def _from_person(self, chat_id: int, content: Json, *, group: bool = False) -> int:
        message_id = next(self._ids)
        message = {"message_id": message_id, "date": int(time.time()), "chat": chat_of(chat_id, group)}
        self._tell({"message": {**message, "from": person_of(chat_id), **content}})
        return message_id

    def _membership(self, chat_id: int, old: str, new: str) -> None:
        bot = {"id": int(self.token.partition(":")[0]), "is_bot": True, "first_name": "Loa Xã"}
        change = {"chat": chat_of(chat_id), "from": person_of(chat_id), "date": int(time.time())}
        members = {
            "old_chat_member": {"user": bot, "status": old},
            "new_chat_member": {"user": bot, "status": new},
        }
        for member in members.values():
            if member["status"] == "kicked":
                member["until_date"] = 0
        self._tell({"my_chat_member": {**change, **members}})

    def tell_raw(self, update: Json) -> int:
        """Queue an update of any shape. Returns its update_id."""
        return self._tell(update)

    def _tell(self, update: Json) -> int:
        update_id = next(self._update_ids)
        self._updates.append({"update_id": update_id, **update})
        self._news.set()
        self.posts.news.set()
        return update_id

    # ---- HTTP -------------------------------------------------------------------------------------------

    async def _respond(self, request: Request) -> Response:
        path, name = request.path, request.path.rpartition("/")[2]
        if path == "/stats":
            return Response(json.dumps(self.stats()).encode())
        if path.startswith(f"/file/bot{self.token}/"):
            found = self.files.get(name)
            return Response(found, content_type="audio/ogg") if found is not None else Response(b"", 404)
        if not path.startswith(f"/bot{self.token}/"):
            return _answer(Refused(401, "Unauthorized").body)
        delay_s = 0.0 if name == "getUpdates" else self.latency_s + self._random.uniform(0, self.jitter_s)
        await asyncio.sleep(delay_s / 2)
        response = await self._respond_to_call(name, request)
        await asyncio.sleep(delay_s / 2)
        return response

    async def _respond_to_call(self, method: str, request: Request) -> Response:
        fault = self._fault_for(method, request.params)
        match fault.kind if fault else None:
            case "html":
                return Response(b"<html><body>Captive portal</body></html>", content_type="text/html")
            case "cut_before":
                return Response(b"", cut=True)
        try:
            if fault and fault.kind in _REFUSALS:
                raise _refusal(fault)
            response = _answer({"ok": True, "result": await self._call(method, request)})
        except Refused as refused:
            self.refused.append(str(refused))
            return _answer(refused.body)
        match fault.kind if fault else None:
            case "hang":
                await self._closing.wait()
                return Response(b"", cut=True)
            case "cut_after":
                return Response(b"", cut=True)
            case "half":
                return Response(
                    b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + response.body[:40], cut=True
                )
        return response

    def _fault_for(self, method: str, params: dict[str, str]) -> Fault | None:
        usual = (*SENDS, *EDITS, "answerCallbackQuery")
        for fault in self._faults:
            right_method = method == fault.method if fault.method else method in usual
            right_chat = fault.chat_id is None or params.get("chat_id") == str(fault.chat_id)
            if right_method and right_chat:
                fault.left -= 1
                if fault.left <= 0:
                    self._faults.remove(fault)
                return fault
        return None


def _refusal(fault: Fault) -> Refused:
    code, words = _REFUSALS[fault.kind]
    pause = fault.retry_after_s if fault.kind == "429" else None
    return Refused(code, fault.text or words.format(pause), pause)


def _answer(body: Json) -> Response:
    return Response(json.dumps(body).encode(), body.get("error_code", 200))
