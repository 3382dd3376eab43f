"""The little HTTP/1.1 server under the Bot API stand-in: it can also cut a line where a test wants it cut."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True)
class Request:
    path: str
    params: dict[str, str]
    """Of the query and the form, or the JSON object, together; what is no text in JSON is JSON text here."""
    uploads: tuple[Upload, ...]


@dataclass(frozen=True)
class Response:
    """One answer. `cut` writes the body as it stands, without any head, and drops the line."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    cut: bool = False


@dataclass(frozen=True)
class Upload:
    field: str
    name: str
    body: bytes


class HttpServer:
    """Serves requests on loopback, keeping connections open between them."""

    def __init__(self, respond: Callable[[Request], Awaitable[Response]]) -> None:
        self._respond = respond
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listen on the port (0: a free one) and return it."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=1 << 20)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the other side went away, or we close
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read and answer one request. False when the connection is over."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request_line, *header_lines = head.split("\r\n")
        headers = {k.casefold(): v.strip() for k, _, v in (line.partition(":") for line in header_lines)}
        chunked = headers.get("transfer-encoding", "") == "chunked"
        size = int(headers.get("content-length", "0"))
        body = await _chunks(reader) if chunked else await reader.readexactly(size)
        path, _, query = request_line.split(" ")[1].partition("?")
        params, uploads = _form(headers.get("content-type", ""), body)
        request = Request(unquote(path), dict(parse_qsl(query)) | params, uploads)
        response = await self._respond(request)
        writer.write(response.body if response.cut else _head(response) + response.body)
        await writer.drain()
        return not response.cut


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A body whose length nobody knew beforehand, as aiogram uploads files."""
    body = bytearray()
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size + 2)
        del body[-2:]
    await reader.readline()
    return bytes(body)


def _head(response: Response) -> bytes:
    lines = (
        f"HTTP/1.1 {response.status} Status",
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(response.body)}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _form(content_type: str, body: bytes) -> tuple[dict[str, str], tuple[Upload, ...]]:
    if content_type.startswith("application/json"):
        found = json.loads(body or b"{}")
        return {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()
        }, ()
    if not content_type.startswith("multipart/"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True)), ()
    boundary = b"--" + content_type.partition("boundary=")[2].strip('"').encode()
    params: dict[str, str] = {}
    uploads: list[Upload] = []
    for part in body.split(boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        name, filename = _names(head.decode())
        if filename:
            uploads.append(Upload(name, filename, content))
        else:
            params[name] = content.decode()
    return params, tuple(uploads)


def _names(head: str) -> tuple[str, str]:
    """The field's name and its file name ("" for a plain field) of one part of a form."""
    disposition = next(
        line for line in head.split("\r\n") if line.casefold().startswith("content-disposition")
    )
    pairs = (pair.strip().partition("=") for pair in disposition.split(";")[1:])
    found = {key: value.strip('"') for key, _, value in pairs}
    return found["name"], found.get("filename", "")
