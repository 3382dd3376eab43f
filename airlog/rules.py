"""How a duty stands: computed from the log and `now`, never stored. Pure.

The rules, each with its source (design.md section 3, style.md section 1):

- only a person's statement meets a duty; `aired_at` (or, if empty, `stated_at`) says when;
- in the period -> met, whenever it was stated; within 7 days after -> met late (a make-good);
- a required language that is missing -> part met;
- an officer's excuse stands unless the item was aired after all;
- a withdrawn or superseded statement counts for nothing; so does one an officer has rejected;
- an airing of words that were recalled and replaced stays in the log and does not meet the duty, whenever it was
  stated; with nothing else said after the week, the duty is part met (docs/adr/0008);
- past its due time and unmet -> missed. An unmet duty is `cannot_air` when the operator said why,
  `silent` when nobody said anything;
- a statement counts for the duty it names and for no other: one airing never meets two weeks;
- who owes a period is decided by its last day. A station founded in the middle of a week has until Sunday. One that
  was closed or merged before the end owes nothing any more: what it aired counts, the rest is excused;
- how many airings a period wants, and whether a period is a week or a month, is the mandate's data, not a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from airlog.types import AIRING, DutyState, EntryKind, MissedReason

MAKE_GOOD = timedelta(days=7)
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_BEFORE_NOON = _NOON - timedelta(hours=1)


@dataclass(frozen=True)
class DutyFacts:
    """What the rules need of a duty. `due_at` is the end of its period, outside it."""

    starts_at: datetime
    due_at: datetime
    required: int = 1
    languages: frozenset[str] = frozenset()
    replaced: frozenset[int] = frozenset()
    """Versions that were recalled and replaced by others: airing them does not meet the duty."""
    station_gone: bool = False
    """The station was closed, or merged into another, before the last day of the period."""


@dataclass(frozen=True)
class EntryFacts:
    """What the rules need of a log entry."""

    seq: int
    kind: EntryKind
    stated_at: datetime
    aired_at: datetime | None = None
    language: str = "vie"
    reason: MissedReason | None = None
    verdict: str | None = None
    supersedes: int | None = None
    version_id: int | None = None
    """The words it is about; None for an item of the station's own making."""

    @property
    def counts_at(self) -> datetime:
        """The instant by which it counts: the claimed time, else the time of the statement."""
        return self.aired_at or self.stated_at


class Sign(StrEnum):
    """What a cell of the heat map shows: the state, and for an unmet duty what is known of it."""

    AIRED = "aired"
    LATE = "late"
    PART = "part"
    EXCUSED = "excused"
    CANNOT = "cannot"
    SILENT = "silent"
    PENDING = "pending"


class Said(StrEnum):
    """What the log says of a duty, whatever the hour: its sign without the clock. Kept beside the duty for counting."""

    AIRED = "aired"
    LATE = "late"
    PART = "part"
    EXCUSED = "excused"
    CANNOT = "cannot"
    RECALLED = "recalled"
    """Only words that were recalled and replaced went on air: waiting until the deadline, part met after it."""
    OPEN = "open"
    """Nothing that counts: waiting until the deadline, silent after it."""


NEED = (Sign.SILENT, Sign.CANNOT, Sign.PART, Sign.PENDING, Sign.LATE, Sign.EXCUSED, Sign.AIRED)
"""Signs by how much they need somebody, worst first."""


_SAID = {Sign.SILENT: Said.OPEN}


@dataclass(frozen=True)
class Glance:
    """All that is kept of a duty's log for counting, filtering and sorting; never a source of figures by itself."""

    said: Said
    last_seq: int | None = None
    """The last line about it, whatever it says."""
    languages: str = ""
    """In which languages it was aired, ISO 639-3, comma separated, in the order of the alphabet."""
    verdict: str | None = None
    """What an officer last said of the statement that stands; None while nobody has looked at it."""


@dataclass(frozen=True)
class Standing:
    """How a duty stands at one instant. Times are of the airing that decides, None when unmet."""

    state: DutyState
    sign: Sign
    aired_at: datetime | None = None
    stated_at: datetime | None = None
    reason: MissedReason | None = None
    airings: int = 0
    entry_seq: int | None = None
    aired_replaced: bool = False
    """What decides is an airing of words that were recalled and replaced: nothing better is known."""


