"""Stand-ins for our own ports."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from audio.clip import Clip, write_whole
from audio.speech import EngineUnavailable, Speech, syllables
from scheduler.channel import Abilities, ChannelError, Outgoing, Receipt
from scheduler.tracks import Job, Studio

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


BLOCKED = ChannelError("bot bị chặn", permanent=True)
REFUSED = ChannelError("máy chủ bận")
NO_ANSWER = ChannelError("hết giờ chờ", maybe_delivered=True)
"""It may have arrived: nobody knows."""


@dataclass(frozen=True)
class Sending:
    """One request as the service saw it. `ref` is None when the sender never learned of it."""

    chat_id: str
    message: Outgoing
    ref: str | None


class FakeChannel:
    """A chat service that keeps what it is sent, and fails as a script says."""

    abilities = Abilities()

    def __init__(self, name: str = "chat", bot: str = "bot", pace: timedelta = timedelta(0)) -> None:
        self.name, self.bot, self.pace = name, bot, pace
        self.requests: list[Sending] = []
        self.uploads = 0
        self._script: defaultdict[str, deque[BaseException]] = defaultdict(deque)

    def fail(self, chat_id: str, *errors: BaseException) -> None:
        """The next sends to a chat end like this, one each."""
        self._script[chat_id].extend(errors)

    async def send(self, chat_id: str, message: Outgoing) -> Receipt:
        error = self._script[chat_id].popleft() if self._script[chat_id] else None
        ref = None if error else f"m{len(self.requests) + 1}"
        self.requests.append(Sending(chat_id, message, ref))
        if error:
            raise error
        assert ref is not None
        if message.sound is None or message.sound.file_ref is not None:
            return Receipt(ref)
        self.uploads += 1
        return Receipt(ref, f"file-{message.sound.sha256[:8]}")

    async def edit(self, chat_id: str, message_ref: str, message: Outgoing) -> None:
        """Nothing to do: nobody looks at an edited message."""

    async def fetch_file(self, file_ref: str, max_bytes: int) -> bytes:
        raise ChannelError("không có tệp này")

    def got(self, chat_id: str) -> list[Outgoing]:
        """What a chat was asked to take, the refused ones included."""
        return [one.message for one in self.requests if one.chat_id == chat_id]


@dataclass(frozen=True)
class FakeStudio(Studio):
    """Makes clips that hold no sound, in no time, or fails as told."""

    trouble: list[Exception] = field(default_factory=list)
    """While there is one in it, no clip is made."""
    made: list[Job] = field(default_factory=list)
    draft: bool = False

    def make(self, job: Job, now: datetime) -> Clip:
        self.made.append(job)
        if self.trouble:
            raise self.trouble[0]
        data = f"{job.purpose} {job.campaign} {job.title}".encode()
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / f"{digest}.mp3"
        write_whole(path, data)
        return Clip(path, digest, 61_000, -14.0, -1.0, len(data), "fake", "fake", self.draft)
