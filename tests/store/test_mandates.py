"""Weekly mandates as areas are loaded one after the other."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from airlog import areas, duties
from airlog.db import Database
from airlog.models import Duty, Mandate
from content.week import Week

TODAY = date(2026, 11, 24)


def test_a_wider_area_widens_the_mandate_so_that_no_station_owes_twice(bare_store: Database) -> None:
    with bare_store.session() as session:
        areas.load_stations(session, "68/Tỉnh Đắk Nông", TODAY)
        areas.load_stations(session, "68", TODAY)
        duties.make(session, Week.parse("2026-W48"), Week.parse("2026-W48").starts_at)

    with bare_store.reading() as session:
        assert session.scalar(select(func.count(Mandate.id))) == 1
        assert session.scalar(select(func.count(Duty.id))) == 124


def test_areas_apart_have_mandates_of_their_own(bare_store: Database) -> None:
    with bare_store.session() as session:
        areas.load_stations(session, "68/Tỉnh Đắk Nông", TODAY)
        areas.load_stations(session, "01", TODAY)

    with bare_store.reading() as session:
        assert session.scalar(select(func.count(Mandate.id))) == 2
