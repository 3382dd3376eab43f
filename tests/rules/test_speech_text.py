"""What a voice is given to say: official text turned into words."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.speech_text import read, respell, spoken
from audio.speech_text.letters import spelt
from audio.speech_text.numbers import cardinal, digits
from tests.reading_score import Case, load, score

DEV = load("speech-cases-dev.tsv")
OWN = load("speech-cases-own.tsv")
CATEGORIES = sorted({case.category for case in DEV})
FLOOR = 0.96
PIECES = st.sampled_from([word for case in DEV for word in case.written.split()])
_VOICELESS = re.compile(r"(?<![\w'])[b-df-hj-np-tv-xzđ](?![\w'])", re.IGNORECASE)


def _leftovers(words: str) -> list[str]:
    """Everything in the words that a voice could not say."""
    signs = [ch for ch in words if not (ch in " \n.,;:?'" or unicodedata.category(ch).startswith("L"))]
    return signs + _VOICELESS.findall(words)


@pytest.mark.parametrize("category", CATEGORIES)
def test_each_kind_of_text_is_read_right(category: str) -> None:
    cases = [case for case in DEV if case.category == category]
    right, total = score(cases, spoken)[category]
    assert right / total >= FLOOR, [case.written for case in cases if not case.accepts(spoken(case.written))]


@pytest.mark.parametrize("case", OWN, ids=lambda case: f"{case.category}: {case.written[:40]}")
def test_a_case_of_our_own_is_read_as_we_read_it(case: Case) -> None:
    assert case.accepts(spoken(case.written)), spoken(case.written)


@pytest.mark.parametrize(
    "nothing", ["", " ", "\n\n", "...", "/-*&%", "***", "()", "\u200b", "____", "|||", "- \n+ "]
)
def test_text_without_words_says_nothing_worse_than_a_sign_name(nothing: str) -> None:
    assert not _leftovers(spoken(nothing))


def test_emoji_and_other_scripts_are_silent_and_reported() -> None:
    reading = read("Chúc bà con 🎉 北京 sức khỏe")
    assert reading.words == "Chúc bà con sức khỏe"
    assert [doubt.text for doubt in reading.doubts] == ["北京"]


@pytest.mark.parametrize(
    "unit", ["a", "1", "A", "(", "1.", "1-", "a@", "UB-", "a\u0300", "<b ", "[a", "I, ", "( ", "ngày "]
)
def test_a_huge_line_of_rubbish_does_not_stop_the_station(unit: str) -> None:
    started = time.perf_counter()
    spoken(unit * (20_000 // len(unit)))
    # Twenty thousand characters take well under a second; squared time would take minutes.
    assert time.perf_counter() - started < 20


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60))
def test_no_text_leaves_a_figure_a_symbol_or_a_lone_consonant(text: str) -> None:
    assert not _leftovers(spoken(text)), spoken(text)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_mixed_up_official_words_leave_nothing_unspeakable(text: str) -> None:
    assert not _leftovers(spoken(text)), spoken(text)


@pytest.mark.parametrize("case", [*DEV, *OWN], ids=lambda case: case.written[:40])
def test_words_that_are_already_spoken_stay_as_they_are(case: Case) -> None:
    words = spoken(case.written)
    assert spoken(words) == words


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40) | st.lists(PIECES, max_size=8).map(" ".join))
def test_decomposed_text_reads_like_composed_text(text: str) -> None:
    assert spoken(unicodedata.normalize("NFD", text)) == spoken(unicodedata.normalize("NFC", text))


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60) | st.lists(PIECES, max_size=12).map(" ".join))
def test_a_doubt_points_at_the_words_it_is_about(text: str) -> None:
    for doubt in read(text).doubts:
        assert text[doubt.start : doubt.end] == doubt.text


def test_an_unknown_abbreviation_is_spelt_and_shown_to_the_editor() -> None:
    text = "Thực hiện ngày 5/6 theo ý kiến của QWRTP tỉnh"
    reading = read(text)
    assert "quy vê kép e rờ tê pê" in reading.words
    assert [doubt.text for doubt in reading.doubts] == ["QWRTP"]


def test_a_fraction_that_could_be_a_day_is_shown_to_the_editor() -> None:
    assert [doubt.text for doubt in read("hoàn tất 5/12 theo phân công").doubts] == ["5/12"]


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "không"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (104, "một trăm linh tư"),
        (1_010, "một nghìn không trăm mười"),
        (1_000_005, "một triệu không trăm linh năm"),
        (2_000_000_000_000, "hai nghìn tỷ"),
        (-7, "âm bảy"),
    ],
)
def test_cardinals_follow_northern_usage(n: int, words: str) -> None:
    assert cardinal(n) == words


def test_figures_and_letters_can_be_read_one_by_one() -> None:
    assert digits("1022") == "một không hai hai"
    assert spelt("QĐ") == "quy đê"


@pytest.mark.parametrize(
    ("written", "for_voice"),
    [
        ("xã Đắk Wil", "xã đắc uyn"),
        ("Krông Nô", "cờ rông Nô"),
        ("đồng bào M'Nông, H'Mông", "đồng bào mơ nông, mông"),
        ("kết nối internet", "kết nối in tơ nét"),
        ("bà con chú ý", "bà con chú ý"),
    ],
)
def test_a_synthetic_voice_gets_names_it_can_say(written: str, for_voice: str) -> None:
    assert respell(spoken(written)) == for_voice


def test_the_neural_voice_can_read_every_case() -> None:
    g2p = pytest.importorskip("sanotts.vi_g2p")
    unread = {
        case.written: g2p.phonemize_to_espeak_ipa(respell(spoken(case.written)))[1]
        for case in [*DEV, *OWN]
        if spoken(case.written)
    }
    assert not {written: left for written, left in unread.items() if left}
