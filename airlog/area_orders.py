"""What an admin asks of communes: one order for each change, as forms and files bring it and as it waits in the record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from airlog.types import AreaChangeKind

Stations = Literal["keep", "close"]


class BadChange(ValueError):
    """Changes that were refused as a whole; `errors` name each bad place in Vietnamese and can be shown."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__(" ".join(errors[:20]))
        self.errors = tuple(errors)


@dataclass(frozen=True)
class Unit:
    """What a commune is to become. Empty: as it was, or as the units it comes from.

    `name` with its kind, “Phường Bắc Gia Nghĩa”; `cluster` the code of a former district in the same province.
    """

    code: str
    name: str = ""
    province: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class Order:
    """One change. A rename and a move keep the code: `olds` and `news` hold the same single one.

    `news[0]` takes over what has no place of its own. `stations`: what becomes of the stations of units that end.
    `homes`: for a split, to which new unit a station goes. `lines`: in which line of a file a code stands.
    """

    kind: AreaChangeKind
    on: date
    document: str
    document_on: date | None
    olds: tuple[str, ...]
    news: tuple[Unit, ...]
    stations: Stations = "keep"
    homes: tuple[tuple[int, str], ...] = ()
    lines: tuple[tuple[str, int], ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Every unit that it touches, each once."""
        return tuple(dict.fromkeys([*self.olds, *(unit.code for unit in self.news)]))

    @property
    def ending(self) -> tuple[str, ...]:
        """The units that are no more afterwards."""
        kept = {unit.code for unit in self.news}
        return tuple(code for code in self.olds if code not in kept)

    def line_of(self, code: str) -> int | None:
        """None for a form."""
        lines = dict(self.lines)
        return lines.get(code, min(lines.values(), default=None))


def packed(orders: Sequence[Order]) -> str:
    """Orders as text that survives a form and waits in a row."""
    return json.dumps([_plain(order) for order in orders], ensure_ascii=False)


def unpacked(text: str) -> tuple[Order, ...]:
    """The orders of `packed`. Raises BadChange for anything else."""
    try:
        rows = json.loads(text)
        if not isinstance(rows, list):
            raise TypeError(rows)
        return tuple(_order(*row) for row in rows)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadChange(
            ["Loa Xã không đọc được nội dung vừa gửi. Anh/chị quay lại trang trước, nhập lại rồi gửi."]
        ) from error


def _plain(order: Order) -> list[object]:
    return [
        order.kind.value,
        order.on.isoformat(),
        order.document,
        order.document_on.isoformat() if order.document_on else "",
        list(order.olds),
        [[unit.code, unit.name, unit.province, unit.cluster] for unit in order.news],
        order.stations,
        [list(home) for home in order.homes],
        [list(line) for line in order.lines],
    ]


def _order(
    kind: str, on: str, document: str, document_on: str, olds: list[str], news: list[list[str]],
    stations: str, homes: list[list[str]], lines: list[list[str]],
) -> Order:  # fmt: skip
    return Order(
        AreaChangeKind(kind),
        date.fromisoformat(on),
        str(document),
        date.fromisoformat(document_on) if document_on else None,
        tuple(str(code) for code in olds),
        tuple(Unit(*(str(cell) for cell in unit)) for unit in news),
        "close" if stations == "close" else "keep",
        tuple((int(station), str(code)) for station, code in homes),
        tuple((str(code), int(line)) for code, line in lines),
    )
