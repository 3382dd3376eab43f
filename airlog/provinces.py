"""How far the list of communes is taken into use: provinces with the number of their stations."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog.models import Area, Station


@dataclass(frozen=True)
class ProvinceLine:
    code: str
    name: str
    communes: int
    stations: int


def province_lines(session: Session) -> list[ProvinceLine]:
    """Every province that was loaded, by code; empty before the first load."""
    communes = dict(
        session.execute(
            select(Area.parent_code, func.count())
            .where(Area.kind != "province", Area.valid_to.is_(None))
            .group_by(Area.parent_code)
        ).all()
    )
    stations = dict(
        session.execute(
            select(Area.parent_code, func.count(Station.id))
            .join(Station, Station.area_code == Area.code)
            .where(Station.active_to.is_(None))
            .group_by(Area.parent_code)
        ).all()
    )
    query = select(Area).where(Area.kind == "province").order_by(Area.code)
    return [
        ProvinceLine(a.code, a.name, communes.get(a.code, 0), stations.get(a.code, 0))
        for a in session.scalars(query)
    ]
