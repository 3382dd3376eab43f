"""One station: whom to call, every week of it, what was said, with the proofs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Response

from airlog import access, airing_times, page_links, people, phone, roster
from airlog.airing_times import read_days, read_hours
from airlog.db import Session
from airlog.models import PageLink, Person, Station
from airlog.scope import former_name, lower_kind
from airlog.types import AddressState, RoleKind
from content.excuses import EXCUSES
from reports.ledger_xlsx import View
from web import printed_links
from web.auth import Signed
from web.ledger_files import FileKind, file_answer
from web.ledger_history import SHOWN, History, history_of, history_view
from web.media import CLIP_KEY
from web.pages import see_other
from web.station_sound import SOUND_DONE, StationSound, sound_of
from web.there import officers_station, operator_of, station_of

router = APIRouter(prefix="/stations")
router.include_router(printed_links.router)
_HOURS_DONE = {"hours": "Đã ghi giờ phát của đài. Từ tin sau, Loa Xã hỏi cán bộ 20 phút sau giờ này."}


@dataclass(frozen=True)
class Contact:
    """Somebody who airs there. `code` waits to be typed into the chat; empty when none was made."""

    person: Person
    has_chat: bool
    code: str
    links: list[PageLink]
    """To their page, on paper."""


@dataclass(frozen=True)
class StationPage:
    """`contacts` is None for those who may not see them."""

    id: int
    name: str
    place: str
    hours: str
    days: str
    typed_days: str
    """The same as an officer types them."""
    contacts: tuple[Contact, ...] | None
    cluster: str
    history: History
    may_excuse: bool
    sound: StationSound | None
    """None for those who may not change it."""


@router.get("/{station_id}.{kind}")
async def table(visit: Signed, station_id: int, kind: FileKind) -> Response:
    return await file_answer(await visit.run(_view, station_id), kind, visit.now)


@router.get("/{station_id}")
async def station(
    visit: Signed, station_id: int, done: str = "", opening: str = "", skip: int = 0
) -> Response:
    """`opening` names the clip of how its programme begins, when that was just made. `skip`: how many newer weeks."""
    found = await visit.run(_page, station_id, max(0, skip))
    return visit.page(
        "station.html",
        station=found,
        reasons=EXCUSES,
        shown=SHOWN,
        done=(SOUND_DONE | _HOURS_DONE).get(done, ""),
        opening=opening if CLIP_KEY.fullmatch(opening) else "",
    )


@router.post("/{station_id}/invite/{person_id}")
async def invite(visit: Signed, station_id: int, person_id: int) -> Response:
    """A code for an operator who has no chat yet; the same one as long as it waits."""
    await visit.run(_invite, station_id, person_id)
    return see_other(f"/stations/{station_id}")


@router.post("/{station_id}/hours")
async def set_hours(
    visit: Signed,
    station_id: int,
    days: Annotated[str, Form(max_length=60)] = "",
    hours: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    """Days and hours as people write them: the question comes twenty minutes later. What cannot be read is refused in
    words and changes nothing."""
    await visit.run(_set_hours, station_id, read_days(days), read_hours(hours))
    return see_other(f"/stations/{station_id}?done=hours")


def _page(session: Session, person: Person, now: datetime, station_id: int, skip: int) -> StationPage:
    here = _visible(session, person, now, station_id)
    is_mine = access.looks_after(session, person, here, now)
    return StationPage(
        id=here.id,
        name=here.name,
        place=lower_kind(here.area.name),
        hours=here.airing_hours.replace(",", ", "),
        days=_days_vi(here.airing_days),
        typed_days=",".join("CN" if day == "7" else str(int(day) + 1) for day in here.airing_days),
        contacts=_contacts(session, here, now) if is_mine else None,
        sound=sound_of(session, here) if is_mine else None,
        cluster=former_name(here.area.former_district or ""),
        history=history_of(session, here, now, skip),
        may_excuse=is_mine,
    )


def _view(session: Session, person: Person, now: datetime, station_id: int) -> View:
    return history_view(session, _visible(session, person, now, station_id), now)


def _visible(session: Session, person: Person, now: datetime, station_id: int) -> Station:
    """Raises NotThere, NotAllowed (an operator sees only the own station, an officer those of the area)."""
    here = station_of(session, station_id)
    roles = (RoleKind.OPERATOR,)
    if here.id not in {s.id for s in access.stations_of(session, person, now, roles)}:
        access.require_officer(session, person, here, "station.see", now)
    return here


def _contacts(session: Session, here: Station, now: datetime) -> tuple[Contact, ...]:
    return tuple(
        Contact(p, _has_real_chat(p), roster.working_code(session, p, now), page_links.printed(session, p))
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
    people.invite(session, operator_of(session, here, person_id, now), now)
    access.note(session, person, "invite.make", str(person_id), now)


def _set_hours(
    session: Session, person: Person, now: datetime, station_id: int, days: str, hours: str
) -> None:
    station = officers_station(session, person, now, station_id, "station.hours")
    airing_times.set_hours(session, person, station, days, hours, now)


def _days_vi(days: str) -> str:
    """`123456` -> “thứ Hai đến thứ Bảy”; with gaps each day is named."""
    names = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
    chosen = [int(day) for day in days]
    if len(chosen) > 2 and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return f"{names[chosen[0] - 1]} đến {names[chosen[-1] - 1]}"
    return ", ".join(names[day - 1] for day in chosen)
