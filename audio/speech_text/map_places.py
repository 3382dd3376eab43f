"""Places on the map, such as 12°40'30"N: their minutes and seconds are not those of a clock."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, rule


def _arc(match: re.Match[str]) -> str:
    """A place on the map: degrees, minutes, seconds, quarter. The whole country lies north and east."""
    degrees, minutes, seconds, quarter = match.groups()
    words = [f"{degrees} độ {minutes} phút"]
    words += [f"{seconds} giây"] if seconds else []
    words += [_QUARTERS[quarter]] if quarter else []
    return " ".join(words)


_QUARTERS = {"N": "bắc", "B": "bắc", "E": "đông", "Đ": "đông", "S": "nam", "W": "tây", "T": "tây"}


RULES: tuple[Rule, ...] = (
    rule(
        r"(\d{1,3})\s?°\s?(\d{1,2})\s?['′’](?:\s?(\d{1,2})(?:[\"″”]|'')?(?=\s?[NSEWBĐT](?!\w)))?\s?([NSEWBĐT](?!\w))?",
        _arc,
    ),
)
