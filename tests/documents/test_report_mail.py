"""Reports go through a real SMTP server on loopback."""

import asyncio
import email
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from airlog import report_files
from airlog.report_files import ReportKey
from reports.figures import gather
from reports.mail import MailFailed, MailSettings, message_id, send_report
from reports.outbox import AlreadySent, Letter, letter, mail_report
from reports.period import six_months_ending
from reports.write import ReportPaths
from tests.report_world import NOW, World, empty_world, fill
from tests.stores import Stores

PEM = Path(__file__).with_name("untrusted.pem")
TO, FROM = "ttbcxb@example.gov.vn", "loaxa@example.gov.vn"
LATER = datetime(2026, 6, 5, 1, tzinfo=UTC)


@dataclass
class Postbox:
    """What a mail server got; `answer` is what it says to the data, `refuses` to the address."""

    answer: str = "250 OK"
    refuses: str = ""
    got: list[EmailMessage] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            message = email.message_from_bytes(content, policy=default)
            assert isinstance(message, EmailMessage)
            self.got.append(message)
        return self.answer

    def authenticate(
        self, _s: object, _session: object, _e: object, _m: str, login: LoginPassword
    ) -> AuthResult:
        self.logins.append(login.login)
        return AuthResult(success=login.password == b"bi mat", handled=False)


