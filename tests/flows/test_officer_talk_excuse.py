"""An officer excuses a station in the chat: why, how long, and back again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from airlog import duties, people, queries, record
from airlog.db import Session
from airlog.models import Delivery, LogEntry
from airlog.rules import Sign
from airlog.types import DeliveryState, Rung
from content import messages
from content.week import Week
from tests.officer_world import deliver
from tests.talk_world import ADMIN, FAR, LAN, OFFICER, WEEK, Talk, talk

__all__ = ["talk"]


def begin(talk: Talk, chat: str = FAR) -> str:
    return talk.press(OFFICER, f"o:excuse:{talk.duty(chat).id}")


def excused(talk: Talk, chat: str = FAR) -> list[str]:
    """The weeks of a station that bear the sign, from its lines alone."""
    station = talk.duty(chat).station_id

    def work(session: Session) -> list[str]:
        lines = queries.duty_lines(session, talk.now, stations=[station])
        return [line.period for line in lines if line.sign is Sign.EXCUSED]

    return talk.ask(work)


def lines(talk: Talk) -> list[LogEntry]:
    return talk.log()


def test_a_reason_alone_excuses_this_week_and_says_who_and_when(talk: Talk) -> None:
    asked = begin(talk)
    told = talk.tap(OFFICER, "Mất điện")

    assert "chưa ghi gì" in asked
    assert (
        "được miễn tuần 48 (23-29/11), lý do: mất điện. Đỗ Thị Cúc ghi lúc 17 giờ 25, thứ Ba 24/11." in told
    )
    assert excused(talk) == ["2026-W48"]
    assert [(line.kind, str(line.reason), line.note) for line in lines(talk)] == [
        ("excused", "no_power", "mất điện")
    ]


def test_ten_taps_on_a_reason_make_one_line(talk: Talk) -> None:
    begin(talk)

    replies = {talk.tap(OFFICER, "Bão, lũ, thời tiết xấu") for _ in range(10)}

    assert talk.kinds() == ["excused"] and len(replies) == 1


def test_a_reason_in_words_is_asked_for_and_kept(talk: Talk) -> None:
    begin(talk)
    asked = talk.tap(OFFICER, "Lý do khác")
    told = talk.say(OFFICER, "Cột loa  đang di dời")

    assert "gõ lý do" in asked and "lý do: Cột loa đang di dời" in told
    assert lines(talk)[0].note == "Cột loa đang di dời"


def test_thinking_again_writes_nothing(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Lý do khác")

    assert "không làm gì" in talk.say(OFFICER, "thôi")
    assert talk.kinds() == []
    assert talk.say(OFFICER, "Cột loa đang di dời") == messages.NOT_UNDERSTOOD


def test_more_weeks_get_a_line_each_and_their_duties_exist(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Hỏng loa, máy")

    told = talk.tap(OFFICER, "Đến hết tuần 51 (20/12)")

    assert "4 tuần, từ tuần 48 đến hết tuần 51 (20/12)" in told
    assert excused(talk) == ["2026-W48", "2026-W49", "2026-W50", "2026-W51"]
    assert talk.kinds() == ["excused"] * 4


def test_making_the_week_when_it_comes_keeps_the_excuse(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Hỏng loa, máy")
    talk.tap(OFFICER, "Đến hết tuần 49 (6/12)")

    talk.ask(lambda s: duties.make(s, WEEK.next(), WEEK.next().starts_at))
    talk.now = WEEK.next().starts_at + timedelta(days=2)

    assert "2026-W49" in excused(talk)


@pytest.mark.parametrize(
    ("typed", "last"), [("20/12", "2026-W51"), ("tuần 50", "2026-W50"), ("đến hết 31/12", "2026-W53")]
)
def test_a_day_may_be_typed(talk: Talk, typed: str, last: str) -> None:
    begin(talk)
    talk.tap(OFFICER, "Mất điện")
    talk.tap(OFFICER, "Đến ngày khác")

    talk.say(OFFICER, typed)

    assert excused(talk)[-1] == last


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("mai", "Chưa rõ"),
        ("31/11", "Chưa rõ"),
        ("1/11/2026", "trước tuần 48"),
        ("1/6/2027", "nhiều nhất 13 tuần"),
    ],
)
def test_a_day_that_cannot_be_leaves_the_week_excused_and_is_asked_again(
    talk: Talk, typed: str, told: str
) -> None:
    begin(talk)
    talk.tap(OFFICER, "Mất điện")
    talk.tap(OFFICER, "Đến ngày khác")

    assert told in talk.say(OFFICER, typed)
    assert excused(talk) == ["2026-W48"]
    talk.say(OFFICER, "tuần 49")
    assert excused(talk) == ["2026-W48", "2026-W49"]


def test_a_week_over_the_new_year_is_excused_by_its_number(talk: Talk) -> None:
    talk.now = Week.parse("2026-W53").starts_at + timedelta(days=1)
    talk.ask(lambda s: duties.make(s, Week.parse("2026-W53"), talk.now))
    duty = talk.duty(FAR, Week.parse("2026-W53"))
    talk.press(OFFICER, f"o:why:{duty.id}:tet")

    talk.tap(OFFICER, "Đến hết tuần 1 (10/1)")

    assert excused(talk) == ["2026-W53", "2027-W01"]


def test_a_week_that_was_aired_needs_no_excuse(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    reply = begin(talk, LAN)

    assert "đã phát nên không cần miễn" in reply and talk.kinds() == ["aired"]


def test_the_station_aired_while_the_officer_thought(talk: Talk) -> None:
    begin(talk, LAN)
    talk.tap(LAN, messages.AIRED)

    reply = talk.tap(OFFICER, "Mất điện")

    assert "không cần miễn" in reply and talk.kinds() == ["aired"]


def test_what_is_excused_and_aired_after_all_counts_as_aired(talk: Talk) -> None:
    begin(talk, LAN)
    talk.tap(OFFICER, "Mất điện")

    talk.tap(LAN, messages.AIRED)

    assert talk.sign(LAN) is Sign.AIRED


def test_an_excuse_that_stands_is_shown_with_who_gave_it(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Mất điện")

    reply = begin(talk)

    assert "đang được miễn tuần 48 (23-29/11), lý do: mất điện (Đỗ Thị Cúc ghi lúc" in reply
    assert talk.labels(OFFICER) == ["Bỏ miễn", "Đổi lý do"]


def test_another_reason_takes_the_place_of_the_first(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Mất điện")
    begin(talk)
    talk.tap(OFFICER, "Đổi lý do")
    talk.tap(OFFICER, "Nghỉ Tết")

    assert "được miễn (nghỉ Tết), Đỗ Thị Cúc ghi" in talk.say(
        OFFICER, f"/xa {talk.duty(FAR).station.area.name}"
    )
    assert talk.kinds() == ["excused", "excused"]


def test_taking_it_back_is_a_new_line_and_the_week_waits_again(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Mất điện")

    told = talk.tap(OFFICER, "Bỏ miễn")

    assert "Đã bỏ miễn" in told and talk.kinds() == ["excused", "withdrawn"]
    assert talk.sign(FAR) is Sign.PENDING and excused(talk) == []
    assert talk.ask(record.verify) is None


def test_taking_it_back_twice_adds_nothing(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Mất điện")
    talk.tap(OFFICER, "Bỏ miễn")

    assert "không có gì để bỏ" in talk.tap(OFFICER, "Bỏ miễn")
    assert talk.kinds() == ["excused", "withdrawn"]


def test_both_reasons_are_taken_back_together(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Mất điện")
    begin(talk)
    talk.tap(OFFICER, "Đổi lý do")
    talk.tap(OFFICER, "Hỏng loa, máy")

    talk.tap(OFFICER, "Bỏ miễn")

    assert talk.sign(FAR) is Sign.PENDING


def test_of_several_weeks_it_is_asked_which_to_take_back(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Mất điện")
    talk.tap(OFFICER, "Đến hết tuần 51 (20/12)")

    asked = talk.tap(OFFICER, "Bỏ miễn")
    before = excused(talk)
    talk.tap(OFFICER, "Chỉ tuần 48")

    assert "Anh/chị bỏ miễn tuần nào?" in asked and len(before) == 4
    assert excused(talk) == ["2026-W49", "2026-W50", "2026-W51"]


def test_all_weeks_are_taken_back_at_once(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Mất điện")
    talk.tap(OFFICER, "Đến hết tuần 51 (20/12)")
    talk.tap(OFFICER, "Bỏ miễn")

    talk.tap(OFFICER, "Cả 4 tuần")

    assert excused(talk) == [] and talk.kinds() == ["excused"] * 4 + ["withdrawn"] * 4


def test_an_operators_undo_does_not_touch_the_excuse(talk: Talk) -> None:
    begin(talk, LAN)
    talk.tap(OFFICER, "Mất điện")
    talk.tap(LAN, messages.AIRED)
    talk.tap(LAN, messages.UNDO)

    assert talk.sign(LAN) is Sign.EXCUSED


def test_a_past_week_is_excused_alone(talk: Talk) -> None:
    duty = talk.duty(FAR, WEEK.shift(-1))
    talk.press(OFFICER, f"o:why:{duty.id}:no_power")

    labels = talk.labels(OFFICER)
    told = talk.press(OFFICER, f"o:until:{duty.id}:2026-W50")

    assert labels == ["Bỏ miễn"] and "Tuần đã qua" in told
    assert excused(talk) == ["2026-W47"]


def test_an_excused_station_gets_no_nudge_that_was_on_its_way(talk: Talk) -> None:
    talk.press(OFFICER, f"o:nudge:{talk.duty(FAR).id}")
    begin(talk)
    talk.tap(OFFICER, "Mất điện")

    states = talk.ask(lambda s: list(s.scalars(select(Delivery.state).where(Delivery.rung == Rung.NUDGE))))

    assert states == [DeliveryState.CANCELLED] and deliver(talk) == 0
    assert "đã trả lời (được miễn)" in talk.press(OFFICER, f"o:nudge:{talk.duty(FAR).id}")


def test_an_officer_of_another_area_takes_nothing_back(talk: Talk) -> None:
    duty = talk.duty(FAR)
    talk.press(ADMIN, f"o:why:{duty.id}:no_power")

    def move(session: Session) -> None:
        person = people.person_by_phone(session, "0912000005")
        assert person is not None
        person.grants[0].scope = "24664"

    talk.ask(move)

    assert "không thuộc khu vực" in talk.press(OFFICER, f"o:unexcuse:{duty.id}:all")
    assert excused(talk) == ["2026-W48"] and talk.refusals() == ["o.unexcuse"]


def test_a_whole_long_story_is_cut(talk: Talk) -> None:
    begin(talk)
    talk.tap(OFFICER, "Lý do khác")
    talk.say(OFFICER, "mưa " * 500)

    assert len(lines(talk)[0].note or "") == 300
