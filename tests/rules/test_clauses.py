"""Cutting spoken words into breaths."""

import numpy as np
import pytest

from audio.clauses import CLAUSE_PAUSE_S, PARAGRAPH_PAUSE_S, SENTENCE_PAUSE_S, clauses, joined, trimmed
from audio.speech import Speech, implausible_length, syllables


def test_pauses_grow_from_clause_to_sentence_to_paragraph() -> None:
    pieces = clauses("Thưa bà con, hôm nay trời mưa. Mời nghe đài.\n\nXin cảm ơn.", max_syllables=22)

    assert [(p.text, p.pause_s) for p in pieces] == [
        ("Thưa bà con,", CLAUSE_PAUSE_S),
        ("hôm nay trời mưa.", SENTENCE_PAUSE_S),
        ("Mời nghe đài.", PARAGRAPH_PAUSE_S),
        ("Xin cảm ơn.", 0.0),
    ]


def test_a_long_breath_is_cut_into_equal_parts_without_a_pause_and_no_word_is_lost() -> None:
    words = " ".join(f"tiếng{n}" for n in range(50))

    pieces = clauses(words, max_syllables=22)

    assert max(syllables(p.text) for p in pieces) <= 22
    assert min(syllables(p.text) for p in pieces) >= 12
    assert {p.pause_s for p in pieces} == {0.0}
    assert " ".join(p.text for p in pieces) == words


def test_a_limit_in_letters_holds_too() -> None:
    pieces = clauses("nghiêng " * 20, max_syllables=22, max_chars=100)

    assert max(len(p.text) for p in pieces) <= 100


def test_text_without_a_syllable_gives_nothing_to_say() -> None:
    assert clauses(" ... \n\n - , ", max_syllables=22) == []


def test_a_wrapped_line_goes_on_and_a_list_keeps_its_pauses() -> None:
    pieces = clauses("Bà con nhớ\nba điều\nGọi công an\nKhông chuyển tiền;\nbáo cho xã", max_syllables=22)

    assert [(p.text, p.pause_s) for p in pieces] == [
        ("Bà con nhớ ba điều", SENTENCE_PAUSE_S),
        ("Gọi công an", SENTENCE_PAUSE_S),
        ("Không chuyển tiền;", SENTENCE_PAUSE_S),
        ("báo cho xã", 0.0),
    ]


def test_a_decimal_comma_or_a_colon_without_a_blank_does_not_split_a_word() -> None:
    assert [p.text for p in clauses("mười:ba phẩy,năm", max_syllables=22)] == ["mười:ba phẩy,năm"]


def test_joined_sounds_keep_their_pauses_and_lose_their_own_silence() -> None:
    tone = np.ones(1000, np.float32)
    padded = Speech(np.concatenate([np.zeros(5000, np.float32), tone, np.zeros(5000, np.float32)]), 10_000)

    whole = joined([(padded, 0.2), (padded, 0.0)])

    assert whole.seconds == pytest.approx(0.1 + 0.2 + 0.1 + 4 * 0.03)


def test_silence_is_not_trimmed_away_to_nothing() -> None:
    silence = Speech(np.zeros(100, np.float32), 10_000)

    assert trimmed(silence) == silence


def test_a_length_is_implausible_when_words_are_missing_or_noise_is_added() -> None:
    words = "một " * 70

    assert "bị cắt" in (implausible_length(9.9, words) or "")
    assert "tạp âm" in (implausible_length(48.0, words) or "")
    assert implausible_length(20.0, words) is None