@asynccontextmanager
async def mail_server(box: Postbox, *, secure: bool = False) -> AsyncIterator[MailSettings]:
    """A server on a free port, and the settings that reach it without encryption."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if secure else None
    if context:
        context.load_cert_chain(PEM)
    make: Callable[[], SMTP] = lambda: SMTP(  # noqa: E731
        box,
        tls_context=context,
        authenticator=box.authenticate,
        auth_require_tls=secure,
        hostname="localhost",
    )
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    async with server:
        yield MailSettings("127.0.0.1", server.sockets[0].getsockname()[1], FROM, tls="none", timeout_s=5)


@pytest.fixture
def paths(tmp_path: Path) -> ReportPaths:
    made = ReportPaths(tmp_path / "bao-cao.docx", tmp_path / "bao-cao.xlsx")
    made.docx.write_bytes(b"word \x00\xff")
    made.xlsx.write_bytes(b"excel \r\n.\r\n")
    return made


async def send(settings: MailSettings, paths: ReportPaths, to: str = TO) -> None:
    files = [paths.docx, paths.xlsx]
    await asyncio.to_thread(
        send_report,
        settings,
        to,
        "Báo cáo phát thanh",
        "Kính gửi.\n",
        files,
        "<bao-cao.1@example.gov.vn>",
        NOW,
    )


async def test_a_dead_port_is_said_with_what_to_do(paths: ReportPaths) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(MailFailed, match=f"không nối được máy chủ thư 127.0.0.1:{port}.*Tệp báo cáo vẫn còn"):
        await send(MailSettings("127.0.0.1", port, FROM, tls="none"), paths)


async def test_a_server_that_never_answers_is_given_up(paths: ReportPaths) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings = MailSettings("127.0.0.1", mute.getsockname()[1], FROM, tls="none", timeout_s=0.2)

        with pytest.raises(MailFailed, match="không trả lời kịp"):
            await send(settings, paths)


@pytest.mark.parametrize(
    ("box", "said"),
    [
        (Postbox(refuses="550 5.1.1 No such user"), f"không nhận địa chỉ {TO}"),
        (Postbox(answer="552 5.3.4 Too big"), "trả lời mã 552"),
    ],
)
async def test_a_refusing_server_is_quoted_in_vietnamese(box: Postbox, said: str, paths: ReportPaths) -> None:
    async with mail_server(box) as settings:
        with pytest.raises(MailFailed, match=said):
            await send(settings, paths)


@pytest.mark.parametrize(
    "to", ["", "khong-co-a-cong", "a@b", "hai@x.vn, ba@x.vn", "a@x.vn\nBcc: b@x.vn", "thư@x.vn"]
)
async def test_what_is_no_address_is_refused_before_anything_is_sent(to: str, paths: ReportPaths) -> None:
    box = Postbox()
    async with mail_server(box) as settings:
        with pytest.raises(MailFailed, match="không đúng"):
            await send(settings, paths, to)

    assert box.got == []


async def test_a_wrong_password_names_the_account_not_the_password(paths: ReportPaths) -> None:
    async with mail_server(Postbox()) as settings:
        with pytest.raises(MailFailed, match="không nhận tên hoặc mật khẩu") as failed:
            await send(replace(settings, user="loaxa", password="sai-roi"), paths)

    assert "sai-roi" not in str(failed.value) + repr(replace(settings, password="sai-roi"))


async def test_no_password_leaves_this_machine_in_the_open(paths: ReportPaths) -> None:
    settings = MailSettings("mail.example.gov.vn", 25, FROM, user="loaxa", password="bi mat", tls="none")

    with pytest.raises(MailFailed, match="không mã hóa"):
        await send(settings, paths)


async def test_a_server_without_starttls_gets_no_mail_when_it_was_asked_for(paths: ReportPaths) -> None:
    box = Postbox()
    async with mail_server(box) as settings:
        with pytest.raises(MailFailed, match="không có kiểu kết nối"):
            await send(replace(settings, tls="starttls"), paths)

    assert box.got == []


async def test_a_certificate_nobody_vouches_for_is_refused(paths: ReportPaths) -> None:
    box = Postbox()
    async with mail_server(box, secure=True) as settings:
        with pytest.raises(MailFailed, match="không tin được"):
            await send(replace(settings, tls="starttls"), paths)

    assert box.got == []


async def test_a_report_arrives_over_starttls_after_login(paths: ReportPaths) -> None:
    box = Postbox()
    async with mail_server(box, secure=True) as settings:
        secured = replace(settings, tls="starttls", ca_file=PEM, user="loaxa", password="bi mat")
        await send(secured, paths)

    assert (box.logins, len(box.got)) == ([b"loaxa"], 1)


async def test_subject_words_and_both_files_arrive_as_they_were(paths: ReportPaths) -> None:
    box = Postbox()
    async with mail_server(box) as settings:
        await send(settings, paths)

    (message,) = box.got
    assert (message["Subject"], message["To"]) == ("Báo cáo phát thanh", TO)
    assert message["Message-ID"] == "<bao-cao.1@example.gov.vn>"
    parts = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert parts == {"bao-cao.docx": paths.docx.read_bytes(), "bao-cao.xlsx": paths.xlsx.read_bytes()}


def test_a_message_id_is_the_same_for_the_same_files_and_address_only() -> None:
    first = message_id(FROM, TO, ["a", "b"])

    assert first == message_id(FROM, TO.upper(), ["b", "a"])
    assert first not in (message_id(FROM, TO, ["a", "c"]), message_id(FROM, "x@example.gov.vn", ["a", "b"]))


@dataclass
class Desk:
    """A record with a report to send."""

    world: World
    key: ReportKey
    paths: ReportPaths
    folder: Path

    async def mail(
        self, settings: MailSettings, to: str = TO, *, again: bool = False, now: datetime = NOW
    ) -> None:
        mail = Letter(to, "Báo cáo", "Kính gửi.\n")
        args = (self.world.database, settings, self.key, mail, self.paths, self.folder, now)
        await asyncio.to_thread(lambda: mail_report(*args, again=again))

    def rows(self) -> list[tuple[str, str | None, datetime | None]]:
        with self.world.database.reading() as session:
            return [(row.name, row.sent_to, row.sent_at) for row in report_files.files_of(session, self.key)]


@pytest.fixture
def desk(stores: Stores, store_kind: str, tmp_path: Path, paths: ReportPaths) -> Iterator[Desk]:
    period = six_months_ending(date(2026, 6, 4))
    key = ReportKey(1, "661", period.starts_on, period.ends_on)
    world = empty_world(stores.filled(store_kind, fill))
    yield Desk(world, key, paths, tmp_path / "kept")
    world.database.close()


async def test_a_report_that_could_not_be_sent_is_kept_and_not_noted_as_sent(desk: Desk) -> None:
    async with mail_server(Postbox(refuses="550 no")) as settings:
        with pytest.raises(MailFailed):
            await desk.mail(settings)

    assert desk.rows() == [("bao-cao.docx", None, None), ("bao-cao.xlsx", None, None)]


async def test_a_report_goes_to_an_address_once_even_in_a_new_edition(desk: Desk) -> None:
    box = Postbox()
    async with mail_server(box) as settings:
        await desk.mail(settings)
        desk.paths.xlsx.write_bytes(b"newer figures")
        with pytest.raises(AlreadySent, match="lúc 15 giờ, thứ Năm 4/6 nên Loa Xã không gửi thêm"):
            await desk.mail(settings, f" {TO.upper()}", now=LATER)

    assert len(box.got) == 1


async def test_asked_for_again_the_same_report_goes_out_under_the_same_message_id(desk: Desk) -> None:
    box = Postbox()
    async with mail_server(box) as settings:
        await desk.mail(settings)
        await desk.mail(settings, again=True, now=LATER)

    assert len(box.got) == 2
    assert box.got[0]["Message-ID"] == box.got[1]["Message-ID"]


async def test_each_address_a_report_went_to_stays_on_record(desk: Desk) -> None:
    async with mail_server(Postbox()) as settings:
        await desk.mail(settings)
        await desk.mail(settings, "vanthu@example.gov.vn", now=LATER)

    docx = [(to, at) for name, to, at in desk.rows() if name == "bao-cao.docx"]
    assert docx == [(TO, NOW), ("vanthu@example.gov.vn", LATER)]


async def test_the_exact_bytes_that_went_out_are_kept(desk: Desk) -> None:
    box = Postbox()
    async with mail_server(box) as settings:
        await desk.mail(settings)
    desk.paths.docx.write_bytes(b"overwritten afterwards")

    with desk.world.database.reading() as session:
        kept = {row.name: Path(row.path).read_bytes() for row in report_files.files_of(session, desk.key)}
    assert kept == {part.get_filename(): part.get_content() for part in box.got[0].iter_attachments()}


def test_the_usual_letter_names_area_and_dates(desk: Desk) -> None:
    with desk.world.database.reading() as session:
        figures = gather(session, desk.world.scope, six_months_ending(date(2026, 6, 4)), NOW)

    usual = letter(figures, f" {TO} ")

    assert usual.to == TO
    assert usual.subject == "Báo cáo phát thanh 06 tháng (05/12/2025 - 04/6/2026), khu vực Đăk Glong cũ"