def standing(duty: DutyFacts, entries: Iterable[EntryFacts], now: datetime) -> Standing:
    """The state of one duty at `now`, from the entries that name it."""
    live = live_entries(list(entries))
    heard = sorted((e for e in live if e.kind in AIRING), key=lambda e: (e.counts_at, e.seq))
    airings = [e for e in heard if e.version_id not in duty.replaced]
    on_time = [e for e in airings if duty.starts_at <= e.counts_at < duty.due_at]
    late = [e for e in airings if duty.due_at <= e.counts_at < duty.due_at + MAKE_GOOD]
    if len(on_time) >= duty.required and not _missing(duty, on_time):
        return _met(duty, on_time, Sign.AIRED, DutyState.MET)
    if len(on_time) + len(late) >= duty.required:
        return _met(duty, on_time + late, Sign.LATE, DutyState.MET_LATE)
    if duty.station_gone or any(e.kind is EntryKind.EXCUSED for e in live):
        return Standing(DutyState.EXCUSED, Sign.EXCUSED, reason=_last_reason(live), airings=len(airings))
    wrong = [e for e in heard if e.version_id in duty.replaced]
    return _unmet(duty, live, wrong, len(on_time) + len(late), now)


def glance(duty: DutyFacts, entries: Sequence[EntryFacts]) -> Glance:
    """What is kept of a duty's log. `sign_of` turns it into the sign that `standing` gives, at any hour."""
    after = standing(duty, entries, duty.due_at)
    said = Said.RECALLED if after.aired_replaced else _SAID.get(after.sign) or Said(after.sign)
    live = live_entries(entries)
    airings = [e for e in live if e.kind in AIRING and e.version_id not in duty.replaced]
    return Glance(
        said,
        max((e.seq for e in entries), default=None),
        ",".join(sorted({e.language for e in airings})),
        _verdict(entries, airings[-1].seq) if airings else None,
    )


def sign_of(said: Said, due_at: datetime, now: datetime) -> Sign:
    """The sign at `now` of a duty of which the log says this. So a silent station is missed at its very deadline."""
    match said:
        case Said.OPEN:
            return Sign.PENDING if now < due_at else Sign.SILENT
        case Said.RECALLED:
            return Sign.PENDING if now < due_at else Sign.PART
        case _:
            return Sign(said)


def said_by(sign: Sign, *, over: bool) -> tuple[Said, ...]:
    """What the log may say of duties that bear a sign, while their period runs or once it is `over`."""
    return tuple(s for s in Said if sign_of(s, _NOON, _NOON if over else _BEFORE_NOON) is sign)


def live_entries(entries: Sequence[EntryFacts]) -> list[EntryFacts]:
    """Without what a later entry replaced, withdrew or an officer rejected."""
    gone = {e.supersedes for e in entries if e.kind in (EntryKind.CORRECTED, EntryKind.WITHDRAWN)}
    gone |= {e.supersedes for e in entries if e.verdict == "rejected"}
    return [e for e in entries if e.seq not in gone and e.kind is not EntryKind.WITHDRAWN]


def _missing(duty: DutyFacts, airings: list[EntryFacts]) -> frozenset[str]:
    return duty.languages - {e.language for e in airings}


def _met(duty: DutyFacts, airings: list[EntryFacts], sign: Sign, state: DutyState) -> Standing:
    missing = _missing(duty, airings)
    deciding = airings[duty.required - 1]
    return Standing(
        DutyState.PART_MET if missing else state,
        Sign.PART if missing else sign,
        aired_at=deciding.aired_at,
        stated_at=deciding.stated_at,
        airings=len(airings),
        entry_seq=deciding.seq,
    )


def _unmet(
    duty: DutyFacts, live: list[EntryFacts], wrong: list[EntryFacts], airings: int, now: datetime
) -> Standing:
    troubles = [e for e in live if e.kind is EntryKind.NOT_AIRED]
    state = DutyState.PENDING if now < duty.due_at else DutyState.MISSED
    if troubles:
        last = troubles[-1]
        return Standing(state, Sign.CANNOT, None, last.stated_at, last.reason, airings, last.seq)
    if wrong:
        return _only_wrong(state, wrong[-1], airings)
    sign = Sign.PENDING if state is DutyState.PENDING else Sign.SILENT
    return Standing(state, sign, airings=airings)


def _only_wrong(state: DutyState, last: EntryFacts, airings: int) -> Standing:
    """The station did air, in good faith, what was recalled: neither silent nor done."""
    open_still = state is DutyState.PENDING
    return Standing(
        state if open_still else DutyState.PART_MET,
        Sign.PENDING if open_still else Sign.PART,
        aired_at=last.aired_at,
        stated_at=last.stated_at,
        airings=airings,
        entry_seq=last.seq,
        aired_replaced=True,
    )


def _verdict(entries: Sequence[EntryFacts], about: int) -> str | None:
    """Once a question was answered in words, nobody has looked at the statement since."""
    reviews = [e for e in entries if e.kind is EntryKind.REVIEWED and e.supersedes == about]
    if not reviews or any(e.kind is EntryKind.ANSWERED and e.supersedes == reviews[-1].seq for e in entries):
        return None
    return reviews[-1].verdict


def _last_reason(live: list[EntryFacts]) -> MissedReason | None:
    return next((e.reason for e in reversed(live) if e.reason), None)
