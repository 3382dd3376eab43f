"""Written official Vietnamese to spoken words.

    spoken("Kế hoạch số 50/KH-UBND ngày 08/3/2023")

`read` also tells where it had to guess; `respell` fits the words to a synthetic voice and comes after `spoken`.
"""

from audio.speech_text.draft import Doubt
from audio.speech_text.pipeline import Reading, read, spoken
from audio.speech_text.respelling import respell

__all__ = ["Doubt", "Reading", "read", "respell", "spoken"]
