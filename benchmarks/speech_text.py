"""How well and how fast text is turned into words: `python benchmarks/speech_text.py` from the checkout."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from audio.speech_text import spoken
from tests.reading_score import load, score


def main() -> None:
    for name in ("speech-cases-dev.tsv", "speech-cases-own.tsv"):
        cases = load(name)
        results = score(cases, spoken)
        print(name)
        for category, (right, total) in results.items():
            print(f"  {category:15s} {right:4d} / {total:4d}")
        right, total = (sum(column) for column in zip(*results.values(), strict=True))
        print(f"  {'all':15s} {right:4d} / {total:4d}  {100 * right / total:.1f} %")
    text = "\n".join(case.written for case in load("speech-cases-dev.tsv"))
    print(f"{characters_per_second(text):,.0f} characters/s")


def characters_per_second(text: str, rounds: int = 20) -> float:
    """One long text, read `rounds` times."""
    started = time.perf_counter()
    for _ in range(rounds):
        spoken(text)
    return rounds * len(text) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
