"""One station: whom to call, every week of it, what was said, with the proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Response

from airlog import access, files, people, phone, queries, recall_reads, roster, withdrawn
from airlog.db import Session
from airlog.models import LogEntry, Person, Recall, Station
from airlog.queries import DutyLine
from airlog.scope import lower_kind
from airlog.types import AddressState, RoleKind
from content.messages import REASONS
from content.recall_messages import NEW_WORDS, OLD_WORDS
from reports.words import KINDS, VERDICTS, channel_word, reason_word
from web.auth import Signed
from web.pages import see_other
from web.station_sound import OPENING_KEY, SOUND_DONE, StationSound, sound_of
from web.troubles import NotThere

router = APIRouter(prefix="/stations")


@dataclass(frozen=True)
class Contact:
    """Somebody who airs there. `code` waits to be typed into the chat; empty when none was made."""

    person_id: int
    name: str
    phone: str
    has_chat: bool
    code: str


@dataclass(frozen=True)
class Proof:
    url: str
    kind: str


@dataclass(frozen=True)
class Statement:
    """A line of the airing log in words."""

    seq: int
    kind: str
    by: str
    channel: str
    stated_at: datetime
    aired_at: datetime | None
    detail: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True)
class WeekOfStation:
    line: DutyLine
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class StationPage:
    """`contacts` is None for those who may not see them."""

    id: int
    name: str
    place: str
    hours: str
    days: str
    contacts: tuple[Contact, ...] | None
    weeks: tuple[WeekOfStation, ...]
    sound: StationSound | None
    """None for those who may not change it."""


@router.get("/{station_id}")
async def station(visit: Signed, station_id: int, done: str = "", opening: str = "") -> Response:
    """`opening` names the clip of how its programme begins, when that was just made."""
    found = await visit.run(_page, station_id)
    return visit.page(
        "station.html",
        station=found,
        reasons=REASONS,
        done=SOUND_DONE.get(done, ""),
        opening=opening if OPENING_KEY.fullmatch(opening) else "",
    )


@router.post("/{station_id}/invite/{person_id}")
async def invite(visit: Signed, station_id: int, person_id: int) -> Response:
    """A code for an operator who has no chat yet; the same one as long as it waits."""
    await visit.run(_invite, station_id, person_id)
    return see_other(f"/stations/{station_id}")


def _page(session: Session, person: Person, now: datetime, station_id: int) -> StationPage:
    here = _visible(session, person, now, station_id)
    looks_after = {s.id for s in access.stations_of(session, person, now, access.OFFICERS)}
    lines = [line for line in queries.duty_lines(session, now, stations=[here.id]) if line.starts_at <= now]
    said = queries.entries(session, station_id=here.id)
    recalled = withdrawn.by_duty(session, [line.duty_id for line in lines])
    proofs = files.airchecks_of(session, here)
    return StationPage(
        id=here.id,
        name=here.name,
        place=lower_kind(here.area.name),
        hours=here.airing_hours.replace(",", ", "),
        days=_days_vi(here.airing_days),
        contacts=_contacts(session, here, now) if here.id in looks_after else None,
        sound=sound_of(here) if here.id in looks_after else None,
        weeks=tuple(
            WeekOfStation(
                line,
                tuple(
                    _statement(
                        e,
                        _which_words(session, e, recalled.get(line.duty_id, [])),
                        [Proof(f"/media/airchecks/{a.id}", a.kind) for a in proofs.get(e.seq, [])],
                    )
                    for e in said
                    if e.duty_id == line.duty_id
                ),
            )
            for line in sorted(lines, key=lambda one: one.starts_at, reverse=True)
        ),
    )


def _visible(session: Session, person: Person, now: datetime, station_id: int) -> Station:
    """Raises NotThere, NotAllowed (an operator sees only the own station, an officer those of the area)."""
    here = roster.station_by_id(session, station_id)
    if here is None:
        raise NotThere("Không có đài này. Anh/chị xem lại danh sách đài.")
    roles = (RoleKind.OPERATOR,)
    if here.id not in {s.id for s in access.stations_of(session, person, now, roles)}:
        access.require_officer(session, person, here, "station.see", now)
    return here


def _contacts(session: Session, here: Station, now: datetime) -> tuple[Contact, ...]:
    return tuple(
        Contact(p.id, p.name, p.phone, _has_real_chat(p), roster.working_code(session, p, now))
        for p in access.operators_of(session, here, now)
    )


def _has_real_chat(person: Person) -> bool:
    """A simulated phone is no chat, nor one that the person blocked: a code brings a real one."""
    return any(
        address.channel != phone.CHANNEL and address.state is AddressState.ACTIVE
        for address in person.addresses
    )


def _invite(session: Session, person: Person, now: datetime, station_id: int, person_id: int) -> None:
    here = _visible(session, person, now, station_id)
    access.require_officer(session, person, here, "invite.make", now)
    operator = next((p for p in access.operators_of(session, here, now) if p.id == person_id), None)
    if operator is None:
        raise NotThere("Người này không phụ trách đài.")
    people.invite(session, operator, now)
    access.note(session, person, "invite.make", str(person_id), now)


def _which_words(session: Session, entry: LogEntry, recalled: Sequence[Recall]) -> str:
    """Which item a statement is about, told only where one was recalled: elsewhere there is but one."""
    if not recalled or entry.item_version_id is None:
        return ""
    title = recall_reads.words(session, entry.item_version_id).title
    is_old = entry.item_version_id in {one.item_version_id for one in recalled}
    return f"{OLD_WORDS if is_old else NEW_WORDS}: {title}"


def _statement(entry: LogEntry, words: str, proofs: list[Proof]) -> Statement:
    parts = [
        entry.own_title or words,
        reason_word(entry.reason),
        VERDICTS.get(entry.verdict or "", ""),
        entry.note or "",
        entry.url or "",
    ]
    return Statement(
        entry.seq,
        KINDS[entry.kind],
        entry.person.name,
        channel_word(entry.channel),
        entry.stated_at,
        entry.aired_at,
        " · ".join(part for part in parts if part),
        tuple(proofs),
    )


def _days_vi(days: str) -> str:
    """`123456` -> “thứ Hai đến thứ Bảy”; with gaps each day is named."""
    names = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
    chosen = [int(day) for day in days]
    if len(chosen) > 2 and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return f"{names[chosen[0] - 1]} đến {names[chosen[-1] - 1]}"
    return ", ".join(names[day - 1] for day in chosen)
