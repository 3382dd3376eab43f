"""How a duty stands, by examples: every rule of airlog/rules.py, its borders included."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airlog.rules import DutyFacts, EntryFacts, Said, Sign, glance, said_by, sign_of, standing
from airlog.types import DutyState, EntryKind, MissedReason
from content.tet import tet_in, tet_of
from content.week import Week, month_bounds

WEEK = Week.parse("2026-W48")
DUTY = DutyFacts(WEEK.starts_at, WEEK.ends_at)
MOMENT = timedelta(microseconds=1)
AFTER = WEEK.ends_at + timedelta(days=30)
MONG = frozenset({"hmv"})


def at(day: int, clock: str = "17:30") -> datetime:
    return WEEK.at(day, time.fromisoformat(clock))


def aired(
    seq: int, stated_at: datetime, aired_at: datetime | None = None, language: str = "vie"
) -> EntryFacts:
    return EntryFacts(seq, EntryKind.AIRED, stated_at, aired_at, language)


def corrected(seq: int, of: int, stated_at: datetime, aired_at: datetime) -> EntryFacts:
    return EntryFacts(seq, EntryKind.CORRECTED, stated_at, aired_at, supersedes=of)


def withdrawn(seq: int, of: int, stated_at: datetime) -> EntryFacts:
    return EntryFacts(seq, EntryKind.WITHDRAWN, stated_at, supersedes=of)


def cannot(seq: int, stated_at: datetime) -> EntryFacts:
    return EntryFacts(seq, EntryKind.NOT_AIRED, stated_at, reason=MissedReason.BROKEN)


def excused(seq: int, stated_at: datetime) -> EntryFacts:
    return EntryFacts(seq, EntryKind.EXCUSED, stated_at, reason=MissedReason.WEATHER)


def reviewed(seq: int, of: int, verdict: str) -> EntryFacts:
    return EntryFacts(seq, EntryKind.REVIEWED, at(5), verdict=verdict, supersedes=of)


MET, LATE, MISSED = DutyState.MET, DutyState.MET_LATE, DutyState.MISSED
PENDING, EXCUSED = DutyState.PENDING, DutyState.EXCUSED
EXAMPLES: list[tuple[str, list[EntryFacts], datetime, DutyState, Sign]] = [
    ("nothing said, the week runs", [], WEEK.ends_at - MOMENT, PENDING, Sign.PENDING),
    ("nothing said, Monday 00:00", [], WEEK.ends_at, MISSED, Sign.SILENT),
    ("a tap without a time counts by the tap", [aired(1, at(1))], AFTER, MET, Sign.AIRED),
    ("met as soon as it is said", [aired(1, at(1))], at(1), MET, Sign.AIRED),
    ("aired in the week, said after it", [aired(1, at(9), at(6))], AFTER, MET, Sign.AIRED),
    ("aired in the first instant", [aired(1, at(1), WEEK.starts_at)], AFTER, MET, Sign.AIRED),
    ("aired in the last instant", [aired(1, at(8), WEEK.ends_at - MOMENT)], AFTER, MET, Sign.AIRED),
    ("aired Monday 00:00 of the next week", [aired(1, at(8), WEEK.ends_at)], AFTER, LATE, Sign.LATE),
    ("a make-good on the last day", [aired(1, at(14), at(13, "23:59"))], AFTER, LATE, Sign.LATE),
    ("a tap within seven days after", [aired(1, at(8))], AFTER, LATE, Sign.LATE),
    ("seven days after is too late", [aired(1, at(14, "00:00"))], AFTER, MISSED, Sign.SILENT),
    ("aired before the week counts for nothing", [aired(1, at(0), at(-1))], AFTER, MISSED, Sign.SILENT),
    ("cannot, while the week runs", [cannot(1, at(1))], at(2), PENDING, Sign.CANNOT),
    ("cannot, after the week", [cannot(1, at(1))], AFTER, MISSED, Sign.CANNOT),
    ("cannot first, aired after all", [cannot(1, at(1)), aired(2, at(3))], AFTER, MET, Sign.AIRED),
    ("cannot, then a make-good", [cannot(1, at(1)), aired(2, at(9))], AFTER, LATE, Sign.LATE),
    ("excused at once", [excused(1, at(1))], at(1), EXCUSED, Sign.EXCUSED),
    ("excused after cannot", [cannot(1, at(1)), excused(2, at(2))], AFTER, EXCUSED, Sign.EXCUSED),
    ("excused, aired after all", [excused(1, at(1)), aired(2, at(2))], AFTER, MET, Sign.AIRED),
    ("excused, then a make-good", [excused(1, at(1)), aired(2, at(8))], AFTER, LATE, Sign.LATE),
    ("withdrawn", [aired(1, at(1)), withdrawn(2, 1, at(1))], AFTER, MISSED, Sign.SILENT),
    ("withdrawn while the week runs", [aired(1, at(1)), withdrawn(2, 1, at(1))], at(2), PENDING, Sign.PENDING),
    ("withdrawn and said again", [aired(1, at(1)), withdrawn(2, 1, at(1)), aired(3, at(2))], AFTER, MET, Sign.AIRED),
    ("corrected into the next week", [aired(1, at(1)), corrected(2, 1, at(8), at(7))], AFTER, LATE, Sign.LATE),
    ("corrected into the week", [aired(1, at(8)), corrected(2, 1, at(8), at(6))], AFTER, MET, Sign.AIRED),
    (
        "corrected twice",
        [aired(1, at(8)), corrected(2, 1, at(8), at(6)), corrected(3, 2, at(8), at(7))],
        AFTER,
        LATE,
        Sign.LATE,
    ),
    (
        "a corrected one withdrawn does not bring the first back",
        [aired(1, at(1)), corrected(2, 1, at(1), at(0)), withdrawn(3, 2, at(2))],
        AFTER,
        MISSED,
        Sign.SILENT,
    ),
    ("accepted", [aired(1, at(1)), reviewed(2, 1, "accepted")], AFTER, MET, Sign.AIRED),
    ("queried", [aired(1, at(1)), reviewed(2, 1, "queried")], AFTER, MET, Sign.AIRED),
    ("rejected", [aired(1, at(1)), reviewed(2, 1, "rejected")], AFTER, MISSED, Sign.SILENT),
    (
        "rejected and said again",
        [aired(1, at(1)), reviewed(2, 1, "rejected"), aired(3, at(5))],
        AFTER,
        MET,
        Sign.AIRED,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "now", "state", "sign"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES]
)
def test_a_duty_stands(entries: list[EntryFacts], now: datetime, state: DutyState, sign: Sign) -> None:
    found = standing(DUTY, entries, now)
    assert (found.state, found.sign) == (state, sign)


TWICE: list[tuple[str, list[EntryFacts], DutyState, int]] = [
    ("one of two is not enough", [aired(1, at(1))], MISSED, 1),
    ("two in the week", [aired(1, at(1)), aired(2, at(3))], MET, 2),
    ("the second within seven days after", [aired(1, at(1)), aired(2, at(8))], LATE, 2),
    ("one, and cannot for the other", [aired(1, at(1)), cannot(2, at(3))], MISSED, 1),
    ("a third does no harm", [aired(1, at(1)), aired(2, at(3)), aired(3, at(9))], MET, 2),
]


@pytest.mark.parametrize(("entries", "state", "airings"), [e[1:] for e in TWICE], ids=[e[0] for e in TWICE])
def test_a_duty_of_two_airings(entries: list[EntryFacts], state: DutyState, airings: int) -> None:
    found = standing(DutyFacts(WEEK.starts_at, WEEK.ends_at, required=2), entries, AFTER)
    assert (found.state, found.airings) == (state, airings)


LANGUAGES: list[tuple[str, list[EntryFacts], DutyState, Sign]] = [
    ("the language is missing", [aired(1, at(1))], DutyState.PART_MET, Sign.PART),
    ("both", [aired(1, at(1)), aired(2, at(2), language="hmv")], MET, Sign.AIRED),
    ("the language came late", [aired(1, at(1)), aired(2, at(8), language="hmv")], LATE, Sign.LATE),
    (
        "the language too late",
        [aired(1, at(1)), aired(2, at(14), language="hmv")],
        DutyState.PART_MET,
        Sign.PART,
    ),
    ("nothing at all", [], MISSED, Sign.SILENT),
]


@pytest.mark.parametrize(
    ("entries", "state", "sign"), [e[1:] for e in LANGUAGES], ids=[e[0] for e in LANGUAGES]
)
def test_a_duty_that_wants_another_language_too(
    entries: list[EntryFacts], state: DutyState, sign: Sign
) -> None:
    found = standing(DutyFacts(WEEK.starts_at, WEEK.ends_at, languages=MONG), entries, AFTER)
    assert (found.state, found.sign) == (state, sign)


MONTH = DutyFacts(*month_bounds(date(2026, 11, 1)), required=2)
DAYS = timedelta(days=1)
MONTHLY: list[tuple[str, list[EntryFacts], datetime, DutyState, Sign]] = [
    ("one of two, the month runs", [aired(1, at(0))], MONTH.due_at - MOMENT, PENDING, Sign.PENDING),
    ("one of two, the month is over", [aired(1, at(0))], MONTH.due_at, MISSED, Sign.SILENT),
    ("both in the month", [aired(1, MONTH.starts_at), aired(2, MONTH.due_at - MOMENT)], AFTER, MET, Sign.AIRED),
    ("both in one week", [aired(1, at(1)), aired(2, at(2))], AFTER, MET, Sign.AIRED),
    ("the second as a make-good", [aired(1, at(1)), aired(2, MONTH.due_at + 6 * DAYS)], AFTER, LATE, Sign.LATE),
    ("the second too late", [aired(1, at(1)), aired(2, MONTH.due_at + 7 * DAYS)], AFTER, MISSED, Sign.SILENT),
    ("one corrected is still one", [aired(1, at(1)), corrected(2, 1, at(2), at(2))], AFTER, MISSED, Sign.SILENT),
    ("one of two withdrawn", [aired(1, at(1)), aired(2, at(2)), withdrawn(3, 2, at(3))], AFTER, MISSED, Sign.SILENT),
    ("one of two, then excused", [aired(1, at(1)), excused(2, at(3))], AFTER, EXCUSED, Sign.EXCUSED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "now", "state", "sign"), [e[1:] for e in MONTHLY], ids=[e[0] for e in MONTHLY]
)
def test_a_duty_of_two_airings_a_month(
    entries: list[EntryFacts], now: datetime, state: DutyState, sign: Sign
) -> None:
    found = standing(MONTH, entries, now)
    assert (found.state, found.sign) == (state, sign)


GONE = DutyFacts(WEEK.starts_at, WEEK.ends_at, station_gone=True)
ENDED: list[tuple[str, list[EntryFacts], DutyState, Sign]] = [
    ("nothing said: it owes nothing any more", [], EXCUSED, Sign.EXCUSED),
    ("it could not air before the end", [cannot(1, at(1))], EXCUSED, Sign.EXCUSED),
    ("what it aired before the end counts", [aired(1, at(1))], MET, Sign.AIRED),
    ("and is taken back all the same", [aired(1, at(1)), withdrawn(2, 1, at(1))], EXCUSED, Sign.EXCUSED),
]


@pytest.mark.parametrize(("entries", "state", "sign"), [e[1:] for e in ENDED], ids=[e[0] for e in ENDED])
def test_a_duty_of_a_station_that_was_closed_or_merged_in_the_middle_of_the_week(
    entries: list[EntryFacts], state: DutyState, sign: Sign
) -> None:
    for now in (at(1), AFTER):
        found = standing(GONE, entries, now)
        assert (found.state, found.sign) == (state, sign)


def test_one_airing_counts_for_the_week_it_names_and_not_for_its_own_too() -> None:
    make_good = aired(1, at(8))
    next_week = WEEK.next()

    named = standing(DUTY, [make_good], AFTER)
    own = standing(DutyFacts(next_week.starts_at, next_week.ends_at), [], AFTER)

    assert (named.state, own.state) == (LATE, MISSED)


@pytest.mark.parametrize("year, first", TET := [
    (2027, date(2027, 2, 6)), (2028, date(2028, 1, 26)), (2029, date(2029, 2, 13)), (2030, date(2030, 2, 2)),
])  # fmt: skip
def test_tet_is_that_of_viet_nam_not_of_its_neighbour(year: int, first: date) -> None:
    assert tet_of(year) == first
    assert tet_in(Week.on(first)) == first
    assert tet_in(Week.on(first).shift(-2)) is None


@pytest.mark.parametrize("year, first", TET)
def test_a_week_of_tet_is_owed_like_any_other_until_somebody_excuses_it(year: int, first: date) -> None:
    week = Week.on(first)
    duty = DutyFacts(week.starts_at, week.ends_at)
    rest = EntryFacts(1, EntryKind.EXCUSED, week.starts_at, reason=MissedReason.TET)

    assert standing(duty, [], week.ends_at).state is MISSED
    assert standing(duty, [rest], week.ends_at).state is EXCUSED


def test_a_silent_station_is_missed_at_the_very_deadline() -> None:
    kept = glance(DUTY, [])

    assert kept.said is Said.OPEN
    assert sign_of(kept.said, DUTY.due_at, DUTY.due_at - MOMENT) is Sign.PENDING
    assert sign_of(kept.said, DUTY.due_at, DUTY.due_at) is Sign.SILENT


@pytest.mark.parametrize("over", [False, True])
def test_each_thing_the_log_may_say_bears_one_sign_at_a_time(over: bool) -> None:
    found = [said for sign in Sign for said in said_by(sign, over=over)]

    assert sorted(found) == sorted(Said)


LOGS = st.lists(
    st.tuples(
        st.sampled_from(list(EntryKind)),
        st.integers(-30, 200),
        st.one_of(st.none(), st.integers(-200, 400)),
        st.sampled_from(["vie", "hmv"]),
        st.sampled_from(["accepted", "queried", "rejected"]),
        st.integers(0, 11),
        st.sampled_from([None, 1, 2]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=300)
@given(
    lines=LOGS,
    required=st.integers(1, 2),
    languages=st.sampled_from([frozenset(), MONG]),
    replaced=st.sampled_from([frozenset(), frozenset({1})]),
    gone=st.booleans(),
    hours=st.integers(-24, 600),
)
def test_what_is_kept_of_any_log_gives_the_sign_of_any_hour(
    lines: list[tuple[EntryKind, int, int | None, str, str, int, int | None]],
    required: int,
    languages: frozenset[str],
    replaced: frozenset[int],
    gone: bool,
    hours: int,
) -> None:
    duty = DutyFacts(WEEK.starts_at, WEEK.ends_at, required, languages, replaced, gone)
    entries = [_entry(seq, line) for seq, line in enumerate(lines, 1)]
    now = WEEK.starts_at + timedelta(hours=hours)

    kept = glance(duty, entries)

    assert sign_of(kept.said, duty.due_at, now) is standing(duty, entries, now).sign


def _entry(seq: int, line: tuple[EntryKind, int, int | None, str, str, int, int | None]) -> EntryFacts:
    kind, stated, claimed, language, verdict, about, version = line
    refers = kind in (EntryKind.CORRECTED, EntryKind.WITHDRAWN, EntryKind.REVIEWED)
    return EntryFacts(
        seq,
        kind,
        WEEK.starts_at + timedelta(hours=stated),
        None if claimed is None else WEEK.starts_at + timedelta(hours=claimed),
        language,
        MissedReason.BROKEN if kind is EntryKind.NOT_AIRED else None,
        verdict if kind is EntryKind.REVIEWED else None,
        about % seq if refers and about % seq else None,
        version,
    )


def test_the_last_reason_given_is_the_one_shown() -> None:
    first = EntryFacts(1, EntryKind.NOT_AIRED, at(1), reason=MissedReason.NO_POWER)
    second = EntryFacts(2, EntryKind.NOT_AIRED, at(2), reason=MissedReason.BROKEN)

    found = standing(DUTY, [first, second], AFTER)

    assert (found.reason, found.entry_seq) == (MissedReason.BROKEN, 2)


def test_the_airing_that_decides_is_the_first_of_the_week_not_the_first_said() -> None:
    found = standing(DUTY, [aired(1, at(5), at(4)), aired(2, at(6), at(2))], AFTER)

    assert (found.entry_seq, found.aired_at, found.airings) == (2, at(2), 2)


@pytest.mark.parametrize("label", ["2026-W01", "2026-W53", "2027-W01"])
def test_borders_hold_at_the_turn_of_the_year(label: str) -> None:
    week = Week.parse(label)
    duty = DutyFacts(week.starts_at, week.ends_at)
    states = [
        standing(duty, [aired(1, moment)], week.ends_at + timedelta(days=60)).state
        for moment in (week.starts_at - MOMENT, week.starts_at, week.ends_at - MOMENT, week.ends_at)
    ]
    assert states == [MISSED, MET, MET, LATE]
