"""The officer's week and the admin's campaign in the chat."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from PIL import Image
from sqlalchemy import select

from airlog import campaigns, duties, people, record
from airlog.db import Session
from airlog.models import Delivery
from airlog.record import Source
from airlog.types import CampaignState, Rung
from bot import officer_talk
from bot.reception import Reception
from content import messages, officer_messages
from scheduler.channel import Incoming, Outgoing, Receipt
from scheduler.clock import HandClock
from tests.fakes import FakeChannel
from tests.talk_world import ADMIN, BOT, FAR, LAN, OFFICER, TUESDAY, WEEK, Talk, talk

__all__ = ["talk"]


def last(talk: Talk, chat: str) -> Outgoing:
    return talk.screens[chat][-1][1]


def nudges(talk: Talk) -> int:
    return talk.ask(lambda s: len(list(s.scalars(select(Delivery.id).where(Delivery.rung == Rung.NUDGE)))))


def all_answer(talk: Talk) -> Callable[[Session], None]:
    """Every station says that it aired this week's item."""

    def work(session: Session) -> None:
        officer = people.person_by_phone(session, "0912000005")
        assert officer is not None
        for duty in duties.of_period(session, str(WEEK)):
            record.aired(session, officer, duty, Source("telegram", f"t:{duty.id}", talk.now), talk.now)

    return work


