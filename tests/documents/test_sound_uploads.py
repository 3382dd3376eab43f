"""Recordings from people's phones: every format they send, and the ones that are sent back."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from airlog import recordings
from audio import sound_file
from audio.clip import ClipRefused, Tags
from audio.gate import Fitting
from audio.mastering import master, measure
from audio.render import Recording, master_upload, render_programme
from audio.sound_file import decode
from audio.speech import Speech
from tests.fakes import buzz
from tests.phone_files import filmed, in_a_room, recorded, tags_of

TAGS = Tags("Tuần 48: An toàn khi dùng mạng", "Lâm Đồng")
SCRIPT = "Kính thưa bà con trong xã. " * 2
KEPT = "Tệp gốc và các bản trước vẫn giữ nguyên"

# name of the file, codec, rate, channels
PHONES = [
    ("iphone.m4a", "aac", 44_100, 1),
    ("old-phone.3gp", "aac", 16_000, 1),
    ("older-phone.amr", "libopencore_amrnb", 8_000, 1),
    ("oldest-phone.3gp", "libopencore_amrnb", 8_000, 1),
    ("telegram.ogg", "libopus", 48_000, 1),
    ("recorder.wav", "pcm_s16le", 44_100, 2),
    ("computer.mp3", "libmp3lame", 44_100, 2),
    ("video.mp4", "aac", 44_100, 2),
    ("browser.webm", "libopus", 48_000, 1),
]


@pytest.mark.parametrize(("name", "codec", "rate_hz", "channels"), PHONES, ids=[phone[0] for phone in PHONES])
def test_any_phone_is_understood_trimmed_and_brought_to_level(
    name: str, codec: str, rate_hz: int, channels: int, tmp_path: Path
) -> None:
    upload = recorded(tmp_path / name, in_a_room(), codec, rate_hz, channels)
    original = upload.read_bytes()

    clip = master_upload(upload, tmp_path / "out", TAGS, voice="H'Len Niê")

    found = measure(clip.path)
    assert found.integrated_lufs == pytest.approx(-16.5, abs=0.7)
    assert found.true_peak_dbtp <= -0.5
    assert 3.9 < found.duration_s < 4.8
    assert (clip.engine, clip.voice, clip.draft) == ("recording", "H'Len Niê", False)
    assert upload.read_bytes() == original


def test_two_channels_are_no_louder_than_one(tmp_path: Path) -> None:
    loud = buzz(4.0, 0.9)
    one, two = (decode(recorded(tmp_path / f"{n}.wav", loud, channels=n)) for n in (1, 2))

    assert np.max(np.abs(two.samples)) == pytest.approx(np.max(np.abs(one.samples)), rel=0.01)


def test_an_uploaded_recording_goes_into_a_programme_like_any_other(tmp_path: Path) -> None:
    upload = master_upload(recorded(tmp_path / "a.wav", in_a_room()), tmp_path, TAGS, voice="H'Len Niê")

    clip = render_programme([Recording(upload.path, voice=upload.voice)], TAGS, tmp_path)

    assert clip.loudness_lufs == pytest.approx(-14, abs=0.7)
    assert (clip.engine, clip.voice) == ("recording", "H'Len Niê")


def test_room_noise_is_lowered_before_the_compressor_lifts_it(tmp_path: Path) -> None:
    voice = buzz(4.0, 0.2).samples.copy()
    voice[30_000:45_000] = 0  # a pause in the middle, where only the room is heard
    noisy = Speech(voice + np.random.default_rng(1).normal(0, 0.004, len(voice)).astype(np.float32), 22_050)

    clip = master_upload(recorded(tmp_path / "a.wav", noisy), tmp_path, TAGS)

    assert pause_below_voice_db(decode(clip.path)) > pause_below_voice_db(master(noisy)) + 5


def pause_below_voice_db(sound: Speech) -> float:
    voice, pause = (
        sound.samples[round(a * sound.rate_hz) : round(b * sound.rate_hz)]
        for a, b in ((0.2, 1.2), (1.6, 1.9))
    )
    return float(10 * np.log10(np.mean(voice**2) / np.mean(pause**2)))


@pytest.mark.parametrize(
    ("sound", "told"),
    [
        (buzz(2.97), "chỉ dài 2,9 giây, ngắn hơn mức 3 giây"),
        (buzz(15 * 60 + 5.0, rate_hz=8_000), "dài hơn mức 15 phút"),
        (buzz(5.0, 0.0003), "gần như không có tiếng"),
        (buzz(5.0, 6.0), "vỡ tiếng"),
    ],
    ids=["short", "long", "quiet", "clipped"],
)
def test_a_recording_that_nobody_would_understand_is_sent_back_with_the_reason(
    sound: Speech, told: str, tmp_path: Path
) -> None:
    upload = recorded(tmp_path / "a.wav", sound, rate_hz=sound.rate_hz)

    with pytest.raises(ClipRefused, match=rf"{told}.*{KEPT}.*gửi lại\."):
        master_upload(upload, tmp_path / "out", TAGS)

    assert not (tmp_path / "out").exists()


def test_clipping_is_noticed_through_the_codec_of_a_phone(tmp_path: Path) -> None:
    upload = recorded(tmp_path / "a.m4a", buzz(5.0, 6.0), "aac", 44_100)

    with pytest.raises(ClipRefused, match="vỡ tiếng"):
        master_upload(upload, tmp_path, TAGS)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7 x",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 64,
        np.random.default_rng(1).bytes(300_000),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile 'secret.wav'\n",
    ],
    ids=["empty", "pdf", "broken picture", "noise", "playlist", "list of files"],
)
def test_a_file_without_sound_is_sent_back(data: bytes, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(data)

    with pytest.raises(ClipRefused, match=rf"không có âm thanh mà Loa Xã đọc được.*{KEPT}"):
        master_upload(upload, tmp_path / "out", TAGS)


def test_a_silent_film_is_sent_back(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with av.open(str(film), "w") as file:
        filmed(file)

    with pytest.raises(ClipRefused, match="không có âm thanh"):
        master_upload(film, tmp_path / "out", TAGS)


def test_a_damaged_stretch_in_the_middle_does_not_lose_the_rest(tmp_path: Path) -> None:
    upload = recorded(tmp_path / "a.mp3", in_a_room(6.0), "libmp3lame", 44_100)
    data = bytearray(upload.read_bytes())
    data[20_000:22_000] = b"\x00" * 2_000
    upload.write_bytes(data)

    assert master_upload(upload, tmp_path / "out", TAGS).duration_ms > 5_000


def test_a_zip_that_is_called_a_song_is_sent_back(tmp_path: Path) -> None:
    packed = tmp_path / "ban-thu.mp3"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("a.bin", np.random.default_rng(1).bytes(300_000))

    with pytest.raises(ClipRefused, match="không có âm thanh mà Loa Xã đọc được"):
        master_upload(packed, tmp_path / "out", TAGS)


def test_sound_under_a_wrong_name_is_understood_by_its_bytes(tmp_path: Path) -> None:
    upload = recorded(tmp_path / "a.wav", in_a_room()).rename(tmp_path / "ghi-chu.txt")

    assert master_upload(upload, tmp_path / "out", TAGS).duration_ms > 3_900


@pytest.mark.parametrize("name", ["iphone.m4a", "old-phone.3gp"])
def test_a_file_that_lost_its_end_on_the_way_is_sent_back(name: str, tmp_path: Path) -> None:
    """Half a reading would go on air as if it were whole."""
    whole = recorded(tmp_path / name, in_a_room(8.0), "aac", 16_000).read_bytes()

    with pytest.raises(ClipRefused, match="không có âm thanh mà Loa Xã đọc được"):
        master_upload(whole[: len(whole) // 2], tmp_path, TAGS)  # its table of contents stood at the end
    with pytest.raises(ClipRefused, match="bị cắt mất phần sau"):
        master_upload(faststart(whole, tmp_path)[: len(whole) // 2], tmp_path, TAGS)


def faststart(data: bytes, folder: Path) -> bytes:
    """The same file with its table of contents at the start, as phones that record for the web write it."""
    path = folder / "faststart.mp4"
    with (
        av.open(io.BytesIO(data), "r") as source,
        av.open(str(path), "w", options={"movflags": "faststart"}) as out,
    ):
        stream = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    return path.read_bytes()


def test_a_recording_of_mostly_waiting_is_sent_back(tmp_path: Path) -> None:
    upload = recorded(tmp_path / "a.wav", in_a_room(1.5))

    with pytest.raises(ClipRefused, match=r"chỉ có 1,\d giây tiếng nói"):
        master_upload(upload, tmp_path / "out", TAGS)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:24] + (1).to_bytes(4, "little") + data[28:],
        lambda data: data[:24] + (2_000_000_000).to_bytes(4, "little") + data[28:],
    ],
    ids=["one sample a second", "two thousand million"],
)
def test_a_rate_no_phone_records_at_is_sent_back_before_it_fills_the_memory(
    spoil: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    whole = recorded(tmp_path / "a.wav", in_a_room()).read_bytes()
    start = whole.index(b"fmt ") - 12  # the rate stands 24 bytes after the start of a plain header

    with pytest.raises(ClipRefused, match="không có âm thanh mà Loa Xã đọc được"):
        master_upload(whole[:start] + spoil(whole[start:]), tmp_path / "out", TAGS)


def test_decoding_stops_a_little_after_the_longest_recording_however_long_the_file(tmp_path: Path) -> None:
    """Silence packs well: a few kilobytes hold twenty minutes."""
    long = Speech(np.zeros(1_200 * 8_000, np.float32), 8_000)
    upload = recorded(tmp_path / "a.flac", long, "flac", 8_000)
    assert upload.stat().st_size < 1_000_000

    assert decode(upload, max_seconds=901).seconds < 920


def test_a_file_of_endless_packets_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_file, "_MOST_PACKETS", 50)
    upload = recorded(tmp_path / "a.mp3", in_a_room(), "libmp3lame", 44_100)

    with pytest.raises(ClipRefused, match="không có âm thanh mà Loa Xã đọc được"):
        master_upload(upload, tmp_path / "out", TAGS)


def test_what_is_taken_in_is_kept_as_it_came_and_mastered_beside(tmp_path: Path) -> None:
    data = recorded(tmp_path / "a.m4a", in_a_room(), "aac", 44_100).read_bytes()
    title = "An toàn khi dùng mạng"

    found = recordings.receive(tmp_path / "in", data, "C:\\Ghi âm\\Bản 1.M4A", title, "rad", SCRIPT)

    assert found.original_path.read_bytes() == data
    assert found.original_path.name == f"{found.original_sha256}.m4a"
    assert found.path.parent == found.original_path.parent and found.path.suffix == ".ogg"
    assert found.original_name == "Bản 1.M4A" and 3_900 < found.duration_ms < 4_800
    assert tags_of(found.path)["title"] == "An toàn khi dùng mạng (tiếng Ê Đê)"
    assert tags_of(found.path)["language"] == "rad"


def test_what_is_refused_is_not_kept(tmp_path: Path) -> None:
    silent = recorded(tmp_path / "a.wav", buzz(5.0, 0.0003)).read_bytes()

    with pytest.raises(ClipRefused, match="gần như không có tiếng"):
        recordings.receive(tmp_path / "in", silent, "a.wav", "Tin", "rad", SCRIPT)

    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize(
    ("language", "syllables", "told"),
    [
        ("vie", 40, r"chỉ có 4,\d giây tiếng nói mà lời đọc có 40 tiếng, đọc nhanh cũng cần 5 giây"),
        ("rad", 90, r"chỉ có 4,\d giây tiếng nói mà lời tiếng Việt có 90 tiếng"),
    ],
)
def test_a_recording_too_short_for_its_text_is_sent_back_and_not_kept(
    language: str, syllables: int, told: str, tmp_path: Path
) -> None:
    data = recorded(tmp_path / "a.wav", in_a_room(3.9)).read_bytes()

    with pytest.raises(ClipRefused, match=told):
        recordings.receive(tmp_path / "in", data, "a.wav", "Tin", language, "bà " * syllables)

    assert not (tmp_path / "in").exists()


def test_a_recording_too_long_for_its_text_is_sent_back(tmp_path: Path) -> None:
    data = recorded(tmp_path / "a.wav", in_a_room(13.0)).read_bytes()

    with pytest.raises(ClipRefused, match=r"dài 13 giây mà lời đọc có 2 tiếng.*bỏ bớt phần thừa"):
        recordings.receive(tmp_path / "in", data, "a.wav", "Tin", "vie", "Xin chào.")


def test_a_file_that_was_taken_for_one_text_is_measured_again_for_another(tmp_path: Path) -> None:
    data = recorded(tmp_path / "a.wav", in_a_room()).read_bytes()
    recordings.receive(tmp_path / "in", data, "a.wav", "Tin", "vie", SCRIPT)

    with pytest.raises(ClipRefused, match="đọc nhanh cũng cần"):
        recordings.receive(tmp_path / "in", data, "a.wav", "Tin", "vie", "bà con " * 60)


@pytest.mark.parametrize(
    ("seconds", "is_vietnamese", "fits"),
    [
        (120 / 6, True, True),  # a quick reader
        (2 * 120 / 3.5, True, True),  # read twice
        (120.0, True, True),  # an elder who pauses a lot
        (14.0, True, False),
        (170.0, True, False),
        (14.0, False, True),  # a language of fewer syllables
        (170.0, False, True),  # or of many more
        (5.0, False, False),
        (500.0, False, False),
    ],
)
def test_the_bounds_are_generous_and_wider_for_translations(
    seconds: float, is_vietnamese: bool, fits: bool
) -> None:
    shortest_s, longest_s = Fitting(120, is_vietnamese).bounds_s

    assert (shortest_s <= seconds <= longest_s) is fits


def test_a_hum_of_the_mains_is_taken_out(tmp_path: Path) -> None:
    voice = buzz(4.0, 0.2)
    hum = 0.1 * np.sin(2 * np.pi * 50 * np.arange(len(voice.samples)) / voice.rate_hz)
    humming = Speech((voice.samples + hum).astype(np.float32), voice.rate_hz)

    clip = master_upload(recorded(tmp_path / "a.wav", humming), tmp_path, TAGS)

    assert hum_below_voice_db(decode(clip.path)) > hum_below_voice_db(humming) + 20


def hum_below_voice_db(sound: Speech) -> float:
    power = np.abs(np.fft.rfft(sound.samples)) ** 2
    hz = np.fft.rfftfreq(len(sound.samples), 1 / sound.rate_hz)
    hum, voice = (power[(hz > low) & (hz < high)].sum() for low, high in ((45, 55), (300, 3_000)))
    return float(10 * np.log10(voice / hum))
