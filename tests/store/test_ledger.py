"""The ledger at a glance on both databases: what is kept of each duty is what the log says, and is counted right."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from airlog import access, ledger, ledger_excuses, ledger_kept, ledger_places, queries, record
from airlog.access import NotAllowed
from airlog.db import Refused, Session
from airlog.ledger_places import ALL, Choice
from airlog.models import Audit, Duty, LogEntry, Mandate, Station
from airlog.record import NothingToChange
from airlog.rules import Said, Sign
from airlog.types import DutyState, EntryKind, MissedReason
from content.week import Week
from scheduler.plan import plan_duties
from tests.recall_world import plan_week, recall_item
from tests.world import (
    CUC,
    DAK_SAK,
    DAK_WIL,
    HANH,
    LAN,
    MINH,
    SON,
    THUAN_AN,
    WEEK,
    World,
    duty_of,
    person_of,
)

COMMUNES = {DAK_WIL: HANH, DAK_SAK: SON, THUAN_AN: LAN}
PERIOD = str(WEEK)


@pytest.fixture(autouse=True)
def planned(world: World) -> None:
    """Monday 07:30: the week's duties stand, nobody has said anything."""
    world.launch()
    world.clock.forward_to(WEEK.starts_at + timedelta(hours=7, minutes=30))
    plan_week(world)


def kept(world: World, commune: str, week: Week = WEEK) -> Said:
    query = select(Duty.said).join(Station).where(Station.area_code == commune, Duty.period == str(week))
    return world.ask(lambda s: s.scalars(query).one())


def recomputed(world: World) -> int:
    return world.ask(lambda s: ledger_kept.recompute(s))


def signs(world: World, phone: str = CUC, choice: Choice = ALL, week: Week = WEEK) -> dict[str, int]:
    """How the week stands for somebody, signs that occur only."""

    def work(session: Session) -> dict[str, int]:
        sight = access.sight(session, person_of(session, phone), world.now)
        counts = ledger.counts(session, sight, choice, str(week), world.now)
        return {sign: number for sign in Sign if (number := ledger.number_of(counts, sign))}

    return world.ask(work)


def excuse(world: World, commune: str, until: Week | None = None, by: str = CUC, reason: str = "tet") -> int:
    return world.ask(
        lambda s: len(
            ledger_excuses.excuse(
                s, person_of(s, by), duty_of(s, commune), until, reason, "Nghỉ", world.source(), world.now
            )
        )
    )


def review(world: World, commune: str, verdict: str) -> None:
    world.ask(
        lambda s: record.review(
            s, person_of(s, CUC), duty_of(s, commune), verdict, world.source(), world.now, note="vì"
        )
    )


def test_nothing_is_kept_wrongly_while_nobody_has_said_anything(world: World) -> None:
    assert {kept(world, commune) for commune in COMMUNES} == {Said.OPEN}
    assert recomputed(world) == 0


def test_a_silent_station_is_missed_from_the_deadline_on_without_anybody_doing_anything(world: World) -> None:
    world.clock.forward_to(WEEK.ends_at - timedelta(seconds=1))
    before = signs(world)

    world.clock.forward_to(WEEK.ends_at)

    assert (before, signs(world)) == ({"pending": 3}, {"silent": 3})


def test_each_statement_is_kept_in_its_own_transaction(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)
    world.ask(lambda s: _cannot(s, world))

    assert signs(world) == {"aired": 1, "cannot": 1, "pending": 1}


def _cannot(session: Session, world: World) -> None:
    record.not_aired(
        session,
        person_of(session, SON),
        duty_of(session, DAK_SAK),
        MissedReason.BROKEN,
        world.source(),
        world.now,
    )


