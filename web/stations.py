"""One station: whom to call, every week of it, what was said, with the proofs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Response

from airlog import access, people, phone, roster
from airlog.db import Session
from airlog.models import Person, Station
from airlog.scope import lower_kind
from airlog.types import AddressState, RoleKind
from content.excuses import EXCUSES
from reports.ledger_xlsx import View
from web import printed_links, station_hours
from web.auth import Signed
from web.ledger_choice import bare
from web.ledger_files import file_answer
from web.ledger_history import SHOWN, History, history_of, history_view
from web.pages import see_other
from web.printed_links import PrintedLink
from web.station_hours import HOURS_DONE
from web.station_sound import OPENING_KEY, SOUND_DONE, StationSound, sound_of
from web.troubles import NotThere

router = APIRouter(prefix="/stations")
router.include_router(printed_links.router)
router.include_router(station_hours.router)


@dataclass(frozen=True)
class Contact:
    """Somebody who airs there. `code` waits to be typed into the chat; empty when none was made."""

    person_id: int
    name: str
    phone: str
    has_chat: bool
    code: str
    links: tuple[PrintedLink, ...]
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


@router.get("/{station_id}.xlsx")
async def station_xlsx(visit: Signed, station_id: int) -> Response:
    return await file_answer(await visit.run(_view, station_id), "xlsx", visit.now)


@router.get("/{station_id}.csv")
async def station_csv(visit: Signed, station_id: int) -> Response:
    return await file_answer(await visit.run(_view, station_id), "csv", visit.now)


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
        done=(SOUND_DONE | HOURS_DONE).get(done, ""),
        opening=opening if OPENING_KEY.fullmatch(opening) else "",
    )


@router.post("/{station_id}/invite/{person_id}")
async def invite(visit: Signed, station_id: int, person_id: int) -> Response:
    """A code for an operator who has no chat yet; the same one as long as it waits."""
    await visit.run(_invite, station_id, person_id)
    return see_other(f"/stations/{station_id}")


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
        cluster=bare(here.area.former_district or ""),
        history=history_of(session, here, now, skip),
        may_excuse=is_mine,
    )


def _view(session: Session, person: Person, now: datetime, station_id: int) -> View:
    return history_view(session, _visible(session, person, now, station_id), now)


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
        Contact(
            p.id,
            p.name,
            p.phone,
            _has_real_chat(p),
            roster.working_code(session, p, now),
            printed_links.links_of(session, p),
        )
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


def _days_vi(days: str) -> str:
    """`123456` -> “thứ Hai đến thứ Bảy”; with gaps each day is named."""
    names = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
    chosen = [int(day) for day in days]
    if len(chosen) > 2 and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return f"{names[chosen[0] - 1]} đến {names[chosen[-1] - 1]}"
    return ", ".join(names[day - 1] for day in chosen)
