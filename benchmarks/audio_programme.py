"""What a minute of programme costs, step by step, and where finished files land.

    python benchmarks/audio_programme.py [--clips 10]

Reads with sanotts when LOAXA_VOICE_DIR or var/voices holds its voice file, else with espeak. Prints CPU seconds per
minute of sound (all threads), ratios against the sound's own length, sizes, and the decoded level and peak of clips
from 5 to 300 seconds.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the voice's bytes depend on it

import numpy as np

from audio import mastering
from audio.clip import Tags
from audio.engines.espeak import Espeak
from audio.engines.sanotts import SanoTts, find_voice
from audio.render import render_programme, render_reading
from audio.speech import Speech, SpeechEngine
from audio.voices import Take

PARAGRAPH = (
    "Kính thưa bà con trong xã. Tuần này đài truyền thanh xin nói về an toàn khi dùng mạng. "
    "Không ai được hỏi mật khẩu hay mã xác nhận của bà con. Nếu có người gọi điện tự xưng là công an, "
    "bà con hãy tắt máy và gọi cho cán bộ xã. Khi nhận được tin nhắn lạ có đường dẫn, bà con không bấm vào. "
    "Hãy đưa cho con cháu hoặc tổ công nghệ số cộng đồng xem giúp. "
)
TAGS = Tags("Tuần 48: An toàn khi dùng mạng", "Lâm Đồng")


def chosen_engine() -> SpeechEngine:
    folders = [Path(os.environ.get("LOAXA_VOICE_DIR", "var/voices"))]
    return SanoTts(folders, may_fetch=False) if find_voice(folders) else Espeak()


T = TypeVar("T")


def timed(name: str, minutes: float, work: Callable[[], T]) -> T:
    started = time.process_time()
    result = work()
    cpu_s = time.process_time() - started
    print(f"  {name:<34}{cpu_s / minutes:8.2f} s/min {cpu_s / minutes / 60:9.4f} x real time")
    return result


def steps(engine: SpeechEngine) -> Speech:
    engine.synthesize("Xin chào.", 1.0)  # loading is not reading
    started = time.process_time()
    raw = engine.synthesize(PARAGRAPH * 2, 1.0)
    minutes = raw.seconds / 60
    print(f"one reading of {raw.seconds:.1f} s by {engine.name}")
    print(f"  {'read by the voice':<34}{(time.process_time() - started) / minutes:8.2f} s/min")
    item = timed("master (filters, compressor, level)", minutes, lambda: mastering.master(raw))
    timed("limiter, one round of it", minutes, lambda: mastering.limited(item, -2))
    timed("loudness and true peak", minutes, lambda: mastering.measure(item))
    mp3 = timed("encode mp3 64 kbit/s", minutes, lambda: mastering.encode(item, mastering.MP3, TAGS))
    ogg = timed("encode Ogg/Opus 24 kbit/s", minutes, lambda: mastering.encode(item, mastering.OGG, TAGS))
    timed("decode mp3", minutes, lambda: mastering.decode(mp3))
    timed("clean and master a recording", minutes, lambda: mastering.master(raw, denoise=True))
    print(
        f"  size per minute: mp3 {len(mp3) / minutes / 1000:.0f} kB, ogg {len(ogg) / minutes / 1000:.0f} kB"
    )
    return raw


def whole_programme(raw: Speech, name: str, folder: Path) -> None:
    reading = Take(raw, name, "", draft=False)
    started = time.process_time()
    clip = render_programme([reading], TAGS, folder, ident=reading)
    cpu_s, minutes = time.process_time() - started, clip.duration_ms / 60_000
    started = time.process_time()
    render_programme([reading], TAGS, folder, ident=reading)
    again_s = time.process_time() - started
    print(
        f"whole programme of {minutes:.2f} min: {cpu_s / minutes:.2f} s/min, made before: {again_s / cpu_s:.0%} of it"
    )
    print(f"  {clip.loudness_lufs:.2f} LUFS, {clip.true_peak_dbtp:.2f} dBTP, {clip.size_bytes / 1000:.0f} kB")
    same = render_programme([reading], TAGS, folder / "again", ident=reading).sha256 == clip.sha256
    print(f"  same bytes on a second run: {'yes' if same else 'NO'}")


def levels(raw: Speech, clips: int, folder: Path) -> None:
    found = []
    for number, seconds in enumerate(np.geomspace(5, 300, clips)):
        repeats = int(seconds // raw.seconds) + 1
        start = number * raw.rate_hz // 3  # every clip begins elsewhere
        samples = np.tile(raw.samples, repeats + 1)[start : start + round(seconds * raw.rate_hz)]
        level = np.float32(10 ** (-(number % 5) * 6 / 20))  # as different voices arrive: 0 to -24 dB
        reading = Take(Speech(samples * level, raw.rate_hz), "", "", draft=False)
        once = render_reading(reading, TAGS, folder)
        aired = render_programme([reading], TAGS, folder)
        found += [(clip.loudness_lufs, clip.true_peak_dbtp) for clip in (once, aired)]
    lufs, peaks = np.array(found).T
    print(f"{clips} clips of 5 to 300 s, read once and as a programme ({len(found)} mp3 files, decoded)")
    print(
        f"  level {lufs.min():.2f} to {lufs.max():.2f} LUFS (gate -14 +-0.7), highest peak {peaks.max():.2f} dBTP (gate -0.5)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        engine = chosen_engine()
        raw = steps(engine)
        whole_programme(raw, engine.name, Path(name))
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        levels(raw, options.clips, Path(name))
        print(
            f"peak memory with clips of 300 s {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
        )


if __name__ == "__main__":
    main()
