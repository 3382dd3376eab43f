"""The two voices that need no network, for real."""

import io
import json
import os
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from audio.clip import Tags
from audio.engines.espeak import Espeak
from audio.engines.sanotts import SanoTts
from audio.engines.sanotts_files import find_voice
from audio.mastering import measure
from audio.render import render_programme
from audio.speech import EngineFailed, EngineUnavailable, UnreadWords, syllables
from audio.voices import Voices, engines_from

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
WORDS = "Kính thưa bà con, hôm nay trời mưa to. Mời bà con nghe đài."
VOICE = find_voice([Path(os.environ.get("LOAXA_VOICE_DIR", "var/voices")), ROOT / "var/voices"])

needs_voice = pytest.mark.skipif(
    VOICE is None, reason="no sanotts voice file in LOAXA_VOICE_DIR or var/voices"
)


def test_espeak_speaks_everywhere_but_only_as_a_draft() -> None:
    engine = Espeak()

    speech = engine.synthesize(WORDS, rate=1.0)

    assert engine.draft
    assert 2 < speech.seconds < 8
    assert measure(speech).integrated_lufs > -35


def test_espeak_slows_down_when_asked() -> None:
    usual, slow = (Espeak().synthesize(WORDS, rate).seconds for rate in (1.0, 0.7))

    assert slow > usual * 1.2


@pytest.mark.parametrize(
    "engine", [Espeak(), pytest.param(SanoTts([VOICE or Path()], False), marks=needs_voice)]
)
def test_text_without_words_is_refused(engine: Espeak | SanoTts) -> None:
    with pytest.raises(EngineFailed, match="không có tiếng nào"):
        engine.synthesize("...", rate=1.0)


def test_a_missing_voice_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    engine = SanoTts([tmp_path / "voices"], may_fetch=False)

    with pytest.raises(EngineUnavailable, match=f"chưa có tệp giọng đọc.*{tmp_path.name}"):
        engine.check()
    with pytest.raises(EngineUnavailable):
        engine.synthesize(WORDS, rate=1.0)


def test_a_folder_that_holds_something_else_is_no_voice(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{", "utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text('{"format": "other"}', "utf-8")

    assert find_voice([tmp_path, tmp_path / "nowhere"]) is None


@needs_voice
@pytest.mark.parametrize("inside", [True, False], ids=["folder of voices", "voice folder"])
def test_the_voice_is_found_either_way_and_reads_at_its_pace(inside: bool) -> None:
    assert VOICE is not None
    engine = SanoTts([VOICE.parent if inside else VOICE], may_fetch=False)

    speech = engine.synthesize(WORDS, rate=1.0)

    assert 2.5 < syllables(WORDS) / speech.seconds < 4.5
    assert measure(speech).integrated_lufs > -30


@needs_voice
def test_words_the_voice_cannot_read_are_named_once_each() -> None:
    assert VOICE is not None
    with pytest.raises(UnreadWords) as refused:
        SanoTts([VOICE], may_fetch=False).synthesize("Xã Krông Ana. Mở VNeID, mở VNeID.", rate=1.0)

    assert refused.value.words == ("Krông", "VNeID")


@needs_voice
@pytest.mark.parametrize("damage", ["weights", "sum"])
def test_a_damaged_voice_file_is_refused_before_it_speaks_noise(tmp_path: Path, damage: str) -> None:
    assert VOICE is not None
    copy = tmp_path / "voice"
    copy.mkdir()
    for source in VOICE.iterdir():
        shutil.copyfile(source, copy / source.name)
    if damage == "weights":
        weights = copy / "weights.fp16.bin"
        weights.write_bytes(b"\x00" + weights.read_bytes()[1:])
    else:
        manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
        del manifest["weights_sha256"]
        (copy / "manifest.json").write_text(json.dumps(manifest), "utf-8")

    with pytest.raises(EngineFailed, match="thiếu hoặc hỏng"):
        SanoTts([tmp_path], may_fetch=False).synthesize(WORDS, rate=1.0)


@needs_voice
def test_a_whole_voice_is_used_though_a_damaged_one_stands_before_it(tmp_path: Path) -> None:
    assert VOICE is not None
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "manifest.json").write_bytes((VOICE / "manifest.json").read_bytes())

    assert SanoTts([damaged, VOICE], may_fetch=False).synthesize(WORDS, rate=1.0).seconds > 2


def test_a_voice_that_cannot_be_fetched_is_a_named_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sanotts.voicepack._http_get", unreachable)
    engine = SanoTts([tmp_path / "voices"], may_fetch=True)

    engine.check()  # it may be fetched: only trying will tell

    with pytest.raises(EngineFailed, match="không tải được tệp giọng đọc"):
        engine.synthesize(WORDS, rate=1.0)


def unreachable(url: str, timeout: int = 60) -> bytes:
    raise OSError("Network is unreachable")


@needs_voice
def test_a_voice_is_fetched_once_into_the_last_folder_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANOTTS_VOICE_SOURCE", "github")
    monkeypatch.setattr("sanotts.voicepack._http_get", lambda url, timeout=60: archived())
    folders = [tmp_path / "nothing", tmp_path / "voices"]
    SanoTts(folders, may_fetch=True).synthesize(WORDS, rate=1.0)

    monkeypatch.setattr("sanotts.voicepack._http_get", unreachable)

    assert SanoTts(folders, may_fetch=True).synthesize(WORDS, rate=1.0).seconds > 2
    assert find_voice(folders) == tmp_path / "voices" / "vi-vais1000-1p46m"


def archived() -> bytes:
    assert VOICE is not None
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for source in VOICE.iterdir():
            tar.add(source, arcname=source.name)
    return archive.getvalue()


@needs_voice
def test_the_real_voice_reaches_the_air_on_level_and_the_same_twice(tmp_path: Path) -> None:
    assert VOICE is not None
    folders = [VOICE]

    first, second = (
        render_programme(
            [Voices(engines_from(["sanotts"], folders, False)).speak(WORDS, NOW)],
            Tags("Tuần 48"),
            tmp_path / run,
        )
        for run in ("one", "two")
    )

    assert first.loudness_lufs == pytest.approx(-14, abs=0.7)
    assert first.true_peak_dbtp <= -0.5
    assert (first.engine, first.draft) == ("sanotts", False)
    assert first.sha256 == second.sha256


@needs_voice
def test_the_voice_repeats_itself() -> None:
    assert VOICE is not None
    first, second = (SanoTts([VOICE], may_fetch=False).synthesize(WORDS, rate=1.0) for _ in range(2))

    assert np.array_equal(first.samples, second.samples)
