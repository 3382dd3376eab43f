"""Sound files as phones write them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from audio.speech import Speech
from tests.fakes import buzz


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


def tags_of(path: Path) -> dict[str, str]:
    """The tags as written in the file; Ogg keeps them with the stream, mp3 with the container."""
    with av.open(str(path)) as container:
        return {**container.metadata, **container.streams.audio[0].metadata}


def in_a_room(seconds: float = 4.0) -> Speech:
    """Speech with a second of room noise on either side."""
    voice = buzz(seconds, 0.2).samples
    noise = np.random.default_rng(1).normal(0, 0.002, len(voice) + 2 * 22_050).astype(np.float32)
    noise[22_050:-22_050] += voice
    return Speech(noise, 22_050)


def voice_note(folder: Path, seconds: float = 4.0) -> bytes:
    """A short reading as a messenger sends it."""
    return recorded(folder / "note.ogg", in_a_room(seconds), "libopus", 48_000).read_bytes()
