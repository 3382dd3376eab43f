"""A station's own opening sound in place of the chime: cut to what is heard, and as loud as the chime."""

import numpy as np

from audio.chime import BELOW_SPEECH_LU
from audio.clauses import trimmed
from audio.clip import Tags
from audio.filters import RATE_HZ
from audio.gate import MAX_JINGLE_S, TOLERANCE_LU, pass_jingle, refused_jingle
from audio.mastering import levelled, measure
from audio.sound_file import FLAC, TARGET_LUFS, SoundUnreadable, decode, encode
from audio.speech import Speech

_FADE_S = 0.02
_SILENCE_AROUND_S = 30.0  # a jingle may lie in a longer file of silence; more than that is another thing


def master_jingle(data: bytes) -> bytes:
    """From any file of a phone to a lossless one, of 1 to 15 s at the chime's level. Takes a second.

    Raises ClipRefused.
    """
    try:
        heard = decode(data, max_seconds=MAX_JINGLE_S + _SILENCE_AROUND_S)
    except SoundUnreadable as error:
        raise refused_jingle("không có âm thanh mà Loa Xã đọc được") from error
    sound = trimmed(Speech(heard.samples, RATE_HZ))
    pass_jingle(sound)
    target_lufs = TARGET_LUFS - BELOW_SPEECH_LU
    finished = levelled(_faded(sound), target_lufs)
    if abs(measure(finished).integrated_lufs - target_lufs) > TOLERANCE_LU:
        raise refused_jingle("chỉ có vài tiếng động rời rạc, không đưa được về độ to chuẩn")
    return encode(finished, FLAC, Tags("Nhạc hiệu của đài"))


def _faded(sound: Speech) -> Speech:
    """What was cut out of something longer would click at both ends."""
    ramp = np.linspace(0, 1, round(_FADE_S * RATE_HZ), dtype=np.float32)
    samples = sound.samples.copy()
    samples[: len(ramp)] *= ramp
    samples[-len(ramp) :] *= ramp[::-1]
    return Speech(samples, sound.rate_hz)