def test_the_week_is_one_sentence_with_names_and_a_map(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    reply = talk.say(OFFICER, "/tuannay")

    assert "Tuần 48 (23-29/11), khu vực Đắk Nông cũ: 1/28 đài đã phát" in reply
    assert "27 đài chưa trả lời" in reply


class Service(FakeChannel):
    """Looks whether the picture lies there when the message leaves."""

    drawn: bool | None = None

    async def acknowledge(self, press_ref: str) -> None:
        """No button was pressed."""

    async def send(self, chat_id: str, message: Outgoing) -> Receipt:
        self.drawn = message.picture.exists() if message.picture else None
        return await super().send(chat_id, message)


async def asked_for_the_week(talk: Talk) -> Service:
    service, reception = Service("telegram", BOT), Reception(talk.db, talk.desk, HandClock(TUESDAY))
    row = await reception.store(service, "u1", "{}")
    assert row is not None
    await reception.take(
        service, row, Incoming("telegram", BOT, "u1", OFFICER, "text", TUESDAY, "/tuannay", "t:1")
    )
    return service


async def test_the_map_is_drawn_before_its_message_leaves(talk: Talk) -> None:
    assert (await asked_for_the_week(talk)).drawn


async def test_a_map_that_cannot_be_drawn_leaves_the_figures(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(svg: str, width: int) -> bytes:
        raise OSError("no space left")

    monkeypatch.setattr(officer_talk, "svg_to_png", broken)

    (told,) = (await asked_for_the_week(talk)).got(OFFICER)

    assert "đài đã phát" in told.text and "chưa làm được hình" in told.text and told.picture is None


def test_the_map_is_a_picture_wide_enough_for_a_phone(talk: Talk) -> None:
    talk.say(OFFICER, "/tuannay")

    picture = last(talk, OFFICER).picture
    assert picture is not None
    with Image.open(picture) as image:
        assert (image.format, image.width) == ("PNG", 1080)


@pytest.mark.parametrize(
    ("typed", "week"), [("47", "tuần 47"), ("2026-W47", "tuần 47"), ("50", "tuần 50 (8-14/12)")]
)
def test_another_week_may_be_asked_for(talk: Talk, typed: str, week: str) -> None:
    reply = talk.say(OFFICER, f"/tuannay {typed}")

    assert week in reply.lower()


@pytest.mark.parametrize("typed", ["99", "0", "tuần trước", "²"])
def test_a_week_that_is_none_is_asked_again(talk: Talk, typed: str) -> None:
    assert talk.say(OFFICER, f"/tuannay {typed}") == officer_messages.bad_week(typed)


def test_the_list_names_the_worst_first_with_time_and_reason(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.press(FAR, f"why:{talk.duty(FAR).id}:weather")

    reply = talk.press(OFFICER, f"list:{WEEK}")

    lines = reply.splitlines()
    assert len(lines) == 29
    assert "(thời tiết xấu)" in lines[1]
    assert "(17 giờ 25, thứ Ba 24/11)" in lines[-1]


def test_the_table_opens_and_has_every_station(talk: Talk) -> None:
    talk.press(OFFICER, f"table:{WEEK}")

    document = last(talk, OFFICER).document
    assert document is not None and document.suffix == ".xlsx"
    cells = [
        str(c.value) for row in openpyxl.load_workbook(document).active.iter_rows() for c in row if c.value
    ]
    assert sum(cell.startswith(("Xã ", "Phường ")) for cell in cells) == 28


def test_a_nudge_to_several_is_shown_before_it_leaves(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    reply = talk.press(OFFICER, f"nudge:{WEEK}")

    assert nudges(talk) == 0
    assert "Nhắc 3 đài chưa trả lời" in reply and "Chưa gửi gì" in reply
    assert "Chưa gắn điện thoại nên không nhắc được" in reply
    assert talk.labels(OFFICER) == ["Nhắc 3 đài", "Thôi"]


def test_a_nudge_reaches_who_has_not_answered_and_only_once_a_day(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)
    talk.press(OFFICER, f"nudge:{WEEK}")

    first, second = talk.tap(OFFICER, "Nhắc 3 đài"), talk.tap(OFFICER, "Nhắc 3 đài")

    assert nudges(talk) == 3  # Hải's two stations and the far one
    assert "đang nhắc 3 đài" in first and "Loa Xã không gửi gì" in second


def test_who_was_nudged_today_is_said_before_the_next_nudge(talk: Talk) -> None:
    duty = talk.duty(FAR)
    talk.press(OFFICER, f"o:nudge:{duty.id}")

    reply = talk.press(OFFICER, f"nudge:{WEEK}")

    place = duty.station.area.name.partition(" ")[2]
    assert f"Hôm nay đã nhắc, không nhắc lại: {place}." in reply
    assert "Nhắc 3 đài" in reply


def test_the_week_counts_only_those_to_nudge_who_were_not_nudged_today(talk: Talk) -> None:
    talk.say(OFFICER, "/tuannay")
    before = talk.labels(OFFICER)[0]
    talk.press(OFFICER, f"o:nudge:{talk.duty(FAR).id}")

    talk.say(OFFICER, "/tuannay")

    assert (before, talk.labels(OFFICER)[0]) == ("Nhắc 28 đài", "Nhắc 27 đài")


def test_a_nudge_that_waits_for_the_morning_is_not_told_as_sent(talk: Talk) -> None:
    talk.now = WEEK.starts_at + timedelta(days=2, hours=23)
    duty = talk.duty(FAR)

    talk.press(OFFICER, f"o:nudge:{duty.id}")
    again = talk.press(OFFICER, f"o:nudge:{duty.id}")

    assert "Loa Xã gửi lúc 06 giờ, thứ Năm 26/11 vì bây giờ là giờ nghỉ" in again
    sheet = talk.press(OFFICER, f"o:st:{duty.station_id}")
    assert "đã ghi lời nhắc, Loa Xã gửi lúc 06 giờ, thứ Năm 26/11" in sheet


def test_who_answers_between_preview_and_nudge_is_left_alone(talk: Talk) -> None:
    talk.press(OFFICER, f"nudge:{WEEK}")
    talk.tap(LAN, messages.AIRED)

    reply = talk.tap(OFFICER, "Nhắc 4 đài")

    assert nudges(talk) == 3
    assert "đang nhắc 3 đài" in reply and "1 đài vừa trả lời" in reply


def test_dropping_the_preview_nudges_nobody(talk: Talk) -> None:
    talk.press(OFFICER, f"nudge:{WEEK}")

    talk.tap(OFFICER, "Thôi")

    assert nudges(talk) == 0


def test_the_next_day_the_officer_may_nudge_again(talk: Talk) -> None:
    talk.press(OFFICER, f"o:all:{WEEK}")
    talk.now += timedelta(days=1)

    talk.press(OFFICER, f"o:all:{WEEK}")

    assert nudges(talk) == 10


def test_nobody_is_nudged_when_all_have_answered(talk: Talk) -> None:
    talk.ask(all_answer(talk))

    assert "không còn đài nào chưa trả lời" in talk.press(OFFICER, f"nudge:{WEEK}")


def test_a_station_without_a_chat_is_not_nudged_and_that_is_said(talk: Talk) -> None:
    duty = talk.ask(
        lambda s: next(d for d in duties.of_period(s, str(WEEK)) if d.station.area_code == "24646")
    )

    reply = talk.press(OFFICER, f"o:nudge:{duty.id}")

    assert "chưa có ai gắn điện thoại" in reply and nudges(talk) == 0


def test_who_answered_is_not_nudged(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    reply = talk.press(OFFICER, f"o:nudge:{talk.duty(LAN).id}")

    assert "đã trả lời (đã phát)" in reply and nudges(talk) == 0


def test_a_week_that_is_over_is_not_nudged_about(talk: Talk) -> None:
    talk.now = WEEK.ends_at + timedelta(hours=9)

    reply = talk.press(OFFICER, f"nudge:{WEEK}")

    assert "đã hết" in reply and nudges(talk) == 0


@pytest.mark.parametrize("act", ["list", "map", "table", "nudge"])
def test_an_operator_gets_no_officers_view(talk: Talk, act: str) -> None:
    reply = talk.press(LAN, f"{act}:{WEEK}")

    assert "quyền khác" in reply and talk.refusals() == [act]


@pytest.mark.parametrize("act", ["list:", "map:2026-W99", "table:x", "nudge:"])
def test_a_spoilt_button_of_the_officer_is_answered(talk: Talk, act: str) -> None:
    assert talk.press(OFFICER, act)


def test_a_commune_is_found_without_diacritics(talk: Talk) -> None:
    name = talk.ask(lambda s: talk.duty(LAN).station.area.name)
    talk.tap(LAN, messages.AIRED)

    reply = talk.say(OFFICER, f"/xa {talk.duty(LAN).station.area.search_key.upper()}")

    assert reply.startswith(name)
    assert "Tuần 48 (23-29/11): đã phát (17 giờ 25, thứ Ba 24/11)" in reply
    assert "Trần Thị Lan, 0912 000 001" in reply


@pytest.mark.parametrize(
    ("typed", "told"), [("", "ví dụ /xa"), ("Hà Nội", "Không có xã"), ("đ", "Có 12 nơi")]
)
def test_a_commune_that_is_not_clear_is_asked_again(talk: Talk, typed: str, told: str) -> None:
    assert told in talk.say(OFFICER, f"/xa {typed}")


def test_an_operator_does_not_look_up_other_communes(talk: Talk) -> None:
    reply = talk.say(LAN, "/xa Đắk Wil")

    assert "Cán bộ truyền thanh:" not in reply and "/trogiup" in reply


def test_help_names_what_each_may_do(talk: Talk) -> None:
    assert "/chiendich" not in talk.say(LAN, "/trogiup") and "/tincuadai" in talk.say(LAN, "/trogiup")
    assert "/xa TÊN" in talk.say(OFFICER, "/trogiup")
    assert "/chiendich" in talk.say(ADMIN, "/trogiup")


def test_silent_and_broken_stations_are_named_with_the_reason(talk: Talk) -> None:
    talk.press(FAR, f"why:{talk.duty(FAR).id}:weather")

    reply = talk.say(OFFICER, "/tuannay")

    place = talk.duty(FAR).station.area.name.partition(" ")[2]
    assert f"Chưa phát được (1): thời tiết xấu ({place})." in reply
    assert "Chưa trả lời (27): " in reply and "Đắk Wil" in reply


def test_an_empty_week_draws_no_picture_and_offers_no_act(talk: Talk) -> None:
    reply = talk.say(OFFICER, "/tuannay 50")

    assert "chưa có tin nào phải phát" in reply
    assert last(talk, OFFICER).buttons == ()


def test_the_map_stands_under_the_figures_in_one_message(talk: Talk) -> None:
    before = len(talk.screens[OFFICER])

    talk.say(OFFICER, "/tuannay")

    assert len(talk.screens[OFFICER]) == before + 1
    assert talk.labels(OFFICER)[:2] == ["Nhắc 28 đài", "Xem danh sách"]


# ---- the admin -----------------------------------------------------------------------------------------


def plan(talk: Talk) -> str:
    """Four weeks from the week after next, when the running campaign has ended; returns the preview."""
    talk.now = TUESDAY
    talk.say(ADMIN, "/chiendich")
    talk.tap(ADMIN, "4 tuần")
    talk.tap(ADMIN, next(label for label in talk.labels(ADMIN) if "49" in label))
    return talk.tap(ADMIN, next(label for label in talk.labels(ADMIN) if "07:30" in label))


def newest(talk: Talk) -> CampaignState:
    return talk.ask(lambda s: campaigns.all_campaigns(s)[0].state)


def test_the_preview_shows_who_gets_what_when_and_sends_nothing(talk: Talk) -> None:
    preview = plan(talk)

    assert "28 đài, 5 cán bộ nhận tin" in preview and "1 cán bộ chưa gắn điện thoại" in preview
    assert len(re.findall(r"Tuần \d+, gửi 07 giờ 30, thứ Hai", preview)) == 4
    assert newest(talk) is CampaignState.PLANNED


def test_launching_lets_it_go_out_and_a_second_tap_changes_nothing(talk: Talk) -> None:
    plan(talk)

    replies = {talk.tap(ADMIN, "Khởi chạy") for _ in range(2)}

    assert newest(talk) is CampaignState.LAUNCHED
    assert len(replies) == 1 and "Đã khởi chạy" in replies.pop()


def test_a_stray_tap_on_drop_does_not_stop_what_runs(talk: Talk) -> None:
    plan(talk)
    talk.tap(ADMIN, "Khởi chạy")

    reply = talk.tap(ADMIN, "Bỏ")

    assert newest(talk) is CampaignState.LAUNCHED and "đang chạy" in reply


def test_what_was_dropped_is_not_launched_by_a_stray_tap(talk: Talk) -> None:
    plan(talk)
    talk.tap(ADMIN, "Bỏ")

    reply = talk.tap(ADMIN, "Khởi chạy")

    assert newest(talk) is CampaignState.STOPPED and "Đã bỏ" in reply


def test_weeks_that_another_campaign_holds_are_not_launched(talk: Talk) -> None:
    talk.press(ADMIN, "camp:4:0:0-0730")

    reply = talk.tap(ADMIN, "Khởi chạy")

    assert "đã có chiến dịch" in reply and newest(talk) is CampaignState.PLANNED


@pytest.mark.parametrize("chat", [LAN, OFFICER])
def test_only_an_admin_plans(talk: Talk, chat: str) -> None:
    assert "quyền khác" in talk.say(chat, "/chiendich")
    assert "quyền khác" in talk.press(chat, "camp:4:0:0-0730")
    assert talk.refusals() == ["campaign", "campaign"]


@pytest.mark.parametrize(
    "data",
    ["camp:", "camp:x", "camp:4:9", "camp:4:0:9-9999", "camp:launch-", "camp:launch-999", "camp:drop-x"],
)
def test_a_spoilt_button_of_the_admin_is_answered(talk: Talk, data: str) -> None:
    before = talk.ask(lambda s: len(campaigns.all_campaigns(s)))

    assert talk.press(ADMIN, data)
    assert talk.ask(lambda s: len(campaigns.all_campaigns(s))) == before


def test_a_login_link_leads_to_the_pages(talk: Talk) -> None:
    reply = talk.say(OFFICER, "/dangnhap")

    assert re.search(r"http://127\.0\.0\.1:8080/m/[\w-]{32}$", reply)
    assert "10 phút" in reply


def test_pictures_and_tables_lie_in_the_var_folder(talk: Talk, tmp_path: Path) -> None:
    talk.say(OFFICER, "/tuannay")

    picture = last(talk, OFFICER).picture
    assert picture is not None and picture.is_relative_to(tmp_path)
