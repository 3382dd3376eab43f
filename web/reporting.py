"""Reports: figures on the page first, then the documents, then the mail to the mandate's address."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import FileResponse

from airlog import area_rights, campaigns, report_files, report_reads, roster
from airlog.access import OFFICERS
from airlog.campaigns import BadCampaign
from airlog.db import Session
from airlog.models import Mandate, Person, ReportFile
from airlog.scope import BadScope, require_scope
from reports.figures import Figures, gather, share
from reports.mail import MailFailed, MailSettings, check_address
from reports.outbox import AlreadySent, letter, mail_report, report_key
from reports.period import BadPeriod, ReportPeriod, due_reports, six_months_ending, year_ending
from reports.titles import report_title
from reports.words import reason_word, share_word
from reports.write import write_figures
from web.auth import Signed, Visit, needs
from web.pages import see_other, today
from web.troubles import NotThere

router = APIRouter(prefix="/reports", dependencies=[Depends(needs(*OFFICERS))])


@dataclass(frozen=True)
class Asked:
    """The form as it was filled in. `preset` is `half:2026-06-04`, `year:2026-12-04` or `own`."""

    scope: Annotated[str, Form()]
    preset: Annotated[str, Form()]
    first: Annotated[str, Form()] = ""
    last: Annotated[str, Form()] = ""


@dataclass(frozen=True)
class Made:
    """Figures with the mandate they answer to."""

    figures: Figures
    mandate_id: int
    email: str


@router.get("")
async def form(
    visit: Signed, scope: str = "", preset: str = "", first: str = "", last: str = "", done: str = ""
) -> Response:
    asked = Asked(scope.strip(), preset, first, last)
    return await _page(visit, asked, done=_DONE.get(done, ""))


_DONE = {
    "sent": "Đã gửi báo cáo. Bản đã gửi được giữ nguyên ở danh sách bên dưới.",
    "email": "Đã ghi địa chỉ nhận báo cáo.",
}


@router.post("/document")
async def document(
    visit: Signed, asked: Annotated[Asked, Depends()], kind: Annotated[str, Form()] = "docx"
) -> Response:
    """Count, write both documents, keep them, hand one out."""
    try:
        made = await visit.run(_count, asked)
    except (BadPeriod, BadScope, BadCampaign) as error:
        return await _page(visit, asked, str(error))
    rows = await asyncio.to_thread(_keep, visit, made)
    return see_other(f"/reports/files/{rows[0 if kind == 'docx' else 1]}")


@router.post("/mail")
async def mail(
    visit: Signed,
    asked: Annotated[Asked, Depends()],
    email: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Send docx and xlsx to the address, which becomes the mandate's."""
    if visit.parts.mail is None:
        return await _page(
            visit, asked, "Chưa đặt máy chủ thư nên chưa gửi được. Anh/chị tải tệp về rồi tự gửi."
        )
    try:
        check_address(email)
        made = await visit.run(_count, asked)
        await visit.run(_remember, made.mandate_id, email)
        await asyncio.to_thread(_send, visit, visit.parts.mail, made, email, bool(again))
    except (BadPeriod, BadScope, BadCampaign, MailFailed, AlreadySent) as error:
        return await _page(visit, asked, str(error), sent_before=isinstance(error, AlreadySent))
    return see_other("/reports?" + urlencode({**asdict(asked), "done": "sent"}))


@router.get("/files/{file_id}")
async def file(visit: Signed, file_id: int) -> Response:
    name, path = await visit.run(_file, file_id)
    return FileResponse(path, filename=name, content_disposition_type="attachment")