def test_what_is_kept_can_be_lost_and_worked_out_anew(world: World) -> None:
    """As when a store from before is migrated."""
    world.says_aired(HANH, DAK_WIL)
    review(world, DAK_WIL, "accepted")
    world.ask(lambda s: s.execute(update(Duty).values(said=Said.OPEN, said_seq=None, verdict=None)))

    changed = recomputed(world)

    assert (changed, recomputed(world)) == (1, 0)
    assert {commune: kept(world, commune) for commune in COMMUNES} == {
        DAK_WIL: Said.AIRED,
        DAK_SAK: Said.OPEN,
        THUAN_AN: Said.OPEN,
    }


def test_a_statement_that_is_rolled_back_leaves_nothing_behind(world: World) -> None:
    with pytest.raises(ZeroDivisionError):
        world.ask(lambda s: (_cannot(s, world), 1 / 0))

    assert kept(world, DAK_SAK) is Said.OPEN


def test_words_that_were_recalled_and_replaced_no_longer_meet_the_week(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)

    recall_item(world)

    assert kept(world, DAK_WIL) is Said.RECALLED
    assert recomputed(world) == 0
    world.clock.forward_to(WEEK.ends_at)
    assert signs(world) == {"part": 1, "silent": 2}


def test_what_a_review_said_is_kept_until_the_statement_changes(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)
    review(world, DAK_WIL, "accepted")
    query = select(Duty.verdict).join(Station).where(Station.area_code == DAK_WIL)
    accepted = world.ask(lambda s: s.scalar(query))

    world.clock.forward_to(world.now + timedelta(hours=1))
    world.ask(lambda s: _correct(s, world))

    assert accepted == "accepted"
    assert world.ask(lambda s: s.scalar(query)) is None


def _correct(session: Session, world: World) -> None:
    duty = duty_of(session, DAK_WIL)
    before = record.standing_entry(session, duty)
    assert before is not None
    person = person_of(session, HANH)
    record.correct(session, person, duty, before, world.source(), world.now, aired_at=WEEK.starts_at)


def test_a_station_closed_in_mid_week_owes_nothing_any_more(world: World) -> None:
    def close(session: Session) -> None:
        station = duty_of(session, DAK_SAK).station
        station.active_to = WEEK.monday + timedelta(days=3)
        session.flush()
        ledger_kept.recompute(session, Duty.station_id == station.id)

    world.ask(close)
    world.clock.forward_to(WEEK.ends_at)

    assert signs(world) == {"excused": 1, "silent": 2}
    assert world.standing(DAK_SAK).state is DutyState.EXCUSED


def test_a_station_founded_in_mid_week_has_until_sunday(world: World) -> None:
    world.ask(lambda s: setattr(duty_of(s, DAK_WIL).station, "active_from", WEEK.monday + timedelta(days=4)))

    world.clock.forward_to(WEEK.ends_at)

    assert world.standing(DAK_WIL).state is DutyState.MISSED


@pytest.mark.parametrize(("count", "per"), [(2, "week"), (2, "month"), (1, "month")])
def test_other_rates_are_the_mandates_data(world: World, count: int, per: str) -> None:
    world.ask(lambda s: s.execute(update(Mandate).values(count=count, per=per)))
    later = WEEK.shift(3)
    world.ask(lambda s: plan_duties(s, later, world.now))

    owed = world.ask(
        lambda s: s.execute(select(Duty.period, Duty.required).where(Duty.starts_at > world.now)).all()
    )

    assert {(row.period, row.required) for row in owed} == {
        (f"{later.monday:%Y-%m}" if per == "month" else str(later), count)
    }


def test_weeks_over_the_turn_of_the_year_are_counted_once_each(world: World) -> None:
    weeks = [Week.parse(label) for label in ("2026-W52", "2026-W53", "2027-W01")]
    for week in weeks:
        world.ask(lambda s, week=week: plan_duties(s, week, world.now))

    def work(session: Session) -> dict[str, int]:
        sight = access.sight(session, person_of(session, CUC), world.now)
        found = ledger.tally(session, sight, ALL, [str(week) for week in weeks])
        return {label: sum(tally.values()) for label, tally in found.items()}

    assert world.ask(work) == {"2026-W52": 3, "2026-W53": 3, "2027-W01": 3}


