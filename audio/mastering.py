"""Decode, filter, measure and encode sound; the chain that makes speech carry over horn loudspeakers.

The only file that knows PyAV. Horns pass 300 Hz to 6 kHz and their amplifiers are limited by peak voltage: bass is
removed and the average level raised under a fixed peak. Against noise this saves a third to a half of the words that
a recogniser mishears; the figures below were chosen by that measure.
"""

import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.filter import Graph
from av.filter.context import FilterContext

from audio import lyrics
from audio.clip import Loudness, Tags
from audio.speech import Marks, Samples, Speech

CHAIN_VERSION = "2"  # part of the cache key: raise it with any change of sound
RATE_HZ = 44_100
TARGET_LUFS = -14.0
SILENCE_LUFS = -70.0  # the meter's absolute gate
CEILING_DBTP = -2.0

Step = tuple[str, str]

_RUMBLE: Step = ("highpass", "f=120:p=2")
_SHAPE: tuple[Step, ...] = (
    ("highpass", "f=150:p=2"),
    ("highpass", "f=150:p=2"),
    ("equalizer", "f=2500:t=o:w=2:g=3"),
)
# The threshold is absolute, so every voice is brought to one level before it.
_BEFORE_COMPRESSOR_LUFS = -20.0
_COMPRESSOR: Step = ("acompressor", "threshold=0.05:ratio=4:attack=3:release=80:makeup=1:knee=4")
_LEVEL_ROUNDS = 8
_MOST_GAIN_DB = 60.0  # a lone click never gets loud: stop before the numbers overflow
_LEVEL_TOLERANCE_LU = 0.05
_PEAK_TOLERANCE_DB = 0.1
# The words stay as they were read and are only drawn out. Much slower, and syllables begin to stutter.
_SLOW_TEMPO = 0.85

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
            samples = _gathered(_mono_parts(container, most))
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


def master(speech: Speech, denoise: bool = False) -> Speech:
    """One spoken item, ready to air: -14 LUFS, peaks under the ceiling. `denoise` for recordings from phones."""
    # One name throughout: fifteen minutes are 160 MB, and each step would keep its own.
    sound = resampled(speech)
    if denoise:
        sound = _denoised(sound)
    sound = filtered(sound, *_SHAPE)
    sound = gained(sound, _BEFORE_COMPRESSOR_LUFS - measure(sound).integrated_lufs)
    return levelled(filtered(sound, _COMPRESSOR), TARGET_LUFS)


def without_waiting(recording: Speech) -> Speech:
    """Cut what a person recorded before and after speaking; when in doubt (a loud room) nothing is cut."""
    level_db, room_db, voice_db = _room_and_voice(recording)
    heard = np.flatnonzero(level_db > max(voice_db - 40, min(room_db + 6, voice_db - 20)))
    margin = round(0.2 * recording.rate_hz)
    start, end = heard[0] * _block(recording) - margin, (heard[-1] + 1) * _block(recording) + margin
    return Speech(recording.samples[max(0, start) : end], recording.rate_hz)


def _denoised(recording: Speech) -> Speech:
    """Told where this room's noise lies, the filter takes 9 to 12 dB off it; left to find out itself (tn=1), 1 to 3."""
    quiet = filtered(recording, _RUMBLE)
    _, room_db, voice_db = _room_and_voice(quiet)
    floor_db = float(np.clip(min(room_db + 3, voice_db - 20), -80, -20))
    return filtered(quiet, ("afftdn", f"nr=12:nf={floor_db:.1f}"))


