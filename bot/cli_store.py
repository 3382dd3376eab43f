"""Commands that fill the store: db, areas, people, invites, login-link."""

from __future__ import annotations

import csv
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from airlog import areas, items, people, sessions
from airlog.db import Database
from bot import console
from bot.settings import Settings
from content import shelf
from content.week import LOCAL
from scheduler.clock import SystemClock

db_app = typer.Typer(help="Cơ sở dữ liệu.", no_args_is_help=True)
areas_app = typer.Typer(help="Tỉnh, xã và đài truyền thanh.", no_args_is_help=True)
people_app = typer.Typer(help="Người dùng và quyền.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Hang these commands under the program."""
    app.add_typer(db_app, name="db")
    app.add_typer(areas_app, name="areas")
    app.add_typer(people_app, name="people")
    app.command("invites")(invites)
    app.command("login-link")(login_link)


@db_app.command("init")
def db_init(as_json: console.Json = False) -> None:
    """Tạo bảng hoặc nâng lên bản mới nhất, nạp tỉnh, xã và thư viện tin. Chạy lại không sao."""
    settings = console.settings()
    db = Database(settings.store_url)
    db.migrate()
    now = SystemClock().now()
    with db.session() as session:
        added = areas.load_areas(session)
        fresh = items.load_library(session, shelf.library(), now)
    db.close()
    place = db.url.render_as_string(hide_password=True)
    data = {"database": place, "areas_added": added, "items_added": fresh}
    console.show(
        data,
        as_json,
        [f"Cơ sở dữ liệu sẵn sàng: {place}", f"Thêm {added} đơn vị hành chính, {fresh} tin thư viện."],
    )


@areas_app.command("load")
def areas_load(
    province: Annotated[str, typer.Option("--province", help="Mã hai số hoặc tên tỉnh, ví dụ 68")],
    former: Annotated[
        str, typer.Option("--former-province", help="Chỉ phần thuộc tỉnh cũ này, ví dụ “Tỉnh Đắk Nông”")
    ] = "",
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Tạo đài truyền thanh cho từng xã và chỉ tiêu mỗi tuần một tin. Chạy lại không tạo trùng."""
    today = console.clock(now).now().astimezone(LOCAL).date()
    with console.store(write=True) as session:
        areas.load_areas(session)
        loaded = areas.load_stations(session, console.area(session, province, former).text, today)
    console.show(
        asdict(loaded),
        as_json,
        [f"{loaded.communes} xã, phường; thêm {loaded.stations} đài; chỉ tiêu: {loaded.mandate}."],
    )


@people_app.command("import")
def people_import(file: Path, now: console.Now = "", as_json: console.Json = False) -> None:
    """Nhập danh sách người từ tệp CSV (ho_ten, dien_thoai, vai_tro, ma_don_vi, ten_dai). Sai một dòng thì không nhập dòng nào."""
    if not file.is_file():
        raise console.CommandFailed(f"Không thấy tệp {file}. Anh/chị kiểm tra lại đường dẫn.")
    with console.store(write=True) as session:
        done = people.import_people(session, file.read_bytes(), console.clock(now).now())
    console.show(
        asdict(done),
        as_json,
        [f"Đã nhập {done.people} người mới, {done.grants} quyền mới, {done.stations} đài mới."],
    )


def invites(
    as_csv: Annotated[bool, typer.Option("--csv", help="In ra CSV")] = False,
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Mã mời cho những người chưa gắn điện thoại."""
    settings = console.settings()
    with console.store(write=True) as session:
        lines = people.invites(session, console.clock(now).now())
    start = _link_start(settings)
    rows = [asdict(one) | {"link": start and start + one.code} for one in lines]
    if as_csv:
        writer = csv.DictWriter(sys.stdout, [*people.InviteLine.__annotations__, "link"])
        writer.writeheader()
        writer.writerows(rows)
        return
    text = [f"{r['person']} · {r['station']} · {r['code']} {r['link']}".rstrip() for r in rows]
    console.show(rows, as_json, text or ["Ai cũng đã gắn điện thoại."])


def login_link(
    phone: Annotated[
        str, typer.Argument(help="Số điện thoại của người đăng nhập; bỏ trống: quản trị đầu tiên")
    ] = "",
    as_json: console.Json = False,
) -> None:
    """In đường dẫn đăng nhập trang web, dùng một lần trong 10 phút."""
    settings = console.settings()
    now = SystemClock().now()
    with console.store(write=True) as session:
        found = console.person(session, phone) if phone else sessions.first_with_role(session, "admin", now)
        if found is None:
            raise console.CommandFailed(
                "Chưa có quản trị nào. Anh/chị nhập danh sách người có vai trò admin trước."
            )
        token = sessions.new_link(session, found, now)
    base = settings.base_url or f"http://127.0.0.1:{settings.http_port}"
    console.show(
        {"person": found.name, "link": f"{base}/m/{token}"}, as_json, [f"{found.name}: {base}/m/{token}"]
    )


def _link_start(settings: Settings) -> str:
    """The links without their codes; empty when there is no bot or it cannot be reached now."""
    if not settings.token:
        return ""
    import asyncio

    from bot.app import telegram_of
    from scheduler.channel import ChannelError

    async def ask() -> str:
        channel = telegram_of(settings, settings.token or "")
        try:
            await channel.start()
            return channel.link("")
        except ChannelError as error:
            print(f"Chưa hỏi được tên bot nên cột link để trống: {error.reason}", file=sys.stderr)
            return ""
        finally:
            await channel.close()

    return asyncio.run(ask())
