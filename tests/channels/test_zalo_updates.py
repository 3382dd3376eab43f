"""Zalo's updates, in all shapes that were documented or seen: what they mean, and what they do not."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.zalo_updates import parse_update, update_id
from scheduler.channel import Incoming

NOW = datetime(2026, 11, 24, 10, 25, tzinfo=UTC)
LAN = "31f0a9c2be47d5508e1a"
Json = dict[str, Any]


def event(content: Json, **changes: Any) -> Json:
    message = {
        "message_id": "5be1c0947a2dd83f6612", "date": 1796000000123,
        "from": {"id": LAN, "display_name": "Lan", "is_bot": False},
        "chat": {"id": LAN, "chat_type": "PRIVATE"},
    }  # fmt: skip
    return {"event_name": "message.text.received", "message": {**message, **content, **changes}}


def parsed(update: object) -> Incoming:
    found = parse_update(json.dumps(update), "700800900", NOW)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "null", "[]", "7", "{}", '{"ok": true}', '{"ok": true, "result": []}', '{"message": null}',
        '{"event_name": "user.followed", "user": {"id": "1"}}', '{"message": {"message_id": "1"}}',
        '{"message": {"message_id": "1", "chat": "x"}}', '{"ok": false, "result": {}}', "[" * 50_000,
        '{"message": {"chat": {"id": "1"}, "from": 7}}',
    ],
)  # fmt: skip
def test_what_nobody_understands_is_nothing(body: str) -> None:
    assert parse_update(body, "700800900", NOW) is None


def test_what_another_bot_says_is_nothing() -> None:
    update = event({"text": "1"}, **{"from": {"id": "x", "is_bot": True}})

    assert parse_update(json.dumps(update), "700800900", NOW) is None


def test_flat_and_wrapped_mean_the_same() -> None:
    flat = event({"text": "1"})
    wrapped = {"ok": True, "result": flat, "error_code": 0}

    assert parsed(flat) == parsed(wrapped)
    assert update_id(json.dumps(flat)) == update_id(json.dumps(wrapped)) == "5be1c0947a2dd83f6612"


def test_a_text_says_who_when_and_what() -> None:
    told = parsed(event({"text": unicodedata.normalize("NFD", "Đã phát")}))

    assert (told.channel, told.bot, told.chat_id, told.kind) == ("zalo", "700800900", LAN, "text")
    assert (told.text, told.private, told.buttons) == ("Đã phát", True, False)
    assert told.sent_at == datetime.fromtimestamp(1796000000.123, UTC)


@pytest.mark.parametrize("field", ["photo_url", "photo"])
def test_a_photo_is_found_under_either_name(field: str) -> None:
    told = parsed(event({field: "https://f1.zdn.vn/a.jpg", "caption": "loa thôn 3"}))

    assert told.file and (told.kind, told.file.kind, told.file.file_ref) == (
        "file",
        "photo",
        "https://f1.zdn.vn/a.jpg",
    )
    assert told.text == "loa thôn 3"


def test_of_two_photo_fields_the_one_seen_live_counts() -> None:
    told = parsed(event({"photo_url": "https://f1.zdn.vn/a.jpg", "photo": "https://f1.zdn.vn/b.jpg"}))

    assert told.file and told.file.file_ref.endswith("a.jpg")


def test_a_voice_note_is_a_file() -> None:
    told = parsed(event({"voice_url": "https://f1.zdn.vn/a.aac", "message_type": "CHAT_VOICE"}))

    assert told.file and (told.file.kind, told.file.file_ref) == ("voice", "https://f1.zdn.vn/a.aac")


@pytest.mark.parametrize(
    "content",
    [{}, {"sticker": "s1", "url": "https://x"}, {"photo": {"odd": 1}}, {"photo": []}, {"text": None}],
)
def test_a_sticker_or_what_zalo_keeps_back_states_nothing_and_may_be_answered(content: Json) -> None:
    told = parsed(event(content))

    assert (told.kind, told.text, told.file) == ("text", "", None)


@pytest.mark.parametrize(
    ("chat", "private"),
    [
        ({"id": LAN, "chat_type": "PRIVATE"}, True), ({"id": LAN}, True),
        ({"id": "g1", "chat_type": "GROUP"}, False), ({"id": "g1"}, False), ({"id": LAN, "chat_type": "X"}, False),
    ],
)  # fmt: skip
def test_only_the_chat_of_one_person_is_private(chat: Json, private: bool) -> None:
    assert parsed(event({"text": "1"}, chat=chat)).private is private


@pytest.mark.parametrize("date", [None, 1e300, -1e300, float("9" * 18)])
def test_a_date_that_is_none_is_when_it_reached_us(date: float | None) -> None:
    assert parsed(event({"text": "1"}, date=date)).sent_at == NOW


def test_seconds_and_milliseconds_are_told_apart() -> None:
    moments = [parsed(event({"text": "1"}, date=date)).sent_at for date in (1796000000, 1796000000000)]

    assert moments[0] == moments[1]
    assert abs(moments[0] - NOW) < timedelta(days=40)


def test_new_fields_and_numbers_for_ids_are_no_trouble() -> None:
    update = event({"text": "1", "new": {"deep": [1]}}, chat={"id": 77, "chat_type": "PRIVATE"}, message_id=5)

    assert (parsed(update).chat_id, parsed(update).message_ref, parsed(update).update_id) == ("77", "5", "5")


def test_what_no_store_takes_is_left_out() -> None:
    assert parsed(event({"text": "a\x00b\ud83d c"})).text == "ab c"


@pytest.mark.parametrize("found", [None, "", "x" * 65, {"a": 1}, True, "a\nb"])
def test_an_update_without_a_usable_id_is_known_by_its_body(found: object) -> None:
    one, other = (json.dumps(event({"text": text}, message_id=found)) for text in ("1", "2"))

    assert update_id(one) == update_id(one) != update_id(other)
    assert len(update_id(one)) <= 64
