"""What is said when, as text inside a sound file: the timed lines of the LRC form, which many players show."""

import re

from audio.speech import Marks

TAG = "LYRICS"
_LINE = re.compile(r"\[(\d{1,4}):(\d\d\.\d\d)\](.*)")


def written(marks: Marks) -> str:
    """One line a mark, to the hundredth of a second: `[00:04.20]Kính thưa bà con,`."""
    return "\n".join(f"{_stamp(round(at_s * 100))}{' '.join(words.split())}" for at_s, words in marks)


def read(text: str) -> Marks:
    """The marks in a text; lines of any other form are left out."""
    found = (_LINE.fullmatch(line.strip()) for line in text.splitlines())
    return tuple((round(int(m[1]) * 60 + float(m[2]), 2), m[3]) for m in found if m)


def _stamp(hundredths: int) -> str:
    return f"[{hundredths // 6000:02d}:{hundredths % 6000 // 100:02d}.{hundredths % 100:02d}]"
