"""Commands of the weekly loop: campaign, send, deliveries, week, report."""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from airlog import campaigns, queries
from airlog.db import Database
from airlog.scope import Scope, require_scope
from bot import console
from content import ladder_messages, messages
from content.week import WEEKDAYS, Week
from reports.signs import LOOKS

campaign_app = typer.Typer(help="Chiến dịch: tin nào, tuần nào, khu vực nào.", no_args_is_help=True)
report_app = typer.Typer(help="Báo cáo.", no_args_is_help=True)
WeekOption = Annotated[str, typer.Option("--week", help="Tuần phát, ví dụ 2026-W48")]


def add_to(app: typer.Typer) -> None:
    """Hang these commands under the program."""
    app.add_typer(campaign_app, name="campaign")
    app.add_typer(report_app, name="report")
    app.command("send")(send)
    app.command("deliveries")(deliveries)
    app.command("week")(week)


@campaign_app.command("plan")
def campaign_plan(
    name: Annotated[str, typer.Option("--name", help="Tên chiến dịch")],
    start: Annotated[str, typer.Option("--start", help="Tuần đầu, ví dụ 2026-W48")],
    weeks: Annotated[int, typer.Option("--weeks", help="Số tuần")] = 4,
    weekday: Annotated[str, typer.Option("--weekday", help="mon, tue, wed, thu, fri, sat, sun")] = "mon",
    hour: Annotated[str, typer.Option("--hour", help="Giờ gửi, ví dụ 07:30")] = "07:30",
    area: Annotated[
        str, typer.Option("--area", help="Khu vực, ví dụ 68 hoặc 68/Tỉnh Đắk Nông; bỏ trống: theo chỉ tiêu")
    ] = "",
    items: Annotated[
        str, typer.Option("--items", help="Tên ngắn các tin, cách nhau dấu phẩy; bỏ trống: cả thư viện")
    ] = "",
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Lập chiến dịch và cho xem trước: ai nhận gì, lúc nào. Chưa gửi gì."""
    if weekday not in WEEKDAYS:
        raise console.CommandFailed(f"Ngày “{weekday}” chưa đúng; dùng {', '.join(WEEKDAYS)}.")
    at = console.clock(now).now()
    slugs = tuple(part.strip() for part in items.split(",") if part.strip())
    with console.store(write=True) as session:
        scope = area or campaigns.widest_scope(session)
        order = campaigns.Order(
            name, scope, Week.parse(start), weeks, WEEKDAYS.index(weekday), _clock(hour), slugs
        )
        made = campaigns.plan_campaign(session, order, None, at)
        stations = len(campaigns.stations_in(session, made.scope, at))
        rows = [
            {"week": r.week, "send_at": r.send_at, "item": r.version.item.slug, "title": r.version.item.title}
            for r in made.rundowns
        ]
    data = {
        "id": made.id,
        "name": made.name,
        "area": made.scope,
        "stations": stations,
        "state": made.state,
        "rundowns": rows,
    }
    text = [f"Chiến dịch số {made.id}: {made.name}, {stations} đài."]
    text += [f"  {r.week}  {messages.at(r.send_at)}  {r.version.item.title}" for r in made.rundowns]
    ladder, first = console.settings().ladder, made.rundowns[0].send_at
    if ladder.is_quiet(first):
        text.append(ladder_messages.item_in_quiet_hours(first, ladder.after_quiet(first)))
    console.show(data, as_json, [*text, f"Chưa gửi gì. Khởi chạy: loaxa campaign launch {made.id}"])


@campaign_app.command("launch")
def campaign_launch(campaign_id: int, now: console.Now = "", as_json: console.Json = False) -> None:
    """Khởi chạy chiến dịch: tin đến giờ sẽ tự gửi. Chạy lại không sao."""
    with console.store(write=True) as session:
        campaign = campaigns.campaign_by_id(session, campaign_id)
        campaigns.launch(session, campaign, None, console.clock(now).now())
    console.show({"id": campaign.id, "state": campaign.state}, as_json, [f"Đã khởi chạy “{campaign.name}”."])


@campaign_app.command("stop")
def campaign_stop(campaign_id: int, now: console.Now = "", as_json: console.Json = False) -> None:
    """Dừng chiến dịch: các tuần sau không gửi nữa."""
    with console.store(write=True) as session:
        campaign = campaigns.campaign_by_id(session, campaign_id)
        campaigns.stop(session, campaign, None, console.clock(now).now())
    console.show({"id": campaign.id, "state": campaign.state}, as_json, [f"Đã dừng “{campaign.name}”."])


@campaign_app.command("list")
def campaign_list(as_json: console.Json = False) -> None:
    """Các chiến dịch, mới nhất trước."""
    with console.store() as session:
        found = campaigns.all_campaigns(session)
        data = [
            {"id": c.id, "name": c.name, "area": c.scope, "state": c.state, "weeks": len(c.rundowns)}
            for c in found
        ]
    console.show(
        data, as_json, [f"{c['id']}. {c['name']} ({c['state']})" for c in data] or ["Chưa có chiến dịch nào."]
    )


def send(week: WeekOption, now: console.Now = "", as_json: console.Json = False) -> None:
    """Xếp ngay vào hàng đợi các tin của tuần; `loaxa run` sẽ gửi. Chạy lại không gửi trùng."""
    from bot.app import build

    settings = console.settings()
    app = build(settings, console.clock(now))
    console.need_tables(app.db)
    about = Week.parse(week)
    _need_something_to_send(app.db, about, app.clock.now())
    queued = asyncio.run(app.tick.queue_week(about))
    app.db.close()
    with console.store() as session:
        waiting = sum(
            line.state in ("queued", "retrying")
            for line in queries.delivery_lines(session, str(about), app.clock.now())
        )
    console.show(
        {"week": str(about), "added": queued, "waiting": waiting},
        as_json,
        [f"Thêm {queued} tin vào hàng đợi; {waiting} tin đang chờ gửi."],
    )


def deliveries(week: WeekOption, now: console.Now = "", as_json: console.Json = False) -> None:
    """Từng người: tin đã gửi chưa, qua đâu, mấy lần, vì sao không được."""
    with console.store() as session:
        lines = queries.delivery_lines(session, str(Week.parse(week)), console.clock(now).now())
    text = [
        f"{one.person} · {one.station} · {one.rung} · {one.state}{' · ' + one.error if one.error else ''}"
        for one in lines
    ]
    console.show([asdict(one) for one in lines], as_json, text or ["Tuần này chưa có tin nào được xếp gửi."])


def week(
    label: Annotated[str, typer.Argument(metavar="TUẦN", help="Ví dụ 2026-W48")],
    area: Annotated[str, typer.Option("--area", help="Chỉ khu vực này")] = "",
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Tình hình phát của từng đài trong một tuần."""
    about = Week.parse(label)
    with console.store() as session:
        scope = require_scope(session, area) if area else None
        lines = queries.duty_lines(session, console.clock(now).now(), period=str(about), scope=scope)
    figures = queries.counts(lines)
    data = {
        "week": str(about),
        "counts": {**asdict(figures), "total": figures.total},
        "stations": [
            {
                "station_id": one.station_id,
                "station": one.station,
                "area_code": one.area_code,
                "area": one.area,
                "item": one.title,
                "state": one.standing.state,
                "sign": one.sign,
                "sent_at": one.sent_at,
                "aired_at": one.standing.aired_at,
                "stated_at": one.standing.stated_at,
                "reason": one.standing.reason,
                "note": one.note,
                "person": one.person,
                "channel": one.channel,
            }
            for one in lines
        ],
    }
    text = [f"{LOOKS[one.sign].word:<18}{one.station}" for one in lines]
    console.show(data, as_json, [f"Tuần {about}: {figures.met}/{figures.total} đài đã phát.", *text])


@report_app.command("six-months")
def report_six_months(
    to: Annotated[str, typer.Option("--to", help="Ngày cuối của kỳ, ví dụ 2026-06-04")],
    area: Annotated[str, typer.Option("--area", help="Khu vực, ví dụ 68")],
    out: Annotated[Path, typer.Option("--out", help="Thư mục để tệp")],
    email: Annotated[bool, typer.Option("--email", help="Gửi tới địa chỉ nhận báo cáo của chỉ tiêu")] = False,
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Báo cáo sáu tháng (docx, xlsx) từ nhật ký, kết thúc vào ngày --to."""
    from bot.reporting import six_months

    try:
        last_day = date.fromisoformat(to)
    except ValueError as error:
        raise console.CommandFailed(f"Ngày “{to}” không đúng dạng, ví dụ 2026-06-04.") from error
    if not 2000 <= last_day.year < 3000:
        raise console.CommandFailed(f"Ngày “{to}” nằm ngoài lịch phát. Anh/chị kiểm tra lại năm.")
    at = console.clock(now).now()
    made, sent_to = six_months(console.settings(), Scope.parse(area), last_day, out, email, at)
    text = [f"Đã làm {made.docx} và {made.xlsx}."]
    text += [f"Đã gửi tới {sent_to}."] if sent_to else []
    console.show({**asdict(made), "sent_to": sent_to}, as_json, text)


def _need_something_to_send(db: Database, about: Week, now: datetime) -> None:
    """Nothing would be queued, and the duties of a week years away would be made. Raises CommandFailed."""
    if about.ends_at <= now:
        raise console.CommandFailed(
            f"Tuần {about} đã qua nên không gửi nữa. Anh/chị chọn tuần này hoặc tuần sau."
        )
    with db.reading() as session:
        if not campaigns.launched_rundowns(session, about):
            raise console.CommandFailed(
                f"Tuần {about} chưa có chiến dịch nào khởi chạy. Anh/chị dùng “loaxa campaign launch” trước."
            )


def _clock(text: str) -> time:
    if not re.fullmatch(r"\d{1,2}:\d{2}", text):
        raise console.CommandFailed(f"Giờ “{text}” không đúng dạng, ví dụ 07:30.")
    try:
        return time.fromisoformat(text.zfill(5))
    except ValueError as error:
        raise console.CommandFailed(f"Giờ “{text}” không có thật, ví dụ 07:30.") from error
