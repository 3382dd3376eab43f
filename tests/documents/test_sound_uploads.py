"""Recordings from people's phones: every format they send, and the ones that are sent back."""

from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from audio.clip import ClipRefused, Tags
from audio.mastering import decode, master, measure
from audio.render import Recording, master_upload, render_programme
from audio.speech import Speech
from tests.fakes import buzz

TAGS = Tags("Tuần 48: An toàn khi dùng mạng", "Lâm Đồng")
KEPT = "Tệp gốc và các bản trước vẫn giữ nguyên"

# name of the file, codec, rate, channels
PHONES = [
    ("iphone.m4a", "aac", 44_100, 1),
    ("old-phone.3gp", "aac", 16_000, 1),
    ("older-phone.amr", "libopencore_amrnb", 8_000, 1),
    ("telegram.ogg", "libopus", 48_000, 1),
    ("recorder.wav", "pcm_s16le", 44_100, 2),
    ("computer.mp3", "libmp3lame", 44_100, 2),
    ("video.mp4", "aac", 44_100, 2),
]


def recorded(
    path: Path, sound: Speech, codec: str = "pcm_s16le", rate_hz: int = 22_050, channels: int = 1
) -> Path:
    """A file as a phone writes it; `.mp4` gets a picture too."""
    layout = "stereo" if channels == 2 else "mono"
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate_hz, layout=layout)
        assert isinstance(stream, AudioStream)
        if path.suffix == ".mp4":
            filmed(file)
        pcm = np.repeat((np.clip(sound.samples, -1, 1) * 32767).astype(np.int16), channels)
        whole = av.AudioFrame.from_ndarray(pcm[None, :], format="s16", layout=layout)
        whole.sample_rate = sound.rate_hz
        resampler = av.AudioResampler(
            stream.format, stream.layout, rate_hz, frame_size=stream.frame_size or None
        )
        for part in (*resampler.resample(whole), *resampler.resample(None), None):
            file.mux(stream.encode(part))
    return path


def filmed(file: OutputContainer) -> None:
    """One black picture."""
    picture = file.add_stream("mpeg4", rate=10)
    assert isinstance(picture, VideoStream)
    picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
    frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
    file.mux([*picture.encode(frame), *picture.encode(None)])


def in_a_room(seconds: float = 4.0) -> Speech:
    """Speech with a second of room noise on either side."""
    voice = buzz(seconds, 0.2).samples
    noise = np.random.default_rng(1).normal(0, 0.002, len(voice) + 2 * 22_050).astype(np.float32)
    noise[22_050:-22_050] += voice
    return Speech(noise, 22_050)


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
        (buzz(2.5), "chỉ dài 2.5 giây"),
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
    "data", [b"", b"%PDF-1.7 x", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64], ids=["empty", "pdf", "broken picture"]
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