def test_an_excuse_reaches_ahead_to_weeks_that_were_not_planned_yet(world: World) -> None:
    assert excuse(world, DAK_WIL, until=WEEK.shift(2)) == 3

    world.ask(lambda s: plan_duties(s, WEEK.shift(2), world.now))

    assert signs(world, week=WEEK.shift(2)) == {"excused": 1, "pending": 2}
    assert world.ask(lambda s: s.scalar(select(LogEntry.reason).limit(1))) is MissedReason.TET
    assert excuse(world, DAK_WIL, until=WEEK.shift(2)) == 3
    assert world.ask(lambda s: len(queries.entries(s))) == 3
    assert recomputed(world) == 0


@pytest.mark.parametrize("until", [WEEK.shift(-1), WEEK.shift(13)])
def test_an_excuse_of_odd_length_is_refused(world: World, until: Week) -> None:
    with pytest.raises(Refused, match="Chưa ghi gì"):
        excuse(world, DAK_WIL, until=until)


@pytest.mark.parametrize("reason", ["", "no_slot", "vì thế"])
def test_an_excuse_for_a_reason_that_is_none_is_refused(world: World, reason: str) -> None:
    with pytest.raises(Refused, match="Cần chọn lý do"):
        excuse(world, DAK_WIL, reason=reason)


def test_an_operator_excuses_nobody_and_the_refusal_is_written_down(world: World) -> None:
    with pytest.raises(NotAllowed):
        excuse(world, DAK_WIL, by=HANH)

    assert world.ask(lambda s: s.scalar(select(Audit.act).where(~Audit.allowed))) == "excuse"


def test_reviewing_nothing_is_refused(world: World) -> None:
    with pytest.raises(NothingToChange):
        review(world, DAK_WIL, "accepted")


def test_the_same_review_again_adds_no_line(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)

    for _ in range(2):
        review(world, DAK_WIL, "queried")

    assert world.ask(lambda s: len(queries.entries(s))) == 2


def test_an_officer_counts_and_finds_only_the_own_area(world: World) -> None:
    def work(session: Session) -> tuple[list[str], int]:
        sight = access.sight(session, person_of(session, HANH), world.now)
        found = ledger_places.codes(session, sight, ALL, WEEK.monday)
        return list(found.values()), ledger.counts(session, sight, ALL, PERIOD, world.now).total

    assert world.ask(work) == ([], 0)
    assert signs(world, MINH) == {"pending": 3}


def test_a_cluster_or_a_part_of_the_name_narrows_the_view(world: World) -> None:
    def clusters(session: Session) -> dict[str, str]:
        sight = access.sight(session, person_of(session, CUC), world.now)
        ids = list(ledger_places.codes(session, sight, ALL, WEEK.monday))
        return {place.code: place.cluster_code for place in ledger_places.places(session, ids).values()}

    cluster = world.ask(clusters)[DAK_SAK]
    both = sum(code == cluster for code in world.ask(clusters).values())

    assert signs(world, choice=Choice(area=cluster)) == {"pending": both}
    assert signs(world, choice=Choice(words="DAK wil")) == {"pending": 1}
    assert signs(world, choice=Choice(words="%")) == {}


def test_a_language_finds_duties_that_want_it_or_were_aired_in_it(world: World) -> None:
    world.ask(
        lambda s: record.aired(
            s, person_of(s, HANH), duty_of(s, DAK_WIL), world.source(), world.now, language="hmv"
        )
    )

    assert signs(world, choice=Choice(language="hmv")) == {"aired": 1}
    assert signs(world, choice=Choice(language="rad")) == {}


