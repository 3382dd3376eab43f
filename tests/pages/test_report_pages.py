"""Reports: figures on the page, documents kept, mail to the mandate's address."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy

import docx
import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from airlog.models import Mandate, ReportFile
from reports.mail import MailSettings
from tests.page_world import ADMIN, AREA, EDITOR, OFFICER, Browser, World
from web.app import create_app

ASKED = {"scope": "663", "preset": "own", "first": "2026-11-01", "last": "2026-11-30"}


class Mailbox:
    """A mail server's memory."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.letters.append(envelope.content)  # type: ignore[attr-defined]
        return "250 OK"


@pytest.fixture
def mailbox(free_port: int) -> Iterator[tuple[Mailbox, MailSettings]]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port)
    controller.start()
    yield box, MailSettings("127.0.0.1", free_port, "loaxa@example.vn", tls="none")
    controller.stop()


async def test_reports_are_for_officers_and_admins(browser: Browser) -> None:
    assert (await browser(EDITOR).get("/reports")).status_code == 403


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"scope": "660"}, 403, "không thuộc phạm vi"),
        ({"scope": "xyz"}, 422, "không đúng dạng"),
        ({"first": "2026-12-01"}, 422, "không có ngày nào"),
        ({"first": "hôm qua"}, 422, "không đọc được"),
    ],
)
async def test_a_bad_area_or_period_is_explained(
    browser: Browser, changed: dict[str, str], status: int, said: str
) -> None:
    answer = await browser(OFFICER).get("/reports", params=ASKED | changed)

    assert answer.status_code == status and said in answer.text


async def test_without_a_mail_server_the_page_says_so_and_sends_nothing(browser: Browser) -> None:
    answer = await browser(OFFICER).post("/reports/mail", data=ASKED | {"email": "a@example.vn"})

    assert answer.status_code == 422 and "Chưa đặt máy chủ thư" in answer.text


async def test_figures_are_shown_before_the_documents_are_made(browser: Browser) -> None:
    page = (await browser(OFFICER).get("/reports", params=ASKED)).text

    assert "4 đài, 16 việc phải phát, đã phát 0" in page  # four stations, the weeks of 2 to 23 November


async def test_the_usual_periods_end_on_the_last_good_days(browser: Browser) -> None:
    page = (await browser(OFFICER).get("/reports")).text

    assert "Năm đến 04/12/2026" in page and "6 tháng đến 04/06/2027" in page


async def test_a_word_document_is_handed_out_and_its_bytes_are_kept(world: World, browser: Browser) -> None:
    client = browser(OFFICER)

    made = await client.post("/reports/document", data=ASKED | {"kind": "docx"})
    answer = await client.get(made.headers["location"])

    assert docx.Document(io.BytesIO(answer.content)).paragraphs
    rows = world.ask(lambda s: s.scalars(select(ReportFile)).all())
    assert sorted(row.name.rpartition(".")[2] for row in rows) == ["docx", "xlsx"]


async def test_a_report_of_another_area_is_not_handed_out(world: World, browser: Browser) -> None:
    made = await browser(ADMIN).post("/reports/document", data=ASKED | {"scope": AREA})

    answer = await browser(OFFICER).get(made.headers["location"])

    assert answer.status_code == 403


async def test_both_documents_go_to_the_mandates_address_once(
    world: World, browser: Browser, mailbox: tuple[Mailbox, MailSettings]
) -> None:
    box, settings = mailbox
    client = browser(OFFICER, app=create_app(replace(world.parts, mail=settings)))
    form = ASKED | {"email": "baocao@lamdong.gov.vn"}

    bad = await client.post("/reports/mail", data=ASKED | {"email": "khong-phai"})
    sent = await client.post("/reports/mail", data=form)
    again = await client.post("/reports/mail", data=form)

    assert bad.status_code == 422 and sent.status_code == 303
    assert again.status_code == 422 and "đã gửi tới" in again.text
    [letter] = [message_from_bytes(raw, policy=policy.default) for raw in box.letters]
    assert len(list(letter.iter_attachments())) == 2
    assert world.ask(lambda s: s.scalars(select(Mandate)).one()).report_email == "baocao@lamdong.gov.vn"