async def _page(
    visit: Visit, asked: Asked, error: str = "", *, done: str = "", sent_before: bool = False
) -> Response:
    areas = await visit.read(roster.area_names)
    made: Made | None = None
    if asked.scope and asked.preset:
        try:
            made = await visit.run(_count, asked)
        except (BadPeriod, BadScope, BadCampaign) as problem:
            error = error or str(problem)
    return visit.page(
        "reports.html",
        422 if error else 200,
        asked=asked,
        areas=areas,
        presets=await visit.read(_presets),
        made=made,
        figures=made.figures if made else None,
        title=report_title(made.figures) if made else "",
        share=share_word(share(made.figures.totals)) if made else "",
        reasons=[(reason_word(r.reason) or "không rõ", r.count) for r in made.figures.reasons]
        if made
        else [],
        files=await visit.read(_files, made.figures) if made else [],
        has_mail=visit.parts.mail is not None,
        error=error,
        done=done,
        sent_before=sent_before,
    )


def _presets(session: Session, _: Person, now: datetime) -> list[tuple[str, str]]:
    names = {"half": "6 tháng", "year": "Năm"}
    due = due_reports(report_reads.due_days(session), today(now))
    return [(f"{one.kind}:{one.due_on}", f"{names[one.kind]} đến {one.due_on:%d/%m/%Y}") for one in due]


def _period(asked: Asked) -> ReportPeriod:
    """Raises BadPeriod."""
    kind, _, text = asked.preset.partition(":")
    try:
        match kind:
            case "half":
                return six_months_ending(date.fromisoformat(text))
            case "year":
                return year_ending(date.fromisoformat(text))
            case _:
                first, last = date.fromisoformat(asked.first), date.fromisoformat(asked.last)
    except ValueError as error:
        raise BadPeriod(
            "Ngày của kỳ báo cáo không đọc được. Anh/chị chọn lại ngày đầu, ngày cuối."
        ) from error
    return ReportPeriod(first, date.fromordinal(last.toordinal() + 1))


def _count(session: Session, person: Person, now: datetime, asked: Asked) -> Made:
    """Raises BadPeriod, BadScope, NotAllowed, BadCampaign (no mandate over the area)."""
    area_rights.require_area(session, person, OFFICERS, asked.scope, "report", now)
    scope = require_scope(session, asked.scope)
    mandate = campaigns.mandate_for(session, scope)
    figures = gather(session, scope, _period(asked), now, mandate.id)
    return Made(figures, mandate.id, mandate.report_email)


def _keep(visit: Visit, made: Made) -> list[int]:
    """Blocking: write, keep by hash, note. Returns the ids of docx and xlsx."""
    with tempfile.TemporaryDirectory() as desk:
        paths = write_figures(made.figures, Path(desk))
        with visit.parts.db.session() as session:
            person = session.get_one(Person, visit.person_id)
            key = report_key(made.figures, made.mandate_id)
            kept = report_files.keep(
                session, key, [paths.docx, paths.xlsx], _folder(visit), visit.now, person
            )
            return [row.id for row in kept]


def _send(visit: Visit, settings: MailSettings, made: Made, email: str, again: bool) -> None:
    """Blocking. Raises AlreadySent, MailFailed."""
    db = visit.parts.db
    with db.reading() as session:
        person = session.get_one(Person, visit.person_id)
    with tempfile.TemporaryDirectory() as desk:
        paths = write_figures(made.figures, Path(desk))
        mail_report(
            db,
            settings,
            report_key(made.figures, made.mandate_id),
            letter(made.figures, email),
            paths,
            _folder(visit),
            visit.now,
            person=person,
            again=again,
        )


def _remember(session: Session, person: Person, now: datetime, mandate_id: int, email: str) -> None:
    mandate = session.get_one(Mandate, mandate_id)
    if mandate.report_email != email.strip():
        report_files.set_address(session, mandate, email.strip(), person, now)


def _files(session: Session, person: Person, now: datetime, figures: Figures) -> Sequence[ReportFile]:
    return [row for row in report_files.all_files(session) if row.scope == figures.scope.text]


def _file(session: Session, person: Person, now: datetime, file_id: int) -> tuple[str, Path]:
    row = session.get(ReportFile, file_id)
    if row is None or not Path(row.path).is_file():
        raise NotThere("Không có tệp báo cáo này.")
    area_rights.require_area(session, person, OFFICERS, row.scope, "report.open", now)
    return row.name, Path(row.path)


def _folder(visit: Visit) -> Path:
    return visit.parts.var_dir / "reports"