def test_pages_of_a_list_hold_each_duty_once_the_worst_first(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)
    world.ask(lambda s: _cannot(s, world))

    def page(session: Session, skip: int) -> list[int]:
        sight = access.sight(session, person_of(session, CUC), world.now)
        return ledger.ids_by_need(session, sight, ALL, PERIOD, world.now, limit=1, skip=skip)

    found = [world.ask(lambda s, skip=skip: page(s, skip)) for skip in range(4)]

    order = [world.duties()[commune].id for commune in (DAK_SAK, THUAN_AN, DAK_WIL)]
    assert found == [*([id_] for id_ in order), []]


def test_a_stamp_changes_with_a_line_about_the_own_area_and_with_the_deadline(world: World) -> None:
    def stamp(session: Session) -> str:
        sight = access.sight(session, person_of(session, CUC), world.now)
        return ledger.stamp(session, sight, ALL, PERIOD, world.now)

    seen = [world.ask(stamp), world.ask(stamp)]
    world.says_aired(HANH, DAK_WIL)
    seen.append(world.ask(stamp))
    world.clock.forward_to(WEEK.ends_at)
    seen.append(world.ask(stamp))

    assert seen[0] == seen[1] and len(set(seen)) == 3


@pytest.mark.parametrize("seed", range(4))
def test_recomputing_a_random_log_gives_the_same_states_and_the_same_counts(world: World, seed: int) -> None:
    pick = random.Random(seed)
    world.ask(
        lambda s: s.execute(
            update(Duty).values(required=pick.choice([1, 2]), languages=pick.choice(["", "hmv"]))
        )
    )
    for _ in range(40):
        world.clock.forward_to(world.now + timedelta(hours=pick.uniform(0, 9)))
        _say_something(world, pick)

    lines = world.ask(lambda s: queries.duty_lines(s, world.now, period=PERIOD))

    assert recomputed(world) == 0
    assert signs(world) == Counter(str(line.sign) for line in lines)
    assert all(line.standing.entry_seq is None or line.person for line in lines)


def _say_something(world: World, pick: random.Random) -> None:
    """One random act about a random station, as its conversation or page would write it. Some change nothing."""
    commune = pick.choice(list(COMMUNES))
    moment = world.now - timedelta(hours=pick.uniform(0, 60))
    kind = pick.choice(list(EntryKind))

    def work(session: Session) -> None:
        duty, person = duty_of(session, commune), person_of(session, COMMUNES[commune])
        officer, source, now = person_of(session, CUC), world.source(), world.now
        match kind:
            case EntryKind.AIRED:
                title = pick.choice([None, "Tin của xã"])
                record.aired(
                    session, person, duty, source, now, aired_at=pick.choice([None, moment]), own_title=title,
                    language=pick.choice(["vie", "hmv"]), again=pick.random() < 0.3,
                )  # fmt: skip
            case EntryKind.NOT_AIRED:
                record.not_aired(session, person, duty, MissedReason.NO_POWER, source, now)
            case EntryKind.CORRECTED:
                before = record.standing_entry(session, duty)
                if before is not None:
                    record.correct(session, person, duty, before, source, now, aired_at=moment)
            case EntryKind.WITHDRAWN if record.live_log(session, duty):
                _quietly(lambda: record.withdraw(session, person, duty, source, now))
            case EntryKind.LEADER_CLEARED:
                record.leader_cleared(session, person, duty, source, now, leader="Chủ tịch xã")
            case EntryKind.EXCUSED if pick.random() < 0.3:
                record.excuse(session, officer, duty, MissedReason.WEATHER, source, now, note="bão")
            case EntryKind.REVIEWED:
                verdict = pick.choice(["accepted", "queried", "rejected"])
                _quietly(lambda: record.review(session, officer, duty, verdict, source, now, note="x"))
            case _:
                pass

    world.ask(work)


def _quietly(act: object) -> None:
    try:
        assert callable(act)
        act()
    except NothingToChange:
        pass
