"""How the item of one week of a campaign gets to people: the bar, who did not get it and why, sending again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Response

from airlog import recipients, resends
from airlog.access import ADMINS, NotAllowed
from airlog.db import Session
from airlog.fates import MOVING, NOT_GOT, Fate, Recipient
from airlog.models import Person, Rundown
from airlog.people import phone_local
from airlog.undelivered import STEPS
from content.week import LOCAL, Week
from reports.words import channel_word
from web.auth import Signed, Visit, needs
from web.campaigns import campaign_of, rundown_of
from web.delivery_signs import FATES, fate_sign
from web.ledger_files import csv_file
from web.pages import fingerprint, see_other

R = TypeVar("R")
router = APIRouter(prefix="/campaigns/{campaign_id}/weeks/{label}", dependencies=[Depends(needs(*ADMINS))])
PAGE_LENGTH = 50
_COLUMNS = (
    "ma_dai", "dai", "xa_phuong", "ho_ten", "dien_thoai", "kenh", "tinh_trang", "ly_do", "so_lan_gui",
    "lan_gui_cuoi", "viec_can_lam",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Which week, and what part of its list: the people of one fate (None: all who did not get it), which page."""

    campaign_id: int
    label: str
    fate: Fate | None = None
    page: int = 1

    @property
    def fates(self) -> Sequence[Fate]:
        return NOT_GOT if self.fate is None else (self.fate,)


@dataclass(frozen=True)
class WeekOfDeliveries:
    """`retryable`: failed messages that can be sent again; `listed`: how many people the whole list has."""

    asked: Asked
    campaign: str
    week: Week
    title: str
    send_at: datetime
    tally: dict[Fate, int]
    retryable: int
    lines: Sequence[Recipient]
    listed: int

    @property
    def path(self) -> str:
        return f"/campaigns/{self.asked.campaign_id}/weeks/{self.week}"

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
        return fingerprint(self.tally, self.retryable, self.lines)


def _asked(
    campaign_id: int, label: str, fate: str = "", page: Annotated[int, Query(ge=1, le=100_000)] = 1
) -> Asked:
    return Asked(campaign_id, label, Fate(fate) if fate in set(Fate) else None, page)


Ask = Annotated[Asked, Depends(_asked)]


@router.get("")
async def week_page(visit: Signed, asked: Ask, again: int = -1) -> Response:
    return await _answer(visit, "campaign_week.html", asked, again=again)


@router.get("/fragment")
async def fragment(visit: Signed, asked: Ask, seen: str = "") -> Response:
    """What changes while messages leave; 204 while nothing did."""
    return await _answer(visit, "partials/campaign_week.html", asked, seen=seen)


@router.get("/not-received.csv")
async def table(visit: Signed, asked: Ask) -> Response:
    """The whole list as it is picked, not only the page that is open."""
    lines = await _look(visit, _all_lines, asked)
    name = f"chua-nhan-{asked.label}-chien-dich-{asked.campaign_id}.csv"
    return csv_file([_COLUMNS, *map(_cells, lines)], name)


@router.get("/resend")
async def preview(visit: Signed, asked: Ask) -> Response:
    """What would be sent again, before anything is."""
    return await _answer(visit, "campaign_resend.html", asked)


@router.post("/resend")
async def resend(visit: Signed, campaign_id: int, label: str) -> Response:
    count = await visit.run(_resend, campaign_id, label)
    return see_other(f"/campaigns/{campaign_id}/weeks/{Week.parse(label)}?again={count}")


async def _answer(visit: Visit, template: str, asked: Asked, again: int = -1, seen: str = "") -> Response:
    found = await _look(visit, _week, asked)
    if found.version == seen:
        return Response(status_code=204)
    return visit.page(
        template,
        found=found,
        again=again,
        steps=STEPS,
        fates=FATES,
        sign_of=fate_sign,
        channel_word=channel_word,
    )


async def _look(
    visit: Visit, work: Callable[[Session, Person, datetime, Asked, Sequence[str]], R], asked: Asked
) -> R:
    """Look without holding up the messages that are being sent; only a refusal has to be written down."""
    try:
        return await visit.read(work, asked, visit.parts.channels)
    except NotAllowed:
        await visit.run(campaign_of, asked.campaign_id)
        raise


def _week(
    session: Session, person: Person, now: datetime, asked: Asked, channels: Sequence[str]
) -> WeekOfDeliveries:
    rundown = rundown_of(session, person, now, asked.campaign_id, asked.label)
    tally = recipients.tally(session, rundown, channels, now)
    return WeekOfDeliveries(
        asked=asked,
        campaign=rundown.campaign.name,
        week=Week.parse(rundown.week),
        title=rundown.version.item.title,
        send_at=rundown.send_at,
        tally=tally,
        retryable=len(resends.failed_rows(session, rundown, now)) if Fate.FAILED in tally else 0,
        lines=_lines(session, rundown, now, asked, channels, tally),
        listed=sum(tally.get(fate, 0) for fate in asked.fates),
    )


def _lines(
    session: Session,
    rundown: Rundown,
    now: datetime,
    asked: Asked,
    channels: Sequence[str],
    tally: dict[Fate, int],
) -> list[Recipient]:
    """One page: those with a message first, then those for whom none could be made."""
    start = (asked.page - 1) * PAGE_LENGTH
    with_message = sum(tally.get(fate, 0) for fate in asked.fates if fate is not Fate.NO_CHAT)
    lines = []
    if start < with_message:
        lines = recipients.messages(session, rundown, asked.fates, now, start, PAGE_LENGTH)
    if Fate.NO_CHAT in asked.fates and Fate.NO_CHAT in tally and len(lines) < PAGE_LENGTH:
        rest = recipients.without_message(session, rundown, channels, now)
        skipped = max(start - with_message, 0)
        lines += rest[skipped : skipped + PAGE_LENGTH - len(lines)]
    return lines


def _all_lines(
    session: Session, person: Person, now: datetime, asked: Asked, channels: Sequence[str]
) -> list[Recipient]:
    rundown = rundown_of(session, person, now, asked.campaign_id, asked.label)
    lines = recipients.messages(session, rundown, asked.fates, now)
    if Fate.NO_CHAT in asked.fates:
        lines += recipients.without_message(session, rundown, channels, now)
    return lines


def _resend(session: Session, person: Person, now: datetime, campaign_id: int, label: str) -> int:
    return resends.retry_failed(session, rundown_of(session, person, now, campaign_id, label), person, now)


def _cells(line: Recipient) -> tuple[object, ...]:
    """A row of the table. The number is written with spaces, or a spreadsheet eats its nought."""
    tried = f"{line.tried_at.astimezone(LOCAL):%d/%m/%Y %H:%M}" if line.tried_at else ""
    channel = channel_word(line.channel) if line.channel else ""
    return (
        line.station_id, line.station, line.commune, line.person, phone_local(line.phone), channel,
        FATES[line.fate].word, line.why, line.attempts, tried, STEPS[line.todo],
    )  # fmt: skip
