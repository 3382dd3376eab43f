"""The demo's week as a play: who does what when, on the simulated phones, and what must be true at the end."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw

from airlog import access, campaigns, phone, queries, record, report_reads, tracks
from airlog.db import Session
from airlog.models import SimMessage
from airlog.queries import Counts, DeliveryLine, DutyLine
from airlog.rules import Sign
from airlog.scope import Scope
from airlog.types import RoleKind
from audio.mastering import measure
from bot.app import App
from bot.channels.simulator import rows_from_json
from bot.phone import Phone
from bot.trial import AREA
from content import messages
from content.tet import tet_in
from content.week import Week
from reports.ledger_xlsx import as_xlsx
from reports.picture import svg_to_png
from reports.to_xlsx import log_view
from reports.week_map import map_svg
from scheduler.clock import HandClock
from scheduler.compose import officer_week, short_place

Deed = Literal["now", "morning", "typed", "photo", "broken"]


@dataclass(frozen=True)
class Scene:
    """What the operator of one station does; `hours` after Monday 00:00."""

    hours: float
    station: int
    deed: Deed
    told: str


def _cast() -> tuple[Scene, ...]:
    prompt = [Scene(17.5 + 24 * (n % 3) + n / 20, n, "now", "đã phát, bấm nút ngay") for n in range(17)]
    return (
        *prompt,
        Scene(30, 17, "typed", "đã phát, gõ giờ 05:10"),
        Scene(42, 18, "photo", "đã phát, gửi ảnh chụp loa"),
        Scene(33, 27, "broken", "báo hỏng loa, máy"),
        *(Scene(81 + n, 19 + n, "morning", "trả lời sau lần nhắc thứ nhất") for n in range(4)),
        *(Scene(111 + n, 23 + n, "now", "trả lời sau lần nhắc thứ hai") for n in range(2)),
        Scene(209, 25, "now", "phát bù vào tuần sau"),
    )


CAST = _cast()
SILENT = 26
EXPECTED = Counts(aired=25, late=1, cannot=1, silent=1)


class Stage:
    """The program with phones for everybody and a clock that the play moves."""

    def __init__(self, app: App) -> None:
        assert app.simulator is not None and isinstance(app.clock, HandClock)
        self.app, self.clock = app, app.clock
        self._phone = Phone(app.db, app.simulator, app.reception, app.clock)

    def time_of(self, week: Week, scene: Scene) -> datetime:
        return week.starts_at + timedelta(hours=scene.hours)

    def place(self, scene: Scene) -> str:
        with self.app.db.reading() as session:
            return short_place(
                campaigns.stations_in(session, AREA, self.clock.now())[scene.station].area.name
            )

    async def play(self, scene: Scene, week: Week) -> None:
        """One operator opens the phone and acts on the week's newest message."""
        chat = await self.app.db.read(self._chat, scene.station)
        if scene.deed == "broken":
            await self._press(chat, messages.CANNOT)
            await self._press(chat, messages.REASONS["broken"])
            return
        await self._press(chat, messages.AIRED, before=week.ends_at)
        if scene.deed == "typed":
            await self._press(chat, messages.OTHER_TIME)
            await self._phone.say(chat, "05:10")
            return
        await self._press(chat, messages.THIS_MORNING if scene.deed == "morning" else messages.JUST_NOW)
        if scene.deed == "photo":
            await self._press(chat, messages.PROOF)
            await self._phone.send_file(chat, "loa.jpg", "image/jpeg", _photo())

    async def tell_sent(self) -> None:
        """Say what the program sent of itself at this moment."""
        lines = await self.app.db.read(queries.sent_by_rung, self.clock.now())
        for rung, people in lines:
            print(f"{messages.at(self.clock.now()):<24} Loa Xã {_RUNGS[rung]} ({people} người)", flush=True)

    async def close(self, week: Week) -> int:
        """Write the files, show the officer's sentence, check the sums. Returns the exit status."""
        now = self.clock.now()
        lines, log, sentence, deliveries = await self.app.db.read(_look, week, now)
        folder = self.app.settings.var_dir.resolve()
        png = folder / f"ban-do-nhiet-{week}.png"
        png.write_bytes(svg_to_png(await self.app.db.read(_map, week, now), 1080))
        view = log_view(log, f"nhat-ky-{week}", f"Nhật ký phát thanh tuần {week.number}/{week.year}")
        sheet = folder / f"{view.name}.xlsx"
        sheet.write_bytes(as_xlsx(view, now))
        clip = await self.app.db.read(_clip, week)
        print(f"\nNgười phụ trách nhận: {sentence}\n")
        problems = _problems(week, lines, deliveries, clip)
        broken = await self.app.db.read(record.verify)
        if broken:
            problems.append(f"nhật ký hỏng từ dòng {broken.seq}: {broken.reason}")
        for path in (clip, png, sheet):
            print(f"  {path} ({path.stat().st_size // 1024} kB)")
        await self.app.close()
        if problems:
            print("\nKHÔNG KHỚP:\n" + "\n".join(problems))
            return 1
        print(
            f"\nĐã kiểm tra: {len(lines)} đài, {len(log)} dòng nhật ký, chuỗi băm nguyên vẹn, số liệu khớp."
        )
        return 0

    def _chat(self, session: Session, number: int) -> str:
        station = campaigns.stations_in(session, AREA, self.clock.now())[number]
        return access.operators_of(session, station, self.clock.now())[0].addresses[0].chat_id

    async def _press(self, chat: str, label: str, before: datetime | None = None) -> None:
        """Press the newest button of that name in the chat, in a message of before an instant if one is named."""
        message, data = await self.app.db.read(_button, chat, label, before)
        await self._phone.press(chat, message.id, data)


