"""What Zalo can answer, and what follows: sent, not sent, perhaps sent; and when to try again."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from bot.channels.zalo import ZaloChannel
from bot.channels.zalo_client import ZaloClient
from bot.channels.zalo_errors import QUOTA_PAUSES, TOKEN_PAUSE, QuotaPause, ZaloError, refusal, unreadable
from scheduler.channel import ChannelError, Outgoing
from tests.channels.zalo_rig import LAN, ZaloRig, code_of, rig, send_and_fail
from tests.zalo_api import FaultKind

__all__ = ["rig"]


@pytest.mark.parametrize(
    ("fault", "code", "maybe_delivered", "retry_after"),
    [
        ("401", 401, False, TOKEN_PAUSE),
        ("403", 403, False, None),
        ("ok_false", 403, False, None),
        ("404", 404, False, None),
        ("408", 408, True, None),
        ("429", 429, False, QUOTA_PAUSES[0]),
        ("500", 500, True, None),
        ("camel", 426, False, None),
        ("no_code", 0, True, None),
        ("html", 200, True, None),
        ("html_after", 502, True, None),
        ("half", 0, True, None),
        ("cut_before", 0, True, None),
        ("cut_after", 0, True, None),
    ],
)
async def test_each_answer_says_whether_the_message_can_have_left(
    rig: ZaloRig, fault: FaultKind, code: int, maybe_delivered: bool, retry_after: timedelta | None
) -> None:
    rig.api.fail(fault)

    failure = await send_and_fail(rig)

    assert (code_of(failure), failure.maybe_delivered, failure.permanent) == (code, maybe_delivered, False)
    assert bool(failure.retry_after) == bool(retry_after)
    if retry_after and failure.retry_after:
        assert abs(failure.retry_after - retry_after) < timedelta(seconds=1)


async def test_an_answer_that_never_comes_may_mean_delivered(rig: ZaloRig) -> None:
    hasty = ZaloChannel(rig.api.token, base_url=rig.api.url, answer_within=timedelta(milliseconds=200))
    rig.api.fail("hang")

    with pytest.raises(ChannelError) as failure:
        await hasty.send(LAN, Outgoing("Tin"))

    assert (failure.value.maybe_delivered, len(rig.api.sent)) == (True, 1)
    await hasty.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "ftp://127.0.0.1", "http://"])
async def test_where_no_connection_comes_about_nothing_left(url: str) -> None:
    channel = ZaloChannel("700800900:demo-Secret_1", base_url=url)

    with pytest.raises(ChannelError) as failure:
        await channel.send(LAN, Outgoing("Tin"))

    assert (failure.value.maybe_delivered, failure.value.permanent) == (False, False)
    await channel.close()


@pytest.mark.parametrize(
    ("status", "maybe_delivered"),
    [(403, False), (413, False), (429, False), (408, True), (302, True), (503, True)],
)
def test_a_page_without_an_envelope_is_judged_by_its_status(status: int, maybe_delivered: bool) -> None:
    assert unreadable(status).maybe_delivered is maybe_delivered


@pytest.mark.parametrize("code", [0, -1, 200, 500, 999])
def test_a_refusal_with_a_code_nobody_knows_may_mean_delivered(code: int) -> None:
    assert refusal(code, "?").maybe_delivered


async def test_what_was_accepted_is_accepted_whatever_else_the_answer_says(rig: ZaloRig) -> None:
    async def odd(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500, json={"ok": True, "result": {"message_id": 17, "new": [1]}, "more": None})

    channel = ZaloChannel(rig.api.token, transport=httpx.MockTransport(odd))

    assert (await channel.send(LAN, Outgoing("Tin"))).message_ref == "17"
    await channel.close()


@pytest.mark.parametrize("result", [{}, {"result": None}, {"result": "yes"}, {"result": {"message_id": {}}}])
async def test_a_message_taken_without_an_id_is_sent_and_has_a_reference_of_ours(
    result: dict[str, object],
) -> None:
    async def bare(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"ok": True, **result})

    channel = ZaloChannel("700800900:demo-Secret_1", transport=httpx.MockTransport(bare))
    receipts = [await channel.send(LAN, Outgoing("Tin")) for _ in range(2)]

    assert receipts[0].message_ref and receipts[0].message_ref != receipts[1].message_ref
    await channel.close()


def test_a_quota_that_stays_used_up_is_asked_for_ever_more_seldom() -> None:
    pause = QuotaPause()

    assert pause.refused(0.0) == timedelta(minutes=15)
    assert pause.refused(60.0) == timedelta(minutes=14)  # another request of the same moment
    assert pause.refused(900.0) == timedelta(hours=1)
    assert pause.refused(4500.0) == timedelta(hours=6)
    assert pause.refused(4500.0 + 6 * 3600) == timedelta(hours=6)


def test_a_message_that_is_taken_ends_the_growing() -> None:
    pause = QuotaPause()
    pause.refused(0.0)
    pause.taken()

    assert pause.refused(1000.0) == timedelta(minutes=15)


async def test_a_used_up_month_is_told_as_a_pause(rig: ZaloRig) -> None:
    rig.api.month_limit = 1
    await rig.channel.send(LAN, Outgoing("một"))

    failure = await send_and_fail(rig)

    assert failure.retry_after and failure.retry_after > timedelta(minutes=14)


async def test_all_eleven_calls_are_understood(rig: ZaloRig) -> None:
    client = ZaloClient(rig.api.token, base_url=rig.api.url)
    voice, photo = "https://loaxa.example.vn/a/x/tin.aac", "https://loaxa.example.vn/a.jpg"

    assert (await client.get_me()).account_name == "bot.700800900"
    assert (await client.get_webhook_info()).url == ""
    assert await client.get_updates(1) == []
    told = await client.set_webhook("https://loaxa.example.vn/zalo/700800900", "s" * 32)
    assert told.verification and (told.verification.ok, told.verification.outcome[:11]) == (
        False,
        "webhook.err",
    )
    assert (await client.get_webhook_info()).url == "https://loaxa.example.vn/zalo/700800900"
    assert (await client.test_webhook()).outcome == "webhook.err.conn"
    await client.delete_webhook()
    await client.send_chat_action(LAN)
    sent = [
        await client.send_message(LAN, "a"), await client.send_photo(LAN, photo, "b"),
        await client.send_voice(LAN, voice), await client.send_sticker(LAN, "s1"),
    ]  # fmt: skip

    assert len({one.message_id for one in sent}) == 4
    assert [one.method for one in rig.api.sent] == ["sendMessage", "sendPhoto", "sendVoice", "sendSticker"]
    await client.close()


async def test_too_many_trials_of_the_webhook_in_a_day_are_told_in_words(rig: ZaloRig) -> None:
    rig.api.tests_left = 0

    with pytest.raises(ZaloError, match="xin làm lại ngày mai"):
        await rig.channel._client.test_webhook()


@pytest.mark.parametrize("token", ["", "700800900", ":secret", "abc:secret", "٧٠٠:secret", "700800900:"])
def test_a_malformed_token_is_refused_without_being_named(token: str) -> None:
    with pytest.raises(ValueError) as failure:
        ZaloChannel(token)

    assert "secret" not in str(failure.value)
