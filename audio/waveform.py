"""The picture of a sound in a chat bubble."""

from pathlib import Path

import numpy as np

from audio.mastering import decode


def peaks(path: Path, count: int) -> tuple[float, ...]:
    """`count` bars from 0 to 1, the tallest being 1 (all 0 for silence). Raises SoundUnreadable.

    Averages, not true peaks: mastered speech has the same peak everywhere and would be drawn as a block.
    """
    loud = np.abs(decode(path).samples)
    bars = [float(part.mean()) if len(part) else 0.0 for part in np.array_split(loud, count)]
    tallest = max(bars) or 1.0
    return tuple(round(bar / tallest, 3) for bar in bars)
