"""Which item airs in which week."""

from itertools import pairwise

import pytest

from content.item import LibraryItem
from content.rundown import spread
from content.season import BadSeason, Season
from content.shelf import library
from content.topics import TopicCode
from content.week import Week

FIRST = Week.parse("2026-W48")


def piece(slug: str, topic: TopicCode = TopicCode.POLICY, season: str = "") -> LibraryItem:
    window = Season.parse(season) if season else None
    return LibraryItem(slug, slug, topic, None, None, "thử", window, "vie", (), "Lời đọc.")


def slugs(items: list[LibraryItem], first: str, weeks: int) -> list[str]:
    return [item.slug for _, item in spread(items, Week.parse(first), weeks)]


def test_nothing_to_spread_is_refused() -> None:
    with pytest.raises(ValueError):
        spread([], FIRST, 4)
    with pytest.raises(ValueError):
        spread([piece("a")], FIRST, 0)


@pytest.mark.parametrize("window", ["", "10-1..10-31", "13-01..13-02", "02-29..03-01", "10-01-10-31"])
def test_a_window_that_is_no_part_of_every_year_is_refused(window: str) -> None:
    with pytest.raises(BadSeason):
        Season.parse(window)


def test_every_week_gets_one_item_in_order() -> None:
    plan = spread([piece("a"), piece("b", TopicCode.DOCUMENTS)], FIRST, 3)
    assert [(str(week), item.slug) for week, item in plan] == [
        ("2026-W48", "a"),
        ("2026-W49", "b"),
        ("2026-W50", "a"),
    ]


def test_no_item_comes_back_before_all_were_used() -> None:
    aired = slugs([piece(name) for name in "abcde"], "2026-W48", 12)
    assert [sorted(aired[:5]), sorted(aired[5:10])] == [list("abcde")] * 2


def test_a_topic_is_not_aired_twice_in_a_row_where_another_is_left() -> None:
    items = [piece("a"), piece("b"), piece("c", TopicCode.DOCUMENTS), piece("d", TopicCode.LEADERSHIP)]
    assert slugs(items, "2026-W48", 4) == ["a", "c", "b", "d"]


def test_a_seasonal_item_airs_once_in_its_season_and_never_outside() -> None:
    items = [piece("a"), piece("ngay", season="10-04..10-10"), piece("thang", season="10-01..10-31")]
    plan = spread(items, Week.parse("2026-W36"), 100)
    aired = [(str(week), item.slug) for week, item in plan if item.season]
    assert aired == [("2026-W41", "ngay"), ("2026-W42", "thang"), ("2027-W40", "ngay"), ("2027-W41", "thang")]


def test_a_day_of_the_year_gets_the_week_before_it_when_it_is_a_monday() -> None:
    plan = dict(spread([piece("a"), piece("ngay", season="10-04..10-10")], Week.parse("2022-W38"), 6))
    assert [str(week) for week, item in plan.items() if item.season] == [
        "2022-W40"
    ]  # 3-9/10, Monday is 10/10


def test_a_season_over_new_year_holds_both_sides() -> None:
    items = [piece("a"), piece("tet", season="12-28..01-03")]
    assert slugs(items, "2026-W52", 3) == ["a", "tet", "a"]


def test_a_campaign_of_only_seasonal_items_leaves_no_week_empty() -> None:
    assert slugs([piece("ngay", season="10-04..10-10")], "2026-W48", 2) == ["ngay", "ngay"]


def test_half_a_year_of_the_library_repeats_nothing() -> None:
    aired = [item.slug for _, item in spread(library(), FIRST, 26)]
    assert len(set(aired)) == 26
    assert aired[0] == "chuyen-doi-so-la-gi"


def test_a_year_of_the_library_reaches_all_nine_topics_and_messages() -> None:
    aired = [item for _, item in spread(library(), FIRST, 52)]
    assert {item.topic for item in aired} == set(TopicCode)
    assert {item.message for item in aired} >= set(range(1, 10))


def test_half_a_year_of_the_library_never_airs_one_topic_twice_in_a_row() -> None:
    topics = [item.topic for _, item in spread(library(), FIRST, 26)]
    assert [one for one, other in pairwise(topics) if one is other] == []
