"""The filters of the ledger's pages: read from the address, written into links, offered in a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends

from airlog.db import Session
from airlog.ledger_places import Choice, Cluster, languages
from airlog.rules import Sign
from airlog.scope import BadScope, Scope, former_name
from content.languages import language_vi
from reports.words import state_word

PAGE_ROWS = 50
STATES = (Sign.SILENT, Sign.CANNOT, Sign.PART, Sign.PENDING, Sign.AIRED, Sign.LATE, Sign.EXCUSED)


@dataclass(frozen=True)
class Asked:
    """A choice and a page of it, as the address says. What makes no sense is taken as not asked."""

    choice: Choice
    page: int = 1

    @property
    def skip(self) -> int:
        return (self.page - 1) * PAGE_ROWS

    @property
    def is_any(self) -> bool:
        return self.choice != Choice()

    def link(self, path: str, **changed: str | int | None) -> str:
        """`path` with this choice, some of it changed; a new choice begins at page 1."""
        old = self.choice
        values: dict[str, str | int | None] = {
            "state": str(old.state or ""),
            "area": old.area,
            "language": old.language,
            "q": old.words,
            "verdict": old.verdict,
        }
        query = urlencode(
            {key: value for key, value in (values | changed).items() if value not in ("", None)}
        )
        return f"{path}?{query}" if query else path


@dataclass(frozen=True)
class Options:
    """What the form offers, as (value, label); an empty list is not shown."""

    states: Sequence[tuple[str, str]]
    areas: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Pages:
    """Where a reader is in a long list. Numbers count from 1."""

    page: int
    rows: int
    size: int = PAGE_ROWS

    @property
    def last(self) -> int:
        return max(1, -(-self.rows // self.size))

    @property
    def first_row(self) -> int:
        return min(self.rows, (self.page - 1) * self.size + 1)

    @property
    def last_row(self) -> int:
        return min(self.rows, self.page * self.size)


def read(
    state: str = "", area: str = "", language: str = "", q: str = "", verdict: str = "", page: str = "1"
) -> Asked:
    choice = Choice(
        state=Sign(state) if state in set(Sign) else None,
        area=_area(area),
        language=language if len(language) == 3 and language.isalpha() else "",
        words=" ".join(q.split())[:60],
        verdict=verdict if verdict in ("none", "accepted", "queried") else "",
    )
    return Asked(choice, min(int(page), 10_000) if page.isdecimal() and int(page[:9]) else 1)


Filters = Annotated[Asked, Depends(read)]


def offered(session: Session, known: Sequence[Cluster], asked: Asked) -> Options:
    """States, the clusters of the own area (provinces, where it holds more than one), and languages if any is owed."""
    return Options(
        [(str(sign), state_word(sign)) for sign in STATES],
        _areas(known, asked.choice.area),
        [(code, language_vi(code)) for code in languages(session)],
    )


def _areas(known: Sequence[Cluster], chosen: str) -> list[tuple[str, str]]:
    """The clusters of the only province; of several provinces all, and the clusters of the chosen one below it."""
    provinces = dict.fromkeys((one.province_code, one.province) for one in known)
    if len(provinces) == 1:
        found = [_option(one) for one in known if one.code]
        return found if len(found) > 1 else []
    inside = next((one.province_code for one in known if one.code == chosen), chosen[:2])
    options: list[tuple[str, str]] = []
    for code, name in provinces:
        options.append((code, name))
        options += [_option(one, "– ") for one in known if one.province_code == code == inside and one.code]
    return options


def _option(cluster: Cluster, indent: str = "") -> tuple[str, str]:
    return cluster.code, f"{indent}{former_name(cluster.name)} ({cluster.stations} đài)"


def _area(text: str) -> str:
    try:
        return Scope.parse(text).text if text else ""
    except BadScope:
        return ""
