"""Try Loa Xã as a Telegram chat without Telegram: a stand-in server, and people played from the keyboard.

    python -m tests.bot_api_by_hand --port 8081

It prints the settings to start Loa Xã with, then everything that Loa Xã sends.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from tests.bot_api import BotApi, Sent

_HELP = """Máy chủ thử thay cho Telegram. Gõ một dòng rồi nhấn Enter:
  1001 /start MÃ-MỜI       người 1001 gõ tin
  1001 = Đã phát           người 1001 bấm nút "Đã phát" mới nhất
  1001 @ anh.jpg           người 1001 gửi ảnh (tệp .oga, .ogg: tin thoại)
  1001 !                   người 1001 chặn bot"""


def _act(api: BotApi, line: str) -> None:
    chat, _, rest = line.strip().partition(" ")
    chat_id = int(chat)
    if rest.startswith("="):
        api.tap(chat_id, rest[1:].strip())
    elif rest.startswith("@"):
        path = Path(rest[1:].strip())
        voice = path.suffix in (".oga", ".ogg")
        (api.send_voice if voice else api.send_photo)(chat_id, path.read_bytes())
    elif rest == "!":
        api.block(chat_id)
    else:
        api.say(chat_id, rest)


def _show(sent: Sent) -> None:
    print(f"\n[{sent.chat_id}] {sent.method} #{sent.message_id} {sent.params.get('title', '')}")
    print("  " + sent.text.replace("\n", "\n  "))
    if sent.buttons:
        print("  " + "  ".join(f"[{label}]" for label, _ in sent.buttons), flush=True)


async def _by_hand(options: argparse.Namespace) -> None:
    api = BotApi(
        port=options.port,
        latency_s=options.latency,
        jitter_s=options.jitter,
        limit_per_second=options.limit,
        on_sent=None if options.quiet else _show,
    )
    async with api:
        print(f"LOAXA_TELEGRAM_TOKEN={api.token}\nLOAXA_TELEGRAM_BASE_URL={api.url}", flush=True)
        print(f"LOAXA_TELEGRAM_BASE_FILE_URL={api.file_url}\n", flush=True)
        if not options.quiet:
            print(_HELP, flush=True)
            await _follow(api)
        await asyncio.Event().wait()


async def _follow(api: BotApi) -> None:
    """Act out what is typed until the input ends; the server stays up after that, until Ctrl-C."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        try:
            _act(api, line)
        except (ValueError, LookupError, OSError) as error:
            print(f"? {error}\n{_HELP}", flush=True)


def _main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in of the Telegram Bot API on loopback.")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one (default 8081)")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds until each answer")
    parser.add_argument("--jitter", type=float, default=0.0, help="up to so many seconds more, at random")
    parser.add_argument("--limit", type=int, help="messages in any sliding second, above it 429")
    parser.add_argument("--quiet", action="store_true", help="print nothing that arrives, read no input")
    with suppress(KeyboardInterrupt):
        asyncio.run(_by_hand(parser.parse_args()))


if __name__ == "__main__":
    _main()
