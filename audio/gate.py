"""What may not go on air: sound that is silent, clipped, of the wrong length or the wrong level."""

import math
from dataclasses import dataclass

import numpy as np

from audio.clip import ClipRefused, Loudness
from audio.mastering import measure
from audio.speech import Speech, implausible_length

MIN_S = 3.0
MAX_S = 15 * 60.0
MAX_PROGRAMME_S = 40 * 60.0  # two readings of the longest item; 19 MB, under what every messenger takes
MIN_JINGLE_S = 1.0
MAX_JINGLE_S = 15.0
MAX_CLIPPED = 0.01
QUIETEST_LUFS = -45.0
TOLERANCE_LU = 0.7
HIGHEST_PEAK_DBTP = -0.5

_RECORD_ANEW = "Anh/chị thu lại ở nơi yên tĩnh, giữ máy cách miệng khoảng hai gang tay"
# Lossy coding rounds a flat top off a little.
_CLIPPED_AT = 0.985


# People read Vietnamese at two to six syllables a second; an elder who pauses a lot stays above one, and somebody who
# reads it twice above one and a half. A translation may have half as many syllables, or four times as many.
_FASTEST, _SLOWEST = 8.0, 0.8
_FASTEST_TRANSLATED, _SLOWEST_TRANSLATED = 20.0, 0.3
_GRACE_S = 10.0


@dataclass(frozen=True)
class Fitting:
    """The text that a recording is a reading of, by the syllables of its Vietnamese words."""

    syllables: int
    is_vietnamese: bool
    """Read as it is written; else translated, and the bounds are only very loose."""

    @property
    def bounds_s(self) -> tuple[float, float]:
        """The shortest and the longest reading that anybody could give of it."""
        fastest = _FASTEST if self.is_vietnamese else _FASTEST_TRANSLATED
        slowest = _SLOWEST if self.is_vietnamese else _SLOWEST_TRANSLATED
        return self.syllables / fastest, self.syllables / slowest + _GRACE_S


def pass_reading(speech: Speech, words: str) -> None:
    """Raises ClipRefused for a synthetic reading that lost words, holds noise, is silent or clipped."""
    reason = _bad_sound(speech) or implausible_length(speech.seconds, words)
    if reason:
        raise ClipRefused(
            f"Bản đọc {reason}. Lời đọc vẫn giữ nguyên. Anh/chị tạo lại âm thanh bằng giọng khác."
        )


def pass_upload(speech: Speech) -> None:
    """Raises ClipRefused for a recording nobody could understand on a loudspeaker."""
    if speech.seconds < MIN_S:
        short = f"chỉ dài {_tenths(speech.seconds)} giây, ngắn hơn mức {MIN_S:.0f} giây"
        raise refused_upload(short, "Anh/chị đọc đủ lời")
    if speech.seconds > MAX_S:
        raise refused_upload(f"dài hơn mức {MAX_S / 60:.0f} phút", "Anh/chị bỏ bớt phần thừa")
    if reason := _bad_sound(speech):
        raise refused_upload(reason)


def pass_trimmed(speech: Speech) -> None:
    """Raises ClipRefused for a recording that was long, but mostly waiting before and after the voice."""
    if speech.seconds < MIN_S:
        raise refused_upload(
            f"chỉ có {_tenths(speech.seconds)} giây tiếng nói, ngắn hơn mức {MIN_S:.0f} giây"
        )


def pass_fitting(speech: Speech, text: Fitting) -> None:
    """Raises ClipRefused for a recording, without the waiting around it, that cannot be a reading of its text."""
    shortest_s, longest_s = text.bounds_s
    words = f"lời {'đọc' if text.is_vietnamese else 'tiếng Việt'} có {text.syllables} tiếng"
    if speech.seconds < shortest_s:
        raise refused_upload(
            f"chỉ có {_tenths(speech.seconds)} giây tiếng nói mà {words}, đọc nhanh cũng cần {math.ceil(shortest_s)} giây",
            "Anh/chị xem lại có chọn đúng tin, đúng tệp không, thu đủ lời",
        )
    if speech.seconds > longest_s:
        raise refused_upload(
            f"dài {speech.seconds:.0f} giây mà {words}, đọc chậm cũng chỉ khoảng {longest_s:.0f} giây",
            "Anh/chị xem lại có chọn đúng tin, đúng tệp không, bỏ bớt phần thừa",
        )


def refused_upload(reason: str, todo: str = _RECORD_ANEW) -> ClipRefused:
    """`todo`: what to do before sending again."""
    return ClipRefused(f"Bản thu âm {reason}. Tệp gốc và các bản trước vẫn giữ nguyên. {todo}, rồi gửi lại.")


def pass_finished(found: Loudness, target_lufs: float) -> None:
    """Raises ClipRefused for a finished file, as decoded, off its level, too loud at its peak or too short."""
    if abs(found.integrated_lufs - target_lufs) > TOLERANCE_LU:
        off = f"có độ to {found.integrated_lufs:.1f} LUFS, lệch khỏi mức {target_lufs:.1f}"
    elif found.true_peak_dbtp > HIGHEST_PEAK_DBTP:
        off = f"có đỉnh {found.true_peak_dbtp:.1f} dBTP, vượt mức {HIGHEST_PEAK_DBTP:.1f}"
    else:
        return
    raise ClipRefused(
        f"Bản âm thanh {off}. Lời đọc và các bản trước vẫn giữ nguyên. Anh/chị tạo lại bản âm thanh."
    )


def pass_programme(seconds: float) -> None:
    """Raises ClipRefused for a programme in which hardly anything is said, or that fills a whole slot."""
    if seconds < MIN_S:
        reason = f"chỉ dài {_tenths(seconds)} giây, ngắn hơn mức {MIN_S:.0f} giây"
    elif seconds > MAX_PROGRAMME_S:
        reason = f"dài {seconds / 60:.0f} phút, quá mức {MAX_PROGRAMME_S / 60:.0f} phút"
    else:
        return
    raise ClipRefused(
        f"Chương trình {reason}. Lời đọc vẫn giữ nguyên. Anh/chị sửa lời đọc, hoặc bớt tin trong tuần."
    )


def pass_jingle(speech: Speech) -> None:
    """Raises ClipRefused for a jingle nobody would know the station by."""
    if speech.seconds < MIN_JINGLE_S:
        reason = f"chỉ có {_tenths(speech.seconds)} giây tiếng, ngắn hơn mức {MIN_JINGLE_S:.0f} giây"
    elif speech.seconds > MAX_JINGLE_S:
        reason = f"dài hơn mức {MAX_JINGLE_S:.0f} giây"
    else:
        reason = _bad_sound(speech) or ""
    if reason:
        raise refused_jingle(reason)


def refused_jingle(reason: str) -> ClipRefused:
    return ClipRefused(f"Nhạc hiệu {reason}. Nhạc hiệu đang dùng vẫn giữ nguyên. Anh/chị chọn tệp khác.")


def _tenths(seconds: float) -> str:
    """Cut, not rounded: 2.97 seconds are not shown as the 3 that would have been enough."""
    return f"{int(seconds * 10) / 10:.1f}".replace(".", ",")


def _bad_sound(speech: Speech) -> str | None:
    if len(speech.samples) and (share := np.mean(np.abs(speech.samples) >= _CLIPPED_AT)) > MAX_CLIPPED:
        return f"bị vỡ tiếng ở {share:.0%} thời lượng"
    if measure(speech).integrated_lufs < QUIETEST_LUFS:
        return "gần như không có tiếng"
    return None
