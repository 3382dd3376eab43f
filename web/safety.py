"""What guards every page, as plain ASGI: foreign writes are refused, answers carry the protective headers."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.pages import trouble_page
from web.uploads import limit_vi

log = logging.getLogger("loaxa.pages")
_READING = ("GET", "HEAD", "OPTIONS")
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}
_TOO_LARGE = "Nội dung gửi lên quá lớn nên Loa Xã chưa nhận."
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def too_large(path: str) -> tuple[str, str]:
    """What is wrong with a request that is not read to its end, and what to do: the limit of the very form."""
    return _TOO_LARGE, f"Anh/chị chọn tệp từ {limit_vi(path)} trở xuống."


def add_headers(headers: MutableHeaders, path: str, *, is_https: bool) -> None:
    """Pages are not kept by browsers; sounds, pictures and static files set their own rule."""
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    if is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if path.startswith("/static/"):
        headers.setdefault("Cache-Control", "public, max-age=3600")
    headers.setdefault("Cache-Control", "no-store")


class SafeHeaders:
    """Puts the headers on every answer, streams included."""

    def __init__(self, app: ASGIApp, is_https: bool) -> None:
        self.app, self.is_https = app, is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), scope["path"], is_https=self.is_https)
            await send(message)

        await self.app(scope, receive, guarded)


class OwnFormsOnly:
    """Refuses a write that another site made the browser send (CSRF); servers send neither header."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        ours = urlsplit(base_url)
        self.app, self.origin = app, f"{ours.scheme}://{ours.netloc}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _READING or self._is_ours(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        refusal = trouble_page(
            Request(scope),
            403,
            "Loa Xã không nhận thao tác gửi từ một trang khác.",
            todo="Anh/chị mở lại trang này từ địa chỉ của Loa Xã rồi bấm lại.",
        )
        await refusal(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is None:
            return True
        return origin == self.origin or origin.partition("://")[2] == headers.get("host")


class SmallBodies:
    """Reads at most `most_bytes` of a request. The framework's own limit answers in English."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self.app, self.most_bytes = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > self.most_bytes:
            # Only the room of the path: what follows may be somebody's own link.
            log.warning("refused %s bytes sent to /%s", announced, scope["path"].split("/")[1])
            what, todo = too_large(scope["path"])
            await trouble_page(Request(scope), 413, what, todo=todo)(scope, receive, send)
            return
        seen_bytes = 0

        async def counted() -> Message:
            nonlocal seen_bytes
            message = await receive()
            seen_bytes += len(message.get("body", b""))
            if seen_bytes > self.most_bytes:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


def is_on_this_machine(request: Request) -> bool:
    """Whether the browser runs here. A proxy in front makes everybody look local, so its headers say no;

    a foreign Host means that another site's name was pointed at this machine.
    """
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via")):
        return False
    try:
        asked = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:  # a bracket that is never closed
        return False
    return request.client is not None and request.client.host in _LOOPBACK and asked in _LOOPBACK
