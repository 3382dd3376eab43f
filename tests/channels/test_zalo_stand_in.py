"""The stand-in against a client that others wrote: what holds for it holds for ours.

`python-zalo-bot` sends forms where we send JSON, and reads answers with code of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.channels.zalo import ZaloChannel
from bot.channels.zalo_client import ZaloClient
from tests.channels.zalo_rig import LAN
from tests.zalo_api import ZaloApi

zalo_bot = pytest.importorskip("zalo_bot")
errors = pytest.importorskip("zalo_bot.error")


@pytest.fixture
async def api() -> AsyncIterator[ZaloApi]:
    async with ZaloApi() as served:
        served.bots[served.token].people.add(LAN)
        yield served


async def test_a_foreign_client_and_ours_do_the_same(api: ZaloApi) -> None:
    ours = ZaloClient(api.token, base_url=api.url)
    async with zalo_bot.Bot(api.token, base_url=api.url) as theirs:
        me = await theirs.get_me()
        message = await theirs.send_message(LAN, "Tin tuần 48")
        await theirs.send_photo(LAN, "chú thích", "https://loaxa.example.vn/a.jpg")
        await theirs.send_chat_action(LAN, "typing")
    sent = await ours.send_message(LAN, "Tin tuần 48")
    await ours.send_photo(LAN, "https://loaxa.example.vn/a.jpg", "chú thích")

    assert (me.account_name, (await ours.get_me()).account_name) == ("bot.700800900",) * 2
    assert [dict(one.params) for one in api.sent[:2]] == [dict(one.params) for one in api.sent[2:]]
    assert (api.sent[0].message_id, api.sent[2].message_id) == (message.message_id, sent.message_id)
    await ours.close()


async def test_both_read_one_text_and_one_photo_alike(api: ZaloApi) -> None:
    channel = ZaloChannel(api.token, base_url=api.url)
    api.say(LAN, "đã phát")
    photo_url = api.send_photo(LAN, b"jpeg", caption="loa thôn 3")
    api.replay = True
    seen = []
    async with zalo_bot.Bot(api.token, base_url=api.url) as theirs:
        for _ in range(2):
            seen.append((await theirs.get_update(timeout=1)).message)
    raw = [*await channel._client.get_updates(1), *await channel._client.get_updates(1)]
    ours = [channel.parse(body, seen[0].date) for body in raw]

    assert [(one.text or "", one.chat.id) for one in seen] == [("đã phát", LAN), ("", LAN)]
    assert [one and (one.kind, one.text, one.chat_id) for one in ours] == [
        ("text", "đã phát", LAN), ("file", "loa thôn 3", LAN),
    ]  # fmt: skip
    assert ours[1] and ours[1].file and ours[1].file.file_ref == photo_url == seen[1].photo_url
    await channel.close()


async def test_it_refuses_as_a_foreign_client_expects(api: ZaloApi) -> None:
    async with zalo_bot.Bot(api.token, base_url=api.url) as theirs:
        with pytest.raises(errors.NetworkError):
            await theirs.get_update(timeout=1)
        api.fail("429")
        with pytest.raises(errors.NetworkError):
            await theirs.send_message(LAN, "Tin")
        api.fail("ok_false")
        assert await theirs.send_message(LAN, "Tin") is None
    with pytest.raises(errors.InvalidToken):
        await zalo_bot.Bot("700800900:wrong-Secret", base_url=api.url).get_me()

    assert api.sent == []


@pytest.mark.parametrize("how", ["json", "data", "params"])
async def test_json_form_and_query_say_the_same(api: ZaloApi, how: str) -> None:
    asked = {"chat_id": LAN, "text": "Tin tuần 48 & 49"}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{api.url}/bot{api.token}/sendMessage", **{how: asked})  # type: ignore[arg-type]
        got = await client.get(f"{api.url}/bot{api.token}/getWebhookInfo")

    assert answer.json()["ok"] and api.sent[-1].text == asked["text"]
    assert (got.status_code, got.json()) == (
        404,
        {"ok": False, "error_code": 404, "description": "Not Found"},
    )


@pytest.mark.parametrize(
    ("method", "asked"),
    [
        ("sendMessage", {"chat_id": LAN, "text": ""}), ("sendMessage", {"chat_id": LAN, "text": "x" * 2001}),
        ("sendMessage", {"chat_id": "ai đó", "text": "x"}), ("sendFile", {"chat_id": LAN}),
        ("sendVoice", {"chat_id": LAN, "voice_url": "https://x/a.mp3"}), ("sendPhoto", {"chat_id": LAN, "photo": "a"}),
        ("setWebhook", {"url": "https://x", "secret_token": "short"}),
    ],
)  # fmt: skip
async def test_it_refuses_what_zalo_refuses(api: ZaloApi, method: str, asked: dict[str, str]) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{api.url}/bot{api.token}/{method}", json=asked)

    assert (answer.status_code, answer.json()["error_code"], api.sent) == (400, 400, [])
