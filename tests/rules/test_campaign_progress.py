"""In a word how a campaign goes: never done while a message of it is open."""

from __future__ import annotations

import pytest

from airlog.campaign_reads import Progress, Unsettled, progress
from airlog.types import CampaignState

PLANNED, LAUNCHED, STOPPED = CampaignState
NOTHING = Unsettled()


@pytest.mark.parametrize(
    ("state", "unsettled", "is_over", "word", "tone"),
    [
        (PLANNED, NOTHING, False, "chưa chạy", "wait"),
        (PLANNED, NOTHING, True, "chưa chạy", "wait"),
        (LAUNCHED, NOTHING, False, "đang chạy", "good"),
        (LAUNCHED, Unsettled(waiting=4), False, "đang chạy", "good"),
        (LAUNCHED, Unsettled(leaving=1), False, "đang gửi", "good"),
        (LAUNCHED, Unsettled(leaving=1, waiting=9, unknown=2), False, "đang gửi", "good"),
        (LAUNCHED, Unsettled(unknown=2), False, "còn 2 tin chưa rõ", "wait"),
        (LAUNCHED, Unsettled(waiting=3, unknown=2), True, "còn 2 tin chưa rõ", "wait"),
        (LAUNCHED, NOTHING, True, "đã xong", ""),
        (LAUNCHED, Unsettled(waiting=1), True, "đang chạy", "good"),
        (LAUNCHED, Unsettled(leaving=1), True, "đang gửi", "good"),
        (LAUNCHED, Unsettled(unknown=1), True, "còn 1 tin chưa rõ", "wait"),
        (STOPPED, NOTHING, False, "đã dừng", ""),
        (STOPPED, NOTHING, True, "đã dừng", ""),
        (STOPPED, Unsettled(waiting=2), True, "đã dừng", ""),
        (STOPPED, Unsettled(leaving=1), False, "đã dừng, đang gửi", "wait"),
        (STOPPED, Unsettled(unknown=3), True, "đã dừng, còn 3 tin chưa rõ", "wait"),
    ],
)
def test_the_word_says_what_is_still_open(
    state: CampaignState, unsettled: Unsettled, is_over: bool, word: str, tone: str
) -> None:
    found = progress(state, unsettled, is_over)
    assert (found.word, found.tone) == (word, tone)


@pytest.mark.parametrize("unsettled", [Unsettled(leaving=1), Unsettled(waiting=1), Unsettled(unknown=1)])
def test_no_open_message_ever_reads_as_done(unsettled: Unsettled) -> None:
    words = {progress(state, unsettled, is_over).word for state in CampaignState for is_over in (False, True)}
    assert Progress("đã xong", "").word not in words
