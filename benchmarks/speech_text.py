"""How well and how fast text is turned into words, beside the best ready-made package that was measured.

    python benchmarks/speech_text.py

From the checkout; the other package is `pip install sea-g2p` (no part of the product), and is left out when it is not
there. Both get the same cases in the same run, and the same allowances: capitals, punctuation and either tone placement
do not matter, and the language tags that sea-g2p puts around foreign words are taken off.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from audio.speech_text import spoken
from audio.speech_text.respelling import clean_word
from tests.reading_score import load, score

Reader = Callable[[str], str]
OTHER = "sea-g2p"
_TAGS = re.compile(r"</?[a-z]{2}>")


def main() -> None:
    readers: dict[str, Reader] = {"Loa Xã": spoken}
    if find_spec("sea_g2p") is not None:
        readers[f"{OTHER} {version(OTHER)}"] = sea_g2p()
    else:
        print(f"{OTHER} is not installed: only our own rules are scored")
    for name in ("speech-cases-dev.tsv", "speech-cases-own.tsv"):
        compare(name, readers)
    text = "\n".join(case.written for case in load("speech-cases-dev.tsv"))
    for name, say in readers.items():
        print(f"{name}: {characters_per_second(text, say):,.0f} characters/s")


def sea_g2p() -> Reader:
    """Its normaliser gives words; the step after it (phonemes) has nothing to do with reading right."""
    from sea_g2p import Normalizer

    normalizer = Normalizer(lang="vi")
    return lambda text: str(normalizer.normalize(text))


def fairly(say: Reader) -> Reader:
    """“uỷ” and “ủy” are one syllable in two spellings, and the accepted forms know only one of them."""
    return lambda text: clean_word(_TAGS.sub(" ", say(text)))


def compare(name: str, readers: dict[str, Reader]) -> None:
    """One table: right answers by category, a column for each reader."""
    cases = load(name)
    results = {reader: score(cases, fairly(say)) for reader, say in readers.items()}
    print(f"{name:28s}" + "".join(f"{reader:>18s}" for reader in readers))
    for category in next(iter(results.values())):
        cells = (f"{right:4d} / {total:4d}" for right, total in (one[category] for one in results.values()))
        print(f"  {category:26s}" + "".join(f"{cell:>18s}" for cell in cells))
    sums = [tuple(map(sum, zip(*one.values(), strict=True))) for one in results.values()]
    cells = (f"{right:4d} / {total:4d}  {100 * right / total:.1f} %" for right, total in sums)
    print(f"  {'all':26s}" + "".join(f"{cell:>18s}" for cell in cells))


def characters_per_second(text: str, say: Reader, rounds: int = 20) -> float:
    """One long text, read `rounds` times by one thread."""
    say(text)  # tables and patterns are made at the first use
    started = time.perf_counter()
    for _ in range(rounds):
        say(text)
    return rounds * len(text) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
