"""Stand-ins for our own ports."""

import numpy as np

from audio.speech import EngineUnavailable, Speech, syllables

RATE_HZ = 22_050


def buzz(seconds: float, level: float = 0.3, rate_hz: int = RATE_HZ) -> Speech:
    """Sound with the shape of speech: a voice's overtones, four syllables a second. The same every time.

    The phases (Schroeder's) keep the overtones from adding up to clicks, which no limiter could make loud.
    """
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    overtones = (np.sin(2 * np.pi * 170 * n * t + np.pi * n * n / 20) / n for n in range(1, 20))
    voice = sum(overtones, np.zeros(len(t)))
    syllable = np.clip(np.sin(2 * np.pi * 4 * t) + 0.3, 0, 1)
    return Speech((level * voice * syllable / 1.8).astype(np.float32), rate_hz)


class FakeSpeech:
    """A voice that buzzes a quarter of a second a syllable, or fails as told."""

    needs_network = False

    def __init__(
        self, name: str = "fake", draft: bool = False, seconds_a_syllable: float = 0.25, level: float = 0.3
    ) -> None:
        self.name = name
        self.voice = f"{name}-voice"
        self.version = "1"
        self.draft = draft
        self.fails_with: Exception | None = None
        self.asked: list[str] = []
        self._seconds_a_syllable = seconds_a_syllable
        self._level = level

    def check(self) -> None:
        if isinstance(self.fails_with, EngineUnavailable):
            raise self.fails_with

    def synthesize(self, words: str, rate: float) -> Speech:
        self.asked.append(words)
        if self.fails_with:
            raise self.fails_with
        return buzz(syllables(words) * self._seconds_a_syllable / rate, self._level)
