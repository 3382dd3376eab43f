"""Areas as people write them: a province, a commune, or a cluster by its former district or province.

Districts were abolished on 1 July 2025; a former district's or province's code is only a label on communes here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from airlog.db import lasts
from airlog.models import Area

Kind = Literal["country", "province", "district", "commune", "former_province"]
COUNTRY = "*"
IS_COMMUNE = and_(Area.kind != "province", Area.valid_to.is_(None))
"""Rows of `area` that are communes of today."""
_FORMS: dict[Kind, str] = {
    "country": r"\*",
    "province": r"\d{2}",
    "district": r"\d{3}",
    "commune": r"\d{5}",
    "former_province": r"\d{2}/.+",
}


class BadScope(ValueError):
    """An area code that is not one; the message is Vietnamese and can be shown."""


@dataclass(frozen=True)
class Scope:
    """A set of communes: `*`, `68`, `660`, `24611`, or `68/Tỉnh Đắk Nông`."""

    text: str
    kind: Kind

    @classmethod
    def parse(cls, text: str) -> Scope:
        """Raises BadScope when the form is none of the five; whether it exists is `require_scope`'s affair."""
        text = unicodedata.normalize("NFC", text.strip())
        for kind, form in _FORMS.items():
            if re.fullmatch(form, text):
                return cls(text, kind)
        raise BadScope(
            f"Mã đơn vị “{text}” không đúng dạng. Dùng mã xã 5 số, mã huyện cũ 3 số, mã tỉnh 2 số, "
            "hoặc như 68/Tỉnh Đắk Nông."
        )

    @property
    def province_code(self) -> str | None:
        return self.text[:2] if self.kind in ("province", "former_province") else None

    def clause(self) -> ColumnElement[bool]:
        """Which rows of `area` (communes) belong to it."""
        match self.kind:
            case "country":
                return true()
            case "province":
                return Area.parent_code == self.text
            case "district":
                return Area.former_district_code == self.text
            case "commune":
                return Area.code == self.text
            case "former_province":
                code, _, former = self.text.partition("/")
                return and_(Area.parent_code == code, Area.former_province == former)


def any_of(scopes: list[str]) -> ColumnElement[bool]:
    """Rows of `area` inside at least one of several scopes."""
    return or_(*[Scope.parse(text).clause() for text in scopes]) if scopes else ~true()


def communes(session: Session, scope: Scope, on: date) -> list[Area]:
    """The communes of a scope that exist on a day, by code."""
    query = select(Area).where(Area.kind != "province", scope.clause(), lives(on)).order_by(Area.code)
    return list(session.scalars(query))


def lives(on: date) -> ColumnElement[bool]:
    """Rows of `area` that exist on a day."""
    return and_(Area.valid_from <= on, lasts(Area.valid_to, on))


def scopes_of(area: Area) -> tuple[str, ...]:
    """Every scope in which a commune lies."""
    return scopes_over(area.code, area.parent_code, area.former_district_code, area.former_province)


def scopes_over(
    code: str, province: str | None, former_district: str | None, former_province: str | None
) -> tuple[str, ...]:
    """The same from its columns."""
    former = f"{province}/{former_province}" if former_province else None
    return tuple(text for text in (COUNTRY, code, province, former_district, former) if text)


def codes_in(session: Session, *texts: str) -> set[str]:
    """The communes of today in some areas; in place of one that is no more the one that took over from it."""
    inside = any_of([living(session, Scope.parse(text)).text for text in texts])
    return set(session.scalars(select(Area.code).where(IS_COMMUNE, inside)))


def require_scope(session: Session, text: str) -> Scope:
    """Parse and see that at least one commune is in it. Raises BadScope."""
    scope = Scope.parse(text)
    found = session.scalar(select(Area.code).where(Area.kind != "province", scope.clause()).limit(1))
    if found is None:
        raise BadScope(f"Không có xã, phường nào thuộc mã “{scope.text}”. Anh/chị kiểm tra lại mã đơn vị.")
    return scope


def living(session: Session, scope: Scope) -> Scope:
    """A commune that is no more stands for the one that took over from it; any other area for itself."""
    while scope.kind == "commune":
        area = session.get(Area, scope.text)
        if area is None or area.successor_code is None:
            break
        scope = Scope(area.successor_code, "commune")
    return scope


def require_living(session: Session, text: str) -> Scope:
    """For what begins now: like `require_scope`, and the unit still exists. Raises BadScope naming the one of today."""
    scope = require_scope(session, text)
    heir = living(session, scope)
    if heir != scope:
        name = scope_name(session, scope)
        raise BadScope(
            f"{name[:1].upper()}{name[1:]} ({scope.text}) đã chấm dứt, nay là {scope_name(session, heir)}. "
            f"Anh/chị dùng mã {heir.text}."
        )
    return scope


def scope_name(session: Session, scope: Scope) -> str:
    """What officers call it: “tỉnh Lâm Đồng”, “khu vực Đắk Nông cũ”, “xã Đắk Wil”."""
    if scope.kind == "country":
        return "cả nước"
    if scope.kind == "former_province":
        return f"khu vực {former_name(scope.text.partition('/')[2])}"
    if scope.kind == "district":
        name = session.scalar(select(Area.former_district).where(scope.clause()).limit(1))
        return f"khu vực {former_name(name)}" if name else scope.text
    name = session.scalar(select(Area.name).where(Area.code == scope.text))
    return lower_kind(name) if name else scope.text


def former_name(name: str) -> str:
    """“Huyện Đắk Mil” -> “Đắk Mil cũ”: an old unit is only a label now. “Quận 11 cũ” keeps its kind, since a bare number
    reads like a count."""
    for kind in ("tỉnh ", "thành phố ", "huyện ", "thị xã ", "quận "):
        if name.casefold().startswith(kind):  # some are written “Thị Xã Buôn Hồ”
            rest = name[len(kind) :]
            return f"{name if rest.isdecimal() else rest} cũ"
    return f"{name} cũ" if name else ""


def lower_kind(name: str) -> str:
    """“Xã Đắk Wil” inside a sentence: “xã Đắk Wil”."""
    return name[:1].lower() + name[1:]
