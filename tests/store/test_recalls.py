"""Recalls on both databases: what is refused, what one act of two people changes, and what can no longer leave."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from airlog import (
    campaigns,
    claims,
    deliveries,
    items,
    people,
    queries,
    recall_reads,
    recalls,
    record,
    withdrawn,
)
from airlog.access import NotAllowed
from airlog.db import Session, lock_log
from airlog.deliveries import Wanted
from airlog.models import Campaign, Delivery, LogEntry, Recall, RecallAck, Rundown
from airlog.recalls import BadRecall
from airlog.rules import Sign
from airlog.types import CampaignState, DeliveryState, DutyState, Rung
from tests.recall_world import (
    WHY,
    acts,
    ask,
    confirm,
    items_of,
    plan_notices,
    plan_week,
    recall_item,
    refusals,
    rundown,
)
from tests.world import (
    CHAU,
    CUC,
    DAK_WIL,
    DUYET,
    HANH,
    LAN,
    MINH,
    SON,
    WEEK,
    WORDS,
    World,
    duty_of,
    person_of,
)

QUEUED, SENDING, SENT = DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT
RETRYING, UNKNOWN, CANCELLED = DeliveryState.RETRYING, DeliveryState.UNKNOWN, DeliveryState.CANCELLED
HALF_PAST_SEVEN = timedelta(hours=7, minutes=30)
FAR_EDITOR = "0912000099"


@pytest.fixture(autouse=True)
def half_past_seven(world: World) -> None:
    """The week's four items are planned and due: Hạnh's, Sơn's, and Lan's for two stations."""
    world.launch()
    world.clock.forward_to(WEEK.starts_at + HALF_PAST_SEVEN)
    assert plan_week(world) == 4


def row(world: World, phone: str) -> Delivery:
    return world.rows(phone)[0]


def claim(world: World, phone: str) -> int:
    number = row(world, phone).id
    assert world.ask(lambda s: claims.claim(s, number, world.now)) is not None
    return number


def send(world: World, phone: str) -> int:
    number = claim(world, phone)
    world.ask(lambda s: deliveries.sent(s, number, f"m-{phone}", world.now))
    return number


def recall(world: World, number: int) -> Recall:
    return world.ask(lambda s: s.get_one(Recall, number))


def leaves(world: World, number: int) -> bool:
    """Whether a row may still be sent, asked as the claim does."""
    return not world.ask(lambda s: recalls.is_withdrawn(s, s.get_one(Delivery, number)))


@pytest.mark.parametrize("phone", [HANH, CUC])
def test_operators_and_officers_cannot_ask_and_it_is_written_down(world: World, phone: str) -> None:
    with pytest.raises(NotAllowed):
        ask(world, replaced=False, by=phone)

    assert refusals(world) == ["recall.ask"]


def test_an_editor_of_another_province_cannot_ask(world: World) -> None:
    table = f"ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai\nBùi Thị Xa,{FAR_EDITOR},editor,01,\n"
    world.ask(lambda s: people.import_people(s, table.encode(), world.now))

    with pytest.raises(NotAllowed):
        ask(world, replaced=False, by=FAR_EDITOR)

    assert refusals(world) == ["recall.ask"]


@pytest.mark.parametrize(("why", "said"), [("  ", "Chưa có lý do"), ("x" * 301, "Lý do dài quá 300")])
def test_a_reason_is_needed_and_short(world: World, why: str, said: str) -> None:
    with pytest.raises(BadRecall, match=said):
        ask(world, replaced=False, why=why)


def test_the_replacement_must_be_cleared(world: World) -> None:
    def work(session: Session) -> None:
        item = rundown(session).version.item
        version = items.rewrite(session, person_of(session, CHAU), item, WORDS, world.now)
        recalls.ask(session, person_of(session, CHAU), rundown(session), WHY, version, world.now)

    with pytest.raises(BadRecall, match="chưa được duyệt"):
        world.ask(work)


def test_the_replacement_is_neither_the_item_itself_nor_one_that_was_recalled(world: World) -> None:
    def again(session: Session) -> None:
        here = rundown(session)
        recalls.ask(session, person_of(session, CHAU), here, WHY, here.version, world.now)

    with pytest.raises(BadRecall, match="chính là tin đang thu hồi"):
        world.ask(again)
    first = recall(world, recall_item(world))

    def back(session: Session) -> None:
        old = recall_reads.words(session, first.item_version_id)
        version = next(v for v in rundown(session).version.item.versions if v.id == old.version_id)
        recalls.ask(session, person_of(session, CHAU), rundown(session), WHY, version, world.now)

    with pytest.raises(BadRecall, match="đã từng bị thu hồi"):
        world.ask(back)


def test_after_the_week_nothing_is_recalled(world: World) -> None:
    waiting = ask(world)
    world.clock.forward_to(WEEK.ends_at)

    with pytest.raises(BadRecall, match="Tuần này đã hết"):
        confirm(world, waiting)

    assert recall(world, waiting).confirmed_at is None
    assert world.ask(lambda s: s.get_one(Recall, waiting).item_version_id) == (
        world.ask(lambda s: rundown(s).item_version_id)
    )
    assert items_of(world, HANH)[0][1] is QUEUED


def test_a_campaign_that_does_not_run_yet_has_nothing_to_recall(world: World) -> None:
    def work(session: Session) -> None:
        here = rundown(session)
        here.campaign.state = CampaignState.PLANNED
        recalls.ask(session, person_of(session, CHAU), here, WHY, None, world.now)

    with pytest.raises(BadRecall, match="chưa khởi chạy"):
        world.ask(work)


def test_of_a_stopped_campaign_what_was_sent_is_recalled_but_nothing_is_sent_instead(world: World) -> None:
    send(world, HANH)
    here = world.ask(rundown)
    world.ask(lambda s: campaigns.stop(s, s.get_one(Campaign, here.campaign_id), None, world.now) and None)

    def work(session: Session, with_new: bool) -> int:
        mine = session.get_one(Rundown, here.id)
        version = items.all_items(session)[-1].latest if with_new else None
        return recalls.ask(session, person_of(session, CHAU), mine, WHY, version, world.now).id

    with pytest.raises(BadRecall, match="Chiến dịch đã dừng"):
        world.ask(lambda s: work(s, True))
    confirm(world, world.ask(lambda s: work(s, False)))

    assert plan_notices(world) == 1


def test_asking_stops_nothing(world: World) -> None:
    ask(world)

    assert items_of(world, HANH) == [(row(world, HANH).key.split(":")[1], QUEUED)]
    assert leaves(world, row(world, HANH).id)


@pytest.mark.parametrize("asker", [MINH, DUYET])
def test_who_asks_never_confirms(world: World, asker: str) -> None:
    waiting = ask(world, by=asker)

    with pytest.raises(NotAllowed, match="không tự xác nhận"):
        confirm(world, waiting, by=asker)

    assert recall(world, waiting).confirmed_at is None
    assert items_of(world, HANH)[0][1] is QUEUED
    assert refusals(world) == ["recall.confirm"]


@pytest.mark.parametrize("phone", [CHAU, CUC, HANH])
def test_only_those_who_clear_items_confirm(world: World, phone: str) -> None:
    waiting = ask(world, by=MINH)

    with pytest.raises(NotAllowed):
        confirm(world, waiting, by=phone)

    assert recall(world, waiting).confirmed_at is None
    assert refusals(world) == ["recall.confirm"]


def test_a_request_that_was_dropped_cannot_be_confirmed(world: World) -> None:
    waiting = ask(world)
    world.ask(lambda s: recalls.drop(s, person_of(s, CHAU), s.get_one(Recall, waiting), world.now) and None)

    with pytest.raises(BadRecall, match="đã được hủy"):
        confirm(world, waiting)

    assert items_of(world, HANH)[0][1] is QUEUED


def test_a_recall_that_was_confirmed_cannot_be_dropped(world: World) -> None:
    done = recall_item(world)

    with pytest.raises(BadRecall, match="không hủy được"):
        world.ask(lambda s: recalls.drop(s, person_of(s, CHAU), s.get_one(Recall, done), world.now) and None)


def test_asking_twice_is_one_request_and_asking_otherwise_is_refused(world: World) -> None:
    first = ask(world, replaced=False)

    assert ask(world, replaced=False) == first
    with pytest.raises(BadRecall, match="đang chờ xác nhận"):
        ask(world, replaced=False, why="Lý do khác hẳn")
    assert world.ask(lambda s: s.scalar(select(func.count(Recall.id)))) == 1


def test_two_who_confirm_at_once_recall_once(world: World) -> None:
    waiting = ask(world)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda phone: confirm(world, waiting, by=phone), [DUYET, MINH]))

    assert acts(world, "recall.confirm") == 1
    confirm(world, waiting)
    assert acts(world, "recall.confirm") == 1


def test_two_who_ask_at_once_make_one_request(world: World) -> None:
    def one(phone: str) -> str:
        try:
            ask(world, replaced=False, by=phone)
        except BadRecall:
            return "refused"
        return "asked"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, [CHAU, MINH])) == ["asked", "refused"]


def test_confirming_stops_what_waits_and_nothing_else(world: World) -> None:
    sent, flying = send(world, HANH), claim(world, SON)
    duty = world.duties()[DAK_WIL]
    wanted = [
        Wanted(rung, row(world, HANH).address, str(WEEK), world.now, duty.id)
        for rung in (Rung.REMINDER_1, Rung.NUDGE, Rung.ASK)
    ]
    world.ask(lambda s: deliveries.plan(s, wanted))
    world.ask(
        lambda s: deliveries.plan(s, [Wanted(Rung.DIGEST, row(world, HANH).address, str(WEEK), world.now)])
    )

    recall_item(world)

    states = world.ask(lambda s: dict(s.execute(select(Delivery.id, Delivery.state)).all()))
    assert (states.pop(sent), states.pop(flying)) == (SENT, SENDING)
    by_rung = {one.rung: states[one.id] for one in world.rows(HANH) if one.id in states}
    assert by_rung == {
        Rung.REMINDER_1: CANCELLED,
        Rung.NUDGE: CANCELLED,
        Rung.ASK: CANCELLED,
        Rung.DIGEST: QUEUED,
    }
    assert [state for _, state in items_of(world, LAN)] == [CANCELLED, CANCELLED]


def test_the_corrected_item_is_another_message_and_planned_once(world: World) -> None:
    send(world, HANH)
    old = row(world, HANH).key.split(":")[1]
    recall_item(world)

    assert (plan_week(world), plan_week(world)) == (4, 0)
    new = world.ask(lambda s: withdrawn.item_about(s, rundown(s)))
    assert items_of(world, HANH) == [(old, SENT), (new, QUEUED)]
    assert items_of(world, SON) == [(old, CANCELLED), (new, QUEUED)]


def test_without_a_replacement_nothing_more_is_planned(world: World) -> None:
    recall_item(world, replaced=False)

    assert plan_week(world) == 0
    assert world.ask(lambda s: s.scalar(select(func.count(Delivery.id)).where(Delivery.state == QUEUED))) == 0


def test_a_week_that_was_never_recalled_keeps_its_keys(world: World) -> None:
    """Else an upgrade would send everything again."""
    assert {one.key.split(":")[1] for one in world.rows(HANH)} == {f"r{world.ask(rundown).id}"}
    assert plan_week(world) == 0


@pytest.mark.parametrize("replaced", [True, False])
def test_an_old_item_that_is_tried_again_does_not_leave(world: World, replaced: bool) -> None:
    """A 429 just before the recall: the row was in flight when the recall was confirmed, and waits again after it."""
    flying = claim(world, SON)
    assert leaves(world, flying)

    recall_item(world, replaced=replaced)
    world.ask(lambda s: deliveries.retry(s, flying, "429", world.now, timedelta(seconds=5)))

    assert row(world, SON).state is RETRYING
    assert not leaves(world, flying)


def test_a_row_that_a_slow_planner_adds_after_the_recall_does_not_leave(world: World) -> None:
    """It read the week before the recall and inserts after it: its key still names the old item."""
    late = Wanted(
        Rung.ITEM,
        row(world, HANH).address,
        str(WEEK),
        world.now,
        world.duties()[DAK_WIL].id,
        f"r{world.ask(rundown).id}",
    )
    world.ask(lambda s: s.execute(Delivery.__table__.delete()) and None)
    recall_item(world)
    world.ask(lambda s: deliveries.plan(s, [late]))

    assert not leaves(world, row(world, HANH).id)


def test_the_corrected_item_does_leave_until_it_is_recalled_itself(world: World) -> None:
    recall_item(world)
    plan_week(world)
    new = world.rows(SON)[-1].id
    assert leaves(world, new)

    recall_item(world, replaced=False)

    assert not leaves(world, new)


def test_a_reminder_of_the_old_item_does_not_leave_and_one_of_the_new_does(world: World) -> None:
    send(world, HANH)
    recall_item(world)
    wanted = Wanted(
        Rung.REMINDER_1, row(world, HANH).address, str(WEEK), world.now, world.duties()[DAK_WIL].id
    )
    world.ask(lambda s: deliveries.plan(s, [wanted]))
    reminder = world.rows(HANH)[-1].id
    assert not leaves(world, reminder)

    plan_week(world)
    new = world.rows(HANH)[-1].id
    world.ask(lambda s: claims.claim(s, new, world.now) and deliveries.sent(s, new, "m-new", world.now))

    assert leaves(world, reminder)


def test_whoever_may_have_the_old_item_gets_one_notice_and_the_others_none(world: World) -> None:
    send(world, HANH)
    flying = claim(world, SON)
    lan = [one.id for one in world.rows(LAN)]
    for number in lan:
        world.ask(
            lambda s, n=number: claims.claim(s, n, world.now) and deliveries.unknown(s, n, "?", world.now)
        )
    recall_item(world)

    assert plan_notices(world) == 3, "Lan serves two stations and is told once"
    assert plan_notices(world) == 0
    world.ask(lambda s: deliveries.retry(s, flying, "429", world.now, None))
    notices = [one for phone in (HANH, SON, LAN) for one in world.rows(phone) if one.rung is Rung.RECALL]
    assert len(notices) == 3


def test_a_message_that_turns_out_sent_gets_its_notice_later(world: World) -> None:
    recall_item(world)
    assert plan_notices(world) == 0
    world.ask(
        lambda s: deliveries._settle(
            s, row(world, SON).id, SENT, world.now, sent_at=world.now, message_ref="late"
        )
    )

    assert plan_notices(world) == 1


def test_those_who_can_confirm_are_told_of_a_request_and_the_asker_is_not(world: World) -> None:
    ask(world, by=MINH)

    assert plan_notices(world) == 1
    assert [(one.rung, one.state) for one in world.rows(DUYET)] == [(Rung.ALERT, QUEUED)]
    assert world.rows(MINH) == []


def test_an_alert_that_nobody_needs_any_more_is_cancelled(world: World) -> None:
    waiting = ask(world)
    plan_notices(world)

    confirm(world, waiting)

    assert [one.state for one in (*world.rows(DUYET), *world.rows(MINH))] == [CANCELLED, CANCELLED]


def test_only_those_who_were_told_acknowledge_and_each_once(world: World) -> None:
    send(world, HANH)
    done = recall_item(world)

    def knows(phone: str) -> Callable[[Session], bool]:
        return lambda s: recalls.acknowledge(s, s.get_one(Recall, done), person_of(s, phone), world.now)[1]

    with pytest.raises(NotAllowed):
        world.ask(knows(CUC))
    assert refusals(world) == ["recall.acknowledge"]
    assert (world.ask(knows(HANH)), world.ask(knows(HANH))) == (True, False)
    assert world.ask(lambda s: s.scalar(select(func.count()).select_from(RecallAck))) == 1


def test_nobody_acknowledges_a_request(world: World) -> None:
    send(world, HANH)
    waiting = ask(world)

    with pytest.raises(NotAllowed):
        world.ask(
            lambda s: (
                recalls.acknowledge(s, s.get_one(Recall, waiting), person_of(s, HANH), world.now) and None
            )
        )


def test_the_figures_before_and_after(world: World) -> None:
    send(world, HANH)
    claim(world, SON)
    waiting = ask(world)

    def reach(session: Session) -> recall_reads.Reach:
        one = session.get_one(Recall, waiting)
        return recall_reads.reach(session, rundown(session), one.item_version_id, one)

    before = world.ask(reach)
    confirm(world, waiting)
    plan_notices(world)
    world.ask(
        lambda s: recalls.acknowledge(s, s.get_one(Recall, waiting), person_of(s, HANH), world.now) and None
    )
    after = world.ask(reach)

    assert (before.stopped, len(before.holders), before.notified) == (2, 2, 0)
    assert (after.stopped, len(after.holders), after.notified, after.acknowledged) == (2, 2, 0, 1)
    assert [one.phone for one in after.silent] == [people.phone_e164(SON)]


def test_the_log_keeps_which_words_went_on_air(world: World) -> None:
    send(world, HANH)
    world.says_aired(HANH, DAK_WIL)
    done = recall(world, recall_item(world))
    assert world.standing(DAK_WIL).sign is Sign.PENDING
    assert world.ask(lambda s: queries.answered(s, [duty_of(s, DAK_WIL).id])) == set()

    _, fresh = world.says_aired(HANH, DAK_WIL)

    assert fresh, "a statement about the corrected item is not the one about the old"
    lines = world.ask(lambda s: list(s.scalars(select(LogEntry).order_by(LogEntry.seq))))
    assert [line.item_version_id for line in lines] == [done.item_version_id, done.replacement_id]
    assert world.standing(DAK_WIL).state is DutyState.MET
    assert world.ask(record.verify) is None


def test_an_airing_in_good_faith_stands_when_nothing_took_the_items_place(world: World) -> None:
    send(world, HANH)
    world.says_aired(HANH, DAK_WIL)

    recall_item(world, replaced=False)

    assert world.standing(DAK_WIL).state is DutyState.MET
    assert not world.says_aired(HANH, DAK_WIL)[1]


def test_the_old_words_stated_after_the_recall_are_an_entry_of_their_own_and_once(world: World) -> None:
    send(world, HANH)
    done = recall(world, recall_item(world))

    def old(session: Session) -> bool:
        duty, person = duty_of(session, DAK_WIL), person_of(session, HANH)
        return record.aired(
            session, person, duty, world.source(), world.now, version_id=done.item_version_id
        )[1]

    assert [world.ask(old), world.ask(old), world.says_aired(HANH, DAK_WIL)[1]] == [True, False, True]
    assert world.ask(lambda s: len(list(s.scalars(select(LogEntry))))) == 2


def test_a_statement_that_waits_for_a_recall_is_about_the_words_that_stand_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(world, HANH)
    number = ask(world)

    def wait(session: Session) -> None:
        """Whoever confirms has the log at this moment, and gives it back."""
        monkeypatch.setattr(record, "lock_log", lock_log)
        recalls.confirm(session, person_of(session, DUYET), session.get_one(Recall, number), world.now)
        lock_log(session)

    monkeypatch.setattr(record, "lock_log", wait)
    entry, _ = world.says_aired(HANH, DAK_WIL)

    assert entry.item_version_id == recall(world, number).replacement_id
    assert world.standing(DAK_WIL).state is DutyState.MET


def test_every_step_is_on_record_with_who_and_why(world: World) -> None:
    done = recall(world, recall_item(world))

    assert acts(world, "recall.ask") == acts(world, "recall.confirm") == 1
    assert (done.reason, done.asked_by_id, done.confirmed_by_id) == (
        WHY,
        world.person(CHAU).id,
        world.person(DUYET).id,
    )
    assert done.asked_at == done.confirmed_at == world.now
