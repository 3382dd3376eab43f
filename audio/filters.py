"""Sound through FFmpeg's filters: resampled, made louder or softer, or whatever a chain of them does."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext

from audio.speech import Samples, Speech

RATE_HZ = 44_100

Step = tuple[str, str]
"""A filter's name and its options, as FFmpeg spells them."""


def gained(speech: Speech, gain_db: float) -> Speech:
    return replace(speech, samples=speech.samples * np.float32(10 ** (gain_db / 20)))


def resampled(speech: Speech, rate_hz: int = RATE_HZ) -> Speech:
    if speech.rate_hz == rate_hz:
        return speech
    return replace(filtered(speech, ("aresample", str(rate_hz))), rate_hz=rate_hz)


def filtered(speech: Speech, *chain: Step) -> Speech:
    """Through FFmpeg filters. Rate and marks of the result are those of the input, whatever the filters did inside."""
    frames = frames_of(speech, *chain, ("aformat", "sample_fmts=flt:channel_layouts=mono"))
    return replace(
        speech, samples=gathered(frame.to_ndarray().astype(np.float32, copy=False) for frame in frames)
    )


def gathered(parts: Iterable[Samples]) -> Samples:
    """Joined in one growing piece of memory: a list of parts and their sum would need twice as much."""
    held = bytearray()
    for part in parts:
        held += part.tobytes()
    return np.frombuffer(held, np.float32)


def frames_of(speech: Speech, *chain: Step) -> Iterator[AudioFrame]:
    """What comes out of a chain of filters."""
    graph = Graph()
    time_base = Fraction(1, speech.rate_hz)
    source = graph.add_abuffer(sample_rate=speech.rate_hz, format="flt", layout="mono", time_base=time_base)
    nodes = [source, *(graph.add(name, options) for name, options in chain), graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    for frame in frames_in(speech, 4096):
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


def frames_in(speech: Speech, size: int) -> Iterator[AudioFrame]:
    """The sound in pieces, as filters and encoders take it."""
    for start in range(0, len(speech.samples), size):
        part = np.ascontiguousarray(speech.samples[None, start : start + size], dtype=np.float32)
        frame = AudioFrame.from_ndarray(part, format="flt", layout="mono")
        frame.sample_rate = speech.rate_hz
        frame.pts = start
        frame.time_base = Fraction(1, speech.rate_hz)
        yield frame
