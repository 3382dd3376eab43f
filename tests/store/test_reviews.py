"""The drawn sample and the decision about a statement, on both databases."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from airlog import access, ledger, queries, record, reviews
from airlog.access import NotAllowed
from airlog.db import Refused, Session
from airlog.ledger_places import ALL, Choice
from airlog.models import Audit, LogEntry
from airlog.record import GENESIS
from airlog.reviews import Draw
from tests.recall_world import plan_week
from tests.world import CUC, DAK_WIL, HANH, LAN, SON, THUAN_AN, WEEK, World, duty_of, person_of

PERIOD = str(WEEK)


@pytest.fixture(autouse=True)
def two_stated(world: World) -> None:
    """Two of three stations stated in the week that they aired; it is Monday after."""
    world.launch()
    world.clock.forward_to(WEEK.starts_at + timedelta(hours=8))
    plan_week(world)
    world.says_aired(HANH, DAK_WIL)
    world.says_aired(LAN, THUAN_AN)
    world.clock.forward_to(WEEK.ends_at)


def draw(world: World) -> Draw | None:
    def work(session: Session) -> Draw | None:
        sight = access.sight(session, person_of(session, CUC), world.now)
        return reviews.draw(session, sight, PERIOD, world.now)

    return world.ask(work)


def queue(world: World, verdict: str = "") -> list[str]:
    def work(session: Session) -> list[str]:
        sight = access.sight(session, person_of(session, CUC), world.now)
        ids = reviews.queue(session, sight, Choice(verdict=verdict), PERIOD, frozenset())
        codes = {
            line.duty_id: line.area_code for line in queries.duty_lines(session, world.now, duty_ids=ids)
        }
        return [codes[id_] for id_ in ids]

    return world.ask(work)


def decide(world: World, verdict: str, note: str = "", by: str = CUC, seq: int = 1) -> LogEntry:
    return world.ask(
        lambda s: reviews.decide(
            s, person_of(s, by), duty_of(s, DAK_WIL), seq, verdict, note, world.source(), world.now
        )
    )


def test_nothing_is_drawn_while_the_week_runs(world: World) -> None:
    world.clock.at = WEEK.ends_at - timedelta(seconds=1)

    assert draw(world) is None


def test_the_sample_follows_from_the_log_alone_and_can_be_drawn_again(world: World) -> None:
    found = draw(world)

    assert found is not None and (found.pool, len(found.chosen), found.line) == (2, 1, 2)
    link = world.ask(lambda s: s.scalar(select(LogEntry.hash).where(LogEntry.seq == 2)))
    seed = hashlib.sha256(f"{PERIOD}:{link}".encode()).hexdigest()
    assert found.seed == seed == reviews.seed_of(PERIOD, link or GENESIS)
    assert draw(world) == found


def test_what_is_said_after_the_week_changes_the_seed_no_more(world: World) -> None:
    before = draw(world)
    world.clock.forward_to(WEEK.ends_at + timedelta(hours=5))
    world.says_aired(SON, "24678")

    after = draw(world)

    assert before is not None and after is not None
    assert (before.seed, before.line) == (after.seed, after.line)


def test_a_week_before_any_line_has_a_seed_too(world: World) -> None:
    sight = world.ask(lambda s: access.sight(s, person_of(s, CUC), world.now))
    found = world.ask(lambda s: reviews.draw(s, sight, str(WEEK.shift(-9)), world.now))

    assert found is not None and (found.line, found.pool) == (0, 0)
    assert found.seed == reviews.seed_of(str(WEEK.shift(-9)), GENESIS)


@pytest.mark.parametrize(("pool", "chosen"), [(0, 0), (1, 1), (20, 1), (21, 2), (100, 5)])
def test_one_in_twenty_is_drawn_and_never_none_of_some(pool: int, chosen: int) -> None:
    keys = [(number, f"{number}/1") for number in range(pool)]

    found = reviews.drawn("00ff", keys)

    assert len(found) == chosen
    assert found == reviews.drawn("00ff", reversed(keys))


def test_another_seed_draws_others() -> None:
    keys = [(number, f"{number}/1") for number in range(400)]

    assert set(reviews.drawn("a", keys)) != set(reviews.drawn("b", keys))


def test_what_was_looked_at_leaves_the_queue(world: World) -> None:
    assert queue(world) == [DAK_WIL, THUAN_AN]

    decide(world, "accepted")

    assert queue(world) == [THUAN_AN]
    assert queue(world, "accepted") == [DAK_WIL]


def test_a_rejected_statement_no_longer_meets_the_week(world: World) -> None:
    decide(world, "rejected", "Ảnh của tuần trước")

    assert queue(world) == [THUAN_AN]
    assert world.standing(DAK_WIL).entry_seq is None
    assert world.ask(record.verify) is None


@pytest.mark.parametrize(("verdict", "note"), [("queried", " "), ("rejected", ""), ("maybe", "x"), ("", "x")])
def test_a_decision_without_a_reason_or_meaning_is_refused(world: World, verdict: str, note: str) -> None:
    with pytest.raises(Refused, match="Chưa ghi gì"):
        decide(world, verdict, note)

    assert queue(world) == [DAK_WIL, THUAN_AN]


def test_a_decision_about_what_has_changed_meanwhile_is_refused(world: World) -> None:
    def correct(session: Session) -> None:
        duty = duty_of(session, DAK_WIL)
        before = record.standing_entry(session, duty)
        assert before is not None
        told = WEEK.starts_at + timedelta(hours=5)
        record.correct(
            session, person_of(session, HANH), duty, before, world.source(), world.now, aired_at=told
        )

    world.ask(correct)

    with pytest.raises(Refused, match="vừa đổi xác nhận"):
        decide(world, "accepted")


def test_an_operator_reviews_nothing_and_the_refusal_is_written_down(world: World) -> None:
    with pytest.raises(NotAllowed):
        decide(world, "accepted", by=HANH)

    assert world.ask(lambda s: s.scalar(select(Audit.act).where(~Audit.allowed))) == "review"


def test_a_statement_is_shown_with_who_said_it(world: World) -> None:
    duty = world.duties()[DAK_WIL]

    told = world.ask(lambda s: reviews.statements(s, [duty.id]))[duty.id]

    assert (told.seq, told.person, told.proofs) == (1, "Trần Thị Hạnh", ())
    assert (
        world.ask(
            lambda s: ledger.counts(s, access.sight(s, person_of(s, CUC), world.now), ALL, PERIOD, world.now)
        ).met
        == 2
    )
