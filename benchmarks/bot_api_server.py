"""The Bot API stand-in as a process of its own, with the figures that the benchmarks read.

    python -m benchmarks.bot_api_server --latency 0.2 --jitter 0.1 --limit 30

Prints its token and address, then serves until it is ended. It is the stand-in of the tests (tests/bot_api.py), at
about a fifth of a client's CPU per request. Instants are seconds of the machine's monotonic clock, which all
processes share. Pages:

    /stats           what was accepted, refused, uploaded, and how evenly (see Stats)
    /count           chats that got an item, and requests received but not answered yet
    /keys            chat and message ids of every accepted item, to compare with the store
    /items           chat, instant and caption of every accepted item
    /press?rate=20   people press the first button of their item, so many a second, some seconds after it came
    /presses         for each press: chat, when it was made, acknowledged, replied to
    /polls           when updates were asked for
    /set?latency=0   from now on answer with this latency (and jitter)
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass

from tests.bot_api import BotApi, Sent
from tests.bot_api_http import Request, Response

READS_FOR_S = 2.0
"""Nobody presses before so long after the message came."""


@dataclass(frozen=True)
class Stats:
    """Of all accepted sends and edits but answers to presses. A slice is ten whole seconds between first and last."""

    items: int
    chats: int
    twice: int
    """Items accepted once more for a chat that had the very same one."""
    refused_429: int
    refused_else: int
    uploads: int
    busiest_second: int
    first_at: float
    last_at: float
    slices: list[float]
    """Accepted items a second in each slice."""


@dataclass
class Press:
    chat_id: int
    pressed: float
    acknowledged: float | None = None
    replied: float | None = None


class BenchServer(BotApi):
    """The stand-in, counting."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.on_sent = self._note
        self.items: list[Sent] = []
        self.presses: dict[int, Press] = {}
        self.polls: list[float] = []
        self._in_flight = 0
        self._pressing: asyncio.Task[None] | None = None

    def figures(self) -> Stats:
        keys = Counter(sent.key for sent in self.items)
        times = [sent.at for sent in self.items]
        first, last = (times[0], times[-1]) if times else (0.0, 0.0)
        per_slice = Counter(int((at - first) // 10) for at in times)
        refused_429 = sum(words.startswith("Too Many") for words in self.refused)
        return Stats(
            items=len(times),
            chats=len({chat for chat, _ in keys}),
            twice=len(times) - len(keys),
            refused_429=refused_429,
            refused_else=len(self.refused) - refused_429,
            uploads=self.upload_count,
            busiest_second=self.busiest_second(),
            first_at=first,
            last_at=last,
            slices=[per_slice[n] / 10 for n in range(int((last - first) // 10))],
        )

    def _note(self, sent: Sent) -> None:
        if sent.method == "sendAudio":
            self.items.append(sent)
        elif press := self.presses.get(sent.chat_id):
            if sent.method == "answerCallbackQuery":
                press.acknowledged = press.acknowledged or sent.at
            else:
                press.replied = press.replied or sent.at

    async def _respond(self, request: Request) -> Response:
        page = self._page(request)
        if page is not None:
            return Response(json.dumps(page).encode())
        if request.path.endswith("/getUpdates"):
            self.polls.append(time.monotonic())
        counts = request.path.endswith("/sendAudio")
        self._in_flight += counts
        try:
            return await super()._respond(request)
        finally:
            self._in_flight -= counts

    def _page(self, request: Request) -> object | None:
        match request.path:
            case "/stats":
                return asdict(self.figures())
            case "/count":
                return {"items": len(self.items), "in_flight": self._in_flight}
            case "/keys":
                return [(sent.chat_id, sent.message_id) for sent in self.items]
            case "/items":
                return [(sent.chat_id, sent.at, sent.text) for sent in self.items]
            case "/press":
                most = int(request.params.get("most", "1000000"))
                self._pressing = asyncio.create_task(self._press_on(float(request.params["rate"]), most))
                return {}
            case "/set":
                self.latency_s = float(request.params["latency"])
                self.jitter_s = float(request.params.get("jitter", "0"))
                return {}
            case "/polls":
                return self.polls
            case "/presses":
                return [asdict(press) for press in self.presses.values()]
        return None

    async def _press_on(self, rate: float, most: int) -> None:
        """The oldest item that nobody pressed yet, at even intervals, until the process ends."""
        due = time.monotonic()
        for number in range(most):
            due += 1 / rate
            await asyncio.sleep(due - time.monotonic())
            while len(self.items) <= number or self.items[number].at > time.monotonic() - READS_FOR_S:
                await asyncio.sleep(0.05)
                due = max(due, time.monotonic())
            sent = self.items[number]
            self.presses[sent.chat_id] = Press(sent.chat_id, time.monotonic())
            self.press(sent.chat_id, sent.message_id, sent.buttons[0][1])


async def _serve(options: argparse.Namespace) -> None:
    server = BenchServer(
        latency_s=options.latency, jitter_s=options.jitter, limit_per_second=options.limit or None
    )
    async with server:
        print(server.token, server.url, flush=True)
        await asyncio.Event().wait()


def _main() -> None:
    parser = argparse.ArgumentParser(description="The Bot API stand-in of the benchmarks.")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds until each answer")
    parser.add_argument("--jitter", type=float, default=0.1, help="up to so many seconds more, at random")
    parser.add_argument("--limit", type=int, default=30, help="accepted in any sliding second; 0: no limit")
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    _main()
