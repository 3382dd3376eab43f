"""The command line: `loaxa`, `python -m bot` and `python bot.py` are this one program."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot import cli_items, cli_log, cli_move, cli_store, cli_voice, cli_weeks, cli_zalo, console

app = typer.Typer(
    name="loaxa",
    help="Loa Xã: mỗi tuần một tin chuyển đổi số trên loa truyền thanh xã, từ lời đọc đến nhật ký phát.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (cli_store, cli_move, cli_weeks, cli_log, cli_items, cli_voice, cli_zalo):
    part.add_to(app)

Role = Annotated[str, typer.Option("--role", help="all, web hoặc worker")]
Port = Annotated[int, typer.Option(min=-1, max=65_535, help="Cổng trang web; bỏ trống thì theo cài đặt")]


@app.command()
def run(role: Role = "all", port: Port = -1) -> None:
    """Chạy tất cả: trang web, nhắn tin, hẹn giờ. Dừng bằng Ctrl-C."""
    from bot.running import run_for_ever

    run_for_ever(role, port)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Diễn một tuần không cần người rồi thoát")] = False,
    speed: Annotated[float, typer.Option("--speed", help="Đồng hồ chạy nhanh gấp mấy lần")] = 600.0,
    port: Port = -1,
    now: console.Now = "",
) -> None:
    """Dùng thử: một tuần của 28 xã thuộc Đắk Nông cũ, đồng hồ chạy nhanh."""
    from bot.demo import play_once, run_fast

    if once:
        raise SystemExit(play_once(now))
    run_fast(speed, port, now)


@app.command()
def doctor(as_json: console.Json = False) -> None:
    """Xem máy đã đủ để chạy chưa: cài đặt, cơ sở dữ liệu, giọng đọc, Telegram, thư."""
    from bot.doctor import examine

    findings = examine(console.settings())
    lines = [f"{'ĐƯỢC ' if one.ok else 'THIẾU'} {one.name}: {one.detail}" for one in findings]
    data = [{"check": f.name, "ok": f.ok, "needed": f.needed, "detail": f.detail} for f in findings]
    console.show(data, as_json, lines)
    if any(f.needed and not f.ok for f in findings):
        raise SystemExit(1)


def main() -> None:
    """Run a command; whatever goes wrong is said in one Vietnamese sentence, with status 1 (2 for bad usage)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")  # a Windows console may still be set to an old code page
    try:
        status = app(standalone_mode=False)
    except (console.CommandFailed, *console.SHOWABLE) as error:
        console.fail(str(error))
    except KeyboardInterrupt:
        console.fail("Đã dừng.", 130)
    except typer.Exit as stop:
        raise SystemExit(stop.exit_code) from None
    except USAGE_ERRORS as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            raise SystemExit(2) from None  # the help itself was printed
        console.fail(f"Lệnh chưa đúng: {_usage(error)}. Gõ “loaxa --help” để xem cách dùng.", 2)
    except OSError as error:
        console.fail(f"Máy không cho đọc hoặc ghi: {error.filename or error.strerror or error}.")
    raise SystemExit(status if isinstance(status, int) else 0)


# Typer carries its own copy of Click; the base of its usage errors has no public name.
USAGE_ERRORS: tuple[type[Exception], ...] = tuple(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)


def _usage(error: Exception) -> str:
    """What Click says in English, by the names of its errors."""
    param = getattr(error, "param", None)
    about = getattr(param, "metavar", None) or next(iter(getattr(param, "opts", [])), "tham số")
    option = getattr(error, "option_name", "")
    match type(error).__name__:
        case "MissingParameter":
            return f"thiếu {about}"
        case "NoSuchOption":
            return f"không có tùy chọn {option}"
        case "BadOptionUsage":
            return f"tùy chọn {option} thiếu giá trị"
        case "BadParameter":
            return f"giá trị của {about} không dùng được"
        case _:
            return "không có lệnh hoặc tham số như vậy"
