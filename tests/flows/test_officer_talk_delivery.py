"""Questions and answers on their way: by the tick, through failures, once each."""

from __future__ import annotations

import pytest

from airlog import access, inquiries, people, record, reviews
from airlog.db import Session
from airlog.inquiries import Inquiry
from airlog.types import Rung
from content.notice_messages import MAYBE_REPEATED
from scheduler.channel import ChannelError
from tests.world import CUC, DAK_SAK, DAK_WIL, HANH, LAN, SON, WEEK, World, chat, duty_of, person_of


@pytest.fixture
async def stated(world: World) -> World:
    """Hạnh has confirmed on Tuesday; it is Wednesday nine."""
    world.launch()
    await world.at(0, "07:30")
    await world.at(1, "17:30")
    world.says_aired(HANH, DAK_WIL)
    await world.at(2, "09:00")
    return world


def decide(world: World, verdict: str, words: str, commune: str = DAK_WIL) -> None:
    def work(session: Session) -> None:
        duty = duty_of(session, commune)
        standing = record.standing_entry(session, duty)
        assert standing is not None
        officer = person_of(session, CUC)
        reviews.decide(session, officer, duty, standing.seq, verdict, words, world.source(), world.now)

    world.ask(work)


def answer(world: World, words: str) -> None:
    def work(session: Session) -> None:
        asked = inquiries.of_duty(session, duty_of(session, DAK_WIL))
        assert asked is not None
        inquiries.answer(session, person_of(session, HANH), asked, words, world.source(), world.now)
        inquiries.pass_on(session, duty_of(session, DAK_WIL), world.now)

    world.ask(work)


def open_questions(world: World) -> list[Inquiry]:
    return world.ask(
        lambda s: inquiries.open_of_area(s, access.sight(s, person_of(s, CUC), world.now), world.now)
    )


def texts(world: World, phone: str) -> list[str]:
    return [message.text for message in world.channel.got(chat(phone))]


def rungs(world: World, phone: str) -> list[tuple[str, str]]:
    wanted = (str(Rung.REVIEW), str(Rung.REPLY))
    return [(rung, state) for rung, state in world.deliveries(phone) if rung in wanted]


async def test_a_question_asked_on_the_web_reaches_the_operator_and_the_answer_the_officer(
    stated: World,
) -> None:
    decide(stated, "queried", "Đề nghị gửi bằng chứng")
    await stated.later(minutes=1)
    waiting = open_questions(stated)
    answer(stated, "Chiều nay sẽ gửi ảnh")
    await stated.later(minutes=1)

    assert "“Đề nghị gửi bằng chứng”" in texts(stated, HANH)[-1]
    assert len(waiting) == 1 and open_questions(stated) == []
    assert "Trần Thị Hạnh trả lời: “Chiều nay sẽ gửi ảnh”" in texts(stated, CUC)[-1]


async def test_ten_ticks_send_it_once(stated: World) -> None:
    decide(stated, "queried", "Mấy giờ")

    for _ in range(10):
        await stated.later(minutes=1)

    assert rungs(stated, HANH) == [("review", "sent")]
    assert sum("Mấy giờ" in text for text in texts(stated, HANH)) == 1


async def test_a_question_of_unknown_fate_is_not_sent_again_and_stays_open(stated: World) -> None:
    stated.channel.fail(chat(HANH), ChannelError("đứt", maybe_delivered=True))
    decide(stated, "queried", "Mấy giờ")

    for _ in range(5):
        await stated.later(minutes=5)

    assert rungs(stated, HANH) == [("review", "unknown")]
    assert len(open_questions(stated)) == 1


async def test_an_answer_of_unknown_fate_is_repeated_and_says_so(stated: World) -> None:
    decide(stated, "queried", "Mấy giờ")
    await stated.later(minutes=1)
    answer(stated, "17 giờ")
    stated.channel.fail(chat(CUC), ChannelError("đứt", maybe_delivered=True))

    for _ in range(3):
        await stated.later(minutes=5)

    assert rungs(stated, CUC) == [("reply", "sent")]
    assert texts(stated, CUC)[-1].startswith(MAYBE_REPEATED)


async def test_a_refused_send_is_tried_again(stated: World) -> None:
    stated.channel.fail(chat(HANH), ChannelError("bận"), ChannelError("bận"))
    decide(stated, "queried", "Mấy giờ")

    for _ in range(6):
        await stated.later(minutes=2)

    assert rungs(stated, HANH) == [("review", "sent")]


async def test_at_night_the_question_waits_for_six_in_the_morning(stated: World) -> None:
    await stated.at(2, "21:00")
    decide(stated, "queried", "Mấy giờ")

    await stated.at(3, "05:59")
    before = rungs(stated, HANH)
    await stated.at(3, "06:00")

    assert before == [("review", "queued")] and rungs(stated, HANH) == [("review", "sent")]


async def test_a_refusal_is_told_and_the_reminders_run_again(stated: World) -> None:
    decide(stated, "rejected", "Không nghe loa phát")
    await stated.later(minutes=1)
    told = texts(stated, HANH)[-1]
    await stated.at(3, "08:00")

    assert "chưa chấp nhận xác nhận" in told and "đang chờ xác nhận" in told
    assert "reminder_1" in [rung for rung, _ in stated.deliveries(HANH)]


async def test_both_operators_are_told_when_who_spoke_left(stated: World) -> None:
    def work(session: Session) -> None:
        record.aired(session, person_of(session, SON), duty_of(session, DAK_SAK), stated.source(), stated.now)
        person_of(session, SON).left_at = stated.now

    stated.ask(work)
    decide(stated, "queried", "Mấy giờ", DAK_SAK)
    await stated.later(minutes=1)

    assert rungs(stated, SON) == [] and rungs(stated, LAN) == [("review", "sent")]


async def test_acceptance_tells_nobody(stated: World) -> None:
    decide(stated, "accepted", "")
    await stated.later(minutes=1)

    assert rungs(stated, HANH) == []


async def test_an_officer_without_a_chat_finds_the_answer_on_the_page(stated: World) -> None:
    stated.ask(lambda s: [setattr(one, "state", "blocked") for one in person_of(s, CUC).addresses])
    decide(stated, "queried", "Mấy giờ")
    await stated.later(minutes=1)

    answer(stated, "17 giờ")
    await stated.later(minutes=1)

    assert rungs(stated, CUC) == [] and open_questions(stated) == []
    assert stated.ask(lambda s: people.person_by_phone(s, CUC)) is not None
    assert WEEK.starts_at < stated.now
