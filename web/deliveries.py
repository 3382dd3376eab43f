"""How the item of one week of a campaign gets to people: the bar, who did not get it and why, sending again."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from fastapi import APIRouter, Depends, Query, Response

from airlog import recipients, resends, unreachable
from airlog.access import ADMINS, NotAllowed
from airlog.campaign_reads import rundown_of
from airlog.db import Session
from airlog.fates import MOVING, NOT_GOT, Fate, Recipient
from airlog.models import Person, Rundown
from airlog.people import phone_local
from airlog.undelivered import STEPS
from content.week import LOCAL, Week
from reports.words import channel_word
from web.auth import Signed, Visit, needs
from web.campaigns import campaign_of
from web.delivery_signs import FATE_INKS, FATE_WORDS, fate_sign
from web.pages import see_other
from web.people import csv_file
from web.troubles import NotThere

P = ParamSpec("P")
R = TypeVar("R")
router = APIRouter(prefix="/campaigns/{campaign_id}/weeks/{label}", dependencies=[Depends(needs(*ADMINS))])
PAGE_LENGTH = 50
_WORDS = {"words": FATE_WORDS, "inks": FATE_INKS, "sign_of": fate_sign, "channel_word": channel_word}
_COLUMNS = (
    "ma_dai", "dai", "xa_phuong", "ho_ten", "dien_thoai", "kenh", "tinh_trang", "ly_do", "so_lan_gui",
    "lan_gui_cuoi", "viec_can_lam",
)  # fmt: skip


@dataclass(frozen=True)
class Picked:
    """What part of the list is shown: the people of one fate (None: all who did not get it), and which page."""

    fate: Fate | None = None
    page: int = 1

    @property
    def fates(self) -> Sequence[Fate]:
        return NOT_GOT if self.fate is None else (self.fate,)


@dataclass(frozen=True)
class WeekOfDeliveries:
    """`retryable`: failed messages that can be sent again; `listed`: how many people the whole list has."""

    campaign_id: int
    campaign: str
    week: Week
    title: str
    send_at: datetime
    tally: dict[Fate, int]
    retryable: int
    picked: Picked
    lines: tuple[Recipient, ...]
    listed: int

    @property
    def path(self) -> str:
        return f"/campaigns/{self.campaign_id}/weeks/{self.week}"

    @property
    def total(self) -> int:
        return sum(self.tally.values())

    @property
    def is_moving(self) -> bool:
        """Whether figures change by themselves, so that the page has to ask again."""
        return any(fate in self.tally for fate in MOVING)

    @property
    def not_got(self) -> int:
        return sum(self.tally.get(fate, 0) for fate in NOT_GOT)

    @property
    def pages(self) -> int:
        return max(1, -(-self.listed // PAGE_LENGTH))

    @property
    def version(self) -> str:
        return hashlib.sha256(repr((self.tally, self.retryable, self.lines)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Preview:
    """What sending again would touch, and what it would leave alone."""

    path: str
    campaign: str
    week: Week
    count: int
    tally: dict[Fate, int]


def _picked(fate: str = "", page: Annotated[int, Query(ge=1, le=100_000)] = 1) -> Picked:
    return Picked(Fate(fate) if fate in set(Fate) else None, page)


Pick = Annotated[Picked, Depends(_picked)]


@router.get("")
async def week_page(visit: Signed, campaign_id: int, label: str, picked: Pick, again: int = -1) -> Response:
    return await _answer(visit, "campaign_week.html", campaign_id, label, picked, again=again)


@router.get("/fragment")
async def fragment(visit: Signed, campaign_id: int, label: str, picked: Pick, seen: str = "") -> Response:
    """What changes while messages leave; 204 while nothing did."""
    return await _answer(visit, "partials/campaign_week.html", campaign_id, label, picked, seen=seen)


@router.get("/not-received.csv")
async def table(visit: Signed, campaign_id: int, label: str, picked: Pick) -> Response:
    """The whole list as it is picked, not only the page that is open."""
    lines = await _look(visit, campaign_id, _all_lines, label, picked, visit.parts.channels)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerows(_cells(line) for line in lines)
    return csv_file(out.getvalue(), f"chua-nhan-{label}-chien-dich-{campaign_id}.csv")


@router.get("/resend")
async def preview(visit: Signed, campaign_id: int, label: str) -> Response:
    """What would be sent again, before anything is."""
    found = await _look(visit, campaign_id, _preview, label, visit.parts.channels)
    return visit.page("campaign_resend.html", found=found, **_WORDS)


@router.post("/resend")
async def resend(visit: Signed, campaign_id: int, label: str) -> Response:
    count = await visit.run(_resend, campaign_id, label)
    return see_other(f"/campaigns/{campaign_id}/weeks/{Week.parse(label)}?again={count}")


async def _answer(
    visit: Visit, template: str, campaign_id: int, label: str, picked: Picked, again: int = -1, seen: str = ""
) -> Response:
    found = await _look(visit, campaign_id, _week, label, picked, visit.parts.channels)
    if found.version == seen:
        return Response(status_code=204)
    return visit.page(template, found=found, again=again, steps=STEPS, **_WORDS)


async def _look(
    visit: Visit,
    campaign_id: int,
    work: Callable[Concatenate[Session, Person, datetime, int, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Look without holding up the messages that are being sent; only a refusal has to be written down."""
    try:
        return await visit.read(work, campaign_id, *args, **kwargs)
    except NotAllowed:
        await visit.run(campaign_of, campaign_id)
        raise


