"""Sound files: whatever phones and services send is decoded to plain sound, and ours are encoded."""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from audio import lyrics
from audio.clip import Tags
from audio.filters import RATE_HZ, frames_in, gained, gathered, resampled
from audio.speech import Marks, Samples, Speech

TARGET_LUFS = -14.0

# What phones, recorders and messengers write. Left out on purpose: playlists and lists of files, which would have the
# decoder open other files of this machine, or the network.
_CONTAINERS = "aac,ac3,aiff,amr,amrnb,amrwb,asf,avi,caf,flac,matroska,mov,mp3,mpeg,mpegts,ogg,w64,wav"
_RATES_HZ = range(4_000, 384_001)  # of one sound a second a small file would make hours
_MOST_PACKETS = 1_000_000  # fifteen minutes of the smallest packets there are make 360,000
_CUT_BELOW = 0.8


class SoundUnreadable(Exception):
    """No sound could be decoded from the bytes."""


class SoundCut(SoundUnreadable):
    """The file says it is longer than what of it is here."""


@dataclass(frozen=True)
class Format:
    """A kind of file. `gain_db` is applied before the encoder, `target_lufs` is where the decoded file lands."""

    suffix: str
    codec: str
    rate_hz: int
    bits_per_s: int
    gain_db: float
    file_options: tuple[tuple[str, str], ...] = ()
    codec_options: tuple[tuple[str, str], ...] = ()

    @property
    def target_lufs(self) -> float:
        return TARGET_LUFS + (self.gain_db if self.gain_db < 0 else 0.0)


# LAME scales its input by 0.95: undone here. 44.1 kHz plays on every USB module, lower rates do not.
MP3 = Format("mp3", "libmp3lame", RATE_HZ, 64_000, 20 * math.log10(1 / 0.95), (("id3v2_version", "3"),))
# Opus at this rate overshoots by up to 2.9 dB. Telegram shows it as a voice note.
OGG = Format("ogg", "libopus", 48_000, 24_000, -2.5, codec_options=(("application", "voip"),))
# Readings and jingles wait in it for their programmes: what was heard is what is aired, with nothing lost on the way.
FLAC = Format("flac", "flac", RATE_HZ, 0, 0.0)


def decode(source: Path | bytes, max_seconds: float | None = None) -> Speech:
    """The first sound stream as mono, channels averaged (a plain sum would clip). Stops after `max_seconds`.

    Damaged packets are skipped as every player does. What is said when, if the file tells, comes with it.
    Raises SoundUnreadable, SoundCut.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    try:
        with av.open(file, "r", container_options={"format_whitelist": _CONTAINERS}) as container:
            if not container.streams.audio:
                raise SoundUnreadable("no sound stream")
            most = math.inf if max_seconds is None else max_seconds * RATE_HZ
            marks = _marks_in(container)
            samples = gathered(_mono_parts(container, most))
            if len(samples) < min(most, _announced(container) * _CUT_BELOW):
                raise SoundCut(f"{len(samples) / RATE_HZ:.0f} s")
    except (av.FFmpegError, ValueError) as error:  # PyAV raises ValueError for a stream it has no decoder for
        raise SoundUnreadable(str(error)) from error
    if not len(samples):
        raise SoundUnreadable("no frame could be decoded")
    return Speech(samples, RATE_HZ, marks)


def _marks_in(container: InputContainer) -> Marks:
    tags = {**container.metadata, **container.streams.audio[0].metadata}
    return lyrics.read(next((text for name, text in tags.items() if name.upper() == lyrics.TAG), ""))


def _announced(container: InputContainer) -> float:
    """How many samples the file itself says it holds; 0 when it does not say. Only the phones' own format (mp4, 3gp,
    m4a) can be taken at its word: others guess from their size."""
    stream = container.streams.audio[0]
    if not container.format.name.startswith("mov") or stream.duration is None or stream.time_base is None:
        return 0.0
    return float(stream.duration * stream.time_base) * RATE_HZ


def _mono_parts(container: InputContainer, max_samples: float) -> Iterator[Samples]:
    stream = container.streams.audio[0]
    resampler = av.AudioResampler(format="fltp", rate=RATE_HZ)
    held = 0
    for number, packet in enumerate(container.demux(stream)):
        if number > _MOST_PACKETS:
            raise SoundUnreadable("more packets than a recording has")
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            continue
        for frame in frames:
            assert isinstance(frame, AudioFrame)
            if frame.sample_rate not in _RATES_HZ:
                raise SoundUnreadable(f"{frame.sample_rate} Hz")
            for part in resampler.resample(frame):
                yield _mono(part)
                held += part.samples
        if held > max_samples:
            return
    for part in resampler.resample(None):
        yield _mono(part)


def _mono(frame: AudioFrame) -> Samples:
    samples: Samples = frame.to_ndarray().astype(np.float32, copy=False).mean(axis=0, dtype=np.float32)
    return samples


def encode(speech: Speech, kind: Format, tags: Tags) -> bytes:
    """The same sound and tags give the same bytes on one machine (not across processors: their arithmetic differs).

    What is marked in the sound is written into the file.
    """
    sound = resampled(gained(speech, kind.gain_db), kind.rate_hz)
    buffer = io.BytesIO()
    # bitexact: without it an Ogg file carries a random serial number.
    options = {"fflags": "+bitexact", **dict(kind.file_options)}
    with av.open(buffer, "w", format=kind.suffix, options=options) as container:
        container.metadata.update(dict(tags.fields()))
        if sound.marks:
            container.metadata[lyrics.TAG] = lyrics.written(sound.marks)
        stream = container.add_stream(
            kind.codec, rate=kind.rate_hz, layout="mono", options=dict(kind.codec_options)
        )
        assert isinstance(stream, AudioStream)
        if kind.bits_per_s:
            stream.bit_rate = kind.bits_per_s
        for frame in (*frames_in(sound, 4096), None):
            container.mux(stream.encode(frame))
    return buffer.getvalue()
