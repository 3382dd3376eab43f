"""Sending a report by e-mail: plain SMTP from the standard library. Blocking; call it in a thread."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from content.week import LOCAL

TIMEOUT_S = 30.0
_SUBTYPES = {
    ".docx": "vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class MailFailed(Exception):
    """Nothing was accepted by the server; the message is Vietnamese, can be shown and says what to do."""


@dataclass(frozen=True)
class MailSettings:
    """How to reach the office's mail server. `ca_file` is for a server whose certificate the office itself issued."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: Literal["none", "starttls", "tls"] = "starttls"
    ca_file: Path | None = None
    timeout_s: float = TIMEOUT_S

    def __repr__(self) -> str:
        """Without the password: settings end up in logs and error pages."""
        return f"MailSettings({self.user or '-'}@{self.host}:{self.port}, {self.tls})"


def send_report(
    settings: MailSettings,
    to: str,
    subject: str,
    body: str,
    paths: Sequence[Path],
    message_id: str,
    now: datetime,
) -> None:
    """Give one message with attachments to the mail server. Raises MailFailed.

    Safe to repeat with the same `message_id`: mailboxes show a message they know once.
    """
    message = _message(settings.sender, to, subject, body, message_id, now)
    for path in paths:
        message.add_attachment(
            path.read_bytes(), maintype="application", subtype=_SUBTYPES[path.suffix], filename=path.name
        )
    _check_secrecy(settings)
    try:
        server = _connected(settings)
        try:
            if settings.user:
                server.login(settings.user, settings.password)
            server.send_message(message)
        finally:
            _leave(server)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise MailFailed(_reason(settings, to, error)) from error


def message_id(sender: str, to: str, digests: Sequence[str]) -> str:
    """The one id of these exact files to this address."""
    about = hashlib.sha256("\n".join([to.casefold(), *sorted(digests)]).encode()).hexdigest()
    return f"<bao-cao.{about[:32]}@{_address(sender).domain}>"


def check_address(text: str) -> str:
    """An e-mail address, trimmed. Raises MailFailed."""
    return str(_address(text).addr_spec)


def _message(sender: str, to: str, subject: str, body: str, message_id: str, now: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"] = Address("Loa Xã", addr_spec=check_address(sender))
    message["To"] = Address(addr_spec=check_address(to))
    message["Subject"] = " ".join(subject.split())
    message["Message-ID"] = message_id
    message["Date"] = format_datetime(now.astimezone(LOCAL))
    message.set_content(body)
    return message


def _address(text: str) -> Address:
    try:
        address = Address(addr_spec=text.strip())
    except (ValueError, HeaderParseError, IndexError) as error:
        raise MailFailed(_bad_address(text)) from error
    if not address.username or "." not in address.domain.strip(".") or not text.isascii():
        raise MailFailed(_bad_address(text))
    return address


def _bad_address(text: str) -> str:
    return f"Địa chỉ thư “{text.strip()}” không đúng nên Loa Xã chưa gửi. Anh/chị sửa lại, ví dụ baocao@lamdong.gov.vn."


def _check_secrecy(settings: MailSettings) -> None:
    if settings.tls == "none" and settings.user and not _is_loopback(settings.host):
        raise MailFailed(
            "Loa Xã không gửi mật khẩu thư qua đường truyền không mã hóa. "
            "Anh/chị đặt kiểu kết nối là starttls hoặc tls."
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _connected(settings: MailSettings) -> smtplib.SMTP:
    """A session that is secured as asked, never less. Certificates are verified."""
    host, port, timeout = settings.host, settings.port, settings.timeout_s
    if settings.tls == "none":
        return smtplib.SMTP(host, port, timeout=timeout)
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.tls == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
    server = smtplib.SMTP(host, port, timeout=timeout)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _leave(server: smtplib.SMTP) -> None:
    """A message that was taken stays taken, however the server says goodbye."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _reason(settings: MailSettings, to: str, error: Exception) -> str:
    where = f"{settings.host}:{settings.port}"
    server = f"máy chủ thư {where}"
    # smtplib reports a time-out while waiting for an answer as a lost connection.
    late = isinstance(error, smtplib.SMTPServerDisconnected) and isinstance(error.__context__, TimeoutError)
    match error.__context__ if late else error:
        case smtplib.SMTPAuthenticationError():
            why, what = f"{server} không nhận tên hoặc mật khẩu", "Anh/chị kiểm tra tài khoản gửi thư."
        case smtplib.SMTPRecipientsRefused():
            why, what = f"máy chủ thư không nhận địa chỉ {to}", "Anh/chị kiểm tra địa chỉ nhận báo cáo."
        case smtplib.SMTPSenderRefused():
            why, what = f"máy chủ thư không nhận người gửi {settings.sender}", "Anh/chị kiểm tra địa chỉ gửi."
        case smtplib.SMTPNotSupportedError():
            why, what = f"{server} không có kiểu kết nối đã đặt", "Anh/chị đổi kiểu kết nối hoặc cổng."
        case smtplib.SMTPResponseException() as refusal:
            why, what = f"{server} trả lời mã {refusal.smtp_code}", "Anh/chị thử lại sau ít phút."
        case ssl.SSLCertVerificationError():
            why = f"chứng thư của máy chủ {where} không tin được"
            what = "Anh/chị hỏi người quản trị máy chủ thư."
        case TimeoutError():
            why, what = f"{server} không trả lời kịp", "Anh/chị thử lại sau ít phút."
        case _:
            why, what = f"không nối được {server}", "Anh/chị kiểm tra mạng, tên máy và cổng."
    return f"Chưa gửi được báo cáo: {why}. Tệp báo cáo vẫn còn. {what}"
