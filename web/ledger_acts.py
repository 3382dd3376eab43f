"""What an officer does about a week with one press: nudge the silent ones, excuse a station."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from starlette.background import BackgroundTask

from airlog import access, excuses, ledger, ledger_excuses, nudges, record
from airlog.access import OFFICERS
from airlog.db import Refused, Session
from airlog.models import Duty, Person
from airlog.record import Source
from airlog.rules import Said
from content import excuse_messages
from content.excuses import EXCUSES
from content.week import Week
from scheduler.plan import plan_nudges
from web.auth import Signed, Visit, needs
from web.ledger_choice import Asked, Filters
from web.pages import see_other
from web.parts import Parts
from web.there import duty_of
from web.troubles import NotThere

router = APIRouter(dependencies=[Depends(needs(*OFFICERS))])


@router.post("/week/{label}/nudge")
async def nudge_all(visit: Signed, label: str, asked: Filters) -> Response:
    """Ask every station of the areas (of the cluster that is chosen) that has not answered."""
    week = Week.parse(label)
    count = await visit.run(_nudge_all, week, asked, visit.parts)
    return see_other(asked.link(f"/week/{week}", nudged=count))


@router.post("/week/{label}/nudge/{duty_id}")
async def nudge_one(visit: Signed, label: str, duty_id: int, asked: Filters) -> Response:
    week = Week.parse(label)
    count = await visit.run(_nudge_one, week, duty_id, visit.parts)
    return see_other(asked.link(f"/week/{week}", nudged=count))


@router.post("/duty/{duty_id}/excuse")
async def excuse(
    visit: Signed,
    duty_id: int,
    reason: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
) -> Response:
    """`until`: the last week that is excused too, as `2026-W49`; empty for this one alone."""
    last = Week.parse(until) if until else None
    return _back_to(visit, *await visit.run(_excuse, duty_id, last, reason, " ".join(note.split())[:300]))


@router.post("/duty/{duty_id}/unexcuse")
async def unexcuse(visit: Signed, duty_id: int) -> Response:
    """Take the excuse of one week back; the line that gave it stays in the log."""
    return _back_to(visit, *await visit.run(_unexcuse, duty_id))


def _back_to(visit: Visit, duty: Duty, written: Sequence[int]) -> Response:
    """The station's page, at the week; the operators' messages are brought up to what was written."""
    shown = BackgroundTask(visit.parts.settled, written)
    return see_other(f"/stations/{duty.station_id}#tuan-{duty.period}", shown)


def _nudge_all(
    session: Session, person: Person, now: datetime, week: Week, asked: Asked, parts: Parts
) -> int:
    """About how many stations somebody is asked now."""
    _require_running(week, now)
    sight, choice = access.sight(session, person, now), replace(asked.choice, state=None)
    silent = [id_ for id_, *_ in ledger.told(session, sight, choice, str(week), (Said.OPEN, Said.RECALLED))]
    return _nudge(session, person, now, week, silent, parts)


def _nudge_one(
    session: Session, person: Person, now: datetime, week: Week, duty_id: int, parts: Parts
) -> int:
    _require_running(week, now)
    duty = duty_of(session, duty_id)
    if duty.period != str(week):
        raise NotThere("Không có việc này trong tuần.")
    access.require_officer(session, person, duty.station, "nudge", now)
    return _nudge(session, person, now, week, [duty.id], parts)


def _nudge(
    session: Session, person: Person, now: datetime, week: Week, ids: Sequence[int], parts: Parts
) -> int:
    before = nudges.nudged_today(session, ids, now)
    count = plan_nudges(session, week, ids, parts.channels, now, parts.ladder)
    access.note(session, person, "nudge", str(week), now, detail=f"{count} messages")
    return len(nudges.nudged_today(session, ids, now)) - len(before)


def _require_running(week: Week, now: datetime) -> None:
    if not week.starts_at <= now < week.ends_at:
        raise Refused("Chỉ nhắc được trong tuần đang phát. Anh/chị mở tuần này rồi bấm lại.")


def _excuse(
    session: Session, person: Person, now: datetime, duty_id: int, until: Week | None, reason: str, note: str
) -> tuple[Duty, list[int]]:
    duty = duty_of(session, duty_id)
    words = note or (excuse_messages.reason_words(reason) if reason in EXCUSES and reason != "other" else "")
    ledger_excuses.excuse(session, person, duty, until, reason, words, _source(now), now)
    return duty, _written(session)


def _unexcuse(session: Session, person: Person, now: datetime, duty_id: int) -> tuple[Duty, list[int]]:
    duty = duty_of(session, duty_id)
    excuses.take_back(session, person, [duty], _source(now), now)
    return duty, _written(session)


def _written(session: Session) -> list[int]:
    """The duties about which there is a new line: what adds none must send nobody a message."""
    return list(dict.fromkeys(line.duty_id for line in record.written(session)))


def _source(now: datetime) -> Source:
    return Source("web", secrets.token_hex(8), now)