def _room_and_voice(recording: Speech) -> tuple[Samples, float, float]:
    """Level of each block in dBFS, of the pauses between words, and of the words."""
    block = _block(recording)
    blocks = recording.samples[: len(recording.samples) // block * block].reshape(-1, block)
    level_db = 10 * np.log10(np.einsum("ij,ij->i", blocks, blocks) / block + 1e-9)
    return level_db, float(np.percentile(level_db, 5)), float(np.percentile(level_db, 95))


def _block(recording: Speech) -> int:
    return recording.rate_hz // 50


def levelled(speech: Speech, target_lufs: float, ceiling_dbtp: float = CEILING_DBTP) -> Speech:
    """Gain and limiter, repeated until the level is met within 0.05 LU (two to five rounds happen).

    Sound that is there already stays as it is: a reading that waited in a lossless file.
    """
    found = measure(speech)
    gain_db = target_lufs - found.integrated_lufs
    if abs(gain_db) <= _LEVEL_TOLERANCE_LU and found.true_peak_dbtp <= ceiling_dbtp + _PEAK_TOLERANCE_DB:
        return speech
    out = speech
    for _ in range(_LEVEL_ROUNDS):
        out = limited(gained(speech, gain_db), ceiling_dbtp)
        off_db = target_lufs - measure(out).integrated_lufs
        if abs(off_db) <= _LEVEL_TOLERANCE_LU:
            break
        gain_db = min(gain_db + off_db, _MOST_GAIN_DB)
    return out


def limited(speech: Speech, ceiling_dbtp: float) -> Speech:
    """Limited at four times the rate, so that peaks between samples are caught too."""
    limit = f"limit={10 ** (ceiling_dbtp / 20):.6f}:attack=3:release=80:level=disabled:latency=1"
    rate = str(speech.rate_hz)
    return filtered(speech, ("aresample", str(speech.rate_hz * 4)), ("alimiter", limit), ("aresample", rate))


def gained(speech: Speech, gain_db: float) -> Speech:
    return replace(speech, samples=speech.samples * np.float32(10 ** (gain_db / 20)))


def resampled(speech: Speech, rate_hz: int = RATE_HZ) -> Speech:
    if speech.rate_hz == rate_hz:
        return speech
    return replace(filtered(speech, ("aresample", str(rate_hz))), rate_hz=rate_hz)


def slowed(speech: Speech) -> Speech:
    """The same reading drawn out by a sixth, at the same pitch: for horns that answer each other across a valley."""
    marks = tuple((at_s / _SLOW_TEMPO, words) for at_s, words in speech.marks)
    return replace(filtered(speech, ("atempo", str(_SLOW_TEMPO))), marks=marks)


def filtered(speech: Speech, *chain: Step) -> Speech:
    """Through FFmpeg filters. Rate and marks of the result are those of the input, whatever the filters did inside."""
    frames = _run(speech, *chain, ("aformat", "sample_fmts=flt:channel_layouts=mono"))
    return replace(
        speech, samples=_gathered(frame.to_ndarray().astype(np.float32, copy=False) for frame in frames)
    )


def measure(source: Speech | Path | bytes) -> Loudness:
    """Loudness (ITU-R BS.1770) and true peak of decoded sound."""
    speech = source if isinstance(source, Speech) else decode(source)
    # The meter needs a full block of 0.4 s: a single word is padded.
    missing = speech.rate_hz // 2 - len(speech.samples)
    padded = np.pad(speech.samples, (0, missing)) if missing > 0 else speech.samples
    found: dict[str, str] = {}
    for frame in _run(Speech(padded, speech.rate_hz), ("ebur128", "metadata=1:peak=true")):
        found |= frame.metadata  # running values; the last, partial block carries none
    peak = max(float(found["lavfi.r128.true_peak"]), 1e-6)
    return Loudness(
        integrated_lufs=max(float(found["lavfi.r128.I"]), SILENCE_LUFS),
        true_peak_dbtp=20 * math.log10(peak),
        range_lu=float(found["lavfi.r128.LRA"]),
        duration_s=speech.seconds,
    )


def _gathered(parts: Iterable[Samples]) -> Samples:
    """Joined in one growing piece of memory: a list of parts and their sum would need twice as much."""
    held = bytearray()
    for part in parts:
        held += part.tobytes()
    return np.frombuffer(held, np.float32)


def _run(speech: Speech, *chain: Step) -> Iterator[AudioFrame]:
    graph = Graph()
    time_base = Fraction(1, speech.rate_hz)
    source = graph.add_abuffer(sample_rate=speech.rate_hz, format="flt", layout="mono", time_base=time_base)
    nodes = [source, *(graph.add(name, options) for name, options in chain), graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    for frame in _frames(speech, 4096):
        source.push(frame)
        yield from _pulled(nodes[-1])
    source.push(None)
    yield from _pulled(nodes[-1])


def _pulled(sink: FilterContext) -> Iterator[AudioFrame]:
    while True:
        try:
            frame = sink.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield frame


def _frames(speech: Speech, size: int) -> Iterator[AudioFrame]:
    for start in range(0, len(speech.samples), size):
        part = np.ascontiguousarray(speech.samples[None, start : start + size], dtype=np.float32)
        frame = AudioFrame.from_ndarray(part, format="flt", layout="mono")
        frame.sample_rate = speech.rate_hz
        frame.pts = start
        frame.time_base = Fraction(1, speech.rate_hz)
        yield frame


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
        for frame in (*_frames(sound, 4096), None):
            container.mux(stream.encode(frame))
    return buffer.getvalue()


def tags_of(source: Path | bytes) -> dict[str, str]:
    """The tags as written in the file; Ogg keeps them with the stream, mp3 with the container."""
    with av.open(io.BytesIO(source) if isinstance(source, bytes) else str(source)) as container:
        return {**container.metadata, **container.streams.audio[0].metadata}
