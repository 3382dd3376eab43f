"""/xa in the chat: which commune is meant, and what its sheet says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from airlog import area_changes, people
from airlog.area_orders import Order, Stations, Unit
from airlog.db import Session
from airlog.models import Area, Audit, Grant, Station
from airlog.types import AreaChangeKind, MissedReason
from content import messages
from tests.talk_world import ADMIN, BOT, FAR, HAI, LAN, OFFICER, WEEK, Talk, post_mandate, talk

__all__ = ["talk"]
DAK_WIL, DAK_MIL, DAK_SAK = "24646", "24664", "24678"


def refused(talk: Talk) -> list[tuple[str, str]]:
    query = select(Audit.act, Audit.subject).where(~Audit.allowed)
    return talk.ask(lambda s: [(act, subject) for act, subject in s.execute(query)])


def second_station(session: Session) -> None:
    session.add(
        Station(
            area_code=DAK_WIL, name="Đài truyền thanh thôn Thái Học", airing_days="1", airing_hours="",
            active_from=date(2025, 7, 1),
        )
    )  # fmt: skip


def officer_of_country(session: Session) -> None:
    person = people.person_by_phone(session, "0912000005")
    assert person is not None
    person.grants[0].scope = "*"
    session.add(Grant(person_id=person.id, role="operator", scope=DAK_WIL, valid_from=WEEK.starts_at))


def change(
    talk: Talk, kind: AreaChangeKind, olds: tuple[str, ...], new: Unit, stations: Stations = "keep"
) -> None:
    """An admin of the province changes communes with effect from today."""
    order = Order(kind, date(2026, 11, 24), "1671/NQ-UBTVQH15", None, olds, (new,), stations)

    def work(session: Session) -> None:
        address = people.address_of(session, "telegram", BOT, ADMIN)
        assert address is not None
        seen = area_changes.preview(session, address.person, [order], talk.now).seen
        area_changes.confirm(session, address.person, [order], "lan-1", seen, talk.now)

    talk.ask(work)


@pytest.mark.parametrize(
    "typed", ["Đắk Wil", "dak wil", "XA DAK WIL", "x. đăk wil", "dak wll", "xã  Đắk  Wil"]
)
def test_a_commune_is_found_as_people_type_it(talk: Talk, typed: str) -> None:
    assert talk.say(OFFICER, f"/xa {typed}").startswith("Xã Đắk Wil")


def test_a_commune_of_another_area_is_refused_and_the_refusal_kept(talk: Talk) -> None:
    reply = talk.say(OFFICER, "/xa ba dinh")

    assert "Phường Ba Đình không thuộc khu vực anh/chị phụ trách" in reply
    assert "Cán bộ truyền thanh" not in reply
    assert refused(talk) == [("o.xa", "area 00004")]


def test_a_name_outside_that_is_one_letter_from_one_inside_is_not_mixed_up(talk: Talk) -> None:
    def rename(session: Session) -> None:
        area = session.get_one(Area, "00004")
        area.name, area.search_key = "Xã Đắk Wal", "dak wal"

    talk.ask(rename)

    reply = talk.say(OFFICER, "/xa đắk wal")

    assert "không thuộc khu vực" in reply and talk.labels(OFFICER) == ["Xã Đắk Wil"]
    assert refused(talk) == [("o.xa", "area 00004")]


def test_a_name_of_nowhere_is_answered_with_the_nearest_three(talk: Talk) -> None:
    reply = talk.say(OFFICER, "/xa đắc uyn")

    assert "Không có xã, phường nào tên “đắc uyn”" in reply and "Gần giống nhất" in reply
    assert len(talk.labels(OFFICER)) == 3
    assert refused(talk) == []


def test_of_merged_communes_each_station_is_found_by_the_name_it_kept(talk: Talk) -> None:
    change(talk, AreaChangeKind.MERGE, (DAK_WIL, DAK_SAK), Unit("24990", "Xã Đắk Mới"))

    assert "Đài truyền thanh xã Đắk Sắk" in talk.say(OFFICER, "/xa dak sak").splitlines()
    assert "Đài truyền thanh xã Đắk Wil" in talk.say(OFFICER, "/xa Đắk Wil").splitlines()
    assert "có nhiều đài" in talk.say(OFFICER, "/xa dak moi")


def test_stations_of_one_commune_are_told_apart_in_lists(talk: Talk) -> None:
    change(talk, AreaChangeKind.MERGE, (DAK_WIL, DAK_SAK), Unit("24990", "Xã Đắk Mới"))

    told = talk.say(OFFICER, "/tuannay")

    assert "Đắk Mới" not in told and told.count("Đắk Wil") == told.count("Đắk Sắk") == 1


def test_a_station_keeps_its_name_in_a_commune_whose_name_holds_it(talk: Talk) -> None:
    change(talk, AreaChangeKind.MERGE, (DAK_WIL, DAK_SAK), Unit("24990", "Xã Đắk Wil Thuận"))

    for typed, name in (("dak wil", "Đắk Wil"), ("dak sak", "Đắk Sắk")):
        assert f"Đài truyền thanh xã {name}" in talk.say(OFFICER, f"/xa {typed}").splitlines()


def test_a_commune_that_is_no_more_leads_to_the_one_of_today(talk: Talk) -> None:
    change(talk, AreaChangeKind.MERGE, (DAK_WIL, DAK_SAK), Unit("24990", "Xã Đắk Mới"), stations="close")

    reply = talk.say(OFFICER, "/xa dak sak")

    assert reply == "Xã Đắk Sắk nay là Xã Đắk Mới. Anh/chị chọn để mở."
    assert talk.tap(OFFICER, "Xã Đắk Mới").startswith("Xã Đắk Mới")
    assert refused(talk) == []


def test_a_name_a_commune_bore_before_leads_to_its_name_of_today(talk: Talk) -> None:
    change(talk, AreaChangeKind.RENAME, (DAK_WIL,), Unit(DAK_WIL, "Xã Hòa Bình"))

    assert talk.say(OFFICER, "/xa dak wil") == "Xã Đắk Wil nay là Xã Hòa Bình. Anh/chị chọn để mở."


def test_several_that_fit_are_offered_and_a_tap_opens_one(talk: Talk) -> None:
    reply = talk.say(OFFICER, "/xa gia nghĩa")

    assert reply.startswith("Có nhiều nơi như vậy")
    assert talk.labels(OFFICER) == ["Phường Bắc Gia Nghĩa", "Phường Nam Gia Nghĩa", "Phường Đông Gia Nghĩa"]
    assert talk.tap(OFFICER, "Phường Nam Gia Nghĩa").startswith("Phường Nam Gia Nghĩa")


def test_one_name_in_two_provinces_is_told_apart_by_the_province(talk: Talk) -> None:
    talk.ask(officer_of_country)
    names = talk.ask(_common_name)
    talk.ask(lambda s: _stations_for(s, names[1]))

    talk.say(OFFICER, f"/xa {names[0]}")

    labels = talk.labels(OFFICER)
    assert len(labels) == len(set(labels)) == 2 and all("(" in label for label in labels)


def test_the_province_after_a_comma_leaves_one(talk: Talk) -> None:
    talk.ask(officer_of_country)
    name, codes, province = talk.ask(_common_name)
    talk.ask(lambda s: _stations_for(s, codes))

    reply = talk.say(OFFICER, f"/xa {name}, {province}")

    assert reply.startswith(name)


def test_a_commune_with_two_stations_asks_which(talk: Talk) -> None:
    talk.ask(second_station)

    reply = talk.say(OFFICER, "/xa dak wil")

    assert "có nhiều đài" in reply
    assert "Đài truyền thanh thôn Thái Học" in talk.labels(OFFICER)
    told = talk.tap(OFFICER, "Đài truyền thanh thôn Thái Học")
    assert "Đài truyền thanh thôn Thái Học" in told and "không có việc nào" in told


def test_the_sheet_shows_the_state_the_people_a_number_to_tap_and_eight_weeks(talk: Talk) -> None:
    talk.tap(LAN, messages.AIRED)

    reply = talk.say(OFFICER, "/xa bac gia nghia")

    assert "Tuần 48 (23-29/11): đã phát (17 giờ 25, thứ Ba 24/11)" in reply
    assert "Trần Thị Lan, 0912 000 001" in reply
    assert "Gọi: +84912000001" in reply
    assert "Tuần 41 đến 48: · · ○ · · · ○ ●" in reply and "(● đã phát, ○ chưa trả lời)" in reply
    assert talk.labels(OFFICER) == ["Duyệt", "Hỏi lại", "Không chấp nhận", "Tuần 47"]


def test_a_silent_station_offers_a_nudge_and_an_excuse(talk: Talk) -> None:
    talk.say(OFFICER, "/xa nam gia nghia")

    assert talk.labels(OFFICER) == ["Nhắc", "Miễn tuần này", "Tuần 47"]


def test_a_station_that_was_nudged_today_says_so_and_offers_no_second_nudge(talk: Talk) -> None:
    talk.press(OFFICER, f"o:nudge:{talk.duty(FAR).id}")

    reply = talk.say(OFFICER, f"/xa {talk.duty(FAR).station.area.name}")

    assert "Hôm nay người phụ trách đã nhắc lúc 17 giờ 25" in reply
    assert "Nhắc" not in talk.labels(OFFICER)


def test_a_station_that_said_why_not_shows_the_reason(talk: Talk) -> None:
    talk.press(FAR, f"why:{talk.duty(FAR).id}:{MissedReason.BROKEN}")

    reply = talk.say(OFFICER, f"/xa {talk.duty(FAR).station.area.name}")

    assert "chưa phát được (hỏng loa, máy)" in reply and "✕ chưa phát được" in reply
    assert talk.labels(OFFICER) == ["Miễn tuần này", "Tuần 47"]


def test_a_station_without_people_says_so(talk: Talk) -> None:
    assert "Cán bộ truyền thanh: chưa có." in talk.say(OFFICER, "/xa quang khe")


def test_the_week_before_can_be_opened_and_left_again(talk: Talk) -> None:
    talk.say(OFFICER, "/xa bac gia nghia")

    before = talk.tap(OFFICER, "Tuần 47")

    assert "Tuần 47 (16-22/11): chưa trả lời" in before
    assert talk.labels(OFFICER) == ["Miễn tuần 47", "Tuần 48"]
    assert "Tuần 48 (23-29/11)" in talk.tap(OFFICER, "Tuần 48")
    assert "Tuần 47 (16-22/11)" in talk.say(OFFICER, "/xa bac gia nghia tuần 47")


@pytest.mark.parametrize("week", ["99", "0"])
def test_a_week_that_is_none_is_asked_again(talk: Talk, week: str) -> None:
    assert "Chưa rõ tuần" in talk.say(OFFICER, f"/xa bac gia nghia tuần {week}")


def test_of_two_duties_the_sheet_shows_both_and_acts_on_the_one_that_needs_it(talk: Talk) -> None:
    talk.ask(post_mandate)
    talk.tap(LAN, messages.AIRED)

    reply = talk.say(OFFICER, "/xa bac gia nghia")

    assert reply.count("Tuần 48 (23-29/11)") == 2
    assert "Nhắc" in talk.labels(OFFICER)


def test_an_admin_of_the_province_finds_every_commune_of_it(talk: Talk) -> None:
    assert talk.say(ADMIN, "/xa thuan an").startswith("Xã Thuận An")


@pytest.mark.parametrize(
    "data",
    ["o:", "o:x", "o:xa:", "o:xa:99999", "o:st:", "o:st:999999", "o:st:x", "o:nudge:", "o:nudge:999999", "o:all:",
     "o:all:2026-W99", "o:next:x", "o:why:1:x", "o:until:1:x", "o:accept:1", "o:asked:1:1:99", "o:refused:1:1:x",
     "o:excuse:²", "o:st:1:2026-W99", "o:unknown:1", "o:accept:1:99999999999999999999"],
)  # fmt: skip
def test_a_spoilt_button_is_answered_and_changes_nothing(talk: Talk, data: str) -> None:
    assert talk.press(OFFICER, data)
    assert talk.kinds() == []


@pytest.mark.parametrize(
    "act",
    ["nudge", "excuse", "why", "until", "unexcuse", "accept", "ask", "asked", "reject", "refused", "proofs"],
)
def test_an_operator_may_do_none_of_it_and_each_try_is_kept(talk: Talk, act: str) -> None:
    reply = talk.press(LAN, f"o:{act}:{talk.duty(LAN).id}:1:0")

    assert "quyền khác" in reply and talk.refusals() == [f"o.{act}"] and talk.kinds() == []


@pytest.mark.parametrize(
    "act",
    ["nudge", "excuse", "why", "until", "unexcuse", "accept", "ask", "asked", "reject", "refused", "proofs"],
)
def test_an_officer_of_another_area_may_do_none_of_it_and_each_try_is_kept(talk: Talk, act: str) -> None:
    duty = talk.duty(HAI)
    talk.ask(_only_dak_mil)

    reply = talk.press(OFFICER, f"o:{act}:{duty.id}:1:0")

    assert "không thuộc khu vực" in reply and talk.refusals() == [f"o.{act}"] and talk.kinds() == []


def test_a_station_of_another_area_is_not_opened_by_its_button(talk: Talk) -> None:
    station = talk.duty(HAI).station
    talk.ask(_only_dak_mil)

    by_station, by_commune = (
        talk.press(OFFICER, f"o:st:{station.id}"),
        talk.press(OFFICER, f"o:xa:{station.area_code}"),
    )

    assert "không thuộc khu vực" in by_station and "không thuộc khu vực" in by_commune
    assert talk.refusals() == ["o.st", "o.xa"]


def test_nothing_is_said_to_officers_with_an_exclamation_mark(talk: Talk) -> None:
    talk.press(FAR, f"why:{talk.duty(FAR).id}:weather")
    for typed in ("/tuannay", "/danhsach", "/nhac", "/duyet", "/xa nam gia nghia", "/xa zz", "/trogiup"):
        talk.now += timedelta(seconds=1)
        assert "!" not in talk.say(OFFICER, typed)


def _only_dak_mil(session: Session) -> None:
    person = people.person_by_phone(session, "0912000005")
    assert person is not None
    person.grants[0].scope = DAK_MIL


def _common_name(session: Session) -> tuple[str, list[str], str]:
    """A commune's name that occurs in two provinces: (name, codes, one of the provinces)."""
    found: dict[str, list[Area]] = {}
    for area in session.scalars(select(Area).where(Area.kind == "xã").order_by(Area.code)):
        found.setdefault(area.name, []).append(area)
    name, areas = next(
        (n, a) for n, a in found.items() if len(a) == 2 and a[0].parent_code != a[1].parent_code
    )
    province = session.get_one(Area, areas[0].parent_code or "").name
    return name, [area.code for area in areas], province


def _stations_for(session: Session, codes: list[str]) -> None:
    for code in codes:
        session.add(
            Station(
                area_code=code, name="Đài", airing_days="1", airing_hours="", active_from=date(2025, 7, 1)
            )
        )
