"""The lexicon in the store: who may change it, what is refused, what wins, what is remembered."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from airlog import lexicon, lexicon_edits
from airlog.access import EDITORS, NotAllowed
from airlog.db import Session
from airlog.lexicon import Entry, Layer, UnknownLayer
from airlog.lexicon_edits import BadEntry, Change, EntryChanged, ListOutdated, Wanted
from airlog.models import Audit, Pronunciation, Station
from tests.world import CHAU, CUC, DAK_WIL, HANH, MINH, THUAN_AN, World, person_of


def layer(world: World, text: str = "province:68") -> Layer:
    return world.ask(lambda s: lexicon.layer_of(s, text))


def station(world: World, commune: str = DAK_WIL) -> Layer:
    found = world.ask(lambda s: s.scalar(select(Station.id).where(Station.area_code == commune)))
    return layer(world, f"station:{found}")


def put(
    world: World, where: Layer, word: str, reading: str, *, by: str = CHAU, based_on: int = 0, note: str = ""
) -> Entry:
    typed = Wanted(0, word, reading, note)
    return world.ask(
        lambda s: lexicon_edits.set_entry(s, person_of(s, by), where, typed, based_on, world.now)
    )


def take_out(world: World, where: Layer, word: str, based_on: int, by: str = CHAU) -> None:
    world.ask(lambda s: lexicon_edits.take_out(s, person_of(s, by), where, word, based_on, world.now))


def held(world: World, where: Layer) -> dict[str, str | None]:
    return {one.word: one.reading for one in world.ask(lambda s: lexicon.entries(s, where))}


def rows(world: World) -> int:
    return world.ask(lambda s: s.scalar(select(func.count(Pronunciation.id)))) or 0


def looked_at(world: World, where: Layer, *typed: Wanted) -> list[Change]:
    return world.ask(lambda s: lexicon_edits.changes(s, where, typed))


def take_in(
    world: World, where: Layer, typed: Sequence[Wanted], seen: int | None = None, by: str = CHAU
) -> int:
    def work(session: Session) -> int:
        stamp = lexicon.newest_row(session, where) if seen is None else seen
        return lexicon_edits.import_list(session, person_of(session, by), where, typed, stamp, world.now)

    return world.ask(work)


@pytest.mark.parametrize("text", ["", "68", "province:99", "province:24646", "station:0", "station:x", "station:" + "9" * 40, "xã:1"])  # fmt: skip
def test_a_layer_that_does_not_exist_is_refused(world: World, text: str) -> None:
    with pytest.raises(UnknownLayer):
        layer(world, text)


@pytest.mark.parametrize("phone", [CUC, HANH], ids=["officer", "operator"])
def test_only_editors_and_admins_change_readings_and_the_refusal_is_written_down(
    world: World, phone: str
) -> None:
    with pytest.raises(NotAllowed):
        put(world, layer(world), "Đắk Wil", "đắc uyn", by=phone)

    assert rows(world) == 0
    refused = select(func.count(Audit.id)).where(Audit.act == "lexicon.set", Audit.allowed.is_(False))
    assert world.ask(lambda s: s.scalar(refused)) == 1


def test_an_editor_of_one_area_does_not_change_another_province(world: World) -> None:
    with pytest.raises(NotAllowed):
        put(world, layer(world, "province:66"), "Đắk Wil", "đắc uyn")


@pytest.mark.parametrize(
    ("word", "reading", "told"),
    [
        ("", "đắc uyn", "Ô Từ: chưa ghi từ nào."),
        ("Đắk Wil", "", "Ô Cách đọc: chưa ghi cách đọc, ví dụ: cờ rông nô."),
        ("Đắk Wil", "đắk wil", "Ô Cách đọc: “đắk” không phải một tiếng viết theo chính tả tiếng Việt."),
        ("x" * 81, "đắc", "Ô Từ: dài 81 ký tự, tối đa 80."),
    ],
)
def test_an_entry_that_cannot_be_said_is_refused(world: World, word: str, reading: str, told: str) -> None:
    with pytest.raises(BadEntry) as error:
        put(world, layer(world), word, reading)

    assert error.value.errors == (told,) and rows(world) == 0


def test_a_note_that_is_too_long_is_refused(world: World) -> None:
    with pytest.raises(BadEntry, match="Ô Ghi chú: dài 201 ký tự"):
        put(world, layer(world), "Đắk Wil", "đắc uyn", note="x" * 201)


def test_an_entry_holds_with_who_wrote_it_and_when(world: World) -> None:
    put(world, layer(world), "Đắk  Wil", "Đắc-Uyn", note=" theo  bà con ")

    (one,) = world.ask(lambda s: lexicon.entries(s, layer(world)))
    assert (one.word, one.reading, one.note) == ("Đắk Wil", "đắc uyn", "theo bà con")
    assert (one.by, one.at, one.instead_of) == ("Trịnh Minh Châu", world.now, "")


@pytest.mark.parametrize("again", ["ĐẮK WIL", "đắk wil", unicodedata.normalize("NFD", "Đắk Wil"), "Ðắk Wil"])
def test_a_word_in_another_dress_is_the_same_word(world: World, again: str) -> None:
    first = put(world, layer(world), "Đắk Wil", "đắc uyn")

    with pytest.raises(EntryChanged) as error:
        put(world, layer(world), again, "đắc quên")

    assert error.value.newest.row_id == first.row_id
    assert held(world, layer(world)) == {"Đắk Wil": "đắc uyn"}


def test_two_people_who_edit_one_word_do_not_overwrite_each_other(world: World) -> None:
    first = put(world, layer(world), "Đắk Wil", "đắc uyn")
    put(world, layer(world), "Đắk Wil", "đắc quên", by=MINH, based_on=first.row_id)

    with pytest.raises(EntryChanged, match=r"đọc là “đắc quên” \(Đỗ Quang Minh ghi\)"):
        put(world, layer(world), "Đắk Wil", "đắc uyên", based_on=first.row_id)

    assert held(world, layer(world)) == {"Đắk Wil": "đắc quên"}


def test_of_two_editors_at_the_same_moment_one_is_told(world: World) -> None:
    where, start = layer(world), Barrier(2)

    def save(reading: str) -> str:
        start.wait(10)
        try:
            return put(world, where, "Đắk Wil", reading).reading or ""
        except EntryChanged as error:
            return f"not over {error.newest.reading}"

    with ThreadPoolExecutor(2) as editors:
        told = set(editors.map(save, ("đắc uyn", "đắc quên")))

    (kept,) = held(world, where).values()
    assert told == {str(kept), f"not over {kept}"} and rows(world) == 1


def test_a_word_that_was_taken_out_meanwhile_is_not_brought_back_unseen(world: World) -> None:
    first = put(world, layer(world), "Đắk Wil", "đắc uyn")
    take_out(world, layer(world), "Đắk Wil", first.row_id, by=MINH)

    with pytest.raises(EntryChanged, match="đã được bỏ"):
        put(world, layer(world), "Đắk Wil", "đắc uyên", based_on=first.row_id)


def test_nobody_takes_out_what_somebody_else_just_changed(world: World) -> None:
    first = put(world, layer(world), "Đắk Wil", "đắc uyn")
    put(world, layer(world), "Đắk Wil", "đắc quên", by=MINH, based_on=first.row_id)

    with pytest.raises(EntryChanged):
        take_out(world, layer(world), "Đắk Wil", first.row_id)


def test_the_same_entry_saved_twice_makes_one_row(world: World) -> None:
    first = put(world, layer(world), "Đắk Wil", "đắc uyn")
    sent_twice = put(world, layer(world), "Đắk Wil", "đắc uyn")
    again = put(world, layer(world), "Đắk Wil", "đắc uyn", based_on=first.row_id)

    assert {sent_twice.row_id, again.row_id} == {first.row_id} and rows(world) == 1


def test_the_history_of_a_word_keeps_every_reading_and_the_taking_out(world: World) -> None:
    first = put(world, layer(world), "Đắk Wil", "đắc uyn")
    second = put(world, layer(world), "Đắk Wil", "đắc quên", by=MINH, based_on=first.row_id)
    take_out(world, layer(world), "ĐẮK WIL", second.row_id)
    take_out(world, layer(world), "ĐẮK WIL", second.row_id + 1)

    found = world.ask(lambda s: lexicon.history(s, layer(world), "đắk wil"))
    assert [(one.reading, one.by) for one in found] == [
        (None, "Trịnh Minh Châu"),
        ("đắc quên", "Đỗ Quang Minh"),
        ("đắc uyn", "Trịnh Minh Châu"),
    ]
    assert held(world, layer(world)) == {}


def test_a_word_that_was_taken_out_can_be_entered_anew(world: World) -> None:
    first = put(world, layer(world), "Đắk Wil", "đắc uyn")
    take_out(world, layer(world), "Đắk Wil", first.row_id)

    put(world, layer(world), "Đắk Wil", "đắc quên")

    assert held(world, layer(world)) == {"Đắk Wil": "đắc quên"}


def test_an_entry_tells_whose_reading_it_takes_the_place_of(world: World) -> None:
    put(world, layer(world), "Krông", "cờ rong")
    put(world, layer(world), "Đắk Wil", "đắc uyn")
    put(world, station(world), "Đắk Wil", "đắc quên")
    put(world, station(world), "Wil", "quên")
    put(world, station(world), "Bon Choih", "bon choi")

    def told(where: Layer) -> dict[str, str]:
        return {one.word: one.instead_of for one in world.ask(lambda s: lexicon.entries(s, where))}

    assert told(layer(world)) == {"Krông": "thay cho cách đọc chung: cờ rông", "Đắk Wil": ""}
    assert told(station(world)) == {
        "Đắk Wil": "thay cho cách đọc của tỉnh: đắc uyn",
        "Wil": "thay cho cách đọc chung: uyn",
        "Bon Choih": "",
    }


def test_a_station_reads_by_its_own_entries_then_by_its_provinces(world: World) -> None:
    put(world, layer(world), "Đắk Wil", "đắc uyn")
    put(world, layer(world), "Nâm N'Jang", "nâm giang")
    own = put(world, station(world), "ĐẮK WIL", "đắc quên")
    put(world, station(world, THUAN_AN), "Nâm N'Jang", "nâm nơ gia")

    def read(where: Layer | None) -> dict[str, str]:
        number = int(where.key) if where else None
        return world.ask(lambda s: lexicon.merged(s, province_code="68", station_id=number))

    assert read(station(world)) == {"đắk wil": "đắc quên", "nâm n'jang": "nâm giang"}
    assert read(None) == {"đắk wil": "đắc uyn", "nâm n'jang": "nâm giang"}
    take_out(world, station(world), "Đắk Wil", own.row_id)
    assert read(station(world))["đắk wil"] == "đắc uyn"


def test_a_list_with_one_bad_row_is_refused_whole_and_every_place_is_named(world: World) -> None:
    typed = [
        Wanted(2, "Đắk Wil", "đắc uyn"),
        Wanted(3, "", "đắc uyn"),
        Wanted(4, "Nâm N'Jang", "njang"),
        Wanted(6, "Krông Nô", "", "x" * 300),
    ]

    with pytest.raises(BadEntry) as error:
        take_in(world, layer(world), typed)

    assert [one.partition(":")[0] for one in error.value.errors] == [
        "Dòng 3, cột Từ",
        "Dòng 4, cột Cách đọc",
        "Dòng 6, cột Cách đọc",
        "Dòng 6, cột Ghi chú",
    ]
    assert rows(world) == 0


def test_one_word_with_two_readings_in_a_list_names_both_rows(world: World) -> None:
    typed = [Wanted(2, "Đắk Wil", "đắc uyn"), Wanted(5, "ĐẮK WIL", "đắc quên")]

    with pytest.raises(BadEntry) as error:
        looked_at(world, layer(world), *typed)

    assert error.value.errors == (
        "Dòng 5, cột Cách đọc: từ “ĐẮK WIL” đã có ở dòng 2, đọc là “đắc uyn”, ở đây đọc là “đắc quên”. "
        "Anh/chị giữ lại một dòng.",
    )


def test_one_word_twice_with_the_same_reading_counts_once(world: World) -> None:
    typed = [Wanted(2, "Đắk Wil", "đắc uyn"), Wanted(3, "đắk wil", "Đắc uyn")]

    assert take_in(world, layer(world), typed) == 1 and rows(world) == 1


@pytest.mark.parametrize(("count", "told"), [(0, "không có dòng nào"), (2001, "hơn 2000 dòng")])
def test_an_empty_and_a_huge_list_are_refused(world: World, count: int, told: str) -> None:
    typed = [Wanted(n + 2, "Đắk Wil", "đắc uyn") for n in range(count)]

    with pytest.raises(BadEntry, match=told):
        take_in(world, layer(world), typed)


def test_a_list_is_looked_at_before_anything_is_stored(world: World) -> None:
    put(world, layer(world), "Đắk Wil", "đắc uyn")
    put(world, layer(world), "Nâm N'Jang", "nâm giang")
    typed = [
        Wanted(2, "đắk wil", "đắc quên"),
        Wanted(3, "Nâm N'Jang", "nâm giang"),
        Wanted(4, "Krông", "cờ rong"),
    ]

    shown = looked_at(world, layer(world), *typed)

    assert [(one.kind, one.word, one.before, one.instead_of) for one in shown] == [
        ("changed", "đắk wil", "đắc uyn", ""),
        ("same", "Nâm N'Jang", "nâm giang", ""),
        ("new", "Krông", "", "thay cho cách đọc chung: cờ rông"),
    ]
    assert rows(world) == 2


def test_a_list_changes_its_own_words_and_leaves_the_others(world: World) -> None:
    put(world, layer(world), "Đắk Wil", "đắc uyn")
    put(world, layer(world), "Nâm N'Jang", "nâm giang")

    changed = take_in(
        world, layer(world), [Wanted(2, "Đắk Wil", "đắc quên"), Wanted(3, "Krông Nô", "cờ rông no")]
    )

    assert changed == 2
    assert held(world, layer(world)) == {
        "Đắk Wil": "đắc quên",
        "Krông Nô": "cờ rông no",
        "Nâm N'Jang": "nâm giang",
    }


def test_a_list_is_not_saved_over_what_changed_since_it_was_looked_at(world: World) -> None:
    seen = world.ask(lambda s: lexicon.newest_row(s, layer(world)))
    put(world, layer(world), "Đắk Wil", "đắc uyn", by=MINH)

    with pytest.raises(ListOutdated):
        take_in(world, layer(world), [Wanted(2, "Đắk Wil", "đắc quên")], seen)

    assert held(world, layer(world)) == {"Đắk Wil": "đắc uyn"}


def test_the_same_list_saved_twice_changes_nothing_more(world: World) -> None:
    typed = [Wanted(2, "Đắk Wil", "đắc uyn")]
    seen = world.ask(lambda s: lexicon.newest_row(s, layer(world)))
    take_in(world, layer(world), typed, seen)

    assert take_in(world, layer(world), typed, seen) == 0 and rows(world) == 1


def test_an_editor_sees_the_layers_of_the_own_area_only(world: World) -> None:
    def layers(session: Session) -> tuple[list[str], list[str]]:
        person = person_of(session, CHAU)
        provinces = lexicon.provinces_of(session, person, EDITORS, world.now)
        return (
            [text for text, _ in provinces],
            [text for text, _ in lexicon.stations_of(session, person, EDITORS, "66", world.now)],
        )

    assert world.ask(layers) == (["province:68"], [])
