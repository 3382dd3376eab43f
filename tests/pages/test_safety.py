"""What guards every page."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest

from tests.page_world import ADMIN, OFFICER, Browser, World


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_a_form_sent_from_another_site_is_refused(browser: Browser, headers: dict[str, str]) -> None:
    client = browser(OFFICER)

    answer = await client.post("/logout", headers=headers)

    assert answer.status_code == 403
    assert "gửi từ một trang khác" in answer.text
    assert (await client.get("/week")).headers["location"] != "/login"


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://127.0.0.1:8080"}, {}],
)
async def test_our_own_forms_pass(browser: Browser, headers: dict[str, str]) -> None:
    assert (await browser(OFFICER).post("/logout", headers=headers)).status_code == 303


async def test_every_page_carries_the_headers_and_is_not_kept(browser: Browser) -> None:
    for path in ("/login", "/khong-co", "/items"):
        headers = (await browser(ADMIN).get(path)).headers

        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/khong-co", 404), ("PUT", "/items", 405)])
async def test_a_wrong_address_or_act_is_answered_in_vietnamese(
    browser: Browser, method: str, path: str, status: int
) -> None:
    answer = await browser(ADMIN).request(method, path)

    assert answer.status_code == status
    assert "Anh/chị" in answer.text


async def test_a_request_too_large_is_refused_before_it_is_read(browser: Browser) -> None:
    answer = await browser(ADMIN).post("/items/new", files={"file": ("a.md", b"x" * 27_000_000)})

    assert answer.status_code == 413
    assert "quá lớn" in answer.text


async def test_a_request_that_hides_its_length_is_refused_as_well(browser: Browser) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 1_000_000

    form = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await browser(ADMIN).post("/items/new", content=endless(), headers=form)

    assert answer.status_code in (400, 413)
    assert "Anh/chị" in answer.text


async def test_a_fault_of_ours_is_a_vietnamese_page_and_its_log_holds_no_address(
    world: World, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    world.db.engine.dispose()
    world.ask(lambda s: s.connection().exec_driver_sql("DROP TABLE login_link"))

    with caplog.at_level(logging.INFO):
        answer = await browser().get("/m/bi-mat-cua-toi")

    assert answer.status_code == 500
    assert "Loa Xã gặp lỗi" in answer.text and "Traceback" not in answer.text
    assert "content-security-policy" in answer.headers
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("web")]
    assert ours and not any("bi-mat-cua-toi" in line for line in ours)


async def test_no_page_of_the_framework_is_served(browser: Browser) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await browser(ADMIN).get(path)).status_code == 404
