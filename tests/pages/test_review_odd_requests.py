"""Requests that no page of ours sends."""

from __future__ import annotations

import pytest

from tests.page_world import ADMIN, Browser

BIG = "9" * 25


@pytest.mark.parametrize(
    "path",
    [f"/media/tracks/{BIG}.mp3", f"/campaigns/{BIG}", f"/stations/{BIG}", f"/reports/files/{BIG}",
     "/week/9999-W52", "/week/0001-W01"],
)  # fmt: skip
async def test_an_address_with_an_impossible_number_is_no_page(browser: Browser, path: str) -> None:
    answer = await browser(ADMIN).get(path)

    assert answer.status_code == 404
    assert "Chưa làm được" in answer.text


@pytest.mark.parametrize("headers", [{"Host": "[abc"}, {"Origin": "http://[::"}])
async def test_a_broken_host_or_origin_is_a_strangers(browser: Browser, headers: dict[str, str]) -> None:
    answer = await browser().post("/doors/admin", headers=headers)

    assert answer.status_code in (400, 403)


async def test_a_campaign_name_of_a_hundred_thousand_letters_is_asked_again(browser: Browser) -> None:
    form = {"name": "x" * 100_000, "scope": "68", "start": "2026-W50", "weeks": "1", "weekday": "0"}

    answer = await browser(ADMIN).post("/campaigns/new", data={**form, "hour": "7h30"})

    assert answer.status_code == 422
    assert "quá dài" in answer.text
