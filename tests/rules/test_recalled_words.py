"""Whether airing recalled words meets a duty, and which message is about which words: by examples."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from airlog import withdrawn
from airlog.models import Recall
from airlog.rules import DutyFacts, EntryFacts, Sign, standing
from airlog.types import DutyState, EntryKind, MissedReason
from content import recall_messages
from content.week import Week

WEEK = Week.parse("2026-W48")
OLD, NEW = 7, 9
REPLACED = DutyFacts(WEEK.starts_at, WEEK.ends_at, replaced=frozenset({OLD}))
WITHDRAWN_ONLY = DutyFacts(WEEK.starts_at, WEEK.ends_at)
"""Nothing took the item's place: an airing of it was in good faith and stands."""
RUNNING, AFTER = WEEK.at(4, time(12)), WEEK.ends_at + timedelta(days=30)


def aired(seq: int, version_id: int | None, day: int = 1) -> EntryFacts:
    return EntryFacts(seq, EntryKind.AIRED, WEEK.at(day, time(17, 30)), version_id=version_id)


def corrected(seq: int, of: int, version_id: int, day: int) -> EntryFacts:
    moment = WEEK.at(day, time(18))
    return EntryFacts(seq, EntryKind.CORRECTED, moment, moment, supersedes=of, version_id=version_id)


def undone(seq: int, of: int) -> EntryFacts:
    return EntryFacts(seq, EntryKind.WITHDRAWN, WEEK.at(2, time(9)), supersedes=of)


def cannot(seq: int) -> EntryFacts:
    return EntryFacts(seq, EntryKind.NOT_AIRED, WEEK.at(3, time(9)), reason=MissedReason.BROKEN)


MET, LATE, PART, PENDING = DutyState.MET, DutyState.MET_LATE, DutyState.PART_MET, DutyState.PENDING
EXAMPLES: list[tuple[str, DutyFacts, list[EntryFacts], datetime, DutyState, Sign]] = [
    ("only the old words, the week runs", REPLACED, [aired(1, OLD)], RUNNING, PENDING, Sign.PENDING),
    ("only the old words, the week is over", REPLACED, [aired(1, OLD)], AFTER, PART, Sign.PART),
    ("old words, their time told later", REPLACED, [aired(1, OLD), corrected(2, 1, OLD, 1)], AFTER, PART, Sign.PART),
    ("the new words alone", REPLACED, [aired(1, NEW)], AFTER, MET, Sign.AIRED),
    ("the old words, then the new", REPLACED, [aired(1, OLD), aired(2, NEW, 4)], AFTER, MET, Sign.AIRED),
    ("the new words, the old said afterwards", REPLACED, [aired(1, NEW), aired(2, OLD)], AFTER, MET, Sign.AIRED),
    ("the new words a week later", REPLACED, [aired(1, OLD), aired(2, NEW, 8)], AFTER, LATE, Sign.LATE),
    ("the new words taken back", REPLACED, [aired(1, OLD), aired(2, NEW, 2), undone(3, 2)], AFTER, PART, Sign.PART),
    ("the old words taken back", REPLACED, [aired(1, OLD), undone(2, 1)], AFTER, DutyState.MISSED, Sign.SILENT),
    ("an item of the station's own", REPLACED, [aired(1, None)], AFTER, MET, Sign.AIRED),
    ("the old words, then a broken speaker", REPLACED, [aired(1, OLD), cannot(2)], AFTER, DutyState.MISSED, Sign.CANNOT),
    ("nothing took their place", WITHDRAWN_ONLY, [aired(1, OLD)], AFTER, MET, Sign.AIRED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("duty", "entries", "now", "state", "sign"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES]
)
def test_a_duty_whose_item_was_recalled_stands(
    duty: DutyFacts, entries: list[EntryFacts], now: datetime, state: DutyState, sign: Sign
) -> None:
    found = standing(duty, entries, now)
    assert (found.state, found.sign) == (state, sign)


def test_old_words_are_told_of_but_never_counted_as_an_airing() -> None:
    found = standing(REPLACED, [aired(1, OLD)], AFTER)

    assert (found.airings, found.entry_seq, found.aired_replaced) == (0, 1, True)


def recalled(version_id: int, replacement_id: int | None, number: int = 1) -> Recall:
    return Recall(id=number, rundown_id=5, item_version_id=version_id, replacement_id=replacement_id)


NEVER: list[Recall] = []
ONCE = [recalled(7, 9)]
TWICE = [recalled(7, 9), recalled(9, 11, 2)]
GONE = [recalled(7, 9), recalled(9, None, 2)]
KEYS: list[tuple[str, str, list[Recall], bool, int | None]] = [
    ("nothing was recalled", "3:r5:2026-W48:item:4", NEVER, True, None),
    ("made before the recall", "3:r5:2026-W48:item:4", ONCE, False, 7),
    ("made after it", "3:r5v9:2026-W48:item:4", ONCE, True, 9),
    ("of an older release", "3::2026-W48:item:4", ONCE, False, 7),
    ("recalled twice, the first", "3:r5:2026-W48:item:4", TWICE, False, 7),
    ("recalled twice, the second", "3:r5v9:2026-W48:item:4", TWICE, False, 9),
    ("recalled twice, what stands", "3:r5v11:2026-W48:item:4", TWICE, True, 11),
    ("the correction withdrawn as well", "3:r5v9:2026-W48:item:4", GONE, False, 9),
    ("of another rundown", "3:r55v9:2026-W48:item:4", ONCE, False, 9),
]


@pytest.mark.parametrize(
    ("key", "recalls", "current", "version"), [k[1:] for k in KEYS], ids=[k[0] for k in KEYS]
)
def test_a_message_is_known_by_its_key(
    key: str, recalls: list[Recall], current: bool, version: int | None
) -> None:
    assert withdrawn.is_current(key, recalls) is current
    assert withdrawn.version_of(key, recalls) == version


def test_only_what_was_replaced_fails_to_meet_a_duty() -> None:
    assert withdrawn.replaced(NEVER) == frozenset()
    assert withdrawn.replaced(TWICE) == {7, 9}
    assert withdrawn.replaced(GONE) == frozenset(), (
        "nothing else to air: what went on air in good faith stands"
    )


@pytest.mark.parametrize("new_title", [None, "Bán nông sản trên mạng"])
def test_the_notice_asks_first_and_ends_with_what_to_press(new_title: str | None) -> None:
    first, *_, last = recall_messages.notice(WEEK, "An toàn", "sai số máy.", new_title, ()).splitlines()

    assert first.endswith("Xin anh/chị không phát tin này nữa.")
    assert "[Tôi đã rõ]" in last


def test_no_text_of_a_recall_shouts() -> None:
    moment = WEEK.starts_at
    texts = [
        recall_messages.notice(WEEK, "An toàn", "sai", "Tin mới", ["đài xã A", "đài xã B"]),
        recall_messages.was_it_aired(WEEK, "An toàn", moment, "sai"),
        recall_messages.old_recorded(moment, "đài xã A", WEEK, has_new=True),
        recall_messages.asked(WEEK, "An toàn", "Châu", "sai"),
    ]
    assert not any("!" in text or ".." in text for text in texts)
