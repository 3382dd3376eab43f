"""`loaxa doctor` asks each Zalo bot, says what is wrong in words, and shows no token."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.doctor import Finding, _zalo
from bot.settings import Settings
from tests.channels.test_zalo_commands import TOKENS, zalo
from tests.zalo_api import ZaloApi
from tests.zalo_api_methods import Hook

BASE = "https://loaxa.example.vn"


def settings(api: ZaloApi, *tokens: str, **more: object) -> Settings:
    given = {"zalo_tokens": ",".join(tokens), "zalo_base_url": api.url, "base_url": BASE} | more
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


def found(api: ZaloApi, *tokens: str, **more: object) -> list[Finding]:
    told = _zalo(settings(api, *tokens, **more))
    assert not any("Secret" in f"{one.name} {one.detail}" for one in told)
    return told


def test_without_a_bot_there_is_nothing_to_ask_and_nothing_missing(tmp_path: Path) -> None:
    (told,) = _zalo(Settings(_env_file=None, var_dir=tmp_path))

    assert (told.ok, told.needed) == (False, False) and "LOAXA_ZALO_TOKENS" in told.detail


def test_a_bad_token_is_named_by_its_bot_and_the_others_are_still_asked() -> None:
    with zalo(TOKENS[0]) as api:
        bad, good = found(api, "999999:another-Secret", TOKENS[0])

    assert (bad.name, bad.ok, bad.needed) == ("bot Zalo 999999", False, True)
    assert "Zalo không nhận mã bot" in bad.detail and good.ok


def test_a_zalo_that_does_not_answer_is_said_so() -> None:
    with zalo(TOKENS[0]) as api:
        gone = settings(api, TOKENS[0])
    (told,) = _zalo(gone)

    assert not told.ok and "Không kết nối được Zalo" in told.detail


@pytest.mark.parametrize(
    ("hook", "ok", "words"),
    [
        ("", False, "chưa đặt webhook"),
        ("https://noi-khac.example/zalo/700800900", False, "nơi khác (https://noi-khac.example"),
        (f"{BASE}/zalo/700800900", True, "nhận tin qua webhook"),
    ],
)
def test_the_webhook_is_ours_or_it_is_told(hook: str, ok: bool, words: str) -> None:
    with zalo(TOKENS[0]) as api:
        if hook:
            api.bots[TOKENS[0]].webhook = Hook(hook, "bi-mat-webhook", 0)
        (told,) = found(api, TOKENS[0], zalo_webhook=True)

    assert (told.ok, words in told.detail) == (ok, True)


def test_asking_changes_nothing_at_zalo() -> None:
    with zalo(TOKENS[0]) as api:
        api.bots[TOKENS[0]].webhook = Hook("https://noi-khac.example/z", "bi-mat-webhook", 0)
        (told,) = found(api, TOKENS[0])

        assert {method for method, _ in api.calls} == {"getMe", "getWebhookInfo"}
        assert told.ok and "cho đến khi chạy “loaxa run”" in told.detail
