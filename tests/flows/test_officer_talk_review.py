"""Reviews in the chat: accept, ask back and hear the answer, refuse; and what the operator sees of it."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from airlog import ledger_kept, people, record
from airlog.db import Session
from airlog.models import Address, Aircheck, Delivery, Duty
from airlog.record import Source
from airlog.rules import Sign
from airlog.types import AddressState, EntryKind, MissedReason, Rung
from bot.settling import said_about
from content import messages
from scheduler.channel import Outgoing
from tests.officer_world import deliver, newest, photo
from tests.talk_world import BINH, FAR, HAI, LAN, OFFICER, WEEK, Talk, talk

__all__ = ["talk"]
SHEET = "/xa bac gia nghia"


@pytest.fixture
def aired(talk: Talk) -> Talk:
    """Lan has confirmed; an hour later the officer looks."""
    talk.tap(LAN, messages.AIRED)
    talk.now += timedelta(hours=1)
    talk.say(OFFICER, SHEET)
    return talk


def ask(talk: Talk, words: str = "Loa thôn 3 có nghe không") -> str:
    talk.tap(OFFICER, "Hỏi lại")
    told = talk.say(OFFICER, words)
    talk.now += timedelta(minutes=5)
    deliver(talk)
    return told


def notices(talk: Talk, rung: Rung) -> list[str]:
    """To whom messages of a rung go."""
    query = select(Delivery).where(Delivery.rung == rung).order_by(Delivery.id)
    return talk.ask(lambda s: [row.address.chat_id for row in s.scalars(query).unique()])


# ---- accept ---------------------------------------------------------------------------------------------


def test_one_tap_accepts_and_ten_taps_make_one_line(aired: Talk) -> None:
    replies = {aired.tap(OFFICER, "Duyệt") for _ in range(10)}

    assert aired.kinds() == ["aired", "reviewed"] and len(replies) == 1
    assert "Đã duyệt xác nhận phát tin tuần 48 của phường Bắc Gia Nghĩa. Đỗ Thị Cúc ghi lúc" in replies.pop()
    assert aired.sign() is Sign.AIRED and notices(aired, Rung.REVIEW) == []


def test_what_changed_meanwhile_is_shown_and_nothing_is_written(aired: Talk) -> None:
    aired.press(LAN, f"when:{aired.duty().id}:morning")

    reply = aired.tap(OFFICER, "Duyệt")

    assert "vừa đổi xác nhận nên Loa Xã chưa ghi gì" in reply and "phát lúc" in reply
    assert aired.kinds() == ["aired", "corrected"]
    assert "Đã duyệt" in aired.tap(OFFICER, "Duyệt")


def test_what_was_withdrawn_meanwhile_is_not_accepted(aired: Talk) -> None:
    aired.tap(LAN, messages.UNDO)

    assert "không còn xác nhận nào đang chờ xem" in aired.tap(OFFICER, "Duyệt")
    assert aired.kinds() == ["aired", "withdrawn"]


# ---- the queue ------------------------------------------------------------------------------------------


def test_statements_come_one_after_the_other(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.press(HAI, f"aired:{talk.duty(HAI).id}")
    talk.press(FAR, f"aired:{talk.duty(FAR).id}")

    first = talk.say(OFFICER, "/duyet")
    second = talk.tap(OFFICER, "Duyệt")
    third = talk.tap(OFFICER, "Bỏ qua")
    last = talk.tap(OFFICER, "Duyệt")

    assert first.startswith("Còn 3 xác nhận chưa xem.")
    assert second.startswith("Đã duyệt") and "Còn 2" in second
    assert "Còn 1" in third and "Đã duyệt" in last
    assert talk.kinds().count("reviewed") == 2


def test_after_a_question_or_a_refusal_one_tap_leads_to_the_next_one(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.press(HAI, f"aired:{talk.duty(HAI).id}")

    talk.say(OFFICER, "/duyet")
    talk.tap(OFFICER, "Hỏi lại")
    talk.tap(OFFICER, "Đề nghị gửi bằng chứng")
    second = talk.tap(OFFICER, "Xem xét tiếp")
    talk.tap(OFFICER, "Không chấp nhận")
    talk.tap(OFFICER, "Báo nhầm tuần")

    assert second.startswith("Còn 1 xác nhận chưa xem.")
    assert talk.labels(OFFICER) == [], "nothing is left to look at"


def test_the_week_offers_what_waits_to_be_looked_at(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.say(OFFICER, "/tuannay")

    told = talk.tap(OFFICER, "Xem xét 1 xác nhận")

    assert "Trần Thị Lan báo chưa ghi giờ phát" in told
    assert "không còn xác nhận nào" in talk.tap(OFFICER, "Duyệt")


def test_with_nothing_to_look_at_this_week_the_week_before_is_taken(talk: Talk) -> None:
    talk.press(LAN, f"aired:{talk.duty(LAN, WEEK.shift(-1)).id}")

    assert "tuần 47" in talk.say(OFFICER, "/duyet")


def test_with_nothing_at_all_that_is_said(talk: Talk) -> None:
    assert "không còn xác nhận nào chưa xem" in talk.say(OFFICER, "/duyet")


# ---- ask back -------------------------------------------------------------------------------------------


def test_a_question_goes_to_who_made_the_statement_with_the_officers_words(aired: Talk) -> None:
    told = ask(aired)

    assert "Loa Xã đang gửi cho đài" in told
    assert notices(aired, Rung.REVIEW) == [LAN]
    assert "Người phụ trách Đỗ Thị Cúc hỏi về tin tuần 48 (23-29/11)" in newest(aired, LAN)
    assert "“Loa thôn 3 có nghe không”" in newest(aired, LAN)
    assert aired.labels(LAN) == ["Trả lời", "Giờ khác", "Gửi ảnh, ghi âm", "Bấm nhầm, hủy"]
    assert aired.sign() is Sign.AIRED


def test_a_ready_question_takes_one_tap_and_two_taps_send_it_once(aired: Talk) -> None:
    aired.tap(OFFICER, "Hỏi lại")

    for _ in range(2):
        aired.tap(OFFICER, "Đề nghị gửi bằng chứng")

    assert notices(aired, Rung.REVIEW) == [LAN] and aired.kinds() == ["aired", "reviewed"]


def test_an_answer_in_words_returns_to_the_officer_and_changes_no_airing(aired: Talk) -> None:
    ask(aired)
    before = aired.log()[0].hash

    asked = aired.tap(LAN, "Trả lời")
    told = aired.say(LAN, "Thôn 3 nghe rõ, có bác trưởng thôn xác nhận")
    deliver(aired)

    assert "Loa thôn 3 có nghe không" in asked and "Đã ghi và chuyển cho Đỗ Thị Cúc" in told
    assert "Trần Thị Lan trả lời: “Thôn 3 nghe rõ, có bác trưởng thôn xác nhận”" in newest(aired, OFFICER)
    assert aired.labels(OFFICER) == ["Duyệt", "Hỏi lại", "Không chấp nhận"]
    assert aired.kinds() == ["aired", "reviewed", "answered"]
    assert aired.sign() is Sign.AIRED and aired.log()[0].hash == before


def test_an_answer_weeks_later_does_not_move_the_airing(aired: Talk) -> None:
    ask(aired)
    aired.now = WEEK.shift(3).at(1, time(9))
    aired.tap(LAN, "Trả lời")

    aired.say(LAN, "Đã phát hôm thứ Ba")

    assert aired.sign() is Sign.AIRED
    assert "Đã duyệt" in _after_reply(aired, "Duyệt")


def test_the_same_answer_twice_is_one_line_and_one_notice(aired: Talk) -> None:
    ask(aired)
    for _ in range(2):
        aired.tap(LAN, "Trả lời")
        aired.say(LAN, "Thôn 3 nghe rõ")

    assert aired.kinds().count("answered") == 1 and notices(aired, Rung.REPLY) == [OFFICER]


def test_words_without_a_tap_are_asked_about_before_they_are_passed_on(aired: Talk) -> None:
    ask(aired)

    asked = aired.say(LAN, "Thôn 3 nghe rõ lắm")
    before = aired.kinds()
    aired.tap(LAN, "Gửi")

    assert "Anh/chị muốn trả lời Đỗ Thị Cúc câu này" in asked and "answered" not in before
    assert aired.log()[-1].note == "Thôn 3 nghe rõ lắm"


def test_words_that_were_not_meant_go_nowhere(aired: Talk) -> None:
    ask(aired)
    aired.say(LAN, "Chiều nay họp xã")
    aired.tap(LAN, "Thôi")

    assert "answered" not in aired.kinds() and notices(aired, Rung.REPLY) == []


def test_a_corrected_time_is_an_answer(aired: Talk) -> None:
    ask(aired, "Phát lúc mấy giờ")
    aired.tap(LAN, "Giờ khác")
    aired.say(LAN, "17:05")
    deliver(aired)

    assert "Trần Thị Lan sửa giờ: phát lúc 17 giờ 05, thứ Ba 24/11" in newest(aired, OFFICER)
    assert "Đã duyệt" in aired.tap(OFFICER, "Duyệt")


def test_a_withdrawal_is_an_answer_and_leaves_nothing_to_accept(aired: Talk) -> None:
    ask(aired)
    aired.tap(LAN, messages.UNDO)
    deliver(aired)

    assert "đã hủy xác nhận, đài chưa phát" in newest(aired, OFFICER)
    assert aired.screens[OFFICER][-1][1].buttons == ()


def test_a_photo_is_an_answer_and_the_officer_sees_it(aired: Talk, tmp_path: Path) -> None:
    ask(aired, "Đề nghị gửi bằng chứng")
    aired.tap(LAN, "Gửi ảnh, ghi âm")
    aired.send_file(LAN, photo(tmp_path))
    aired.send_file(LAN, photo(tmp_path, 2))
    deliver(aired)

    assert "Đài gửi thêm 2 bằng chứng" in newest(aired, OFFICER) and notices(aired, Rung.REPLY) == [OFFICER]
    aired.tap(OFFICER, "Xem bằng chứng (2)")
    shown = [message for _, message in aired.screens[OFFICER][-2:]]
    assert all(message.picture is not None and "Trần Thị Lan gửi lúc" in message.text for message in shown)


def test_a_question_without_an_answer_stays_in_sight(aired: Talk) -> None:
    ask(aired)
    aired.now += timedelta(days=8)

    week, sheet = aired.say(OFFICER, "/tuannay"), aired.say(OFFICER, f"{SHEET} tuần 48")

    assert "Đã hỏi lại, chưa có trả lời (1): Bắc Gia Nghĩa (tuần 48)." in week
    assert "Đài chưa trả lời câu hỏi này." in sheet
    aired.say(LAN, "trả lời: thôn 3 nghe rõ")
    assert "chưa có trả lời" not in aired.say(OFFICER, "/tuannay")


def test_an_answered_statement_waits_to_be_looked_at_again(aired: Talk) -> None:
    ask(aired)
    silent = aired.say(OFFICER, "/duyet")
    aired.say(LAN, "trả lời: thôn 3 nghe rõ")

    assert "không còn xác nhận nào" in silent
    assert "Còn 1 xác nhận chưa xem" in aired.say(OFFICER, "/duyet")
    assert aired.ask(ledger_kept.recompute) == 0


def test_the_same_question_may_be_asked_again_once_it_was_answered(aired: Talk) -> None:
    ask(aired)
    aired.say(LAN, "trả lời: nghe rõ")
    deliver(aired)

    ask(aired)

    assert notices(aired, Rung.REVIEW) == [LAN, LAN]


def test_a_question_asked_at_night_waits_for_the_morning(aired: Talk) -> None:
    aired.now = WEEK.at(1, time(22, 30))
    told = ask(aired)

    assert "Loa Xã gửi cho đài lúc 06 giờ, thứ Tư 25/11, vì bây giờ là giờ nghỉ" in told
    assert "hỏi về tin" not in newest(aired, LAN)
    aired.now = WEEK.at(2, time(6))
    assert deliver(aired) == 1


def test_when_who_spoke_has_no_chat_any_more_the_others_of_the_station_are_asked(aired: Talk) -> None:
    aired.event(LAN, "blocked")

    ask(aired)

    assert notices(aired, Rung.REVIEW) == [BINH]


def test_a_station_that_nobody_can_write_to_is_said_to_be_called(aired: Talk) -> None:
    def block(session: Session) -> None:
        for address in session.scalars(select(Address).where(Address.chat_id.in_([LAN, BINH]))):
            address.state = AddressState.BLOCKED

    aired.ask(block)

    assert "chưa có ai gắn điện thoại nên Loa Xã chưa báo được, anh/chị gọi điện" in ask(aired)


def test_a_question_that_was_decided_needs_no_answer(aired: Talk) -> None:
    ask(aired)
    aired.say(OFFICER, SHEET)
    aired.tap(OFFICER, "Duyệt")

    assert "không cần trả lời" in aired.tap(LAN, "Trả lời")


def test_a_question_that_leaves_late_says_that_it_is_answered(aired: Talk) -> None:
    aired.tap(OFFICER, "Hỏi lại")
    aired.say(OFFICER, "Phát lúc mấy giờ")
    aired.press(LAN, f"when:{aired.duty().id}:morning")

    deliver(aired)

    assert "Đài đã trả lời rồi" in newest(aired, LAN)


def test_another_operator_of_the_station_may_answer_and_a_stranger_may_not(aired: Talk) -> None:
    ask(aired)
    duty = aired.duty()

    aired.press(FAR, f"reply:{duty.id}")
    aired.press(BINH, f"reply:{duty.id}")
    aired.say(BINH, "Tôi trực hôm đó, nghe rõ")

    assert aired.refusals() == ["reply"]
    assert aired.log()[-1].kind is EntryKind.ANSWERED


def test_an_officer_who_left_the_area_hands_the_answer_to_the_one_who_has_it(aired: Talk) -> None:
    ask(aired)

    def hand_over(session: Session) -> None:
        old, new = (people.person_by_phone(session, phone) for phone in ("0912000005", "0912000006"))
        assert old is not None and new is not None
        old.grants[0].scope = "24664"
        new.grants[0].role = "officer"

    aired.ask(hand_over)
    aired.say(LAN, "trả lời: nghe rõ")

    assert notices(aired, Rung.REPLY) == ["1006"]


# ---- refuse ---------------------------------------------------------------------------------------------


def test_a_refusal_needs_a_reason_and_the_state_follows(aired: Talk) -> None:
    asked = aired.tap(OFFICER, "Không chấp nhận")
    before = aired.kinds()
    told = aired.tap(OFFICER, "Không nghe loa phát")
    aired.now += timedelta(minutes=1)
    deliver(aired)

    assert "Vì sao không chấp nhận" in asked and before == ["aired"]
    assert "Nhật ký đang ghi: đang chờ xác nhận" in told
    assert aired.sign() is Sign.PENDING and aired.kinds() == ["aired", "reviewed"]
    assert "chưa chấp nhận xác nhận phát tin tuần 48" in newest(aired, LAN)
    assert "“Không nghe loa phát”" in newest(aired, LAN) and "0912 000 005" in newest(aired, LAN)
    assert aired.labels(LAN) == ["Đã phát", "Chưa phát được"]


def test_two_taps_on_a_refusal_make_one_line_and_one_notice(aired: Talk) -> None:
    aired.tap(OFFICER, "Không chấp nhận")

    replies = {aired.tap(OFFICER, "Báo nhầm tuần") for _ in range(2)}

    assert aired.kinds() == ["aired", "reviewed"] and len(replies) == 1
    assert notices(aired, Rung.REVIEW) == [LAN]


def test_after_a_refusal_the_station_may_state_it_anew(aired: Talk) -> None:
    aired.tap(OFFICER, "Không chấp nhận")
    aired.say(OFFICER, "Tôi qua thôn 3 không nghe")
    aired.now += timedelta(minutes=1)
    deliver(aired)

    aired.tap(LAN, "Đã phát")

    assert aired.sign() is Sign.AIRED
    assert aired.kinds() == ["aired", "reviewed", "aired"]


def test_what_one_officer_refused_another_does_not_accept_by_an_old_button(aired: Talk) -> None:
    aired.tap(OFFICER, "Không chấp nhận")
    aired.tap(OFFICER, "Báo nhầm tuần")
    seq = aired.log()[0].seq

    reply = aired.press("1006", f"o:accept:{aired.duty().id}:{seq}")

    assert "Đỗ Thị Cúc đã không chấp nhận xác nhận này" in reply
    assert aired.kinds() == ["aired", "reviewed"]


def test_words_for_nothing_are_dropped(aired: Talk) -> None:
    aired.tap(OFFICER, "Không chấp nhận")

    aired.say(OFFICER, "thôi")

    assert aired.kinds() == ["aired"]


def test_words_typed_after_another_button_are_no_question(aired: Talk) -> None:
    aired.tap(OFFICER, "Hỏi lại")
    aired.press(OFFICER, f"list:{WEEK}")

    reply = aired.say(OFFICER, "cảm ơn cháu nhé")

    assert reply == messages.NOT_UNDERSTOOD and aired.kinds() == ["aired"]


def test_a_refusal_and_an_excuse_show_on_the_weekly_messages(aired: Talk) -> None:
    ids = aired.duty().id, aired.duty(FAR).id

    def work(session: Session) -> tuple[int, ...]:
        officer = people.person_by_phone(session, "0912000005")
        duty, far = (session.get(Duty, one) for one in ids)
        assert officer is not None and duty is not None and far is not None
        source = Source("telegram", "t:9", aired.now)
        record.excuse(session, officer, far, MissedReason.OTHER, source, aired.now, note="bận")
        record.review(session, officer, duty, "rejected", source, aired.now, note="sai")
        return said_about(session)

    assert aired.ask(work) == (ids[1], ids[0])


# ---- proofs ---------------------------------------------------------------------------------------------


def test_no_proof_is_said(talk: Talk) -> None:
    assert "chưa gửi bằng chứng nào" in talk.press(OFFICER, f"o:proofs:{talk.duty().id}")


def test_a_file_that_is_gone_from_the_disk_is_said(aired: Talk, tmp_path: Path) -> None:
    kept = photo(tmp_path)
    aired.tap(LAN, messages.PROOF)
    aired.send_file(LAN, kept)
    kept.path.unlink()

    assert "không còn trên máy chủ" in aired.press(OFFICER, f"o:proofs:{aired.duty().id}")


def test_many_proofs_are_not_poured_into_the_chat(aired: Talk, tmp_path: Path) -> None:
    aired.tap(LAN, messages.PROOF)
    for number in range(1, 9):
        aired.send_file(LAN, photo(tmp_path, number))
    before = len(aired.screens[OFFICER])

    aired.press(OFFICER, f"o:proofs:{aired.duty().id}")

    shown: list[Outgoing] = [message for _, message in aired.screens[OFFICER][before:]]
    assert len(shown) == 6 and "Còn 3 bằng chứng nữa" in shown[-1].text
    assert aired.ask(lambda s: len(list(s.scalars(select(Aircheck.id))))) == 8


def test_the_chain_of_the_log_holds_after_all_of_it(aired: Talk) -> None:
    ask(aired)
    aired.say(LAN, "trả lời: nghe rõ")
    aired.say(OFFICER, SHEET)
    aired.tap(OFFICER, "Không chấp nhận")
    aired.tap(OFFICER, "Báo nhầm tuần")

    assert aired.ask(record.verify) is None and aired.ask(ledger_kept.recompute) == 0


def _after_reply(talk: Talk, label: str) -> str:
    deliver(talk)
    return talk.tap(OFFICER, label)