_RUNGS = {
    "item": "gửi tin tuần",
    "question": "hỏi đã phát chưa",
    "reminder_1": "nhắc lần một",
    "reminder_2": "nhắc lần hai",
    "leader": "báo lãnh đạo xã",
    "escalation": "báo người phụ trách",
    "province": "báo cấp tỉnh",
    "lost": "báo người phụ trách: cán bộ mất liên lạc",
    "digest": "gửi tổng kết tuần cho người phụ trách",
    "nudge": "nhắc theo lời người phụ trách",
    "ask": "hỏi lại tin chưa rõ đã tới chưa",
    "alert": "báo quản trị: chưa có bản âm thanh",
}


def _button(session: Session, chat: str, label: str, before: datetime | None) -> tuple[SimMessage, str]:
    for message in reversed(phone.chat(session, chat)):
        if before is not None and message.sent_at >= before:
            continue
        for row in rows_from_json(message.buttons):
            for button in row:
                if button.label == label:
                    return message, button.data
    raise AssertionError(f"no button {label!r} in chat {chat}")


def _look(
    session: Session, week: Week, now: datetime
) -> tuple[list[DutyLine], list[report_reads.LogLine], str, list[DeliveryLine]]:
    lines = queries.duty_lines(session, now, period=str(week))
    officer = access.people_with(session, (RoleKind.OFFICER,), now)[0]
    sentence = officer_week(session, officer, week, now).text
    log = report_reads.log_lines(session, [line.duty_id for line in lines])
    return lines, log, sentence, queries.delivery_lines(session, str(week), now)


def _map(session: Session, week: Week, now: datetime) -> str:
    stations = [s.id for s in campaigns.stations_in(session, AREA, now)]
    return map_svg(session, stations, week, Scope.parse(AREA).text.partition("/")[2], now)


def _clip(session: Session, week: Week) -> Path:
    track = tracks.airable(session, campaigns.launched_rundowns(session, week)[0])
    assert track is not None
    return Path(track.path)


def _problems(week: Week, lines: list[DutyLine], sent: list[DeliveryLine], clip: Path) -> list[str]:
    """What is not as the play must end."""
    found = []
    figures = queries.counts(lines)
    if figures != EXPECTED:
        found.append(f"số đài: có {figures}, cần {EXPECTED}")
    items = [one for one in sent if one.rung == "item"]
    if len(items) != len(lines) or any(one.state != "sent" for one in items):
        found.append(f"tin tuần: {len(items)} tin cho {len(lines)} đài")
    first, asked, second = (
        {one.person_id for one in sent if one.rung == rung and one.state == "sent"}
        for rung in ("reminder_1", "question", "reminder_2")
    )
    # Four answer after a first reminder or question alone; whose station has hours of its own is asked instead.
    if first & asked or not second <= first | asked or (len(second) != 4 and not tet_in(week)):
        found.append(f"lời nhắc: {len(first)} lần một, {len(asked)} câu hỏi, {len(second)} lần hai")
    sound = measure(clip)
    if abs(sound.integrated_lufs + 14) > 0.7 or sound.true_peak_dbtp > -0.5:
        found.append(f"âm thanh: {sound.integrated_lufs:.1f} LUFS, đỉnh {sound.true_peak_dbtp:.1f} dBTP")
    if [line.sign for line in lines].count(Sign.SILENT) != 1:
        found.append("phải có đúng một đài im lặng")
    return found


def _photo() -> bytes:
    """A picture drawn here, in place of a photo of a loudspeaker."""
    picture = Image.new("RGB", (640, 480), "#DDE2E8")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(200, 200), (420, 100), (420, 380), (200, 280)], fill="#5B6470")
    draw.rectangle([150, 200, 200, 280], fill="#1B1F24")
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()