def _week(
    session: Session,
    person: Person,
    now: datetime,
    campaign_id: int,
    label: str,
    picked: Picked,
    channels: Sequence[str],
) -> WeekOfDeliveries:
    rundown = _rundown(session, person, now, campaign_id, label)
    tally = recipients.tally(session, rundown, channels, now)
    return WeekOfDeliveries(
        campaign_id=campaign_id,
        campaign=rundown.campaign.name,
        week=Week.parse(rundown.week),
        title=rundown.version.item.title,
        send_at=rundown.send_at,
        tally=tally,
        retryable=len(resends.failed_rows(session, rundown, now)) if Fate.FAILED in tally else 0,
        picked=picked,
        lines=tuple(_lines(session, rundown, now, picked, channels, tally)),
        listed=sum(tally.get(fate, 0) for fate in picked.fates),
    )


def _lines(
    session: Session,
    rundown: Rundown,
    now: datetime,
    picked: Picked,
    channels: Sequence[str],
    tally: dict[Fate, int],
) -> list[Recipient]:
    """One page: those with a message first, then those for whom none could be made."""
    start = (picked.page - 1) * PAGE_LENGTH
    with_message = sum(tally.get(fate, 0) for fate in picked.fates if fate is not Fate.NO_CHAT)
    lines = []
    if start < with_message:
        lines = recipients.messages(session, rundown, picked.fates, now, start, PAGE_LENGTH)
    if Fate.NO_CHAT in picked.fates and Fate.NO_CHAT in tally and len(lines) < PAGE_LENGTH:
        rest = unreachable.without_message(session, rundown, channels, now)
        skipped = max(start - with_message, 0)
        lines += rest[skipped : skipped + PAGE_LENGTH - len(lines)]
    return lines


def _all_lines(
    session: Session,
    person: Person,
    now: datetime,
    campaign_id: int,
    label: str,
    picked: Picked,
    channels: Sequence[str],
) -> list[Recipient]:
    rundown = _rundown(session, person, now, campaign_id, label)
    lines = recipients.messages(session, rundown, picked.fates, now)
    if Fate.NO_CHAT in picked.fates:
        lines += unreachable.without_message(session, rundown, channels, now)
    return lines


def _preview(
    session: Session, person: Person, now: datetime, campaign_id: int, label: str, channels: Sequence[str]
) -> Preview:
    rundown = _rundown(session, person, now, campaign_id, label)
    week = Week.parse(rundown.week)
    return Preview(
        path=f"/campaigns/{campaign_id}/weeks/{week}",
        campaign=rundown.campaign.name,
        week=week,
        count=len(resends.failed_rows(session, rundown, now)),
        tally=recipients.tally(session, rundown, channels, now),
    )


def _resend(session: Session, person: Person, now: datetime, campaign_id: int, label: str) -> int:
    return resends.retry_failed(session, _rundown(session, person, now, campaign_id, label), person, now)


def _rundown(session: Session, person: Person, now: datetime, campaign_id: int, label: str) -> Rundown:
    """Raises NotThere, BadWeek, NotAllowed."""
    rundown = rundown_of(campaign_of(session, person, now, campaign_id), Week.parse(label))
    if rundown is None:
        raise NotThere("Chiến dịch này không có tuần đó. Anh/chị xem lại các tuần ở trang chiến dịch.")
    return rundown


def _cells(line: Recipient) -> tuple[object, ...]:
    """A row of the table. The number is written with spaces, or a spreadsheet eats its nought."""
    tried = f"{line.tried_at.astimezone(LOCAL):%d/%m/%Y %H:%M}" if line.tried_at else ""
    channel = channel_word(line.channel) if line.channel else ""
    return (
        line.station_id, line.station, line.commune, line.person, phone_local(line.phone), channel,
        FATE_WORDS[line.fate], line.why, line.attempts, tried, STEPS[line.todo],
    )  # fmt: skip
