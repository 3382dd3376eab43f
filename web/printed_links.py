"""A person's own page on paper: an address and its QR code, made by an officer or admin, good until one revokes it."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Annotated

import segno
from fastapi import APIRouter, Form, Response
from markupsafe import Markup

from airlog import page_links
from airlog.db import Session
from airlog.models import Person, Station
from web.auth import Signed
from web.pages import see_other
from web.there import officers_station, operator_of

router = APIRouter()


@router.post("/{station_id}/links/{person_id}")
async def print_link(visit: Signed, station_id: int, person_id: int) -> Response:
    """A sheet to print, the only one that shows the address. Sent again on the same day it is the same sheet."""
    person, station, url = await visit.run(_poster, station_id, person_id, visit.parts.base_url)
    return visit.page("operator_print.html", person=person, station=station, url=url, qr=Markup(qr_svg(url)))


@router.post("/{station_id}/links/{person_id}/revoke")
async def revoke(
    visit: Signed, station_id: int, person_id: int, link_id: Annotated[int | None, Form()] = None
) -> Response:
    """One printed link, or without `link_id` every link of the person, those in messages too."""
    await visit.run(_revoke, station_id, person_id, link_id)
    return see_other(f"/stations/{station_id}")


def qr_svg(url: str) -> str:
    """A QR code as a drawing that needs no style of the page, on white whatever the page's ground is."""
    out = io.BytesIO()
    segno.make(url, error="m").save(
        out, kind="svg", scale=6, border=4, light="#fff", xmldecl=False, svgclass=None, lineclass=None
    )
    return out.getvalue().decode()


def _poster(
    session: Session, person: Person, now: datetime, station_id: int, operator_id: int, base_url: str
) -> tuple[str, str, str]:
    """The names of the person and the station, and the address."""
    station, operator = _operator(session, person, now, station_id, operator_id, "page.print")
    url = page_links.printed_url(session, person, operator, base_url, now)
    return operator.name, station.name, url


def _revoke(
    session: Session, person: Person, now: datetime, station_id: int, operator_id: int, link_id: int | None
) -> None:
    _, operator = _operator(session, person, now, station_id, operator_id, "page.revoke")
    page_links.revoke(session, person, operator, now, link_id)


def _operator(
    session: Session, person: Person, now: datetime, station_id: int, operator_id: int, act: str
) -> tuple[Station, Person]:
    """Somebody who airs at a station that the person looks after. Raises NotAllowed, NotThere."""
    station = officers_station(session, person, now, station_id, act)
    return station, operator_of(session, station, operator_id, now)
