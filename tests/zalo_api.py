"""A stand-in of the Zalo Bot Platform: a real HTTP server on loopback that behaves, and misbehaves, on request.

In a test:

    async with ZaloApi() as api:
        channel = ZaloChannel(api.token, base_url=api.url)
        api.say(LAN, "1")                    # a person writes; waits until the bot polls, or is posted to its webhook
        ...
        assert api.sent[-1].text == "..."    # what the bot sent and the server accepted
        api.fail("cut_after")                # the next send is accepted, but its answer never comes

It takes JSON, form and query bodies, knows several bots, checks what is documented (lengths, `.aac`, chats that wrote
before). What the real one answers to a chat that is gone is not documented: here it is a 400. Loopback only, everything in memory.
"""

from __future__ import annotations

import json
from typing import Literal

from tests.bot_api_http import HttpServer, Request, Response
from tests.zalo_api_methods import SENDS, Fault, FaultKind, Json, Refused, Sent, ZaloMethods
from tests.zalo_api_webhook import post_update

__all__ = ["FaultKind", "Sent", "ZaloApi"]

Shape = Literal["flat", "wrapped"]
PhotoField = Literal["photo_url", "photo"]


class ZaloApi(ZaloMethods):
    """The server. `url` is what the product's setting takes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._http = HttpServer(self._respond)
        self._faults: list[Fault] = []
        self.statuses: list[int] = []
        """What each call of a webhook was answered with; 0: not at all."""

    async def __aenter__(self) -> ZaloApi:
        self.port = await self._http.start(self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.closing.set()
        await self._http.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return next(iter(self.bots))

    # ---- what people do ---------------------------------------------------------------------------------

    def say(self, chat: str, text: str, *, token: str = "", group: bool = False, **extra: object) -> Json:
        """A person writes to a bot. Returns the event."""
        return self.tell("message.text.received", chat, {"text": text, **extra}, token=token, group=group)

    def send_photo(
        self, chat: str, body: bytes, *, field: PhotoField = "photo_url", caption: str = ""
    ) -> str:
        """A person sends a photo. Returns its address, where it can be fetched (through `media_transport`)."""
        url = self.keep_media(body, "jpg")
        self.tell(
            "message.image.received", chat, {field: url, "caption": caption, "message_type": "CHAT_PHOTO"}
        )
        return url

    def send_voice(self, chat: str, body: bytes) -> str:
        url = self.keep_media(body, "aac")
        self.tell("message.voice.received", chat, {"voice_url": url, "message_type": "CHAT_VOICE"})
        return url

    def send_unsupported(self, chat: str) -> Json:
        """A link, or anything of a protected sender: the content never arrives."""
        return self.tell("message.unsupported.received", chat, {})

    def tell(self, event: str, chat: str, content: Json, *, token: str = "", group: bool = False) -> Json:
        """Queue an event of any kind for a bot."""
        bot = self.bots[token or self.token]
        bot.people.add(chat)
        kind = "GROUP" if group else "PRIVATE"
        who = {"id": f"member-of-{chat}" if group else chat, "display_name": "Lan", "is_bot": False}
        message = {"message_id": self.new_id(), "date": self.now_ms(), "from": who}
        told = {
            "event_name": event,
            "message": {**message, "chat": {"id": chat, "chat_type": kind}, **content},
        }
        bot.inbox.append(told)
        bot.news.set()
        return told

    def leave(self, chat: str) -> None:
        """A person is gone for this server: what the real one answers then is not documented."""
        for bot in self.bots.values():
            bot.people.discard(chat)

    async def deliver(
        self, event: Json, *, shape: Shape = "flat", secret: str | None = "", token: str = ""
    ) -> int:
        """Call the webhook with an event, as Zalo does; returns the status. `secret`: "" for the right one, None for
        no header at all."""
        webhook = self.bots[token or self.token].webhook
        assert webhook is not None, "setWebhook first"
        shown = webhook.secret if secret == "" else secret
        body = event if shape == "flat" else {"ok": True, "result": event}
        self.statuses.append(await post_update(webhook.url, json.dumps(body).encode(), shown))
        return self.statuses[-1]

    # ---- what goes wrong --------------------------------------------------------------------------------

    def fail(self, kind: FaultKind, *, times: int = 1, method: str | None = None, text: str = "") -> None:
        """Script a fault for the next calls: of one method, else of any that sends."""
        self._faults.append(Fault(kind, times, method, text))

    # ---- HTTP -------------------------------------------------------------------------------------------

    async def _respond(self, request: Request) -> Response:
        path = request.path
        if path.startswith("/media/"):
            found = self.media.get(path.rpartition("/")[2])
            return Response(found, content_type="image/jpeg") if found is not None else Response(b"", 404)
        head, _, method = path.rpartition("/")
        token = head.removeprefix("/bot")
        if token not in self.bots or not head.startswith("/bot"):
            return _refused(Refused(401, "Unauthorized"))
        fault = self._fault_for(method)
        if fault is not None:
            early = _instead(fault)
            if early is not None:
                return early
        try:
            result = await self.call(token, method, request.params)
        except Refused as refused:
            return _refused(refused)
        answer = {"ok": True} if result is None else {"ok": True, "result": result, "error_code": 0}
        return await self._spoilt(Response(json.dumps(answer).encode()), fault)

    async def _spoilt(self, answer: Response, fault: Fault | None) -> Response:
        match fault.kind if fault else None:
            case "hang":
                await self.closing.wait()
                return Response(b"", cut=True)
            case "cut_after":
                return Response(b"", cut=True)
            case "half":
                head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
                return Response(head + answer.body[:20], cut=True)
            case "html_after":
                return Response(b"<html>502</html>", 502, content_type="text/html")
        return answer

    def _fault_for(self, method: str) -> Fault | None:
        for fault in self._faults:
            if method == fault.method if fault.method else method in SENDS:
                fault.left -= 1
                if fault.left <= 0:
                    self._faults.remove(fault)
                return fault
        return None


def _instead(fault: Fault) -> Response | None:
    """The answer of a call that is not carried out; None when it is."""
    match fault.kind:
        case "html":
            return Response(b"<html><body>Captive portal</body></html>", content_type="text/html")
        case "cut_before":
            return Response(b"", cut=True)
        case "ok_false":
            return _refused(Refused(403, fault.text or "Internal Server Error"), status=200)
        case "no_code":
            return Response(b'{"ok": false}')
        case "camel":
            body = {"ok": False, "errorCode": 426, "description": "Upgrade Required"}
            return Response(json.dumps(body).encode(), 426)
    if fault.kind.isdecimal():
        return _refused(Refused(int(fault.kind), fault.text or f"error {fault.kind}"))
    return None


def _refused(refused: Refused, status: int | None = None) -> Response:
    body = {"ok": False, "error_code": refused.code, "description": refused.description}
    return Response(json.dumps(body).encode(), status or refused.code)
